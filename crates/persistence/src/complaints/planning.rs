//! Agreeing how a complaint is looked into and by when, judging its risk, telling the complainant that a response is late, and deciding
//! that a complaint is not considered.

use almoner_domain::complaints::concern::ConfirmSettled;
use almoner_domain::complaints::deadlines::progress_due_on;
use almoner_domain::complaints::excluding::{Excludable, Exclude, ExclusionGround, MatterApart};
use almoner_domain::complaints::ombudsman::where_to_go;
use almoner_domain::complaints::planning::{Plan, Risk};
use almoner_domain::complaints::requests::DecisionKind;
use almoner_domain::complaints::response::Standing;
use almoner_domain::complaints::status::Step;
use almoner_domain::events::Event;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::text::Passage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actions::Action;
use super::changing::{Changes, change, change_at_once};
use super::messages::write_in_writing;
use super::periods;
use super::reading::Complaint;
use super::representing::standing;
use super::reviewing::note_decision;
use crate::ground::error::StoreError;
use crate::ground::scope::ComplaintsScope;

/// Plans how a complaint is looked into and by when, or changes the plan.
pub fn plan(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, plan: &Plan) -> Result<(), StoreError> {
    let status = complaint.status.after(Step::Plan)?;
    let today = scope.today();
    let planned = complaint.period.map(|_| complaint.response_due_on);
    let explained = complaint.delay_explained_at.map(london_date);
    StoreError::unless_faulty(plan.faults(today, complaint.response_latest_on, planned, explained))?;
    let sealed = complaint.sealed;
    let field = sealed.field("handling");
    let handling = scope.key(sealed.council.uuid(), sealed.key_id)?.seal(field, plan.handling.as_str())?;
    let progress = progress_due_on(today, &scope.calendar()?);
    let changes = Changes {
        status: Some(status),
        handling: Some(Some(handling)),
        period: Some(Some(plan.period)),
        response_due_on: Some(plan.respond_by),
        progress_due_on: Some(Some(progress)),
        ..Changes::default()
    };
    change(scope, complaint, changes)?;
    periods::keep(scope, complaint, (plan.period.into(), plan.respond_by), Some(&plan.handling))?;
    scope.record(Event::ComplaintPlanned { complaint: complaint.id })
}

/// A judgement of the risk in what a complaint is about.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "risk": "moderate" }))]
pub struct JudgeRisk {
    /// The risk.
    pub risk: Risk,
}

/// Judges the risk in what a complaint is about.
pub fn judge_risk(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, with: &JudgeRisk) -> Result<(), StoreError> {
    complaint.status.after(Step::Assess)?;
    change(scope, complaint, Changes { risk: Some(with.risk), ..Changes::default() })?;
    scope.record(Event::ComplaintRiskJudged { complaint: complaint.id })
}

/// Why there is no response in time.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Your worker is ill, and we want to hear what she says before we answer. You hear from us by Friday." }))]
pub struct ExplainDelay {
    /// The reason, which the complainant reads as a message. The Ombudsman's address is put below it.
    pub reason: Passage<4000>,
}

/// Tells the complainant why there is no response in time (SI 2009/309 reg 14(4)).
pub fn explain_delay(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    with: &ExplainDelay,
) -> Result<(), StoreError> {
    complaint.status.after(Step::ExplainDelay)?;
    if complaint.response_due_on.min(complaint.response_latest_on) >= scope.today() {
        return Err(Refusal::InvalidState { thing: "response", state: "not late", step: "said to be late" }.into());
    }
    // Whoever hears why it takes longer hears how it goes, once the complaint is acknowledged.
    let progress = match complaint.progress_due_on {
        Some(_) => Some(Some(progress_due_on(scope.today(), &scope.calendar()?))),
        None => None,
    };
    let explained =
        Changes { delay_explained_at: Some(Some(scope.at())), progress_due_on: progress, ..Changes::default() };
    change_at_once(scope, complaint, explained)?;
    tell(scope, complaint, with.reason.as_str())?;
    scope.record(Event::ComplaintDelayExplained { complaint: complaint.id })
}

/// Decides that a complaint is not considered, or not further, on a ground of the Regulations.
pub fn exclude(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, with: &Exclude) -> Result<(), StoreError> {
    let status = complaint.status.after(Step::NotConsider)?;
    let apart = |action: &Action| action.stream.map(|stream| MatterApart { stream, is_done: action.done_on.is_some() });
    let apart: Vec<MatterApart> = complaint.actions.iter().filter_map(apart).collect();
    let Standing { basis, check } = standing(scope, complaint)?;
    StoreError::unless_faulty(with.faults(&Excludable {
        received: london_date(complaint.received_at),
        is_late: complaint.late,
        is_accepted: complaint.is_accepted_late(),
        apart: &apart,
        basis,
        check,
    }))?;
    let changes = Changes {
        status: Some(status),
        exclusion: Some(Some(with.ground)),
        closed_at: Some(Some(scope.at())),
        ..Changes::default()
    };
    change(scope, complaint, changes)?;
    note_decision(scope, complaint, DecisionKind::NotConsidered)?;
    tell(scope, complaint, &with.told())?;
    scope.record_because(Event::ComplaintNotConsidered { complaint: complaint.id }, &with.because())
}

/// Records the confirmation of the person that what they said at a practice's desk is settled (SI 2009/309 reg 8(1)(c)). It is no ground to
/// refuse a later complaint, and the person is told so.
pub fn confirm_settled(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    with: &ConfirmSettled,
) -> Result<(), StoreError> {
    let status = complaint.status.after(Step::Settle)?;
    if complaint.confirm_by.is_none_or(|last| last < scope.today()) {
        return Err(Refusal::NotSettledOnTheSpot.into());
    }
    let changes = Changes {
        status: Some(status),
        exclusion: Some(Some(ExclusionGround::OralResolved)),
        closed_at: Some(Some(scope.at())),
        ..Changes::default()
    };
    change(scope, complaint, changes)?;
    note_decision(scope, complaint, DecisionKind::Settled)?;
    let told = "You told us that what you raised is settled. If it is not, or comes back, you can complain about it at any time: that it \
                was settled once is no reason to refuse your complaint.";
    tell(scope, complaint, told)?;
    scope.record_because(Event::ComplaintSettled { complaint: complaint.id }, with.confirmed.as_str())
}

/// Writes to the complainant what they may not accept, and are owed in writing, with the Ombudsman's address below it.
pub(super) fn tell(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, words: &str) -> Result<(), StoreError> {
    write_in_writing(scope, complaint.sealed, &format!("{words}\n\n{}", where_to_go()))?;
    Ok(())
}
