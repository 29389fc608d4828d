//! The guests of a council: people whom its officers let in to complaints by name.

use almoner_domain::ids::GuestId;
use almoner_persistence::access::invitations::Link;
use almoner_persistence::access::letting_in;
use almoner_persistence::idempotency::IdempotentOutcome;
use almoner_persistence::officers::guests::{self, Guest, NewGuest};
use almoner_persistence::{ComplaintsScope, OnRecord, Page, StoreError};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{GuestsManage, GuestsRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;
use crate::representations::GuestWithLink;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        read,
        invite refuses AlreadyExists,
        invite_again refuses InvalidState,
        confirm refuses InvalidState,
        let_go refuses InvalidState,
    );
}

/// Lists the guests of the council, those who were let go among them, in the order in which they were invited.
#[utoipa::path(get, path = "/guests")]
async fn list(caller: Caller<GuestsRead>, page: Query<PageQuery>) -> Result<Reply<Page<Guest>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| guests::list(scope, &paging)).await
}

/// Shows one guest.
#[utoipa::path(get, path = "/guests/{id}")]
async fn read(caller: Caller<GuestsRead>, id: Path<GuestId>) -> Result<Reply<Guest>, ApiError> {
    caller.read(move |scope| guests::read(scope, id.0)).await
}

/// Invites somebody to be a guest of the council: a practice's handler, or an investigator from elsewhere.
///
/// Nobody chooses a password for them: a link is created, and shown once. A guest reads nothing until a complaint is assigned to them.
#[utoipa::path(post, path = "/guests")]
async fn invite(
    caller: Caller<GuestsManage>,
    key: IdempotencyKey,
    body: Body<NewGuest>,
) -> Result<Created<GuestWithLink>, ApiError> {
    caller.create(key, body, letting_in::invite, with_link, location).await
}

fn with_link(scope: &mut ComplaintsScope<'_>, done: &IdempotentOutcome) -> Result<OnRecord<GuestWithLink>, StoreError> {
    let guest = guests::find_at_the_desk(scope, done.id())?;
    Ok(no_record::changed(GuestWithLink { guest, link: done.secret().map(Link::new) }))
}

fn location(shown: &GuestWithLink) -> String {
    format!("/v1/complaints/guests/{}", shown.guest.id)
}

/// Invites a guest again who has not joined yet. The earlier link stops working.
#[utoipa::path(post, path = "/guests/{id}/invitation")]
async fn invite_again(
    caller: Caller<GuestsManage>,
    id: Path<GuestId>,
    key: IdempotencyKey,
) -> Result<Created<GuestWithLink>, ApiError> {
    let draw = move |scope: &mut ComplaintsScope<'_>| {
        let known = guests::find_at_the_desk(scope, id.0)?;
        letting_in::invite_again(scope, &known)
    };
    caller.create_bare(key, draw, with_link, location).await
}

/// Confirms that the account of a guest is still theirs, after its password and second factor were replaced through a link.
///
/// The caller did not draw the link, and sees or telephones the guest first.
#[utoipa::path(post, path = "/guests/{id}/confirm")]
async fn confirm(caller: Caller<GuestsManage>, id: Path<GuestId>, if_match: IfMatch) -> Result<Reply<Guest>, ApiError> {
    caller.change(if_match, move |scope| guests::find_at_the_desk(scope, id.0), guests::confirm).await
}

/// Lets a guest go. From their next request on nothing is open to them.
#[utoipa::path(post, path = "/guests/{id}/let-go")]
async fn let_go(caller: Caller<GuestsManage>, id: Path<GuestId>, if_match: IfMatch) -> Result<Reply<Guest>, ApiError> {
    caller.change(if_match, move |scope| guests::find_at_the_desk(scope, id.0), letting_in::let_go).await
}
