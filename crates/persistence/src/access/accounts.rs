//! Accounts: one for each person, with a password and a second factor that the person chooses.

use almoner_domain::events::{Attempt, Event};
use almoner_domain::ids::{AccountId, OfficerId, StaffId};
use almoner_domain::words::email::Email;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::access::identity::memberships;
use crate::access::invitations;
use crate::access::second_factor::{self, Factor, TotpSecret};
use crate::access::sessions as own_sessions;
use crate::ground::callers::{Membership, Office, Seat};
use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{accounts, sessions};
use crate::ground::scope::{AccountScope, IdentityScope, OperatorScope};
use crate::ground::transaction::setting;
use crate::officers::offices;
use crate::tenancy::councils::CouncilName;
use crate::tenancy::practices::PracticeName;

/// An account with the hash against which its password is checked.
pub struct Account {
    /// The identifier of the account.
    pub account_id: AccountId,
    /// The argon2id hash of the password, in PHC form.
    pub password_hash: String,
    /// Whether the account may sign in at the operator's door, and at no other.
    pub operator: bool,
}

/// Finds the account with an e-mail address, unless it is disabled.
pub fn find(scope: &mut IdentityScope<'_>, email: &str) -> Result<Option<Account>, StoreError> {
    let row: Option<(Uuid, String, bool)> = accounts::table
        .filter(accounts::email.eq(email).and(accounts::disabled_at.is_null()))
        .select((accounts::account_id, accounts::password_hash, accounts::operator))
        .first(scope.conn)
        .optional()?;
    Ok(row.map(|(account_id, password_hash, operator)| Account {
        account_id: account_id.into(),
        password_hash,
        operator,
    }))
}

/// Whether the owner of the account has signed in within the last thirty days from the address of the request. Asks the
/// database the same for an unknown account, so that the time taken does not tell them apart.
pub fn is_familiar(scope: &mut IdentityScope<'_>, account: Option<&Account>) -> Result<bool, StoreError> {
    let account = account.map_or(Uuid::nil(), |account| account.account_id.uuid());
    let from = scope.request.from.map(|address| address.to_string());
    scope.execute(&[setting("app.account", account)])?;
    let begun: i64 = sessions::table
        .filter(sessions::account_id.eq(account).and(sessions::from_address.eq(from)))
        .filter(sessions::created_at.gt(scope.at() - TimeDelta::days(30)))
        .count()
        .get_result(scope.conn)?;
    Ok(begun > 0)
}

/// Whether both the password and the second factor are the account's. A wrong password uses up no second factor, and the
/// database is asked the same as for a right one. A refusal is recorded as an event.
pub fn prove(
    scope: &mut IdentityScope<'_>,
    account: Option<AccountId>,
    password_is_right: bool,
    factor: &Factor,
) -> Result<bool, StoreError> {
    let known = account.unwrap_or(AccountId::from(Uuid::nil()));
    own_sessions::acts_for(scope, known, None, None)?;
    let proved_for = if password_is_right { known } else { AccountId::from(Uuid::nil()) };
    let proved = second_factor::prove(scope, proved_for, factor)?;
    if !proved {
        scope.record_refusal(Attempt::SignIn.as_str(), Some(known.uuid()), None)?;
    }
    Ok(proved)
}

/// Records that an account whose owner proved both factors has nothing where they tried to come in: at this door, or at the
/// practice that they named.
pub fn refuse_here(scope: &mut IdentityScope<'_>, account: AccountId) -> Result<(), StoreError> {
    own_sessions::acts_for(scope, account, None, None)?;
    scope.record_refusal(Attempt::ComeIn.as_str(), Some(account.uuid()), None)
}

/// Replaces the hash of the same password, when the cost of hashing has risen.
pub fn rehash(scope: &mut IdentityScope<'_>, account: AccountId, password_hash: &str) -> Result<(), StoreError> {
    let kept = update(accounts::table.find(account.uuid()))
        .set(accounts::password_hash.eq(password_hash))
        .execute(scope.conn)?;
    StoreError::unless_changed(kept, "the account")
}

