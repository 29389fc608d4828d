//! Joining a practice's staff: a new member is entered and invited with a link that can be used once.

use almoner_domain::events::Event;
use almoner_domain::ids::{AccountId, PracticeId};
use almoner_domain::staff::membership::invite_first_people;

use crate::access::invitations;
use crate::ground::callers::Seat;
use crate::ground::error::StoreError;
use crate::ground::idempotency::Made;
use crate::ground::scope::{OperatorScope, PracticeScope, Scope};
use crate::staff::{Member, NewMember, administrators, enter, managers_besides};
use crate::tenancy::practices;

/// Invites the first members of a practice's staff, as an operator.
pub fn create(scope: &mut OperatorScope<'_>, practice: PracticeId, new: &NewMember) -> Result<Made, StoreError> {
    practices::find(scope, practice)?;
    let account = scope.account();
    let made = enter_and_invite(scope, practice, new, account, true)?;
    scope.record(Event::StaffInvited { member: made.id.into(), managers: Vec::new() })?;
    Ok(made)
}

/// Once a practice has an administrator, only they invite its staff, so that an operator cannot give themselves access.
pub fn expect_no_administrator(scope: &mut OperatorScope<'_>, practice: PracticeId) -> Result<(), StoreError> {
    Ok(invite_first_people(administrators(scope, practice)?)?)
}

/// Invites a new member to the caller's practice.
pub fn invite(scope: &mut PracticeScope<'_>, new: &NewMember) -> Result<Made, StoreError> {
    let (practice, account) = (scope.practice_id(), scope.account());
    let made = enter_and_invite(scope, practice, new, account, false)?;
    let member = made.id.into();
    let managers = managers_besides(scope, member)?;
    scope.record(Event::StaffInvited { member, managers })?;
    Ok(made)
}

fn enter_and_invite(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    new: &NewMember,
    by: AccountId,
    by_operator: bool,
) -> Result<Made, StoreError> {
    let id = enter(scope, practice, new, by, by_operator)?;
    let token = invitations::invite(scope, Seat::Staff(practice, id), new.email.as_str(), new.name.as_str(), by)?;
    Ok(Made { id: id.uuid(), secret: Some(token) })
}

/// Invites a member who has not joined yet once more. The earlier link stops working.
pub fn invite_again(scope: &mut PracticeScope<'_>, known: &Member) -> Result<Made, StoreError> {
    known.state().invite_again()?;
    let (member, account) = (Seat::Staff(scope.practice_id(), known.id), scope.account());
    let token = invitations::invite(scope, member, known.email.as_str(), known.details.name.as_str(), account)?;
    scope.record(Event::StaffInvited { member: known.id, managers: Vec::new() })?;
    Ok(Made { id: known.id.uuid(), secret: Some(token) })
}
