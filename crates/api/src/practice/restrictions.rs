//! Restrictions, which limit a person's record to named members of staff.

use almoner_domain::ids::ServiceUserId;
use almoner_domain::people::access_restriction::Restrict;
use almoner_domain::words::date;
use almoner_persistence::cases;
use almoner_persistence::people::access_restrictions::{self, Access, RestrictionSummary};
use almoner_persistence::referrals;
use almoner_persistence::{Page, StoreError};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::AccessManage;
use crate::ground::problem::ApiError;
use crate::ground::reply::{NoContent, Reply, ReplyOrNothing};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: read,
        set refuses InvalidState,
        lift refuses InvalidState,
        list,
    );
}

/// Shows whether a record is restricted, the members of staff to whom it is open, and the reason.
#[utoipa::path(get, path = "/service-users/{id}/restriction")]
async fn read(caller: Caller<AccessManage>, id: Path<ServiceUserId>) -> Result<Reply<Access>, ApiError> {
    caller.read(move |scope| access_restrictions::access(scope, id.0)).await
}

/// Restricts a record to the members of staff named, and replaces an earlier restriction.
///
/// It is an adverse action: the ground decides whether it takes effect at once and a second person reviews it, or waits for one.
/// The caller may leave themselves out. The answer then says that the record is restricted, and no more.
#[utoipa::path(put, path = "/service-users/{id}/restriction")]
async fn set(
    caller: Caller<AccessManage>,
    id: Path<ServiceUserId>,
    if_match: IfMatch,
    body: Body<Restrict>,
) -> Result<ReplyOrNothing<Access>, ApiError> {
    caller
        .scope(move |scope| {
            let person = referrals::hold_with_referrals(scope, id.0)?;
            if_match.check(person.version())?;
            let asked = cases::restrict(scope, &person, &body.value)?;
            match access_restrictions::access(scope, id.0) {
                Ok(access) => {
                    let access = access.map(|access| Access { countersignature_id: asked, ..access });
                    Ok(ReplyOrNothing::Reply(Reply::ok(&access)?))
                }
                Err(StoreError::NotFound) => Ok(ReplyOrNothing::Nothing),
                Err(error) => Err(error.into()),
            }
        })
        .await
}

/// Lifts a restriction. Exclusions from the record remain.
#[utoipa::path(delete, path = "/service-users/{id}/restriction")]
async fn lift(caller: Caller<AccessManage>, id: Path<ServiceUserId>, if_match: IfMatch) -> Result<NoContent, ApiError> {
    caller
        .scope(move |scope| {
            let person = access_restrictions::lock_record(scope, id.0)?;
            if_match.check(person.version())?;
            access_restrictions::lift(scope, &person)?;
            Ok(NoContent)
        })
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RestrictionsFilter {
    /// Returns only restrictions that are due for review on or before this day.
    #[serde(default, deserialize_with = "date::optional")]
    review_on_or_before: Option<NaiveDate>,
}

/// Lists the restrictions on the records that are open to the caller, by the day of their review.
#[utoipa::path(get, path = "/restrictions")]
async fn list(
    caller: Caller<AccessManage>,
    page: Query<PageQuery>,
    filter: Query<RestrictionsFilter>,
) -> Result<Reply<Page<RestrictionSummary>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| access_restrictions::restrictions(scope, filter.0.review_on_or_before, &paging)).await
}
