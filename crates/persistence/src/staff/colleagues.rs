//! The list of colleagues, which everybody at the practice may read.

use almoner_domain::ids::StaffId;
use almoner_domain::staff::absence::Absence;
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
use crate::staff::absence;
use crate::staff::acting::{self, ActingManager};
use crate::staff::presence::{self, ActingColumns, acting_columns, not_gone};
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
    /// The power of a manager that the colleague has until the end of a day, beside their roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_manager: Option<ActingManager>,
    /// The days on which the colleague is away, now or ahead, and who stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absence: Option<Absence>,
}

/// Lists the caller's colleagues who work here, or those who have left, in the order in which they joined.
pub fn colleagues(scope: &mut PracticeScope<'_>, left: bool, paging: &Paging) -> Result<Page<Colleague>, StoreError> {
    type Row = ((StaffId, String, Vec<String>, Vec<String>), ActingColumns);
    let at = scope.at();
    let works_here = not_gone!(at);
    let mut query = staff::table
        .filter(staff::practice_id.eq(scope.practice_id()))
        .filter(staff::staff_id.gt(StaffId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(staff::staff_id)
        .limit(paging.fetch())
        .select(((staff::staff_id, staff::name, staff::roles, staff::unconfirmed_roles), acting_columns!()))
        .into_boxed();
    query = if left { query.filter(diesel::dsl::not(works_here)) } else { query.filter(works_here) };
    let rows: Vec<Row> = query.load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.0.uuid());
    let listed: Vec<StaffId> = page.items.iter().map(|((id, ..), _)| *id).collect();
    let practice = scope.practice_id();
    let mut absences = absence::of(scope, practice, &listed)?;
    page.try_map(|((id, name, working, unconfirmed), power)| {
        let unconfirmed_roles = parse_roles(&unconfirmed)?;
        let roles = [parse_roles(&working)?, unconfirmed_roles.clone()].concat();
        let acting_manager = acting::show(presence::acting(power), at);
        Ok(Colleague { id, name, roles, unconfirmed_roles, acting_manager, absence: absences.remove(&id) })
    })
}
