//! Cases, who works on them, how they end.

use actix_web::{get, post};
use almoner_domain::cases::case::{CaseStatus, CloseCase};
use almoner_domain::ids::{CaseId, ServiceUserId, StaffId};
use almoner_domain::staff::roles::Role;
use almoner_persistence::Page;
use almoner_persistence::cases::timeline::{self, TimelineEntry};
use almoner_persistence::cases::{self, Allocate, Case, NewCase};
use almoner_persistence::referrals;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::body::Body;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::once::OnceKey;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{CasesAllocate, CasesRead, CasesWrite};
use crate::problem::{ApiError, Kind};
use crate::reply::Reply;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Those that stand so.
    status: Option<CaseStatus>,
    /// Those with this person.
    service_user_id: Option<ServiceUserId>,
}

/// The practice's cases, the newest first.
#[utoipa::path(
    params(PageQuery, Filter),
    responses((status = 200, description = "A page of cases", body = Page<Case>)),
    security(("practice" = ["cases.read"])),
)]
#[get("/cases")]
pub(super) async fn list(
    caller: Caller<CasesRead>,
    page: Query<PageQuery>,
    filter: Query<Filter>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&cases::list(scope, filter.0.status, filter.0.service_user_id, &paging)?)).await
}

/// Opens a case without a referral, under a delegation in force.
#[utoipa::path(
    params(OnceKey),
    request_body = NewCase,
    responses((status = 201, description = "The case", body = Case)),
    security(("practice" = ["cases.write"])),
)]
#[post("/cases")]
pub(super) async fn create(caller: Caller<CasesWrite>, once: OnceKey, body: Body<NewCase>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| Ok(cases::create(scope, new)?.into()))?;
            let case = cases::find(scope, done.id())?;
            let location = format!("/v1/practice/cases/{}", case.id);
            Ok(Reply::created(&case, location)?.version(case.version).once(&done))
        })
        .await
}

/// One case.
#[utoipa::path(
    params(("id" = CaseId, Path, description = "The case")),
    responses((status = 200, description = "The case", body = Case)),
    security(("practice" = ["cases.read"])),
)]
#[get("/cases/{id}")]
pub(super) async fn read(caller: Caller<CasesRead>, id: Path<CaseId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let case = cases::read(scope, id.0)?;
            Ok(Reply::ok(&case)?.version(case.version))
        })
        .await
}

/// Gives a case to a worker.
#[utoipa::path(
    params(("id" = CaseId, Path, description = "The case"), IfMatch),
    request_body = Allocate,
    responses((status = 200, description = "The case, allocated", body = Case)),
    security(("practice" = ["cases.allocate"])),
)]
#[post("/cases/{id}/allocate")]
pub(super) async fn allocate(
    caller: Caller<CasesAllocate>,
    id: Path<CaseId>,
    if_match: IfMatch,
    body: Body<Allocate>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let case = cases::find(scope, id.0)?;
            if_match.check(case.version)?;
            cases::allocate(scope, &case, &body.value)?;
            let case = cases::find(scope, id.0)?;
            Ok(Reply::ok(&case)?.version(case.version))
        })
        .await
}

/// Asks to close a case: an adverse action, whose ground decides whether it takes effect at once, is reviewed, or waits for a
/// second person.
#[utoipa::path(
    params(("id" = CaseId, Path, description = "The case"), IfMatch, OnceKey),
    request_body = CloseCase,
    responses((status = 200, description = "The case: closed, or closing until a second person has decided", body = Case)),
    security(("practice" = ["cases.write"])),
)]
#[post("/cases/{id}/close")]
pub(super) async fn close(
    caller: Caller<CasesWrite>,
    id: Path<CaseId>,
    if_match: IfMatch,
    once: OnceKey,
    body: Body<CloseCase>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, request| {
                let case = cases::find(scope, id.0)?;
                if_match.check(case.version)?;
                referrals::close(scope, &case, request)?;
                Ok(id.0.into())
            })?;
            let case = cases::find(scope, id.0)?;
            Ok(Reply::ok(&case)?.version(case.version).once(&done))
        })
        .await
}

/// What happened in a case, the oldest first.
#[utoipa::path(
    params(("id" = CaseId, Path, description = "The case"), PageQuery),
    responses((status = 200, description = "A page of the timeline", body = Page<TimelineEntry>)),
    security(("practice" = ["cases.read"])),
)]
#[get("/cases/{id}/timeline")]
pub(super) async fn read_timeline(
    caller: Caller<CasesRead>,
    id: Path<CaseId>,
    page: Query<PageQuery>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&timeline::list(scope, id.0, &paging)?)).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// Another worker's, for a manager; the caller's own, if left out.
    staff_id: Option<StaffId>,
}

/// What a worker has in hand.
#[derive(Serialize, ToSchema)]
struct Caseload {
    /// The worker.
    staff_id: StaffId,
    /// How many of the cases are open.
    open: usize,
    /// How many wait for a second person.
    waiting: usize,
    /// The cases: immediate and urgent ones first, then the oldest.
    #[schema(max_items = 1000)]
    cases: Vec<Case>,
}

/// What a worker has in hand, what is most pressing first.
#[utoipa::path(
    params(Whose),
    responses((status = 200, description = "The caseload", body = Caseload)),
    security(("practice" = ["cases.read"])),
)]
#[get("/caseload")]
pub(super) async fn caseload(caller: Caller<CasesRead>, whose: Query<Whose>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let own = scope.staff_id();
            let staff_id = whose.0.staff_id.unwrap_or(own);
            if staff_id != own && !scope.member().roles.contains(&Role::Manager) {
                return Err(ApiError::new(Kind::Forbidden));
            }
            let cases = cases::caseload(scope, staff_id)?;
            let waiting = cases.iter().filter(|case| case.status == CaseStatus::Closing).count();
            Reply::ok(&Caseload { staff_id, open: cases.len() - waiting, waiting, cases })
        })
        .await
}
