//! Jobs for the worker: rows that are written in the transaction that makes them necessary, and done when they are due.
//! [`crate::jobs`] says which function does a job of which kind.

use almoner_domain::events::{JobKind, Task};
use almoner_domain::ids::{CouncilId, PracticeId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::as_limit;
use crate::ground::pending::JobRow;
use crate::ground::prepared::update;
use crate::ground::schema::jobs;
use crate::ground::scope::{Scope, WorkerScope};

/// A job for a practice or a council.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = jobs)]
pub struct Job {
    /// The practice that the job is for, or the council.
    #[diesel(column_name = owner_id)]
    pub owner: Uuid,
    /// The identifier of the job.
    pub job_id: Uuid,
    /// The word of the job's [`JobKind`](almoner_domain::events::JobKind), or a word that another version of the program
    /// wrote. An unknown kind stops this job and no other.
    pub kind: String,
    /// The referral, countersignature, complaint or document that the job is about.
    #[diesel(column_name = subject_id)]
    pub subject: Uuid,
    /// When the job is due.
    pub due_at: DateTime<Utc>,
}

impl Job {
    /// The practice that the job is for, if its kind is one for practices.
    pub fn practice(&self) -> PracticeId {
        self.owner.into()
    }

    /// The council that the job is for, if its kind is one for councils.
    pub fn council(&self) -> CouncilId {
        self.owner.into()
    }
}

impl Job {
    /// Whether the job is done in the scope of a council. A kind that this program does not know is a practice's.
    pub fn is_of_a_council(&self) -> bool {
        JobKind::parse(&self.kind).is_ok_and(JobKind::is_of_a_council)
    }
}

impl Scope<'_> {
    /// Schedules a job for a practice or a council.
    pub(crate) fn schedule(&mut self, owner: impl Into<Uuid>, task: Task, due_at: DateTime<Utc>) {
        let row = JobRow {
            owner_id: owner.into(),
            job_id: self.next_id(),
            kind: task.kind(),
            subject_id: task.subject(),
            due_at,
        };
        self.pending.jobs.push(row);
    }
}

/// The jobs that a pass does, so that one that waits for another program keeps no other waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The jobs that have documents scanned, which wait for the scanner.
    Scanning,
    /// The jobs that delete contents of documents, which wait for where these are stored.
    Clearing,
    /// All other jobs.
    Others,
}

const SCANNING: [&str; 3] =
    [JobKind::ScanDocument.as_str(), JobKind::ScanCouncilDocument.as_str(), JobKind::ScanComplaintDocument.as_str()];

const CLEARING: [&str; 3] =
    [JobKind::ClearObject.as_str(), JobKind::ClearCouncilObject.as_str(), JobKind::ClearComplaintObject.as_str()];

/// Lists the jobs that are due at `now` and not done, the longest due first: of one owner, or of all. `after` is
/// the last job of the page before, so that one pass meets every job once, whatever becomes of it.
pub fn due(
    scope: &mut WorkerScope<'_>,
    only: Option<Uuid>,
    lane: Lane,
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
    if let Some(owner) = only {
        query = query.filter(jobs::owner_id.eq(owner));
    }
    query = match lane {
        Lane::Scanning => query.filter(jobs::kind.eq_any(SCANNING)),
        Lane::Clearing => query.filter(jobs::kind.eq_any(CLEARING)),
        Lane::Others => query.filter(jobs::kind.ne_all(SCANNING).and(jobs::kind.ne_all(CLEARING))),
    };
    if let Some(last) = after {
        let later = jobs::due_at.gt(last.due_at);
        query = query.filter(later.or(jobs::due_at.eq(last.due_at).and(jobs::job_id.gt(last.job_id))));
    }
    Ok(query.load(scope.conn)?)
}

/// Claims a job for this transaction. Returns `false` if another worker has done it or is doing it.
pub(crate) fn claim(scope: &mut WorkerScope<'_>, job: &Job) -> Result<bool, StoreError> {
    let claimed: Option<Uuid> = jobs::table
        .filter(jobs::owner_id.eq(job.owner).and(jobs::job_id.eq(job.job_id)).and(jobs::done_at.is_null()))
        .select(jobs::job_id)
        .for_update()
        .skip_locked()
        .first(scope.conn)
        .optional()?;
    Ok(claimed.is_some())
}

/// Marks a claimed job done.
pub(crate) fn finish(scope: &mut WorkerScope<'_>, job: &Job) -> Result<(), StoreError> {
    let at = scope.at();
    update(jobs::table)
        .filter(jobs::owner_id.eq(job.owner).and(jobs::job_id.eq(job.job_id)))
        .set(jobs::done_at.eq(at))
        .execute(scope.conn)?;
    Ok(())
}

/// Moves a claimed job to a later time, so that a job that recurs is one row.
pub(crate) fn postpone(scope: &mut WorkerScope<'_>, job: &Job, due_at: DateTime<Utc>) -> Result<(), StoreError> {
    update(jobs::table)
        .filter(jobs::owner_id.eq(job.owner).and(jobs::job_id.eq(job.job_id)))
        .set(jobs::due_at.eq(due_at))
        .execute(scope.conn)?;
    Ok(())
}
