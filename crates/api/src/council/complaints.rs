//! Complaints that the council holds because nobody at the practice is free of conflict. They want a client of their own
//! (scope `complaints`): practice staff may hold log-ins on the council's other systems.

use actix_web::{get, post};
use almoner_domain::ids::ComplaintId;
use almoner_persistence::Page;
use almoner_persistence::complaints::{self, Acknowledge, Complaint, ComplaintSummary, RevealComplainant};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::page::{PageQuery, Path, Query};
use crate::ground::permission::HandleComplaints;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;

/// The complaints that the council holds, the newest first.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page of complaints", body = Page<ComplaintSummary>)),
    security(("council" = ["complaints"])),
)]
#[get("/complaints")]
pub(super) async fn list(caller: Caller<HandleComplaints>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&complaints::list_at_council(scope, &paging)?)).await
}

/// One complaint.
#[utoipa::path(
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, description = "The complaint", body = Complaint)),
    security(("council" = ["complaints"])),
)]
#[get("/complaints/{id}")]
pub(super) async fn read(caller: Caller<HandleComplaints>, id: Path<ComplaintId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let complaint = complaints::read_at_council(scope, id.0)?;
            Ok(Reply::ok(&complaint)?.version(complaint.version))
        })
        .await
}

/// Acknowledges a complaint, offering to discuss how it is handled and by when.
#[utoipa::path(
    params(("id" = ComplaintId, Path, description = "The complaint"), IfMatch),
    request_body = Acknowledge,
    responses((status = 200, description = "The complaint, acknowledged", body = Complaint)),
    security(("council" = ["complaints"])),
)]
#[post("/complaints/{id}/acknowledge")]
pub(super) async fn acknowledge(
    caller: Caller<HandleComplaints>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Acknowledge>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let complaint = complaints::find_at_council(scope, id.0)?;
            if_match.check(complaint.version)?;
            complaints::acknowledge_at_council(scope, &complaint, &body.value)?;
            let complaint = complaints::find_at_council(scope, id.0)?;
            Ok(Reply::ok(&complaint)?.version(complaint.version))
        })
        .await
}

/// Opens who complains in a confidential complaint, for a reason that the complainant reads.
#[utoipa::path(
    params(("id" = ComplaintId, Path, description = "The complaint"), IdempotencyKey),
    request_body = RevealComplainant,
    responses((status = 201, description = "The complaint, with who complains and how to reach them", body = Complaint)),
    security(("council" = ["complaints"])),
)]
#[post("/complaints/{id}/complainant")]
pub(super) async fn reveal(
    caller: Caller<HandleComplaints>,
    id: Path<ComplaintId>,
    once: IdempotencyKey,
    body: Body<RevealComplainant>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let mut revealed = None;
            let done = once.run(scope, &body, |scope, asked| {
                revealed = Some(complaints::reveal_at_council(scope, id.0, asked)?);
                Ok(id.0.into())
            })?;
            // Asked again with the same key, it is the complaint as it stands: what was opened once is not opened twice.
            let complaint = match revealed {
                Some(complaint) => complaint,
                None => complaints::find_at_council(scope, id.0)?,
            };
            let location = format!("/v1/council/complaints/{}", id.0);
            Ok(Reply::created(&complaint, location)?.version(complaint.version).once(&done))
        })
        .await
}
