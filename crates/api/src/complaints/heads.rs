//! The heads of a complaint, and what was found on each.

use almoner_domain::complaints::heads::{HeadFinding, Hold, NewHead};
use almoner_domain::ids::{ComplaintId, HeadId};
use almoner_persistence::complaints::heads;
use almoner_persistence::complaints::reading::Complaint;

use super::{add, change};
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsDecide, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door:
        raise refuses InvalidState,
        amend refuses InvalidState,
        remove refuses InvalidState,
        decide refuses InvalidState,
        hold refuses InvalidState,
        resume refuses InvalidState,
    );
}

/// Puts down a head: one thing that is complained of. The complainant reads it.
#[utoipa::path(post, path = "/{id}/heads")]
async fn raise(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<NewHead>,
) -> Result<Created<Complaint>, ApiError> {
    add(caller, key, body, id.0, move |scope, new| heads::raise(scope, id.0, new)).await
}

/// Writes a head anew.
#[utoipa::path(put, path = "/{id}/heads/{head_id}")]
async fn amend(
    caller: Caller<ComplaintsWork>,
    ids: Path<(ComplaintId, HeadId)>,
    if_match: IfMatch,
    body: Body<NewHead>,
) -> Result<Reply<Complaint>, ApiError> {
    let (complaint, head) = ids.0;
    change(caller, if_match, complaint, move |scope, complaint| heads::amend(scope, complaint, head, &body.value)).await
}

/// Takes out a head on which nothing was found. That takes something away from the complaint, so it is an officer's to do.
#[utoipa::path(delete, path = "/{id}/heads/{head_id}")]
async fn remove(caller: Caller<ComplaintsDecide>, ids: Path<(ComplaintId, HeadId)>) -> Result<NoContent, ApiError> {
    let (complaint, head) = ids.0;
    caller.act(move |scope| heads::remove(scope, complaint, head)).await
}

/// Puts down what was found on a head, and what puts it right. The response says it.
#[utoipa::path(put, path = "/{id}/heads/{head_id}/finding")]
async fn decide(
    caller: Caller<ComplaintsWork>,
    ids: Path<(ComplaintId, HeadId)>,
    if_match: IfMatch,
    body: Body<HeadFinding>,
) -> Result<Reply<Complaint>, ApiError> {
    let (complaint, head) = ids.0;
    change(caller, if_match, complaint, move |scope, complaint| heads::decide(scope, complaint, head, &body.value))
        .await
}

/// Holds a head while a court, the police, a safeguarding enquiry or an employer looks into the same.
///
/// The complainant reads the reason. The clock of the complaint is shown all the same.
#[utoipa::path(put, path = "/{id}/heads/{head_id}/hold")]
async fn hold(
    caller: Caller<ComplaintsWork>,
    ids: Path<(ComplaintId, HeadId)>,
    if_match: IfMatch,
    body: Body<Hold>,
) -> Result<Reply<Complaint>, ApiError> {
    let (complaint, head) = ids.0;
    change(caller, if_match, complaint, move |scope, complaint| heads::hold(scope, complaint, head, &body.value)).await
}

/// Goes on with a head that was held. The same again changes nothing.
#[utoipa::path(delete, path = "/{id}/heads/{head_id}/hold")]
async fn resume(caller: Caller<ComplaintsWork>, ids: Path<(ComplaintId, HeadId)>) -> Result<NoContent, ApiError> {
    let (complaint, head) = ids.0;
    caller.act(move |scope| heads::resume(scope, complaint, head)).await
}
