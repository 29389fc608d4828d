//! What takes away from a complaint or turns it, which counts once the contact given at lodging has confirmed it.

use almoner_domain::complaints::requests::{Decide, NewRequest};
use almoner_domain::ids::{ComplaintId, RequestId};
use almoner_persistence::complaints::reading::Complaint;
use almoner_persistence::complaints::requests;

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
    operations!(door: write_down refuses InvalidState, decide refuses InvalidState);
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
/// changed. The complainant reads how that contact was told, and what was said.
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
