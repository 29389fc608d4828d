//! Letting people in to a complaint, by name.

use almoner_domain::ids::{AssignmentId, ComplaintId};
use almoner_persistence::complaints::assignments::{self, Assign, Assignments};
use almoner_persistence::complaints::objecting::{self, Keep};
use almoner_persistence::complaints::telling::{self, EndedAssignments};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsAssign, ComplaintsKeep, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, assign refuses AlreadyExists InvalidState, end refuses InvalidState, keep refuses InvalidState, tell refuses InvalidState, list_ended);
}

/// Lists those to whom a complaint is assigned, or was, in the order in which they got it.
#[utoipa::path(get, path = "/{id}/assignments")]
async fn list(caller: Caller<ComplaintsWork>, id: Path<ComplaintId>) -> Result<Reply<Assignments>, ApiError> {
    caller.read(move |scope| assignments::list(scope, id.0)).await
}

/// Assigns a complaint to a guest or another officer, by name: whole, or to a guest by heads.
///
/// Who gets `heads` reads and answers these at `/v1/complaints/shown` at once, and sees nothing else of the complaint.
/// It is refused for somebody whose name stands in the complaint, who must not see it, who worked with the person in the last 24 months
/// or acted on their record, who stands in the line of those who did, or who controls the practice; and each of these is said. The
/// caller judges what the service does not know, and writes why nothing speaks against it.
#[utoipa::path(post, path = "/{id}/assignments")]
async fn assign(
    caller: Caller<ComplaintsAssign>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<Assign>,
) -> Result<Created<Assignments>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, with| assignments::assign(scope, id.0, with),
            move |scope, _| assignments::list(scope, id.0),
            move |_| format!("/v1/complaints/{}/assignments", id.0),
        )
        .await
}

/// Ends an assignment. From the next request on the complaint is closed to whoever had it.
///
/// A complaint keeps an officer: the last one lets another in first.
#[utoipa::path(delete, path = "/{id}/assignments/{assignment_id}")]
async fn end(caller: Caller<ComplaintsAssign>, ids: Path<(ComplaintId, AssignmentId)>) -> Result<NoContent, ApiError> {
    let (complaint, assignment) = ids.0;
    caller.act(move |scope| assignments::end(scope, complaint, assignment)).await
}

/// Tells whoever had an assignment that it has ended.
///
/// They read it at `GET /v1/complaints/ended-assignments`, in the same words whatever ended it. Until an officer does this they are told
/// nothing: the complaint is closed to them, and that is all. The same again changes nothing.
#[utoipa::path(put, path = "/{id}/assignments/{assignment_id}/told")]
async fn tell(caller: Caller<ComplaintsAssign>, ids: Path<(ComplaintId, AssignmentId)>) -> Result<NoContent, ApiError> {
    let (complaint, assignment) = ids.0;
    caller.act(move |scope| telling::tell(scope, complaint, assignment)).await
}

/// Lists of which assignments the caller is told that they have ended, the latest first.
#[utoipa::path(get, path = "/ended-assignments")]
async fn list_ended(caller: Caller<ComplaintsWork>) -> Result<Reply<EndedAssignments>, ApiError> {
    caller.read(telling::list).await
}

/// Decides that an officer to whom the complainant objects keeps the complaint, because nobody is left who could have it in their place.
///
/// The responsible person decides it, who has the complaint, once `nobody_left_since` stands beside the assignment. The complainant reads
/// the reason, with the Ombudsman's address, and may object again.
#[utoipa::path(post, path = "/{id}/assignments/{assignment_id}/keep")]
async fn keep(
    caller: Caller<ComplaintsKeep>,
    ids: Path<(ComplaintId, AssignmentId)>,
    key: IdempotencyKey,
    body: Body<Keep>,
) -> Result<Created<Assignments>, ApiError> {
    let (complaint, assignment) = ids.0;
    caller
        .create(
            key,
            body,
            move |scope, with| objecting::keep(scope, complaint, assignment, with).map(|()| assignment),
            move |scope, _| assignments::list(scope, complaint),
            move |_| format!("/v1/complaints/{complaint}/assignments"),
        )
        .await
}
