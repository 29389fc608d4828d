//! The names of members of staff, as answers show them.

use almoner_domain::ids::StaffId;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::schema::staff;
use crate::ground::scope::PracticeScope;

/// A member of staff with their name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Worker {
    /// The identifier of the membership.
    pub id: StaffId,
    /// The name of the member of staff.
    pub name: String,
}

/// Finds members of staff by identifier, whether or not they have left, in the order in which they joined.
pub(crate) fn workers(scope: &mut PracticeScope<'_>, ids: &[StaffId]) -> Result<Vec<Worker>, StoreError> {
    let rows: Vec<(StaffId, String)> = staff::table
        .filter(staff::practice_id.eq(scope.practice_id()).and(staff::staff_id.eq_any(ids)))
        .order(staff::staff_id)
        .select((staff::staff_id, staff::name))
        .load(scope.conn)?;
    Ok(rows.into_iter().map(|(id, name)| Worker { id, name }).collect())
}

/// Picks one of the members of staff that were looked up.
pub(crate) fn one_of(workers: &[Worker], id: StaffId) -> Result<Worker, StoreError> {
    workers.iter().find(|worker| worker.id == id).cloned().ok_or(StoreError::NotFound)
}
