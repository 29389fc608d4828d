//! What happens later: events get their numbers, jobs are done when they are due, and what has expired is cleared away.
//!
//! Any number of workers may run: each event is numbered once and each job is done once, because the lock is the
//! database's and ends with the transaction that did the work.

use almoner_domain::cases::case::{CountersignatureStatus, Purpose};
use almoner_domain::ids::{
    CouncilId, CouncilRequestId, CountersignatureId, PracticeId, ReferralId, ServiceUserId, StaffId,
};
use almoner_domain::referrals::state::ReferralStatus;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use crate::complaints::{READER_LOOKED_FOR_EVERY, hand_over_if_nobody_reads};
use crate::countersignatures::draw_signatory;
use crate::error::StoreError;
use crate::events::Chain;
use crate::intake::end_of;
use crate::practices::take_place;
use crate::schema::{council_requests, countersignatures, jobs, referrals};
use crate::scope::WorkerScope;

/// How many events are numbered in one transaction.
pub const NUMBERED_AT_ONCE: usize = 500;

/// How many rows of a table are cleared away in one transaction.
pub const CLEARED_AT_ONCE: usize = 1000;

/// Something to do for a practice.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = jobs)]
pub struct Job {
    /// For whom.
    #[diesel(column_name = owner_id)]
    pub practice: PracticeId,
    /// Its identifier.
    pub job_id: Uuid,
    /// What: `referral.expire`, `countersignature.pass_on`.
    pub kind: String,
    /// What it is about: the referral, the countersignature.
    #[diesel(column_name = subject_id)]
    pub subject: Uuid,
    /// Since when it is due.
    pub due_at: DateTime<Utc>,
}

/// Numbers the oldest events that are committed and have no number, at most [`NUMBERED_AT_ONCE`]; gives how many. Each
/// recipient's numbers go on from their last. The scope is one without a practice.
///
/// One transaction at a time: a reader who has seen a number never finds a lower one later.
pub fn number_events(scope: &mut WorkerScope<'_>) -> Result<usize, StoreError> {
    // A statement of its own: the next one sees what was numbered while this one waited.
    diesel::sql_query("SELECT pg_advisory_xact_lock(7021848512060318)").execute(scope.conn)?;
    Ok(diesel::sql_query(
        "WITH oldest AS (
             SELECT owner_id, event_id, recipient_id, at FROM outbox WHERE number IS NULL ORDER BY at, event_id LIMIT $1
         ), placed AS (
             SELECT owner_id, event_id, recipient_id,
                 row_number() OVER (PARTITION BY recipient_id ORDER BY at, event_id) AS place
             FROM oldest
         ), feed AS (
             SELECT recipient_id, COALESCE((SELECT max(number) FROM outbox WHERE recipient_id = r.recipient_id), 0) AS last
             FROM (SELECT DISTINCT recipient_id FROM oldest) r
         )
         UPDATE outbox SET number = feed.last + placed.place
         FROM placed JOIN feed USING (recipient_id)
         WHERE outbox.owner_id = placed.owner_id AND outbox.event_id = placed.event_id",
    )
    .bind::<sql_types::BigInt, _>(as_limit(NUMBERED_AT_ONCE))
    .execute(scope.conn)?)
}

/// What is due at `now` and not done, the longest due first: of the scope's practice, or of all. `after` is the last job of
/// the page before, so that one pass meets every job once, whatever becomes of it.
pub fn due(
    scope: &mut WorkerScope<'_>,
    now: DateTime<Utc>,
    after: Option<&Job>,
    limit: usize,
) -> Result<Vec<Job>, StoreError> {
    let mut query = jobs::table
        .filter(jobs::done_at.is_null().and(jobs::due_at.le(now)))
        .order((jobs::due_at, jobs::job_id))
        .limit(as_limit(limit))
        .select(Job::as_select())
        .into_boxed();
    if let Some(practice) = scope.practice {
        query = query.filter(jobs::owner_id.eq(practice));
    }
    if let Some(last) = after {
        let later = jobs::due_at.gt(last.due_at);
        query = query.filter(later.or(jobs::due_at.eq(last.due_at).and(jobs::job_id.gt(last.job_id))));
    }
    Ok(query.load(scope.conn)?)
}

