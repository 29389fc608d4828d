//! Having a council's document scanned, once for the council and for every practice to which it went, and clearing away contents
//! that a council began and never sent.

use almoner_domain::documents::state::Verdict;
use almoner_domain::documents::{DocumentKind, DocumentStatus};
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{CouncilRequestId, DocumentId, KeyId, ObjectId, PracticeId, ReferralId};
use diesel::prelude::*;
use uuid::Uuid;

use crate::documents::clearing::clear;
use crate::documents::content::Content;
use crate::documents::holder::person_of;
use crate::documents::scanning::{AGAIN_AFTER, Scanned, TAKEN_FOR};
use crate::ground::error::StoreError;
use crate::ground::job_queue::{Job, claim, finish, postpone};
use crate::ground::objects::Objects;
use crate::ground::prepared::update;
use crate::ground::schema::{council_documents, documents};
use crate::ground::scope::WorkerScope;
use crate::ground::transaction::setting;

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = council_documents)]
struct WaitingRow {
    council_request_id: CouncilRequestId,
    kind: DocumentKind,
    size: i64,
    key_id: KeyId,
    object_id: Uuid,
    content_key: Option<Vec<u8>>,
}

/// A practice's row of a council's document.
type DeliveredRow = (PracticeId, DocumentId, Option<ReferralId>, Option<Uuid>);

fn waiting(scope: &mut WorkerScope<'_>, job: &Job) -> Result<Option<WaitingRow>, StoreError> {
    Ok(council_documents::table
        .filter(council_documents::council_id.eq(job.council()))
        .filter(council_documents::document_id.eq(DocumentId::from(job.subject)))
        .filter(council_documents::status.eq(DocumentStatus::Quarantined))
        .select(WaitingRow::as_select())
        .first(scope.conn)
        .optional()?)
}

/// Takes the job of scanning a council's document, for a while, and returns the content to scan. `None` if another worker has
/// taken the job, or the document does not wait any more. The scope is the council's.
pub fn begin_council_scan(scope: &mut WorkerScope<'_>, job: &Job) -> Result<Option<Content>, StoreError> {
    if !claim(scope, job)? {
        return Ok(None);
    }
    let Some(row) = waiting(scope, job)? else {
        finish(scope, job)?;
        return Ok(None);
    };
    let until = scope.at() + TAKEN_FOR;
    postpone(scope, job, until)?;
    let sealed = row.content_key.as_ref().ok_or(StoreError::Sealed)?;
    let key = scope.key(job.owner, row.key_id)?.unwrap_key(job.owner, job.subject, sealed)?;
    let size = u64::try_from(row.size).map_err(StoreError::unreadable)?;
    Ok(Some(Content { kind: row.kind, name: None, size, object: row.object_id, key }))
}

/// Writes down what the scanner answered, in the council's row and in those of every practice to which the document went. One in
/// which it found something loses every key at once, with which its content is erased. The scope is the council's.
pub fn settle_council_scan(scope: &mut WorkerScope<'_>, job: &Job, verdict: Verdict) -> Result<Scanned, StoreError> {
    if !claim(scope, job)? {
        return Ok(Scanned::Meanwhile);
    }
    let Some(row) = waiting(scope, job)? else {
        finish(scope, job)?;
        return Ok(Scanned::Meanwhile);
    };
    let status = DocumentStatus::after(verdict);
    if status == DocumentStatus::Quarantined {
        let again_at = scope.at() + AGAIN_AFTER;
        postpone(scope, job, again_at)?;
        return Ok(Scanned::Settled(status));
    }
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
    let delivered: Vec<DeliveredRow> = update(documents::table)
        .filter(documents::council_id.eq(council).and(documents::council_document_id.eq(document)))
        .filter(documents::status.eq(DocumentStatus::Quarantined))
        .set((
            documents::status.eq(status),
            destroys_key.map(|key| documents::content_key.eq(key)),
            documents::scanned_at.eq(at),
        ))
        .returning((documents::practice_id, documents::document_id, documents::referral_id, documents::about_id))
        .get_results(scope.conn)?;
    finish(scope, job)?;
    let request = row.council_request_id;
    scope.record(match status {
        DocumentStatus::Infected => Event::CouncilDocumentFoundInfected { document, council, request },
        _ => Event::DocumentCleared { document, person: None },
    })?;
    for (practice, document, referral, about) in delivered {
        let person = person_of(None, referral, about);
        // The practice's log is written in a scope of the practice's.
        scope.become_role("almoner_worker", &[setting("app.practice", practice.uuid())])?;
        let event = match status {
            DocumentStatus::Infected => Event::DocumentFoundInfected { document, person, sender: Vec::new() },
            _ => Event::DocumentCleared { document, person },
        };
        scope.record_in(LogOwner::Practice(practice), event)?;
    }
    Ok(Scanned::Settled(status))
}

/// Deletes the object of this job, as [`clear_object`](crate::documents::clear_object) does for a practice. The scope is the
/// council's.
pub fn clear_council_object(scope: &mut WorkerScope<'_>, job: &Job, objects: &Objects) -> Result<bool, StoreError> {
    if !claim(scope, job)? {
        return Ok(false);
    }
    let kept = council_documents::table
        .filter(council_documents::council_id.eq(job.council()))
        .filter(council_documents::object_id.eq(job.subject).and(council_documents::content_key.is_not_null()))
        .select(council_documents::document_id)
        .first(scope.conn)
        .optional()?;
    clear(job, kept, ObjectId::from(job.subject), objects)?;
    finish(scope, job)?;
    Ok(true)
}
