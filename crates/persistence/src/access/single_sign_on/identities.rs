//! The links between subjects at a provider and accounts.

use almoner_domain::access::single_sign_on::end_link;
use almoner_domain::events::{self, Event};
use almoner_domain::ids::{AccountId, IdentityId};
use almoner_domain::staff::roles::Role;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::attempts::{Attempt, here};
use crate::access::identity::{memberships, offices};
use crate::ground::callers::{Membership, Place, Tenant};
use crate::ground::error::StoreError;
use crate::ground::schema::{accounts, identity_providers, linked_identities, staff};
use crate::ground::scope::{AccountScope, IdentityScope, Scope};
use crate::ground::transaction::setting;

/// The account to which a subject at a provider is linked.
pub struct Linked {
    /// The account that is linked.
    pub account: AccountId,
    /// The e-mail address by which failed sign-ins are counted.
    pub email: String,
    /// The account's place at the practice or the council whose provider it is.
    pub place: Place,
}

/// Finds the account that is linked to the subject at the attempt's tenant, if it is not disabled and has a place there now. A
/// refusal is recorded in the tenant's log.
pub fn find(scope: &mut IdentityScope<'_>, attempt: &Attempt, subject: &str) -> Result<Option<Linked>, StoreError> {
    let tenant = attempt.tenant;
    scope.execute(&[tenant.setting()])?;
    let account: Option<(Uuid, String)> = linked_identities::table
        .inner_join(accounts::table.on(accounts::account_id.eq(linked_identities::account_id)))
        .filter(linked_identities::owner_id.eq(tenant.uuid()))
        .filter(linked_identities::issuer.eq(&attempt.issuer).and(linked_identities::subject.eq(subject)))
        .filter(accounts::disabled_at.is_null().and(diesel::dsl::not(accounts::operator)))
        .select((accounts::account_id, accounts::email))
        .first(scope.conn)
        .optional()?;
    let Some((account, email)) = account else { return Ok(None) };
    let account = AccountId::from(account);
    scope.execute(&[setting("app.account", account.uuid())])?;
    let place = match tenant {
        Tenant::Practice(practice) => {
            memberships(scope, account)?.into_iter().find(|held| held.practice_id == practice).map(Place::Practice)
        }
        Tenant::Council(council) => {
            offices(scope, account)?.into_iter().find(|held| held.council_id == council).map(Place::Council)
        }
    };
    Ok(place.map(|place| Linked { account, email, place }))
}

/// Records at the tenant that a person who came from its provider was refused.
pub fn record_refusal(scope: &mut IdentityScope<'_>, tenant: Tenant) -> Result<(), StoreError> {
    scope.execute(&[tenant.setting()])?;
    let (log, door) = tenant.log();
    scope.acts(log, None, door);
    scope.record_refusal(events::Attempt::SingleSignOn.as_str(), Some(tenant.uuid()), None)
}

/// Whether an account may enter a practice with a password and a second factor. It may not where the practice requires
/// single sign-on and the account is linked there. Administrators always may, so that a broken provider can be repaired.
pub fn lets_a_password_in(
    scope: &mut Scope<'_>,
    account: AccountId,
    membership: &Membership,
) -> Result<bool, StoreError> {
    let tenant = Tenant::Practice(membership.practice_id);
    scope.execute(&[tenant.setting()])?;
    let issuer: Option<Option<String>> = identity_providers::table
        .find(tenant.uuid())
        .filter(identity_providers::required)
        .select(identity_providers::issuer)
        .first(scope.conn)
        .optional()?;
    let Some(issuer) = issuer.flatten() else { return Ok(true) };
    let links: i64 = linked_identities::table
        .filter(linked_identities::owner_id.eq(tenant.uuid()))
        .filter(linked_identities::account_id.eq(account.uuid()).and(linked_identities::issuer.eq(issuer)))
        .count()
        .get_result(scope.conn)?;
    if links == 0 {
        return Ok(true);
    }
    let roles: Vec<String> =
        staff::table.find((tenant.uuid(), membership.staff_id.uuid())).select(staff::roles).first(scope.conn)?;
    Ok(roles.iter().any(|role| role == Role::Administrator.as_str()))
}

/// An identity that is linked to the caller's account, at the practice or the council of their session.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable)]
pub struct LinkedIdentity {
    /// The identifier of the link.
    pub id: IdentityId,
    /// The issuer of the identity.
    #[schema(max_length = 500, format = "uri")]
    pub issuer: String,
    /// The issuer's identifier for the caller.
    #[schema(max_length = 255, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    pub subject: String,
    /// When the identity was linked.
    pub linked_at: DateTime<Utc>,
}

/// Lists the identities that are linked to the caller's account, at the practice or the council of their session.
pub fn list(scope: &mut AccountScope<'_>) -> Result<Vec<LinkedIdentity>, StoreError> {
    let owner = here(scope).map_or(Uuid::nil(), Tenant::uuid);
    Ok(linked_identities::table
        .filter(linked_identities::owner_id.eq(owner))
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

/// Links a subject, which the provider has just vouched for, to the caller's account. A subject that is linked to another
/// account is refused as already existing.
pub fn link(scope: &mut AccountScope<'_>, attempt: &Attempt, subject: &str) -> Result<LinkedIdentity, StoreError> {
    let known = list(scope)?;
    if let Some(own) = known.into_iter().find(|own| own.issuer == attempt.issuer && own.subject == subject) {
        return Ok(own);
    }
    let (id, linked_at): (IdentityId, _) = (scope.next_id(), scope.at());
    diesel::insert_into(linked_identities::table)
        .values((
            linked_identities::owner_id.eq(attempt.tenant.uuid()),
            linked_identities::identity_id.eq(id.uuid()),
            linked_identities::account_id.eq(scope.account.uuid()),
            linked_identities::issuer.eq(&attempt.issuer),
            linked_identities::subject.eq(subject),
            linked_identities::linked_at.eq(linked_at),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/authorization_code"))?;
    scope.record(Event::AccountIdentityLinked { identity: id })?;
    Ok(LinkedIdentity { id, issuer: attempt.issuer.clone(), subject: subject.to_owned(), linked_at })
}

/// Ends one of the caller's links.
pub fn unlink(scope: &mut AccountScope<'_>, id: IdentityId) -> Result<(), StoreError> {
    let (account, Some(tenant)) = (scope.account, here(scope)) else { return Err(StoreError::NotFound) };
    // At a council nobody must sign in through the provider.
    let membership = scope.membership().cloned();
    let password_let_in = |scope: &mut AccountScope<'_>| match &membership {
        Some(membership) => lets_a_password_in(scope, account, membership),
        None => Ok(true),
    };
    let let_in_before = password_let_in(scope)?;
    let ended = diesel::delete(linked_identities::table.find((tenant.uuid(), id.uuid())))
        .filter(linked_identities::account_id.eq(scope.account.uuid()))
        .execute(scope.conn)?;
    if ended == 0 {
        return Err(StoreError::NotFound);
    }
    end_link(let_in_before, password_let_in(scope)?)?;
    scope.record(Event::AccountIdentityUnlinked { identity: id })
}
