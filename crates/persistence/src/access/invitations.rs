//! Invitations: links that can be used once, with which a person chooses a password and a second factor. Nobody chooses them
//! for somebody else, so no practice can take over an account and see what its owner sees elsewhere.

use almoner_domain::events::{AccountOf, Event};
use almoner_domain::ids::{AccountId, InvitationId, PracticeId, StaffId};
use almoner_domain::staff::membership::account_to_replace;
use almoner_domain::words::email::Email;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::access::accounts::{self, Account};
use crate::access::bearer::Bearer;
use crate::access::second_factor::{self, TotpSecret};
use crate::access::sessions;
use crate::ground::error::StoreError;
use crate::ground::idempotency::Made;
use crate::ground::prepared::update;
use crate::ground::schema::{accounts as account_rows, invitations, practices, staff as members};
use crate::ground::scope::{IdentityScope, OperatorScope, PracticeScope, Scope};
use crate::ground::sealing::{SealedField, under_passphrase};
use crate::ground::transaction::setting;
use crate::staff::presence::not_gone;
use crate::staff::{self, Drawn};
use crate::tenancy::practices::PracticeName;

/// The time for which a link is valid.
pub const SERVES: TimeDelta = TimeDelta::hours(72);

/// The purpose of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationPurpose {
    /// The invited person joins a practice.
    Join,
    /// The invited person gets an account for the operator's door.
    Operate,
    /// The account's owner resets a lost password and second factor.
    ResetCredentials,
}

impl InvitationPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Operate => "operate",
            Self::ResetCredentials => "reset_credentials",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        [Self::Join, Self::Operate, Self::ResetCredentials]
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
            .ok_or_else(|| StoreError::unreadable("the purpose of an invitation"))
    }
}

/// The link of an invitation, shown once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    /// The token of the link, to be handed to the invited person and to nobody else.
    #[schema(max_length = 200, pattern = "^[A-Za-z0-9_-]*$")]
    pub token: String,
    /// When the link expires.
    pub expires_at: DateTime<Utc>,
}

impl Link {
    /// Makes the link of a token. The token's identifier says, to the millisecond, when it was drawn.
    pub fn new(token: &str) -> Self {
        let drawn_at = Bearer::<1>::read(token).and_then(|token| {
            let (seconds, nanoseconds) = token.ids[0].get_timestamp()?.to_unix();
            DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
        });
        Self { token: token.to_owned(), expires_at: drawn_at.unwrap_or_default() + SERVES }
    }
}

/// The person for whom a link is drawn.
struct Invited<'a> {
    purpose: InvitationPurpose,
    member: Option<(PracticeId, StaffId)>,
    account: Option<AccountId>,
    email: &'a str,
    name: &'a str,
    /// The account of whoever draws the link.
    by: AccountId,
}

fn draw(scope: &mut Scope<'_>, invited: &Invited<'_>) -> Result<String, StoreError> {
    let id: InvitationId = scope.next_id();
    let token = Bearer::draw([id.uuid()]);
    diesel::insert_into(invitations::table)
        .values((
            invitations::invitation_id.eq(id.uuid()),
            invitations::purpose.eq(invited.purpose.as_str()),
            invitations::practice_id.eq(invited.member.map(|(practice, _)| practice.uuid())),
            invitations::staff_id.eq(invited.member.map(|(_, staff)| staff.uuid())),
            invitations::account_id.eq(invited.account.map(AccountId::uuid)),
            invitations::drawn_by.eq(invited.by),
            invitations::email.eq(invited.email),
            invitations::name.eq(invited.name),
            invitations::token_hash.eq(token.hash()),
            invitations::created_at.eq(scope.at()),
            invitations::expires_at.eq(scope.at() + SERVES),
        ))
        .execute(scope.conn)?;
    Ok(token.text().to_owned())
}

/// Draws the link with which a member of staff joins a practice. Their earlier links stop working.
pub(crate) fn invite(
    scope: &mut Scope<'_>,
    (practice, staff_id): (PracticeId, StaffId),
    email: &str,
    name: &str,
    by: AccountId,
) -> Result<String, StoreError> {
    end_those_of(scope, practice, staff_id)?;
    let member = Some((practice, staff_id));
    draw(scope, &Invited { purpose: InvitationPurpose::Join, member, account: None, email, name, by })
}

