//! Leaving: an officer's access ends now or with a day. It is compared with the moment of each request, and waits for no job.

use almoner_domain::events::Event;
use almoner_domain::staff::leaving::{Leaving, NotPlanned, Plan, WithOpenWork};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::officers;
use crate::ground::scope::CouncilScope;
use crate::officers::roles::{keep_an_administrator, note_readers};
use crate::officers::{CouncilOfficer, accounts, unless_changed_since};

/// Says that an officer leaves: with the end of this day, or now. It replaces what was said before.
pub fn plan(
    scope: &mut CouncilScope<'_>,
    known: &CouncilOfficer,
    last_day: Option<NaiveDate>,
) -> Result<(), StoreError> {
    known.state().change()?;
    let wish = Leaving { last_day, with_open_work: WithOpenWork::EndAccess };
    let at = scope.at();
    let ends_at = match wish.plan(false, at) {
        Ok(Plan::Later { access_ends_at: Some(ends_at) }) => ends_at,
        // An officer has no open work of which leaving could wait.
        Ok(_) | Err(NotPlanned::OpenWork) => at,
        Err(NotPlanned::Fault(faults)) => return Err(StoreError::ValidationFailed(faults)),
    };
    keep_an_administrator(scope, known, &[])?;
    write(scope, known, Some(ends_at))?;
    scope.record(Event::OfficerLeavingPlanned { officer: known.id })
}

/// Withdraws the leaving of an officer whose access has not ended. They stay.
pub fn stay(scope: &mut CouncilScope<'_>, known: &CouncilOfficer) -> Result<(), StoreError> {
    known.state().stay()?;
    write(scope, known, None)?;
    scope.record(Event::OfficerLeavingWithdrawn { officer: known.id })
}

fn write(
    scope: &mut CouncilScope<'_>,
    known: &CouncilOfficer,
    ends_at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let council = scope.council_id();
    let written = update(officers::table.find((council, known.id)))
        .filter(officers::version.eq(known.version))
        .set((officers::access_ends_at.eq(ends_at), officers::version.eq(known.version + 1)))
        .execute(scope.conn)?;
    unless_changed_since(scope, known, written)?;
    accounts::end_at(scope, known.id, ends_at)?;
    note_readers(scope, council)
}
