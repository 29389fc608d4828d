//! Countersignatures: the decisions of second persons about adverse actions.

use almoner_domain::cases::case::{Countersign as Agreement, RefuseCountersignature};
use almoner_domain::ids::CountersignatureId;
use almoner_persistence::Page;
use almoner_persistence::cases::countersignatures::{self, Countersignature};
use almoner_persistence::referrals;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{CasesWrite, Countersign, CountersignaturesRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        read,
        approve refuses InvalidState,
        refuse refuses InvalidState,
    );
}

/// Lists the requests that wait for the caller's decision.
#[utoipa::path(get, path = "/countersignatures")]
async fn list(
    caller: Caller<CountersignaturesRead>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Countersignature>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| countersignatures::list(scope, &paging)).await
}

/// Shows one request.
///
/// The signatory who was drawn may read it, and the member of staff who made it, who does not learn who was drawn.
#[utoipa::path(get, path = "/countersignatures/{id}")]
async fn read(caller: Caller<CasesWrite>, id: Path<CountersignatureId>) -> Result<Reply<Countersignature>, ApiError> {
    caller.read(move |scope| countersignatures::read(scope, id.0)).await
}

/// Approves a request.
///
/// The signatory declares that the decision would be the same if nobody had complained, and states the evidence.
#[utoipa::path(post, path = "/countersignatures/{id}/approve")]
async fn approve(
    caller: Caller<Countersign>,
    id: Path<CountersignatureId>,
    if_match: IfMatch,
    body: Body<Agreement>,
) -> Result<Reply<Countersignature>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| countersignatures::find(scope, id.0),
            move |scope, asked| referrals::approve(scope, asked, &body.value),
        )
        .await
}

/// Refuses a request. The case stays open, or is open again.
#[utoipa::path(post, path = "/countersignatures/{id}/refuse")]
async fn refuse(
    caller: Caller<Countersign>,
    id: Path<CountersignatureId>,
    if_match: IfMatch,
    body: Body<RefuseCountersignature>,
) -> Result<Reply<Countersignature>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| countersignatures::find(scope, id.0),
            move |scope, asked| referrals::refuse(scope, asked, &body.value),
        )
        .await
}
