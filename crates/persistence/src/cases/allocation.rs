//! Allocations: the member of staff who works on a case.

use almoner_domain::cases::allocation::ProposedWorker;
use almoner_domain::events::Event;
use almoner_domain::ids::{AllocationId, CaseId, PracticeId, StaffId};
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::case::{Case, find, set_version};
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::allocations;
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::SealedField;
use crate::people::about::about;
use crate::people::{access_restrictions, service_users};
use crate::staff::names::{Worker, one_of, workers};
use crate::staff::registrations;

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

/// A worker's time on a case.
#[derive(Clone, Serialize, ToSchema)]
pub struct Allocation {
    /// The identifier of the allocation.
    pub id: AllocationId,
    /// The worker to whom the case was allocated.
    pub worker: Worker,
    /// The member of staff who allocated the case.
    pub allocated_by: Worker,
    /// The reason that was given for this worker.
    #[schema(value_type = Passage<1000>)]
    pub reason: String,
    /// The time at which the worker was given the case.
    pub starts_at: DateTime<Utc>,
    /// The time at which the worker stopped working on the case; left out while they work on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
}

fn reason_field(practice: PracticeId, allocation: AllocationId) -> SealedField {
    SealedField { owner: practice.uuid(), table: "allocations", column: "reason", row: allocation.uuid() }
}

/// Lists the workers to whom a case was allocated, the earliest first, each with the reason.
pub fn list_allocations(
    scope: &mut PracticeScope<'_>,
    case: CaseId,
    paging: &Paging,
) -> Result<OnRecord<Page<Allocation>>, StoreError> {
    type AllocationRow = (AllocationId, StaffId, StaffId, Vec<u8>, DateTime<Utc>, Option<DateTime<Utc>>);
    let case = find(scope, case)?;
    let practice = scope.practice_id();
    let rows: Vec<AllocationRow> = allocations::table
        .filter(allocations::practice_id.eq(practice).and(allocations::case_id.eq(case.id)))
        .filter(allocations::allocation_id.gt(AllocationId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(allocations::allocation_id)
        .limit(paging.fetch())
        .select((
            allocations::allocation_id,
            allocations::staff_id,
            allocations::allocated_by,
            allocations::reason,
            allocations::starts_at,
            allocations::ends_at,
        ))
        .load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.uuid());
    let named: Vec<StaffId> = page.items.iter().flat_map(|(_, worker, by, ..)| [*worker, *by]).collect();
    let members = workers(scope, &named)?;
    let key = service_users::find(scope, case.service_user.id)?.key(scope, practice.uuid())?;
    let page = page.try_map(|(id, worker, by, reason, starts_at, ends_at)| {
        Ok(Allocation {
            id,
            worker: one_of(&members, worker)?,
            allocated_by: one_of(&members, by)?,
            reason: key.open(reason_field(practice, id), &reason)?,
            starts_at,
            ends_at,
        })
    })?;
    scope.list_read(page, Event::CaseAllocationsListed { case: case.id, person: case.service_user.id })
}

/// Gives a case to a worker: the one who had it has it no longer.
pub fn allocate(scope: &mut PracticeScope<'_>, case: &Case, to: &Allocate) -> Result<(), StoreError> {
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
    let reason = service_users::find(scope, case.service_user.id)?
        .key(scope, practice.uuid())?
        .seal(reason_field(practice, id), &to.reason)?;
    let key = case.key();
    diesel::insert_into(allocations::table)
        .values((
            allocations::practice_id.eq(practice),
            allocations::allocation_id.eq(id),
            allocations::case_id.eq(case.id),
            about!(allocations, key.into()),
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
