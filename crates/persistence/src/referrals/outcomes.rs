//! Telling the referring council how the work has ended, or that a reported outcome no longer stands.

use almoner_domain::cases::case::{Closure, Countersign, RefuseCountersignature};
use almoner_domain::events::Event;
use almoner_domain::ids::{CouncilId, CouncilRequestId, ReferralId};
use diesel::prelude::*;

use crate::cases::countersignatures::{self, Countersignature};
use crate::cases::{self, Case, OutcomeChange};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{council_requests, referrals};
use crate::ground::scope::PracticeScope;

/// Asks to close a case. The ground decides whether the case closes at once, and which second person decides or reviews it.
pub fn close(scope: &mut PracticeScope<'_>, case: &Case, request: &Closure) -> Result<(), StoreError> {
    let change = cases::close(scope, case, request)?;
    tell_council(scope, change)
}

/// Records that the signatory agrees.
pub fn approve(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    answer: &Countersign,
) -> Result<(), StoreError> {
    let change = countersignatures::approve(scope, asked, answer)?;
    tell_council(scope, change)
}

/// Records that the signatory does not agree: the case stays open, or is opened again.
pub fn refuse(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    answer: &RefuseCountersignature,
) -> Result<(), StoreError> {
    let change = countersignatures::refuse(scope, asked, answer)?;
    tell_council(scope, change)
}

/// Writes the outcome of the case, or its withdrawal, into the request of the council that referred the person.
fn tell_council(scope: &mut PracticeScope<'_>, change: Option<OutcomeChange>) -> Result<(), StoreError> {
    let Some(OutcomeChange { referral: Some(referral), outcome }) = change else { return Ok(()) };
    let (council, request) = request_behind(scope, referral)?;
    let closed_on = outcome.map(|_| scope.today());
    let told = update(council_requests::table)
        .filter(council_requests::council_id.eq(council).and(council_requests::council_request_id.eq(request)))
        .set((
            council_requests::outcome.eq(outcome),
            council_requests::closed_on.eq(closed_on),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(told, "the council's request")?;
    scope.record(match outcome {
        Some(_) => Event::ReferralClosed { request, council },
        None => Event::ReferralReopened { request, council },
    })
}

/// Finds the council's request from which a referral was made.
fn request_behind(scope: &mut PracticeScope<'_>, id: ReferralId) -> Result<(CouncilId, CouncilRequestId), StoreError> {
    Ok(referrals::table
        .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq(id)))
        .select((referrals::council_id, referrals::council_request_id))
        .first(scope.conn)?)
}
