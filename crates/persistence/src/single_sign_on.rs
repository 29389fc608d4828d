//! Single sign-on: a practice's own OpenID Connect provider, the attempts to sign in through it, and whose subject there is
//! whose account. A link is by issuer and subject, holds at its own practice alone, and is made by the account's holder.

use almoner_domain::fault::Fault;
use almoner_domain::ids::{AccountId, IdentityId, PracticeId};
use almoner_domain::refusal::Refusal;
use almoner_domain::staff::roles::Role;
use almoner_domain::words::text::Line;
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::bearer::Bearer;
use crate::error::StoreError;
use crate::events::Chain;
use crate::identity::{Membership, memberships, practice_of};
use crate::random;
use crate::schema::{accounts, identity_providers, linked_identities, sign_on_attempts, staff};
use crate::scope::{AccountScope, IdentityScope, PracticeScope, Scope};
use crate::sealing::{Place, under_passphrase};
use crate::sessions;
use crate::store::setting;

/// How long somebody may be away at the provider.
const ATTEMPT_HOLDS: TimeDelta = TimeDelta::minutes(10);

/// A practice's provider, as its administrator is shown it: without the secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Provider {
    /// Its issuer identifier (OpenID Connect Discovery 1.0).
    #[schema(max_length = 500)]
    pub issuer: String,
    /// What it knows Almoner by.
    #[schema(max_length = 200)]
    pub client_id: String,
    /// Where it may send people back to.
    #[schema(max_items = 10)]
    pub redirect_uris: Vec<String>,
    /// Whether who is linked comes in through it alone; administrators always may with their password.
    pub required: bool,
    /// Whether a second factor that it says it saw counts as ours.
    pub trusts_second_factor: bool,
    /// The values of `acr` by which it says so, besides `mfa` among the `amr`.
    #[schema(max_items = 10)]
    pub accepted_acr_values: Vec<String>,
}

/// How the staff of a practice sign in besides by password.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SingleSignOn {
    /// The practice's provider, if it has one.
    pub provider: Option<Provider>,
    /// When that was last changed.
    pub changed_at: Option<DateTime<Utc>>,
    /// Counts the changes: zero before the first.
    #[serde(skip)]
    pub version: i32,
}

/// A provider to sign in through.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "issuer": "https://login.severn.example", "client_id": "almoner", "client_secret": "as the provider gave it",
    "redirect_uris": ["https://app.severn.example/signed-on"], "required": false, "trusts_second_factor": true,
    "accepted_acr_values": [],
}))]
pub struct SetProvider {
    /// Its issuer identifier: https, and as the provider itself writes it.
    pub issuer: Line<500>,
    /// What it knows Almoner by.
    pub client_id: Line<200>,
    /// By what it knows that it is Almoner. Left out, it stays what it is, as long as issuer and `client_id` stay.
    #[serde(default)]
    pub client_secret: Option<Line<500>>,
    /// Where it may send people back to: addresses of the practice's frontend.
    #[schema(min_items = 1, max_items = 10)]
    pub redirect_uris: Vec<Line<500>>,
    /// Whether who is linked comes in through it alone; administrators always may with their password.
    #[serde(default)]
    pub required: bool,
    /// Whether a second factor that it says it saw counts as ours.
    #[serde(default)]
    pub trusts_second_factor: bool,
    /// The values of `acr` by which it says so, besides `mfa` among the `amr`.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub accepted_acr_values: Vec<Line<200>>,
}

type ProviderRow = (Option<String>, Option<String>, Vec<String>, bool, bool, Vec<String>, DateTime<Utc>, i32);

/// The practice's provider.
pub fn read(scope: &mut PracticeScope<'_>) -> Result<SingleSignOn, StoreError> {
    let row: Option<ProviderRow> = identity_providers::table
        .find(scope.practice_id().uuid())
        .select((
            identity_providers::issuer,
            identity_providers::client_id,
            identity_providers::redirect_uris,
            identity_providers::required,
            identity_providers::trusts_second_factor,
            identity_providers::accepted_acr_values,
            identity_providers::changed_at,
            identity_providers::version,
        ))
        .first(scope.conn)
        .optional()?;
    let Some((issuer, client_id, redirect_uris, required, trusts_second_factor, accepted_acr_values, at, version)) =
        row
    else {
        return Ok(SingleSignOn { provider: None, changed_at: None, version: 0 });
    };
    let provider = issuer.zip(client_id).map(|(issuer, client_id)| Provider {
        issuer,
        client_id,
        redirect_uris,
        required,
        trusts_second_factor,
        accepted_acr_values,
    });
    Ok(SingleSignOn { provider, changed_at: Some(at), version })
}

