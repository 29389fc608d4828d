//! Complaints that are offered, unopened, to the caller, and the interests for which some are not.

use almoner_domain::ids::{InterestId, OfferId};
use almoner_persistence::Page;
use almoner_persistence::complaints::interests::{self, DeclareInterest, Interest};
use almoner_persistence::complaints::offers::{self, AnsweredOffer, Offer, OfferWithNames, OpenOffer};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::ComplaintsOpen;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, read, answer, list_interests, declare_interest, withdraw_interest);
}

/// Lists the complaints that are offered to the caller, the oldest first.
#[utoipa::path(get, path = "/offers")]
async fn list(caller: Caller<ComplaintsOpen>, page: Query<PageQuery>) -> Result<Reply<Page<Offer>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| offers::list(scope, &paging)).await
}

/// Shows one offer, with the names of those concerned and nothing else of the complaint.
#[utoipa::path(get, path = "/offers/{id}")]
async fn read(caller: Caller<ComplaintsOpen>, id: Path<OfferId>) -> Result<Reply<OfferWithNames>, ApiError> {
    caller.read(move |scope| offers::read(scope, id.0)).await
}

/// Answers an offer: opens the complaint, or says that one knows somebody concerned.
///
/// Whoever opens a complaint has it from now on, and the complainant reads who it is. If the caller, or anybody close to them, knows
/// anybody concerned, it stays closed to them for good and is offered to the next officer at once. The same answer again changes
/// nothing.
#[utoipa::path(put, path = "/offers/{id}/answer")]
async fn answer(
    caller: Caller<ComplaintsOpen>,
    id: Path<OfferId>,
    body: Body<OpenOffer>,
) -> Result<Reply<AnsweredOffer>, ApiError> {
    caller.read(move |scope| offers::answer(scope, id.0, body.value).map(no_record::changed)).await
}

/// Lists the interests that the caller has declared, the oldest first.
#[utoipa::path(get, path = "/interests")]
async fn list_interests(
    caller: Caller<ComplaintsOpen>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Interest>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| interests::list(scope, &paging)).await
}

/// Declares an interest: a practice, or the name of somebody close.
///
/// No complaint about that practice, or in which that name stands, is offered to the caller.
#[utoipa::path(post, path = "/interests")]
async fn declare_interest(
    caller: Caller<ComplaintsOpen>,
    key: IdempotencyKey,
    body: Body<DeclareInterest>,
) -> Result<Created<Interest>, ApiError> {
    caller
        .create(
            key,
            body,
            interests::declare,
            |scope, made| interests::find(scope, made.id()).map(no_record::own),
            |interest| format!("/v1/complaints/interests/{}", interest.id),
        )
        .await
}

/// Withdraws an interest.
#[utoipa::path(delete, path = "/interests/{id}")]
async fn withdraw_interest(caller: Caller<ComplaintsOpen>, id: Path<InterestId>) -> Result<NoContent, ApiError> {
    caller.act(move |scope| interests::withdraw(scope, id.0)).await
}
