//! The roles of staff, as the database keeps them.

use almoner_domain::ids::{PracticeId, StaffId};
use almoner_domain::people::access_restriction::ACCESS_MANAGERS;
use almoner_domain::staff::roles::Role;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::staff;
use crate::ground::scope::Scope;
use crate::staff::presence::{ActingColumns, acting_columns, not_gone, power_at, present};

/// The roles as they are stored.
pub(crate) fn parse_roles(roles: &[String]) -> Result<Vec<Role>, StoreError> {
    roles.iter().map(|role| Role::parse(role).map_err(StoreError::unreadable)).collect()
}

/// The members of staff who manage access now, in the order in which they joined, each with those for whom they stand in.
/// Whoever acts as a manager is one of them.
pub(crate) fn access_managers(
    scope: &mut Scope<'_>,
    practice: PracticeId,
) -> Result<Vec<(StaffId, Vec<StaffId>)>, StoreError> {
    let at = scope.at();
    let rows: Vec<(StaffId, Vec<String>, ActingColumns)> = staff::table
        .filter(staff::practice_id.eq(practice).and(present!(at)))
        .order(staff::staff_id)
        .select((staff::staff_id, staff::roles, acting_columns!()))
        .load(scope.conn)?;
    let mut managers = Vec::new();
    for (id, roles, acting) in rows {
        let power = power_at(&roles, acting, at)?;
        let has_power = power.roles.iter().any(|role| ACCESS_MANAGERS.contains(role));
        managers.extend(has_power.then_some((id, power.stands_in_for)));
    }
    Ok(managers)
}

/// The members of staff who have one of these roles of their own and are not leaving, with their names, in the order in which
/// they joined. What must not be left to nobody is left to one of them, so that no day that passes takes the last away.
fn lasting_members_with(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    roles: &[Role],
) -> Result<Vec<(StaffId, String)>, StoreError> {
    Ok(staff::table
        .filter(staff::practice_id.eq(practice).and(present!(scope.at())).and(staff::leaving_since.is_null()))
        .filter(staff::roles.overlaps_with(words(roles)))
        .order(staff::staff_id)
        .select((staff::staff_id, staff::name))
        .load(scope.conn)?)
}

/// The members of staff who manage access by a role of their own and are not leaving. A restricted record keeps one of them.
pub(crate) fn lasting_access_managers(scope: &mut Scope<'_>, practice: PracticeId) -> Result<Vec<StaffId>, StoreError> {
    Ok(lasting_members_with(scope, practice, ACCESS_MANAGERS)?.into_iter().map(|(id, _)| id).collect())
}

/// The managers of a practice who hold the role themselves and are not leaving, with their names. A restricted referral is
/// open to one of them.
pub(crate) fn lasting_managers(
    scope: &mut Scope<'_>,
    practice: PracticeId,
) -> Result<Vec<(StaffId, String)>, StoreError> {
    lasting_members_with(scope, practice, &[Role::Manager])
}

/// The members of staff who work at a practice and have one of these roles at least, in the order in which they joined. Whoever
/// acts as a manager has the role of one.
pub(crate) fn members_with(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    roles: &[Role],
) -> Result<Vec<StaffId>, StoreError> {
    let at = scope.at();
    let acts = staff::acting_confirmed_at.is_not_null().and(staff::acting_until.gt(at));
    let query = staff::table
        .filter(staff::practice_id.eq(practice).and(present!(at)))
        .order(staff::staff_id)
        .select(staff::staff_id);
    let holds = staff::roles.overlaps_with(words(roles));
    Ok(if roles.contains(&Role::Manager) {
        query.filter(holds.or(acts)).load(scope.conn)?
    } else {
        query.filter(holds).load(scope.conn)?
    })
}

/// Those of these members of staff who belong to the practice, in the order in which they joined.
pub(crate) fn colleagues(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    named: &[StaffId],
) -> Result<Vec<StaffId>, StoreError> {
    Ok(staff::table
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq_any(named)).and(not_gone!(scope.at())))
        .order(staff::staff_id)
        .select(staff::staff_id)
        .load(scope.conn)?)
}

fn words(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}
