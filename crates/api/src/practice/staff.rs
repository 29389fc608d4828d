//! Who works at the practice.

use actix_web::get;
use almoner_persistence::Page;
use almoner_persistence::staff::{self, Colleague};

use crate::caller::Caller;
use crate::page::{PageQuery, Query};
use crate::permission::StaffRead;
use crate::problem::ApiError;
use crate::reply::Reply;

/// The caller's colleagues: whom a case can be given to, and whom a complaint can be about.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page of colleagues", body = Page<Colleague>)),
    security(("practice" = ["staff.read"])),
)]
#[get("/staff")]
pub(super) async fn list(caller: Caller<StaffRead>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&staff::colleagues(scope, &paging)?)).await
}
