//! What councils release to the practice of what was learnt from complaints.

use almoner_persistence::Page;
use almoner_persistence::complaints::learning::{self, Learning};

use crate::ground::caller::Caller;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::permission::LearningRead;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list);
}

/// Lists what councils released to the practice of what was learnt from complaints, the newest first.
///
/// An officer of the council wrote it for the practice, without anybody's name. It says nothing of any complaint.
#[utoipa::path(get, path = "/learning")]
async fn list(caller: Caller<LearningRead>, page: Query<PageQuery>) -> Result<Reply<Page<Learning>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| learning::list(scope, &paging).map(no_record::of_a_tenant)).await
}
