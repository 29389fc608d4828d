//! How a complaint is looked into and by when, its risk, what is told of a delay, what is not considered, and what is raised with the
//! safeguarding duty.

use almoner_domain::complaints::concern::ConfirmSettled;
use almoner_domain::complaints::danger::RaiseSafeguarding;
use almoner_domain::complaints::excluding::Exclude;
use almoner_domain::complaints::planning::Plan;
use almoner_domain::complaints::representing::CheckRepresentative;
use almoner_domain::complaints::timeliness::Timeliness;
use almoner_domain::ids::ComplaintId;
use almoner_persistence::complaints::planning::{self, ExplainDelay, JudgeRisk};
use almoner_persistence::complaints::reading::Complaint;
use almoner_persistence::complaints::{representing, safeguarding, timeliness};

use super::{add, change};
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsDecide, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door:
        plan refuses InvalidState,
        judge_risk refuses InvalidState,
        explain_delay refuses InvalidState,
        check_representative refuses InvalidState,
        exclude refuses InvalidState,
        confirm_settled refuses InvalidState,
        record_timeliness refuses InvalidState,
        raise_safeguarding,
    );
}

/// Plans how a complaint is looked into and by when: as the complainant agreed, or as determined where they declined to discuss it.
///
/// The complainant reads the plan. A plan is changed in the same way, but for a later day: that is an extension, which the complainant
/// asks for or agrees to (`POST …/requests`).
#[utoipa::path(put, path = "/{id}/plan")]
async fn plan(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Plan>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| planning::plan(scope, complaint, &body.value)).await
}

/// Judges the risk in what a complaint is about.
#[utoipa::path(put, path = "/{id}/risk")]
async fn judge_risk(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<JudgeRisk>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| planning::judge_risk(scope, complaint, &body.value)).await
}

/// Tells the complainant why there is no response in time, with the Ombudsman's address.
#[utoipa::path(post, path = "/{id}/explain-delay")]
async fn explain_delay(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<ExplainDelay>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| planning::explain_delay(scope, complaint, &body.value)).await
}

/// Records the check of the representative who complains for a person: what was seen, and what came of it (SI 2009/309 reg 5).
///
/// Anybody who has the complaint records it; the complainant reads the day and the outcome. On what a check found rest the grounds on which
/// a representative is not heard. In a confidential complaint the caller unseals the identity first.
#[utoipa::path(post, path = "/{id}/representative-checks")]
async fn check_representative(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<CheckRepresentative>,
) -> Result<Created<Complaint>, ApiError> {
    add(caller, key, body, id.0, move |scope, with| representing::check(scope, id.0, with)).await
}

/// Decides that a complaint is not considered, or not further, on a ground of the Regulations.
///
/// A ground must fit who complains and what was decided before: those about a representative want a check that found so, `out_of_time` a
/// complaint that came late and is not looked into all the same.
/// The complainant reads the reason, with the Ombudsman's address. Afterwards nothing can be done with the complaint but what is dealt with
/// apart, unless a decision of the Ombudsman's is recorded.
#[utoipa::path(post, path = "/{id}/exclude")]
async fn exclude(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Exclude>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| planning::exclude(scope, complaint, &body.value)).await
}

/// Records the confirmation of the person that what they said at a practice's desk is settled (SI 2009/309 reg 8(1)(c)).
///
/// That is possible by the end of the next working day after it was said, `confirm_by`. After it, it is a complaint of the day on which it
/// was said. A later complaint about the same is never refused because of it.
#[utoipa::path(post, path = "/{id}/confirm-settled")]
async fn confirm_settled(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<ConfirmSettled>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| planning::confirm_settled(scope, complaint, &body.value))
        .await
}

/// Records when the matter of a complaint happened, and if it came late, why it is looked into all the same (SI 2009/309 reg 12).
#[utoipa::path(put, path = "/{id}/timeliness")]
async fn record_timeliness(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Timeliness>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| timeliness::record(scope, complaint, &body.value)).await
}

/// Raises a safeguarding concern that came to light in a complaint with the council's safeguarding duty, in the caller's words.
///
/// The duty sees at once what stands in the request, and nothing of the complaint, whose clocks go on.
#[utoipa::path(post, path = "/{id}/raise-safeguarding")]
async fn raise_safeguarding(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<RaiseSafeguarding>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| safeguarding::raise_from(scope, complaint, &body.value))
        .await
}
