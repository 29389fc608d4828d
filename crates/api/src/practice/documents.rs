//! Documents of people's records, of cases and of referrals: sending them in, listing them, giving them out.

use almoner_domain::documents::DocumentName;
use almoner_domain::ids::{CaseId, DocumentId, ObjectId, ReferralId, ServiceUserId, UploadId};
use almoner_persistence::documents::uploads::{self as pieces, Pieces};
use almoner_persistence::documents::{self, Document, Holder, Received};
use almoner_persistence::{Objects, OnRecord, Page, PracticeScope, StoreError, cases, referrals};

use crate::ground::attachment::Attachment;
use crate::ground::caller::Caller;
use crate::ground::door::PracticeDoor;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{DocumentsRead, DocumentsSend, Permission as _, ReferralsRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;
use crate::ground::sending::{Destination, HowSent, send};
use crate::ground::upload::Upload;
use crate::uploads::{self, UploadDoor};

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        create,
        list_of_person,
        create_without_case,
        list_of_referral,
        create_of_referral,
        download,
    );
    uploads::routes::<PracticeDoor>(door);
}

/// What has a document at the practice's door.
#[derive(Clone, Copy)]
enum Of {
    Case(CaseId),
    Person(ServiceUserId),
    Referral(ReferralId),
}

impl Of {
    fn holder(self, scope: &mut PracticeScope<'_>) -> Result<Holder, StoreError> {
        match self {
            Self::Case(id) => Ok(Holder::from(&cases::find(scope, id)?)),
            Self::Person(id) => Holder::of_person(scope, id),
            Self::Referral(id) => referrals::holder(scope, id),
        }
    }
}

impl UploadDoor for PracticeDoor {
    type Sends = DocumentsSend;
}

impl Destination for Of {
    type Sends = DocumentsSend;
    type Shown = Document;

    fn check(&self, scope: &mut PracticeScope<'_>, size: u64) -> Result<(), StoreError> {
        let holder = self.holder(scope)?;
        documents::check(scope, &holder, size)
    }

    fn begin(&self, scope: &mut PracticeScope<'_>) -> Result<ObjectId, StoreError> {
        Ok(documents::begin(scope))
    }

    fn open_upload(scope: &mut PracticeScope<'_>, id: UploadId, objects: &Objects) -> Result<Pieces, StoreError> {
        pieces::open(scope, id, objects)
    }

    fn end_upload(scope: &mut PracticeScope<'_>, id: UploadId) -> Result<(), StoreError> {
        pieces::end(scope, id)
    }

    fn send(
        &self,
        scope: &mut PracticeScope<'_>,
        name: &DocumentName,
        replaces: Option<DocumentId>,
        received: &Received,
    ) -> Result<Document, StoreError> {
        let holder = self.holder(scope)?;
        documents::send(scope, &holder, name, replaces, received)
    }

    fn find_sent(&self, scope: &mut PracticeScope<'_>, id: DocumentId) -> Result<OnRecord<Document>, StoreError> {
        documents::find_sent(scope, id)
    }

    fn id(shown: &Document) -> DocumentId {
        shown.id
    }

    fn address(&self, document: DocumentId) -> String {
        format!("/v1/practice/documents/{document}")
    }
}

/// Lists the documents of a case, the newest first, with every version of each.
///
/// Those that came with the referral from which the case was opened are among them, with its `referral_id`.
/// A document that the scanner has not found clean is in nobody's list but its sender's.
#[utoipa::path(get, path = "/cases/{id}/documents")]
async fn list(
    caller: Caller<DocumentsRead>,
    id: Path<CaseId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Document>>, ApiError> {
    let paging = page.0.paging()?;
    caller
        .read(move |scope| {
            let holder = Of::Case(id.0).holder(scope)?;
            documents::list_of_case(scope, &holder, id.0, &paging)
        })
        .await
}

/// Sends in a document of a case, also after it was closed.
///
/// The content of the request is the document as it is, of at most 25 MB. The kind that its `Content-Type` declares must be
/// the kind that the content shows. Until the scanner has found it clean, only its sender's lists show it.
#[utoipa::path(post, path = "/cases/{id}/documents")]
async fn create(
    caller: Caller<DocumentsSend>,
    id: Path<CaseId>,
    how: Query<HowSent>,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<Document>, ApiError> {
    send(caller, Of::Case(id.0), how.0, key, upload).await
}

/// Lists all the documents in a person's record, the newest first, with every version of each.
///
/// These are the documents of every case, and those without a case. A document that the scanner has not found clean is in
/// nobody's list but its sender's.
#[utoipa::path(get, path = "/service-users/{id}/documents")]
async fn list_of_person(
    caller: Caller<DocumentsRead>,
    id: Path<ServiceUserId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Document>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| documents::list_of_person(scope, id.0, &paging)).await
}

/// Sends in a document of a person's record, without a case.
///
/// The content of the request is the document as it is, of at most 25 MB. The kind that its `Content-Type` declares must be
/// the kind that the content shows. Until the scanner has found it clean, only its sender's lists show it.
#[utoipa::path(post, path = "/service-users/{id}/documents")]
async fn create_without_case(
    caller: Caller<DocumentsSend>,
    id: Path<ServiceUserId>,
    how: Query<HowSent>,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<Document>, ApiError> {
    send(caller, Of::Person(id.0), how.0, key, upload).await
}

/// Lists the documents of a referral, the newest first, with every version of each.
///
/// They are those that the council sent, and those that the practice did. Whoever sees the referral sees them. A document that the scanner has not found clean is in nobody's list but its sender's.
#[utoipa::path(get, path = "/referrals/{id}/documents")]
async fn list_of_referral(
    caller: Caller<ReferralsRead>,
    id: Path<ReferralId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Document>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| referrals::list_documents(scope, id.0, &paging)).await
}

/// Sends in a document of a referral that the practice has. The council is not shown it.
///
/// The content of the request is the document as it is, of at most 25 MB. The kind that its `Content-Type` declares must be
/// the kind that the content shows. Until the scanner has found it clean, only its sender's lists show it.
#[utoipa::path(post, path = "/referrals/{id}/documents")]
async fn create_of_referral(
    caller: Caller<DocumentsSend>,
    id: Path<ReferralId>,
    how: Query<HowSent>,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<Document>, ApiError> {
    send(caller, Of::Referral(id.0), how.0, key, upload).await
}

/// Gives out the content of one version of a document, to be saved.
///
/// A document that the scanner has not found clean is not there, for its sender neither.
#[utoipa::path(get, path = "/documents/{id}")]
async fn download(caller: Caller<DocumentsRead>, id: Path<DocumentId>) -> Result<Attachment, ApiError> {
    let objects = caller.service().settings.documents.clone();
    let content = caller.scope(move |scope| Ok(documents::open(scope, id.0, ReferralsRead::is_held(scope))?)).await?;
    Attachment::of(content, &objects).await
}
