//! What becomes of a referral that its practice does not answer.

use almoner_domain::ids::{CouncilId, CouncilRequestId, PracticeId, ReferralId};
use almoner_domain::referrals::state::ReferralStatus;
use diesel::prelude::*;

use crate::ground::audit::Chain;
use crate::ground::error::StoreError;
use crate::ground::schema::{council_requests, referrals};
use crate::ground::scope::WorkerScope;
use crate::tenancy::capacity::release_capacity;

/// A referral that its practice has not answered in time: the council may send it to another.
pub(crate) fn expire(scope: &mut WorkerScope<'_>, practice: PracticeId, id: ReferralId) -> Result<(), StoreError> {
    type Row = (CouncilId, CouncilRequestId, ReferralStatus, i32);
    let found: Option<Row> = referrals::table
        .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(id)))
        .select((referrals::council_id, referrals::council_request_id, referrals::status, referrals::version))
        .first(scope.conn)
        .optional()?;
    let Some((council, request, status, version)) = found else { return Ok(()) };
    let Ok(status) = status.expire() else { return Ok(()) };

    // The practice's own answers lock in this order too: capacity, referral, council's request.
    let at = scope.at();
    release_capacity(scope, practice)?;
    let expired = diesel::update(referrals::table)
        .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(id)))
        .filter(referrals::version.eq(version))
        .set((referrals::status.eq(status), referrals::decided_at.eq(at), referrals::version.eq(version + 1)))
        .execute(scope.conn)?;
    if expired == 0 {
        // It was answered or taken back in this moment; the next pass finds it so.
        return Err(StoreError::UnderWay);
    }
    let told = diesel::update(council_requests::table)
        .filter(council_requests::practice_id.eq(practice).and(council_requests::council_id.eq(council)))
        .filter(council_requests::council_request_id.eq(request))
        .set((
            council_requests::status.eq(status),
            council_requests::decided_at.eq(at),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    if told == 0 {
        return Err(StoreError::UnderWay);
    }
    scope.announce(council.uuid(), "referral.expired", request.uuid())?;
    scope.audit(Chain::Practice, "referral.expired", id.uuid(), None)
}
