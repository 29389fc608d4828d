//! Having a document scanned. The scanner runs between two transactions: the first takes the job for a while, and the second
//! writes the scanner's answer down.

use almoner_domain::documents::state::{Verdict, scanned_again_after};
use almoner_domain::documents::{DocumentKind, DocumentStatus};
use almoner_domain::events::{Event, Task};
use almoner_domain::ids::{DocumentId, KeyId, ObjectId, ReferralId, ServiceUserId, StaffId};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::documents::content::Content;
use crate::documents::holder::person_of;
use crate::ground::error::StoreError;
use crate::ground::job_queue::{Job, claim, finish, postpone};
use crate::ground::prepared::update;
use crate::ground::schema::documents;
use crate::ground::scope::WorkerScope;

/// The time for which a worker takes a job, which is longer than any scan lasts. A worker that dies meanwhile leaves it to
/// another.
const TAKEN_FOR: TimeDelta = TimeDelta::minutes(2);

/// A document that waits for the scanner, whoever sent it to whom.
#[derive(Queryable)]
pub(crate) struct Waiting {
    kind: DocumentKind,
    size: i64,
    key_id: KeyId,
    pub(crate) object_id: ObjectId,
    content_key: Option<Vec<u8>>,
    sent_at: DateTime<Utc>,
}

/// Selects a [`Waiting`] from a table of documents.
macro_rules! waiting {
    ($table:ident) => {
        ($table::kind, $table::size, $table::key_id, $table::object_id, $table::content_key, $table::sent_at)
    };
}
pub(crate) use waiting;

/// What became of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// The scanner's answer was written down.
    Settled(DocumentStatus),
    /// The document waits no more: another worker wrote an answer down.
    Meanwhile,
}

/// Takes the job of scanning a document, for a while, and returns the content to scan, if `found` returns a document that waits. `None` if
/// another worker has taken the job, or the document does not wait any more.
pub(crate) fn take_scan(
    scope: &mut WorkerScope<'_>,
    job: &Job,
    found: impl FnOnce(&mut WorkerScope<'_>) -> Result<Option<Waiting>, StoreError>,
) -> Result<Option<Content>, StoreError> {
    if !claim(scope, job)? {
        return Ok(None);
    }
    let Some(row) = found(scope)? else {
        finish(scope, job)?;
        return Ok(None);
    };
    let until = scope.at() + TAKEN_FOR;
    postpone(scope, job, until)?;
    let sealed = row.content_key.as_ref().ok_or(StoreError::Sealed)?;
    let key = scope.key(job.owner, row.key_id)?.unwrap_key(job.owner, job.subject, sealed)?;
    Content::of(row.kind, None, row.size, (row.object_id, key)).map(Some)
}

/// What is to be written down of a scanner's answer.
pub(crate) enum Answered<R> {
    /// Nothing: this became of the scan.
    Nothing(Scanned),
    /// The document has this status from now on. The job is done.
    Found(R, DocumentStatus),
}

/// Looks what the scanner's answer to a job's document says, if `found` returns a document that waits, as it is there. One to which it gave
/// no answer is scanned again.
pub(crate) fn answered<R: AsRef<Waiting>>(
    scope: &mut WorkerScope<'_>,
    job: &Job,
    verdict: Verdict,
    found: impl FnOnce(&mut WorkerScope<'_>) -> Result<Option<R>, StoreError>,
) -> Result<Answered<R>, StoreError> {
    if !claim(scope, job)? {
        return Ok(Answered::Nothing(Scanned::Meanwhile));
    }
    let Some(row) = found(scope)? else {
        finish(scope, job)?;
        return Ok(Answered::Nothing(Scanned::Meanwhile));
    };
    let status = DocumentStatus::after(verdict);
    if status == DocumentStatus::Quarantined {
        let again_at = scope.at() + scanned_again_after(scope.at() - row.as_ref().sent_at);
        postpone(scope, job, again_at)?;
        return Ok(Answered::Nothing(Scanned::Settled(status)));
    }
    finish(scope, job)?;
    Ok(Answered::Found(row, status))
}

impl AsRef<Waiting> for Waiting {
    fn as_ref(&self) -> &Waiting {
        self
    }
}

/// A document of a practice's that waits, and what says whom it is about and who sent it.
#[derive(Queryable)]
struct WaitingHere {
    waiting: Waiting,
    about: (Option<ServiceUserId>, Option<ReferralId>, Option<Uuid>),
    sent_by: Option<StaffId>,
}

impl AsRef<Waiting> for WaitingHere {
    fn as_ref(&self) -> &Waiting {
        &self.waiting
    }
}

fn find_waiting(scope: &mut WorkerScope<'_>, job: &Job) -> Result<Option<WaitingHere>, StoreError> {
    Ok(documents::table
        .filter(documents::practice_id.eq(job.practice()).and(documents::document_id.eq(DocumentId::from(job.subject))))
        .filter(documents::status.eq(DocumentStatus::Quarantined).and(documents::erased_at.is_null()))
        .select((
            waiting!(documents),
            (documents::service_user_id, documents::referral_id, documents::about_id),
            documents::sent_by,
        ))
        .first(scope.conn)
        .optional()?)
}

/// Takes the job of scanning a document, for a while, and returns the content to scan. `None` if another worker has taken the
/// job, or the document does not wait any more.
pub fn begin_scan(scope: &mut WorkerScope<'_>, job: &Job) -> Result<Option<Content>, StoreError> {
    take_scan(scope, job, |scope| Ok(find_waiting(scope, job)?.map(|row| row.waiting)))
}

/// Writes down what the scanner answered, in a transaction of the job's practice. A document in which it found something loses
/// its key at once, with which its content is erased, and its object with another job.
pub fn settle_scan(scope: &mut WorkerScope<'_>, job: &Job, verdict: Verdict) -> Result<Scanned, StoreError> {
    let (row, status) = match answered(scope, job, verdict, |scope| find_waiting(scope, job))? {
        Answered::Nothing(scanned) => return Ok(scanned),
        Answered::Found(row, status) => (row, status),
    };
    let document = DocumentId::from(job.subject);
    let (person, referral, about) = row.about;
    let person = person_of(person, referral, about);
    let destroys_key = (status == DocumentStatus::Infected).then_some(None::<Vec<u8>>);
    let settled = update(documents::table)
        .filter(documents::practice_id.eq(job.practice()).and(documents::document_id.eq(document)))
        .filter(documents::status.eq(DocumentStatus::Quarantined).and(documents::erased_at.is_null()))
        .set((
            documents::status.eq(status),
            destroys_key.map(|key| documents::content_key.eq(key)),
            documents::scanned_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    if settled == 0 {
        // It was erased since it was looked at.
        return Ok(Scanned::Meanwhile);
    }
    if status == DocumentStatus::Infected {
        let at = scope.at();
        scope.schedule(job.practice(), Task::ClearObject { object: row.waiting.object_id }, at);
    }
    scope.record(match status {
        DocumentStatus::Infected => {
            Event::DocumentFoundInfected { document, person, sender: row.sent_by.into_iter().collect() }
        }
        _ => Event::DocumentCleared { document, person, concerned: Vec::new() },
    })?;
    Ok(Scanned::Settled(status))
}
