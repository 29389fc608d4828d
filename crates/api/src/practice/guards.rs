//! Who may meet a record: restrictions and lock-outs.

use actix_web::{delete, get, post, put};
use almoner_domain::ids::{ServiceUserId, StaffId};
use almoner_domain::people::guard::{LockMeOut, LockOut, Restrict};
use almoner_domain::words::date;
use almoner_persistence::people::guards::{self, Access, LockedOut, RestrictionSummary};
use almoner_persistence::referrals;
use almoner_persistence::{Page, PracticeScope, StoreError};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::body::Body;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::once::OnceKey;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{AccessManage, ServiceUsersRead};
use crate::problem::ApiError;
use crate::reply::Reply;

/// Whether a record is restricted, to whom it is open, and why.
#[utoipa::path(
    params(("id" = ServiceUserId, Path, description = "The person")),
    responses((status = 200, description = "The restriction, if there is one", body = Access)),
    security(("practice" = ["access.manage"])),
)]
#[get("/service-users/{id}/restriction")]
pub(super) async fn read(caller: Caller<AccessManage>, id: Path<ServiceUserId>) -> Result<Reply, ApiError> {
    caller.scope(move |scope| show(&guards::access(scope, id.0)?)).await
}

fn show(access: &Access) -> Result<Reply, ApiError> {
    Ok(Reply::ok(access)?.version(access.version))
}

/// How the record stands, to somebody to whom it still is open; else that it was done, and no more.
fn show_if_open(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<Reply, ApiError> {
    match guards::access(scope, id) {
        Ok(access) => show(&access),
        Err(StoreError::NotFound) => Ok(Reply::nothing()),
        Err(error) => Err(error.into()),
    }
}

/// Restricts a record to the members of staff named, in the place of the restriction that there is.
#[utoipa::path(
    params(("id" = ServiceUserId, Path, description = "The person"), IfMatch),
    request_body = Restrict,
    responses(
        (status = 200, description = "The restriction", body = Access),
        (status = 204, description = "Restricted, to others than the caller"),
    ),
    security(("practice" = ["access.manage"])),
)]
#[put("/service-users/{id}/restriction")]
pub(super) async fn restrict(
    caller: Caller<AccessManage>,
    id: Path<ServiceUserId>,
    if_match: IfMatch,
    body: Body<Restrict>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let person = referrals::hold_with_referrals(scope, id.0)?;
            if_match.check(person.version())?;
            guards::restrict(scope, &person, &body.value)?;
            show_if_open(scope, id.0)
        })
        .await
}

/// Lifts a restriction. Who is locked out stays so.
#[utoipa::path(
    params(("id" = ServiceUserId, Path, description = "The person"), IfMatch),
    responses((status = 204, description = "Lifted")),
    security(("practice" = ["access.manage"])),
)]
#[delete("/service-users/{id}/restriction")]
pub(super) async fn lift(
    caller: Caller<AccessManage>,
    id: Path<ServiceUserId>,
    if_match: IfMatch,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let person = guards::hold(scope, id.0)?;
            if_match.check(person.version())?;
            guards::lift(scope, &person)?;
            Ok(Reply::nothing())
        })
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Due {
    /// Those to be looked at again by this day.
    #[serde(default, deserialize_with = "date::optional")]
    due_by: Option<NaiveDate>,
}

/// The restrictions on the records that are open to the caller, by the day on which they are looked at again.
#[utoipa::path(
    params(PageQuery, Due),
    responses((status = 200, description = "A page of restrictions", body = Page<RestrictionSummary>)),
    security(("practice" = ["access.manage"])),
)]
#[get("/restrictions")]
pub(super) async fn restrictions(
    caller: Caller<AccessManage>,
    page: Query<PageQuery>,
    due: Query<Due>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&guards::restrictions(scope, due.0.due_by, &paging)?)).await
}

/// Who is locked out of a record.
#[utoipa::path(
    params(("id" = ServiceUserId, Path, description = "The person"), PageQuery),
    responses((status = 200, description = "A page of lock-outs", body = Page<LockedOut>)),
    security(("practice" = ["access.manage"])),
)]
#[get("/service-users/{id}/lock-outs")]
pub(super) async fn lock_outs(
    caller: Caller<AccessManage>,
    id: Path<ServiceUserId>,
    page: Query<PageQuery>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&guards::lock_outs(scope, id.0, &paging)?)).await
}

/// Locks a colleague out of a record: a relative, a neighbour. To them it is like one that does not exist.
#[utoipa::path(
    params(("id" = ServiceUserId, Path, description = "The person"), OnceKey),
    request_body = LockOut,
    responses((status = 201, description = "The lock-out", body = LockedOut)),
    security(("practice" = ["access.manage"])),
)]
#[post("/service-users/{id}/lock-outs")]
pub(super) async fn lock_out(
    caller: Caller<AccessManage>,
    id: Path<ServiceUserId>,
    once: OnceKey,
    body: Body<LockOut>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, whom| {
                let person = referrals::hold_with_referrals(scope, id.0)?;
                guards::lock_out(scope, &person, whom)?;
                Ok(whom.staff_id.into())
            })?;
            let made = guards::find_lock_out(scope, id.0, done.id())?;
            Ok(Reply::created(&made, location(id.0, made.staff.id))?.once(&done))
        })
        .await
}

fn location(person: ServiceUserId, whom: StaffId) -> String {
    format!("/v1/practice/service-users/{person}/lock-outs/{whom}")
}

/// That the caller does not see a record from now on.
#[derive(Serialize, ToSchema)]
struct LockedMeOut {
    /// The caller.
    staff_id: StaffId,
}

/// The caller locks themselves out of a record. Only somebody else can let them in again.
#[utoipa::path(
    params(("id" = ServiceUserId, Path, description = "The person"), OnceKey),
    request_body = LockMeOut,
    responses((status = 201, description = "Locked out", body = LockedMeOut)),
    security(("practice" = ["service_users.read"])),
)]
#[post("/service-users/{id}/lock-me-out")]
pub(super) async fn lock_me_out(
    caller: Caller<ServiceUsersRead>,
    id: Path<ServiceUserId>,
    once: OnceKey,
    body: Body<LockMeOut>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, why| {
                let person = referrals::hold_with_referrals(scope, id.0)?;
                guards::lock_me_out(scope, &person, &why.reason)?;
                Ok(scope.staff_id().into())
            })?;
            // Nothing is read for the answer: there is nothing that the caller could read.
            let staff_id = scope.staff_id();
            Ok(Reply::created(&LockedMeOut { staff_id }, location(id.0, staff_id))?.once(&done))
        })
        .await
}

/// Lets a colleague in again. Nobody can do so for themselves: to them there is no such record.
#[utoipa::path(
    params(
        ("id" = ServiceUserId, Path, description = "The person"),
        ("staff_id" = StaffId, Path, description = "The colleague"),
    ),
    responses((status = 204, description = "Let in")),
    security(("practice" = ["access.manage"])),
)]
#[delete("/service-users/{id}/lock-outs/{staff_id}")]
pub(super) async fn let_in(
    caller: Caller<AccessManage>,
    path: Path<(ServiceUserId, StaffId)>,
) -> Result<Reply, ApiError> {
    let (id, whom) = path.0;
    caller
        .scope(move |scope| {
            let person = guards::hold(scope, id)?;
            guards::let_in(scope, &person, whom)?;
            Ok(Reply::nothing())
        })
        .await
}
