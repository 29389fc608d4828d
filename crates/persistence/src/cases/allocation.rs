//! Who works on a case.

use crate::cases::timeline::{self, Happening};
use crate::ground::audit::Chain;
use crate::ground::error::StoreError;
use crate::ground::schema::allocations;
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::Place;
use crate::people::about::about;
use crate::people::{guards, service_users};
use crate::staff::registrations;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{AllocationId, StaffId};
use almoner_domain::staff::roles::Role;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case::{Case, set_version};

/// Who is to work on a case.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "staff_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "reason": "Knows the family and signs British Sign Language.",
}))]
pub struct Allocate {
    /// The worker.
    pub staff_id: StaffId,
    /// Why this worker.
    pub reason: Passage<1000>,
}

/// Gives a case to a worker: the one who had it has it no longer.
pub fn allocate(scope: &mut PracticeScope<'_>, case: &Case, to: &Allocate) -> Result<(), StoreError> {
    scope.decision()?;
    case.status.allocate()?;
    let roles = crate::staff::colleague(scope, to.staff_id).map_err(|error| error.unless_found("/staff_id"))?;
    if !roles.iter().any(|role| matches!(role, Role::SocialWorker | Role::Practitioner)) {
        return Err(StoreError::Unfit(vec![Fault::new("/staff_id", "must be a social worker or a practitioner")]));
    }
    registrations::may_be_given_work(scope, to.staff_id, &roles)?;
    let practice = scope.practice_id();
    if guards::barred_from(scope, practice, case.service_user.id)?.contains(&to.staff_id) {
        let detail = "must be somebody to whom this record is open";
        return Err(StoreError::Unfit(vec![Fault::new("/staff_id", detail)]));
    }
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
        .seal(Place { owner: practice.uuid(), table: "allocations", column: "reason", row: id.uuid() }, &to.reason)?;
    let key = case.key();
    diesel::insert_into(allocations::table)
        .values((
            allocations::practice_id.eq(practice),
            allocations::allocation_id.eq(id),
            allocations::case_id.eq(case.id),
            about!(allocations, key.person),
            allocations::staff_id.eq(to.staff_id),
            allocations::allocated_by.eq(scope.staff_id()),
            allocations::reason.eq(reason),
            allocations::starts_at.eq(at),
        ))
        .execute(scope.conn)?;
    timeline::append(scope, &key, Happening::Allocated, Some(to.staff_id.uuid()))?;
    scope.audit(Chain::Practice, "case.allocated", case.id.uuid(), Some(key.person.service_user_id))
}

/// A closed case has no worker; one that is open again has the one that it had.
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
            .filter(of_case.and(allocations::ends_at.eq(case.closed_at)))
            .set(allocations::ends_at.eq(None::<DateTime<Utc>>))
            .execute(scope.conn)?;
    }
    Ok(())
}