/// Ends the unused links of a member of staff.
pub(crate) fn end_those_of(scope: &mut Scope<'_>, practice: PracticeId, staff_id: StaffId) -> Result<(), StoreError> {
    update(invitations::table)
        .filter(invitations::practice_id.eq(practice.uuid()).and(invitations::staff_id.eq(staff_id.uuid())))
        .filter(invitations::ended_at.is_null())
        .set(invitations::ended_at.eq(scope.at()))
        .execute(scope.conn)?;
    Ok(())
}

/// Ends the unused links for a credential reset of an account.
pub(crate) fn end_those_for(scope: &mut Scope<'_>, account: AccountId) -> Result<(), StoreError> {
    update(invitations::table.filter(invitations::account_id.eq(account.uuid())))
        .filter(invitations::ended_at.is_null())
        .set(invitations::ended_at.eq(scope.at()))
        .execute(scope.conn)?;
    Ok(())
}

/// Draws the link with which a person gets an account for the operator's door.
pub fn invite_operator(scope: &mut OperatorScope<'_>, email: &Email, name: &str) -> Result<Made, StoreError> {
    let known = account_rows::table.filter(account_rows::email.eq(email)).count().get_result::<i64>(scope.conn)?;
    if known > 0 {
        return Err(StoreError::AlreadyExists("/email"));
    }
    let (email, by) = (email.as_str(), scope.account());
    let invited = Invited { purpose: InvitationPurpose::Operate, member: None, account: None, email, name, by };
    let token = draw(scope, &invited)?;
    let id = Bearer::<1>::read(&token).map_or(Uuid::nil(), |token| token.ids[0]);
    scope.record(Event::OperatorInvited { invitation: id.into() })?;
    Ok(Made { id, secret: Some(token) })
}

/// Draws the link with which the owner of an account resets a lost password and second factor, as an operator. The account
/// opens nothing at a practice until that practice has confirmed that the account is still its member's.
pub fn reset_credentials_for_operator(scope: &mut OperatorScope<'_>, id: AccountId) -> Result<Made, StoreError> {
    let account = accounts::seen(scope, id)?;
    let email = account.email.as_str();
    let invited = Invited {
        purpose: InvitationPurpose::ResetCredentials,
        member: None,
        account: Some(id),
        email,
        name: &account.name,
        by: scope.account(),
    };
    let token = draw(scope, &invited)?;
    scope.record(Event::AccountCredentialResetOffered { account: id })?;
    Ok(Made { id: id.uuid(), secret: Some(token) })
}

/// Draws the same link as the administrator of a practice, for one of its members. Somebody else there has to confirm the
/// account afterwards.
pub fn reset_credentials_for_practice(scope: &mut PracticeScope<'_>, id: StaffId) -> Result<Made, StoreError> {
    let practice = scope.practice_id();
    let (account, email, name): (Option<Uuid>, String, String) = members::table
        .filter(members::practice_id.eq(practice).and(members::staff_id.eq(id)).and(not_gone!(scope.at())))
        .select((members::account_id, members::email, members::name))
        .first(scope.conn)?;
    let account = account_to_replace(account.map(AccountId::from))?;
    end_those_of(scope, practice, id)?;
    let invited = Invited {
        purpose: InvitationPurpose::ResetCredentials,
        member: Some((practice, id)),
        account: Some(account),
        email: &email,
        name: &name,
        by: scope.account(),
    };
    let token = draw(scope, &invited)?;
    scope.record(Event::StaffCredentialResetOffered { member: id })?;
    Ok(Made { id: id.uuid(), secret: Some(token) })
}

/// An invitation whose link is still valid, with what its holder may know.
pub struct Invitation {
    /// The purpose of the invitation.
    pub purpose: InvitationPurpose,
    /// The e-mail address of the account.
    pub email: String,
    /// The name of the invited person.
    pub name: String,
    /// The practice to join.
    pub practice: Option<PracticeName>,
    /// The account of that address, where there is one.
    pub account: Option<Account>,
    id: Uuid,
    member: Option<(PracticeId, StaffId)>,
    account_id: Option<AccountId>,
    totp_secret: Option<Vec<u8>>,
    drawn: Drawn,
    token: Bearer<1>,
}

fn sealed_field(id: Uuid) -> SealedField {
    SealedField { owner: id, table: "invitations", column: "totp_secret", row: id }
}

