//! How a complaint is looked into and by when, its risk, what is told of a delay, and what is not considered.

use almoner_domain::complaints::excluding::Exclude;
use almoner_domain::complaints::planning::Plan;
use almoner_domain::ids::ComplaintId;
use almoner_persistence::complaints::planning::{self, ExplainDelay, JudgeRisk};
use almoner_persistence::complaints::reading::Complaint;

use super::change;
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsDecide, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door:
        plan refuses InvalidState,
        judge_risk,
        explain_delay refuses InvalidState,
        exclude refuses InvalidState,
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

/// Decides that a complaint is not considered, or not further, on a ground of the Regulations.
///
/// The complainant reads the reason, with the Ombudsman's address. Nothing can be done with the complaint afterwards.
#[utoipa::path(post, path = "/{id}/exclude")]
async fn exclude(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Exclude>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| planning::exclude(scope, complaint, &body.value)).await
}
