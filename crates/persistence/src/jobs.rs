//! The worker's jobs: the function that does a job of each kind, and the deletion of what has expired.
//!
//! Any number of workers may run. Each job is done once, because the lock is the database's and ends with the transaction
//! that did the work.

use almoner_domain::events::{JobKind, Task};
use chrono::{DateTime, Utc};

use crate::access::expiry;
use crate::cases::passing_on;
use crate::complaints::safeguarding::report_untaken;
use crate::complaints::watching::watch;
use crate::documents::uploads;
use crate::ground::error::StoreError;
use crate::ground::job_queue::{claim, finish, postpone};
use crate::ground::scope::WorkerScope;
use crate::ground::{idempotency, outbox};
use crate::referrals::expiry as referral_expiry;
use crate::referrals::leaving::end_membership;

pub use crate::ground::backlog::{Backlog, Waiting, backlog};
pub use crate::ground::job_queue::{Job, Lane, due};
pub use crate::ground::outbox::{NUMBERED_AT_ONCE, number_events};
pub use crate::ground::page::CLEARED_AT_ONCE;

/// Does a job in its practice's scope, and marks it done in the same transaction. Returns `false` if another worker has done
/// it or is doing it.
pub fn perform(scope: &mut WorkerScope<'_>, job: &Job) -> Result<bool, StoreError> {
    let practice = scope.practice.filter(|practice| practice.uuid() == job.owner).ok_or(StoreError::NotFound)?;
    if !claim(scope, job)? {
        return Ok(false);
    }
    let kind = JobKind::parse(&job.kind)
        .map_err(|_| StoreError::Unreadable("a job of a kind that this program does not know".to_owned()))?;
    let again_at = match Task::new(kind, job.subject) {
        Task::ExpireReferral { referral } => referral_expiry::expire(scope, practice, referral)?,
        Task::ReportOverdueReferral { referral } => referral_expiry::report_overdue(scope, practice, referral)?,
        Task::PassOnCountersignature { countersignature } => passing_on::pass_on(scope, practice, countersignature)?,
        // These need the place where documents are stored: the jobs of the lane for documents, which `documents` does.
        Task::ScanDocument { .. }
        | Task::ClearObject { .. }
        | Task::ScanCouncilDocument { .. }
        | Task::ClearCouncilObject { .. }
        | Task::ScanComplaintDocument { .. }
        | Task::ClearComplaintObject { .. } => {
            return Err(StoreError::Unreadable("a job of the lane for documents".to_owned()));
        }
        Task::EndMembership { member } => end_membership(scope, practice, member)?,
        Task::WatchComplaint { .. } | Task::OfferComplaint { .. } | Task::ReportUntakenAlert { .. } => {
            return Err(StoreError::Unreadable("a job of a council".to_owned()));
        }
    };
    match again_at {
        Some(at) => postpone(scope, job, at)?,
        None => finish(scope, job)?,
    }
    Ok(true)
}

/// Does a job of a council in the council's scope, as [`perform`] does one of a practice.
pub fn perform_for_council(scope: &mut WorkerScope<'_>, job: &Job) -> Result<bool, StoreError> {
    if !claim(scope, job)? {
        return Ok(false);
    }
    let kind = JobKind::parse(&job.kind)
        .map_err(|_| StoreError::Unreadable("a job of a kind that this program does not know".to_owned()))?;
    match Task::new(kind, job.subject) {
        Task::WatchComplaint { complaint } => {
            let again_at = watch(scope, job.council(), complaint)?;
            postpone(scope, job, again_at)?;
        }
        Task::OfferComplaint { complaint } => {
            watch(scope, job.council(), complaint)?;
            finish(scope, job)?;
        }
        Task::ReportUntakenAlert { alert } => match report_untaken(scope, job.council(), alert)? {
            Some(at) => postpone(scope, job, at)?,
            None => finish(scope, job)?,
        },
        _ => return Err(StoreError::Unreadable("a job of a practice".to_owned())),
    }
    Ok(true)
}

/// Deletes rows that have expired and are kept no longer, at most [`CLEARED_AT_ONCE`] of each kind. Returns how many it
/// deleted. The scope is one without a practice.
pub fn clear_away(scope: &mut WorkerScope<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(expiry::clear_away(scope, now)?
        + idempotency::clear_away(scope, now)?
        + outbox::clear_away(scope, now)?
        + uploads::clear_away(scope, now)?)
}
