//! Notes in people's records: reading and writing them, and marking one as entered in error.

use almoner_domain::cases::note::may_mark;
use almoner_domain::ids::{CaseId, NoteId, ServiceUserId};
use almoner_persistence::Page;
use almoner_persistence::cases::notes::{self, EnterInError, NewNote, Note};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{CasesRead, CasesWrite};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        create,
        list_of_person,
        create_without_case,
        read,
        enter_in_error refuses InvalidState,
    );
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

/// Writes a note on a case, also after it was closed.
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
            |scope, note| notes::read(scope, note.into()),
            address,
        )
        .await
}

fn address(note: &Note) -> String {
    format!("/v1/practice/notes/{}", note.id)
}

/// Lists all the notes in a person's record, the newest first.
///
/// These are the notes of every case, and those without a case.
#[utoipa::path(get, path = "/service-users/{id}/notes")]
async fn list_of_person(
    caller: Caller<CasesRead>,
    id: Path<ServiceUserId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Note>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| notes::list_of_person(scope, id.0, &paging)).await
}

/// Writes a note in a person's record, without a case.
///
/// A note is final. A correction is another note.
#[utoipa::path(post, path = "/service-users/{id}/notes")]
async fn create_without_case(
    caller: Caller<CasesWrite>,
    id: Path<ServiceUserId>,
    key: IdempotencyKey,
    body: Body<NewNote>,
) -> Result<Created<Note>, ApiError> {
    caller
        .create_record(
            key,
            body,
            move |scope, new| notes::create_without_case(scope, id.0, new).map(|note| (note.id.uuid(), note)),
            |scope, note| notes::read(scope, note.into()),
            address,
        )
        .await
}

/// Shows one note.
///
/// A note that was entered in error is shown to its author, managers and records officers; to any other it is not there.
#[utoipa::path(get, path = "/notes/{id}")]
async fn read(caller: Caller<CasesRead>, id: Path<NoteId>) -> Result<Reply<Note>, ApiError> {
    caller.read(move |scope| notes::read(scope, id.0)).await
}

/// Marks a note as entered in error, with the reason.
///
/// Only its author or a manager may. The note stays, with its mark, for its author, managers and records officers. For any
/// other it is gone from the lists and the timeline. The mark cannot be taken away.
#[utoipa::path(post, path = "/notes/{id}/entered-in-error")]
async fn enter_in_error(
    caller: Caller<CasesWrite>,
    id: Path<NoteId>,
    if_match: IfMatch,
    body: Body<EnterInError>,
) -> Result<Reply<Note>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| notes::find(scope, id.0),
            move |scope, note| {
                if !may_mark(note.author.id, scope.staff_id(), &scope.member().roles) {
                    let detail = "Only its author or a manager may mark a note as entered in error.";
                    return Err(ApiError::new(Kind::Forbidden).detail(detail));
                }
                Ok(notes::enter_in_error(scope, note, &body.value)?)
            },
        )
        .await
}
