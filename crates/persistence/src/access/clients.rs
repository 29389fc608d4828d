//! Councils' systems and partner apps: OAuth 2.0 clients, as the operator keeps them.

use std::collections::HashMap;

use almoner_domain::access::address_range::AddressRange;
use almoner_domain::access::apps::App;
use almoner_domain::access::client_keys::ClientKeys;
use almoner_domain::access::clients::{self as rules, SaidOfAnApp};
use almoner_domain::events::Event;
use almoner_domain::ids::{ClientId, CouncilId};
use almoner_domain::words::closed_list::{one_of, some_of};
use almoner_domain::words::text::{self, Line};
use almoner_domain::words::web_address::WebAddress;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa::openapi::{Array, Object};
use uuid::Uuid;

use super::apps;
use crate::ground::error::StoreError;
use crate::ground::idempotency::Made;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::random;
use crate::ground::schema::{client_secrets, clients, councils as council_rows};
use crate::ground::scope::OperatorScope;
use crate::tenancy::councils::{self, CouncilName};

/// A client. Its secrets are shown once each, when they are made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegisteredClient {
    /// The identifier of the client: its `client_id`.
    pub id: ClientId,
    /// The kind of client: `council` or `partner`.
    #[schema(schema_with = kind)]
    pub kind: String,
    /// The council whose system it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub council: Option<CouncilName>,
    /// The name of the client.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// Who runs a partner app.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<200>>)]
    pub run_by: Option<String>,
    /// Those who own or manage whoever runs a partner app.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub controlled_by: Vec<Line<200>>,
    /// Where anybody finds a partner app: the public procedure for complaining leads there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<WebAddress>,
    /// The client's scopes.
    #[schema(schema_with = registered_scopes)]
    pub scopes: Vec<String>,
    /// The public keys by which it proves itself; none if it does so by a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<ClientKeys>,
    /// The client's secrets that have not expired, without their values.
    #[schema(max_items = 1000)]
    pub secrets: Vec<ClientSecret>,
    /// The address ranges from which the client may call. Empty if it may call from anywhere.
    #[schema(max_items = 50)]
    pub allowed_addresses: Vec<AddressRange>,
    /// When the client was disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<DateTime<Utc>>,
    /// When the client was registered.
    pub created_at: DateTime<Utc>,
    /// The version of the client, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// A client's secret, without its value.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = client_secrets)]
pub struct ClientSecret {
    /// The identifier of the secret.
    #[diesel(column_name = secret_id)]
    pub id: Uuid,
    /// When the secret was made.
    pub created_at: DateTime<Utc>,
    /// When the secret expires; none while no other follows on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = clients)]
struct ClientRow {
    client_id: ClientId,
    kind: String,
    name: String,
    run_by: Option<String>,
    controlled_by: Vec<Line<200>>,
    website: Option<WebAddress>,
    scopes: Vec<String>,
    jwks: Option<String>,
    allowed_addresses: Vec<AddressRange>,
    disabled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    version: i32,
}

impl ClientRow {
    fn with(self, council: Option<CouncilName>, secrets: Vec<ClientSecret>) -> Result<RegisteredClient, StoreError> {
        Ok(RegisteredClient {
            id: self.client_id,
            kind: self.kind,
            council,
            name: self.name,
            run_by: self.run_by,
            controlled_by: self.controlled_by,
            website: self.website,
            scopes: self.scopes,
            jwks: self.jwks.map(|jwks| serde_json::from_str(&jwks)).transpose().map_err(StoreError::unreadable)?,
            secrets,
            allowed_addresses: self.allowed_addresses,
            disabled_at: self.disabled_at,
            created_at: self.created_at,
            version: self.version,
        })
    }
}

fn kind() -> Object {
    one_of("The kind of client: a council's system or a partner app.", &["council", "partner"])
}

fn registered_scopes() -> Array {
    some_of("The client's scopes.", 0, &rules::COUNCIL_SCOPES)
}

fn scopes() -> Array {
    let words = "The client's scopes: one or both for a council's system, `complaints` for a partner app.";
    some_of(words, 1, &rules::COUNCIL_SCOPES)
}

/// A client to register: a council's system if it names a council, otherwise a partner app.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "council_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "name": "Adult social care system", "scopes": ["referrals"],
}))]
pub struct NewClient {
    /// The council whose system the client is. Left out for a partner app.
    #[serde(default)]
    pub council_id: Option<CouncilId>,
    /// The name of the client.
    pub name: Line<200>,
    /// Who runs a partner app: nobody who runs or controls a practice. A council runs its own systems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_by: Option<Line<200>>,
    /// Those who own or manage whoever runs a partner app, by their full names: directors, trustees, people with significant control. None
    /// owns a practice.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 20>", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub controlled_by: Vec<Line<200>>,
    /// Where anybody finds a partner app. Left out, the public is not told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<WebAddress>,
    /// The client's scopes: `referrals` and `complaints` for a council's system, `complaints` for a partner app.
    #[schema(schema_with = scopes)]
    pub scopes: Vec<String>,
    /// The public keys with which the client will authenticate (`private_key_jwt`). Without them it is given a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<ClientKeys>,
    /// The address ranges from which the client may call. Left out, it may call from anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub allowed_addresses: Vec<AddressRange>,
}

