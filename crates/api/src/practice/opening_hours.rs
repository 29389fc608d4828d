//! The opening hours of the practice.

use almoner_domain::tenancy::opening_hours::OpeningHours;
use almoner_persistence::tenancy::opening_hours::{self, OwnOpeningHours};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::permission::{OpeningHoursManage, OpeningHoursRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: read, set);
}

/// Shows the opening hours of the practice: 9 to 17 on working days, unless it has set others.
#[utoipa::path(get, path = "/opening-hours")]
async fn read(caller: Caller<OpeningHoursRead>) -> Result<Reply<OwnOpeningHours>, ApiError> {
    caller.read(|scope| opening_hours::read(scope).map(no_record::of_a_tenant)).await
}

/// Sets the opening hours of the practice.
///
/// The minutes in which a human looks at an urgent or an immediate referral count while the practice is open. The first time,
/// the `ETag` to match is `"0"`. Times that councils were told before stay as they are.
#[utoipa::path(put, path = "/opening-hours")]
async fn set(
    caller: Caller<OpeningHoursManage>,
    if_match: IfMatch,
    body: Body<OpeningHours>,
) -> Result<Reply<OwnOpeningHours>, ApiError> {
    caller.change(if_match, opening_hours::read, move |scope, now| opening_hours::set(scope, now, &body.value)).await
}
