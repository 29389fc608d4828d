//! The absence that an officer says of themselves.

use almoner_domain::events::Event;
use almoner_domain::ids::OfficerId;
use almoner_domain::officers::absence::OfficerAbsence;
use chrono::NaiveDate;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::officers;
use crate::ground::scope::CouncilScope;
use crate::officers::roles::not_gone;

/// Says that the caller is away, in place of what they said before.
pub fn say(scope: &mut CouncilScope<'_>, said: &OfficerAbsence) -> Result<(), StoreError> {
    let (council, (own, _)) = (scope.council_id(), scope.officer()?);
    let named: Vec<OfficerId> = officers::table
        .filter(officers::council_id.eq(council).and(officers::officer_id.eq_any(said.stand_in_id.as_slice())))
        .filter(not_gone!(scope.at()))
        .select(officers::officer_id)
        .load(scope.conn)?;
    StoreError::unless_faulty(said.check(own, &named, scope.today()))?;
    write(scope, own, Some(said))?;
    scope.record(Event::OfficerAbsenceSaid { officer: own })
}

/// Withdraws or ends the caller's absence, if they have said one.
pub fn end(scope: &mut CouncilScope<'_>) -> Result<(), StoreError> {
    let (own, _) = scope.officer()?;
    if write(scope, own, None)? {
        scope.record(Event::OfficerAbsenceEnded { officer: own })?;
    }
    Ok(())
}

/// Writes the absence, and returns whether anything was changed.
fn write(scope: &mut CouncilScope<'_>, own: OfficerId, said: Option<&OfficerAbsence>) -> Result<bool, StoreError> {
    let council = scope.council_id();
    let changed = update(officers::table.find((council, own)))
        .filter(officers::absent_from.is_not_null().or(said.is_some().into_sql::<diesel::sql_types::Bool>()))
        .set((
            officers::absent_from.eq(said.map(|said| said.from)),
            officers::absent_until.eq(said.map(|said| said.until)),
            officers::stand_in_id.eq(said.and_then(|said| said.stand_in_id)),
            officers::version.eq(officers::version + 1),
        ))
        .execute(scope.conn)?;
    Ok(changed == 1)
}

/// The columns of an absence.
pub(super) type AbsenceColumns = (Option<NaiveDate>, Option<NaiveDate>, Option<OfficerId>);

/// Reads an absence that is not over.
pub(super) fn read((from, until, stand_in_id): AbsenceColumns, today: NaiveDate) -> Option<OfficerAbsence> {
    let (from, until) = from.zip(until).filter(|(_, until)| *until >= today)?;
    Some(OfficerAbsence { from, until, stand_in_id })
}
