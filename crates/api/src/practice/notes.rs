//! Case notes.

use actix_web::{get, post};
use almoner_domain::ids::CaseId;
use almoner_persistence::Page;
use almoner_persistence::cases::notes::{self, NewNote, Note};

use crate::body::Body;
use crate::caller::Caller;
use crate::once::OnceKey;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{CasesRead, CasesWrite};
use crate::problem::ApiError;
use crate::reply::Reply;

/// The notes of a case, the newest first.
#[utoipa::path(
    params(("id" = CaseId, Path, description = "The case"), PageQuery),
    responses((status = 200, description = "A page of notes", body = Page<Note>)),
    security(("practice" = ["cases.read"])),
)]
#[get("/cases/{id}/notes")]
pub(super) async fn list(
    caller: Caller<CasesRead>,
    id: Path<CaseId>,
    page: Query<PageQuery>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&notes::list(scope, id.0, &paging)?)).await
}

/// Writes a note. It is final; what comes after is another note.
#[utoipa::path(
    params(("id" = CaseId, Path, description = "The case"), OnceKey),
    request_body = NewNote,
    responses((status = 201, description = "The note", body = Note)),
    security(("practice" = ["cases.write"])),
)]
#[post("/cases/{id}/notes")]
pub(super) async fn create(
    caller: Caller<CasesWrite>,
    id: Path<CaseId>,
    once: OnceKey,
    body: Body<NewNote>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| Ok(notes::create(scope, id.0, new)?.into()))?;
            let note = notes::find(scope, id.0, done.id())?;
            Ok(Reply::created(&note, format!("/v1/practice/cases/{}/notes", id.0))?.once(&done))
        })
        .await
}
