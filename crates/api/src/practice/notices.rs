//! What the caller is told.

use actix_web::{get, post};
use almoner_domain::ids::NoticeId;
use almoner_persistence::Page;
use almoner_persistence::staff::notices::{self, Notice};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::body::Body;
use crate::caller::Caller;
use crate::page::{PageQuery, Query};
use crate::permission::NoticesRead;
use crate::problem::ApiError;
use crate::reply::Reply;

/// How many notices are marked as read at once.
const READ_AT_ONCE: usize = 200;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only those that the caller has not read.
    unread: Option<bool>,
}

/// What the caller was told, the newest first.
#[utoipa::path(
    params(PageQuery, Filter),
    responses((status = 200, description = "A page of notices", body = Page<Notice>)),
    security(("practice" = ["notices.read"])),
)]
#[get("/notices")]
pub(super) async fn list(
    caller: Caller<NoticesRead>,
    page: Query<PageQuery>,
    filter: Query<Filter>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&notices::list(scope, filter.0.unread == Some(true), &paging)?)).await
}

/// The notices that the caller has read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "notices": [] }))]
struct MarkRead {
    /// Which.
    #[schema(max_items = 200)]
    notices: Vec<NoticeId>,
}

/// Says that the caller has read these.
#[utoipa::path(
    request_body = MarkRead,
    responses((status = 204, description = "Marked as read")),
    security(("practice" = ["notices.read"])),
)]
#[post("/notices/read")]
pub(super) async fn mark_read(caller: Caller<NoticesRead>, body: Body<MarkRead>) -> Result<Reply, ApiError> {
    let ids = body.value.notices;
    if ids.len() > READ_AT_ONCE {
        return Err(ApiError::parameter("/notices", format!("must be at most {READ_AT_ONCE}")));
    }
    caller
        .scope(move |scope| {
            notices::mark_read(scope, &ids)?;
            Ok(Reply::nothing())
        })
        .await
}
