//! The registration of the practice's staff with Social Work England, as somebody last found it in the register.

use std::collections::HashMap;

use almoner_domain::events::Event;
use almoner_domain::ids::{PracticeId, StaffId};
use almoner_domain::refusal::Refusal;
use almoner_domain::staff::registration::{
    Annotation, Attention, LookUp, RegisterEntry, Registration, RegistrationStatus, attention, may_decide, may_practise,
};
use almoner_domain::staff::roles::Role;
use almoner_domain::staff::social_work_england::SocialWorkEnglandNumber;
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::date;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{allocations, registrations, staff};
use crate::ground::scope::{PracticeScope, Scope};
use crate::staff::names::{Worker, one_of, workers};
use crate::staff::presence::not_gone;
use crate::staff::roles::parse_roles;

/// The registration of a member of staff.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StaffRegistration {
    /// The member of staff whose registration it is.
    pub staff: Worker,
    /// Their number, as the practice has it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<SocialWorkEnglandNumber>,
    /// Whether the member of staff may work as a social worker today: the register lets them, as it was last looked up, or they
    /// joined at most 14 days ago and nobody has looked them up yet.
    pub may_practise: bool,
    /// The reasons for which somebody should look them up, if they are a social worker.
    #[schema(max_items = 5)]
    pub attention: Vec<Attention>,
    /// The entry that was found. Absent if the member of staff was never looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// The number of their open cases that the caller may see. Only the list has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub cases_in_hand: Option<i64>,
    /// The version of the entry, for the `ETag`. It is 0 if the member of staff was never looked up.
    #[serde(skip)]
    pub version: i32,
}

/// An entry that was found in the register.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Found {
    /// The registration number that was looked up.
    pub number: SocialWorkEnglandNumber,
    /// The status in the register.
    pub status: RegistrationStatus,
    /// The annotations in the register.
    #[schema(max_items = 2)]
    pub annotations: Vec<Annotation>,
    /// The day on which somebody looked the entry up.
    pub checked_on: NaiveDate,
    /// The last day of the registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_ends_on: Option<NaiveDate>,
    /// The member of staff who looked it up.
    pub checked_by: Worker,
}

/// An entry in the register, as somebody finds it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "status": "registered", "checked_on": "2026-11-20", "registration_ends_on": "2027-11-30", "annotations": ["amhp"],
}))]
pub struct CheckRegistration {
    /// The status in the register.
    pub status: RegistrationStatus,
    /// The day on which the entry was looked up. It is not in the future.
    #[serde(deserialize_with = "date::required")]
    pub checked_on: NaiveDate,
    /// The last day of the registration. It is required if the status is registered. Registrations end on 30 November.
    #[serde(default, deserialize_with = "date::optional")]
    pub registration_ends_on: Option<NaiveDate>,
    /// The annotations in the register. Left out, there are none.
    #[serde(default)]
    #[schema(max_items = 2)]
    pub annotations: Vec<Annotation>,
}

impl CheckRegistration {
    fn entry(&self) -> RegisterEntry<'_> {
        RegisterEntry {
            status: self.status,
            checked_on: self.checked_on,
            registration_ends_on: self.registration_ends_on,
            annotations: &self.annotations,
        }
    }
}

/// The columns of a registration that decide whether somebody may practise.
pub(crate) type RegistrationColumns = (RegistrationStatus, NaiveDate, Option<NaiveDate>);

/// Turns the columns, and the time of joining, into what the rules know of a member of staff from the register.
pub(crate) fn look_up(found: Option<RegistrationColumns>, joined_at: Option<DateTime<Utc>>) -> LookUp {
    let found = found.map(|(status, checked_on, registration_ends_on)| Registration {
        status,
        checked_on,
        registration_ends_on,
    });
    LookUp::new(found, joined_at.map(london_date))
}

impl PracticeScope<'_> {
    /// Checks that the register does not bar the caller from a decision about a person or their case: a social worker whom it
    /// bars takes none, whatever other role they hold. The permissions that are decisions ask it, before anything else is done.
    pub fn decision(&self) -> Result<(), Refusal> {
        may_decide(&self.member.roles, self.member.registration, self.today())
    }
}

