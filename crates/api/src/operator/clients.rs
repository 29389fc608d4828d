//! Systems: registering them, and what they prove themselves by.

use actix_web::{delete, get, post, put};
use almoner_domain::access::client_keys::ClientKeys;
use almoner_domain::ids::ClientId;
use almoner_persistence::access::clients::{self, AllowedAddresses, ClientSecret, NewClient, RegisteredClient};
use almoner_persistence::{OperatorScope, Page, StoreError};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::body::Body;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::once::OnceKey;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{Operate, OperateWithFreshFactor};
use crate::problem::ApiError;
use crate::reply::Reply;

/// A client with the secret that is shown this once.
#[derive(Serialize, ToSchema)]
struct ClientWithSecret {
    /// The client.
    #[serde(flatten)]
    client: RegisteredClient,
    /// Its `client_secret`: it is kept nowhere, and shown again only to the same request with the same Idempotency-Key. None
    /// for a client with keys.
    client_secret: Option<String>,
}

/// Registers a council's system or a partner app, and shows its secret once.
#[utoipa::path(
    params(OnceKey),
    request_body = NewClient,
    responses((status = 201, description = "Registered", body = ClientWithSecret)),
    security(("operator" = [])),
)]
#[post("/clients")]
pub(super) async fn create(
    caller: Caller<OperateWithFreshFactor>,
    once: OnceKey,
    body: Body<NewClient>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| Ok(clients::create(scope, new)?))?;
            let client = clients::find(scope, done.id())?;
            let location = format!("/v1/operator/clients/{}", client.id);
            let (version, client_secret) = (client.version, done.secret().map(str::to_owned));
            Ok(Reply::created(&ClientWithSecret { client, client_secret }, location)?.version(version).once(&done))
        })
        .await
}

/// The clients.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page", body = Page<RegisteredClient>)),
    security(("operator" = [])),
)]
#[get("/clients")]
pub(super) async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&clients::list(scope, &paging)?)).await
}

/// One client.
#[utoipa::path(
    params(("id" = ClientId, Path, description = "The client")),
    responses((status = 200, description = "The client", body = RegisteredClient)),
    security(("operator" = [])),
)]
#[get("/clients/{id}")]
pub(super) async fn read(caller: Caller<Operate>, id: Path<ClientId>) -> Result<Reply, ApiError> {
    caller.scope(move |scope| shown(scope, id.0)).await
}

fn shown(scope: &mut OperatorScope<'_>, id: ClientId) -> Result<Reply, ApiError> {
    let client = clients::find(scope, id)?;
    Ok(Reply::ok(&client)?.version(client.version))
}

/// How the new secret follows on the earlier ones.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "overlap_hours": 24 }))]
struct NewSecret {
    /// For how many hours the earlier ones go on: 0 to 168, 24 if left out.
    #[serde(default = "a_day")]
    #[schema(minimum = 0, maximum = 168, default = 24)]
    overlap_hours: i64,
}

fn a_day() -> i64 {
    24
}

/// A secret that is shown this once.
#[derive(Serialize, ToSchema)]
struct SecretShown {
    /// The secret.
    #[serde(flatten)]
    secret: ClientSecret,
    /// Its value, the `client_secret`: it is kept nowhere, and shown again only to the same request with the same
    /// Idempotency-Key.
    client_secret: Option<String>,
}

/// Makes a further secret for a client and shows it once; the earlier ones end after the overlap.
#[utoipa::path(
    params(("id" = ClientId, Path, description = "The client"), OnceKey),
    request_body = NewSecret,
    responses((status = 201, description = "Made", body = SecretShown)),
    security(("operator" = [])),
)]
#[post("/clients/{id}/secrets")]
pub(super) async fn add_secret(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<ClientId>,
    once: OnceKey,
    body: Body<NewSecret>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| {
                if !(0..=168).contains(&new.overlap_hours) {
                    return Err(ApiError::parameter("/overlap_hours", "must be from 0 to 168"));
                }
                Ok(clients::add_secret(scope, id.0, TimeDelta::hours(new.overlap_hours))?)
            })?;
            let secret = clients::find_secret(scope, id.0, done.id())?;
            let location = format!("/v1/operator/clients/{}", id.0);
            let client_secret = done.secret().map(str::to_owned);
            Ok(Reply::created(&SecretShown { secret, client_secret }, location)?.once(&done))
        })
        .await
}

