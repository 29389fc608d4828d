//! The open work of a member of staff: the cases that are allocated to them. Decisions for which they were drawn are none of
//! it: these go to the next person by themselves, and a list of them would tell who was drawn.

use almoner_domain::events::Event;
use almoner_domain::ids::{CaseId, PracticeId, StaffId};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{allocations, cases};
use crate::ground::scope::{PracticeScope, Scope};

/// The greatest number of cases that a list of open work names.
const MOST_CASES: usize = 1000;

/// The open work of a member of staff. Identifiers, and nothing of what the work is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenWork {
    /// The open cases that are allocated to them, in records that are open to the caller: the first 1,000.
    #[schema(max_items = 1000)]
    pub cases: Vec<CaseId>,
    /// The number of their open cases in records that are not open to the caller. Somebody to whom these are open moves them.
    #[schema(maximum = 1_000_000, format = Int32)]
    pub other_cases: usize,
}

impl OpenWork {
    /// Whether any work is open.
    pub fn is_some(&self) -> bool {
        !self.cases.is_empty() || self.other_cases > 0
    }
}

/// Finds the open work of a colleague, that in records that are closed to the caller too.
pub(crate) fn of(scope: &mut PracticeScope<'_>, member: StaffId) -> Result<OpenWork, StoreError> {
    let practice = scope.practice_id();
    let all: Vec<CaseId> = scope.as_intake(|scope| {
        Ok(allocations::table
            .filter(allocations::practice_id.eq(practice).and(allocations::staff_id.eq(member)))
            .filter(allocations::ends_at.is_null())
            .select(allocations::case_id)
            .load(scope.conn)?)
    })?;
    let mut seen: Vec<CaseId> = cases::table
        .filter(cases::practice_id.eq(practice).and(cases::case_id.eq_any(&all)))
        .order(cases::case_id)
        .select(cases::case_id)
        .load(scope.conn)?;
    let other_cases = all.len().saturating_sub(seen.len());
    seen.truncate(MOST_CASES);
    Ok(OpenWork { cases: seen, other_cases })
}

/// Lists the open work of a colleague, for somebody who reads it: the reading is on record too.
pub fn list(scope: &mut PracticeScope<'_>, member: StaffId) -> Result<OnRecord<OpenWork>, StoreError> {
    crate::staff::names::find(scope, member)?;
    let open = of(scope, member)?;
    scope.record_read(open, Event::StaffOpenWorkListed { member })
}

/// Whether any work of a member of staff is open, for the worker.
pub(crate) fn is_any_open(scope: &mut Scope<'_>, practice: PracticeId, member: StaffId) -> Result<bool, StoreError> {
    let open = allocations::table
        .filter(allocations::practice_id.eq(practice).and(allocations::staff_id.eq(member)))
        .filter(allocations::ends_at.is_null())
        .select(allocations::service_user_id);
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(scope.conn)?)
}
