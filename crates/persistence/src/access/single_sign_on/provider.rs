//! The provider of a practice or a council: the settings with which its people sign in other than by password.

use std::ops::DerefMut;

use almoner_domain::access::single_sign_on::ProviderSettings;
use almoner_domain::events::Event;
use almoner_domain::words::text::Line;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::identity_providers;
use crate::ground::scope::{CouncilScope, PracticeScope, Scope};
use crate::ground::sealing::SealedField;

/// A provider, as the administrator of its owner is shown it, without the secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Provider {
    /// The issuer identifier of the provider (OpenID Connect Discovery 1.0).
    #[schema(value_type = Line<500>)]
    pub issuer: String,
    /// The client identifier that the provider has given to Almoner.
    #[schema(value_type = Line<200>)]
    pub client_id: String,
    /// The addresses to which the provider may redirect people.
    #[schema(max_items = 10, value_type = Vec<Line<500>>)]
    pub redirect_uris: Vec<String>,
    /// Whether linked members of staff must sign in through the provider. Administrators may always use their password. At a
    /// council nobody must.
    pub required: bool,
    /// Whether a second factor that the provider reports counts as proved.
    pub trusts_second_factor: bool,
    /// The values of `acr` with which the provider reports one, besides `mfa` among the `amr`.
    #[schema(max_items = 10, value_type = Vec<Line<200>>)]
    pub accepted_acr_values: Vec<String>,
}

/// The settings of a practice or a council for single sign-on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SingleSignOn {
    /// The provider, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// When that was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<DateTime<Utc>>,
    /// The number of changes of the settings: zero before the first.
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
    /// The issuer identifier of the provider: https, and exactly as the provider writes it.
    pub issuer: Line<500>,
    /// The client identifier that the provider has given to Almoner.
    pub client_id: Line<200>,
    /// The secret with which Almoner authenticates to the provider. Left out, it stays as it is, as long as issuer and
    /// `client_id` stay.
    #[serde(default)]
    pub client_secret: Option<Line<500>>,
    /// The addresses to which the provider may redirect people: addresses of the owner's frontend.
    #[schema(min_items = 1, max_items = 10)]
    pub redirect_uris: Vec<Line<500>>,
    /// Whether linked members of staff must sign in through the provider. Administrators may always use their password. At a
    /// council it is refused: an officer needs a password of their own for complaints.
    #[serde(default)]
    pub required: bool,
    /// Whether a second factor that the provider reports counts as proved.
    #[serde(default)]
    pub trusts_second_factor: bool,
    /// The values of `acr` with which the provider reports one, besides `mfa` among the `amr`.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub accepted_acr_values: Vec<Line<200>>,
}

type ProviderRow = (Option<String>, Option<String>, Vec<String>, bool, bool, Vec<String>, DateTime<Utc>, i32);

/// A scope whose tenant can have a provider, with whoever sets it.
pub trait HasProvider<'s>: DerefMut<Target = Scope<'s>> {
    /// The practice or the council.
    fn tenant(&self) -> Tenant;
    /// The member of staff or the officer who calls.
    fn sets(&self) -> Uuid;
}

impl<'s> HasProvider<'s> for PracticeScope<'s> {
    fn tenant(&self) -> Tenant {
        Tenant::Practice(self.practice_id())
    }

    fn sets(&self) -> Uuid {
        self.staff_id().uuid()
    }
}

impl<'s> HasProvider<'s> for CouncilScope<'s> {
    fn tenant(&self) -> Tenant {
        Tenant::Council(self.council_id())
    }

    fn sets(&self) -> Uuid {
        self.caller_id()
    }
}

/// Reads the settings of the caller's practice or council for single sign-on.
pub fn read<'s>(scope: &mut impl HasProvider<'s>) -> Result<SingleSignOn, StoreError> {
    let row: Option<ProviderRow> = identity_providers::table
        .find(scope.tenant().uuid())
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

pub(super) fn secret_field(tenant: Tenant) -> SealedField {
    SealedField { owner: tenant.uuid(), table: "identity_providers", column: "client_secret", row: tenant.uuid() }
}

fn texts<const MAX: usize>(lines: &[Line<MAX>]) -> Vec<&str> {
    lines.iter().map(Line::as_str).collect()
}

/// Checks the rules that the types of the settings do not enforce. A secret stays only with the issuer and the client for
/// which it was given, and is sent to no other.
pub fn check(tenant: Tenant, now: &SingleSignOn, new: &SetProvider) -> Result<(), StoreError> {
    let settings = ProviderSettings {
        identity: (new.issuer.as_str(), new.client_id.as_str()),
        has_secret: new.client_secret.is_some(),
        redirect_uris: new.redirect_uris.len(),
        accepted_acr_values: new.accepted_acr_values.len(),
        required: new.required,
        is_a_councils: matches!(tenant, Tenant::Council(_)),
    };
    let now = now.provider.as_ref().map(|provider| (provider.issuer.as_str(), provider.client_id.as_str()));
    Ok(settings.check(now)?)
}

/// Sets the provider, which was found to answer, in place of the settings that were read as `now`.
pub fn set<'s>(
    scope: &mut impl HasProvider<'s>,
    now: &SingleSignOn,
    new: &SetProvider,
    authorization_endpoint: &str,
) -> Result<(), StoreError> {
    let (tenant, at, by) = (scope.tenant(), scope.at(), scope.sets());
    check(tenant, now, new)?;
    let sealed = match &new.client_secret {
        Some(secret) => Some(scope.root_key(tenant.uuid())?.seal(secret_field(tenant), secret.as_str())?),
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
        identity_providers::set_by.eq(by),
        identity_providers::changed_at.eq(at),
        identity_providers::version.eq(now.version + 1),
        // A member that is left out is not set.
        sealed.map(|sealed| identity_providers::client_secret.eq(sealed)),
    );
    let done = if now.version == 0 {
        diesel::insert_into(identity_providers::table)
            .values((identity_providers::owner_id.eq(tenant.uuid()), settings))
            .on_conflict_do_nothing()
            .execute(scope.conn)?
    } else {
        update(identity_providers::table.find(tenant.uuid()))
            .filter(identity_providers::version.eq(now.version))
            .set(settings)
            .execute(scope.conn)?
    };
    recorded(scope, done, Event::SingleSignOnSet { owner: tenant.log().0 })
}

/// Removes the provider. Nobody signs in through it any more.
pub fn remove<'s>(scope: &mut impl HasProvider<'s>, now: &SingleSignOn) -> Result<(), StoreError> {
    let (tenant, at, by) = (scope.tenant(), scope.at(), scope.sets());
    let nothing = None::<String>;
    let done = update(identity_providers::table.find(tenant.uuid()))
        .filter(identity_providers::version.eq(now.version))
        .set((
            identity_providers::issuer.eq(&nothing),
            identity_providers::client_id.eq(&nothing),
            identity_providers::client_secret.eq(None::<Vec<u8>>),
            identity_providers::authorization_endpoint.eq(&nothing),
            identity_providers::required.eq(false),
            identity_providers::set_by.eq(by),
            identity_providers::changed_at.eq(at),
            identity_providers::version.eq(now.version + 1),
        ))
        .execute(scope.conn)?;
    recorded(scope, done, Event::SingleSignOnRemoved { owner: tenant.log().0 })
}

fn recorded<'s>(scope: &mut impl HasProvider<'s>, done: usize, event: Event) -> Result<(), StoreError> {
    if done == 0 {
        // Somebody else changed the settings in between.
        return Err(StoreError::VersionMismatch(read(scope)?.version));
    }
    scope.record(event)
}
