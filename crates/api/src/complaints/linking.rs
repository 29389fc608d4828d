//! Complaints of several complainants about the same.

use almoner_domain::ids::ComplaintId;
use almoner_persistence::complaints::linking;

use crate::ground::caller::Caller;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::ComplaintsAssign;
use crate::ground::problem::ApiError;
use crate::ground::reply::NoContent;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: link refuses ValidationFailed, unlink);
}

/// Links two complaints about the same, both of which the caller has. The same again changes nothing.
///
/// Each complainant keeps a complaint of their own, with its receipt, clocks and response, and is told nothing of the other.
#[utoipa::path(put, path = "/{id}/links/{other_id}")]
async fn link(caller: Caller<ComplaintsAssign>, ids: Path<(ComplaintId, ComplaintId)>) -> Result<NoContent, ApiError> {
    let (complaint, other) = ids.0;
    caller.act(move |scope| linking::link(scope, complaint, other)).await
}

/// Ends the link between two complaints, both of which the caller has. The same again changes nothing.
#[utoipa::path(delete, path = "/{id}/links/{other_id}")]
async fn unlink(
    caller: Caller<ComplaintsAssign>,
    ids: Path<(ComplaintId, ComplaintId)>,
) -> Result<NoContent, ApiError> {
    let (complaint, other) = ids.0;
    caller.act(move |scope| linking::unlink(scope, complaint, other)).await
}
