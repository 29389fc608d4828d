//! Clients: registering systems, and managing their credentials.

use almoner_domain::access::client_keys::ClientKeys;
use almoner_domain::ids::{self, ClientId};
use almoner_persistence::Page;
use almoner_persistence::access::clients::{self, AllowedAddresses, ClientSecret, NewClient, RegisteredClient};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use uuid::Uuid;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::{Description, operations};
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::{Path, PathParameter};
use crate::ground::permission::{Operate, OperateWithFreshFactor};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply, Representation};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: create,
        list,
        read,
        add_secret refuses InvalidState,
        end_secret,
        replace_keys,
        allow_addresses,
        disable refuses InvalidState,
        enable refuses InvalidState,
    );
}

/// A client with the secret that is shown only once.
#[derive(Serialize, ToSchema)]
struct ClientWithSecret {
    /// The client.
    #[serde(flatten)]
    client: RegisteredClient,
    /// Its `client_secret`: it is kept nowhere, and shown again only to the same request with the same Idempotency-Key. None
    /// for a client with keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 32, pattern = "^[a-z2-7]{32}$")]
    client_secret: Option<String>,
}

impl Representation for ClientWithSecret {
    const VERSION: Option<fn(&Self) -> i32> = Some(|shown| shown.client.version);
}

/// Registers a council's system or a partner app, and shows its secret once.
#[utoipa::path(post, path = "/clients")]
async fn create(
    caller: Caller<OperateWithFreshFactor>,
    key: IdempotencyKey,
    body: Body<NewClient>,
) -> Result<Created<ClientWithSecret>, ApiError> {
    caller
        .create(
            key,
            body,
            clients::create,
            |scope, made| {
                let client = clients::find(scope, made.id())?;
                let client_secret = made.secret().map(str::to_owned);
                Ok::<_, ApiError>(no_record::changed(ClientWithSecret { client, client_secret }))
            },
            |shown| format!("/v1/operator/clients/{}", shown.client.id),
        )
        .await
}

/// Lists the clients.
#[utoipa::path(get, path = "/clients")]
async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply<Page<RegisteredClient>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| clients::list(scope, &paging).map(no_record::of_a_tenant)).await
}

/// Shows one client.
#[utoipa::path(get, path = "/clients/{id}")]
async fn read(caller: Caller<Operate>, id: Path<ClientId>) -> Result<Reply<RegisteredClient>, ApiError> {
    caller.read(move |scope| clients::find(scope, id.0).map(no_record::of_a_tenant)).await
}

/// A request for a further secret, with the overlap with the earlier ones.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "overlap_hours": 24 }))]
struct NewSecret {
    /// The number of hours for which the earlier secrets keep working: 0 to 168, 24 if left out.
    #[serde(default = "a_day")]
    #[schema(minimum = 0, maximum = 168, default = 24)]
    overlap_hours: i64,
}

fn a_day() -> i64 {
    24
}

/// A secret that is shown only once.
#[derive(Serialize, ToSchema)]
struct SecretShown {
    /// The description of the secret.
    #[serde(flatten)]
    secret: ClientSecret,
    /// Its value, the `client_secret`: it is kept nowhere, and shown again only to the same request with the same
    /// Idempotency-Key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 32, pattern = "^[a-z2-7]{32}$")]
    client_secret: Option<String>,
}

impl Representation for SecretShown {}

/// Creates a further secret for a client, and shows it once. The earlier secrets stop working after the overlap.
#[utoipa::path(post, path = "/clients/{id}/secrets")]
async fn add_secret(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<ClientId>,
    key: IdempotencyKey,
    body: Body<NewSecret>,
) -> Result<Created<SecretShown>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, new| {
                if !(0..=168).contains(&new.overlap_hours) {
                    return Err(ApiError::parameter("/overlap_hours", "must be from 0 to 168"));
                }
                Ok(clients::add_secret(scope, id.0, TimeDelta::hours(new.overlap_hours))?)
            },
            move |scope, made| {
                let secret = clients::find_secret(scope, id.0, made.id())?;
                let client_secret = made.secret().map(str::to_owned);
                Ok::<_, ApiError>(no_record::changed(SecretShown { secret, client_secret }))
            },
            move |_| format!("/v1/operator/clients/{}", id.0),
        )
        .await
}

/// The identifier of one of a client's secrets.
#[derive(Clone, Deserialize, ToSchema)]
struct SecretId(#[serde(deserialize_with = "ids::uuid")] Uuid);

impl PathParameter for SecretId {
    const DESCRIPTION: &'static str = "The identifier of the secret";

    fn reference(_: &mut Description) -> RefOr<Schema> {
        let uuid = SchemaFormat::KnownFormat(KnownFormat::Uuid);
        ObjectBuilder::new().schema_type(Type::String).format(Some(uuid)).into()
    }
}

/// Revokes one of a client's secrets at once.
#[utoipa::path(delete, path = "/clients/{id}/secrets/{secret_id}")]
async fn end_secret(
    caller: Caller<OperateWithFreshFactor>,
    path: Path<(ClientId, SecretId)>,
) -> Result<NoContent, ApiError> {
    let (client, secret) = path.0;
    caller.act(move |scope| clients::end_secret(scope, client, secret.0)).await
}

/// Replaces a client's public keys.
///
/// A client that had secrets authenticates with the keys from now on. Its secrets stop working at once.
#[utoipa::path(put, path = "/clients/{id}/keys")]
async fn replace_keys(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<ClientId>,
    if_match: IfMatch,
    body: Body<ClientKeys>,
) -> Result<Reply<RegisteredClient>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| clients::find(scope, id.0),
            move |scope, seen| clients::replace_keys(scope, seen, &body.value),
        )
        .await
}

/// Sets the addresses from which a client may connect, with its credentials and with each of its tokens.
#[utoipa::path(put, path = "/clients/{id}/allowed-addresses")]
async fn allow_addresses(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<ClientId>,
    if_match: IfMatch,
    body: Body<AllowedAddresses>,
) -> Result<Reply<RegisteredClient>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| clients::find(scope, id.0),
            move |scope, seen| clients::allow_addresses(scope, seen, &body.value),
        )
        .await
}

/// Disables a client. It gets no token, and its present tokens stop working at once.
#[utoipa::path(post, path = "/clients/{id}/disable")]
async fn disable(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<ClientId>,
    if_match: IfMatch,
) -> Result<Reply<RegisteredClient>, ApiError> {
    caller.change(if_match, move |scope| clients::find(scope, id.0), clients::disable).await
}

/// Enables a client again.
#[utoipa::path(post, path = "/clients/{id}/enable")]
async fn enable(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<ClientId>,
    if_match: IfMatch,
) -> Result<Reply<RegisteredClient>, ApiError> {
    caller.change(if_match, move |scope| clients::find(scope, id.0), clients::enable).await
}