/// The addresses from which a client may call.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetAllowedAddresses, example = json!({ "allowed_addresses": ["203.0.113.0/24", "2001:db8:12::/48"] }))]
pub struct AllowedAddresses {
    /// The address ranges from which the client may call. Empty, it may call from anywhere.
    #[schema(max_items = 50)]
    pub allowed_addresses: Vec<AddressRange>,
}

/// Registers a client. Returns its secret, unless it authenticates with keys. The secret is kept only as a hash.
pub fn create(scope: &mut OperatorScope<'_>, new: &NewClient) -> Result<Made, StoreError> {
    let said = SaidOfAnApp {
        run_by: new.run_by.is_some(),
        controlled_by: new.controlled_by.len(),
        website: new.website.is_some(),
    };
    rules::register(new.council_id.is_some(), said, &new.scopes, new.allowed_addresses.len())?;
    if let Some(run_by) = &new.run_by {
        let (name, run_by) = (new.name.as_str(), run_by.as_str());
        let app = App { name, run_by, controlled_by: &new.controlled_by, website: new.website.as_ref() };
        StoreError::unless_faulty(apps::faults(scope, app)?)?;
    }
    let kind = if new.council_id.is_some() { "council" } else { "partner" };
    if let Some(council) = new.council_id {
        councils::hold(scope, council).map_err(|error| error.unless_found("/council_id"))?;
    }
    let id: ClientId = scope.next_id();
    diesel::insert_into(clients::table)
        .values((
            clients::client_id.eq(id),
            clients::kind.eq(kind),
            clients::run_by.eq(&new.run_by),
            clients::controlled_by.eq(&new.controlled_by),
            clients::website.eq(&new.website),
            clients::council_id.eq(new.council_id),
            clients::name.eq(&new.name),
            clients::scopes.eq(&new.scopes),
            clients::jwks.eq(new.jwks.as_ref().map(as_json).transpose()?),
            clients::allowed_addresses.eq(&new.allowed_addresses),
            clients::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    scope.record(Event::ClientCreated { client: id })?;
    let secret = if new.jwks.is_none() { Some(make_secret(scope, id)?.1) } else { None };
    Ok(Made { id: id.uuid(), secret })
}

fn as_json(keys: &ClientKeys) -> Result<String, StoreError> {
    serde_json::to_string(keys).map_err(StoreError::unreadable)
}

fn make_secret(scope: &mut OperatorScope<'_>, client: ClientId) -> Result<(Uuid, String), StoreError> {
    let (id, secret): (Uuid, String) = (scope.next_id(), random::secret());
    diesel::insert_into(client_secrets::table)
        .values((
            client_secrets::client_id.eq(client),
            client_secrets::secret_id.eq(id),
            client_secrets::hash.eq(hash(&secret)),
            client_secrets::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    scope.record(Event::ClientSecretMade { secret: id })?;
    Ok((id, secret))
}

/// The hash that is kept of a secret. Nobody can guess 160 random bits, so a plain hash is enough.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Makes a further secret. Earlier secrets expire after `overlap`, unless they expire before.
pub fn add_secret(scope: &mut OperatorScope<'_>, client: ClientId, overlap: TimeDelta) -> Result<Made, StoreError> {
    // The lock keeps two requests at once from leaving each other's secret without an end.
    let jwks: Option<String> =
        clients::table.find(client.uuid()).select(clients::jwks).for_no_key_update().first(scope.conn)?;
    rules::add_secret(jwks.is_some())?;
    let ends = scope.at() + overlap;
    update(client_secrets::table)
        .filter(client_secrets::client_id.eq(client))
        .filter(client_secrets::expires_at.is_null().or(client_secrets::expires_at.gt(ends)))
        .set(client_secrets::expires_at.eq(ends))
        .execute(scope.conn)?;
    let (id, secret) = make_secret(scope, client)?;
    touch(scope, client)?;
    Ok(Made { id, secret: Some(secret) })
}

/// Finds one secret. Fails with not found for an unknown one and for another client's.
pub fn find_secret(scope: &mut OperatorScope<'_>, client: ClientId, secret: Uuid) -> Result<ClientSecret, StoreError> {
    Ok(client_secrets::table.find((client.uuid(), secret)).select(ClientSecret::as_select()).first(scope.conn)?)
}

/// Ends a secret at once, with every token that the client has: one of them may be the work of whoever else had the secret.
/// Fails with not found for a secret that has already ended.
pub fn end_secret(scope: &mut OperatorScope<'_>, client: ClientId, secret: Uuid) -> Result<(), StoreError> {
    let at = scope.at();
    let ended = update(client_secrets::table)
        .filter(client_secrets::client_id.eq(client).and(client_secrets::secret_id.eq(secret)))
        .filter(client_secrets::expires_at.is_null().or(client_secrets::expires_at.gt(at)))
        .set(client_secrets::expires_at.eq(at))
        .execute(scope.conn)?;
    if ended == 0 {
        return Err(StoreError::NotFound);
    }
    touch(scope, client)?;
    end_tokens(scope, client)?;
    scope.record(Event::ClientSecretEnded { secret })
}

/// Replaces the client's credentials with these keys. Earlier keys, secrets and tokens stop working at once.
pub fn replace_keys(
    scope: &mut OperatorScope<'_>,
    seen: &RegisteredClient,
    keys: &ClientKeys,
) -> Result<(), StoreError> {
    change(scope, seen, Change { jwks: Some(as_json(keys)?), ..Change::default() })?;
    let at = scope.at();
    update(client_secrets::table)
        .filter(client_secrets::client_id.eq(seen.id))
        .filter(client_secrets::expires_at.is_null().or(client_secrets::expires_at.gt(at)))
        .set(client_secrets::expires_at.eq(at))
        .execute(scope.conn)?;
    end_tokens(scope, seen.id)?;
    scope.record(Event::ClientKeysChanged { client: seen.id })
}

/// Sets the addresses from which the client may call.
pub fn allow_addresses(
    scope: &mut OperatorScope<'_>,
    seen: &RegisteredClient,
    allowed: &AllowedAddresses,
) -> Result<(), StoreError> {
    rules::check_ranges(allowed.allowed_addresses.len())?;
    let ranges = Some(allowed.allowed_addresses.clone());
    change(scope, seen, Change { allowed_addresses: ranges, ..Change::default() })?;
    scope.record(Event::ClientAddressesChanged { client: seen.id })
}

/// Disables the client. Its credentials are refused from now on, and its tokens for good: once it is enabled again, it asks for
/// another (ASVS 7.4.2).
pub fn disable(scope: &mut OperatorScope<'_>, seen: &RegisteredClient) -> Result<(), StoreError> {
    rules::disable(seen.disabled_at.is_some())?;
    let at = scope.at();
    change(scope, seen, Change { disabled_at: Some(Some(at)), ..Change::default() })?;
    end_tokens(scope, seen.id)?;
    scope.record(Event::ClientDisabled { client: seen.id })
}

/// Enables the client again. Its credentials are those of before, its tokens of before are not.
pub fn enable(scope: &mut OperatorScope<'_>, seen: &RegisteredClient) -> Result<(), StoreError> {
    let is_run_by_a_practice = match &seen.run_by {
        Some(run_by) => {
            let (name, website) = (seen.name.as_str(), seen.website.as_ref());
            let app = App { name, run_by, controlled_by: &seen.controlled_by, website };
            !apps::faults(scope, app)?.is_empty()
        }
        None => false,
    };
    rules::enable(seen.disabled_at.is_some(), is_run_by_a_practice)?;
    change(scope, seen, Change { disabled_at: Some(None), ..Change::default() })?;
    scope.record(Event::ClientEnabled { client: seen.id })
}

/// The columns that a change of a client sets. `None` leaves a column as it is.
#[derive(Default, AsChangeset)]
#[diesel(table_name = clients)]
struct Change {
    jwks: Option<String>,
    allowed_addresses: Option<Vec<AddressRange>>,
    #[expect(clippy::option_option, reason = "none stays as it is; some of none is set to NULL")]
    disabled_at: Option<Option<DateTime<Utc>>>,
}

/// Changes the client that the caller has read, if it still has that version.
fn change(scope: &mut OperatorScope<'_>, seen: &RegisteredClient, change: Change) -> Result<(), StoreError> {
    let changed = update(clients::table.find(seen.id.uuid()))
        .filter(clients::version.eq(seen.version))
        .set((change, clients::version.eq(seen.version + 1)))
        .execute(scope.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::VersionMismatch(find(scope, seen.id)?.version)) }
}

/// Counts the version up when a secret is added or ended, because secrets are shown with the client.
fn touch(scope: &mut OperatorScope<'_>, client: ClientId) -> Result<(), StoreError> {
    let touched = update(clients::table.find(client.uuid()))
        .set(clients::version.eq(clients::version + 1))
        .execute(scope.conn)?;
    StoreError::unless_changed(touched, "the client")
}

/// Ends every token that the client has.
fn end_tokens(scope: &mut OperatorScope<'_>, client: ClientId) -> Result<(), StoreError> {
    let ended = update(clients::table.find(client.uuid()))
        .set(clients::token_generation.eq(clients::token_generation + 1))
        .execute(scope.conn)?;
    StoreError::unless_changed(ended, "the client")
}

/// Finds one client.
pub fn find(scope: &mut OperatorScope<'_>, id: ClientId) -> Result<RegisteredClient, StoreError> {
    let (row, council): (ClientRow, _) = clients::table
        .left_join(council_rows::table)
        .filter(clients::client_id.eq(id))
        .select((ClientRow::as_select(), Option::<CouncilName>::as_select()))
        .first(scope.conn)?;
    let secrets = secrets_of(scope, &[id])?.remove(&id).unwrap_or_default();
    row.with(council, secrets)
}

/// Lists the clients, in the order in which they were registered.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<RegisteredClient>, StoreError> {
    let rows: Vec<(ClientRow, Option<CouncilName>)> = clients::table
        .left_join(council_rows::table)
        .filter(clients::client_id.gt(paging.after_id()?.unwrap_or(Uuid::nil())))
        .order(clients::client_id)
        .limit(paging.fetch())
        .select((ClientRow::as_select(), Option::<CouncilName>::as_select()))
        .load(scope.conn)?;
    let ids: Vec<ClientId> = rows.iter().map(|(row, _)| row.client_id).collect();
    let mut secrets = secrets_of(scope, &ids)?;
    let all = rows.into_iter().map(|(row, council)| {
        let of_this = secrets.remove(&row.client_id).unwrap_or_default();
        row.with(council, of_this)
    });
    let all = all.collect::<Result<Vec<_>, _>>()?;
    Ok(paging.page(all, |client| client.id.uuid()))
}

/// Reads the secrets of these clients that have not expired, the oldest first.
fn secrets_of(
    scope: &mut OperatorScope<'_>,
    ids: &[ClientId],
) -> Result<HashMap<ClientId, Vec<ClientSecret>>, StoreError> {
    let rows: Vec<(ClientId, ClientSecret)> = client_secrets::table
        .filter(client_secrets::client_id.eq_any(ids))
        .filter(client_secrets::expires_at.is_null().or(client_secrets::expires_at.gt(scope.at())))
        .order((client_secrets::client_id, client_secrets::secret_id))
        .select((client_secrets::client_id, ClientSecret::as_select()))
        .load(scope.conn)?;
    let mut secrets: HashMap<ClientId, Vec<ClientSecret>> = HashMap::new();
    for (client, secret) in rows {
        secrets.entry(client).or_default().push(secret);
    }
    Ok(secrets)
}
