//! Expiry of a referral that its practice does not answer in time.

use almoner_domain::ids::{CouncilId, CouncilRequestId, PracticeId, ReferralId};
use almoner_domain::referrals::state::{ReferralColumns, ReferralKey, ReferralState, ReferralStatus};
use almoner_domain::words::calendar::end_of_day;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{council_requests, referrals};
use crate::ground::scope::WorkerScope;
use crate::tenancy::capacity::release_capacity;

/// Expires a referral that its practice has not answered in time. The council may route it to another practice. Returns when
/// the referral is due to expire, if a bank holiday has moved its day.
pub(crate) fn expire(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    id: ReferralId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    type ExpireRow = (CouncilId, CouncilRequestId, ReferralStatus, NaiveDate, i32);
    let found: Option<ExpireRow> = referrals::table
        .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(id)))
        .select((
            referrals::council_id,
            referrals::council_request_id,
            referrals::status,
            referrals::response_due_on,
            referrals::version,
        ))
        .first(scope.conn)
        .optional()?;
    let Some((council, request, status, response_due_on, version)) = found else { return Ok(None) };
    if status.expire().is_err() {
        return Ok(None);
    }
    let due_at = end_of_day(response_due_on);
    if scope.at() < due_at {
        return Ok(Some(due_at));
    }

    // The practice's own answers lock in this order too: capacity, referral, council's request.
    let expired_state = ReferralState::Expired { at: scope.at() };
    let kept = ReferralColumns::from(expired_state);
    release_capacity(scope, practice)?;
    let expired = update(referrals::table)
        .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(id)))
        .filter(referrals::version.eq(version))
        .set((
            referrals::status.eq(kept.status),
            referrals::decided_at.eq(kept.decided_at),
            referrals::version.eq(version + 1),
        ))
        .execute(scope.conn)?;
    if expired == 0 {
        // The referral was answered or withdrawn in this moment. No caller waits with a version here, so the job is tried
        // again and finds the referral decided.
        return Err(StoreError::InProgress);
    }
    let told = update(council_requests::table)
        .filter(council_requests::practice_id.eq(practice).and(council_requests::council_id.eq(council)))
        .filter(council_requests::council_request_id.eq(request))
        .set((
            council_requests::status.eq(kept.status),
            council_requests::decided_at.eq(kept.decided_at),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(told, "the council's request")?;
    let key = ReferralKey { referral: id, person: None, council, request };
    expired_state.event(key).map_or(Ok(()), |event| scope.record(event))?;
    Ok(None)
}
