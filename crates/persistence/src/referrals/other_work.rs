//! Other open work with the person of a referral that is accepted: at this practice, which is told, and at another practice of
//! the same council, of which the council alone is told.

use almoner_domain::events::Event;
use almoner_domain::ids::{CaseId, ServiceUserId};
use almoner_domain::referrals::state::ReferralStatus;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::inbox::Referral;
use crate::cases::{self, OpenCase};
use crate::ground::error::StoreError;
use crate::ground::schema::council_requests;
use crate::ground::scope::PracticeScope;

/// Tells the council, which is the controller of both, of other open work with the person. Returns their other open cases at
/// this practice.
pub(super) fn tell_of_other_work(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
    person: ServiceUserId,
    case: CaseId,
) -> Result<Vec<OpenCase>, StoreError> {
    let (council, request) = (referral.council.id, referral.council_request_id);
    let other_open = cases::other_open(scope, person, case)?;
    if other_open.iter().any(|other| other.council_id == council) {
        scope.record(Event::ReferralSecondOpenCase {
            referral: referral.id,
            person: Some(person),
            council,
            request,
        })?;
    }
    if is_open_elsewhere(scope, referral)? {
        scope.record(Event::ReferralOpenElsewhere { request, council })?;
    }
    Ok(other_open)
}

/// The other open cases of the person of an accepted referral, for somebody at this practice.
pub(super) fn other_open_cases(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
) -> Result<Vec<OpenCase>, StoreError> {
    match (referral.service_user_id, referral.case_id) {
        (Some(person), Some(case)) => cases::other_open(scope, person, case),
        _ => Ok(Vec::new()),
    }
}

/// Whether another practice has accepted a request of the same council about the same person, by the council's identifier or
/// the NHS number, and has not ended its work. The intake asks, among that council's requests alone.
fn is_open_elsewhere(scope: &mut PracticeScope<'_>, referral: &Referral) -> Result<bool, StoreError> {
    let (practice, council) = (scope.practice_id(), referral.council.id);
    scope.at_intake_of(council, |scope| {
        let other = diesel::alias!(council_requests as other);
        let (of_council, at, status, closed_on, person, number) = (
            other.field(council_requests::council_id),
            other.field(council_requests::practice_id),
            other.field(council_requests::status),
            other.field(council_requests::closed_on),
            other.field(council_requests::person_token),
            other.field(council_requests::nhs_number_token),
        );
        let same = person.eq(council_requests::person_token).or(number.eq(council_requests::nhs_number_token));
        let found = council_requests::table
            .inner_join(other.on(of_council.eq(council_requests::council_id)))
            .filter(council_requests::council_id.eq(council))
            .filter(council_requests::council_request_id.eq(referral.council_request_id))
            .filter(at.ne(practice).and(status.eq(ReferralStatus::Accepted)).and(closed_on.is_null()))
            .filter(same)
            .select(council_requests::council_request_id);
        Ok(diesel::select(exists(found)).get_result(scope.conn)?)
    })
}
