//! The practices, and their suspension.

use almoner_domain::ids::PracticeId;
use almoner_persistence::access::sessions;
use almoner_persistence::referrals::council_requests;
use almoner_persistence::tenancy::practices::{self, NewPractice, Practice};
use almoner_persistence::tenancy::suspensions::{self, Suspend};
use almoner_persistence::{OperatorScope, Page, StoreError};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{Operate, OperateWithFreshFactor};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: create refuses AlreadyExists,
        list,
        read,
        suspend refuses InvalidState,
        resume refuses InvalidState,
    );
}

/// Creates a practice.
#[utoipa::path(post, path = "/practices")]
async fn create(
    caller: Caller<Operate>,
    key: IdempotencyKey,
    body: Body<NewPractice>,
) -> Result<Created<Practice>, ApiError> {
    caller
        .create(
            key,
            body,
            practices::create,
            |scope, made| practices::find(scope, made.id()).map(no_record::changed),
            |practice| format!("/v1/operator/practices/{}", practice.id),
        )
        .await
}

/// Lists the practices.
#[utoipa::path(get, path = "/practices")]
async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply<Page<Practice>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| practices::list(scope, &paging).map(no_record::of_a_tenant)).await
}

/// Shows one practice. Its free capacity changes without its version.
#[utoipa::path(get, path = "/practices/{id}")]
async fn read(caller: Caller<Operate>, id: Path<PracticeId>) -> Result<Reply<Practice>, ApiError> {
    caller.read(move |scope| practices::find(scope, id.0).map(no_record::of_a_tenant)).await
}

/// Suspends a practice.
///
/// From the next request on its staff are refused and their sessions there have ended, no referral is sent there, and
/// complaints about it go to the council. The suspension ends no work, and deadlines run on.
#[utoipa::path(post, path = "/practices/{id}/suspend")]
async fn suspend(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<PracticeId>,
    if_match: IfMatch,
    body: Body<Suspend>,
) -> Result<Reply<Practice>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| practices::find(scope, id.0),
            move |scope, practice| {
                suspensions::suspend(scope, practice, &body.value)?;
                council_requests::touch_at(scope, practice.id)?;
                sessions::end_those_at(scope, practice.id, "suspended")
            },
        )
        .await
}

/// Ends a suspension. The practice works again from the next request. Its staff sign in anew.
#[utoipa::path(post, path = "/practices/{id}/resume")]
async fn resume(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<PracticeId>,
    if_match: IfMatch,
) -> Result<Reply<Practice>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| practices::find(scope, id.0),
            |scope: &mut OperatorScope<'_>, practice: &Practice| -> Result<(), StoreError> {
                suspensions::resume(scope, practice)?;
                council_requests::touch_at(scope, practice.id)?;
                // A sign-in that was under way when the practice was suspended may have begun a session since.
                sessions::end_those_at(scope, practice.id, "suspended")
            },
        )
        .await
}
