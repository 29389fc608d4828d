//! Limits on how somebody complains.

use almoner_domain::complaints::limiting::Limits;
use almoner_domain::ids::ComplaintId;
use almoner_persistence::complaints::limiting;
use almoner_persistence::complaints::reading::Complaint;

use super::change;
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::ComplaintsDecide;
use crate::ground::problem::ApiError;
use crate::ground::reply::{NoContent, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: limit refuses InvalidState, end refuses InvalidState);
}

/// Limits how the complainant reaches those who have the complaint: which contact, and how often. They read it with the reasons.
///
/// It lasts until a day within six months, and is open to a review. What the complainant writes with their code arrives all the same, and it
/// is no ground to refuse another complaint. Limits that were set before end by it.
#[utoipa::path(put, path = "/{id}/limits")]
async fn limit(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Limits>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| limiting::limit(scope, complaint, &body.value)).await
}

/// Ends the limits on how the complainant reaches those who have the complaint. The same again changes nothing.
#[utoipa::path(delete, path = "/{id}/limits")]
async fn end(caller: Caller<ComplaintsDecide>, id: Path<ComplaintId>) -> Result<NoContent, ApiError> {
    caller.act(move |scope| limiting::end(scope, id.0)).await
}
