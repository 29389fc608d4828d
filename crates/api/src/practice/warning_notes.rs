//! Warning notes about a danger to whoever visits a person.

use almoner_domain::ids::{ServiceUserId, WarningNoteId};
use almoner_domain::people::warning_note::{Told, WriteWarningNote};
use almoner_domain::people::warning_review::ReviewWarningNote;
use almoner_domain::words::date;
use almoner_persistence::Page;
use almoner_persistence::cases;
use almoner_persistence::people::warning_notes::{self, WarningNote, WarningNoteSummary};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{ServiceUsersRead, ServiceUsersWrite, WarningsDecide};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        write refuses NotFound InvalidState,
        read,
        review refuses InvalidState,
        record_telling refuses InvalidState,
        list_in_force,
    );
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WarningNotesFilter {
    /// Returns the notes that ended, were refused or were entered in error as well.
    ended: Option<bool>,
}

/// Lists the warning notes of a person, the newest first.
///
/// One that waits for a second person is not in force yet. The record of the person shows those in force.
#[utoipa::path(get, path = "/service-users/{id}/warning-notes")]
async fn list(
    caller: Caller<ServiceUsersRead>,
    id: Path<ServiceUserId>,
    page: Query<PageQuery>,
    filter: Query<WarningNotesFilter>,
) -> Result<Reply<Page<WarningNote>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| warning_notes::list(scope, id.0, filter.0.ended.unwrap_or(false), &paging)).await
}

/// Writes a warning note about a person.
///
/// It is an adverse action: the ground decides whether the note is in force at once and a second person reviews it, or waits for one. A
/// manager writes it, or a member of staff with an open case of the person.
#[utoipa::path(post, path = "/service-users/{id}/warning-notes")]
async fn write(
    caller: Caller<WarningsDecide>,
    id: Path<ServiceUserId>,
    key: IdempotencyKey,
    body: Body<WriteWarningNote>,
) -> Result<Created<WarningNote>, ApiError> {
    caller
        .create_record(
            key,
            body,
            move |scope, how| cases::warn(scope, id.0, how).map(|note| (note.id.uuid(), note)),
            move |scope, note| warning_notes::read(scope, id.0, note.into()),
            move |note| format!("/v1/practice/service-users/{}/warning-notes/{}", id.0, note.id),
        )
        .await
}

/// Shows one warning note.
#[utoipa::path(get, path = "/service-users/{id}/warning-notes/{warning_note_id}")]
async fn read(
    caller: Caller<ServiceUsersRead>,
    path: Path<(ServiceUserId, WarningNoteId)>,
) -> Result<Reply<WarningNote>, ApiError> {
    let (person, id) = path.0;
    caller.read(move |scope| warning_notes::read(scope, person, id)).await
}

/// Reviews a warning note in force: it stays, with another day by which it is reviewed, or ends. No day ends it by itself.
///
/// While a second person still reviews it, whoever wrote it may only mark it as entered in error.
#[utoipa::path(post, path = "/service-users/{id}/warning-notes/{warning_note_id}/review")]
async fn review(
    caller: Caller<WarningsDecide>,
    path: Path<(ServiceUserId, WarningNoteId)>,
    if_match: IfMatch,
    body: Body<ReviewWarningNote>,
) -> Result<Reply<WarningNote>, ApiError> {
    let (person, id) = path.0;
    caller
        .change(
            if_match,
            move |scope| warning_notes::find(scope, person, id),
            move |scope, known| cases::review_warning_note(scope, person, known, &body.value),
        )
        .await
}

/// Records on which day the person was told of a warning note, or why not. What was known before is kept.
#[utoipa::path(put, path = "/service-users/{id}/warning-notes/{warning_note_id}/told")]
async fn record_telling(
    caller: Caller<ServiceUsersWrite>,
    path: Path<(ServiceUserId, WarningNoteId)>,
    if_match: IfMatch,
    body: Body<Told>,
) -> Result<Reply<WarningNote>, ApiError> {
    let (person, id) = path.0;
    caller
        .change(
            if_match,
            move |scope| warning_notes::find(scope, person, id),
            move |scope, known| cases::record_telling(scope, person, known, &body.value),
        )
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InForceFilter {
    /// Returns only notes that are due for review on or before this day.
    #[serde(default, deserialize_with = "date::optional")]
    review_on_or_before: Option<NaiveDate>,
}

/// Lists the warning notes in force about people whom the caller may see, by the day of their review.
#[utoipa::path(get, path = "/warning-notes")]
async fn list_in_force(
    caller: Caller<ServiceUsersRead>,
    page: Query<PageQuery>,
    filter: Query<InForceFilter>,
) -> Result<Reply<Page<WarningNoteSummary>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| warning_notes::list_in_force(scope, filter.0.review_on_or_before, &paging)).await
}
