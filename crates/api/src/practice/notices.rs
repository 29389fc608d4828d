//! What the caller is told.

use almoner_domain::ids::NoticeId;
use almoner_persistence::Page;
use almoner_persistence::staff::notices::{self, Notice};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::permission::NoticesRead;
use crate::ground::problem::ApiError;
use crate::ground::reply::{NoContent, Reply};

/// How many notices are marked as read at once.
const READ_AT_ONCE: usize = 200;

pub(super) fn routes(door: &mut ServiceConfig<'_>) {
    operations!(door: list, mark_read);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NoticesFilter {
    /// Only those that the caller has not read.
    unread: Option<bool>,
}

/// Lists what the caller was told, the newest first.
#[utoipa::path(get, path = "/notices")]
async fn list(
    caller: Caller<NoticesRead>,
    page: Query<PageQuery>,
    filter: Query<NoticesFilter>,
) -> Result<Reply<Page<Notice>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| notices::list(scope, filter.0.unread == Some(true), &paging).map(no_record::own)).await
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

/// Says that the caller has read these notices.
#[utoipa::path(post, path = "/notices/read")]
async fn mark_read(caller: Caller<NoticesRead>, body: Body<MarkRead>) -> Result<NoContent, ApiError> {
    let ids = body.value.notices;
    if ids.len() > READ_AT_ONCE {
        return Err(ApiError::parameter("/notices", format!("must be at most {READ_AT_ONCE}")));
    }
    caller.act(move |scope| notices::mark_read(scope, &ids)).await
}
