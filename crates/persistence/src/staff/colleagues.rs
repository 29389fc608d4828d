//! The list of colleagues, which everybody at the practice may read.

use almoner_domain::ids::StaffId;
use almoner_domain::staff::roles::Role;
use almoner_domain::words::text::Line;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::staff;
use crate::ground::scope::PracticeScope;
use crate::staff::roles::parse_roles;

/// A colleague, as everybody in the practice sees them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Colleague {
    /// The identifier of the membership.
    pub id: StaffId,
    /// The name of the colleague.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// The roles that the colleague was given.
    #[schema(max_items = 6)]
    pub roles: Vec<Role>,
    /// Those of the roles that open nothing until a second person has confirmed them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 6)]
    pub unconfirmed_roles: Vec<Role>,
}

/// Lists the caller's colleagues who have not left, in the order in which they joined.
pub fn colleagues(scope: &mut PracticeScope<'_>, paging: &Paging) -> Result<Page<Colleague>, StoreError> {
    let rows: Vec<(StaffId, String, Vec<String>, Vec<String>)> = staff::table
        .filter(staff::practice_id.eq(scope.practice_id()).and(staff::left_at.is_null()))
        .filter(staff::staff_id.gt(StaffId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(staff::staff_id)
        .limit(paging.fetch())
        .select((staff::staff_id, staff::name, staff::roles, staff::unconfirmed_roles))
        .load(scope.conn)?;
    paging.page(rows, |row| row.0.uuid()).try_map(|(id, name, working, unconfirmed)| {
        let unconfirmed_roles = parse_roles(&unconfirmed)?;
        let roles = [parse_roles(&working)?, unconfirmed_roles.clone()].concat();
        Ok(Colleague { id, name, roles, unconfirmed_roles })
    })
}