/// Ends one of a client's secrets at once.
#[utoipa::path(
    params(
        ("id" = ClientId, Path, description = "The client"),
        ("secret_id" = Uuid, Path, description = "The secret"),
    ),
    responses((status = 204, description = "Ended")),
    security(("operator" = [])),
)]
#[delete("/clients/{id}/secrets/{secret_id}")]
pub(super) async fn end_secret(
    caller: Caller<OperateWithFreshFactor>,
    path: Path<(ClientId, Uuid)>,
) -> Result<Reply, ApiError> {
    let (client, secret) = path.0;
    caller
        .scope(move |scope| {
            clients::end_secret(scope, client, secret)?;
            Ok(Reply::nothing())
        })
        .await
}

/// Changes the version that the caller has seen, and shows what it is now.
async fn change(
    caller: Caller<OperateWithFreshFactor>,
    id: ClientId,
    if_match: IfMatch,
    work: impl FnOnce(&mut OperatorScope<'_>, &RegisteredClient) -> Result<(), StoreError> + Send + 'static,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let seen = clients::find(scope, id)?;
            if_match.check(seen.version)?;
            work(scope, &seen)?;
            shown(scope, id)
        })
        .await
}

/// Replaces a client's public keys. A client that had secrets proves itself by the keys from now on; its secrets end at once.
#[utoipa::path(
    params(("id" = ClientId, Path, description = "The client"), IfMatch),
    request_body = ClientKeys,
    responses((status = 200, description = "Replaced", body = RegisteredClient)),
    security(("operator" = [])),
)]
#[put("/clients/{id}/keys")]
pub(super) async fn replace_keys(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<ClientId>,
    if_match: IfMatch,
    body: Body<ClientKeys>,
) -> Result<Reply, ApiError> {
    change(caller, id.0, if_match, move |scope, seen| clients::replace_keys(scope, seen, &body.value)).await
}

/// Says from which addresses a client may come: with its credentials, and with each of its tokens.
#[utoipa::path(
    params(("id" = ClientId, Path, description = "The client"), IfMatch),
    request_body = AllowedAddresses,
    responses((status = 200, description = "Replaced", body = RegisteredClient)),
    security(("operator" = [])),
)]
#[put("/clients/{id}/allowed-addresses")]
pub(super) async fn allow_addresses(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<ClientId>,
    if_match: IfMatch,
    body: Body<AllowedAddresses>,
) -> Result<Reply, ApiError> {
    change(caller, id.0, if_match, move |scope, seen| clients::allow_addresses(scope, seen, &body.value)).await
}

/// Disables a client: it gets no token, and those that it has stop working at once.
#[utoipa::path(
    params(("id" = ClientId, Path, description = "The client"), IfMatch),
    responses((status = 200, description = "Disabled", body = RegisteredClient)),
    security(("operator" = [])),
)]
#[post("/clients/{id}/disable")]
pub(super) async fn disable(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<ClientId>,
    if_match: IfMatch,
) -> Result<Reply, ApiError> {
    change(caller, id.0, if_match, clients::disable).await
}

/// Enables a client again.
#[utoipa::path(
    params(("id" = ClientId, Path, description = "The client"), IfMatch),
    responses((status = 200, description = "Enabled", body = RegisteredClient)),
    security(("operator" = [])),
)]
#[post("/clients/{id}/enable")]
pub(super) async fn enable(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<ClientId>,
    if_match: IfMatch,
) -> Result<Reply, ApiError> {
    change(caller, id.0, if_match, clients::enable).await
}
