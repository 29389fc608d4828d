//! The deadlines of countersignatures that a bank holiday moves.

use almoner_domain::cases::case::CountersignatureStatus;
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{CountersignatureId, ServiceUserId};
use diesel::prelude::*;

use crate::ground::calendar::{AddedHoliday, move_days};
use crate::ground::error::StoreError;
use crate::ground::schema::countersignatures;
use crate::ground::scope::Intake;

impl Intake<'_, '_> {
    /// Moves the days by which signatories decide. Returns how many it moved.
    pub(crate) fn move_countersignatures(&mut self, holiday: &AddedHoliday) -> Result<usize, StoreError> {
        let practice = self.practice;
        let concerned = || {
            countersignatures::practice_id
                .eq(practice)
                .and(countersignatures::status.eq(CountersignatureStatus::Waiting))
                .and(countersignatures::counted_from.lt(holiday.day))
        };
        let moved: Vec<(_, (CountersignatureId, ServiceUserId))> = move_days!(
            self.scope, holiday, countersignatures.due_on where concerned(),
            returning (countersignatures::countersignature_id, countersignatures::service_user_id)
        );
        for (_, (countersignature, person)) in &moved {
            let event = Event::CountersignatureDeadlineMoved { countersignature: *countersignature, person: *person };
            self.scope.record_in(LogOwner::Practice(practice), event)?;
        }
        Ok(moved.len())
    }
}
