//! The account of each membership, and its confirmation by the practice.

use crate::ground::error::StoreError;
use crate::ground::schema::staff;
use crate::ground::scope::{PracticeScope, Scope};
use almoner_domain::ids::{AccountId, PracticeId, StaffId};
use almoner_domain::staff::roles::Role;
use diesel::prelude::*;

/// Links an account to the membership that an invitation was for.
pub(crate) fn join(
    scope: &mut Scope<'_>,
    (practice, member): (PracticeId, StaffId),
    account: AccountId,
) -> Result<(), StoreError> {
    let joined = diesel::update(staff::table.find((practice.uuid(), member.uuid())))
        .filter(staff::account_id.is_null().and(staff::left_at.is_null()))
        .set(staff::account_id.eq(account.uuid()))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/token"))?;
    if joined == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Makes every membership of an account unconfirmed, and returns them. Each practice has to confirm that the account is
/// still its member's.
pub(crate) fn leave_unconfirmed(
    scope: &mut Scope<'_>,
    account: AccountId,
) -> Result<Vec<(PracticeId, StaffId)>, StoreError> {
    Ok(diesel::update(staff::table.filter(staff::account_id.eq(account.uuid())))
        .filter(staff::left_at.is_null())
        .set((staff::unconfirmed_at.eq(scope.at()), staff::version.eq(staff::version + 1)))
        .returning((staff::practice_id, staff::staff_id))
        .get_results(scope.conn)?)
}

/// The members of staff who can confirm an account: administrators and managers, except the member themselves.
pub(crate) fn may_confirm(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    member: StaffId,
) -> Result<Vec<StaffId>, StoreError> {
    Ok(staff::table
        .filter(staff::practice_id.eq(practice).and(staff::left_at.is_null()).and(staff::staff_id.ne(member)))
        .filter(staff::roles.overlaps_with(vec![Role::Administrator.as_str(), Role::Manager.as_str()]))
        .select(staff::staff_id)
        .load(scope.conn)?)
}

/// Keeps the identifier of the administrator who drew the link for a credential reset, because they may not confirm it.
pub(crate) fn keep_who_drew(scope: &mut PracticeScope<'_>, member: StaffId) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let kept = diesel::update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(member))))
        .set(staff::credential_reset_by.eq(scope.staff_id()))
        .execute(scope.conn)?;
    StoreError::unless_changed(kept, "the member of staff")
}