fn secret_place(practice: PracticeId) -> Place {
    Place { owner: practice.uuid(), table: "identity_providers", column: "client_secret", row: practice.uuid() }
}

fn texts<const MAX: usize>(lines: &[Line<MAX>]) -> Vec<&str> {
    lines.iter().map(Line::as_str).collect()
}

/// What of the settings breaks a rule that their types do not hold. A secret stays only with the provider and the client that it
/// was given for: it is sent to no other.
pub fn check(now: &SingleSignOn, new: &SetProvider) -> Result<(), StoreError> {
    let mut faults = Vec::new();
    if !(1..=10).contains(&new.redirect_uris.len()) {
        faults.push(Fault::new("/redirect_uris", "must be from 1 to 10 addresses"));
    }
    if new.accepted_acr_values.len() > 10 {
        faults.push(Fault::new("/accepted_acr_values", "must be at most 10 values"));
    }
    let is_the_same = now
        .provider
        .as_ref()
        .is_some_and(|provider| provider.issuer == new.issuer.as_str() && provider.client_id == new.client_id.as_str());
    if new.client_secret.is_none() && !is_the_same {
        faults.push(Fault::new("/client_secret", "is required with another issuer or client_id"));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

/// Sets the practice's provider, which was found to be there, in the place of what was read as `now`.
pub fn set(
    scope: &mut PracticeScope<'_>,
    now: &SingleSignOn,
    new: &SetProvider,
    authorization_endpoint: &str,
) -> Result<(), StoreError> {
    check(now, new)?;
    let (practice, at, staff) = (scope.practice_id(), scope.at(), scope.staff_id());
    let sealed = match &new.client_secret {
        Some(secret) => Some(scope.root_key(practice.uuid())?.seal(secret_place(practice), secret.as_str())?),
        None => None,
    };
    let settings = (
        identity_providers::issuer.eq(new.issuer.as_str()),
        identity_providers::client_id.eq(new.client_id.as_str()),
        identity_providers::authorization_endpoint.eq(authorization_endpoint),
        identity_providers::redirect_uris.eq(texts(&new.redirect_uris)),
        identity_providers::required.eq(new.required),
        identity_providers::trusts_second_factor.eq(new.trusts_second_factor),
        identity_providers::accepted_acr_values.eq(texts(&new.accepted_acr_values)),
        identity_providers::set_by.eq(staff.uuid()),
        identity_providers::changed_at.eq(at),
        identity_providers::version.eq(now.version + 1),
        // What is not given is not set.
        sealed.map(|sealed| identity_providers::client_secret.eq(sealed)),
    );
    let done = if now.version == 0 {
        diesel::insert_into(identity_providers::table)
            .values((identity_providers::practice_id.eq(practice.uuid()), settings))
            .on_conflict_do_nothing()
            .execute(scope.conn)?
    } else {
        diesel::update(identity_providers::table.find(practice.uuid()))
            .filter(identity_providers::version.eq(now.version))
            .set(settings)
            .execute(scope.conn)?
    };
    recorded(scope, done, "single_sign_on.set")
}

/// Takes the practice's provider away: nobody signs in through it any more.
pub fn remove(scope: &mut PracticeScope<'_>, now: &SingleSignOn) -> Result<(), StoreError> {
    let (practice, at, staff) = (scope.practice_id(), scope.at(), scope.staff_id());
    let nothing = None::<String>;
    let done = diesel::update(identity_providers::table.find(practice.uuid()))
        .filter(identity_providers::version.eq(now.version))
        .set((
            identity_providers::issuer.eq(&nothing),
            identity_providers::client_id.eq(&nothing),
            identity_providers::client_secret.eq(None::<Vec<u8>>),
            identity_providers::authorization_endpoint.eq(&nothing),
            identity_providers::required.eq(false),
            identity_providers::set_by.eq(staff.uuid()),
            identity_providers::changed_at.eq(at),
            identity_providers::version.eq(now.version + 1),
        ))
        .execute(scope.conn)?;
    recorded(scope, done, "single_sign_on.removed")
}

fn recorded(scope: &mut PracticeScope<'_>, done: usize, action: &'static str) -> Result<(), StoreError> {
    if done == 0 {
        // Somebody else's change came between.
        return Err(StoreError::UnderWay);
    }
    let practice = scope.practice_id();
    scope.audit(Chain::Practice, action, practice.uuid(), None)
}

/// Somebody to be sent to their practice's provider.
pub struct Begun {
    /// What comes back with them. It serves once.
    pub state: String,
    /// What must stand in the ID token.
    pub nonce: String,
    /// Whose hash is sent now, and which itself is sent later (RFC 7636).
    pub verifier: Zeroizing<String>,
    /// Where they are sent.
    pub authorization_endpoint: String,
    /// What the provider knows us by.
    pub client_id: String,
    /// The issuer.
    pub issuer: String,
}

/// Begins to sign somebody in at the practice of this name. None, if there is none, or none with a provider that may send
/// people back to this address.
pub fn begin(scope: &mut IdentityScope<'_>, practice: &str, redirect_uri: &str) -> Result<Option<Begun>, StoreError> {
    match practice_of(scope, practice)? {
        Some(practice) => attempt(scope, practice, None, redirect_uri),
        None => Ok(None),
    }
}

/// Begins to link the caller's account, at the practice where they are.
pub fn begin_link(scope: &mut AccountScope<'_>, redirect_uri: &str) -> Result<Option<Begun>, StoreError> {
    let account = scope.account;
    match here(scope) {
        Some(practice) => attempt(scope, practice, Some(account), redirect_uri),
        None => Ok(None),
    }
}

fn here(scope: &AccountScope<'_>) -> Option<PracticeId> {
    scope.membership.as_ref().map(|membership| membership.practice_id)
}

fn random_text() -> String {
    BASE64URL_NOPAD.encode(&random::bytes::<32>())
}

fn attempt_place(practice: Uuid, attempt: Uuid) -> Place {
    Place { owner: practice, table: "sign_on_attempts", column: "secrets", row: attempt }
}

fn attempt(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    account: Option<AccountId>,
    redirect_uri: &str,
) -> Result<Option<Begun>, StoreError> {
    type Row = (Option<String>, Option<String>, Option<String>, Vec<String>, i32);
    scope.execute(&[setting("app.practice", practice.uuid())])?;
    let row: Option<Row> = identity_providers::table
        .find(practice.uuid())
        .select((
            identity_providers::issuer,
            identity_providers::client_id,
            identity_providers::authorization_endpoint,
            identity_providers::redirect_uris,
            identity_providers::version,
        ))
        .first(scope.conn)
        .optional()?;
    let Some((Some(issuer), Some(client_id), Some(authorization_endpoint), redirect_uris, version)) = row else {
        return Ok(None);
    };
    if !redirect_uris.iter().any(|registered| registered == redirect_uri) {
        return Ok(None);
    }
    let id: Uuid = scope.next_id();
    let state = Bearer::draw([practice.uuid(), id]);
    let (nonce, verifier) = (random_text(), Zeroizing::new(random_text()));
    let key = under_passphrase(state.text());
    let secrets = key.seal(attempt_place(practice.uuid(), id), &(nonce.as_str(), verifier.as_str()))?;
    diesel::insert_into(sign_on_attempts::table)
        .values((
            sign_on_attempts::practice_id.eq(practice.uuid()),
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
    Ok(Some(Begun { state: state.text().to_owned(), nonce, verifier, authorization_endpoint, client_id, issuer }))
}

/// An attempt whose holder came back from the provider, with what is needed to ask the provider about them.
pub struct Attempt {
    /// The practice whose provider it is.
    pub practice: PracticeId,
    /// The issuer.
    pub issuer: String,
    /// What the provider knows us by.
    pub client_id: String,
    /// By what the provider knows that it is us.
    pub client_secret: Zeroizing<String>,
    /// What must stand in the ID token.
    pub nonce: String,
    /// What was hashed at the beginning.
    pub verifier: Zeroizing<String>,
    /// Where the provider sent them back to.
    pub redirect_uri: String,
    /// Whether a second factor that the provider says it saw counts as ours.
    pub trusts_second_factor: bool,
    /// The values of `acr` by which it says so.
    pub accepted_acr_values: Vec<String>,
}

/// Takes up an attempt by its state. It serves once, within its time, for what it was begun for, and while the practice's
/// settings are what they were.
pub fn take_up(scope: &mut IdentityScope<'_>, state: &str) -> Result<Option<Attempt>, StoreError> {
    let attempt = take(scope, state, None)?;
    if attempt.is_none() {
        sessions::acts_for(scope, AccountId::from(Uuid::nil()), None, None)?;
        scope.record_refusal(false, "single_sign_on", None, None)?;
    }
    Ok(attempt)
}

/// The same for a link: of the account that began it, in a session at the same practice.
pub fn take_up_link(scope: &mut AccountScope<'_>, state: &str) -> Result<Option<Attempt>, StoreError> {
    let (account, practice) = (scope.account, here(scope));
    if Bearer::<2>::read(state).is_none_or(|state| Some(PracticeId::from(state.ids[0])) != practice) {
        return Ok(None);
    }
    take(scope, state, Some(account))
}

fn take(scope: &mut Scope<'_>, state: &str, account: Option<AccountId>) -> Result<Option<Attempt>, StoreError> {
    type Row = (Option<String>, Option<String>, Option<Vec<u8>>, bool, Vec<String>);
    let Some(state) = Bearer::<2>::read(state) else { return Ok(None) };
    let [practice, id] = state.ids;
    scope.execute(&[setting("app.practice", practice)])?;
    let unused = sign_on_attempts::table
        .find((practice, id))
        .filter(sign_on_attempts::state_hash.eq(state.hash()))
        .filter(sign_on_attempts::account_id.is_not_distinct_from(account.map(AccountId::uuid)))
        .filter(sign_on_attempts::used_at.is_null().and(sign_on_attempts::expires_at.gt(scope.at())));
    let taken: Option<(Vec<u8>, String, i32)> = diesel::update(unused)
        .set(sign_on_attempts::used_at.eq(scope.at()))
        .returning((sign_on_attempts::secrets, sign_on_attempts::redirect_uri, sign_on_attempts::provider_version))
        .get_result(scope.conn)
        .optional()?;
    let Some((secrets, redirect_uri, version)) = taken else { return Ok(None) };
    let provider: Option<Row> = identity_providers::table
        .find(practice)
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
        under_passphrase(state.text()).open(attempt_place(practice, id), &secrets)?;
    let practice = PracticeId::from(practice);
    let client_secret: Zeroizing<String> = scope.root_key(practice.uuid())?.open(secret_place(practice), &sealed)?;
    Ok(Some(Attempt {
        practice,
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

/// Whose account a subject at the practice's provider is.
pub struct Linked {
    /// The account.
    pub account: AccountId,
    /// The address by which its tries are counted.
    pub email: String,
    /// The membership of the practice whose provider it is.
    pub membership: Membership,
}

/// Whose account the subject is at the attempt's practice: linked there, not disabled, and a member there now. What is refused
/// is on record in the practice's log.
pub fn find(scope: &mut IdentityScope<'_>, attempt: &Attempt, subject: &str) -> Result<Option<Linked>, StoreError> {
    let practice = attempt.practice;
    scope.execute(&[setting("app.practice", practice.uuid())])?;
    let account: Option<(Uuid, String)> = linked_identities::table
        .inner_join(accounts::table.on(accounts::account_id.eq(linked_identities::account_id)))
        .filter(linked_identities::practice_id.eq(practice.uuid()))
        .filter(linked_identities::issuer.eq(&attempt.issuer).and(linked_identities::subject.eq(subject)))
        .filter(accounts::disabled_at.is_null().and(diesel::dsl::not(accounts::operator)))
        .select((accounts::account_id, accounts::email))
        .first(scope.conn)
        .optional()?;
    let Some((account, email)) = account else { return Ok(None) };
    let account = AccountId::from(account);
    let membership = memberships(scope, account)?.into_iter().find(|membership| membership.practice_id == practice);
    Ok(membership.map(|membership| Linked { account, email, membership }))
}

/// Writes down at the practice that somebody was refused who came from its provider.
pub fn record_refusal(scope: &mut IdentityScope<'_>, practice: PracticeId) -> Result<(), StoreError> {
    scope.execute(&[setting("app.practice", practice.uuid())])?;
    scope.acts(practice.uuid(), None, "practice");
    scope.record_refusal(false, "single_sign_on", Some(practice.uuid()), None)
}

/// Whether a password and a second factor let an account into a practice: not where the practice requires single sign-on and the
/// account is linked there. Administrators are always let in, so that a provider that is broken can be mended.
pub fn lets_a_password_in(
    scope: &mut Scope<'_>,
    account: AccountId,
    membership: &Membership,
) -> Result<bool, StoreError> {
    let practice = membership.practice_id;
    scope.execute(&[setting("app.practice", practice.uuid())])?;
    let issuer: Option<Option<String>> = identity_providers::table
        .find(practice.uuid())
        .filter(identity_providers::required)
        .select(identity_providers::issuer)
        .first(scope.conn)
        .optional()?;
    let Some(issuer) = issuer.flatten() else { return Ok(true) };
    let links: i64 = linked_identities::table
        .filter(linked_identities::practice_id.eq(practice.uuid()))
        .filter(linked_identities::account_id.eq(account.uuid()).and(linked_identities::issuer.eq(issuer)))
        .count()
        .get_result(scope.conn)?;
    if links == 0 {
        return Ok(true);
    }
    let roles: Vec<String> =
        staff::table.find((practice.uuid(), membership.staff_id.uuid())).select(staff::roles).first(scope.conn)?;
    Ok(roles.iter().any(|role| role == Role::Administrator.as_str()))
}

/// An identity that is linked to the caller's account, at the practice where they are.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable)]
pub struct LinkedIdentity {
    /// The link.
    pub id: IdentityId,
    /// Whose subject it is.
    #[schema(max_length = 500)]
    pub issuer: String,
    /// What the issuer calls them.
    #[schema(max_length = 255)]
    pub subject: String,
    /// Since when.
    pub linked_at: DateTime<Utc>,
}

/// The identities that are linked to the caller's account, at the practice where they are.
pub fn list(scope: &mut AccountScope<'_>) -> Result<Vec<LinkedIdentity>, StoreError> {
    let practice = here(scope).map_or(Uuid::nil(), PracticeId::uuid);
    Ok(linked_identities::table
        .filter(linked_identities::practice_id.eq(practice))
        .filter(linked_identities::account_id.eq(scope.account.uuid()))
        .order(linked_identities::identity_id)
        .limit(200)
        .select((
            linked_identities::identity_id,
            linked_identities::issuer,
            linked_identities::subject,
            linked_identities::linked_at,
        ))
        .load(scope.conn)?)
}

/// Links a subject, which the provider has just vouched for, to the caller's account. One that is somebody else's is taken.
pub fn link(scope: &mut AccountScope<'_>, attempt: &Attempt, subject: &str) -> Result<LinkedIdentity, StoreError> {
    let known = list(scope)?;
    if let Some(own) = known.into_iter().find(|own| own.issuer == attempt.issuer && own.subject == subject) {
        return Ok(own);
    }
    let (id, linked_at): (IdentityId, _) = (scope.next_id(), scope.at());
    diesel::insert_into(linked_identities::table)
        .values((
            linked_identities::practice_id.eq(attempt.practice.uuid()),
            linked_identities::identity_id.eq(id.uuid()),
            linked_identities::account_id.eq(scope.account.uuid()),
            linked_identities::issuer.eq(&attempt.issuer),
            linked_identities::subject.eq(subject),
            linked_identities::linked_at.eq(linked_at),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::taken(error, "/authorization_code"))?;
    let chain = sessions::chain_of(scope);
    scope.audit(chain, "account.identity_linked", id.uuid(), None)?;
    Ok(LinkedIdentity { id, issuer: attempt.issuer.clone(), subject: subject.to_owned(), linked_at })
}

/// Ends one of the caller's links.
pub fn unlink(scope: &mut AccountScope<'_>, id: IdentityId) -> Result<(), StoreError> {
    let (account, Some(membership)) = (scope.account, scope.membership.clone()) else {
        return Err(StoreError::NotFound);
    };
    let practice = membership.practice_id.uuid();
    let is_bound = !lets_a_password_in(scope, account, &membership)?;
    let ended = diesel::delete(linked_identities::table.find((practice, id.uuid())))
        .filter(linked_identities::account_id.eq(scope.account.uuid()))
        .execute(scope.conn)?;
    if ended == 0 {
        return Err(StoreError::NotFound);
    }
    if is_bound && lets_a_password_in(scope, account, &membership)? {
        return Err(Refusal::WrongState { thing: "link", state: "required by the practice", step: "ended" }.into());
    }
    let chain = sessions::chain_of(scope);
    scope.audit(chain, "account.identity_unlinked", id.uuid(), None)
}
