//! Referrals that nobody answers in time: they are reported, and then they expire or come back to their council.

use almoner_domain::events::Event;
use almoner_domain::ids::{CouncilId, CouncilRequestId, PracticeId, ReferralId, ServiceUserId, StaffId};
use almoner_domain::referrals::deadlines::leaves_at;
use almoner_domain::referrals::routing::unanswered;
use almoner_domain::referrals::state::{ReferralColumns, ReferralKey, ReferralState, ReferralStatus};
use almoner_domain::staff::roles::Role;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{council_requests, practices, referrals};
use crate::ground::scope::WorkerScope;
use crate::staff::roles::members_with;
use crate::tenancy::capacity::release_capacity;

/// The referral was answered or withdrawn in this moment. No caller waits with a version here, so the job is tried again and
/// finds the referral decided.
const ANSWERED_MEANWHILE: StoreError = StoreError::InProgress;

/// A referral, as the worker sees it.
#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = referrals)]
struct Unanswered {
    council_id: CouncilId,
    council_request_id: CouncilRequestId,
    service_user_id: Option<ServiceUserId>,
    open_to: Option<Vec<StaffId>>,
    status: ReferralStatus,
    response_due_on: NaiveDate,
    human_contact_due_at: Option<DateTime<Utc>>,
    version: i32,
}

/// Finds a referral that waits for its practice's answer.
fn unanswered_referral(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    id: ReferralId,
) -> Result<Option<Unanswered>, StoreError> {
    let found: Option<Unanswered> = referrals::table
        .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(id)))
        .select(Unanswered::as_select())
        .first(scope.conn)
        .optional()?;
    Ok(found.filter(|referral| referral.status.waits_for_the_practice()))
}

/// The managers who are told of a referral: those to whom it is open, if the council marked it as restricted.
fn managers_of(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    referral: &Unanswered,
) -> Result<Vec<StaffId>, StoreError> {
    let mut managers = members_with(scope, practice, &[Role::Manager])?;
    managers.retain(|manager| referral.open_to.as_ref().is_none_or(|open_to| open_to.contains(manager)));
    Ok(managers)
}

/// Reports a referral that nobody has answered by the time by which a human was to look at it: to the managers, and to the
/// council, which may send it to another practice from now on. Returns when that time is, if a bank holiday has moved it.
pub(crate) fn report_overdue(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    id: ReferralId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let Some(referral) = unanswered_referral(scope, practice, id)? else { return Ok(None) };
    let Some(due_at) = referral.human_contact_due_at else { return Ok(None) };
    if scope.at() < due_at {
        return Ok(Some(due_at));
    }
    let at = scope.at();
    let told = update(council_requests::table)
        .filter(council_requests::practice_id.eq(practice).and(council_requests::council_id.eq(referral.council_id)))
        .filter(council_requests::council_request_id.eq(referral.council_request_id))
        .filter(council_requests::status.eq(referral.status))
        .set((
            council_requests::human_contact_missed_at.eq(at),
            council_requests::changed_at.eq(scope.at()),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    if told == 0 {
        return Err(ANSWERED_MEANWHILE);
    }
    let managers = managers_of(scope, practice, &referral)?;
    scope.record(Event::ReferralOverdue {
        referral: id,
        person: referral.service_user_id,
        council: referral.council_id,
        request: referral.council_request_id,
        managers,
    })?;
    Ok(None)
}

/// Takes a referral from a practice that has not answered it in time. It expires, and the council may route it to another
/// practice; or, if a human was to look at it by a certain time, it comes back to the council unrouted. Returns when it is due
/// to leave, if a bank holiday has moved its day.
pub(crate) fn expire(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    id: ReferralId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let Some(referral) = unanswered_referral(scope, practice, id)? else { return Ok(None) };
    let due_at = leaves_at(referral.response_due_on, referral.human_contact_due_at);
    if scope.at() < due_at {
        return Ok(Some(due_at));
    }

    // The practice's own answers lock in this order too: capacity, referral, council's request.
    let expired_state = ReferralState::Expired { at: scope.at() };
    let kept = ReferralColumns::from(expired_state);
    release_capacity(scope, practice)?;
    let expired = update(referrals::table)
        .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(id)))
        .filter(referrals::version.eq(referral.version))
        .set((
            referrals::status.eq(kept.status),
            referrals::decided_at.eq(kept.decided_at),
            referrals::changed_at.eq(scope.at()),
            referrals::version.eq(referral.version + 1),
        ))
        .execute(scope.conn)?;
    if expired == 0 {
        return Err(ANSWERED_MEANWHILE);
    }
    if referral.human_contact_due_at.is_some() {
        give_back(scope, practice, id, &referral)?;
        return Ok(None);
    }
    let told = update(council_requests::table)
        .filter(council_requests::practice_id.eq(practice).and(council_requests::council_id.eq(referral.council_id)))
        .filter(council_requests::council_request_id.eq(referral.council_request_id))
        .set((
            council_requests::status.eq(kept.status),
            council_requests::decided_at.eq(kept.decided_at),
            council_requests::changed_at.eq(scope.at()),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(told, "the council's request")?;
    let key =
        ReferralKey { referral: id, person: None, council: referral.council_id, request: referral.council_request_id };
    expired_state.event(key).map_or(Ok(()), |event| scope.record(event))?;
    Ok(None)
}

/// Gives a request back to its council, which is to name a practice, and tells the managers of the one that did not answer.
fn give_back(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    id: ReferralId,
    referral: &Unanswered,
) -> Result<(), StoreError> {
    let name: String =
        practices::table.filter(practices::practice_id.eq(practice)).select(practices::name).first(scope.conn)?;
    let at = scope.at();
    let routing = unanswered(&name);
    let told = update(council_requests::table)
        .filter(council_requests::practice_id.eq(practice).and(council_requests::council_id.eq(referral.council_id)))
        .filter(council_requests::council_request_id.eq(referral.council_request_id))
        .set((
            council_requests::status.eq(referral.status.come_back()?),
            council_requests::strategy.eq(routing.strategy),
            council_requests::explanation.eq(routing.explanation),
            council_requests::routed_at.eq(at),
            council_requests::response_due_on.eq(None::<NaiveDate>),
            council_requests::human_contact_due_at.eq(None::<DateTime<Utc>>),
            council_requests::changed_at.eq(scope.at()),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(told, "the council's request")?;
    let managers = managers_of(scope, practice, referral)?;
    scope.record(Event::ReferralCameBack {
        referral: id,
        person: referral.service_user_id,
        council: referral.council_id,
        request: referral.council_request_id,
        managers,
    })
}
