//! Accounts, as the operator sees them: their owners, and whether they are enabled; never their roles in a practice.

use almoner_domain::ids::AccountId;
use almoner_domain::words::email::Email;
use almoner_domain::words::text::Line;
use almoner_persistence::Page;
use almoner_persistence::access::accounts::{self, AccountSummary};
use almoner_persistence::access::invitations::{self, Link};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{Operate, OperateWithFreshFactor};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply, Representation};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: invite refuses AlreadyExists,
        list,
        read,
        disable,
        enable,
        release_address,
        offer_credential_reset,
    );
}

/// An invitation of another operator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "sam.reed@almoner.example", "name": "Sam Reed" }))]
struct NewOperator {
    /// The operator's email address, for an account of its own. An operator belongs to no practice.
    email: Email,
    /// The operator's name.
    name: Line<200>,
}

/// A link that is shown only once.
#[derive(Serialize, ToSchema)]
struct LinkDrawn {
    /// The link; shown again only to the same request with the same Idempotency-Key.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
}

impl Representation for LinkDrawn {}

/// Invites somebody to operate the service.
#[utoipa::path(post, path = "/accounts")]
async fn invite(
    caller: Caller<OperateWithFreshFactor>,
    key: IdempotencyKey,
    body: Body<NewOperator>,
) -> Result<Created<LinkDrawn>, ApiError> {
    caller
        .create(
            key,
            body,
            |scope, new| invitations::invite_operator(scope, &new.email, new.name.as_str()),
            |_, made| Ok::<_, ApiError>(no_record::changed(LinkDrawn { link: made.secret().map(Link::new) })),
            |_| "/v1/operator/accounts".to_owned(),
        )
        .await
}

/// Lists the accounts.
#[utoipa::path(get, path = "/accounts")]
async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply<Page<AccountSummary>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| accounts::list(scope, &paging).map(no_record::of_a_tenant)).await
}

/// Shows one account.
#[utoipa::path(get, path = "/accounts/{id}")]
async fn read(caller: Caller<Operate>, id: Path<AccountId>) -> Result<Reply<AccountSummary>, ApiError> {
    caller.read(move |scope| accounts::seen(scope, id.0).map(no_record::of_a_tenant)).await
}

/// Disables an account. From the next request on its memberships are refused, and its sessions have ended for good.
#[utoipa::path(post, path = "/accounts/{id}/disable")]
async fn disable(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<AccountId>,
) -> Result<Reply<AccountSummary>, ApiError> {
    set_disabled(caller, id.0, true).await
}

/// Enables an account again. Its owner signs in anew.
#[utoipa::path(post, path = "/accounts/{id}/enable")]
async fn enable(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<AccountId>,
) -> Result<Reply<AccountSummary>, ApiError> {
    set_disabled(caller, id.0, false).await
}

async fn set_disabled(
    caller: Caller<OperateWithFreshFactor>,
    id: AccountId,
    disabled: bool,
) -> Result<Reply<AccountSummary>, ApiError> {
    caller
        .scope(move |scope| {
            accounts::set_disabled(scope, id, disabled)?;
            Reply::ok(&no_record::changed(accounts::seen(scope, id)?))
        })
        .await
}

/// Releases the address of an account, for the person whose address it is.
///
/// Somebody else had made the account, by a link of a practice that did not know the person. The account keeps what it
/// has, under an address that is nobody's, and its sessions end. The person then accepts an invitation as anybody does,
/// with an account of their own.
#[utoipa::path(post, path = "/accounts/{id}/release-address")]
async fn release_address(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<AccountId>,
) -> Result<Reply<AccountSummary>, ApiError> {
    caller
        .scope(move |scope| {
            accounts::release_address(scope, id.0)?;
            Reply::ok(&no_record::changed(accounts::seen(scope, id.0)?))
        })
        .await
}

/// Creates a link with which the owner of an account resets a lost password and second factor.
///
/// Once it is used, every practice to which the owner belongs has to confirm the account before it opens anything there.
#[utoipa::path(post, path = "/accounts/{id}/credential-reset")]
async fn offer_credential_reset(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<AccountId>,
    key: IdempotencyKey,
) -> Result<Created<LinkDrawn>, ApiError> {
    caller
        .create_bare(
            key,
            move |scope| invitations::reset_credentials_for_operator(scope, id.0),
            |_, made| Ok::<_, ApiError>(no_record::changed(LinkDrawn { link: made.secret().map(Link::new) })),
            move |_| format!("/v1/operator/accounts/{}", id.0),
        )
        .await
}
