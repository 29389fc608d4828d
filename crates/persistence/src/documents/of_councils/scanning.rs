//! Having a council's document scanned, once for the council and for every practice to which it went, and clearing away contents
//! that a council began and never sent.

use almoner_domain::documents::DocumentStatus;
use almoner_domain::documents::state::Verdict;
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::ids::{CouncilRequestId, DocumentId, PracticeId, ReferralId, StaffId};
use diesel::prelude::*;
use uuid::Uuid;

use crate::documents::clearing::clear_unless_kept;
use crate::documents::content::Content;
use crate::documents::holder::person_of;
use crate::documents::scanning::{Answered, Scanned, Waiting, answered, take_scan, waiting};
use crate::ground::error::StoreError;
use crate::ground::job_queue::Job;
use crate::ground::objects::Objects;
use crate::ground::prepared::update;
use crate::ground::schema::{council_documents, documents};
use crate::ground::scope::WorkerScope;
use crate::ground::transaction::setting;

/// A council's document that waits, and the request with which it was sent.
#[derive(Queryable)]
struct WaitingHere {
    waiting: Waiting,
    council_request_id: CouncilRequestId,
}

impl AsRef<Waiting> for WaitingHere {
    fn as_ref(&self) -> &Waiting {
        &self.waiting
    }
}

/// A practice's row of a council's document.
type DeliveredRow = (PracticeId, DocumentId, ReferralId);

fn find_waiting(scope: &mut WorkerScope<'_>, job: &Job) -> Result<Option<WaitingHere>, StoreError> {
    Ok(council_documents::table
        .filter(council_documents::council_id.eq(job.council()))
        .filter(council_documents::document_id.eq(DocumentId::from(job.subject)))
        .filter(council_documents::status.eq(DocumentStatus::Quarantined))
        .select((waiting!(council_documents), council_documents::council_request_id))
        .first(scope.conn)
        .optional()?)
}

/// Takes the job of scanning a council's document, for a while, and returns the content to scan. `None` if another worker has
/// taken the job, or the document does not wait any more. The scope is the council's.
pub fn begin_council_scan(scope: &mut WorkerScope<'_>, job: &Job) -> Result<Option<Content>, StoreError> {
    take_scan(scope, job, |scope| Ok(find_waiting(scope, job)?.map(|row| row.waiting)))
}

/// Writes down what the scanner answered, in the council's row and in those of every practice to which the document went. One in
/// which it found something loses every key at once, with which its content is erased, and its object with another job. The scope
/// is the council's.
///
/// `arrives` is asked at each of these practices who is told that the document of a referral may be read from now on. It locks the
/// referral before the document, as whoever answers the referral does.
pub(crate) fn settle_council_scan(
    scope: &mut WorkerScope<'_>,
    job: &Job,
    verdict: Verdict,
    arrives: impl Fn(&mut WorkerScope<'_>, PracticeId, ReferralId) -> Result<Vec<StaffId>, StoreError>,
) -> Result<Scanned, StoreError> {
    let (row, status) = match answered(scope, job, verdict, |scope| find_waiting(scope, job))? {
        Answered::Nothing(scanned) => return Ok(scanned),
        Answered::Found(row, status) => (row, status),
    };
    let (council, document, at) = (job.council(), DocumentId::from(job.subject), scope.at());
    let destroys_key = (status == DocumentStatus::Infected).then_some(None::<Vec<u8>>);
    let settled = update(council_documents::table)
        .filter(council_documents::council_id.eq(council).and(council_documents::document_id.eq(document)))
        .set((
            council_documents::status.eq(status),
            destroys_key.clone().map(|key| council_documents::content_key.eq(key)),
            council_documents::scanned_at.eq(at),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(settled, "the document")?;
    if status == DocumentStatus::Infected {
        scope.schedule(council, Task::ClearCouncilObject { object: row.waiting.object_id }, at);
    }
    scope.record(match status {
        DocumentStatus::Infected => {
            Event::CouncilDocumentFoundInfected { document, council, request: row.council_request_id }
        }
        _ => Event::DocumentCleared { document, person: None, concerned: Vec::new() },
    })?;
    let delivered: Vec<DeliveredRow> = documents::table
        .filter(documents::council_id.eq(council).and(documents::council_document_id.eq(document)))
        .filter(documents::status.eq(DocumentStatus::Quarantined))
        .order(documents::practice_id)
        .select((documents::practice_id, documents::document_id, documents::referral_id.assume_not_null()))
        .load(scope.conn)?;
    for (practice, document, referral) in delivered {
        // What is written at the practice is written in a scope of the practice's.
        scope.become_role("almoner_worker", &[setting("app.practice", practice.uuid())])?;
        let concerned = if status == DocumentStatus::Clean { arrives(scope, practice, referral)? } else { Vec::new() };
        let about: Option<Option<Uuid>> = update(documents::table)
            .filter(documents::practice_id.eq(practice).and(documents::document_id.eq(document)))
            .filter(documents::status.eq(DocumentStatus::Quarantined))
            .set((
                documents::status.eq(status),
                destroys_key.clone().map(|key| documents::content_key.eq(key)),
                documents::scanned_at.eq(at),
            ))
            .returning(documents::about_id)
            .get_result(scope.conn)
            .optional()?;
        let Some(about) = about else { continue };
        let person = person_of(None, Some(referral), about);
        let event = match status {
            DocumentStatus::Infected => Event::DocumentFoundInfected { document, person, sender: Vec::new() },
            _ => Event::DocumentCleared { document, person, concerned },
        };
        scope.record_in(LogOwner::Practice(practice), event)?;
    }
    Ok(Scanned::Settled(status))
}

/// Deletes the object of this job, as [`clear_object`](crate::documents::clear_object) does for a practice. The scope is the
/// council's.
pub fn clear_council_object(scope: &mut WorkerScope<'_>, job: &Job, objects: &Objects) -> Result<bool, StoreError> {
    clear_unless_kept(scope, job, objects, |scope, object| {
        Ok(council_documents::table
            .filter(council_documents::council_id.eq(job.council()))
            .filter(council_documents::object_id.eq(object.uuid()).and(council_documents::content_key.is_not_null()))
            .select(council_documents::document_id)
            .first(scope.conn)
            .optional()?)
    })
}
