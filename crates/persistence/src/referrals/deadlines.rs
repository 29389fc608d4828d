//! The deadlines of referrals that a bank holiday moves, at the practice and as the council sees them.

use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{CouncilId, CouncilRequestId, ReferralId, ServiceUserId};
use almoner_domain::referrals::state::ReferralStatus;
use almoner_domain::referrals::terms::Urgency;
use almoner_domain::words::calendar::london_date;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use crate::ground::calendar::{AddedHoliday, move_days};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{contracts, council_requests, opening_hours, referrals};
use crate::ground::scope::Intake;
use crate::referrals::council_requests::periods_of;

/// A referral whose deadline was moved.
type Moved = (ReferralId, Option<ServiceUserId>, CouncilId, CouncilRequestId);

const WAITING: [ReferralStatus; 2] = [ReferralStatus::Received, ReferralStatus::InformationRequested];

impl Intake<'_, '_> {
    /// Moves the days by which the practice answers referrals. A day that the council named moves only if it is the holiday
    /// itself, and no day moves of a referral about somebody who goes home. Returns how many it moved.
    pub(crate) fn move_responses(&mut self, holiday: &AddedHoliday) -> Result<usize, StoreError> {
        let (practice, at) = (self.practice, self.scope.at());
        let concerned = || {
            let counted = referrals::response_counted_from.lt(holiday.day);
            let named = referrals::response_counted_from.is_null().and(referrals::response_due_on.eq(holiday.day));
            let waits = referrals::status.eq_any(WAITING).and(referrals::home_on.is_null());
            referrals::practice_id.eq(practice).and(waits).and(counted.or(named.nullable()))
        };
        let moved: Vec<(NaiveDate, Moved)> = move_days!(
            self.scope, holiday, referrals.response_due_on with referrals::changed_at.eq(at), where concerned(),
            returning (
                referrals::referral_id,
                referrals::service_user_id,
                referrals::council_id,
                referrals::council_request_id,
            )
        );
        for (to, (_, _, council, request)) in &moved {
            let told = update(council_requests::table)
                .filter(council_requests::practice_id.eq(practice).and(council_requests::council_id.eq(council)))
                .filter(council_requests::council_request_id.eq(request))
                .set((
                    council_requests::response_due_on.eq(to),
                    council_requests::changed_at.eq(self.scope.at()),
                    council_requests::version.eq(council_requests::version + 1),
                ))
                .execute(self.scope.conn)?;
            StoreError::unless_changed(told, "the council's request")?;
        }
        for (_, moved) in &moved {
            self.record_moved(moved)?;
        }
        Ok(moved.len())
    }

    /// Moves the times by which a human looks at a referral, if the holiday is on the way. Returns how many it moved.
    pub(crate) fn move_human_contacts(&mut self, holiday: &AddedHoliday) -> Result<usize, StoreError> {
        type Row = (Moved, Urgency, (i32, i32, i32, i32), Option<String>, DateTime<Utc>, Option<DateTime<Utc>>);
        let practice = self.practice;
        let rows: Vec<Row> = referrals::table
            .inner_join(contracts::table.on(
                contracts::council_id.eq(referrals::council_id).and(contracts::contract_id.eq(referrals::contract_id)),
            ))
            .left_join(opening_hours::table.on(opening_hours::practice_id.eq(referrals::practice_id)))
            .filter(referrals::practice_id.eq(practice).and(referrals::status.eq_any(WAITING)))
            .filter(referrals::human_contact_due_at.gt(self.scope.at()))
            .select((
                (
                    referrals::referral_id,
                    referrals::service_user_id,
                    referrals::council_id,
                    referrals::council_request_id,
                ),
                referrals::urgency,
                (
                    contracts::response_working_days,
                    contracts::urgent_response_working_days,
                    contracts::immediate_minutes,
                    contracts::urgent_minutes,
                ),
                opening_hours::hours.nullable(),
                referrals::received_at,
                referrals::human_contact_due_at,
            ))
            .load(self.scope.conn)?;
        let mut count = 0;
        for (moved, urgency, periods, hours, received_at, due_at) in rows {
            let Some(due_at) = due_at else { continue };
            if !(london_date(received_at)..=london_date(due_at)).contains(&holiday.day) {
                continue;
            }
            let periods = periods_of(periods, hours.as_deref())?;
            let to = periods.looked_at_by(urgency, received_at, &holiday.calendar)?;
            if to <= due_at {
                continue;
            }
            let (id, _, council, request) = moved;
            let changed = update(referrals::table)
                .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(id)))
                .filter(referrals::status.eq_any(WAITING))
                .set((
                    referrals::human_contact_due_at.eq(to),
                    referrals::changed_at.eq(self.scope.at()),
                    referrals::version.eq(referrals::version + 1),
                ))
                .execute(self.scope.conn)?;
            if changed == 0 {
                continue;
            }
            let told = update(council_requests::table)
                .filter(council_requests::practice_id.eq(practice).and(council_requests::council_id.eq(council)))
                .filter(council_requests::council_request_id.eq(request))
                .set((
                    council_requests::human_contact_due_at.eq(to),
                    council_requests::changed_at.eq(self.scope.at()),
                    council_requests::version.eq(council_requests::version + 1),
                ))
                .execute(self.scope.conn)?;
            StoreError::unless_changed(told, "the council's request")?;
            self.record_moved(&moved)?;
            count += 1;
        }
        Ok(count)
    }

    fn record_moved(&mut self, moved: &Moved) -> Result<(), StoreError> {
        let (referral, person, council, request) = *moved;
        let event = Event::ReferralDeadlineMoved { referral, person, council, request };
        self.scope.record_in(LogOwner::Practice(self.practice), event)
    }
}
