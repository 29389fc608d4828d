//! The absences that members of staff say of themselves.

use std::collections::HashMap;

use almoner_domain::events::Event;
use almoner_domain::ids::{PracticeId, StaffId};
use almoner_domain::staff::absence::Absence;
use chrono::NaiveDate;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::absences;
use crate::ground::scope::{PracticeScope, Scope};
use crate::staff::members::managers_besides;
use crate::staff::roles::colleagues;

/// The absences of these members of staff that are not over.
pub(super) fn of(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    members: &[StaffId],
) -> Result<HashMap<StaffId, Absence>, StoreError> {
    let rows: Vec<(StaffId, NaiveDate, NaiveDate, Option<StaffId>)> = absences::table
        .filter(absences::practice_id.eq(practice).and(absences::staff_id.eq_any(members)))
        .filter(absences::last_day.ge(scope.today()))
        .select((absences::staff_id, absences::first_day, absences::last_day, absences::stand_in_id))
        .load(scope.conn)?;
    Ok(rows
        .into_iter()
        .map(|(member, from, until, stand_in_id)| (member, Absence { from, until, stand_in_id }))
        .collect())
}

/// The members of staff of a practice who are away today.
pub(crate) fn away(scope: &mut Scope<'_>, practice: PracticeId) -> Result<Vec<StaffId>, StoreError> {
    let today = scope.today();
    Ok(absences::table
        .filter(absences::practice_id.eq(practice))
        .filter(absences::first_day.le(today).and(absences::last_day.ge(today)))
        .select(absences::staff_id)
        .load(scope.conn)?)
}

/// Says that the caller is away, in place of what they said before. The stand-in and the managers are told.
pub fn say(scope: &mut PracticeScope<'_>, said: &Absence) -> Result<(), StoreError> {
    let (practice, own) = (scope.practice_id(), scope.staff_id());
    let named = colleagues(scope, practice, said.stand_in_id.as_slice())?;
    StoreError::unless_faulty(said.check(own, &named, scope.today()))?;
    let days = (
        absences::first_day.eq(said.from),
        absences::last_day.eq(said.until),
        absences::stand_in_id.eq(said.stand_in_id),
    );
    diesel::insert_into(absences::table)
        .values((absences::practice_id.eq(practice), absences::staff_id.eq(own), days))
        .on_conflict((absences::practice_id, absences::staff_id))
        .do_update()
        .set(days)
        .execute(scope.conn)?;
    let told = told_of(scope, said)?;
    scope.record(Event::StaffAbsenceSaid { member: own, told })
}

/// Withdraws or ends the caller's absence, if they have said one.
pub fn end(scope: &mut PracticeScope<'_>) -> Result<(), StoreError> {
    let (practice, member) = (scope.practice_id(), scope.staff_id());
    let known = of(scope, practice, &[member])?.remove(&member);
    diesel::delete(absences::table)
        .filter(absences::practice_id.eq(practice).and(absences::staff_id.eq(member)))
        .execute(scope.conn)?;
    let Some(known) = known else { return Ok(()) };
    let told = told_of(scope, &known)?;
    scope.record(Event::StaffAbsenceEnded { member, told })
}

fn told_of(scope: &mut PracticeScope<'_>, absence: &Absence) -> Result<Vec<StaffId>, StoreError> {
    let own = scope.staff_id();
    let mut told = managers_besides(scope, own)?;
    told.extend(absence.stand_in_id.filter(|stand_in| !told.contains(stand_in)));
    Ok(told)
}
