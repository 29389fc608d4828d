//! Allocations: the member of staff who works on a case.

use almoner_domain::cases::allocation::ProposedWorker;
use almoner_domain::cases::asking::{AgreeToClosing, may_agree};
use almoner_domain::events::{CaseKey, Event};
use almoner_domain::ids::{AllocationId, CaseId, PracticeId, StaffId};
use almoner_domain::people::grounds::{ClosingGround, MovingGround};
use almoner_domain::staff::registration::LookUp;
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
    /// The reason that was given for this worker, and the evidence where there is some.
    #[schema(value_type = Passage<10000>)]
    pub reason: String,
    /// The ground on which the case was taken from the worker before; left out where nobody lost it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<MovingGround>,
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
    type Times = (DateTime<Utc>, Option<DateTime<Utc>>);
    type AllocationRow = (AllocationId, Worker, (StaffId, String), Vec<u8>, Option<MovingGround>, Times);
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
            allocations::ground,
            (allocations::starts_at, allocations::ends_at),
        ))
        .load(scope.conn)?;
    let key = case.service_user.key(scope)?;
    let page = paging.page(rows, |row| row.0.uuid()).try_map(
        |(id, worker, (by, name), reason, ground, (starts_at, ends_at))| {
            Ok(Allocation {
                id,
                worker,
                allocated_by: Worker { id: by, name },
                reason: key.open(reason_field(practice, id), &reason)?,
                ground,
                starts_at,
                ends_at,
            })
        },
    )?;
    scope.list_read(page, Event::CaseAllocationsListed { case: case.id, person: case.service_user.id })
}

/// Gives a case that the caller opens in this scope to its first worker.
pub(crate) fn allocate_first(
    scope: &mut PracticeScope<'_>,
    opened: CaseKey,
    person: &ServiceUser,
    to: &Allocate,
) -> Result<(), StoreError> {
    check_worker(scope, person.about(), to.staff_id)?;
    let practice = scope.practice_id();
    let key = person.key(scope, practice.uuid())?;
    let by = scope.staff_id();
    insert(scope, opened, &key, &NewAllocation { to: to.staff_id, by, words: to.reason.as_str(), ground: None })?;
    scope.record(Event::CaseAllocated { case: opened, worker: to.staff_id })
}

/// Whether a case with this person may be given to a worker.
pub(super) fn check_worker(scope: &mut PracticeScope<'_>, person: AboutPerson, to: StaffId) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let colleague = registrations::colleague(scope, to)?;
    // A record that is not access-restricted is closed to nobody.
    let closed_to_them = person.access_restricted
        && access_restrictions::staff_without_access(scope, practice, person.service_user_id)?.contains(&to);
    let worker = ProposedWorker {
        roles: colleague.as_ref().map(|(roles, _)| roles.as_slice()),
        registration: colleague.as_ref().map_or(LookUp::NotYet { joined_on: None }, |(_, known)| *known),
        closed_to_them,
    };
    Ok(worker.check(scope.today())?)
}

/// An allocation to write.
pub(super) struct NewAllocation<'a> {
    pub(super) to: StaffId,
    /// The member of staff who chose the worker.
    pub(super) by: StaffId,
    /// The reason, and the evidence where there is some.
    pub(super) words: &'a str,
    /// The ground on which the case was taken from the worker before.
    pub(super) ground: Option<MovingGround>,
}

/// Writes the allocation of a case that nobody has.
pub(super) fn insert(
    scope: &mut PracticeScope<'_>,
    case: CaseKey,
    key: &Key,
    new: &NewAllocation<'_>,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let id: AllocationId = scope.next_id();
    let reason = key.seal(reason_field(practice, id), new.words)?;
    diesel::insert_into(allocations::table)
        .values((
            allocations::practice_id.eq(practice),
            allocations::allocation_id.eq(id),
            allocations::case_id.eq(case.case),
            about!(allocations, case.into()),
            allocations::staff_id.eq(new.to),
            allocations::allocated_by.eq(new.by),
            allocations::reason.eq(reason),
            allocations::ground.eq(new.ground),
            allocations::starts_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    Ok(())
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

/// Ends the allocation of a case, if somebody has it.
pub(super) fn end_allocation(scope: &mut PracticeScope<'_>, case: CaseId) -> Result<(), StoreError> {
    let of_case = allocations::practice_id.eq(scope.practice_id()).and(allocations::case_id.eq(case));
    update(allocations::table)
        .filter(of_case.and(allocations::ends_at.is_null()))
        .set(allocations::ends_at.eq(scope.at()))
        .execute(scope.conn)?;
    Ok(())
}

/// Resumes the allocation of a case to a worker from whom it was taken at this time. An agreement to closing that stood on it
/// ended then.
pub(super) fn resume(
    scope: &mut PracticeScope<'_>,
    case: CaseId,
    worker: StaffId,
    taken_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let of_case = allocations::practice_id.eq(scope.practice_id()).and(allocations::case_id.eq(case));
    let resumed = update(allocations::table)
        .filter(of_case.and(allocations::staff_id.eq(worker)).and(allocations::ends_at.eq(taken_at)))
        .set((
            allocations::ends_at.eq(None::<DateTime<Utc>>),
            allocations::closing_agreed_by.eq(None::<StaffId>),
            allocations::closing_agreed_ground.eq(None::<ClosingGround>),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(resumed, "the allocation")
}
