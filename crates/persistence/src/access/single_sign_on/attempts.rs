//! Attempts to sign in, or to link an account, through a provider. Each is begun here and taken up once.

use almoner_domain::events;
use almoner_domain::ids::{AccountId, CouncilId};
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use diesel::prelude::*;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::provider::{HasProvider, secret_field};
use crate::access::bearer::Bearer;
use crate::access::sessions;
use crate::ground::callers::{PlaceKind, Seat, Tenant};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::random;
use crate::ground::schema::{identity_providers, sign_on_attempts};
use crate::ground::scope::{AccountScope, IdentityScope, Scope};
use crate::ground::sealing::{SealedField, under_passphrase};
use crate::tenancy::{councils, practices};

/// The time within which a person must come back from the provider.
const ATTEMPT_HOLDS: TimeDelta = TimeDelta::minutes(10);

/// An attempt that was begun, with the parameters for the redirect to the provider.
pub struct Begun {
    /// The `state` parameter, which comes back with the person. It can be used once.
    pub state: String,
    /// The nonce that the ID token must have.
    pub nonce: String,
    /// The code verifier (RFC 7636). Its hash is sent now, and the verifier itself with the code.
    pub verifier: Zeroizing<String>,
    /// The address to which the person is redirected.
    pub authorization_endpoint: String,
    /// The client identifier that the provider has given to Almoner.
    pub client_id: String,
    /// The issuer identifier of the provider.
    pub issuer: String,
    /// Whether a second factor that the provider reports counts as proved.
    pub trusts_second_factor: bool,
    /// The values of `acr` with which the provider reports one.
    pub accepted_acr_values: Vec<String>,
}

/// Begins an attempt to sign in at the practice of this name. Returns `None` if there is no such practice, or if its
/// provider may not redirect to this address.
pub fn begin(scope: &mut IdentityScope<'_>, practice: &str, redirect_uri: &str) -> Result<Option<Begun>, StoreError> {
    match practices::id_of(scope, practice)? {
        Some(practice) => attempt(scope, Tenant::Practice(practice), None, redirect_uri),
        None => Ok(None),
    }
}

/// Begins an attempt to sign in at a council. Returns `None` if there is no such council, or if its provider may not redirect to
/// this address.
pub fn begin_at_council(
    scope: &mut IdentityScope<'_>,
    council: CouncilId,
    redirect_uri: &str,
) -> Result<Option<Begun>, StoreError> {
    attempt(scope, Tenant::Council(council), None, redirect_uri)
}

/// Begins an attempt to link the caller's account, at the practice or the council of their session.
pub fn begin_link(scope: &mut AccountScope<'_>, redirect_uri: &str) -> Result<Option<Begun>, StoreError> {
    let account = scope.account;
    match here(scope) {
        Some(tenant) => attempt(scope, tenant, Some(account), redirect_uri),
        None => Ok(None),
    }
}

pub(super) fn here(scope: &AccountScope<'_>) -> Option<Tenant> {
    scope.place().seat().map(Seat::tenant)
}

fn random_text() -> String {
    BASE64URL_NOPAD.encode(&random::bytes::<32>())
}

fn attempt_field(owner: Uuid, attempt: Uuid) -> SealedField {
    SealedField { owner, table: "sign_on_attempts", column: "secrets", row: attempt }
}

fn attempt(
    scope: &mut Scope<'_>,
    tenant: Tenant,
    account: Option<AccountId>,
    redirect_uri: &str,
) -> Result<Option<Begun>, StoreError> {
    type AttemptRow = (Option<String>, Option<String>, Option<String>, Vec<String>, bool, Vec<String>, i32);
    scope.execute(&[tenant.setting()])?;
    let row: Option<AttemptRow> = identity_providers::table
        .find(tenant.uuid())
        .select((
            identity_providers::issuer,
            identity_providers::client_id,
            identity_providers::authorization_endpoint,
            identity_providers::redirect_uris,
            identity_providers::trusts_second_factor,
            identity_providers::accepted_acr_values,
            identity_providers::version,
        ))
        .first(scope.conn)
        .optional()?;
    let Some((Some(issuer), Some(client_id), Some(authorization_endpoint), redirect_uris, trusts, acr_values, version)) =
        row
    else {
        return Ok(None);
    };
    if !redirect_uris.iter().any(|registered| registered == redirect_uri) {
        return Ok(None);
    }
    let id: Uuid = scope.next_id();
    let state = Bearer::draw([tenant.uuid(), id]);
    let (nonce, verifier) = (random_text(), Zeroizing::new(random_text()));
    let key = under_passphrase(state.text());
    let secrets = key.seal(attempt_field(tenant.uuid(), id), &(nonce.as_str(), verifier.as_str()))?;
    diesel::insert_into(sign_on_attempts::table)
        .values((
            sign_on_attempts::owner_id.eq(tenant.uuid()),
            sign_on_attempts::attempt_id.eq(id),
            sign_on_attempts::state_hash.eq(state.hash()),
            sign_on_attempts::secrets.eq(secrets),
            sign_on_attempts::account_id.eq(account.map(AccountId::uuid)),
            sign_on_attempts::redirect_uri.eq(redirect_uri),
            sign_on_attempts::provider_version.eq(version),
            sign_on_attempts::created_at.eq(scope.at()),
            sign_on_attempts::expires_at.eq(scope.at() + ATTEMPT_HOLDS),
        ))
        .execute(scope.conn)?;
    Ok(Some(Begun {
        state: state.text().to_owned(),
        nonce,
        verifier,
        authorization_endpoint,
        client_id,
        issuer,
        trusts_second_factor: trusts,
        accepted_acr_values: acr_values,
    }))
}

