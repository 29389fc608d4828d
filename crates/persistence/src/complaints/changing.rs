//! Writing what changes about a complaint. Every change counts its version, so that of two at once one is told.

use almoner_domain::complaints::excluding::ExclusionGround;
use almoner_domain::complaints::heads::ComplaintOutcome;
use almoner_domain::complaints::planning::{Period, Risk};
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::ids::{ComplaintId, PracticeId, ServiceUserId};
use almoner_domain::words::calendar::london_date;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::assignments::end_guests;
use super::closed::unless_another_is_asked;
use super::reading::{Complaint, find};
use super::record_openings;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::complaints;
use crate::ground::scope::ComplaintsScope;

/// The columns of a complaint that change; each that is left out stays as it is.
#[derive(AsChangeset, Default)]
#[diesel(table_name = complaints)]
#[expect(clippy::option_option, reason = "Diesel's own way: a column stays, gets a value, or becomes empty")]
pub(super) struct Changes {
    pub(super) status: Option<ComplaintStatus>,
    pub(super) content: Option<Vec<u8>>,
    pub(super) complainant: Option<Vec<u8>>,
    pub(super) practice_id: Option<PracticeId>,
    pub(super) about_council: Option<bool>,
    pub(super) service_user_id: Option<Option<ServiceUserId>>,
    pub(super) acknowledgement_due_on: Option<NaiveDate>,
    pub(super) plan_due_on: Option<NaiveDate>,
    pub(super) response_due_on: Option<NaiveDate>,
    pub(super) response_latest_on: Option<NaiveDate>,
    pub(super) acknowledged_at: Option<Option<DateTime<Utc>>>,
    pub(super) handling: Option<Option<Vec<u8>>>,
    pub(super) period: Option<Option<Period>>,
    pub(super) risk: Option<Risk>,
    pub(super) progress_due_on: Option<Option<NaiveDate>>,
    pub(super) delay_explained_at: Option<Option<DateTime<Utc>>>,
    pub(super) answered_at: Option<Option<DateTime<Utc>>>,
    pub(super) outcome: Option<Option<ComplaintOutcome>>,
    pub(super) exclusion: Option<Option<ExclusionGround>>,
    pub(super) closed_at: Option<Option<DateTime<Utc>>>,
    pub(super) learning: Option<Vec<u8>>,
    pub(super) reopened_at: Option<DateTime<Utc>>,
}

/// Writes these changes, and the next version, unless somebody else has changed the complaint since it was found. Whatever ends a complaint
/// ends what its guests have of it, and closes the record that is open for looking into it. An officer for whom another is asked changes
/// nothing: what must not wait for the other is [`change_at_once`].
pub(super) fn change(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    changes: Changes,
) -> Result<(), StoreError> {
    unless_another_is_asked(scope, complaint.id)?;
    change_at_once(scope, complaint, changes)
}

/// Writes changes as [`change`] does, also for an officer for whom another is asked: acknowledging in time, saying why it takes longer,
/// putting down what the complainant asks for and what they were given, and what somebody in danger needs.
pub(super) fn change_at_once(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    changes: Changes,
) -> Result<(), StoreError> {
    let council = scope.council_id();
    let ends = matches!(changes.closed_at, Some(Some(_)));
    let own = || complaints::table.find((council, complaint.id));
    let written = update(own()).filter(complaints::version.eq(complaint.version)).set((
        changes,
        complaints::last_worked_at.eq(scope.at()),
        complaints::version.eq(complaint.version + 1),
    ));
    let rows = written.execute(scope.conn)?;
    if rows == 0 {
        return Err(StoreError::VersionMismatch(own().select(complaints::version).first(scope.conn)?));
    }
    if ends {
        end_guests(scope, complaint.id)?;
        record_openings::close_open(scope, complaint.id)?;
    }
    Ok(())
}

/// Puts down that somebody who has a complaint looked at it, once a day.
pub(super) fn look(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<(), StoreError> {
    if london_date(complaint.last_worked_at) < scope.today() {
        update(complaints::table.find((scope.council_id(), complaint.id)))
            .set(complaints::last_worked_at.eq(scope.at()))
            .execute(scope.conn)?;
    }
    Ok(())
}

/// Finds one complaint that is assigned to the caller, and that nobody else changes until the transaction ends.
pub fn find_alone(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<Complaint, StoreError> {
    hold(scope, id)?;
    find(scope, id)
}

/// Keeps everybody else from changing a complaint that is assigned to the caller until the transaction ends.
pub(super) fn hold(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<(), StoreError> {
    let own = complaints::table.find((scope.council_id(), id)).select(complaints::complaint_id);
    own.for_no_key_update().first::<ComplaintId>(scope.conn)?;
    Ok(())
}

/// Seals what belongs to a row of a complaint, under the complaint's key.
pub(super) fn seal<T: Serialize + ?Sized>(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    (table, column): (&'static str, &'static str),
    row: uuid::Uuid,
    value: &T,
) -> Result<Vec<u8>, StoreError> {
    let sealed = complaint.sealed;
    scope.key(sealed.council.uuid(), sealed.key_id)?.seal(sealed.of(table, column, row), value)
}

/// Seals what stands in a complaint's own row, in the place of what stood there.
pub(super) fn seal_again<T: Serialize>(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    column: &'static str,
    value: &T,
) -> Result<Vec<u8>, StoreError> {
    let sealed = complaint.sealed;
    scope.key(sealed.council.uuid(), sealed.key_id)?.seal(sealed.field(column), value)
}
