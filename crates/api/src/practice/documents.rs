//! Documents of people's records and of cases: sending them in, listing them, giving them out.

use std::sync::Arc;

use almoner_domain::ids::{CaseId, DocumentId, ServiceUserId};
use almoner_persistence::documents::{self, Document, EraseDocument, Holder};
use almoner_persistence::idempotency::IdempotentOutcome;
use almoner_persistence::{Page, PracticeScope, StoreError, cases};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::attachment::Attachment;
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{DocumentsErase, DocumentsRead, DocumentsSend};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply};
use crate::ground::routes::Routes;
use crate::ground::upload::Upload;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        create,
        list_of_person,
        create_without_case,
        download,
        erase,
    );
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NewVersion {
    /// The document of which this is a new version: its newest version, in the same case or record.
    replaces: Option<DocumentId>,
}

/// Lists the documents of a case, the newest first, with every version of each.
///
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
            let holder = of_case(scope, id.0)?;
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
    version: Query<NewVersion>,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<Document>, ApiError> {
    send(caller, id.0, of_case, version.0.replaces, key, upload).await
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
    version: Query<NewVersion>,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<Document>, ApiError> {
    send(caller, id.0, Holder::of_person, version.0.replaces, key, upload).await
}

/// Gives out the content of one version of a document, to be saved.
///
/// A document that the scanner has not found clean is not there, for its sender neither.
#[utoipa::path(get, path = "/documents/{id}")]
async fn download(caller: Caller<DocumentsRead>, id: Path<DocumentId>) -> Result<Attachment, ApiError> {
    let objects = caller.service().settings.documents.clone();
    let content = caller.scope(move |scope| Ok(documents::open(scope, id.0)?)).await?;
    Attachment::of(content, &objects).await
}

/// Erases one version of a document, for good.
///
/// Its key and its name are destroyed at once, and its content within seconds. The audit log keeps that it was erased, by
/// whom, when and why.
#[utoipa::path(post, path = "/documents/{id}/erase")]
async fn erase(
    caller: Caller<DocumentsErase>,
    id: Path<DocumentId>,
    body: Body<EraseDocument>,
) -> Result<NoContent, ApiError> {
    caller.act(move |scope| documents::erase(scope, id.0, &body.value)).await
}

fn of_case(scope: &mut PracticeScope<'_>, case: CaseId) -> Result<Holder, StoreError> {
    Ok(Holder::from(&cases::find(scope, case)?))
}

/// Takes a document in and sends it. The caller's permission and the limits are asked before the content is read, in a
/// transaction of their own: none is held while a content arrives.
async fn send<Id: Copy + Send + 'static>(
    caller: Caller<DocumentsSend>,
    id: Id,
    find: fn(&mut PracticeScope<'_>, Id) -> Result<Holder, StoreError>,
    replaces: Option<DocumentId>,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<Document>, ApiError> {
    let objects = caller.service().settings.documents.clone();
    let size = upload.declared_size();
    let object = caller
        .clone()
        .scope(move |scope| {
            let holder = find(scope, id)?;
            Ok(documents::begin(scope, &holder, size)?)
        })
        .await?;
    let (name, received) = upload.receive(&objects, object).await?;
    let received = Arc::new(received);
    let taken = Arc::clone(&received);
    let sent = caller.scope(move |scope| {
        let old = replaces.map(|old| old.to_string()).unwrap_or_default();
        let request = [&taken.hash[..], name.as_str().as_bytes(), taken.kind.as_str().as_bytes(), old.as_bytes()];
        let mut created = None;
        let done = key.run_over(scope, &request, |scope| {
            let holder = find(scope, id)?;
            let document = documents::send(scope, &holder, &name, replaces, &taken)?;
            let made = document.id;
            created = Some(document);
            Ok::<_, ApiError>(made)
        })?;
        let shown = match created {
            Some(document) => no_record::made(document),
            None => documents::find_sent(scope, done.id())?,
        };
        let answer = Created::at(format!("/v1/practice/documents/{}", shown.id), &shown)?.replayed_if(&done);
        Ok((answer, matches!(done, IdempotentOutcome::Replayed(_))))
    });
    match sent.await {
        Ok((answer, false)) => Ok(answer),
        // An earlier request with the same key sent the same content.
        Ok((answer, true)) => {
            received.discard().await;
            Ok(answer)
        }
        Err(error) => {
            // Where it is not known whether the row was written, the content stays until the worker clears it away.
            if error.kind.status().is_client_error() {
                received.discard().await;
            }
            Err(error)
        }
    }
}
