//! The teams of a practice, by which its staff see the people whom it serves.

use almoner_domain::ids::{PracticeId, TeamId};
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::teams;
use crate::ground::scope::OperatorScope;

/// The team in which everybody is: the only one, until practices make teams of their own. Its id is the practice's.
pub(crate) fn everybody(practice: PracticeId) -> TeamId {
    practice.uuid().into()
}

/// Makes the first team of a practice that is provisioned.
pub(crate) fn open(scope: &mut OperatorScope<'_>, practice: PracticeId) -> Result<(), StoreError> {
    diesel::insert_into(teams::table)
        .values((teams::practice_id.eq(practice), teams::team_id.eq(everybody(practice)), teams::name.eq("everybody")))
        .execute(scope.conn)?;
    Ok(())
}
