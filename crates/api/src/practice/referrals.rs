//! The inbox.

use actix_web::{get, post};
use almoner_domain::ids::ReferralId;
use almoner_domain::referrals::state::ReferralStatus;
use almoner_persistence::Page;
use almoner_persistence::referrals::{self, AcceptReferral, DeclineReferral, ReferralSummary, ReferralWithMatches};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::body::Body;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::once::OnceKey;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{CasesAllocate, Permission, ReferralsDecide, ReferralsRead};
use crate::problem::{ApiError, Kind};
use crate::reply::Reply;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Those that stand so; what waits for an answer, if left out.
    #[param(inline = false)]
    status: Option<ReferralStatus>,
}

/// The referrals that wait for an answer, what is due first coming first.
#[utoipa::path(
    params(PageQuery, Filter),
    responses((status = 200, description = "A page of the inbox", body = Page<ReferralSummary>)),
    security(("practice" = ["referrals.read"])),
)]
#[get("/referrals")]
pub(super) async fn list(
    caller: Caller<ReferralsRead>,
    page: Query<PageQuery>,
    filter: Query<Filter>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&referrals::list(scope, filter.0.status, &paging)?)).await
}

/// One referral, with the known people who may be meant.
#[utoipa::path(
    params(("id" = ReferralId, Path, description = "The referral")),
    responses((status = 200, description = "The referral", body = ReferralWithMatches)),
    security(("practice" = ["referrals.read"])),
)]
#[get("/referrals/{id}")]
pub(super) async fn read(caller: Caller<ReferralsRead>, id: Path<ReferralId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let found = referrals::read(scope, id.0)?;
            Ok(Reply::ok(&found)?.version(found.referral.version))
        })
        .await
}

/// Accepts a referral: finds or opens the person's record, opens the case, and gives it to a worker.
#[utoipa::path(
    params(("id" = ReferralId, Path, description = "The referral"), IfMatch, OnceKey),
    request_body = AcceptReferral,
    responses((status = 200, description = "The referral, accepted", body = ReferralWithMatches)),
    security(("practice" = ["referrals.decide"])),
)]
#[post("/referrals/{id}/accept")]
pub(super) async fn accept(
    caller: Caller<ReferralsDecide>,
    id: Path<ReferralId>,
    if_match: IfMatch,
    once: OnceKey,
    body: Body<AcceptReferral>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, how| {
                let referral = referrals::find(scope, id.0)?;
                if_match.check(referral.version)?;
                // Who works on a case is for a manager to say; a social worker may take it on themselves.
                let other = how.allocate.as_ref().is_some_and(|to| to.staff_id != scope.staff_id());
                if other && !CasesAllocate::is_held(scope) {
                    return Err(ApiError::new(Kind::Forbidden).detail("Only a manager gives a case to somebody else."));
                }
                referrals::accept(scope, &referral, how)?;
                Ok(id.0.into())
            })?;
            let found = referrals::read(scope, id.0)?;
            Ok(Reply::ok(&found)?.version(found.referral.version).once(&done))
        })
        .await
}

/// Declines a referral, with a reason; the council may send it to another practice.
#[utoipa::path(
    params(("id" = ReferralId, Path, description = "The referral"), IfMatch),
    request_body = DeclineReferral,
    responses((status = 200, description = "The referral, declined", body = ReferralWithMatches)),
    security(("practice" = ["referrals.decide"])),
)]
#[post("/referrals/{id}/decline")]
pub(super) async fn decline(
    caller: Caller<ReferralsDecide>,
    id: Path<ReferralId>,
    if_match: IfMatch,
    body: Body<DeclineReferral>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let referral = referrals::find(scope, id.0)?;
            if_match.check(referral.version)?;
            referrals::decline(scope, &referral, &body.value)?;
            let found = referrals::read(scope, id.0)?;
            Ok(Reply::ok(&found)?.version(found.referral.version))
        })
        .await
}