/// Finds the invitation of this token, unless it has expired or was used.
pub fn find(scope: &mut IdentityScope<'_>, token: &str) -> Result<Option<Invitation>, StoreError> {
    type FindRow = (
        (String, Option<Uuid>, Option<Uuid>, Option<Uuid>, String, String, Option<Vec<u8>>),
        (AccountId, DateTime<Utc>),
    );
    let Some(token) = Bearer::<1>::read(token) else { return Ok(None) };
    let id = token.ids[0];
    let row: Option<FindRow> = invitations::table
        .find(id)
        .filter(invitations::token_hash.eq(token.hash()).and(invitations::ended_at.is_null()))
        .filter(invitations::expires_at.gt(scope.at()))
        .select((
            (
                invitations::purpose,
                invitations::practice_id,
                invitations::staff_id,
                invitations::account_id,
                invitations::email,
                invitations::name,
                invitations::totp_secret,
            ),
            (invitations::drawn_by, invitations::created_at),
        ))
        .first(scope.conn)
        .optional()?;
    let Some((row, (by, at))) = row else { return Ok(None) };
    let (purpose, practice_id, staff_id, account_id, email, name, totp_secret) = row;
    let member = practice_id.zip(staff_id).map(|(practice, staff)| (practice.into(), staff.into()));
    let practice = match member {
        Some((practice, _)) => Some(name_of(scope, practice)?),
        None => None,
    };
    let account = accounts::find(scope, &email)?;
    Ok(Some(Invitation {
        purpose: InvitationPurpose::parse(&purpose)?,
        email,
        name,
        practice,
        account,
        id,
        member,
        account_id: account_id.map(AccountId::from),
        totp_secret,
        drawn: Drawn { by, at },
        token,
    }))
}

fn name_of(scope: &mut Scope<'_>, practice: PracticeId) -> Result<PracticeName, StoreError> {
    Ok(practices::table.find(practice).select(PracticeName::as_select()).first(scope.conn)?)
}

/// Draws the secret of a new authenticator for the holder of the link. A second request draws another, so that somebody who
/// saw the link on its way has not seen the secret that will count.
pub fn begin(
    scope: &mut IdentityScope<'_>,
    invitation: &Invitation,
) -> Result<(TotpSecret, Zeroizing<String>), StoreError> {
    let secret = TotpSecret::draw();
    let sealed = under_passphrase(invitation.token.text()).seal(sealed_field(invitation.id), secret.bytes())?;
    let begun =
        update(invitations::table.find(invitation.id)).set(invitations::totp_secret.eq(sealed)).execute(scope.conn)?;
    StoreError::unless_changed(begun, "the invitation")?;
    let address = secret.address(&invitation.email)?;
    Ok((secret, address))
}

/// Creates the account that the link is for, with this password and the authenticator that was begun, or resets the
/// credentials of the account that it is for. Returns recovery codes, shown once, or `None` if the code is not the
/// authenticator's.
pub fn accept(
    scope: &mut IdentityScope<'_>,
    invitation: &Invitation,
    password_hash: &str,
    code: &str,
) -> Result<Option<Vec<String>>, StoreError> {
    let Some(sealed) = &invitation.totp_secret else { return Ok(None) };
    let bytes: Vec<u8> = under_passphrase(invitation.token.text()).open(sealed_field(invitation.id), sealed)?;
    take_up(scope, invitation, password_hash, &TotpSecret::from_bytes(bytes), code)
}

/// Accepts the invitation as [`accept`] does, with an authenticator that has this secret.
pub fn take_up(
    scope: &mut IdentityScope<'_>,
    invitation: &Invitation,
    password_hash: &str,
    secret: &TotpSecret,
    code: &str,
) -> Result<Option<Vec<String>>, StoreError> {
    end(scope, invitation)?;
    let (account, waits) = match invitation.account_id {
        Some(account) => {
            reset_credentials(scope, account, password_hash, invitation.drawn)?;
            (account, false)
        }
        None => make(scope, invitation, password_hash)?,
    };
    let Some(codes) = second_factor::install(scope, account, secret, code)? else { return Ok(None) };
    record(scope, invitation, account)?;
    ask_about_roles(scope, invitation, account, waits)?;
    Ok(Some(codes))
}

