//! Erasing a document, and clearing away contents that no row can open.

use almoner_domain::events::{Event, Task};
use almoner_domain::ids::{DocumentId, ObjectId, ServiceUserId};
use almoner_domain::words::text::Passage;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::job_queue::{Job, claim, finish};
use crate::ground::objects::{Objects, wait};
use crate::ground::prepared::update;
use crate::ground::schema::documents;
use crate::ground::scope::{PracticeScope, WorkerScope};

/// A request to erase a document.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "It is about another person, and was sent in by mistake." }))]
pub struct EraseDocument {
    /// The reason why the document is erased, which the audit log keeps.
    pub reason: Passage<4000>,
}

/// Erases one version of a document that the caller may see, for a reason: its key and its name at once, and then its object.
/// What a copy of the object has is noise from now on.
pub fn erase(scope: &mut PracticeScope<'_>, id: DocumentId, how: &EraseDocument) -> Result<(), StoreError> {
    let (practice, at) = (scope.practice_id(), scope.at());
    let erased: Option<(ServiceUserId, ObjectId)> = update(documents::table)
        .filter(documents::practice_id.eq(practice).and(documents::document_id.eq(id)))
        .filter(documents::erased_at.is_null())
        .set((
            documents::details.eq(Vec::<u8>::new()),
            documents::content_key.eq(None::<Vec<u8>>),
            documents::erased_at.eq(at),
            documents::erased_by.eq(scope.staff_id()),
        ))
        .returning((documents::service_user_id, documents::object_id))
        .get_result(scope.conn)
        .optional()?;
    let (person, object) = erased.ok_or(StoreError::NotFound)?;
    scope.schedule(practice, Task::ClearObject { object }, at);
    scope.record_because(Event::DocumentErased { document: id, person }, how.reason.as_str())
}

/// Deletes the object of this job, unless a document has its key: the process died in which the content was taken in, or it is
/// not known whether the document was sent, or it was erased. Where a document has its key and the object is not there, the log
/// says so. Returns `false` if another worker does it.
pub fn clear_object(scope: &mut WorkerScope<'_>, job: &Job, objects: &Objects) -> Result<bool, StoreError> {
    if !claim(scope, job)? {
        return Ok(false);
    }
    let object = ObjectId::from(job.subject);
    let kept = documents::table
        .filter(documents::practice_id.eq(job.practice).and(documents::object_id.eq(object)))
        .filter(documents::content_key.is_not_null())
        .select(documents::document_id);
    let document: Option<DocumentId> = kept.first(scope.conn).optional()?;
    match document {
        None => wait(objects.delete(object.uuid()))?,
        Some(document) if !wait(objects.has(object.uuid()))? => {
            tracing::error!(practice = %job.practice, %document, "the content of a document is not where documents are stored");
        }
        Some(_) => {}
    }
    finish(scope, job)?;
    Ok(true)
}
