//! Invitations: links that can be used once, with which a person chooses a password and a second factor. Nobody chooses them
//! for somebody else, so no practice can take over an account and see what its owner sees elsewhere.

mod drawing;

use almoner_domain::events::{AccountOf, Event};
use almoner_domain::ids::{AccountId, PracticeId};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::access::accounts::{self, Account};
use crate::access::bearer::Bearer;
use crate::access::second_factor::{self, TotpSecret};
use crate::access::sessions;
use crate::ground::callers::{ComplaintsPerson, Seat, SeatColumns};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{accounts as account_rows, invitations, practices};
use crate::ground::scope::{IdentityScope, Scope};
use crate::ground::sealing::{SealedField, under_passphrase};
use crate::ground::transaction::setting;
use crate::officers::{self, guests};
use crate::staff::{self, Drawn};
use crate::tenancy::councils::{self, CouncilName};
use crate::tenancy::practices::PracticeName;

pub(crate) use self::drawing::{end_those_for, end_those_of, invite, reset_credentials};
pub use self::drawing::{invite_operator, reset_credentials_for_operator, reset_credentials_for_practice};

/// The time for which a link is valid.
pub const SERVES: TimeDelta = TimeDelta::hours(72);

/// The purpose of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationPurpose {
    /// The invited person joins a practice or a council.
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
    /// The council to join.
    pub council: Option<CouncilName>,
    /// As whom the invited person joins, or whose credentials are reset there.
    pub seat: Option<Seat>,
    /// The account of that address, where there is one.
    pub account: Option<Account>,
    id: Uuid,
    account_id: Option<AccountId>,
    totp_secret: Option<Vec<u8>>,
    drawn: Drawn,
    token: Bearer<1>,
}

fn sealed_field(id: Uuid) -> SealedField {
    SealedField { owner: id, table: "invitations", column: "totp_secret", row: id }
}

