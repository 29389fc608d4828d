//! Changes of a member of staff that touch more than their own row: a restricted record keeps somebody who can lift the restriction, and
//! a restricted referral keeps a manager.

use almoner_domain::events::Event;
use almoner_domain::staff::roles::Role;

use crate::ground::error::StoreError;
use crate::ground::scope::PracticeScope;
use crate::people::access_restrictions;
use crate::referrals;
use crate::staff::roster;
use crate::staff::{Member, MemberDetails, keep_an_administrator, managers_besides, write_details};

/// Changes a member of staff. Nobody changes their own roles or line manager, because these decide what they may see.
pub fn change(scope: &mut PracticeScope<'_>, known: &Member, details: &MemberDetails) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let before = &known.details;
    known.state().change()?;
    if known.id == scope.staff_id() {
        before.position().change_of_own(&details.position())?;
    }
    details.check(scope, practice)?;
    if !details.roles.contains(&Role::Administrator) {
        keep_an_administrator(scope, known, &details.roles)?;
    }
    let waits = write_details(scope, known, details)?;
    access_restrictions::expect_to_be_lifted(scope, known.id)?;
    referrals::expect_to_be_screened(scope, known.id)?;
    scope.record(Event::StaffChanged { member: known.id })?;
    if before.roles != details.roles {
        let managers = managers_besides(scope, known.id)?;
        scope.record(Event::StaffRolesChanged { member: known.id, managers })?;
    }
    if waits && known.joined {
        let practice = scope.practice_id();
        let confirmers = roster::confirmers(scope, practice, known.id)?;
        scope.record(Event::StaffUnconfirmed { member: known.id, confirmers })?;
    }
    if before.line() != details.line() {
        let managers = managers_besides(scope, known.id)?;
        scope.record(Event::StaffLineChanged { member: known.id, managers })?;
    }
    Ok(())
}
