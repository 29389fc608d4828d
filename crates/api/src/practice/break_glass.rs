//! Break-glass access: opening a restricted record in an emergency, and its review.

use almoner_domain::ids::BreakGlassId;
use almoner_domain::people::access_restriction::{BreakGlass, ReviewBreakGlass};
use almoner_persistence::Page;
use almoner_persistence::people::break_glass_accesses::{self, BreakGlassAccess};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{BreakGlassRead, BreakGlassReview, RecordsBreakGlass};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        open refuses NotFound InvalidState,
        read,
        review refuses InvalidState,
    );
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BreakGlassFilter {
    /// Returns only accesses that were reviewed, or only those that were not.
    reviewed: Option<bool>,
}

/// Lists the break-glass accesses of the caller, and those that the caller may review, the newest first.
#[utoipa::path(get, path = "/break-glass")]
async fn list(
    caller: Caller<BreakGlassRead>,
    page: Query<PageQuery>,
    filter: Query<BreakGlassFilter>,
) -> Result<Reply<Page<BreakGlassAccess>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| break_glass_accesses::list(scope, filter.0.reviewed, &paging)).await
}

/// Opens a restricted record to the caller in an emergency, for an hour at most and for this session.
///
/// The access managers are notified at once. The answer has the record that is open now.
#[utoipa::path(post, path = "/break-glass")]
async fn open(
    caller: Caller<RecordsBreakGlass>,
    key: IdempotencyKey,
    body: Body<BreakGlass>,
) -> Result<Created<BreakGlassAccess>, ApiError> {
    caller
        .create_record(
            key,
            body,
            |scope, how| break_glass_accesses::open(scope, how).map(|opened| (opened.id.uuid(), opened)),
            |scope, id| break_glass_accesses::read(scope, id.into()),
            |break_glass_access| format!("/v1/practice/break-glass/{}", break_glass_access.id),
        )
        .await
}

/// Shows one break-glass access, to the member of staff who opened the record and to those who may review it.
#[utoipa::path(get, path = "/break-glass/{id}")]
async fn read(caller: Caller<BreakGlassRead>, id: Path<BreakGlassId>) -> Result<Reply<BreakGlassAccess>, ApiError> {
    caller.read(move |scope| break_glass_accesses::read(scope, id.0)).await
}

/// Reviews a colleague's break-glass access, and records whether it was justified.
#[utoipa::path(post, path = "/break-glass/{id}/review")]
async fn review(
    caller: Caller<BreakGlassReview>,
    id: Path<BreakGlassId>,
    if_match: IfMatch,
    body: Body<ReviewBreakGlass>,
) -> Result<Reply<BreakGlassAccess>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| break_glass_accesses::find(scope, id.0),
            move |scope, break_glass_access| break_glass_accesses::review(scope, break_glass_access, &body.value),
        )
        .await
}
