//! What a practice is told of what was learnt from complaints.

use almoner_domain::words::slug::Slug;
use almoner_persistence::Page;
use almoner_persistence::complaints::learning::{self, Learning, ReleaseLearning};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::permission::ComplaintsDecide;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: release, list);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ToPractice {
    /// The practice's name in URLs. It is required.
    #[param(min_length = 3, max_length = 40, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "severn-social-work")]
    practice: Option<String>,
}

/// Releases to a practice what was learnt from complaints, in words without anybody's name, and the figures of a year if they are asked for.
///
/// Everybody who works at the practice reads it. It is not taken back.
#[utoipa::path(post, path = "/learning")]
async fn release(
    caller: Caller<ComplaintsDecide>,
    key: IdempotencyKey,
    body: Body<ReleaseLearning>,
) -> Result<Created<Learning>, ApiError> {
    let practice = body.value.practice.clone();
    caller
        .create(
            key,
            body,
            learning::release,
            move |scope, made| learning::find_released(scope, &practice, made.id()).map(no_record::of_a_tenant),
            |_| "/v1/complaints/learning".to_owned(),
        )
        .await
}

/// Lists what the council released to a practice, the newest first.
#[utoipa::path(get, path = "/learning")]
async fn list(
    caller: Caller<ComplaintsDecide>,
    to: Query<ToPractice>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Learning>>, ApiError> {
    let paging = page.0.paging()?;
    caller
        .scope(move |scope| {
            let named = to.0.practice.ok_or_else(|| ApiError::parameter("practice", "is required"))?;
            let practice =
                Slug::parse(&named).map_err(|invalid| ApiError::parameter("practice", invalid.to_string()))?;
            Reply::ok(&no_record::of_a_tenant(learning::list_released(scope, &practice, &paging)?))
        })
        .await
}
