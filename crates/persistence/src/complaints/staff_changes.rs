//! What a change of a member of staff touches besides their own row: a complaint that was closed to somebody stays closed, a
//! restricted record keeps somebody who can lift the restriction, and whoever leaves has no link that still serves.

use almoner_domain::events::Event;
use almoner_domain::staff::roles::Role;

use super::keep_closed;
use crate::access::invitations;
use crate::ground::error::StoreError;
use crate::ground::scope::PracticeScope;
use crate::people::access_restrictions;
use crate::staff::{Member, MemberDetails, keep_an_administrator, managers_besides, write_details, write_leaving};

/// Changes a member of staff. Nobody changes their own roles, or to whom they answer: with these comes what they may see.
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
    // Whoever a complaint is closed to stays closed off, whatever becomes of lines and roles.
    keep_closed(scope, |scope| write_details(scope, known, details))?;
    access_restrictions::expect_to_be_lifted(scope, known.id)?;
    scope.record(Event::StaffChanged { member: known.id })?;
    if before.roles != details.roles {
        let managers = managers_besides(scope, known.id)?;
        scope.record(Event::StaffRolesChanged { member: known.id, managers })?;
    }
    let line = |details: &MemberDetails| (details.line_manager_id, details.deputy_for_id, details.owner);
    if line(before) != line(details) {
        let managers = managers_besides(scope, known.id)?;
        scope.record(Event::StaffLineChanged { member: known.id, managers })?;
    }
    Ok(())
}

/// Somebody leaves: from the next request on nothing here is open to them, and their links serve no more.
pub fn leave(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    known.state().leave()?;
    keep_an_administrator(scope, known, &[])?;
    write_leaving(scope, known)?;
    invitations::end_those_of(scope, practice, known.id)?;
    access_restrictions::expect_to_be_lifted(scope, known.id)?;
    scope.record(Event::StaffLeft { member: known.id })
}
