//! What practices ask the council to have erased. An officer instructs the practice, or refuses.

use almoner_domain::documents::erasing::{DecideErasure, ErasureStatus};
use almoner_domain::ids::ErasureRequestId;
use almoner_persistence::Page;
use almoner_persistence::referrals::erasures::{self, ErasureRequestToCouncil};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{ErasuresDecide, ErasuresRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, read, instruct refuses InvalidState, refuse refuses InvalidState);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RequestsThatAre {
    /// Returns only requests with this status.
    status: Option<ErasureStatus>,
}

/// Lists what practices asked the council to have erased, the newest first.
#[utoipa::path(get, path = "/erasure-requests")]
async fn list(
    caller: Caller<ErasuresRead>,
    page: Query<PageQuery>,
    which: Query<RequestsThatAre>,
) -> Result<Reply<Page<ErasureRequestToCouncil>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| erasures::list_asked(scope, which.0.status, &paging)).await
}

/// Shows what a practice asks the council to have erased.
#[utoipa::path(get, path = "/erasure-requests/{id}")]
async fn read(
    caller: Caller<ErasuresRead>,
    id: Path<ErasureRequestId>,
) -> Result<Reply<ErasureRequestToCouncil>, ApiError> {
    caller.read(move |scope| erasures::read_asked(scope, id.0)).await
}

/// Instructs the practice to erase the document.
///
/// Its key and its name are destroyed at once, for good, and its content within seconds. What the council itself sent stays with the
/// council.
#[utoipa::path(post, path = "/erasure-requests/{id}/instruct")]
async fn instruct(
    caller: Caller<ErasuresDecide>,
    id: Path<ErasureRequestId>,
    if_match: IfMatch,
    body: Body<DecideErasure>,
) -> Result<Reply<ErasureRequestToCouncil>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| erasures::find_asked(scope, id.0),
            move |scope, asked| erasures::instruct(scope, asked, &body.value),
        )
        .await
}

/// Refuses to have the document erased, which stays as it is.
#[utoipa::path(post, path = "/erasure-requests/{id}/refuse")]
async fn refuse(
    caller: Caller<ErasuresDecide>,
    id: Path<ErasureRequestId>,
    if_match: IfMatch,
    body: Body<DecideErasure>,
) -> Result<Reply<ErasureRequestToCouncil>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| erasures::find_asked(scope, id.0),
            move |scope, asked| erasures::refuse(scope, asked, &body.value),
        )
        .await
}
