//! The registration of the practice's staff with Social Work England.

use actix_web::{get, put};
use almoner_domain::ids::StaffId;
use almoner_persistence::Page;
use almoner_persistence::staff::registrations::{self, CheckRegistration, LAPSING_WITHIN, StaffRegistration};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::body::Body;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{StaffRead, StaffRegistrations};
use crate::problem::{ApiError, Kind};
use crate::reply::Reply;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Lapsing {
    /// The days ahead that count as about to lapse: 0 to 366, 30 if left out.
    #[param(minimum = 0, maximum = 366)]
    lapsing_within_days: Option<u16>,
}

/// The social workers whose registration is to be looked at: whom the register bars, whose registration is about to run out,
/// who was not looked up for a year or ever. Renewal is from 1 September to 30 November.
#[utoipa::path(
    params(PageQuery, Lapsing),
    responses((status = 200, description = "A page of social workers", body = Page<StaffRegistration>)),
    security(("practice" = ["staff.registrations"])),
)]
#[get("/registrations")]
pub(super) async fn list(
    caller: Caller<StaffRegistrations>,
    page: Query<PageQuery>,
    lapsing: Query<Lapsing>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    let within = lapsing.0.lapsing_within_days.unwrap_or(LAPSING_WITHIN);
    if within > 366 {
        return Err(ApiError::parameter("lapsing_within_days", "must be from 0 to 366"));
    }
    caller.scope(move |scope| Reply::ok(&registrations::list(scope, within, &paging)?)).await
}

/// The registration of one member of staff. The register is public, and so everybody at the practice may see this.
#[utoipa::path(
    params(("id" = StaffId, Path, description = "The member of staff")),
    responses((status = 200, description = "Their registration, as far as somebody looked", body = StaffRegistration)),
    security(("practice" = ["staff.read"])),
)]
#[get("/staff/{id}/registration")]
pub(super) async fn read(caller: Caller<StaffRead>, id: Path<StaffId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let found = registrations::find(scope, id.0)?;
            Ok(Reply::ok(&found)?.version(found.version).computed())
        })
        .await
}

/// Writes down what somebody found in the register of a colleague; never of themselves.
#[utoipa::path(
    params(("id" = StaffId, Path, description = "The member of staff"), IfMatch),
    request_body = CheckRegistration,
    responses((status = 200, description = "Their registration", body = StaffRegistration)),
    security(("practice" = ["staff.registrations"])),
)]
#[put("/staff/{id}/registration")]
pub(super) async fn check(
    caller: Caller<StaffRegistrations>,
    id: Path<StaffId>,
    if_match: IfMatch,
    body: Body<CheckRegistration>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let of = registrations::find(scope, id.0)?;
            if of.staff_id == scope.staff_id() {
                return Err(ApiError::new(Kind::Forbidden).detail("Nobody looks up their own registration."));
            }
            if_match.check(of.version)?;
            registrations::check(scope, &of, &body.value)?;
            let of = registrations::find(scope, id.0)?;
            Ok(Reply::ok(&of)?.version(of.version))
        })
        .await
}
