//! Accounts, as who runs the service sees them: whose they are, and whether they count; never what they may do in a practice.

use actix_web::{get, post};
use almoner_domain::ids::AccountId;
use almoner_domain::words::email::Email;
use almoner_domain::words::text::Line;
use almoner_persistence::Page;
use almoner_persistence::access::accounts::{self, AccountSeen};
use almoner_persistence::access::invitations::{self, Link};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Body;
use crate::caller::Caller;
use crate::once::OnceKey;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{Operate, OperateWithFreshFactor};
use crate::problem::ApiError;
use crate::reply::Reply;

/// An operator to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "sam.reed@almoner.example", "name": "Sam Reed" }))]
struct NewOperator {
    /// Their e-mail address, of an account of its own: who runs the service is nobody in a practice.
    email: Email,
    /// Their name.
    name: Line<200>,
}

/// A link, shown this once.
#[derive(Serialize, ToSchema)]
struct LinkDrawn {
    /// The link; shown again only to the same request with the same Idempotency-Key.
    link: Option<Link>,
}

/// Invites somebody to run the service. Wants a fresh second factor.
#[utoipa::path(
    params(OnceKey),
    request_body = NewOperator,
    responses((status = 201, description = "Invited", body = LinkDrawn)),
    security(("operator" = [])),
)]
#[post("/accounts")]
pub(super) async fn invite(
    caller: Caller<OperateWithFreshFactor>,
    once: OnceKey,
    body: Body<NewOperator>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| {
                Ok(invitations::invite_operator(scope, &new.email, new.name.as_str())?)
            })?;
            let link = done.secret().map(Link::new);
            Ok(Reply::created(&LinkDrawn { link }, "/v1/operator/accounts".to_owned())?.once(&done))
        })
        .await
}

/// The accounts.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page", body = Page<AccountSeen>)),
    security(("operator" = [])),
)]
#[get("/accounts")]
pub(super) async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&accounts::list(scope, &paging)?)).await
}

/// One account.
#[utoipa::path(
    params(("id" = AccountId, Path, description = "The account")),
    responses((status = 200, description = "The account", body = AccountSeen)),
    security(("operator" = [])),
)]
#[get("/accounts/{id}")]
pub(super) async fn read(caller: Caller<Operate>, id: Path<AccountId>) -> Result<Reply, ApiError> {
    caller.scope(move |scope| Reply::ok(&accounts::seen(scope, id.0)?)).await
}

/// Disables an account: from the next request on nothing of it counts. Wants a fresh second factor.
#[utoipa::path(
    params(("id" = AccountId, Path, description = "The account")),
    responses((status = 200, description = "Disabled", body = AccountSeen)),
    security(("operator" = [])),
)]
#[post("/accounts/{id}/disable")]
pub(super) async fn disable(caller: Caller<OperateWithFreshFactor>, id: Path<AccountId>) -> Result<Reply, ApiError> {
    set_disabled(caller, id.0, true).await
}

/// Enables an account again. Wants a fresh second factor.
#[utoipa::path(
    params(("id" = AccountId, Path, description = "The account")),
    responses((status = 200, description = "Enabled", body = AccountSeen)),
    security(("operator" = [])),
)]
#[post("/accounts/{id}/enable")]
pub(super) async fn enable(caller: Caller<OperateWithFreshFactor>, id: Path<AccountId>) -> Result<Reply, ApiError> {
    set_disabled(caller, id.0, false).await
}

async fn set_disabled(
    caller: Caller<OperateWithFreshFactor>,
    id: AccountId,
    disabled: bool,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            accounts::set_disabled(scope, id, disabled)?;
            Reply::ok(&accounts::seen(scope, id)?)
        })
        .await
}

/// Draws a link by which the owner of an account replaces a lost password and second factor. What they may do in a practice
/// waits until somebody there has said that the account is still theirs. Wants a fresh second factor.
#[utoipa::path(
    params(("id" = AccountId, Path, description = "The account"), OnceKey),
    responses((status = 201, description = "A link", body = LinkDrawn)),
    security(("operator" = [])),
)]
#[post("/accounts/{id}/replacement")]
pub(super) async fn offer_replacement(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<AccountId>,
    once: OnceKey,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run_bare(scope, |scope| Ok(invitations::replace_for_operator(scope, id.0)?))?;
            let link = done.secret().map(Link::new);
            Ok(Reply::created(&LinkDrawn { link }, format!("/v1/operator/accounts/{}", id.0))?.once(&done))
        })
        .await
}
