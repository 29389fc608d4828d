//! Complaints, for complaints managers, as far as the wall allows. To everyone else every answer is the same as if there
//! were none.

use actix_web::{get, post};
use almoner_domain::ids::ComplaintId;
use almoner_persistence::Page;
use almoner_persistence::complaints::{
    self, Acknowledge, Complaint, ComplaintSummary, ConfirmSubjects, IdentifyPerson, NewMessage, RevealComplainant,
};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::page::{PageQuery, Path, Query};
use crate::ground::permission::ComplaintsHandle;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;

/// The complaints that the caller may see, the newest first.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page of complaints", body = Page<ComplaintSummary>)),
    security(("practice" = ["complaints.handle"])),
)]
#[get("/complaints")]
pub(super) async fn list(caller: Caller<ComplaintsHandle>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&complaints::list(scope, &paging)?)).await
}

/// One complaint.
#[utoipa::path(
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, description = "The complaint", body = Complaint)),
    security(("practice" = ["complaints.handle"])),
)]
#[get("/complaints/{id}")]
pub(super) async fn read(caller: Caller<ComplaintsHandle>, id: Path<ComplaintId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let complaint = complaints::read(scope, id.0)?;
            Ok(Reply::ok(&complaint)?.version(complaint.version))
        })
        .await
}

/// Acknowledges a complaint, offering to discuss how it is handled and by when.
#[utoipa::path(
    params(("id" = ComplaintId, Path, description = "The complaint"), IfMatch),
    request_body = Acknowledge,
    responses((status = 200, description = "The complaint, acknowledged", body = Complaint)),
    security(("practice" = ["complaints.handle"])),
)]
#[post("/complaints/{id}/acknowledge")]
pub(super) async fn acknowledge(
    caller: Caller<ComplaintsHandle>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Acknowledge>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let complaint = complaints::find(scope, id.0)?;
            if_match.check(complaint.version)?;
            complaints::acknowledge(scope, &complaint, &body.value)?;
            let complaint = complaints::find(scope, id.0)?;
            Ok(Reply::ok(&complaint)?.version(complaint.version))
        })
        .await
}

/// Confirms who is complained about: they and their line managers are behind the wall from now on, and nobody else is
/// presumed to be.
#[utoipa::path(
    params(("id" = ComplaintId, Path, description = "The complaint"), IfMatch),
    request_body = ConfirmSubjects,
    responses((status = 200, description = "The complaint, with who it is about", body = Complaint)),
    security(("practice" = ["complaints.handle"])),
)]
#[post("/complaints/{id}/subjects")]
pub(super) async fn confirm_subjects(
    caller: Caller<ComplaintsHandle>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<ConfirmSubjects>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let complaint = complaints::find(scope, id.0)?;
            if_match.check(complaint.version)?;
            complaints::confirm_subjects(scope, &complaint, &body.value)?;
            let complaint = complaints::find(scope, id.0)?;
            Ok(Reply::ok(&complaint)?.version(complaint.version))
        })
        .await
}

/// Says whose care a complaint is about, where that was not clear when it was lodged.
#[utoipa::path(
    params(("id" = ComplaintId, Path, description = "The complaint"), IfMatch),
    request_body = IdentifyPerson,
    responses((status = 200, description = "The complaint, with the person", body = Complaint)),
    security(("practice" = ["complaints.handle"])),
)]
#[post("/complaints/{id}/person")]
pub(super) async fn identify(
    caller: Caller<ComplaintsHandle>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<IdentifyPerson>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let complaint = complaints::find(scope, id.0)?;
            if_match.check(complaint.version)?;
            complaints::identify(scope, &complaint, &body.value)?;
            let complaint = complaints::find(scope, id.0)?;
            Ok(Reply::ok(&complaint)?.version(complaint.version))
        })
        .await
}

/// Writes to the complainant.
#[utoipa::path(
    params(("id" = ComplaintId, Path, description = "The complaint"), IdempotencyKey),
    request_body = NewMessage,
    responses((status = 201, description = "The complaint, with the message", body = Complaint)),
    security(("practice" = ["complaints.handle"])),
)]
#[post("/complaints/{id}/messages")]
pub(super) async fn write(
    caller: Caller<ComplaintsHandle>,
    id: Path<ComplaintId>,
    once: IdempotencyKey,
    body: Body<NewMessage>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| Ok(complaints::write(scope, id.0, new)?.into()))?;
            let complaint = complaints::find(scope, id.0)?;
            let location = format!("/v1/practice/complaints/{}", id.0);
            Ok(Reply::created(&complaint, location)?.version(complaint.version).once(&done))
        })
        .await
}

/// Opens who complains in a confidential complaint, for a reason that the complainant reads.
#[utoipa::path(
    params(("id" = ComplaintId, Path, description = "The complaint"), IdempotencyKey),
    request_body = RevealComplainant,
    responses((status = 201, description = "The complaint, with who complains and how to reach them", body = Complaint)),
    security(("practice" = ["complaints.handle"])),
)]
#[post("/complaints/{id}/complainant")]
pub(super) async fn reveal(
    caller: Caller<ComplaintsHandle>,
    id: Path<ComplaintId>,
    once: IdempotencyKey,
    body: Body<RevealComplainant>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let mut revealed = None;
            let done = once.run(scope, &body, |scope, asked| {
                revealed = Some(complaints::reveal(scope, id.0, asked)?);
                Ok(id.0.into())
            })?;
            // Asked again with the same key, it is the complaint as it stands: what was opened once is not opened twice.
            let complaint = match revealed {
                Some(complaint) => complaint,
                None => complaints::find(scope, id.0)?,
            };
            let location = format!("/v1/practice/complaints/{}", id.0);
            Ok(Reply::created(&complaint, location)?.version(complaint.version).once(&done))
        })
        .await
}
