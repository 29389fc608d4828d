//! Suspending a practice, and what it needs before it may work.

use actix_web::{get, post, put};
use almoner_domain::contracts::onboarding::Item;
use almoner_domain::ids::PracticeId;
use almoner_persistence::Page;
use almoner_persistence::contracts::onboarding::{self, Onboarding, OnboardingSummary, RecordItem};
use almoner_persistence::tenancy::practices::{self, Practice};
use almoner_persistence::tenancy::suspensions::{self, Suspend};

use crate::body::Body;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{Operate, OperateWithFreshFactor};
use crate::problem::ApiError;
use crate::reply::Reply;

/// Suspends a practice: from the next request its staff are nobody, nothing more is sent there, and complaints about it go to
/// the council. Nothing is ended by it, and its deadlines run on.
#[utoipa::path(
    params(("id" = PracticeId, Path, description = "The practice"), IfMatch),
    request_body = Suspend,
    responses((status = 200, description = "The practice, suspended", body = Practice)),
    security(("operator" = [])),
)]
#[post("/practices/{id}/suspend")]
pub(super) async fn suspend(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<PracticeId>,
    if_match: IfMatch,
    body: Body<Suspend>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let practice = practices::find(scope, id.0)?;
            if_match.check(practice.version)?;
            suspensions::suspend(scope, &practice, &body.value)?;
            let practice = practices::find(scope, id.0)?;
            Ok(Reply::ok(&practice)?.version(practice.version))
        })
        .await
}

/// Ends a suspension: the practice works again from the next request, with the sessions that have not expired.
#[utoipa::path(
    params(("id" = PracticeId, Path, description = "The practice"), IfMatch),
    responses((status = 200, description = "The practice", body = Practice)),
    security(("operator" = [])),
)]
#[post("/practices/{id}/resume")]
pub(super) async fn resume(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<PracticeId>,
    if_match: IfMatch,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let practice = practices::find(scope, id.0)?;
            if_match.check(practice.version)?;
            suspensions::resume(scope, &practice)?;
            let practice = practices::find(scope, id.0)?;
            Ok(Reply::ok(&practice)?.version(practice.version))
        })
        .await
}

/// The practices, with how much each still lacks before it may work.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page", body = Page<OnboardingSummary>)),
    security(("operator" = [])),
)]
#[get("/onboarding")]
pub(super) async fn list_onboarding(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&onboarding::list(scope, &paging)?)).await
}

/// What a practice needs before it may work, and what of it is missing.
#[utoipa::path(
    params(("id" = PracticeId, Path, description = "The practice")),
    responses((status = 200, description = "The checklist", body = Onboarding)),
    security(("operator" = [])),
)]
#[get("/practices/{id}/onboarding")]
pub(super) async fn read_onboarding(caller: Caller<Operate>, id: Path<PracticeId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let checklist = onboarding::find(scope, id.0)?;
            Ok(Reply::ok(&checklist)?.version(checklist.version).computed())
        })
        .await
}

/// Records that an item was done, or done again. What follows from what is entered cannot be recorded (422).
#[utoipa::path(
    params(
        ("id" = PracticeId, Path, description = "The practice"),
        ("item" = Item, Path, description = "The item"),
        IfMatch,
    ),
    request_body = RecordItem,
    responses((status = 200, description = "The checklist", body = Onboarding)),
    security(("operator" = [])),
)]
#[put("/practices/{id}/onboarding/{item}")]
pub(super) async fn record_item(
    caller: Caller<Operate>,
    path: Path<(PracticeId, Item)>,
    if_match: IfMatch,
    body: Body<RecordItem>,
) -> Result<Reply, ApiError> {
    let (id, item) = path.0;
    caller
        .scope(move |scope| {
            if_match.check(onboarding::find_to_change(scope, id)?.version)?;
            onboarding::record(scope, id, item, &body.value)?;
            let checklist = onboarding::find(scope, id)?;
            Ok(Reply::ok(&checklist)?.version(checklist.version))
        })
        .await
}