/// Finds the roles of a colleague, and what is known of them from the register. Returns `None` if the member of
/// staff is not of the caller's practice, or has left.
pub(crate) fn colleague(
    scope: &mut PracticeScope<'_>,
    member: StaffId,
) -> Result<Option<(Vec<Role>, LookUp)>, StoreError> {
    type Colleague = (Vec<String>, Option<DateTime<Utc>>, Option<RegistrationColumns>);
    let row: Option<Colleague> = staff::table
        .left_join(
            registrations::table
                .on(registrations::practice_id.eq(staff::practice_id).and(registrations::staff_id.eq(staff::staff_id))),
        )
        .filter(staff::practice_id.eq(scope.practice_id()).and(staff::staff_id.eq(member)))
        .filter(not_gone!(scope.at()))
        .select((
            staff::roles,
            staff::joined_at,
            (registrations::status, registrations::checked_on, registrations::registration_ends_on).nullable(),
        ))
        .first(scope.conn)
        .optional()?;
    row.map(|(roles, joined_at, found)| Ok((parse_roles(&roles)?, look_up(found, joined_at)))).transpose()
}

/// Lists the members of the practice's staff who could not practise as social workers: the register bars them, or nobody has
/// looked them up in time.
pub(crate) fn barred(scope: &mut Scope<'_>, practice: PracticeId) -> Result<Vec<StaffId>, StoreError> {
    let today = scope.today();
    let known: Vec<(StaffId, Option<DateTime<Utc>>, Option<RegistrationColumns>)> = staff::table
        .left_join(
            registrations::table
                .on(registrations::practice_id.eq(staff::practice_id).and(registrations::staff_id.eq(staff::staff_id))),
        )
        .filter(staff::practice_id.eq(practice).and(not_gone!(scope.at())))
        .select((
            staff::staff_id,
            staff::joined_at,
            (registrations::status, registrations::checked_on, registrations::registration_ends_on).nullable(),
        ))
        .load(scope.conn)?;
    Ok(known
        .into_iter()
        .filter(|(_, joined_at, found)| may_practise(look_up(*found, *joined_at), today).is_err())
        .map(|(member, ..)| member)
        .collect())
}

type FoundRow = (SocialWorkEnglandNumber, RegistrationStatus, Vec<String>, NaiveDate, Option<NaiveDate>, StaffId, i32);

type RegistrationRow = (Worker, Vec<String>, Option<DateTime<Utc>>, Option<SocialWorkEnglandNumber>, Option<FoundRow>);

macro_rules! rows {
    ($scope:expr) => {
        staff::table
            .left_join(
                registrations::table.on(registrations::practice_id
                    .eq(staff::practice_id)
                    .and(registrations::staff_id.eq(staff::staff_id))),
            )
            .filter(staff::practice_id.eq($scope.practice_id()).and(not_gone!($scope.at())))
            .select((
                Worker::as_select(),
                staff::roles,
                staff::joined_at,
                staff::social_work_england_number,
                (
                    registrations::number,
                    registrations::status,
                    registrations::annotations,
                    registrations::checked_on,
                    registrations::registration_ends_on,
                    registrations::checked_by,
                    registrations::version,
                )
                    .nullable(),
            ))
    };
}

fn show(
    row: RegistrationRow,
    checkers: &[Worker],
    today: NaiveDate,
    within: u16,
) -> Result<StaffRegistration, StoreError> {
    let (staff, roles, joined_at, number, found) = row;
    let is_social_worker = crate::staff::roles::parse_roles(&roles)?.contains(&Role::SocialWorker);
    let version = found.as_ref().map_or(0, |found| found.6);
    let found = found
        .map(|(number, status, annotations, checked_on, registration_ends_on, checked_by, _)| {
            let annotations = annotations
                .iter()
                .map(|one| Annotation::parse(one).map_err(StoreError::unreadable))
                .collect::<Result<_, _>>()?;
            let checked_by = one_of(checkers, checked_by)?;
            Ok::<_, StoreError>(Found { number, status, annotations, checked_on, registration_ends_on, checked_by })
        })
        .transpose()?;
    let columns = found.as_ref().map(|found| (found.status, found.checked_on, found.registration_ends_on));
    let known = look_up(columns, joined_at);
    let mut why = Vec::new();
    if is_social_worker {
        why = attention(known, today, within);
        if found.as_ref().is_some_and(|found| Some(&found.number) != number.as_ref()) {
            why.push(Attention::OtherNumber);
        }
    }
    Ok(StaffRegistration {
        staff,
        number,
        may_practise: is_social_worker && may_practise(known, today).is_ok(),
        attention: why,
        found,
        cases_in_hand: None,
        version,
    })
}

