//! Referrals that a council sends to practices, and their results.

use almoner_domain::ids::CouncilRequestId;
use almoner_domain::referrals::message::ReferralMessage;
use almoner_domain::referrals::state::ReferralStatus;
use almoner_domain::words::identifier::Identifier;
use almoner_persistence::Page;
use almoner_persistence::referrals::council_requests::{self, CouncilReferral, RouteReferral, Submission};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{ReferralsFollow, ReferralsRoute, ReferralsSend, ReferralsWithdraw};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, CreatedOrKnown, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: send refuses ReferenceAlreadyUsed, list, read, withdraw refuses InvalidState, route refuses InvalidState);
}

/// Sends a referral.
///
/// The council's own reference identifies it. The same content under the same reference is the same referral, and is
/// answered with 200. Other content under the same reference is refused. What is taken, but is doubtful or cannot be obeyed,
/// comes back in `warnings`.
#[utoipa::path(post, path = "/referrals")]
async fn send(
    caller: Caller<ReferralsSend>,
    body: Body<ReferralMessage>,
) -> Result<CreatedOrKnown<CouncilReferral>, ApiError> {
    caller
        .scope(move |scope| {
            let (taken, id) = council_requests::take(scope, &body.value)?;
            Ok(match taken {
                Submission::Now => {
                    let referral = no_record::changed(council_requests::find_sent(scope, id, &body.value)?);
                    CreatedOrKnown::Created(Created::at(format!("/v1/council/referrals/{id}"), &referral)?)
                }
                Submission::Before => {
                    CreatedOrKnown::Known(Reply::ok(&council_requests::read_again(scope, id, &body.value)?)?)
                }
            })
        })
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CouncilReferralsFilter {
    /// Returns only referrals with this status.
    status: Option<ReferralStatus>,
    /// Returns only the referral with this reference of the council's own.
    #[param(inline, value_type = Option<Identifier<64>>)]
    council_reference: Option<String>,
    /// Returns only referrals that changed at this moment or later. What was being changed just then may be seen a minute late:
    /// ask from a minute before the last time, or read the feed.
    changed_since: Option<DateTime<Utc>>,
}

/// Lists the council's referrals, the newest first.
#[utoipa::path(get, path = "/referrals")]
async fn list(
    caller: Caller<ReferralsFollow>,
    page: Query<PageQuery>,
    filter: Query<CouncilReferralsFilter>,
) -> Result<Reply<Page<CouncilReferral>>, ApiError> {
    let paging = page.0.paging()?;
    let CouncilReferralsFilter { status, council_reference, changed_since } = filter.0;
    let reference = council_reference
        .map(|text| Identifier::<64>::parse(&text))
        .transpose()
        .map_err(|invalid| ApiError::parameter("council_reference", invalid.to_string()))?;
    caller
        .read(move |scope| {
            let reference = reference.as_ref().map(Identifier::as_str);
            council_requests::list(scope, status, reference, changed_since, &paging)
        })
        .await
}

/// Shows one referral, with the council's message and the practice's answer.
#[utoipa::path(get, path = "/referrals/{id}")]
async fn read(caller: Caller<ReferralsFollow>, id: Path<CouncilRequestId>) -> Result<Reply<CouncilReferral>, ApiError> {
    caller.read(move |scope| council_requests::read(scope, id.0)).await
}

/// Withdraws a referral, which is possible until it is accepted.
#[utoipa::path(post, path = "/referrals/{id}/withdraw")]
async fn withdraw(
    caller: Caller<ReferralsWithdraw>,
    id: Path<CouncilRequestId>,
    if_match: IfMatch,
) -> Result<Reply<CouncilReferral>, ApiError> {
    caller.change(if_match, move |scope| council_requests::find(scope, id.0), council_requests::withdraw).await
}

/// Names the practice for a referral that no rule could route, or that a practice declined or did not answer.
///
/// An officer decides this, in a session of their own.
#[utoipa::path(post, path = "/referrals/{id}/route")]
async fn route(
    caller: Caller<ReferralsRoute>,
    id: Path<CouncilRequestId>,
    if_match: IfMatch,
    body: Body<RouteReferral>,
) -> Result<Reply<CouncilReferral>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| council_requests::find(scope, id.0),
            move |scope, referral| council_requests::route_to(scope, referral, &body.value.practice),
        )
        .await
}
