//! Complaints, for complaints managers, as far as the wall allows. Everyone else gets the same answers as if there were
//! no complaints.

use almoner_domain::ids::ComplaintId;
use almoner_persistence::Page;
use almoner_persistence::complaints::{
    self, Acknowledge, Complaint, ComplaintSummary, ConfirmSubjects, IdentifyPerson, NewMessage, RevealComplainant,
};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::ComplaintsHandle;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        read,
        acknowledge refuses InvalidState,
        confirm_subjects refuses InvalidState,
        identify_person refuses InvalidState,
        reveal_complainant,
        write,
    );
}

fn location(id: ComplaintId) -> String {
    format!("/v1/practice/complaints/{id}")
}

/// Lists the complaints that the caller may see, the newest first.
#[utoipa::path(get, path = "/complaints")]
async fn list(
    caller: Caller<ComplaintsHandle>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<ComplaintSummary>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| complaints::list(scope, &paging)).await
}

/// Shows one complaint.
#[utoipa::path(get, path = "/complaints/{id}")]
async fn read(caller: Caller<ComplaintsHandle>, id: Path<ComplaintId>) -> Result<Reply<Complaint>, ApiError> {
    caller.read(move |scope| complaints::read(scope, id.0)).await
}

/// Acknowledges a complaint, with an offer to discuss how it is handled and by when.
#[utoipa::path(post, path = "/complaints/{id}/acknowledge")]
async fn acknowledge(
    caller: Caller<ComplaintsHandle>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Acknowledge>,
) -> Result<Reply<Complaint>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| complaints::find(scope, id.0),
            move |scope, complaint| complaints::acknowledge(scope, complaint, &body.value),
        )
        .await
}

/// Confirms the subjects of a complaint.
///
/// They and their line managers are behind the wall from now on, and nobody else is presumed to be a subject.
#[utoipa::path(post, path = "/complaints/{id}/subjects")]
async fn confirm_subjects(
    caller: Caller<ComplaintsHandle>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<ConfirmSubjects>,
) -> Result<Reply<Complaint>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| complaints::find(scope, id.0),
            move |scope, complaint| complaints::confirm_subjects(scope, complaint, &body.value),
        )
        .await
}

/// Identifies the person whose care a complaint is about, if that was not clear when it was lodged.
#[utoipa::path(post, path = "/complaints/{id}/person")]
async fn identify_person(
    caller: Caller<ComplaintsHandle>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<IdentifyPerson>,
) -> Result<Reply<Complaint>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| complaints::find(scope, id.0),
            move |scope, complaint| complaints::identify(scope, complaint, &body.value),
        )
        .await
}

/// Writes a message to the complainant.
#[utoipa::path(post, path = "/complaints/{id}/messages")]
async fn write(
    caller: Caller<ComplaintsHandle>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<NewMessage>,
) -> Result<Created<Complaint>, ApiError> {
    caller
        .create_record(
            key,
            body,
            move |scope, new| {
                let message = complaints::write(scope, id.0, new)?;
                Ok::<_, ApiError>((message.uuid(), complaints::find(scope, id.0)?))
            },
            move |scope, _| complaints::read(scope, id.0),
            move |_| location(id.0),
        )
        .await
}

/// Reveals the complainant of a confidential complaint, and how to contact them.
///
/// The caller gives a reason, which the complainant reads.
#[utoipa::path(post, path = "/complaints/{id}/complainant")]
async fn reveal_complainant(
    caller: Caller<ComplaintsHandle>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<RevealComplainant>,
) -> Result<Created<Complaint>, ApiError> {
    caller
        .scope(move |scope| {
            let mut revealed = None;
            let done = key.run(scope, &body, |scope, asked| {
                revealed = Some(complaints::reveal(scope, id.0, asked)?);
                Ok::<_, ApiError>(id.0)
            })?;
            // A repeated request with the same key is answered with the complaint in its present state, without
            // revealing the complainant again.
            let complaint = match revealed {
                Some(complaint) => complaint,
                None => complaints::read(scope, id.0)?,
            };
            Ok(Created::at(location(id.0), &complaint)?.replayed_if(&done))
        })
        .await
}
