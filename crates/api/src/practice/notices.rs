//! Notices to the caller.

use almoner_domain::ids::NoticeId;
use almoner_persistence::Page;
use almoner_persistence::staff::notices::{self, Notice};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::permission::NoticesRead;
use crate::ground::problem::ApiError;
use crate::ground::reply::{NoContent, Reply};
use crate::ground::routes::Routes;

/// The greatest number of notices that one request marks as read.
const READ_AT_ONCE: usize = 200;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, mark_read refuses NotFound);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NoticesFilter {
    /// Returns only notices that the caller has not read.
    unread: Option<bool>,
}

/// Lists the caller's notices, the newest first.
#[utoipa::path(get, path = "/notices")]
async fn list(
    caller: Caller<NoticesRead>,
    page: Query<PageQuery>,
    filter: Query<NoticesFilter>,
) -> Result<Reply<Page<Notice>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| notices::list(scope, filter.0.unread == Some(true), &paging).map(no_record::own)).await
}

/// A request to mark notices as read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "notices": [] }))]
struct MarkRead {
    /// The identifiers of the notices, 1 to 200.
    #[schema(max_items = 200)]
    notices: Vec<NoticeId>,
}

/// Marks the caller's notices as read.
#[utoipa::path(post, path = "/notices/read")]
async fn mark_read(caller: Caller<NoticesRead>, body: Body<MarkRead>) -> Result<NoContent, ApiError> {
    let ids = body.value.notices;
    if ids.len() > READ_AT_ONCE {
        return Err(ApiError::parameter("/notices", format!("must be at most {READ_AT_ONCE}")));
    }
    caller.act(move |scope| notices::mark_read(scope, &ids)).await
}