/// Does a job in its practice's scope, and marks it done in the same transaction. `false` where another worker has done it
/// or is at it.
pub fn perform(scope: &mut WorkerScope<'_>, job: &Job) -> Result<bool, StoreError> {
    let practice = scope.practice.filter(|practice| *practice == job.practice).ok_or(StoreError::NotFound)?;
    let claimed: Option<Uuid> = jobs::table
        .filter(jobs::owner_id.eq(practice).and(jobs::job_id.eq(job.job_id)).and(jobs::done_at.is_null()))
        .select(jobs::job_id)
        .for_update()
        .skip_locked()
        .first(scope.conn)
        .optional()?;
    if claimed.is_none() {
        return Ok(false);
    }
    match job.kind.as_str() {
        "referral.expire" => expire_referral(scope, practice, job.subject.into())?,
        "countersignature.pass_on" => pass_on_countersignature(scope, practice, job.subject.into())?,
        "complaint.reader" => {
            if hand_over_if_nobody_reads(scope, practice, job.subject.into())? {
                let next = scope.at() + READER_LOOKED_FOR_EVERY;
                return postpone(scope, practice, job, next);
            }
        }
        _ => return Err(StoreError::Unreadable("a job of a kind that this program does not know".to_owned())),
    }
    let at = scope.at();
    diesel::update(jobs::table)
        .filter(jobs::owner_id.eq(practice).and(jobs::job_id.eq(job.job_id)))
        .set(jobs::done_at.eq(at))
        .execute(scope.conn)?;
    Ok(true)
}

/// A job that is done again and again is one row, whose time moves.
fn postpone(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    job: &Job,
    due_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    diesel::update(jobs::table)
        .filter(jobs::owner_id.eq(practice).and(jobs::job_id.eq(job.job_id)))
        .set(jobs::due_at.eq(due_at))
        .execute(scope.conn)?;
    Ok(true)
}

/// A referral that its practice has not answered in time: the council may send it to another.
fn expire_referral(scope: &mut WorkerScope<'_>, practice: PracticeId, id: ReferralId) -> Result<(), StoreError> {
    type Row = (CouncilId, CouncilRequestId, ReferralStatus, i32);
    let found: Option<Row> = referrals::table
        .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(id)))
        .select((referrals::council_id, referrals::council_request_id, referrals::status, referrals::version))
        .first(scope.conn)
        .optional()?;
    let Some((council, request, status, version)) = found else { return Ok(()) };
    let Ok(status) = status.expire() else { return Ok(()) };

    // The practice's own answers lock in this order too: place, referral, council's request.
    let at = scope.at();
    take_place(scope, practice, -1)?;
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

/// A request that its signatory has not decided in time goes to the next. Where nobody is left it waits for one from
/// outside, without an end: it never lapses.
fn pass_on_countersignature(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    id: CountersignatureId,
) -> Result<(), StoreError> {
    type Row = (CountersignatureStatus, Purpose, ServiceUserId, StaffId, Option<StaffId>, Vec<StaffId>, i32);
    let found: Option<Row> = countersignatures::table
        .filter(countersignatures::practice_id.eq(practice).and(countersignatures::countersignature_id.eq(id)))
        .select((
            countersignatures::status,
            countersignatures::purpose,
            countersignatures::service_user_id,
            countersignatures::asked_by,
            countersignatures::signatory_id,
            countersignatures::passed_over,
            countersignatures::version,
        ))
        .for_update()
        .first(scope.conn)
        .optional()?;
    let Some((CountersignatureStatus::Waiting, purpose, person, asker, Some(signatory), mut passed_over, version)) =
        found
    else {
        return Ok(());
    };

    passed_over.push(signatory);
    let besides: Vec<StaffId> = passed_over.iter().copied().chain([asker]).collect();
    let next = draw_signatory(scope, practice, person, &besides)?;
    let due_on = scope.calendar()?.add_working_days(scope.today(), purpose.working_days())?;
    diesel::update(countersignatures::table)
        .filter(countersignatures::practice_id.eq(practice).and(countersignatures::countersignature_id.eq(id)))
        .set((
            countersignatures::signatory_id.eq(next),
            countersignatures::passed_over.eq(passed_over),
            countersignatures::due_on.eq(due_on),
            countersignatures::version.eq(version + 1),
        ))
        .execute(scope.conn)?;
    scope.schedule(practice.uuid(), "countersignature.pass_on", id.uuid(), end_of(due_on))?;
    scope.audit(Chain::Practice, "countersignature.passed_on", id.uuid(), Some(person))
}

