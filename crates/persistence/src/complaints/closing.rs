//! What comes after the response: closing a complaint, reopening it, and the Ombudsman.

use almoner_domain::complaints::deadlines::{
    acknowledgement_due_on, plan_due_on, progress_due_on, response_due_on, response_latest_on,
};
use almoner_domain::complaints::ombudsman::{AskedOmbudsman, OmbudsmanDecision};
use almoner_domain::complaints::planning::PeriodOrigin;
use almoner_domain::complaints::status::{ComplaintStatus, Step};
use almoner_domain::events::Event;
use almoner_domain::ids::{GuestId, OfficerId, OmbudsmanEntryId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::text::{self, Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answering::answering_council;
use super::changing::{Changes, change, seal};
use super::messages::write_in_writing;
use super::reading::Complaint;
use super::{Sealed, periods};
use crate::ground::callers::{ComplaintsPerson, Tenant};
use crate::ground::error::StoreError;
use crate::ground::schema::complaint_ombudsman;
use crate::ground::scope::ComplaintsScope;
use crate::ground::transaction::setting;

const TABLE: &str = "complaint_ombudsman";

/// The closing of a complaint.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "learning": "A visit that is taken out without a call is heard as being forgotten." }))]
pub struct Close {
    /// What was learnt, without anybody's name.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub learning: Option<Passage<4000>>,
}

/// A reason to reopen a complaint.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "You told us that the visits were taken out again. We look into that as well." }))]
pub struct Reopen {
    /// The reason, which the complainant reads as a message.
    pub reason: Passage<4000>,
}

/// Closes a complaint that was answered, once everything that was promised is done.
pub fn close(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, with: &Close) -> Result<(), StoreError> {
    let status = complaint.status.after(Step::Close)?;
    if complaint.actions.iter().any(|action| action.done_on.is_none()) {
        return Err(Refusal::ActionsOpen.into());
    }
    let learning = match &with.learning {
        Some(learning) => {
            let sealed = complaint.sealed;
            let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
            Some(key.seal(sealed.field("learning"), learning.as_str())?)
        }
        None => None,
    };
    let changes = Changes { status: Some(status), closed_at: Some(Some(scope.at())), learning, ..Changes::default() };
    change(scope, complaint, changes)?;
    scope.record(Event::ComplaintClosed { complaint: complaint.id })
}

/// Reopens a complaint that was answered or, after a decision of the Ombudsman, one that was withdrawn or left unconsidered. It is planned
/// anew, with clocks that begin today. What is reopened is acknowledged by that.
pub fn reopen(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, with: &Reopen) -> Result<(), StoreError> {
    let step = if complaint.is_decided_by_the_ombudsman() { Step::Correct } else { Step::Reopen };
    let status = complaint.status.after(step)?;
    let changes = begun_anew(scope, complaint, status)?;
    change(scope, complaint, changes)?;
    write_in_writing(scope, complaint.sealed, with.reason.as_str())?;
    scope.record_because(Event::ComplaintReopened { complaint: complaint.id }, with.reason.as_str())
}

/// The changes with which a complaint that was over is looked into anew, with clocks that begin today and last as long as the contract
/// says. The period that began is kept beside those before.
pub(super) fn begun_anew(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    status: ComplaintStatus,
) -> Result<Changes, StoreError> {
    let (today, calendar, council) = (scope.today(), scope.calendar()?, scope.council_id());
    let practice = complaint.practice_id;
    let settings: Vec<String> = practice.map(|practice| setting("app.practice", practice.uuid())).into_iter().collect();
    let days = scope.at_intake_with(Some(Tenant::Council(council)), &settings, |scope| {
        Ok(answering_council(scope, practice, None, Some(council))?.days)
    })?;
    // What is received again is acknowledged anew; whoever reads why it is reopened has been answered by that.
    let is_received = status == ComplaintStatus::Received;
    let acknowledged_at = complaint.acknowledged_at.unwrap_or(scope.at());
    let due_on = response_due_on(today, days, &calendar);
    periods::keep(scope, complaint, (PeriodOrigin::BegunAnew, due_on), None)?;
    Ok(Changes {
        status: Some(status),
        acknowledgement_due_on: is_received.then(|| acknowledgement_due_on(today, &calendar)),
        acknowledged_at: Some((!is_received).then_some(acknowledged_at)),
        plan_due_on: Some(plan_due_on(today, &calendar)),
        response_due_on: Some(due_on),
        response_latest_on: Some(response_latest_on(today)),
        progress_due_on: Some((!is_received).then(|| progress_due_on(today, &calendar))),
        handling: Some(None),
        period: Some(None),
        delay_explained_at: Some(None),
        answered_at: Some(None),
        outcome: Some(None),
        exclusion: Some(None),
        closed_at: Some(None),
        reopened_at: Some(scope.at()),
        ..Changes::default()
    })
}

/// The words that are recorded of the Ombudsman, which are sealed together.
#[derive(Serialize, Deserialize)]
struct OmbudsmanWords {
    reference: Option<Line<100>>,
    summary: Option<Passage<4000>>,
}

/// An entry of what is recorded of the Ombudsman.
#[derive(Clone, Debug)]
pub struct OmbudsmanEntry {
    /// What is recorded.
    pub asked: AskedOmbudsman,
    /// The officer or the guest who recorded it.
    pub by: Uuid,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}

/// Reads what is recorded of the Ombudsman, the newest entry first, at most so many. The caller has already opened the key.
pub(super) fn entries(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
    most: i64,
) -> Result<Vec<OmbudsmanEntry>, StoreError> {
    type Row = (
        (OmbudsmanEntryId, NaiveDate, Vec<u8>, Option<OmbudsmanDecision>, Option<NaiveDate>),
        (Option<OfficerId>, Option<GuestId>, DateTime<Utc>),
    );
    let rows: Vec<Row> = complaint_ombudsman::table
        .filter(complaint_ombudsman::council_id.eq(sealed.council).and(complaint_ombudsman::complaint_id.eq(sealed.id)))
        .order(complaint_ombudsman::entry_id.desc())
        .limit(most)
        .select((
            (
                complaint_ombudsman::entry_id,
                complaint_ombudsman::asked_on,
                complaint_ombudsman::content,
                complaint_ombudsman::decision,
                complaint_ombudsman::decided_on,
            ),
            (complaint_ombudsman::officer_id, complaint_ombudsman::guest_id, complaint_ombudsman::recorded_at),
        ))
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let open = |((id, asked_on, content, decision, decided_on), (officer, guest, at)): Row| {
        let OmbudsmanWords { reference, summary } = key.open(sealed.of(TABLE, "content", id.uuid()), &content)?;
        let by = officer.map(OfficerId::uuid).or(guest.map(GuestId::uuid));
        let by = by.ok_or_else(|| StoreError::unreadable("an entry of the Ombudsman's by nobody"))?;
        Ok(OmbudsmanEntry { asked: AskedOmbudsman { asked_on, reference, decision, decided_on, summary }, by, at })
    };
    rows.into_iter().map(open).collect()
}

/// Reads the newest entry of what is recorded of the Ombudsman. The caller has already opened the key.
pub(super) fn ombudsman_of(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
) -> Result<Option<AskedOmbudsman>, StoreError> {
    Ok(entries(scope, sealed, 1)?.pop().map(|newest| newest.asked))
}

/// Records that a complaint was taken to the Ombudsman, or what the Ombudsman decided, beside what was recorded before. What was recorded
/// and is left out now stays, and the same again is no other entry.
pub fn record_ombudsman(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    with: &AskedOmbudsman,
) -> Result<(), StoreError> {
    let with = with.clone().beside(complaint.ombudsman.clone());
    StoreError::unless_faulty(with.faults(london_date(complaint.received_at), scope.today()))?;
    if complaint.ombudsman.as_ref() != Some(&with) {
        let entry: OmbudsmanEntryId = scope.next_id();
        let words = OmbudsmanWords { reference: with.reference, summary: with.summary };
        let content = seal(scope, complaint, (TABLE, "content"), entry.uuid(), &words)?;
        let person = Some(scope.worker().person);
        diesel::insert_into(complaint_ombudsman::table)
            .values((
                complaint_ombudsman::council_id.eq(scope.council_id()),
                complaint_ombudsman::complaint_id.eq(complaint.id),
                complaint_ombudsman::entry_id.eq(entry),
                complaint_ombudsman::key_id.eq(complaint.sealed.key_id),
                complaint_ombudsman::asked_on.eq(with.asked_on),
                complaint_ombudsman::content.eq(content),
                complaint_ombudsman::decision.eq(with.decision),
                complaint_ombudsman::decided_on.eq(with.decided_on),
                complaint_ombudsman::officer_id.eq(person.and_then(ComplaintsPerson::officer)),
                complaint_ombudsman::guest_id.eq(person.and_then(ComplaintsPerson::guest)),
                complaint_ombudsman::recorded_at.eq(scope.at()),
            ))
            .execute(scope.conn)?;
    }
    change(scope, complaint, Changes::default())?;
    scope.record(Event::ComplaintOmbudsmanRecorded { complaint: complaint.id })
}
