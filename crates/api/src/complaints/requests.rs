//! What takes away from a complaint or turns it, which counts once the contact given at lodging has confirmed it; and reviews.

use almoner_domain::complaints::requests::{Decide, NewRequest, Reviewed};
use almoner_domain::ids::{ComplaintId, RequestId};
use almoner_persistence::complaints::reading::Complaint;
use almoner_persistence::complaints::requests;
use almoner_persistence::complaints::reviewing;

use super::{add, change};
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::ComplaintsDecide;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: write_down refuses InvalidState, decide refuses InvalidState, review refuses InvalidState);
}

/// Writes down what the complainant asked for, or what an officer proposes to them, such as a longer period.
#[utoipa::path(post, path = "/{id}/requests")]
async fn write_down(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<NewRequest>,
) -> Result<Created<Complaint>, ApiError> {
    add(caller, key, body, id.0, move |scope, new| requests::write_down(scope, id.0, new)).await
}

/// Decides on a request, after the contact that was given at lodging was told of it.
///
/// With `confirmed` it takes effect: the complaint is withdrawn, its period is extended if it has not expired, or what is asked for is
/// changed. The complainant reads how that contact was told, and what was said. It was told face to face, or in a way that was given at
/// lodging: whoever holds a receipt may be anybody. A request for a review is not decided so.
#[utoipa::path(post, path = "/{id}/requests/{request_id}/decide")]
async fn decide(
    caller: Caller<ComplaintsDecide>,
    ids: Path<(ComplaintId, RequestId)>,
    if_match: IfMatch,
    body: Body<Decide>,
) -> Result<Reply<Complaint>, ApiError> {
    let (complaint, request) = ids.0;
    change(caller, if_match, complaint, move |scope, complaint| {
        requests::decide(scope, complaint, request, &body.value)
    })
    .await
}

/// Decides on a request for a review, as the responsible person or who stands in for them.
///
/// It is refused to the officer whose decision it is (403). The complainant reads the reasons as a message, with the Ombudsman's address
/// below. If the review finds for them, a complaint that was not considered, withdrawn or answered is considered again, with clocks that
/// begin today, and limits on how they complain end.
#[utoipa::path(post, path = "/{id}/requests/{request_id}/review")]
async fn review(
    caller: Caller<ComplaintsDecide>,
    ids: Path<(ComplaintId, RequestId)>,
    if_match: IfMatch,
    body: Body<Reviewed>,
) -> Result<Reply<Complaint>, ApiError> {
    let (complaint, request) = ids.0;
    change(caller, if_match, complaint, move |scope, complaint| {
        reviewing::review(scope, complaint, request, &body.value)
    })
    .await
}