/// What expires by itself, and how much longer it is kept: an hour for servers whose clocks differ, a day for a question about
/// a key, thirty about a secret.
const EXPIRING: [(&str, TimeDelta); 5] = [
    (
        "DELETE FROM client_assertions WHERE (client_id, jti_hash) IN
             (SELECT client_id, jti_hash FROM client_assertions WHERE expires_at < $1 LIMIT $2)",
        TimeDelta::hours(1),
    ),
    (
        "DELETE FROM revoked_tokens WHERE (client_id, jti) IN
             (SELECT client_id, jti FROM revoked_tokens WHERE expires_at < $1 LIMIT $2)",
        TimeDelta::hours(1),
    ),
    (
        "DELETE FROM client_secrets WHERE (client_id, secret_id) IN
             (SELECT client_id, secret_id FROM client_secrets WHERE expires_at < $1 LIMIT $2)",
        TimeDelta::days(30),
    ),
    (
        "DELETE FROM sign_on_attempts WHERE (practice_id, attempt_id) IN
             (SELECT practice_id, attempt_id FROM sign_on_attempts WHERE expires_at < $1 LIMIT $2)",
        TimeDelta::hours(1),
    ),
    (
        "DELETE FROM signing_keys WHERE kid IN (SELECT kid FROM signing_keys WHERE retires_at < $1 LIMIT $2)",
        TimeDelta::days(1),
    ),
];

/// Deletes sessions that expired more than 30 days ago, idempotency claims older than 48 hours, and what is left of clients'
/// secrets, assertions and tokens and of signing keys once it has expired, at most [`CLEARED_AT_ONCE`] of each; gives how many. The scope is one without a practice.
pub fn clear_away(scope: &mut WorkerScope<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let tokens = diesel::sql_query(
        "DELETE FROM refresh_tokens WHERE (account_id, session_id) IN
             (SELECT account_id, session_id FROM sessions WHERE expires_at < $1 LIMIT $2)",
    )
    .bind::<sql_types::Timestamptz, _>(now - TimeDelta::days(30))
    .bind::<sql_types::BigInt, _>(as_limit(CLEARED_AT_ONCE))
    .execute(scope.conn)?;
    let sessions = diesel::sql_query(
        "DELETE FROM sessions WHERE (account_id, session_id) IN
             (SELECT account_id, session_id FROM sessions s WHERE expires_at < $1 AND NOT EXISTS
                 (SELECT FROM refresh_tokens t WHERE t.account_id = s.account_id AND t.session_id = s.session_id)
              LIMIT $2)",
    )
    .bind::<sql_types::Timestamptz, _>(now - TimeDelta::days(30))
    .bind::<sql_types::BigInt, _>(as_limit(CLEARED_AT_ONCE))
    .execute(scope.conn)?;
    let claims = diesel::sql_query(
        "DELETE FROM idempotency_claims WHERE (owner_id, key_hash) IN
             (SELECT owner_id, key_hash FROM idempotency_claims WHERE claimed_at < $1 LIMIT $2)",
    )
    .bind::<sql_types::Timestamptz, _>(now - TimeDelta::hours(48))
    .bind::<sql_types::BigInt, _>(as_limit(CLEARED_AT_ONCE))
    .execute(scope.conn)?;
    let mut cleared = tokens + sessions + claims;
    for (statement, kept) in EXPIRING {
        cleared += diesel::sql_query(statement)
            .bind::<sql_types::Timestamptz, _>(now - kept)
            .bind::<sql_types::BigInt, _>(as_limit(CLEARED_AT_ONCE))
            .execute(scope.conn)?;
    }
    Ok(cleared)
}

fn as_limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
