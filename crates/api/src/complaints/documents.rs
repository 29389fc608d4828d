//! The documents of a complaint: sending them, listing them, giving them out, passing them on.

use almoner_domain::documents::DocumentName;
use almoner_domain::ids::{ComplaintId, DocumentId, ObjectId};
use almoner_persistence::complaints::documents::{self, ComplaintDocument};
use almoner_persistence::documents::Received;
use almoner_persistence::{ComplaintsScope, OnRecord, Page, StoreError};

use crate::ground::attachment::Attachment;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsAssign, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply};
use crate::ground::routes::Routes;
use crate::ground::sending::{Destination, HowSentWhole, send};
use crate::ground::upload::Upload;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, create, download, pass_on);
}

/// A complaint that is assigned to the caller.
#[derive(Clone, Copy)]
struct OfComplaint(ComplaintId);

impl Destination for OfComplaint {
    type Sends = ComplaintsWork;
    type Shown = ComplaintDocument;

    fn check(&self, scope: &mut ComplaintsScope<'_>, size: u64) -> Result<(), StoreError> {
        documents::check(scope, self.0, size)
    }

    fn begin(&self, scope: &mut ComplaintsScope<'_>) -> Result<ObjectId, StoreError> {
        Ok(documents::begin(scope))
    }

    fn send(
        &self,
        scope: &mut ComplaintsScope<'_>,
        name: &DocumentName,
        _: Option<DocumentId>,
        received: &Received,
    ) -> Result<ComplaintDocument, StoreError> {
        documents::send(scope, self.0, name, received)
    }

    fn find_sent(
        &self,
        scope: &mut ComplaintsScope<'_>,
        id: DocumentId,
    ) -> Result<OnRecord<ComplaintDocument>, StoreError> {
        documents::find_sent(scope, self.0, id)
    }

    fn id(shown: &ComplaintDocument) -> DocumentId {
        shown.document.id
    }

    fn address(&self, document: DocumentId) -> String {
        format!("/v1/complaints/{}/documents/{document}", self.0)
    }
}

/// Lists the documents of a complaint, the newest first: the complainant's, and those of everybody who works on the complaint.
///
/// What the complainant sent goes to the officers alone until one of them passes it on, and to no officer whose name may stand in its own.
#[utoipa::path(get, path = "/{id}/documents")]
async fn list(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<ComplaintDocument>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| documents::list(scope, id.0, &paging)).await
}

/// Sends a document to a complaint, for everybody who has it. The complainant is not shown it.
///
/// The content of the request is the document as it is, of at most 25 MB. The kind that its `Content-Type` declares must be the kind that
/// the content shows. It is given out once the scanner has found it clean. A complaint has at most 100 documents.
#[utoipa::path(post, path = "/{id}/documents")]
async fn create(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    how: Query<HowSentWhole>,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<ComplaintDocument>, ApiError> {
    send(caller, OfComplaint(id.0), how.0.into(), key, upload).await
}

/// Gives out the content of a document of a complaint, to be saved. One that the scanner has not found clean is not there.
#[utoipa::path(get, path = "/{id}/documents/{document_id}")]
async fn download(
    caller: Caller<ComplaintsWork>,
    ids: Path<(ComplaintId, DocumentId)>,
) -> Result<Attachment, ApiError> {
    let (complaint, document) = ids.0;
    let objects = caller.service().settings.documents.clone();
    let content = caller.scope(move |scope| Ok(documents::open(scope, complaint, document)?)).await?;
    Attachment::of(content, &objects).await
}

/// Passes a document of the complainant on to everybody who has the complaint: to guests, and to an officer whom its name may mean.
///
/// A document goes to the officers alone until one of them passes it on. The same again changes nothing.
#[utoipa::path(put, path = "/{id}/documents/{document_id}/passed-on")]
async fn pass_on(
    caller: Caller<ComplaintsAssign>,
    ids: Path<(ComplaintId, DocumentId)>,
) -> Result<NoContent, ApiError> {
    let (complaint, document) = ids.0;
    caller.act(move |scope| documents::pass_on(scope, complaint, document)).await
}
