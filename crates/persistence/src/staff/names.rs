//! The names of members of staff, as answers show them.

use almoner_domain::ids::StaffId;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::schema::staff;
use crate::ground::scope::PracticeScope;

/// A member of staff by name.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = staff)]
pub struct Worker {
    /// Their membership.
    #[diesel(column_name = staff_id)]
    pub id: StaffId,
    /// The name of the member of staff.
    #[schema(value_type = almoner_domain::words::text::Line<200>)]
    pub name: String,
}

/// Finds members of staff by identifier, whether or not they have left, in the order in which they joined.
pub(crate) fn workers(scope: &mut PracticeScope<'_>, ids: &[StaffId]) -> Result<Vec<Worker>, StoreError> {
    Ok(staff::table
        .filter(staff::practice_id.eq(scope.practice_id()).and(staff::staff_id.eq_any(ids)))
        .order(staff::staff_id)
        .select(Worker::as_select())
        .load(scope.conn)?)
}

/// A member of staff by name, whether or not they have left.
pub fn find(scope: &mut PracticeScope<'_>, id: StaffId) -> Result<Worker, StoreError> {
    one_of(&workers(scope, &[id])?, id)
}

/// Picks one of the members of staff that were looked up.
pub(crate) fn one_of(workers: &[Worker], id: StaffId) -> Result<Worker, StoreError> {
    workers.iter().find(|worker| worker.id == id).cloned().ok_or(StoreError::NotFound)
}
