//! The rule for an adverse action that its signatory does not decide in time: the request goes to the next signatory.

use almoner_domain::cases::case::{CountersignaturePurpose, CountersignatureStatus};
use almoner_domain::events::{Event, Task};
use almoner_domain::ids::{CountersignatureId, PracticeId, ServiceUserId, StaffId};
use almoner_domain::words::calendar::end_of_day;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use crate::cases::countersignatures::draw_signatory;
use crate::cases::outside;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::countersignatures;
use crate::ground::scope::WorkerScope;

/// Passes a request that its signatory has not decided in time to the next signatory. If nobody is left, it waits for a
/// signatory from outside without a limit: it never lapses. Returns when it is due to be passed on, if a bank holiday has
/// moved its day.
pub(crate) fn pass_on(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    id: CountersignatureId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    pass_on_from(scope, practice, id, None)
}

/// Passes on at once what a member of staff was drawn to decide who works here no longer.
pub(crate) fn pass_on_what_is_drawn_to(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    member: StaffId,
) -> Result<(), StoreError> {
    let drawn: Vec<CountersignatureId> = countersignatures::table
        .filter(countersignatures::practice_id.eq(practice).and(countersignatures::signatory_id.eq(member)))
        .filter(countersignatures::status.eq(CountersignatureStatus::Waiting))
        .order(countersignatures::countersignature_id)
        .select(countersignatures::countersignature_id)
        .load(scope.conn)?;
    for id in drawn {
        pass_on_from(scope, practice, id, Some(member))?;
    }
    Ok(())
}

fn pass_on_from(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    id: CountersignatureId,
    gone: Option<StaffId>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    type PassOnRow = (
        CountersignatureStatus,
        CountersignaturePurpose,
        ServiceUserId,
        StaffId,
        Option<StaffId>,
        Vec<StaffId>,
        NaiveDate,
        i32,
    );
    // Whoever adds a bank holiday locks the calendar before the row.
    let calendar = scope.calendar()?;
    let found: Option<PassOnRow> = countersignatures::table
        .filter(countersignatures::practice_id.eq(practice).and(countersignatures::countersignature_id.eq(id)))
        .select((
            countersignatures::status,
            countersignatures::purpose,
            countersignatures::service_user_id,
            countersignatures::asked_by,
            countersignatures::signatory_id,
            countersignatures::passed_over,
            countersignatures::due_on,
            countersignatures::version,
        ))
        .for_update()
        .first(scope.conn)
        .optional()?;
    let Some((
        CountersignatureStatus::Waiting,
        purpose,
        person,
        asker,
        Some(signatory),
        mut passed_over,
        was_due_on,
        version,
    )) = found
    else {
        return Ok(None);
    };
    let due_at = end_of_day(was_due_on);
    if scope.at() < due_at && gone != Some(signatory) {
        return Ok(Some(due_at));
    }

    passed_over.push(signatory);
    let besides: Vec<StaffId> = passed_over.iter().copied().chain([asker]).collect();
    let next = draw_signatory(scope, practice, person, &besides)?;
    let due_on = calendar.add_working_days(scope.today(), purpose.working_days())?;
    let passed_on = update(countersignatures::table)
        .filter(countersignatures::practice_id.eq(practice).and(countersignatures::countersignature_id.eq(id)))
        .set((
            countersignatures::signatory_id.eq(next),
            countersignatures::passed_over.eq(passed_over),
            countersignatures::due_on.eq(due_on),
            countersignatures::counted_from.eq(scope.today()),
            countersignatures::version.eq(version + 1),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(passed_on, "the countersignature")?;
    if next.is_none() {
        outside::wait(scope, practice, id, purpose)?;
    }
    scope.schedule(practice, Task::PassOnCountersignature { countersignature: id }, end_of_day(due_on));
    scope.record(Event::CountersignaturePassedOn { countersignature: id, person })?;
    Ok(None)
}
