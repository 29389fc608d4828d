//! How much of a practice's capacity is reserved: by referrals that wait for its answer, and by open cases. The number has a
//! row of its own beside the directory's, and this file is its only writer.

use almoner_domain::ids::PracticeId;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::practice_capacity;
use crate::ground::scope::{OperatorScope, Scope};

/// Opens the count of a practice that is provisioned: nothing is reserved.
pub(crate) fn open(scope: &mut OperatorScope<'_>, practice: PracticeId) -> Result<(), StoreError> {
    diesel::insert_into(practice_capacity::table)
        .values(practice_capacity::practice_id.eq(practice))
        .execute(scope.conn)?;
    Ok(())
}

/// Reserves capacity for a referral that arrives or a case that opens. A practice that is full takes it all the same.
pub(crate) fn reserve_capacity(scope: &mut Scope<'_>, practice: PracticeId) -> Result<(), StoreError> {
    change(scope, practice, 1)
}

/// Reserves capacity for this many cases at once.
#[cfg(feature = "bulk")]
pub(crate) fn reserve_capacity_of_many(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    count: usize,
) -> Result<(), StoreError> {
    change(scope, practice, i32::try_from(count).map_err(StoreError::unreadable)?)
}

/// Releases the capacity of a referral or a case that ends.
pub(crate) fn release_capacity(scope: &mut Scope<'_>, practice: PracticeId) -> Result<(), StoreError> {
    change(scope, practice, -1)
}

fn change(scope: &mut Scope<'_>, practice: PracticeId, by: i32) -> Result<(), StoreError> {
    let changed = update(practice_capacity::table)
        .filter(practice_capacity::practice_id.eq(practice))
        .set(practice_capacity::reserved.eq(practice_capacity::reserved + by))
        .execute(scope.conn)?;
    StoreError::unless_changed(changed, "the practice's capacity")
}
