//! Erasing a document, and clearing away contents that no row can open.

use almoner_domain::documents::DocumentKind;
use almoner_domain::events::Task;
use almoner_domain::ids::{
    CaseId, CouncilId, DocumentId, KeyId, ObjectId, PracticeId, ReferralId, ServiceUserId, StaffId,
};
use almoner_domain::referrals::state::ReferralStatus;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use crate::documents::holder::person_of;
use crate::ground::error::StoreError;
use crate::ground::job_queue::{Job, claim, finish};
use crate::ground::objects::{Objects, wait};
use crate::ground::prepared::update;
use crate::ground::schema::documents;
use crate::ground::scope::{PracticeScope, Scope, WorkerScope};

/// A document that a practice may ask to have erased: what it belongs to, and what a council is told of it.
pub(crate) struct Erasable {
    pub(crate) person: Option<ServiceUserId>,
    pub(crate) case: Option<CaseId>,
    pub(crate) referral: Option<ReferralId>,
    pub(crate) key_id: KeyId,
    pub(crate) kind: DocumentKind,
    pub(crate) size: i64,
    pub(crate) sent_at: DateTime<Utc>,
}

/// Finds a document that the caller may see and nobody has erased. For a caller who does not read referrals, one of a referral from which no
/// case was opened is not there.
pub(crate) fn find_erasable(
    scope: &mut PracticeScope<'_>,
    id: DocumentId,
    reads_referrals: bool,
) -> Result<Erasable, StoreError> {
    type Belongs = (Option<ServiceUserId>, Option<CaseId>, Option<ReferralId>, Option<Uuid>);
    let row: (Belongs, KeyId, DocumentKind, i64, DateTime<Utc>) = documents::table
        .filter(documents::practice_id.eq(scope.practice_id()).and(documents::document_id.eq(id)))
        .filter(documents::erased_at.is_null())
        .filter(
            reads_referrals
                .into_sql::<sql_types::Bool>()
                .or(documents::referral_status.is_null())
                .or(documents::referral_status.is_not_distinct_from(ReferralStatus::Accepted)),
        )
        .select((
            (documents::service_user_id, documents::case_id, documents::referral_id, documents::about_id),
            documents::key_id,
            documents::kind,
            documents::size,
            documents::sent_at,
        ))
        .first(scope.conn)?;
    let ((person, case, referral, about), key_id, kind, size, sent_at) = row;
    Ok(Erasable { person: person_of(person, referral, about), case, referral, key_id, kind, size, sent_at })
}

/// The person whom a document of a practice is about, as its intake sees it.
pub(crate) fn person_at(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    id: DocumentId,
) -> Result<Option<ServiceUserId>, StoreError> {
    let (person, referral, about): (Option<ServiceUserId>, Option<ReferralId>, Option<Uuid>) = documents::table
        .find((practice, id))
        .select((documents::service_user_id, documents::referral_id, documents::about_id))
        .first(scope.conn)?;
    Ok(person_of(person, referral, about))
}

/// Erases one version of a document, as the intake of the practice: its key and its name at once, and then its object. What a copy of the
/// object has is noise from now on. The object of a document that a council sent is the council's, which has a key of its own to it, and
/// stays. The practice's own role has no right to do this.
pub(crate) fn erase(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    id: DocumentId,
    asked_by: StaffId,
) -> Result<(), StoreError> {
    let at = scope.at();
    let (council, object): (Option<CouncilId>, ObjectId) = update(documents::table.find((practice, id)))
        .filter(documents::erased_at.is_null())
        .set((
            documents::details.eq(Vec::<u8>::new()),
            documents::content_key.eq(None::<Vec<u8>>),
            documents::erased_at.eq(at),
            documents::erased_by.eq(asked_by),
        ))
        .returning((documents::council_id, documents::object_id))
        .get_result(scope.conn)?;
    if council.is_none() {
        scope.schedule(practice, Task::ClearObject { object }, at);
    }
    Ok(())
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
