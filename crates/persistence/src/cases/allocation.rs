//! Allocations: the member of staff who works on a case.

use almoner_domain::cases::allocation::ProposedWorker;
use almoner_domain::cases::asking::{AgreeToClosing, may_agree};
use almoner_domain::cases::grounds::ClosingGround;
use almoner_domain::events::{CaseKey, Event};
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
use crate::ground::prepared::update;
use crate::ground::schema::{allocations, staff};
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::{Key, SealedField};
use crate::people::about::{AboutPerson, about};
use crate::people::access_restrictions;
use crate::people::service_users::ServiceUser;
use crate::staff::names::Worker;
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
    type AllocationRow = (AllocationId, Worker, (StaffId, String), Vec<u8>, DateTime<Utc>, Option<DateTime<Utc>>);
    let case = find(scope, case)?;
    let practice = scope.practice_id();
    let allocators = diesel::alias!(staff as allocators);
    let (in_practice, id, name) =
        (allocators.field(staff::practice_id), allocators.field(staff::staff_id), allocators.field(staff::name));
    let rows: Vec<AllocationRow> = allocations::table
        .inner_join(
            staff::table
                .on(staff::practice_id.eq(allocations::practice_id).and(staff::staff_id.eq(allocations::staff_id))),
        )
        .inner_join(allocators.on(in_practice.eq(allocations::practice_id).and(id.eq(allocations::allocated_by))))
        .filter(allocations::practice_id.eq(practice).and(allocations::case_id.eq(case.id)))
        .filter(allocations::allocation_id.gt(AllocationId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(allocations::allocation_id)
        .limit(paging.fetch())
        .select((
            allocations::allocation_id,
            Worker::as_select(),
            (id, name),
            allocations::reason,
            allocations::starts_at,
            allocations::ends_at,
        ))
        .load(scope.conn)?;
    let key = case.service_user.key(scope)?;
    let page =
        paging.page(rows, |row| row.0.uuid()).try_map(|(id, worker, (by, name), reason, starts_at, ends_at)| {
            Ok(Allocation {
                id,
                worker,
                allocated_by: Worker { id: by, name },
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
    check_worker(scope, case.service_user.about, to)?;
    set_version(scope, case)?;
    update(allocations::table)
        .filter(allocations::practice_id.eq(scope.practice_id()).and(allocations::case_id.eq(case.id)))
        .filter(allocations::ends_at.is_null())
        .set(allocations::ends_at.eq(scope.at()))
        .execute(scope.conn)?;
    let key = case.service_user.key(scope)?;
    insert(scope, case.key(), &key, to)
}

/// Gives a case that the caller opens in this scope to its first worker.
pub(crate) fn allocate_first(
    scope: &mut PracticeScope<'_>,
    opened: CaseKey,
    person: &ServiceUser,
    to: &Allocate,
) -> Result<(), StoreError> {
    check_worker(scope, person.about(), to)?;
    let practice = scope.practice_id();
    let key = person.key(scope, practice.uuid())?;
    insert(scope, opened, &key, to)
}

fn check_worker(scope: &mut PracticeScope<'_>, person: AboutPerson, to: &Allocate) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let colleague = registrations::colleague(scope, to.staff_id)?;
    // A record that is not access-restricted is closed to nobody.
    let closed_to_them = person.access_restricted
        && access_restrictions::staff_without_access(scope, practice, person.service_user_id)?.contains(&to.staff_id);
    let worker = ProposedWorker {
        roles: colleague.as_ref().map(|(roles, _)| roles.as_slice()),
        registration: colleague.as_ref().and_then(|(_, registration)| registration.as_ref()),
        closed_to_them,
    };
    Ok(worker.check(scope.today())?)
}

fn insert(scope: &mut PracticeScope<'_>, case: CaseKey, key: &Key, to: &Allocate) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let id: AllocationId = scope.next_id();
    let reason = key.seal(reason_field(practice, id), &to.reason)?;
    diesel::insert_into(allocations::table)
        .values((
            allocations::practice_id.eq(practice),
            allocations::allocation_id.eq(id),
            allocations::case_id.eq(case.case),
            about!(allocations, case.into()),
            allocations::staff_id.eq(to.staff_id),
            allocations::allocated_by.eq(scope.staff_id()),
            allocations::reason.eq(reason),
            allocations::starts_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    scope.record(Event::CaseAllocated { case, worker: to.staff_id })
}

/// Records that the caller, a registrant, agrees that the worker of a case asks to close it. The agreement stands on the
/// allocation, and ends with it.
pub fn agree_to_closing(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    agreement: &AgreeToClosing,
) -> Result<(), StoreError> {
    case.state.agree_to_closing()?;
    let registrant = scope.staff_id();
    let worker = case.allocated_to.as_ref().map(|worker| worker.id);
    let worker = may_agree(registrant, worker)?;
    set_version(scope, case)?;
    set_agreement(scope, case, Some((registrant, agreement.ground)))?;
    scope.record(Event::CaseClosingAgreed { case: case.key(), worker })
}

/// Takes the agreement from the allocation of a case when its worker asks: it serves once.
pub(super) fn spend_agreement(scope: &mut PracticeScope<'_>, case: &Case) -> Result<(), StoreError> {
    set_agreement(scope, case, None)
}

fn set_agreement(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    agreement: Option<(StaffId, ClosingGround)>,
) -> Result<(), StoreError> {
    let (by, ground) = agreement.unzip();
    let changed = update(allocations::table)
        .filter(allocations::practice_id.eq(scope.practice_id()).and(allocations::case_id.eq(case.id)))
        .filter(allocations::ends_at.is_null())
        .set((allocations::closing_agreed_by.eq(by), allocations::closing_agreed_ground.eq(ground)))
        .execute(scope.conn)?;
    StoreError::unless_changed(changed, "the allocation")
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
        update(allocations::table)
            .filter(of_case.and(allocations::ends_at.is_null()))
            .set(allocations::ends_at.eq(at))
            .execute(scope.conn)?;
    } else {
        update(allocations::table)
            .filter(of_case.and(allocations::ends_at.eq(case.state.closed_at())))
            .set(allocations::ends_at.eq(None::<DateTime<Utc>>))
            .execute(scope.conn)?;
    }
    Ok(())
}
