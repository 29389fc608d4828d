//! Drawing links: who may hand one to whom, and which earlier links end with that.

use almoner_domain::events::Event;
use almoner_domain::ids::{AccountId, InvitationId, StaffId};
use almoner_domain::staff::membership::account_to_replace;
use almoner_domain::words::email::Email;
use diesel::prelude::*;
use uuid::Uuid;

use crate::access::accounts;
use crate::access::bearer::Bearer;
use crate::access::invitations::{InvitationPurpose, SERVES};
use crate::ground::callers::{ComplaintsPerson, Seat};
use crate::ground::error::StoreError;
use crate::ground::idempotency::Made;
use crate::ground::prepared::update;
use crate::ground::schema::{accounts as account_rows, invitations, staff as members};
use crate::ground::scope::{OperatorScope, PracticeScope, Scope};
use crate::staff::presence::not_gone;

/// The person for whom a link is drawn.
struct Invited<'a> {
    purpose: InvitationPurpose,
    seat: Option<Seat>,
    account: Option<AccountId>,
    email: &'a str,
    name: &'a str,
    /// The account of whoever draws the link.
    by: AccountId,
}

fn draw(scope: &mut Scope<'_>, invited: &Invited<'_>) -> Result<String, StoreError> {
    let id: InvitationId = scope.next_id();
    let token = Bearer::draw([id.uuid()]);
    let ((practice, member), (council, officer, guest, _)) = invited.seat.map(Seat::columns).unwrap_or_default();
    diesel::insert_into(invitations::table)
        .values((
            invitations::invitation_id.eq(id.uuid()),
            invitations::purpose.eq(invited.purpose.as_str()),
            invitations::practice_id.eq(practice),
            invitations::staff_id.eq(member),
            invitations::council_id.eq(council),
            invitations::officer_id.eq(officer),
            invitations::guest_id.eq(guest),
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

/// Draws the link with which a member of staff joins a practice, or an officer or a guest a council. Their earlier links stop working.
pub(crate) fn invite(
    scope: &mut Scope<'_>,
    seat: Seat,
    email: &str,
    name: &str,
    by: AccountId,
) -> Result<String, StoreError> {
    end_those_of(scope, seat)?;
    draw(scope, &Invited { purpose: InvitationPurpose::Join, seat: Some(seat), account: None, email, name, by })
}

/// Draws the link with which the owner of an account resets a lost password and second factor, for one who has a place here.
/// Somebody else here has to confirm the account afterwards.
pub(crate) fn reset_credentials(
    scope: &mut Scope<'_>,
    seat: Seat,
    account: AccountId,
    email: &str,
    name: &str,
    by: AccountId,
) -> Result<String, StoreError> {
    end_those_of(scope, seat)?;
    let purpose = InvitationPurpose::ResetCredentials;
    draw(scope, &Invited { purpose, seat: Some(seat), account: Some(account), email, name, by })
}

/// Ends the unused links of a member of staff, an officer or a guest.
pub(crate) fn end_those_of(scope: &mut Scope<'_>, seat: Seat) -> Result<(), StoreError> {
    let at = scope.at();
    let unused = update(invitations::table).filter(invitations::ended_at.is_null());
    match seat {
        Seat::Staff(practice, member) => unused
            .filter(invitations::practice_id.eq(practice).and(invitations::staff_id.eq(member)))
            .set(invitations::ended_at.eq(at))
            .execute(scope.conn)?,
        Seat::Officer(council, officer) | Seat::Complaints(council, ComplaintsPerson::Officer(officer)) => unused
            .filter(invitations::council_id.eq(council).and(invitations::officer_id.eq(officer)))
            .set(invitations::ended_at.eq(at))
            .execute(scope.conn)?,
        Seat::Complaints(council, ComplaintsPerson::Guest(guest)) => unused
            .filter(invitations::council_id.eq(council).and(invitations::guest_id.eq(guest)))
            .set(invitations::ended_at.eq(at))
            .execute(scope.conn)?,
    };
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
    let invited = Invited { purpose: InvitationPurpose::Operate, seat: None, account: None, email, name, by };
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
        seat: None,
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
    let by = scope.account();
    let token = reset_credentials(scope, Seat::Staff(practice, id), account, &email, &name, by)?;
    scope.record(Event::StaffCredentialResetOffered { member: id })?;
    Ok(Made { id: id.uuid(), secret: Some(token) })
}
