//! The onboarding items that a practice needs before it may work.

use almoner_domain::contracts::onboarding::Item;
use almoner_domain::ids::PracticeId;
use almoner_persistence::Page;
use almoner_persistence::contracts::onboarding::{self, Onboarding, OnboardingSummary, RecordItem};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::Operate;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, read, record_item);
}

/// Lists the practices, with the number of items that each still lacks before it may work.
#[utoipa::path(get, path = "/onboarding")]
async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply<Page<OnboardingSummary>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| onboarding::list(scope, &paging).map(no_record::of_a_tenant)).await
}

/// Shows the items that a practice needs before it may work, with the missing ones.
#[utoipa::path(get, path = "/practices/{id}/onboarding")]
async fn read(caller: Caller<Operate>, id: Path<PracticeId>) -> Result<Reply<Onboarding>, ApiError> {
    caller.read(move |scope| onboarding::find(scope, id.0).map(no_record::of_a_tenant)).await
}

/// Records that an onboarding item was done, or done again.
///
/// An item that is derived from data in the service cannot be recorded (422).
#[utoipa::path(put, path = "/practices/{id}/onboarding/{item}")]
async fn record_item(
    caller: Caller<Operate>,
    path: Path<(PracticeId, Item)>,
    if_match: IfMatch,
    body: Body<RecordItem>,
) -> Result<Reply<Onboarding>, ApiError> {
    let (id, item) = path.0;
    caller
        .scope(move |scope| {
            if_match.check(onboarding::find_to_change(scope, id)?.version)?;
            onboarding::record(scope, id, item, &body.value)?;
            Reply::ok(&no_record::changed(onboarding::find(scope, id)?))
        })
        .await
}
