//! The account of each membership, and its confirmation by the practice.

use almoner_domain::ids::{AccountId, PracticeId, StaffId};
use almoner_domain::staff::roles::Role;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{account_memberships, staff};
use crate::ground::scope::{PracticeScope, Scope};
use crate::ground::transaction::setting;

/// Lets an account become the member whom an invitation was for. What is written here of the memberships of an account is
/// written for that account alone, whose id the policy of [`account_memberships`] compares.
pub(crate) fn join(
    scope: &mut Scope<'_>,
    (practice, member): (PracticeId, StaffId),
    account: AccountId,
) -> Result<(), StoreError> {
    let joined = update(staff::table.find((practice.uuid(), member.uuid())))
        .filter(staff::account_id.is_null().and(staff::left_at.is_null()))
        .set(staff::account_id.eq(account.uuid()))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/token"))?;
    if joined == 0 {
        return Err(StoreError::NotFound);
    }
    scope.execute(&[setting("app.account", account.uuid())])?;
    diesel::insert_into(account_memberships::table)
        .values((
            account_memberships::account_id.eq(account),
            account_memberships::practice_id.eq(practice),
            account_memberships::staff_id.eq(member),
        ))
        .execute(scope.conn)?;
    Ok(())
}

/// Makes every membership of an account unconfirmed, and returns them. Each practice has to confirm that the account is
/// still its member's.
pub(crate) fn leave_unconfirmed(
    scope: &mut Scope<'_>,
    account: AccountId,
) -> Result<Vec<(PracticeId, StaffId)>, StoreError> {
    scope.execute(&[setting("app.account", account.uuid())])?;
    let held: Vec<(PracticeId, StaffId)> =
        update(account_memberships::table.filter(account_memberships::account_id.eq(account)))
            .set(account_memberships::confirmed.eq(false))
            .returning((account_memberships::practice_id, account_memberships::staff_id))
            .get_results(scope.conn)?;
    for (practice, member) in &held {
        let left = update(staff::table.find((practice, member)))
            .set((staff::unconfirmed_at.eq(scope.at()), staff::version.eq(staff::version + 1)))
            .execute(scope.conn)?;
        StoreError::unless_changed(left, "the member of staff")?;
    }
    Ok(held)
}

/// Says of a membership that its account is its member's: sign-in goes by it.
pub(super) fn confirm_membership(scope: &mut PracticeScope<'_>, member: StaffId) -> Result<(), StoreError> {
    let confirmed = update(account_memberships::table)
        .filter(account_memberships::practice_id.eq(scope.practice_id()).and(account_memberships::staff_id.eq(member)))
        .set(account_memberships::confirmed.eq(true))
        .execute(scope.conn)?;
    StoreError::unless_changed(confirmed, "the membership of the account")
}

/// Takes a membership from its account: the member has left. Whoever never joined has none.
pub(super) fn end_membership(scope: &mut PracticeScope<'_>, member: StaffId) -> Result<(), StoreError> {
    diesel::delete(account_memberships::table)
        .filter(account_memberships::practice_id.eq(scope.practice_id()).and(account_memberships::staff_id.eq(member)))
        .execute(scope.conn)?;
    Ok(())
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
    let kept = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(member))))
        .set(staff::credential_reset_by.eq(scope.staff_id()))
        .execute(scope.conn)?;
    StoreError::unless_changed(kept, "the member of staff")
}
