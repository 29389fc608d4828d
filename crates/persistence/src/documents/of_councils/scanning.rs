//! Having a council's document scanned, once for the council and for every practice to which it went, and clearing away contents
//! that a council began and never sent.

use almoner_domain::documents::state::{Verdict, scanned_again_after};
use almoner_domain::documents::{DocumentKind, DocumentStatus};
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::ids::{CouncilRequestId, DocumentId, KeyId, ObjectId, PracticeId, ReferralId, StaffId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::documents::clearing::clear;
use crate::documents::content::Content;
use crate::documents::holder::person_of;
use crate::documents::scanning::{Scanned, TAKEN_FOR};
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
    object_id: ObjectId,
    content_key: Option<Vec<u8>>,
    sent_at: DateTime<Utc>,
}

/// A practice's row of a council's document.
type DeliveredRow = (PracticeId, DocumentId, ReferralId);

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
    Ok(Some(Content { kind: row.kind, name: None, size, object: row.object_id.uuid(), key }))
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
    if !claim(scope, job)? {
        return Ok(Scanned::Meanwhile);
    }
    let Some(row) = waiting(scope, job)? else {
        finish(scope, job)?;
        return Ok(Scanned::Meanwhile);
    };
    let status = DocumentStatus::after(verdict);
    if status == DocumentStatus::Quarantined {
        let again_at = scope.at() + scanned_again_after(scope.at() - row.sent_at);
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
    finish(scope, job)?;
    if status == DocumentStatus::Infected {
        scope.schedule(council, Task::ClearCouncilObject { object: row.object_id }, at);
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
