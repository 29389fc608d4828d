//! Cases: opening, allocating and closing them, and workers' caseloads.

use almoner_domain::cases::allocation::AllocateCase;
use almoner_domain::cases::asking::AgreeToClosing;
use almoner_domain::cases::case::{CaseStatus, CloseCase};
use almoner_domain::ids::{CaseId, ServiceUserId, StaffId};
use almoner_domain::staff::roles::Role;
use almoner_persistence::Page;
use almoner_persistence::cases::timeline::{self, TimelineEntry};
use almoner_persistence::cases::{self, Allocation, Case, CasesAsked, NewCase};
use almoner_persistence::idempotency::IdempotentOutcome;
use almoner_persistence::referrals;
use almoner_persistence::staff::names::{self, Worker};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{CasesAgree, CasesAllocate, CasesDecide, CasesRead};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, Reply, Representation};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        create refuses NotFound NotDelegated,
        read,
        allocate refuses InvalidState,
        list_allocations,
        agree_to_closing refuses InvalidState,
        close refuses InvalidState,
        read_timeline,
        read_caseload refuses NotFound,
    );
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CasesFilter {
    /// Returns only cases with this status.
    status: Option<CaseStatus>,
    /// Returns only cases of this person.
    service_user_id: Option<ServiceUserId>,
    /// Returns only cases that changed at this moment or later. What was being changed just then may be seen a minute late: ask
    /// from a minute before the last time.
    changed_since: Option<DateTime<Utc>>,
}

/// Lists the practice's cases, the newest first.
#[utoipa::path(get, path = "/cases")]
async fn list(
    caller: Caller<CasesRead>,
    page: Query<PageQuery>,
    filter: Query<CasesFilter>,
) -> Result<Reply<Page<Case>>, ApiError> {
    let paging = page.0.paging()?;
    let CasesFilter { status, service_user_id: service_user, changed_since } = filter.0;
    caller.read(move |scope| cases::list(scope, CasesAsked { status, service_user, changed_since }, &paging)).await
}

/// Opens a case without a referral, under a delegation in force.
#[utoipa::path(post, path = "/cases")]
async fn create(
    caller: Caller<CasesDecide>,
    key: IdempotencyKey,
    body: Body<NewCase>,
) -> Result<Created<Case>, ApiError> {
    caller
        .create_record(
            key,
            body,
            |scope, new| cases::create(scope, new).map(|case| (case.id.uuid(), case)),
            |scope, id| cases::read(scope, id.into()),
            |case| format!("/v1/practice/cases/{}", case.id),
        )
        .await
}

/// Shows one case.
#[utoipa::path(get, path = "/cases/{id}")]
async fn read(caller: Caller<CasesRead>, id: Path<CaseId>) -> Result<Reply<Case>, ApiError> {
    caller.read(move |scope| cases::read(scope, id.0)).await
}

/// Allocates a case to a worker.
///
/// If another worker has the case it is taken from them, which is an adverse action: the ground decides whether it takes effect
/// at once, with evidence or with a review by a second person, or waits for one. While it waits the case stays where it is.
#[utoipa::path(post, path = "/cases/{id}/allocate")]
async fn allocate(
    caller: Caller<CasesAllocate>,
    id: Path<CaseId>,
    if_match: IfMatch,
    body: Body<AllocateCase>,
) -> Result<Reply<Case>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| cases::find(scope, id.0),
            move |scope, case| referrals::allocate(scope, case, &body.value),
        )
        .await
}

/// Lists the workers to whom a case was allocated, the earliest first.
///
/// Each allocation says why this worker was chosen, and by whom.
#[utoipa::path(get, path = "/cases/{id}/allocations")]
async fn list_allocations(
    caller: Caller<CasesRead>,
    id: Path<CaseId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Allocation>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| cases::list_allocations(scope, id.0, &paging)).await
}

/// Agrees that the worker of a case may ask to close it, on one ground.
///
/// A practitioner without registration asks with the agreement of a social worker, who gives it here under their own
/// name. It serves for one request, on that ground, and ends when the case is allocated to another worker.
#[utoipa::path(post, path = "/cases/{id}/agree-to-closing")]
async fn agree_to_closing(
    caller: Caller<CasesAgree>,
    id: Path<CaseId>,
    if_match: IfMatch,
    body: Body<AgreeToClosing>,
) -> Result<Reply<Case>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| cases::find(scope, id.0),
            move |scope, case| cases::agree_to_closing(scope, case, &body.value),
        )
        .await
}

/// Asks to close a case.
///
/// The worker to whom the case is allocated may ask, or a manager. Closing is an adverse action, whose ground decides
/// whether it takes effect at once, with evidence, or waits for a second person. The case is closed, or is closing until
/// that person has decided.
#[utoipa::path(post, path = "/cases/{id}/close")]
async fn close(
    caller: Caller<CasesDecide>,
    id: Path<CaseId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<CloseCase>,
) -> Result<Reply<Case>, ApiError> {
    caller
        .scope(move |scope| {
            let done = key.run(scope, &body, |scope, request| {
                let request = request.read(scope.today()).map_err(ApiError::validation_failed)?;
                let case = cases::find(scope, id.0)?;
                if_match.check_of(&case)?;
                referrals::close(scope, &case, &request)?;
                Ok::<_, ApiError>(id.0)
            })?;
            let case = match done {
                IdempotentOutcome::First(_) => no_record::changed(cases::find(scope, id.0)?),
                IdempotentOutcome::Replayed(_) => cases::read(scope, id.0)?,
            };
            Ok(Reply::ok(&case)?.replayed_if(&done))
        })
        .await
}

/// Lists the events on a case's timeline, the oldest first.
#[utoipa::path(get, path = "/cases/{id}/timeline")]
async fn read_timeline(
    caller: Caller<CasesRead>,
    id: Path<CaseId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<TimelineEntry>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| timeline::list(scope, id.0, &paging)).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CaseloadOf {
    /// The worker whose caseload is shown, for a manager; the caller, if left out.
    staff_id: Option<StaffId>,
}

/// The open work of a worker.
#[derive(Serialize, ToSchema)]
struct Caseload {
    /// The worker.
    staff: Worker,
    /// How many of the cases are open.
    #[schema(maximum = 1000, format = Int32)]
    open: usize,
    /// The number of the cases that wait for a second person.
    #[schema(maximum = 1000, format = Int32)]
    waiting: usize,
    /// The cases: immediate and urgent ones first, then the oldest.
    #[schema(max_items = 1000)]
    cases: Vec<Case>,
}

impl Representation for Caseload {}

/// Shows a worker's caseload, the most urgent cases first.
#[utoipa::path(get, path = "/caseload")]
async fn read_caseload(caller: Caller<CasesRead>, of: Query<CaseloadOf>) -> Result<Reply<Caseload>, ApiError> {
    caller
        .scope(move |scope| {
            let own = scope.staff_id();
            let staff_id = of.0.staff_id.unwrap_or(own);
            if staff_id != own && !scope.member().roles.contains(&Role::Manager) {
                return Err(ApiError::new(Kind::Forbidden));
            }
            let staff = names::find(scope, staff_id)?;
            Reply::ok(&cases::caseload(scope, staff_id)?.map(|cases| {
                let waiting = cases.iter().filter(|case| case.status == CaseStatus::Closing).count();
                Caseload { staff, open: cases.len() - waiting, waiting, cases }
            }))
        })
        .await
}