/// Finds the invitation of this token, unless it has expired or was used, or the access ended for which it was drawn.
pub fn find(scope: &mut IdentityScope<'_>, token: &str) -> Result<Option<Invitation>, StoreError> {
    type FindRow =
        ((String, SeatColumns, Option<AccountId>, String, String, Option<Vec<u8>>), (AccountId, DateTime<Utc>));
    let Some(token) = Bearer::<1>::read(token) else { return Ok(None) };
    let id = token.ids[0];
    let row: Option<FindRow> = invitations::table
        .find(id)
        .filter(invitations::token_hash.eq(token.hash()).and(invitations::ended_at.is_null()))
        .filter(invitations::expires_at.gt(scope.at()))
        .select((
            (
                invitations::purpose,
                (
                    (invitations::practice_id, invitations::staff_id),
                    (invitations::council_id, invitations::officer_id, invitations::guest_id, false.into_sql::<Bool>()),
                ),
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
    let (purpose, seat, account_id, email, name, totp_secret) = row;
    let seat = Seat::of(seat);
    let (practice, council) = match seat {
        Some(Seat::Staff(practice, member)) if staff::is_here(scope, practice, member)? => {
            (Some(name_of(scope, practice)?), None)
        }
        Some(Seat::Officer(council, officer)) if officers::is_here(scope, council, officer)? => {
            (None, Some(councils::name_of(scope, council)?))
        }
        Some(Seat::Complaints(council, ComplaintsPerson::Guest(guest))) if guests::is_here(scope, council, guest)? => {
            (None, Some(councils::name_of(scope, council)?))
        }
        Some(_) => return Ok(None),
        None => (None, None),
    };
    let account = accounts::find(scope, &email)?;
    Ok(Some(Invitation {
        purpose: InvitationPurpose::parse(&purpose)?,
        email,
        name,
        practice,
        council,
        account,
        id,
        seat,
        account_id,
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
            replace_credentials(scope, account, password_hash, invitation.drawn)?;
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
            account_rows::invited_by.eq(operates.then_some(invitation.drawn.by).into_iter().collect::<Vec<_>>()),
            account_rows::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/token"))?;
    scope.new_root_key(account.uuid())?;
    let waits = become_member(scope, invitation, account)?;
    Ok((account, waits))
}

/// The person who handed over the link may have used it themselves, so each practice has to confirm that the account is still
/// its member's, and each council that it is its officer's or its guest's.
fn replace_credentials(
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
    // Whoever drew the link may be this operator from now on, so the two are one hand where two operators confirm.
    update(account_rows::table.find(account.uuid()))
        .filter(account_rows::operator)
        .set(account_rows::invited_by.eq(account_rows::invited_by.concat(vec![drawn.by])))
        .execute(scope.conn)?;
    // An account that was created before second factors were introduced has no key of its own yet.
    if matches!(scope.root_key(account.uuid()), Err(StoreError::Sealed)) {
        scope.new_root_key(account.uuid())?;
    }
    sessions::end_others(scope, account, None, "replaced")?;
    end_those_for(scope, account)?;
    let memberships = staff::leave_unconfirmed(scope, account, drawn)?;
    let offices = officers::leave_unconfirmed(scope, account, drawn)?;
    for (practice, member) in memberships {
        ask_to_confirm(scope, account, Seat::Staff(practice, member))?;
    }
    for (council, officer) in offices {
        ask_to_confirm(scope, account, Seat::Officer(council, officer))?;
        officers::note_readers(scope, council)?;
    }
    for (council, guest) in guests::leave_unconfirmed(scope, account, drawn)? {
        ask_to_confirm(scope, account, Seat::Complaints(council, ComplaintsPerson::Guest(guest)))?;
    }
    Ok(())
}

/// Asks for the confirmation of somebody who has joined, if something of them waits.
fn ask_about_roles(
    scope: &mut IdentityScope<'_>,
    invitation: &Invitation,
    account: AccountId,
    waits: bool,
) -> Result<(), StoreError> {
    match invitation.seat.filter(|_| waits) {
        Some(seat) => ask_to_confirm(scope, account, seat),
        None => Ok(()),
    }
}

/// Records that a membership or an officer waits to be confirmed, and notifies the members of staff who can.
fn ask_to_confirm(scope: &mut IdentityScope<'_>, account: AccountId, seat: Seat) -> Result<(), StoreError> {
    let event = match seat {
        Seat::Staff(practice, member) => {
            Event::StaffUnconfirmed { member, confirmers: staff::roster::confirmers(scope, practice, member)? }
        }
        Seat::Officer(_, officer) | Seat::Complaints(_, ComplaintsPerson::Officer(officer)) => {
            Event::OfficerUnconfirmed { officer }
        }
        Seat::Complaints(_, ComplaintsPerson::Guest(guest)) => Event::GuestUnconfirmed { guest },
    };
    sessions::acts_for(scope, account, Some(seat), None)?;
    scope.record(event)
}

/// Joins a practice or a council with an existing account, whose owner has just proved that it is theirs.
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
    match invitation.seat {
        None => Ok(false),
        Some(Seat::Staff(practice, member)) => staff::join(scope, (practice, member), account, invitation.drawn),
        // No role of an officer works before it is confirmed.
        Some(Seat::Officer(council, officer)) => {
            officers::join(scope, (council, officer), account, invitation.drawn)?;
            Ok(true)
        }
        Some(Seat::Complaints(council, ComplaintsPerson::Guest(guest))) => {
            guests::join(scope, (council, guest), account, invitation.drawn)?;
            Ok(false)
        }
        Some(Seat::Complaints(_, ComplaintsPerson::Officer(_))) => Err(StoreError::NotFound),
    }
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
    sessions::acts_for(scope, account, invitation.seat, None)?;
    scope.record(match (invitation.purpose, invitation.seat) {
        (InvitationPurpose::Join, Some(Seat::Staff(_, member))) => Event::StaffJoined { member },
        (InvitationPurpose::Join, Some(Seat::Officer(_, officer))) => Event::OfficerJoined { officer },
        (InvitationPurpose::Join, Some(Seat::Complaints(_, ComplaintsPerson::Guest(guest)))) => {
            Event::GuestJoined { guest }
        }
        (InvitationPurpose::ResetCredentials, seat) => Event::AccountCredentialsReset {
            account: match seat {
                Some(Seat::Staff(_, member)) => AccountOf::Practice(member),
                Some(Seat::Officer(_, officer) | Seat::Complaints(_, ComplaintsPerson::Officer(officer))) => {
                    AccountOf::Council(officer)
                }
                Some(Seat::Complaints(_, ComplaintsPerson::Guest(guest))) => AccountOf::Complaints(guest),
                None => AccountOf::Platform(account),
            },
        },
        (InvitationPurpose::Operate, _) => Event::OperatorJoined { account },
        (InvitationPurpose::Join, None | Some(Seat::Complaints(_, ComplaintsPerson::Officer(_)))) => {
            return Err(StoreError::unreadable("an invitation to join nothing"));
        }
    })
}
