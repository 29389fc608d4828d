//! Second persons for adverse actions.

use actix_web::{get, post};
use almoner_domain::cases::case::{Countersign as Answer, RefuseCountersignature};
use almoner_domain::ids::CountersignatureId;
use almoner_persistence::Page;
use almoner_persistence::cases::countersignatures::{self, Countersignature};
use almoner_persistence::referrals;

use crate::body::Body;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{CasesWrite, Countersign};
use crate::problem::ApiError;
use crate::reply::Reply;

/// What waits for the caller's decision.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page of requests drawn to the caller", body = Page<Countersignature>)),
    security(("practice" = ["countersignatures.decide"])),
)]
#[get("/countersignatures")]
pub(super) async fn list(caller: Caller<Countersign>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&countersignatures::list(scope, &paging)?)).await
}

/// One request: for the signatory drawn, and for who asked, who does not learn who was drawn.
#[utoipa::path(
    params(("id" = CountersignatureId, Path, description = "The request")),
    responses((status = 200, description = "The request", body = Countersignature)),
    security(("practice" = ["cases.write"])),
)]
#[get("/countersignatures/{id}")]
pub(super) async fn read(caller: Caller<CasesWrite>, id: Path<CountersignatureId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let asked = countersignatures::read(scope, id.0)?;
            Ok(Reply::ok(&asked)?.version(asked.version))
        })
        .await
}

/// Agrees, saying that the decision would be the same had nobody complained, and on which evidence.
#[utoipa::path(
    params(("id" = CountersignatureId, Path, description = "The request"), IfMatch),
    request_body = Answer,
    responses((status = 200, description = "The request, agreed to", body = Countersignature)),
    security(("practice" = ["countersignatures.decide"])),
)]
#[post("/countersignatures/{id}/approve")]
pub(super) async fn approve(
    caller: Caller<Countersign>,
    id: Path<CountersignatureId>,
    if_match: IfMatch,
    body: Body<Answer>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let asked = countersignatures::find(scope, id.0)?;
            if_match.check(asked.version)?;
            referrals::approve(scope, &asked, &body.value)?;
            let asked = countersignatures::find(scope, id.0)?;
            Ok(Reply::ok(&asked)?.version(asked.version))
        })
        .await
}

/// Does not agree: the case stays open, or is open again.
#[utoipa::path(
    params(("id" = CountersignatureId, Path, description = "The request"), IfMatch),
    request_body = RefuseCountersignature,
    responses((status = 200, description = "The request, refused", body = Countersignature)),
    security(("practice" = ["countersignatures.decide"])),
)]
#[post("/countersignatures/{id}/refuse")]
pub(super) async fn refuse(
    caller: Caller<Countersign>,
    id: Path<CountersignatureId>,
    if_match: IfMatch,
    body: Body<RefuseCountersignature>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let asked = countersignatures::find(scope, id.0)?;
            if_match.check(asked.version)?;
            referrals::refuse(scope, &asked, &body.value)?;
            let asked = countersignatures::find(scope, id.0)?;
            Ok(Reply::ok(&asked)?.version(asked.version))
        })
        .await
}