/// Makes the account. Returns it, and whether roles of its member wait to be confirmed.
fn make(
    scope: &mut IdentityScope<'_>,
    invitation: &Invitation,
    password_hash: &str,
) -> Result<(AccountId, bool), StoreError> {
    let operates = invitation.purpose == InvitationPurpose::Operate;
    let account: AccountId = scope.next_id();
    scope.execute(&[setting("app.account", account.uuid())])?;
    diesel::insert_into(account_rows::table)
        .values((
            account_rows::account_id.eq(account.uuid()),
            account_rows::email.eq(&invitation.email),
            account_rows::name.eq(&invitation.name),
            account_rows::password_hash.eq(password_hash),
            account_rows::operator.eq(operates),
            account_rows::invited_by.eq(operates.then_some(invitation.drawn.by)),
            account_rows::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/token"))?;
    scope.new_root_key(account.uuid())?;
    let waits = become_member(scope, invitation, account)?;
    Ok((account, waits))
}

/// The person who handed over the link may have used it themselves, so each practice has to confirm that the account is
/// still its member's.
fn reset_credentials(
    scope: &mut IdentityScope<'_>,
    account: AccountId,
    password_hash: &str,
    drawn: Drawn,
) -> Result<(), StoreError> {
    scope.execute(&[setting("app.account", account.uuid())])?;
    let replaced = update(account_rows::table.find(account.uuid()))
        .set(account_rows::password_hash.eq(password_hash))
        .execute(scope.conn)?;
    StoreError::unless_changed(replaced, "the account")?;
    // An account that was created before second factors were introduced has no key of its own yet.
    if matches!(scope.root_key(account.uuid()), Err(StoreError::Sealed)) {
        scope.new_root_key(account.uuid())?;
    }
    sessions::end_others(scope, account, None, "replaced")?;
    end_those_for(scope, account)?;
    let memberships = staff::leave_unconfirmed(scope, account, drawn)?;
    memberships.into_iter().try_for_each(|(practice, member)| ask_to_confirm(scope, account, practice, member))
}

/// Notifies those who can confirm the heavy roles of somebody who has joined, if there are any.
fn ask_about_roles(
    scope: &mut IdentityScope<'_>,
    invitation: &Invitation,
    account: AccountId,
    waits: bool,
) -> Result<(), StoreError> {
    match invitation.member.filter(|_| waits) {
        Some((practice, member)) => ask_to_confirm(scope, account, practice, member),
        None => Ok(()),
    }
}

/// Notifies those who can confirm what of a membership waits.
fn ask_to_confirm(
    scope: &mut IdentityScope<'_>,
    account: AccountId,
    practice: PracticeId,
    member: StaffId,
) -> Result<(), StoreError> {
    let confirmers = staff::roster::confirmers(scope, practice, member)?;
    sessions::acts_for(scope, account, Some((practice, member)), None)?;
    scope.record(Event::StaffUnconfirmed { member, confirmers })
}

/// Joins a practice with an existing account, whose owner has just proved that it is theirs.
pub fn join(scope: &mut IdentityScope<'_>, invitation: &Invitation, account: AccountId) -> Result<(), StoreError> {
    end(scope, invitation)?;
    let waits = become_member(scope, invitation, account)?;
    record(scope, invitation, account)?;
    ask_about_roles(scope, invitation, account, waits)
}

fn become_member(
    scope: &mut IdentityScope<'_>,
    invitation: &Invitation,
    account: AccountId,
) -> Result<bool, StoreError> {
    let Some(member) = invitation.member else { return Ok(false) };
    staff::join(scope, member, account, invitation.drawn)
}

/// Ends the invitation. Of two requests with one link, only one ends it.
fn end(scope: &mut Scope<'_>, invitation: &Invitation) -> Result<(), StoreError> {
    let ended = update(invitations::table.find(invitation.id))
        .filter(invitations::ended_at.is_null())
        .set(invitations::ended_at.eq(scope.at()))
        .execute(scope.conn)?;
    if ended == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

fn record(scope: &mut Scope<'_>, invitation: &Invitation, account: AccountId) -> Result<(), StoreError> {
    sessions::acts_for(scope, account, invitation.member, None)?;
    scope.record(match (invitation.purpose, invitation.member) {
        (InvitationPurpose::Join, Some((_, member))) => Event::StaffJoined { member },
        (InvitationPurpose::ResetCredentials, Some((_, member))) => {
            Event::AccountCredentialsReset { account: AccountOf::Practice(member) }
        }
        (InvitationPurpose::ResetCredentials, None) => {
            Event::AccountCredentialsReset { account: AccountOf::Platform(account) }
        }
        (InvitationPurpose::Operate, _) => Event::OperatorJoined { account },
        (InvitationPurpose::Join, None) => return Err(StoreError::unreadable("an invitation to join no practice")),
    })
}
