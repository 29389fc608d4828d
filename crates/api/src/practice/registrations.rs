//! The registration of the practice's staff with Social Work England.

use almoner_domain::ids::StaffId;
use almoner_persistence::Page;
use almoner_persistence::staff::registrations::{self, CheckRegistration, LAPSING_WITHIN, StaffRegistration};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{StaffRead, StaffRegistrations};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, read, check);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LapsingWithin {
    /// The number of days ahead in which the end of a registration counts as near: 0 to 366, 30 if left out.
    #[param(minimum = 0, maximum = 366)]
    lapsing_within_days: Option<u16>,
}

/// Lists the social workers whose registration must be checked.
///
/// The register bars them, their registration is about to end, or it was not checked within a year or at all. Renewal
/// is from 1 September to 30 November.
#[utoipa::path(get, path = "/registrations")]
async fn list(
    caller: Caller<StaffRegistrations>,
    page: Query<PageQuery>,
    lapsing: Query<LapsingWithin>,
) -> Result<Reply<Page<StaffRegistration>>, ApiError> {
    let paging = page.0.paging()?;
    let within = lapsing.0.lapsing_within_days.unwrap_or(LAPSING_WITHIN);
    if within > 366 {
        return Err(ApiError::parameter("lapsing_within_days", "must be from 0 to 366"));
    }
    caller.read(move |scope| registrations::list(scope, within, &paging).map(no_record::of_a_tenant)).await
}

/// Shows the registration of one member of staff, as it was last checked.
///
/// The register is public, and so everybody at the practice may see this.
#[utoipa::path(get, path = "/staff/{id}/registration")]
async fn read(caller: Caller<StaffRead>, id: Path<StaffId>) -> Result<Reply<StaffRegistration>, ApiError> {
    caller.read(move |scope| registrations::find(scope, id.0).map(no_record::of_a_tenant)).await
}

/// Records what the register says about a colleague. Nobody records their own registration.
#[utoipa::path(put, path = "/staff/{id}/registration")]
async fn check(
    caller: Caller<StaffRegistrations>,
    id: Path<StaffId>,
    if_match: IfMatch,
    body: Body<CheckRegistration>,
) -> Result<Reply<StaffRegistration>, ApiError> {
    caller
        .scope(move |scope| {
            let of = registrations::find(scope, id.0)?;
            if of.staff.id == scope.staff_id() {
                return Err(ApiError::new(Kind::Forbidden).detail("Nobody looks up their own registration."));
            }
            if_match.check_of(&of)?;
            registrations::check(scope, &of, &body.value)?;
            Reply::ok(&no_record::changed(registrations::find(scope, id.0)?))
        })
        .await
}
