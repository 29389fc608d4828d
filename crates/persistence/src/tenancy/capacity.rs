//! The capacity of a practice that is reserved: by referrals that wait for its answer, and by open cases.

use almoner_domain::ids::PracticeId;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::practices;
use crate::ground::scope::Scope;

/// Reserves capacity for one piece of work: a referral that arrives or a case that is opened.
pub(crate) fn reserve_capacity(scope: &mut Scope<'_>, practice: PracticeId) -> Result<(), StoreError> {
    change_reserved_capacity(scope, practice, 1)
}

/// Releases the capacity of a piece of work that has ended.
pub(crate) fn release_capacity(scope: &mut Scope<'_>, practice: PracticeId) -> Result<(), StoreError> {
    change_reserved_capacity(scope, practice, -1)
}

fn change_reserved_capacity(scope: &mut Scope<'_>, practice: PracticeId, by: i32) -> Result<(), StoreError> {
    diesel::update(practices::table)
        .filter(practices::practice_id.eq(practice.uuid()))
        .set(practices::capacity_reserved.eq(practices::capacity_reserved + by))
        .execute(scope.conn)?;
    Ok(())
}
