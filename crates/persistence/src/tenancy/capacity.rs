//! How much of a practice's capacity is in use: referrals that wait for its answer, and open cases.

use almoner_domain::ids::PracticeId;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::practices;
use crate::ground::scope::Scope;

/// Takes or gives back a place at a practice: `+1` for a referral that arrives or a case that opens, `-1` for one that ends.
pub(crate) fn take_place(scope: &mut Scope<'_>, practice: PracticeId, places: i32) -> Result<(), StoreError> {
    diesel::update(practices::table)
        .filter(practices::practice_id.eq(practice.uuid()))
        .set(practices::places_taken.eq(practices::places_taken + places))
        .execute(scope.conn)?;
    Ok(())
}
