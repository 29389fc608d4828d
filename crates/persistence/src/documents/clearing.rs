//! Clearing away the contents of documents that were begun to be sent in, and have no row that could open them.

use almoner_domain::ids::ObjectId;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::job_queue::{Job, claim, finish};
use crate::ground::objects::{Objects, wait};
use crate::ground::schema::documents;
use crate::ground::scope::WorkerScope;

/// Deletes the object of this job, unless a document has its key: the process died in which the content was taken in, or it is
/// not known whether the document was sent, or its deletion failed. Returns `false` if another worker does it.
pub fn clear_object(scope: &mut WorkerScope<'_>, job: &Job, objects: &Objects) -> Result<bool, StoreError> {
    if !claim(scope, job)? {
        return Ok(false);
    }
    let object = ObjectId::from(job.subject);
    let kept = documents::table
        .filter(documents::practice_id.eq(job.practice).and(documents::object_id.eq(object)))
        .filter(documents::content_key.is_not_null())
        .select(documents::document_id);
    if !diesel::select(exists(kept)).get_result::<bool>(scope.conn)? {
        wait(objects.delete(object.uuid()))?;
    }
    finish(scope, job)?;
    Ok(true)
}
