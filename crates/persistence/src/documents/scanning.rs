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
pub(super) const TAKEN_FOR: TimeDelta = TimeDelta::minutes(2);

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = documents)]
struct WaitingRow {
    service_user_id: Option<ServiceUserId>,
    referral_id: Option<ReferralId>,
    about_id: Option<Uuid>,
    kind: DocumentKind,
    size: i64,
    key_id: KeyId,
    object_id: ObjectId,
    content_key: Option<Vec<u8>>,
    sent_by: Option<StaffId>,
    sent_at: DateTime<Utc>,
}

/// What became of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// The scanner's answer was written down.
    Settled(DocumentStatus),
    /// The document waits no more: another worker wrote an answer down.
    Meanwhile,
}

fn waiting(scope: &mut WorkerScope<'_>, job: &Job) -> Result<Option<WaitingRow>, StoreError> {
    Ok(documents::table
        .filter(documents::practice_id.eq(job.practice()).and(documents::document_id.eq(DocumentId::from(job.subject))))
        .filter(documents::status.eq(DocumentStatus::Quarantined).and(documents::erased_at.is_null()))
        .select(WaitingRow::as_select())
        .first(scope.conn)
        .optional()?)
}

/// Takes the job of scanning a document, for a while, and returns the content to scan. `None` if another worker has taken the
/// job, or the document does not wait any more.
pub fn begin_scan(scope: &mut WorkerScope<'_>, job: &Job) -> Result<Option<Content>, StoreError> {
    if !claim(scope, job)? {
        return Ok(None);
    }
    let Some(row) = waiting(scope, job)? else {
        finish(scope, job)?;
        return Ok(None);
    };
    let until = scope.at() + TAKEN_FOR;
    postpone(scope, job, until)?;
    content(scope, job, &row).map(Some)
}

fn content(scope: &mut WorkerScope<'_>, job: &Job, row: &WaitingRow) -> Result<Content, StoreError> {
    let practice = job.practice().uuid();
    let sealed = row.content_key.as_ref().ok_or(StoreError::Sealed)?;
    let key = scope.key(practice, row.key_id)?.unwrap_key(practice, job.subject, sealed)?;
    let size = u64::try_from(row.size).map_err(StoreError::unreadable)?;
    Ok(Content { kind: row.kind, name: None, size, object: row.object_id.uuid(), key })
}

/// Writes down what the scanner answered, in a transaction of the job's practice. A document in which it found something loses
/// its key at once, with which its content is erased, and its object with another job.
pub fn settle_scan(scope: &mut WorkerScope<'_>, job: &Job, verdict: Verdict) -> Result<Scanned, StoreError> {
    if !claim(scope, job)? {
        return Ok(Scanned::Meanwhile);
    }
    let Some(row) = waiting(scope, job)? else {
        finish(scope, job)?;
        return Ok(Scanned::Meanwhile);
    };
    let status = DocumentStatus::after(verdict);
    let document = DocumentId::from(job.subject);
    let person = person_of(row.service_user_id, row.referral_id, row.about_id);
    if status == DocumentStatus::Quarantined {
        let again_at = scope.at() + scanned_again_after(scope.at() - row.sent_at);
        postpone(scope, job, again_at)?;
        return Ok(Scanned::Settled(status));
    }
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
    finish(scope, job)?;
    if settled == 0 {
        // It was erased since it was looked at.
        return Ok(Scanned::Meanwhile);
    }
    if status == DocumentStatus::Infected {
        let at = scope.at();
        scope.schedule(job.practice(), Task::ClearObject { object: row.object_id }, at);
    }
    scope.record(match status {
        DocumentStatus::Infected => {
            Event::DocumentFoundInfected { document, person, sender: row.sent_by.into_iter().collect() }
        }
        _ => Event::DocumentCleared { document, person, concerned: Vec::new() },
    })?;
    Ok(Scanned::Settled(status))
}
