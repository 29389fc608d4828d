//! Lock-outs: a member of staff who may not meet a record, such as a relative or a neighbour.

use crate::ground::audit::Chain;
use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::lock_outs;
use crate::ground::scope::PracticeScope;
use crate::people::about::about;
use crate::people::service_users::{self, ServiceUser};
use crate::staff::names::{Worker, one_of, workers};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ServiceUserId, StaffId};
use almoner_domain::people::guard::LockOut;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::guards::{Held, HeldWithReferrals, keep, managers_left, may_change, reason_place};

/// A member of staff who may not meet a record.
#[derive(Clone, Serialize, ToSchema)]
pub struct LockedOut {
    /// Who.
    pub staff: Worker,
    /// Why.
    pub reason: String,
    /// Who locked them out: themselves, or somebody who manages access.
    pub set_by: Worker,
    /// When.
    pub set_at: DateTime<Utc>,
}

/// Locks a colleague out of a record.
pub fn lock_out(scope: &mut PracticeScope<'_>, held: &HeldWithReferrals, whom: &LockOut) -> Result<(), StoreError> {
    may_change(scope, &held.0)?;
    if whom.staff_id == scope.staff_id() {
        let detail = "must be another than yourself: there is an operation of its own for that";
        return Err(StoreError::Unfit(vec![Fault::new("/staff_id", detail)]));
    }
    crate::staff::colleague(scope, whom.staff_id).map_err(|error| error.unless_found("/staff_id"))?;
    write_lock_out(scope, held, whom.staff_id, &whom.reason)
}

/// Who acts says of themselves that they should not meet this record. They do not see it from now on.
pub fn lock_me_out(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    reason: &Passage<1000>,
) -> Result<(), StoreError> {
    let me = scope.staff_id();
    write_lock_out(scope, held, me, reason)
}

fn write_lock_out(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    whom: StaffId,
    reason: &Passage<1000>,
) -> Result<(), StoreError> {
    let (practice, at) = (scope.practice_id(), scope.at());
    let person = held.0.person();
    let reason = person.key(scope, practice.uuid())?.seal(reason_place(practice, "lock_outs", whom.uuid()), reason)?;
    diesel::insert_into(lock_outs::table)
        .values((
            lock_outs::practice_id.eq(practice),
            about!(lock_outs, person.about()),
            lock_outs::staff_id.eq(whom),
            lock_outs::reason.eq(reason),
            lock_outs::set_by.eq(scope.staff_id()),
            lock_outs::set_at.eq(at),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::taken(error, "/staff_id"))?;
    if managers_left(scope, person.id)?.is_empty() {
        return Err(Refusal::NobodyToLift.into());
    }
    keep(scope, person.id, person.version)?;
    scope.audit(Chain::Practice, "service_user.locked_out", whom.uuid(), Some(person.id))
}

/// Lets a colleague in again.
pub fn let_in(scope: &mut PracticeScope<'_>, person: &Held, whom: StaffId) -> Result<(), StoreError> {
    may_change(scope, person)?;
    let person = person.person();
    let dropped = diesel::delete(lock_outs::table)
        .filter(lock_outs::practice_id.eq(scope.practice_id()).and(lock_outs::service_user_id.eq(person.id)))
        .filter(lock_outs::staff_id.eq(whom))
        .execute(scope.conn)?;
    if dropped == 0 {
        return Err(StoreError::NotFound);
    }
    keep(scope, person.id, person.version)?;
    scope.audit(Chain::Practice, "service_user.let_in", whom.uuid(), Some(person.id))
}

type LockOutRow = (StaffId, Vec<u8>, StaffId, DateTime<Utc>);

macro_rules! locked_out_of {
    ($scope:expr, $person:expr) => {
        lock_outs::table
            .filter(lock_outs::practice_id.eq($scope.practice_id()).and(lock_outs::service_user_id.eq($person)))
            .select((lock_outs::staff_id, lock_outs::reason, lock_outs::set_by, lock_outs::set_at))
    };
}

/// Who is locked out of a record, for somebody to whom it is open.
pub fn lock_outs(
    scope: &mut PracticeScope<'_>,
    id: ServiceUserId,
    paging: &Paging,
) -> Result<Page<LockedOut>, StoreError> {
    let person = service_users::find(scope, id)?;
    let rows: Vec<LockOutRow> = locked_out_of!(scope, id)
        .filter(lock_outs::staff_id.gt(StaffId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(lock_outs::staff_id)
        .limit(paging.fetch())
        .load(scope.conn)?;
    scope.audit(Chain::Practice, "service_user.lock_outs_read", id.uuid(), Some(id))?;
    let page = paging.page(rows, |row| row.0.uuid());
    let named: Vec<StaffId> = page.items.iter().flat_map(|(whom, _, set_by, _)| [*whom, *set_by]).collect();
    let named = workers(scope, &named)?;
    page.try_map(|row| show(scope, &person, &named, row))
}

/// One lock-out.
pub fn find_lock_out(scope: &mut PracticeScope<'_>, id: ServiceUserId, whom: StaffId) -> Result<LockedOut, StoreError> {
    let person = service_users::find(scope, id)?;
    let row: LockOutRow = locked_out_of!(scope, id).filter(lock_outs::staff_id.eq(whom)).first(scope.conn)?;
    let named = workers(scope, &[row.0, row.2])?;
    show(scope, &person, &named, row)
}

fn show(
    scope: &mut PracticeScope<'_>,
    person: &ServiceUser,
    named: &[Worker],
    (whom, reason, set_by, set_at): LockOutRow,
) -> Result<LockedOut, StoreError> {
    let practice = scope.practice_id();
    let place = reason_place(practice, "lock_outs", whom.uuid());
    Ok(LockedOut {
        reason: person.key(scope, practice.uuid())?.open(place, &reason)?,
        staff: one_of(named, whom)?,
        set_by: one_of(named, set_by)?,
        set_at,
    })
}
