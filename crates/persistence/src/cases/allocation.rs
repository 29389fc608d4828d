//! Allocations: the member of staff who works on a case.

use crate::ground::error::StoreError;
use crate::ground::schema::allocations;
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::SealedField;
use crate::people::{access_restrictions, service_users};
use crate::staff::registrations;
use almoner_domain::cases::allocation::ProposedWorker;
use almoner_domain::events::Event;
use almoner_domain::ids::{AllocationId, StaffId};
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case::{Case, set_version};

/// The allocation of a case to a worker.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "staff_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "reason": "Knows the family and signs British Sign Language.",
}))]
pub struct Allocate {
    /// The worker to whom the case is allocated.
    pub staff_id: StaffId,
    /// The reason for choosing this worker.
    pub reason: Passage<1000>,
}

/// Allocates a case to a worker, and ends the allocation that it had.
pub fn allocate(scope: &mut PracticeScope<'_>, case: &Case, to: &Allocate) -> Result<(), StoreError> {
    scope.decision()?;
    case.state.allocate()?;
    let practice = scope.practice_id();
    let roles = crate::staff::roles_of(scope, to.staff_id)?;
    let registration = registrations::found_of(scope, to.staff_id)?;
    let worker = ProposedWorker {
        roles: roles.as_deref(),
        registration: registration.as_ref(),
        closed_to_them: access_restrictions::staff_without_access(scope, practice, case.service_user.id)?
            .contains(&to.staff_id),
    };
    worker.check(scope.today())?;
    set_version(scope, case)?;
    let at = scope.at();
    diesel::update(allocations::table)
        .filter(allocations::practice_id.eq(practice).and(allocations::case_id.eq(case.id)))
        .filter(allocations::ends_at.is_null())
        .set(allocations::ends_at.eq(at))
        .execute(scope.conn)?;
    let id: AllocationId = scope.next_id();
    let reason = service_users::find(scope, case.service_user.id)?.key(scope, practice.uuid())?.seal(
        SealedField { owner: practice.uuid(), table: "allocations", column: "reason", row: id.uuid() },
        &to.reason,
    )?;
    let key = case.key();
    diesel::insert_into(allocations::table)
        .values((
            allocations::practice_id.eq(practice),
            allocations::allocation_id.eq(id),
            allocations::case_id.eq(case.id),
            allocations::service_user_id.eq(key.person),
            allocations::access_restricted.eq(key.access_restricted),
            allocations::staff_id.eq(to.staff_id),
            allocations::allocated_by.eq(scope.staff_id()),
            allocations::reason.eq(reason),
            allocations::starts_at.eq(at),
        ))
        .execute(scope.conn)?;
    scope.record(Event::CaseAllocated { case: key, worker: to.staff_id })
}

/// Ends the allocation of a closed case, and resumes it if the case is opened again.
pub(super) fn end_or_resume_allocation(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    is_closed: bool,
) -> Result<(), StoreError> {
    let at = scope.at();
    let of_case = allocations::practice_id.eq(scope.practice_id()).and(allocations::case_id.eq(case.id));
    if is_closed {
        diesel::update(allocations::table)
            .filter(of_case.and(allocations::ends_at.is_null()))
            .set(allocations::ends_at.eq(at))
            .execute(scope.conn)?;
    } else {
        diesel::update(allocations::table)
            .filter(of_case.and(allocations::ends_at.eq(case.state.closed_at())))
            .set(allocations::ends_at.eq(None::<DateTime<Utc>>))
            .execute(scope.conn)?;
    }
    Ok(())
}
