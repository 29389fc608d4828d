//! Authentication of clients: the credentials that a client shows when it asks for a token, and whether its token is still valid.

use almoner_domain::access::address_range::AddressRange;
use almoner_domain::access::client_keys::ClientKeys;
use almoner_domain::events::{Door, Event, LogOwner};
use almoner_domain::ids::{ClientId, CouncilId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::ground::callers::{Client, ClientToken};
use crate::ground::error::StoreError;
use crate::ground::schema::{client_assertions, client_secrets, clients, revoked_tokens};
use crate::ground::scope::{IdentityScope, Scope};
use crate::ground::transaction::setting;

/// A client that a request names, with its credentials.
pub struct NamedClient {
    /// The client and its scopes, valid once it has authenticated.
    pub client: Client,
    /// Whether the client has been disabled.
    pub disabled: bool,
    /// The client's public keys. A client that has keys cannot authenticate with a secret.
    pub keys: Option<ClientKeys>,
    secrets: Vec<Vec<u8>>,
}

impl NamedClient {
    /// Whether this is a secret of the client's own that has not expired.
    pub fn has_secret(&self, secret: &str) -> bool {
        // Both are hashes of secrets of 160 random bits, so the time that the comparison takes tells nothing of either.
        let hash = crate::access::clients::hash(secret);
        self.keys.is_none() && self.secrets.contains(&hash)
    }
}

/// Finds the client with this identifier. Returns `None` if it is unknown.
pub fn find(scope: &mut IdentityScope<'_>, id: ClientId) -> Result<Option<NamedClient>, StoreError> {
    type FindRow = (Option<Uuid>, Vec<String>, Option<DateTime<Utc>>, Option<String>, Vec<AddressRange>, i32);
    scope.execute(&[setting("app.client", id.uuid())])?;
    let row: Option<FindRow> = clients::table
        .filter(clients::client_id.eq(id.uuid()))
        .select((
            clients::council_id,
            clients::scopes,
            clients::disabled_at,
            clients::jwks,
            clients::allowed_addresses,
            clients::token_generation,
        ))
        .first(scope.conn)
        .optional()?;
    // Secrets are looked up for an unknown client too, so that the time to the answer does not show whether the client exists.
    let secrets = client_secrets::table
        .filter(client_secrets::client_id.eq(id.uuid()))
        .filter(client_secrets::expires_at.is_null().or(client_secrets::expires_at.gt(scope.at())))
        .select(client_secrets::hash)
        .load(scope.conn)?;
    let Some((council_id, scopes, disabled_at, jwks, allowed_addresses, token_generation)) = row else {
        return Ok(None);
    };
    let keys = jwks.map(|jwks| serde_json::from_str(&jwks)).transpose().map_err(StoreError::unreadable)?;
    Ok(Some(NamedClient {
        client: Client {
            client_id: id,
            council_id: council_id.map(CouncilId::from),
            scopes,
            allowed_addresses,
            token_generation,
        },
        disabled: disabled_at.is_some(),
        keys,
        secrets,
    }))
}

/// Remembers an assertion until it expires. Returns `false` if it was used before. Of two uses at once, one is the first.
pub fn use_assertion(
    scope: &mut IdentityScope<'_>,
    client: ClientId,
    jti: &str,
    expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let remembered = diesel::insert_into(client_assertions::table)
        .values((
            client_assertions::client_id.eq(client.uuid()),
            client_assertions::jti_hash.eq(Sha256::digest(jti.as_bytes()).to_vec()),
            client_assertions::expires_at.eq(expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    Ok(remembered == 1)
}

/// The outcome of a client's request at the endpoints that authenticate it themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client did not authenticate, or it is disabled.
    Refused,
    /// The client authenticated, from an address that is not among its own.
    RefusedAddress,
    /// The client authenticated, and asked for a scope that it does not have.
    RefusedScope,
    /// The client was given a token.
    TokenIssued,
}

/// Records the outcome for a client that is known. Nothing is recorded of an unknown client, because strangers could fill
/// the log.
pub fn record(scope: &mut IdentityScope<'_>, client: ClientId, outcome: Outcome) -> Result<(), StoreError> {
    // A caller that did not authenticate is not recorded as the client that it named.
    let (actor, event) = match outcome {
        Outcome::Refused => (None, Event::ClientRefused { client }),
        Outcome::RefusedAddress => (Some(client.uuid()), Event::ClientAddressRefused { client }),
        Outcome::RefusedScope => (Some(client.uuid()), Event::TokenRefused { client }),
        Outcome::TokenIssued => (Some(client.uuid()), Event::TokenIssued { client }),
    };
    scope.acts(LogOwner::Platform, actor, Door::Identity);
    scope.record(event)
}

/// Revokes a token of the client's own before it expires. Revoking it again changes nothing.
pub fn revoke(scope: &mut IdentityScope<'_>, token: ClientToken, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
    let revoked = diesel::insert_into(revoked_tokens::table)
        .values((
            revoked_tokens::client_id.eq(token.client.uuid()),
            revoked_tokens::jti.eq(token.jti),
            revoked_tokens::expires_at.eq(expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    if revoked == 1 {
        scope.acts(LogOwner::Platform, Some(token.client.uuid()), Door::Identity);
        scope.record(Event::TokenRevoked { token: token.jti })?;
    }
    Ok(())
}

/// Whether a token of this client's has been revoked.
pub fn is_revoked(scope: &mut IdentityScope<'_>, token: ClientToken) -> Result<bool, StoreError> {
    let found: Option<Uuid> = revoked_tokens::table
        .find((token.client.uuid(), token.jti))
        .select(revoked_tokens::jti)
        .first(scope.conn)
        .optional()?;
    Ok(found.is_some())
}

diesel::define_sql_function! {
    /// Finds the council whose system the scope's client is, and goes on as that council.
    #[sql_name = "app.enter_council"]
    fn find_and_enter_council(token: sql_types::Uuid, generation: sql_types::Integer) -> CouncilColumns;
}
diesel::define_sql_function! {
    /// Finds the scope's client, if it is a partner app, and goes on as that app.
    #[sql_name = "app.enter_partner"]
    fn find_and_enter_partner(token: sql_types::Uuid, generation: sql_types::Integer) -> PartnerColumns;
}

type Texts = sql_types::Array<sql_types::Text>;
type CouncilColumns = sql_types::Record<(sql_types::Uuid, Texts, Texts)>;
type PartnerColumns = sql_types::Record<(Texts, Texts)>;

/// Finds the client of a council's token, unless the client is disabled, or the token was revoked or is of an earlier generation,
/// and goes on in the role of the council's door.
pub(crate) fn enter_council(scope: &mut Scope<'_>, token: ClientToken) -> Result<(CouncilId, Client), StoreError> {
    let row: Option<(Uuid, Vec<String>, Vec<AddressRange>)> =
        diesel::select(find_and_enter_council(token.jti, token.generation))
            .get_result(scope.conn)
            .optional()
            .map_err(StoreError::of_the_role)?;
    let (council, scopes, allowed_addresses) = row.ok_or(StoreError::NotAuthenticated)?;
    scope.entered("almoner_council");
    let council = CouncilId::from(council);
    let (client_id, token_generation) = (token.client, token.generation);
    Ok((council, Client { client_id, council_id: Some(council), scopes, allowed_addresses, token_generation }))
}

/// Finds the client of a partner app's token, unless the client is disabled, or the token was revoked or is of an earlier
/// generation, and goes on in the role of the partner's door.
pub(crate) fn enter_partner(scope: &mut Scope<'_>, token: ClientToken) -> Result<Client, StoreError> {
    let row: Option<(Vec<String>, Vec<AddressRange>)> =
        diesel::select(find_and_enter_partner(token.jti, token.generation))
            .get_result(scope.conn)
            .optional()
            .map_err(StoreError::of_the_role)?;
    let (scopes, allowed_addresses) = row.ok_or(StoreError::NotAuthenticated)?;
    scope.entered("almoner_partner");
    let (client_id, token_generation) = (token.client, token.generation);
    Ok(Client { client_id, council_id: None, scopes, allowed_addresses, token_generation })
}

/// Records that a client's token was used from an address that is not among the client's own.
pub(crate) fn record_address(scope: &mut Scope<'_>, client: ClientId, door: Door) -> Result<(), StoreError> {
    scope.become_role("almoner_identity", &[])?;
    scope.acts(LogOwner::Platform, Some(client.uuid()), door);
    scope.record(Event::ClientAddressRefused { client })
}