/// An attempt whose person came back from the provider, with what is needed to exchange the code.
pub struct Attempt {
    /// The practice or the council whose provider it is.
    pub tenant: Tenant,
    /// The name by which the tenant is known in addresses: the practice's name in URLs, or the council's identifier.
    pub name_in_urls: String,
    /// The time at which the attempt was begun.
    pub begun_at: DateTime<Utc>,
    /// The issuer identifier of the provider.
    pub issuer: String,
    /// The client identifier that the provider has given to Almoner.
    pub client_id: String,
    /// The secret with which Almoner authenticates to the provider.
    pub client_secret: Zeroizing<String>,
    /// The nonce that the ID token must have.
    pub nonce: String,
    /// The code verifier whose hash was sent at the beginning.
    pub verifier: Zeroizing<String>,
    /// The address to which the provider redirected the person.
    pub redirect_uri: String,
    /// Whether a second factor that the provider reports counts as proved.
    pub trusts_second_factor: bool,
    /// The values of `acr` with which the provider reports one.
    pub accepted_acr_values: Vec<String>,
}

/// Takes up an attempt by its `state`. It can be taken up once, before it expires, for the purpose for which it was begun,
/// while the tenant's settings are unchanged, and at the door of the place.
pub fn take_up(scope: &mut IdentityScope<'_>, at: PlaceKind, state: &str) -> Result<Option<Attempt>, StoreError> {
    let attempt = take(scope, at, state, None)?;
    if attempt.is_none() {
        sessions::acts_for(scope, AccountId::from(Uuid::nil()), None, None)?;
        scope.record_refusal(events::Attempt::SingleSignOn.as_str(), None, None)?;
    }
    Ok(attempt)
}

/// Takes up an attempt to link an account, by the account that began it, in a session at the same practice or council.
pub fn take_up_link(scope: &mut AccountScope<'_>, state: &str) -> Result<Option<Attempt>, StoreError> {
    let (account, at) = (scope.account, scope.place().kind());
    let own = here(scope).map(Tenant::uuid);
    if Bearer::<2>::read(state).is_none_or(|state| Some(state.ids[0]) != own) {
        return Ok(None);
    }
    take(scope, at, state, Some(account))
}

fn take(
    scope: &mut Scope<'_>,
    at: PlaceKind,
    state: &str,
    account: Option<AccountId>,
) -> Result<Option<Attempt>, StoreError> {
    type TakeRow = (Option<String>, Option<String>, Option<Vec<u8>>, bool, Vec<String>);
    let Some(state) = Bearer::<2>::read(state) else { return Ok(None) };
    let [owner, id] = state.ids;
    let tenant = match at {
        PlaceKind::Practice => Tenant::Practice(owner.into()),
        PlaceKind::Council => Tenant::Council(owner.into()),
        PlaceKind::Service | PlaceKind::Complaints => return Ok(None),
    };
    scope.execute(&[tenant.setting()])?;
    // A practice's attempt is not taken up as a council's.
    let Some(name_in_urls) = name_if_there(scope, tenant)? else { return Ok(None) };
    let unused = sign_on_attempts::table
        .find((owner, id))
        .filter(sign_on_attempts::state_hash.eq(state.hash()))
        .filter(sign_on_attempts::account_id.is_not_distinct_from(account.map(AccountId::uuid)))
        .filter(sign_on_attempts::used_at.is_null().and(sign_on_attempts::expires_at.gt(scope.at())));
    let taken: Option<(Vec<u8>, String, i32, DateTime<Utc>)> = update(unused)
        .set(sign_on_attempts::used_at.eq(scope.at()))
        .returning((
            sign_on_attempts::secrets,
            sign_on_attempts::redirect_uri,
            sign_on_attempts::provider_version,
            sign_on_attempts::created_at,
        ))
        .get_result(scope.conn)
        .optional()?;
    let Some((secrets, redirect_uri, version, begun_at)) = taken else { return Ok(None) };
    let provider: Option<TakeRow> = identity_providers::table
        .find(owner)
        .filter(identity_providers::version.eq(version))
        .select((
            identity_providers::issuer,
            identity_providers::client_id,
            identity_providers::client_secret,
            identity_providers::trusts_second_factor,
            identity_providers::accepted_acr_values,
        ))
        .first(scope.conn)
        .optional()?;
    let Some((Some(issuer), Some(client_id), Some(sealed), trusts_second_factor, accepted_acr_values)) = provider
    else {
        return Ok(None);
    };
    let (nonce, verifier): (String, Zeroizing<String>) =
        under_passphrase(state.text()).open(attempt_field(owner, id), &secrets)?;
    let client_secret: Zeroizing<String> = scope.root_key(owner)?.open(secret_field(tenant), &sealed)?;
    Ok(Some(Attempt {
        tenant,
        name_in_urls,
        begun_at,
        issuer,
        client_id,
        client_secret,
        nonce,
        verifier,
        redirect_uri,
        trusts_second_factor,
        accepted_acr_values,
    }))
}

/// The name by which the caller's practice or council is known in addresses.
pub fn name_of<'s>(scope: &mut impl HasProvider<'s>) -> Result<String, StoreError> {
    let tenant = scope.tenant();
    name_in_urls(scope, tenant)
}

fn name_in_urls(scope: &mut Scope<'_>, tenant: Tenant) -> Result<String, StoreError> {
    match tenant {
        Tenant::Practice(practice) => practices::slug_of(scope, practice),
        Tenant::Council(council) => councils::name_of(scope, council).map(|council| council.id.to_string()),
    }
}

/// The same name. `None` if there is no such tenant.
fn name_if_there(scope: &mut Scope<'_>, tenant: Tenant) -> Result<Option<String>, StoreError> {
    match name_in_urls(scope, tenant) {
        Ok(name) => Ok(Some(name)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