/// The caller's own account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnAccount {
    /// The identifier of the account.
    pub id: AccountId,
    /// The name of the account's owner.
    #[schema(value_type = almoner_domain::words::text::Line<200>)]
    pub name: String,
    /// The address with which the owner signs in.
    pub email: Email,
    /// The practices to which the owner belongs.
    #[schema(max_items = 200)]
    pub memberships: Vec<OwnMembership>,
    /// The councils of which the owner is an officer.
    #[schema(max_items = 200)]
    pub offices: Vec<OwnOffice>,
    /// The number of recovery codes that are left.
    #[schema(minimum = 0, maximum = 10)]
    pub recovery_codes_left: i64,
}

/// A practice to which the caller belongs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnMembership {
    /// The practice.
    pub practice: PracticeName,
    /// The membership.
    pub staff_id: StaffId,
}

/// A council of which the caller is an officer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnOffice {
    /// The council.
    pub council: CouncilName,
    /// The officer whom the caller is there.
    pub officer_id: OfficerId,
}

impl From<Office> for OwnOffice {
    fn from(office: Office) -> Self {
        Self { council: CouncilName::from(&office), officer_id: office.officer_id }
    }
}

impl From<Membership> for OwnMembership {
    fn from(membership: Membership) -> Self {
        Self { practice: PracticeName::from(&membership), staff_id: membership.staff_id }
    }
}

/// Finds the caller's own account.
pub fn own(scope: &mut AccountScope<'_>) -> Result<OwnAccount, StoreError> {
    let id = scope.account;
    let (name, email): (String, Email) =
        accounts::table.find(id.uuid()).select((accounts::name, accounts::email)).first(scope.conn)?;
    let (mut held, mut offices) = (memberships(scope, id)?, offices(scope, id)?);
    if scope.by_provider {
        // A tenant whose provider vouches for somebody does not learn where else they have a place.
        let here = scope.place().seat();
        held.retain(|held| Some(Seat::Staff(held.practice_id, held.staff_id)) == here);
        offices.retain(|held| Some(Seat::Officer(held.council_id, held.officer_id)) == here);
    }
    let memberships = held.into_iter().map(OwnMembership::from).collect();
    let offices = offices.into_iter().map(OwnOffice::from).collect();
    let recovery_codes_left = second_factor::recovery_codes_left(scope, id)?;
    Ok(OwnAccount { id, name, email, memberships, offices, recovery_codes_left })
}

/// The hash of the caller's password, to check a password against.
pub fn password_hash(scope: &mut AccountScope<'_>) -> Result<String, StoreError> {
    Ok(accounts::table.find(scope.account.uuid()).select(accounts::password_hash).first(scope.conn)?)
}

/// Changes the caller's password, and ends every other session of theirs.
pub fn change_password(scope: &mut AccountScope<'_>, password_hash: &str) -> Result<(), StoreError> {
    let account = scope.account;
    let changed = update(accounts::table.find(account.uuid()))
        .set(accounts::password_hash.eq(password_hash))
        .execute(scope.conn)?;
    StoreError::unless_changed(changed, "the account")?;
    let kept = scope.session;
    own_sessions::end_others(scope, account, Some(kept), "password_changed")?;
    scope.record(Event::AccountPasswordChanged { account })
}

/// Whether the second factor is the caller's, for a step-up of their session.
pub fn prove_own(scope: &mut AccountScope<'_>, factor: &Factor) -> Result<bool, StoreError> {
    let account = scope.account;
    let proved = second_factor::prove(scope, account, factor)?;
    if proved {
        scope.record(Event::AccountFactorProved { account })?;
    } else {
        scope.record_refusal(Attempt::ProveFactor.as_str(), Some(account.uuid()), None)?;
    }
    Ok(proved)
}

/// Draws a secret for a new authenticator of the caller's. The present authenticator stays valid until a code of the new one
/// is shown.
pub fn propose_second_factor(scope: &mut AccountScope<'_>) -> Result<(TotpSecret, Zeroizing<String>), StoreError> {
    let account = scope.account;
    let email: String = accounts::table.find(account.uuid()).select(accounts::email).first(scope.conn)?;
    let secret = second_factor::propose(scope, account)?;
    let address = secret.address(&email)?;
    scope.record(Event::AccountSecondFactorProposed { account })?;
    Ok((secret, address))
}

