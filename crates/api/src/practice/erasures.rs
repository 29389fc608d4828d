//! The requests of the practice's staff to erase documents, which a council decides.

use almoner_domain::documents::erasing::AskToErase;
use almoner_domain::ids::{DocumentId, ErasureRequestId};
use almoner_persistence::Page;
use almoner_persistence::referrals::erasures::{self, ErasureRequest};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{DocumentsAskToErase, Permission as _, ReferralsRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: ask refuses InvalidState, list, read, take_back refuses InvalidState);
}

/// Asks the accountable council to have one version of a document erased.
///
/// The council is that of the case or of the referral that has the document, else the one that is accountable for work with the person.
/// The document stays until an officer of the council has instructed the practice; then its key and its name are destroyed at once, and
/// its content within seconds. While the council has not decided, nobody asks for the same again.
#[utoipa::path(post, path = "/documents/{id}/erasure-requests")]
async fn ask(
    caller: Caller<DocumentsAskToErase>,
    id: Path<DocumentId>,
    key: IdempotencyKey,
    body: Body<AskToErase>,
) -> Result<Created<ErasureRequest>, ApiError> {
    caller
        .create_record(
            key,
            body,
            move |scope, how| erasures::ask(scope, id.0, how, ReferralsRead::is_held(scope)),
            |scope, id| erasures::read(scope, id.into()),
            |asked| format!("/v1/practice/erasure-requests/{}", asked.id),
        )
        .await
}

/// Lists the caller's requests to erase documents, the newest first.
#[utoipa::path(get, path = "/erasure-requests")]
async fn list(
    caller: Caller<DocumentsAskToErase>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<ErasureRequest>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| erasures::list(scope, &paging)).await
}

/// Shows a request of the caller's to erase a document, with what the council decided.
#[utoipa::path(get, path = "/erasure-requests/{id}")]
async fn read(
    caller: Caller<DocumentsAskToErase>,
    id: Path<ErasureRequestId>,
) -> Result<Reply<ErasureRequest>, ApiError> {
    caller.read(move |scope| erasures::read(scope, id.0)).await
}

/// Takes back a request of the caller's on which the council has not decided.
#[utoipa::path(post, path = "/erasure-requests/{id}/take-back")]
async fn take_back(
    caller: Caller<DocumentsAskToErase>,
    id: Path<ErasureRequestId>,
    if_match: IfMatch,
) -> Result<Reply<ErasureRequest>, ApiError> {
    caller.change(if_match, move |scope| erasures::find(scope, id.0), erasures::take_back).await
}