/// The number of days ahead within which a registration counts as about to lapse, if the caller names no other.
pub const LAPSING_WITHIN: u16 = 30;

/// Finds the registration of one member of staff.
pub fn find(scope: &mut PracticeScope<'_>, id: StaffId) -> Result<StaffRegistration, StoreError> {
    let row: RegistrationRow = rows!(scope).filter(staff::staff_id.eq(id)).first(scope.conn)?;
    let checkers = checkers(scope, std::slice::from_ref(&row))?;
    show(row, &checkers, scope.today(), LAPSING_WITHIN)
}

/// Those who looked somebody up in the register, by name.
fn checkers(scope: &mut PracticeScope<'_>, rows: &[RegistrationRow]) -> Result<Vec<Worker>, StoreError> {
    let ids: Vec<StaffId> = rows.iter().filter_map(|row| row.4.as_ref().map(|found| found.5)).collect();
    if ids.is_empty() { Ok(Vec::new()) } else { workers(scope, &ids) }
}

/// Records the entry that was found in the register for a member of staff.
pub fn check(
    scope: &mut PracticeScope<'_>,
    of: &StaffRegistration,
    what: &CheckRegistration,
) -> Result<(), StoreError> {
    let number = what.entry().check(of.number.as_ref(), scope.today())?;
    let practice = scope.practice_id();
    let values = (
        registrations::number.eq(number),
        registrations::status.eq(what.status),
        registrations::annotations.eq(what.annotations.iter().map(|one| one.as_str()).collect::<Vec<_>>()),
        registrations::checked_on.eq(what.checked_on),
        registrations::registration_ends_on.eq(what.registration_ends_on),
        registrations::checked_by.eq(scope.staff_id()),
    );
    let written = if of.version == 0 {
        diesel::insert_into(registrations::table)
            .values((registrations::practice_id.eq(practice), registrations::staff_id.eq(of.staff.id), values))
            .on_conflict_do_nothing()
            .execute(scope.conn)?
    } else {
        update(registrations::table)
            .filter(registrations::practice_id.eq(practice).and(registrations::staff_id.eq(of.staff.id)))
            .filter(registrations::version.eq(of.version))
            .set((values, registrations::version.eq(of.version + 1)))
            .execute(scope.conn)?
    };
    if written == 0 {
        return Err(StoreError::VersionMismatch(find(scope, of.staff.id)?.version));
    }
    scope.record(Event::RegistrationChecked { member: of.staff.id })
}

/// Lists the social workers who need attention, in the order in which they joined: the register bars them, their
/// registration ends within so many days, or they were never looked up or not for a year. Each comes with the number of
/// their open cases.
pub fn list(
    scope: &mut PracticeScope<'_>,
    within: u16,
    paging: &Paging,
) -> Result<Page<StaffRegistration>, StoreError> {
    let today = scope.today();
    let rows: Vec<RegistrationRow> = rows!(scope)
        .filter(staff::roles.contains(vec![Role::SocialWorker.as_str()]))
        .filter(staff::staff_id.gt(StaffId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(staff::staff_id)
        .load(scope.conn)?;
    let checkers = checkers(scope, &rows)?;
    let wanted = usize::try_from(paging.fetch()).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for row in rows {
        let shown = show(row, &checkers, today, within)?;
        if !shown.attention.is_empty() && found.len() < wanted {
            found.push(shown);
        }
    }
    let mut page = paging.page(found, |one| one.staff.id.uuid());
    let in_hand = cases_in_hand(scope, page.items.iter().map(|one| one.staff.id).collect())?;
    for one in &mut page.items {
        one.cases_in_hand = Some(in_hand.get(&one.staff.id).copied().unwrap_or(0));
    }
    Ok(page)
}

fn cases_in_hand(scope: &mut PracticeScope<'_>, of: Vec<StaffId>) -> Result<HashMap<StaffId, i64>, StoreError> {
    let counted: Vec<(StaffId, i64)> = allocations::table
        .filter(allocations::practice_id.eq(scope.practice_id()).and(allocations::ends_at.is_null()))
        .filter(allocations::staff_id.eq_any(of))
        .group_by(allocations::staff_id)
        .select((allocations::staff_id, diesel::dsl::count_star()))
        .load(scope.conn)?;
    Ok(counted.into_iter().collect())
}
