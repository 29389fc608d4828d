//! Erasing a document, and clearing away contents that no row can open.

use almoner_domain::events::{Event, Task};
use almoner_domain::ids::{CouncilId, DocumentId, ObjectId, ReferralId, ServiceUserId};
use almoner_domain::referrals::state::ReferralStatus;
use almoner_domain::words::text::Passage;
use diesel::prelude::*;
use diesel::sql_types;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::documents::holder::person_of;
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

/// What is left of a document that was erased: the person, the referral and whom that is about, the council that sent it, and the
/// object.
type Erased = (Option<ServiceUserId>, Option<ReferralId>, Option<Uuid>, Option<CouncilId>, ObjectId);

/// Erases one version of a document that the caller may see, for a reason: its key and its name at once, and then its object.
/// What a copy of the object has is noise from now on. The object of a document that a council sent is the council's, which has a
/// key of its own to it, and stays.
///
/// For a caller who does not read referrals, one of a referral from which no case was opened is not there.
pub fn erase(
    scope: &mut PracticeScope<'_>,
    id: DocumentId,
    how: &EraseDocument,
    reads_referrals: bool,
) -> Result<(), StoreError> {
    let (practice, at) = (scope.practice_id(), scope.at());
    let erased: Option<Erased> = update(documents::table)
        .filter(documents::practice_id.eq(practice).and(documents::document_id.eq(id)))
        .filter(documents::erased_at.is_null())
        .filter(
            reads_referrals
                .into_sql::<sql_types::Bool>()
                .or(documents::referral_status.is_null())
                .or(documents::referral_status.is_not_distinct_from(ReferralStatus::Accepted)),
        )
        .set((
            documents::details.eq(Vec::<u8>::new()),
            documents::content_key.eq(None::<Vec<u8>>),
            documents::erased_at.eq(at),
            documents::erased_by.eq(scope.staff_id()),
        ))
        .returning((
            documents::service_user_id,
            documents::referral_id,
            documents::about_id,
            documents::council_id,
            documents::object_id,
        ))
        .get_result(scope.conn)
        .optional()?;
    let (person, referral, about, council, object) = erased.ok_or(StoreError::NotFound)?;
    let person = person_of(person, referral, about);
    if council.is_none() {
        scope.schedule(practice, Task::ClearObject { object }, at);
    }
    scope.record_because(Event::DocumentErased { document: id, person }, how.reason.as_str())
}

/// Deletes the object of this job, unless a document has its key: the process died in which the content was taken in, or it is
/// not known whether the document was sent, or it was erased. Where a document has its key and the object is not there, the log
/// says so. Returns `false` if another worker does it.
pub fn clear_object(scope: &mut WorkerScope<'_>, job: &Job, objects: &Objects) -> Result<bool, StoreError> {
    clear_unless_kept(scope, job, objects, |scope, object| {
        Ok(documents::table
            .filter(documents::practice_id.eq(job.practice()).and(documents::object_id.eq(object)))
            .filter(documents::content_key.is_not_null())
            .select(documents::document_id)
            .first(scope.conn)
            .optional()?)
    })
}

/// Deletes the object of this job, unless `kept_by` returns a document that has its key. Returns `false` if another worker does it.
pub(crate) fn clear_unless_kept(
    scope: &mut WorkerScope<'_>,
    job: &Job,
    objects: &Objects,
    kept_by: impl FnOnce(&mut WorkerScope<'_>, ObjectId) -> Result<Option<DocumentId>, StoreError>,
) -> Result<bool, StoreError> {
    if !claim(scope, job)? {
        return Ok(false);
    }
    let object = ObjectId::from(job.subject);
    match kept_by(scope, object)? {
        None => wait(objects.delete(object.uuid()))?,
        Some(document) => {
            if !wait(objects.has(object.uuid()))? {
                tracing::error!(owner = %job.owner, %document, "the content of a document is not where documents are stored");
            }
        }
    }
    finish(scope, job)?;
    Ok(true)
}
