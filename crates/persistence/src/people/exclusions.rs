//! Exclusions: a member of staff, such as a relative or a neighbour, who may not see one record.

use almoner_domain::events::Event;
use almoner_domain::ids::{ServiceUserId, StaffId};
use almoner_domain::people::access_restriction::ExcludeStaff;
use almoner_domain::people::access_rules::keep_somebody_who_lifts;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::access_restrictions::{HeldWithReferrals, LockedRecord, keep, may_change, reason_field, who_lifts};
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::exclusions;
use crate::ground::scope::PracticeScope;
use crate::people::about::about;
use crate::people::service_users::{self, ServiceUser};
use crate::staff::names::{Worker, one_of, workers};

/// The exclusion of a member of staff from one record.
#[derive(Clone, Serialize, ToSchema)]
pub struct Exclusion {
    /// The member of staff who is excluded.
    pub staff: Worker,
    /// The reason for the exclusion.
    #[schema(value_type = Passage<1000>)]
    pub reason: String,
    /// The member of staff who set the exclusion: the excluded member themselves, or an access manager.
    pub set_by: Worker,
    /// When the member of staff was excluded.
    pub set_at: DateTime<Utc>,
}

/// Excludes a colleague from a record.
pub fn exclude(scope: &mut PracticeScope<'_>, held: &HeldWithReferrals, whom: &ExcludeStaff) -> Result<(), StoreError> {
    may_change(scope, &held.0)?;
    let is_colleague = crate::staff::roles_of(scope, whom.staff_id)?.is_some();
    whom.check(scope.staff_id(), is_colleague)?;
    write_exclusion(scope, held, whom.staff_id, &whom.reason)
}

/// Excludes the caller from a record at their own request. They do not see it from now on.
pub fn exclude_self(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    reason: &Passage<1000>,
) -> Result<(), StoreError> {
    let me = scope.staff_id();
    write_exclusion(scope, held, me, reason)
}

fn write_exclusion(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    whom: StaffId,
    reason: &Passage<1000>,
) -> Result<(), StoreError> {
    let (practice, at) = (scope.practice_id(), scope.at());
    let person = held.0.person();
    let sealed = person.key(scope, practice.uuid())?.seal(reason_field(practice, "exclusions", whom.uuid()), reason)?;
    diesel::insert_into(exclusions::table)
        .values((
            exclusions::practice_id.eq(practice),
            about!(exclusions, person.about()),
            exclusions::staff_id.eq(whom),
            exclusions::reason.eq(sealed),
            exclusions::set_by.eq(scope.staff_id()),
            exclusions::set_at.eq(at),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/staff_id"))?;
    let (managers, closed_to) = who_lifts(scope, person.id)?;
    keep_somebody_who_lifts(&managers, &closed_to)?;
    keep(scope, person.id, person.version)?;
    // The row of the exclusion goes when it ends; why there was one stays.
    let event = Event::ServiceUserStaffExcluded { member: whom, person: person.id };
    scope.record_because(event, reason.as_str())
}

/// Ends the exclusion of a colleague.
pub fn end_exclusion(scope: &mut PracticeScope<'_>, person: &LockedRecord, whom: StaffId) -> Result<(), StoreError> {
    may_change(scope, person)?;
    let person = person.person();
    let dropped = diesel::delete(exclusions::table)
        .filter(exclusions::practice_id.eq(scope.practice_id()).and(exclusions::service_user_id.eq(person.id)))
        .filter(exclusions::staff_id.eq(whom))
        .execute(scope.conn)?;
    if dropped == 0 {
        return Err(StoreError::NotFound);
    }
    keep(scope, person.id, person.version)?;
    scope.record(Event::ServiceUserExclusionEnded { member: whom, person: person.id })
}

type ExclusionRow = (StaffId, Vec<u8>, StaffId, DateTime<Utc>);

macro_rules! exclusions_from {
    ($scope:expr, $person:expr) => {
        exclusions::table
            .filter(exclusions::practice_id.eq($scope.practice_id()).and(exclusions::service_user_id.eq($person)))
            .select((exclusions::staff_id, exclusions::reason, exclusions::set_by, exclusions::set_at))
    };
}

/// Lists the members of staff who are excluded from a record, for a caller who may see the record.
pub fn exclusions(
    scope: &mut PracticeScope<'_>,
    id: ServiceUserId,
    paging: &Paging,
) -> Result<OnRecord<Page<Exclusion>>, StoreError> {
    let person = service_users::find(scope, id)?;
    let rows: Vec<ExclusionRow> = exclusions_from!(scope, id)
        .filter(exclusions::staff_id.gt(StaffId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(exclusions::staff_id)
        .limit(paging.fetch())
        .load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.uuid());
    let named: Vec<StaffId> = page.items.iter().flat_map(|(whom, _, set_by, _)| [*whom, *set_by]).collect();
    let named = workers(scope, &named)?;
    let page = page.try_map(|row| show(scope, &person, &named, row))?;
    scope.list_read(page, Event::ServiceUserExclusionsRead { person: id })
}

/// Finds one exclusion.
pub fn find_exclusion(
    scope: &mut PracticeScope<'_>,
    id: ServiceUserId,
    whom: StaffId,
) -> Result<Exclusion, StoreError> {
    let person = service_users::find(scope, id)?;
    let row: ExclusionRow = exclusions_from!(scope, id).filter(exclusions::staff_id.eq(whom)).first(scope.conn)?;
    let named = workers(scope, &[row.0, row.2])?;
    show(scope, &person, &named, row)
}

/// One exclusion, for somebody who reads it: the reading is on record too.
pub fn read_exclusion(
    scope: &mut PracticeScope<'_>,
    id: ServiceUserId,
    whom: StaffId,
) -> Result<OnRecord<Exclusion>, StoreError> {
    let exclusion = find_exclusion(scope, id, whom)?;
    scope.record_read(exclusion, Event::ServiceUserExclusionsRead { person: id })
}

fn show(
    scope: &mut PracticeScope<'_>,
    person: &ServiceUser,
    named: &[Worker],
    (whom, reason, set_by, set_at): ExclusionRow,
) -> Result<Exclusion, StoreError> {
    let practice = scope.practice_id();
    let place = reason_field(practice, "exclusions", whom.uuid());
    Ok(Exclusion {
        reason: person.key(scope, practice.uuid())?.open(place, &reason)?,
        staff: one_of(named, whom)?,
        set_by: one_of(named, set_by)?,
        set_at,
    })
}
