//! Having the documents of complaints scanned, and clearing away contents that were begun and never sent. The scope is the council's.

use almoner_domain::documents::DocumentStatus;
use almoner_domain::documents::state::Verdict;
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::ids::{ComplaintId, DocumentId};
use diesel::prelude::*;

use crate::documents::{Answered, Content, Scanned, Waiting, answered, clear_unless_kept, take_scan, waiting};
use crate::ground::error::StoreError;
use crate::ground::job_queue::Job;
use crate::ground::objects::Objects;
use crate::ground::prepared::update;
use crate::ground::schema::complaint_documents;
use crate::ground::scope::WorkerScope;

/// A document that waits, and its complaint.
#[derive(Queryable)]
struct WaitingHere {
    waiting: Waiting,
    complaint: ComplaintId,
}

impl AsRef<Waiting> for WaitingHere {
    fn as_ref(&self) -> &Waiting {
        &self.waiting
    }
}

fn find_waiting(scope: &mut WorkerScope<'_>, job: &Job) -> Result<Option<WaitingHere>, StoreError> {
    Ok(complaint_documents::table
        .find((job.council(), DocumentId::from(job.subject)))
        .filter(complaint_documents::status.eq(DocumentStatus::Quarantined))
        .select((waiting!(complaint_documents), complaint_documents::complaint_id))
        .first(scope.conn)
        .optional()?)
}

/// Takes the job of scanning a document of a complaint, for a while, and returns the content to scan. `None` if another worker has taken
/// the job, or the document does not wait any more.
pub fn begin_complaint_scan(scope: &mut WorkerScope<'_>, job: &Job) -> Result<Option<Content>, StoreError> {
    take_scan(scope, job, |scope| Ok(find_waiting(scope, job)?.map(|row| row.waiting)))
}

/// Writes down what the scanner answered. A document in which it found something loses its key at once, with which its content is erased,
/// and its object with another job.
pub fn settle_complaint_scan(scope: &mut WorkerScope<'_>, job: &Job, verdict: Verdict) -> Result<Scanned, StoreError> {
    let (row, status) = match answered(scope, job, verdict, |scope| find_waiting(scope, job))? {
        Answered::Nothing(scanned) => return Ok(scanned),
        Answered::Found(row, status) => (row, status),
    };
    let (council, complaint, at) = (job.council(), row.complaint, scope.at());
    let destroys_key = (status == DocumentStatus::Infected).then_some(None::<Vec<u8>>);
    let settled = update(complaint_documents::table.find((council, DocumentId::from(job.subject))))
        .set((
            complaint_documents::status.eq(status),
            destroys_key.map(|key| complaint_documents::content_key.eq(key)),
            complaint_documents::scanned_at.eq(at),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(settled, "the document")?;
    let event = if status == DocumentStatus::Infected {
        scope.schedule(council, Task::ClearComplaintObject { object: row.waiting.object_id }, at);
        Event::ComplaintDocumentFoundInfected { complaint }
    } else {
        Event::ComplaintDocumentCleared { complaint }
    };
    scope.record_in(LogOwner::Complaints(council), event)?;
    Ok(Scanned::Settled(status))
}

/// Deletes the object of this job, as [`clear_object`](crate::documents::clear_object) does for a practice.
pub fn clear_complaint_object(scope: &mut WorkerScope<'_>, job: &Job, objects: &Objects) -> Result<bool, StoreError> {
    clear_unless_kept(scope, job, objects, |scope, object| {
        Ok(complaint_documents::table
            .filter(complaint_documents::council_id.eq(job.council()).and(complaint_documents::object_id.eq(object)))
            .filter(complaint_documents::content_key.is_not_null())
            .select(complaint_documents::document_id)
            .first(scope.conn)
            .optional()?)
    })
}
