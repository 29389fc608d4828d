//! How a complaint came that somebody took down: an officer of the council, or a member of a practice's staff.

use almoner_domain::complaints::taking_down::CameBy;
use almoner_domain::ids::OfficerId;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::Sealed;
use crate::ground::error::StoreError;
use crate::ground::schema::complaint_intakes;
use crate::ground::scope::{ComplaintsScope, Scope};

/// How a complaint came that was taken down.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaint_intakes)]
pub struct TakenDown {
    /// How it came.
    pub came_by: CameBy,
    /// The officer who took it down. Of a member of a practice's staff nothing is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[diesel(column_name = taken_down_by)]
    pub officer_id: Option<OfficerId>,
}

/// Writes how a complaint came, and which officer took it down.
pub(super) fn insert(
    scope: &mut Scope<'_>,
    sealed: Sealed,
    came_by: CameBy,
    officer: Option<OfficerId>,
) -> Result<(), StoreError> {
    diesel::insert_into(complaint_intakes::table)
        .values((
            complaint_intakes::council_id.eq(sealed.council),
            complaint_intakes::complaint_id.eq(sealed.id),
            complaint_intakes::came_by.eq(came_by),
            complaint_intakes::taken_down_by.eq(officer),
        ))
        .execute(scope.conn)?;
    Ok(())
}

/// Reads how a complaint came, if it was taken down.
pub(super) fn of_complaint(scope: &mut ComplaintsScope<'_>, sealed: Sealed) -> Result<Option<TakenDown>, StoreError> {
    let own = complaint_intakes::table.find((sealed.council, sealed.id));
    Ok(own.select(TakenDown::as_select()).first(scope.conn).optional()?)
}
