//! The administrators of a practice, without whom it could not help itself.

use almoner_domain::ids::{PracticeId, StaffId};
use almoner_domain::staff::roles::Role;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::staff;
use crate::ground::scope::{PracticeScope, Scope};
use crate::staff::Member;
use crate::staff::presence::present;

/// Counts the administrators of a practice who have joined.
pub(crate) fn administrators(scope: &mut Scope<'_>, practice: PracticeId) -> Result<i64, StoreError> {
    Ok(staff::table
        .filter(staff::practice_id.eq(practice).and(present!(scope.at())))
        .filter(staff::roles.contains(vec![Role::Administrator.as_str()]))
        .count()
        .get_result(scope.conn)?)
}

/// Refuses a change that would leave the practice without an administrator, given the roles that this member has afterwards.
/// An administrator who is leaving does not count. Whoever counts holds the administrators' rows: two who let each other go
/// count one after the other.
pub(crate) fn keep_an_administrator(
    scope: &mut PracticeScope<'_>,
    known: &Member,
    roles_after: &[Role],
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let administers = || {
        let here = staff::practice_id.eq(practice).and(staff::left_at.is_null());
        here.and(staff::roles.contains(vec![Role::Administrator.as_str()]))
    };
    let _: Vec<StaffId> = staff::table
        .filter(administers())
        .order(staff::staff_id)
        .select(staff::staff_id)
        .for_no_key_update()
        .load(scope.conn)?;
    let others = staff::table
        .filter(administers().and(present!(scope.at())))
        .filter(staff::leaving_since.is_null().and(staff::staff_id.ne(known.id)))
        .count()
        .get_result(scope.conn)?;
    Ok(known.details.position().keep_an_administrator(roles_after, others)?)
}
