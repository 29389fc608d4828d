//! Referrals: what a council asks of practices, and what became of it.

use actix_web::{get, post};
use almoner_domain::ids::CouncilRequestId;
use almoner_domain::referrals::message::ReferralMessage;
use almoner_domain::referrals::state::ReferralStatus;
use almoner_domain::words::text::Line;
use almoner_persistence::Page;
use almoner_persistence::referrals::council_requests::{self, CouncilReferral, RouteReferral, Taken};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::body::Body;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::page::{PageQuery, Path, Query};
use crate::permission::SendReferrals;
use crate::problem::ApiError;
use crate::reply::Reply;

/// Sends a referral. The council's own reference makes it one: the same content again is the same referral, and is answered
/// with 200; other content under the same reference is refused.
#[utoipa::path(
    request_body = ReferralMessage,
    responses(
        (status = 201, description = "Taken", body = CouncilReferral),
        (status = 200, description = "Taken before: the same referral", body = CouncilReferral),
    ),
    security(("council" = ["referrals"])),
)]
#[post("/referrals")]
pub(super) async fn send(caller: Caller<SendReferrals>, body: Body<ReferralMessage>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let (taken, id) = council_requests::take(scope, &body.value)?;
            let referral = council_requests::find(scope, id)?;
            let reply = match taken {
                Taken::Now => Reply::created(&referral, format!("/v1/council/referrals/{id}"))?,
                Taken::Before => Reply::ok(&referral)?,
            };
            Ok(reply.version(referral.version))
        })
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Those that stand so.
    status: Option<ReferralStatus>,
    /// The one with this reference of the council's own.
    #[param(max_length = 64)]
    council_reference: Option<String>,
}

/// The council's referrals, the newest first.
#[utoipa::path(
    params(PageQuery, Filter),
    responses((status = 200, description = "A page of referrals", body = Page<CouncilReferral>)),
    security(("council" = ["referrals"])),
)]
#[get("/referrals")]
pub(super) async fn list(
    caller: Caller<SendReferrals>,
    page: Query<PageQuery>,
    filter: Query<Filter>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    let Filter { status, council_reference } = filter.0;
    let reference = council_reference
        .map(|text| Line::<64>::parse(&text))
        .transpose()
        .map_err(|unfit| ApiError::parameter("council_reference", unfit.to_string()))?;
    caller
        .scope(move |scope| {
            Reply::ok(&council_requests::list(scope, status, reference.as_ref().map(Line::as_str), &paging)?)
        })
        .await
}

/// One referral, with what the council sent and what became of it.
#[utoipa::path(
    params(("id" = CouncilRequestId, Path, description = "The referral")),
    responses((status = 200, description = "The referral", body = CouncilReferral)),
    security(("council" = ["referrals"])),
)]
#[get("/referrals/{id}")]
pub(super) async fn read(caller: Caller<SendReferrals>, id: Path<CouncilRequestId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let referral = council_requests::read(scope, id.0)?;
            Ok(Reply::ok(&referral)?.version(referral.version))
        })
        .await
}

/// Takes a referral back, until it is accepted.
#[utoipa::path(
    params(("id" = CouncilRequestId, Path, description = "The referral"), IfMatch),
    responses((status = 200, description = "The referral, withdrawn", body = CouncilReferral)),
    security(("council" = ["referrals"])),
)]
#[post("/referrals/{id}/withdraw")]
pub(super) async fn withdraw(
    caller: Caller<SendReferrals>,
    id: Path<CouncilRequestId>,
    if_match: IfMatch,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let referral = council_requests::find(scope, id.0)?;
            if_match.check(referral.version)?;
            council_requests::withdraw(scope, &referral)?;
            let referral = council_requests::find(scope, id.0)?;
            Ok(Reply::ok(&referral)?.version(referral.version))
        })
        .await
}

/// Names the practice for what no rule could place, or what a practice declined or left unanswered.
#[utoipa::path(
    params(("id" = CouncilRequestId, Path, description = "The referral"), IfMatch),
    request_body = RouteReferral,
    responses((status = 200, description = "The referral, with the practice", body = CouncilReferral)),
    security(("council" = ["referrals"])),
)]
#[post("/referrals/{id}/route")]
pub(super) async fn route(
    caller: Caller<SendReferrals>,
    id: Path<CouncilRequestId>,
    if_match: IfMatch,
    body: Body<RouteReferral>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let referral = council_requests::find(scope, id.0)?;
            if_match.check(referral.version)?;
            council_requests::route_to(scope, &referral, &body.value.practice)?;
            let referral = council_requests::find(scope, id.0)?;
            Ok(Reply::ok(&referral)?.version(referral.version))
        })
        .await
}
