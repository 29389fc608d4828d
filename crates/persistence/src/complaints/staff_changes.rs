//! Changes of a member of staff that touch more than their own row. A complaint that was invisible to a member of staff
//! stays invisible, a restricted record keeps somebody who can lift the restriction, a restricted referral keeps a manager,
//! and the unused invitations of a member of staff who leaves stop working.

use almoner_domain::events::Event;
use almoner_domain::staff::roles::Role;

use super::keep_closed;
use crate::access::invitations;
use crate::ground::error::StoreError;
use crate::ground::scope::PracticeScope;
use crate::people::access_restrictions;
use crate::referrals;
use crate::staff::roster;
use crate::staff::{Member, MemberDetails, keep_an_administrator, managers_besides, write_details, write_leaving};

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
    // A complaint that is invisible to a member of staff stays invisible to them, however lines of management and roles change.
    let mut waits = false;
    keep_closed(scope, |scope| {
        waits = write_details(scope, known, details)?;
        Ok(())
    })?;
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
    let line = |details: &MemberDetails| (details.line_manager_id, details.deputy_for_id, details.owner);
    if line(before) != line(details) {
        let managers = managers_besides(scope, known.id)?;
        scope.record(Event::StaffLineChanged { member: known.id, managers })?;
    }
    Ok(())
}

/// Records that a member of staff leaves. From the next request on they may see nothing here, and their invitations stop working.
pub fn leave(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    known.state().leave()?;
    keep_an_administrator(scope, known, &[])?;
    write_leaving(scope, known)?;
    invitations::end_those_of(scope, practice, known.id)?;
    access_restrictions::expect_to_be_lifted(scope, known.id)?;
    referrals::expect_to_be_screened(scope, known.id)?;
    scope.record(Event::StaffLeft { member: known.id })
}