/// Replaces the caller's authenticator with the proposed one, if the code is its own. Issues new recovery codes, and ends
/// every other session.
pub fn confirm_second_factor(scope: &mut AccountScope<'_>, code: &str) -> Result<Option<Vec<String>>, StoreError> {
    let account = scope.account;
    let Some(secret) = second_factor::proposed(scope, account)? else { return Ok(None) };
    let Some(codes) = second_factor::install(scope, account, &secret, code)? else { return Ok(None) };
    let kept = scope.session;
    own_sessions::end_others(scope, account, Some(kept), "second_factor_changed")?;
    scope.record(Event::AccountSecondFactorChanged { account })?;
    Ok(Some(codes))
}

/// Draws new recovery codes for the caller. The earlier codes stop working.
pub fn replace_recovery_codes(scope: &mut AccountScope<'_>) -> Result<Vec<String>, StoreError> {
    let account = scope.account;
    let codes = second_factor::replace_recovery_codes(scope, account)?;
    scope.record(Event::AccountRecoveryCodesReplaced { account })?;
    Ok(codes)
}

/// An account, as the operator sees it, without what it may do in a practice.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = accounts)]
pub struct AccountSummary {
    /// The identifier of the account.
    #[diesel(column_name = account_id)]
    pub id: AccountId,
    /// The name of the account's owner.
    #[schema(value_type = almoner_domain::words::text::Line<200>)]
    pub name: String,
    /// The address with which the owner signs in.
    pub email: Email,
    /// Whether the account may sign in at the operator's door, and at no other.
    pub operator: bool,
    /// When the account was disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<DateTime<Utc>>,
    /// When the account was created.
    pub created_at: DateTime<Utc>,
}

/// Lists the accounts, in the order in which they were created.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<AccountSummary>, StoreError> {
    let rows = accounts::table
        .filter(accounts::account_id.gt(paging.after_id()?.unwrap_or(Uuid::nil())))
        .order(accounts::account_id)
        .limit(paging.fetch())
        .select(AccountSummary::as_select())
        .load(scope.conn)?;
    Ok(paging.page(rows, |account| account.id.uuid()))
}

/// Finds one account.
pub fn seen(scope: &mut OperatorScope<'_>, id: AccountId) -> Result<AccountSummary, StoreError> {
    Ok(accounts::table.find(id.uuid()).select(AccountSummary::as_select()).first(scope.conn)?)
}

/// Releases the address of an account, for the person whose address it is: somebody else made the account, by a link of a
/// practice that did not know them. The account keeps what it has, under an address that is nobody's; its sessions and unused
/// links end. The person is then invited as anybody is, makes an account of their own, and has nothing of the other one.
pub fn release_address(scope: &mut OperatorScope<'_>, id: AccountId) -> Result<(), StoreError> {
    let nobodys = format!("{id}@released.invalid");
    let released = update(accounts::table.find(id.uuid())).set(accounts::email.eq(nobodys)).execute(scope.conn)?;
    if released == 0 {
        return Err(StoreError::NotFound);
    }
    own_sessions::end_others(scope, id, None, "address_released")?;
    invitations::end_those_for(scope, id)?;
    scope.record(Event::AccountAddressReleased { account: id })
}

/// Disables an account, or enables it again. While it is disabled, its password is refused; its sessions and its unused links
/// end for good, so that its owner begins anew once it is enabled (ASVS 7.4.2). Sessions end at the enabling too: one may have
/// begun while the account was being disabled.
pub fn set_disabled(scope: &mut OperatorScope<'_>, id: AccountId, disabled: bool) -> Result<(), StoreError> {
    let at = disabled.then(|| scope.at());
    let changed = update(accounts::table.find(id.uuid())).set(accounts::disabled_at.eq(at)).execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::NotFound);
    }
    own_sessions::end_others(scope, id, None, "disabled")?;
    invitations::end_those_for(scope, id)?;
    scope.record(if disabled { Event::AccountDisabled { account: id } } else { Event::AccountEnabled { account: id } })
}
