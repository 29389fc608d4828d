//! The roles of staff, as the database keeps them.

use almoner_domain::ids::{PracticeId, StaffId};
use almoner_domain::people::access_restriction::ACCESS_MANAGERS;
use almoner_domain::staff::roles::Role;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::staff;
use crate::ground::scope::Scope;

/// The roles as they are stored.
pub(crate) fn parse_roles(roles: &[String]) -> Result<Vec<Role>, StoreError> {
    roles.iter().map(|role| Role::parse(role).map_err(StoreError::unreadable)).collect()
}

/// Whether a member of staff can do what their roles say: they have joined and not left, and nobody has to confirm them first.
macro_rules! is_present {
    () => {
        staff::left_at.is_null().and(staff::account_id.is_not_null()).and(staff::unconfirmed_at.is_null())
    };
}
pub(crate) use is_present;

/// The members of staff who manage access, in the order in which they joined.
pub(crate) fn access_managers(scope: &mut Scope<'_>, practice: PracticeId) -> Result<Vec<StaffId>, StoreError> {
    let rows: Vec<(StaffId, Vec<String>)> = staff::table
        .filter(staff::practice_id.eq(practice).and(is_present!()))
        .order(staff::staff_id)
        .select((staff::staff_id, staff::roles))
        .load(scope.conn)?;
    let mut managers = Vec::new();
    for (id, roles) in rows {
        if parse_roles(&roles)?.iter().any(|role| ACCESS_MANAGERS.contains(role)) {
            managers.push(id);
        }
    }
    Ok(managers)
}

/// The members of staff who work at a practice and have one of these roles at least, in the order in which they joined.
pub(crate) fn members_with(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    roles: &[Role],
) -> Result<Vec<StaffId>, StoreError> {
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    Ok(staff::table
        .filter(staff::practice_id.eq(practice).and(is_present!()))
        .filter(staff::roles.overlaps_with(words))
        .order(staff::staff_id)
        .select(staff::staff_id)
        .load(scope.conn)?)
}

/// Those of these members of staff who work at the practice, in the order in which they joined.
pub(crate) fn colleagues(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    named: &[StaffId],
) -> Result<Vec<StaffId>, StoreError> {
    Ok(staff::table
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq_any(named)).and(staff::left_at.is_null()))
        .order(staff::staff_id)
        .select(staff::staff_id)
        .load(scope.conn)?)
}

/// The managers of a practice who work there, with their names, in the order in which they joined.
pub(crate) fn managers(scope: &mut Scope<'_>, practice: PracticeId) -> Result<Vec<(StaffId, String)>, StoreError> {
    Ok(staff::table
        .filter(staff::practice_id.eq(practice).and(is_present!()))
        .filter(staff::roles.contains(vec![Role::Manager.as_str()]))
        .order(staff::staff_id)
        .select((staff::staff_id, staff::name))
        .load(scope.conn)?)
}
