//! Restricted records opened in an emergency, and the review of it.

use actix_web::{get, post};
use almoner_domain::ids::BreakGlassId;
use almoner_domain::people::guard::{BreakGlass, ReviewBreakGlass};
use almoner_persistence::Page;
use almoner_persistence::people::break_glasses::{self, BrokenGlass};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::body::Body;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::once::OnceKey;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{BreakGlassRead, BreakGlassReview, RecordsBreakGlass};
use crate::problem::ApiError;
use crate::reply::Reply;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Those that were reviewed, or those that were not.
    reviewed: Option<bool>,
}

/// What the caller opened in an emergency, and what they may review, the newest first.
#[utoipa::path(
    params(PageQuery, Filter),
    responses((status = 200, description = "A page of broken glasses", body = Page<BrokenGlass>)),
    security(("practice" = ["break_glass.read"])),
)]
#[get("/break-glass")]
pub(super) async fn list(
    caller: Caller<BreakGlassRead>,
    page: Query<PageQuery>,
    filter: Query<Filter>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&break_glasses::list(scope, filter.0.reviewed, &paging)?)).await
}

/// Opens a restricted record to the caller in an emergency, for an hour at most and for this session. Those who manage access
/// are told at once.
#[utoipa::path(
    params(OnceKey),
    request_body = BreakGlass,
    responses((status = 201, description = "The broken glass, with the record that is open now", body = BrokenGlass)),
    security(("practice" = ["records.break_glass"])),
)]
#[post("/break-glass")]
pub(super) async fn open(
    caller: Caller<RecordsBreakGlass>,
    once: OnceKey,
    body: Body<BreakGlass>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, how| Ok(break_glasses::open(scope, how)?.into()))?;
            let glass = break_glasses::find(scope, done.id())?;
            let location = format!("/v1/practice/break-glass/{}", glass.id);
            Ok(Reply::created(&glass, location)?.version(glass.version).once(&done))
        })
        .await
}

/// One broken glass: for who broke it, and for who may review it.
#[utoipa::path(
    params(("id" = BreakGlassId, Path, description = "The broken glass")),
    responses((status = 200, description = "The broken glass", body = BrokenGlass)),
    security(("practice" = ["break_glass.read"])),
)]
#[get("/break-glass/{id}")]
pub(super) async fn read(caller: Caller<BreakGlassRead>, id: Path<BreakGlassId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let glass = break_glasses::read(scope, id.0)?;
            Ok(Reply::ok(&glass)?.version(glass.version))
        })
        .await
}

/// Reviews what somebody else opened: was it justified?
#[utoipa::path(
    params(("id" = BreakGlassId, Path, description = "The broken glass"), IfMatch),
    request_body = ReviewBreakGlass,
    responses((status = 200, description = "The broken glass, reviewed", body = BrokenGlass)),
    security(("practice" = ["break_glass.review"])),
)]
#[post("/break-glass/{id}/review")]
pub(super) async fn review(
    caller: Caller<BreakGlassReview>,
    id: Path<BreakGlassId>,
    if_match: IfMatch,
    body: Body<ReviewBreakGlass>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let glass = break_glasses::find(scope, id.0)?;
            if_match.check(glass.version)?;
            break_glasses::review(scope, &glass, &body.value)?;
            let glass = break_glasses::find(scope, id.0)?;
            Ok(Reply::ok(&glass)?.version(glass.version))
        })
        .await
}
