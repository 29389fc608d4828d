//! How members of staff stood before: whom they answered to, for whom they deputised or acted, and whether they owned a share.

use almoner_domain::ids::StaffId;
use diesel::prelude::*;
use diesel::sql_types;

use crate::ground::error::StoreError;
use crate::ground::schema::{former_lines, staff};
use crate::ground::scope::PracticeScope;

/// Keeps how a member of staff stands at this moment, before it is changed. Of two who change it at once, the second changes nothing.
pub(super) fn keep(scope: &mut PracticeScope<'_>, member: StaffId) -> Result<(), StoreError> {
    let stands =
        staff::table.filter(staff::practice_id.eq(scope.practice_id()).and(staff::staff_id.eq(member))).select((
            staff::practice_id,
            staff::staff_id,
            staff::version,
            staff::line_manager_id,
            staff::deputy_for_id,
            staff::acting_for_id,
            staff::owner,
            scope.at().into_sql::<sql_types::Timestamptz>(),
        ));
    stands
        .insert_into(former_lines::table)
        .into_columns((
            former_lines::practice_id,
            former_lines::staff_id,
            former_lines::version,
            former_lines::line_manager_id,
            former_lines::deputy_for_id,
            former_lines::acting_for_id,
            former_lines::owner,
            former_lines::until,
        ))
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    Ok(())
}
