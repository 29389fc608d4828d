//! Documents that a council sends with its referrals.

use almoner_domain::documents::DocumentName;
use almoner_domain::ids::{CouncilRequestId, DocumentId, ObjectId, UploadId};
use almoner_persistence::documents::uploads::{self as pieces, Pieces};
use almoner_persistence::documents::{self, CouncilDocument, Received};
use almoner_persistence::referrals::council_requests;
use almoner_persistence::{CouncilScope, Objects, OnRecord, Page, StoreError};

use crate::ground::attachment::Attachment;
use crate::ground::caller::Caller;
use crate::ground::door::CouncilDoor;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{ReferralsFollow, ReferralsSend};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;
use crate::ground::sending::{Destination, HowSent, send};
use crate::ground::upload::Upload;
use crate::uploads::{self, UploadDoor};

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, create, download);
    uploads::routes::<CouncilDoor>(door);
}

/// A referral of the council's.
#[derive(Clone, Copy)]
struct OfRequest(CouncilRequestId);

impl UploadDoor for CouncilDoor {
    type Sends = ReferralsSend;
}

impl Destination for OfRequest {
    type Sends = ReferralsSend;
    type Shown = CouncilDocument;

    fn check(&self, scope: &mut CouncilScope<'_>, size: u64) -> Result<(), StoreError> {
        council_requests::check_document(scope, self.0, size)
    }

    fn begin(&self, scope: &mut CouncilScope<'_>) -> Result<ObjectId, StoreError> {
        Ok(documents::begin_of_council(scope))
    }

    fn open_upload(scope: &mut CouncilScope<'_>, id: UploadId, objects: &Objects) -> Result<Pieces, StoreError> {
        pieces::open(scope, id, objects)
    }

    fn end_upload(scope: &mut CouncilScope<'_>, id: UploadId) -> Result<(), StoreError> {
        pieces::end(scope, id)
    }

    fn send(
        &self,
        scope: &mut CouncilScope<'_>,
        name: &DocumentName,
        replaces: Option<DocumentId>,
        received: &Received,
    ) -> Result<CouncilDocument, StoreError> {
        council_requests::send_document(scope, self.0, name, replaces, received)
    }

    fn find_sent(&self, scope: &mut CouncilScope<'_>, id: DocumentId) -> Result<OnRecord<CouncilDocument>, StoreError> {
        documents::find_sent_by_council(scope, id)
    }

    fn id(shown: &CouncilDocument) -> DocumentId {
        shown.id
    }

    fn address(&self, document: DocumentId) -> String {
        format!("/v1/council/documents/{document}")
    }
}

/// Lists the documents that the council sent with a referral, the newest first, with every version of each.
///
/// A document that the scanner has not found clean is in the list of the system that sent it, and of no other.
#[utoipa::path(get, path = "/referrals/{id}/documents")]
async fn list(
    caller: Caller<ReferralsFollow>,
    id: Path<CouncilRequestId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<CouncilDocument>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| council_requests::list_documents(scope, id.0, &paging)).await
}

/// Sends in a document with a referral, until the referral is withdrawn.
///
/// The content of the request is the document as it is, of at most 25 MB. The kind that its `Content-Type` declares must be
/// the kind that the content shows. The practice that has the referral reads the document once the scanner has found it clean;
/// a practice to which the referral is sent later gets every document that was sent with it.
#[utoipa::path(post, path = "/referrals/{id}/documents")]
async fn create(
    caller: Caller<ReferralsSend>,
    id: Path<CouncilRequestId>,
    how: Query<HowSent>,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<CouncilDocument>, ApiError> {
    send(caller, OfRequest(id.0), how.0, key, upload).await
}

/// Gives out the content of one version of a document that the council sent, to be saved.
///
/// A document that the scanner has not found clean is not there, for its sender neither. That an officer reads it is on record at
/// the practice too.
#[utoipa::path(get, path = "/documents/{id}")]
async fn download(caller: Caller<ReferralsFollow>, id: Path<DocumentId>) -> Result<Attachment, ApiError> {
    let objects = caller.service().settings.documents.clone();
    let content = caller.scope(move |scope| Ok(council_requests::open_document(scope, id.0)?)).await?;
    Attachment::of(content, &objects).await
}
