//! The deadlines of complaints that a bank holiday moves. Six months (SI 2009/309 reg 14) have no working days in them, and the day by which
//! a person confirms that a concern is settled is over before anybody enters a bank holiday.

use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{ComplaintId, CouncilId};
use diesel::prelude::*;

use crate::ground::calendar::{AddedHoliday, move_days};
use crate::ground::error::StoreError;
use crate::ground::schema::complaints;
use crate::ground::scope::Scope;

/// Moves the days by which a council's complaints are acknowledged, if they are not.
pub(crate) fn move_acknowledgements(
    scope: &mut Scope<'_>,
    council: CouncilId,
    holiday: &AddedHoliday,
) -> Result<(), StoreError> {
    let concerned = || {
        complaints::council_id
            .eq(council)
            .and(complaints::received_at.lt(holiday.begins_at()))
            .and(complaints::status.eq(ComplaintStatus::Received))
    };
    let moved: Vec<(_, ComplaintId)> = move_days!(
        scope, holiday, complaints.acknowledgement_due_on where concerned(), returning complaints::complaint_id
    );
    record(scope, council, &moved)
}

/// Moves the days by which a council's complaints are planned, if they are not.
pub(crate) fn move_plans(scope: &mut Scope<'_>, council: CouncilId, holiday: &AddedHoliday) -> Result<(), StoreError> {
    let concerned = || {
        complaints::council_id
            .eq(council)
            .and(complaints::received_at.lt(holiday.begins_at()))
            .and(complaints::status.eq_any([ComplaintStatus::Received, ComplaintStatus::Acknowledged]))
    };
    let moved: Vec<(_, ComplaintId)> = move_days!(
        scope, holiday, complaints.plan_due_on where concerned(), returning complaints::complaint_id
    );
    record(scope, council, &moved)
}

/// Moves the days by which a council's complaints should be answered under the contract. A day that was agreed or determined stays.
pub(crate) fn move_answers(
    scope: &mut Scope<'_>,
    council: CouncilId,
    holiday: &AddedHoliday,
) -> Result<(), StoreError> {
    let concerned = || {
        complaints::council_id
            .eq(council)
            .and(complaints::received_at.lt(holiday.begins_at()))
            .and(complaints::period.is_null())
            .and(complaints::status.eq_any([ComplaintStatus::Received, ComplaintStatus::Acknowledged]))
    };
    let moved: Vec<(_, ComplaintId)> = move_days!(
        scope, holiday, complaints.response_due_on where concerned(), returning complaints::complaint_id
    );
    record(scope, council, &moved)
}

fn record<Day>(scope: &mut Scope<'_>, council: CouncilId, moved: &[(Day, ComplaintId)]) -> Result<(), StoreError> {
    for (_, complaint) in moved {
        scope.record_in(LogOwner::Complaints(council), Event::ComplaintDeadlineMoved { complaint: *complaint })?;
    }
    Ok(())
}
