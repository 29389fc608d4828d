//! Case notes: reading and writing them.

use almoner_domain::ids::CaseId;
use almoner_persistence::Page;
use almoner_persistence::cases::notes::{self, NewNote, Note};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{CasesRead, CasesWrite};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, create refuses InvalidState);
}

/// Lists the notes of a case, the newest first.
#[utoipa::path(get, path = "/cases/{id}/notes")]
async fn list(
    caller: Caller<CasesRead>,
    id: Path<CaseId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Note>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| notes::list(scope, id.0, &paging)).await
}

/// Writes a note on a case.
///
/// A note is final. A correction is another note.
#[utoipa::path(post, path = "/cases/{id}/notes")]
async fn create(
    caller: Caller<CasesWrite>,
    id: Path<CaseId>,
    key: IdempotencyKey,
    body: Body<NewNote>,
) -> Result<Created<Note>, ApiError> {
    caller
        .create_record(
            key,
            body,
            move |scope, new| notes::create(scope, id.0, new).map(|note| (note.id.uuid(), note)),
            move |scope, note| notes::read(scope, id.0, note.into()),
            move |_| format!("/v1/practice/cases/{}/notes", id.0),
        )
        .await
}
