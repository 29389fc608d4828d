//! The practice that a complaint is about, where whoever complains named none.

use almoner_domain::complaints::responsibility::PracticeConcerned;
use almoner_domain::ids::ComplaintId;
use almoner_persistence::complaints::practices;
use almoner_persistence::complaints::reading::Complaint;

use super::change;
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::ComplaintsDecide;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: put_down refuses InvalidState);
}

/// Puts down which practice a complaint is about, where whoever complains named none. The complainant is told.
///
/// It is a practice with which the council has or had a contract. Another is put down in its place while no guest has the complaint; what the
/// complainant named stays. The person is looked for there, so that the record can be opened. Who may not have the complaint now has it no
/// more: an officer who belongs to the practice, a guest who owns a share of it, and whoever has an interest in it, worked with the person,
/// stands in the line of somebody who did, or decided for them. Where no officer would be left, another is let in first. Every clock stays.
#[utoipa::path(put, path = "/{id}/practice")]
async fn put_down(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<PracticeConcerned>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| practices::put_down(scope, complaint, &body.value)).await
}
