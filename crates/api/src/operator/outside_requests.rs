//! The requests for a second person's decision that wait for a countersigner from outside their practice.

use almoner_persistence::Page;
use almoner_persistence::cases::outside::{self, OutsideRequest};

use crate::ground::caller::Caller;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::permission::Operate;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list);
}

/// Lists the requests that nobody at their practice is left to decide.
///
/// A request says which practice it is of and since when it waits, and nothing of the case, the person or the staff.
#[utoipa::path(get, path = "/outside-requests")]
async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply<Page<OutsideRequest>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| outside::list(scope, &paging).map(no_record::of_a_tenant)).await
}
