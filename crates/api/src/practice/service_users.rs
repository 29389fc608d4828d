//! The people the practice serves.

use actix_web::{get, patch, post};
use almoner_domain::ids::ServiceUserId;
use almoner_domain::people::service_user::ServiceUserDetails;
use almoner_domain::words::text::Line;
use almoner_persistence::people::service_users::{self, Criteria, ServiceUser, ServiceUserSummary};
use almoner_persistence::referrals;
use almoner_persistence::{Page, Paging};

use crate::body::{Body, MergePatch};
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::once::OnceKey;
use crate::page::Path;
use crate::permission::{ServiceUsersRead, ServiceUsersWrite};
use crate::problem::ApiError;
use crate::reply::Reply;

/// Opens a record for a person.
#[utoipa::path(
    params(OnceKey),
    request_body = ServiceUserDetails,
    responses((status = 201, description = "The record", body = ServiceUser)),
    security(("practice" = ["service_users.write"])),
)]
#[post("/service-users")]
pub(super) async fn create(
    caller: Caller<ServiceUsersWrite>,
    once: OnceKey,
    body: Body<ServiceUserDetails>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, details| Ok(service_users::create(scope, details)?.into()))?;
            let made = service_users::find(scope, done.id())?;
            let location = format!("/v1/practice/service-users/{}", made.id);
            Ok(Reply::created(&made, location)?.version(made.version).once(&done))
        })
        .await
}

/// Searches the people whom the caller may see. The criteria are in the content, never in the address.
#[utoipa::path(
    request_body = Criteria,
    responses((status = 200, description = "Who fits, the newest records first", body = Page<ServiceUserSummary>)),
    security(("practice" = ["service_users.read"])),
)]
#[post("/service-users/search")]
pub(super) async fn search(caller: Caller<ServiceUsersRead>, body: Body<Criteria>) -> Result<Reply, ApiError> {
    let paging = Paging::new(body.value.cursor.as_ref().map(Line::as_str), 50)?;
    caller.scope(move |scope| Reply::ok(&service_users::search(scope, &body.value, &paging)?)).await
}

/// One person's record.
#[utoipa::path(
    params(("id" = ServiceUserId, Path, description = "The person")),
    responses((status = 200, description = "The record", body = ServiceUser)),
    security(("practice" = ["service_users.read"])),
)]
#[get("/service-users/{id}")]
pub(super) async fn read(caller: Caller<ServiceUsersRead>, id: Path<ServiceUserId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let found = service_users::read(scope, id.0)?;
            Ok(Reply::ok(&found)?.version(found.version))
        })
        .await
}

/// Changes a person's record, as a merge patch (RFC 7396).
#[utoipa::path(
    params(("id" = ServiceUserId, Path, description = "The person"), IfMatch),
    request_body(content = Object, content_type = "application/merge-patch+json",
        description = "The members to change; `null` removes one", example = json!({ "phone": "07700 900462" })),
    responses((status = 200, description = "The record, changed", body = ServiceUser)),
    security(("practice" = ["service_users.write"])),
)]
#[patch("/service-users/{id}")]
pub(super) async fn change(
    caller: Caller<ServiceUsersWrite>,
    id: Path<ServiceUserId>,
    if_match: IfMatch,
    patch: MergePatch,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let known = service_users::find(scope, id.0)?;
            if_match.check(known.version)?;
            let details = patch.apply(&known.details)?;
            referrals::change_service_user(scope, &known, &details)?;
            let changed = service_users::find(scope, id.0)?;
            Ok(Reply::ok(&changed)?.version(changed.version))
        })
        .await
}
