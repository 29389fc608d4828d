//! Leaving a practice on a day ahead or with open work, acting managers, and absence.

use almoner_domain::ids::StaffId;
use almoner_domain::staff::absence::Absence;
use almoner_domain::staff::acting::ActAsManager;
use almoner_domain::staff::leaving::{Leaving, WithOpenWork};
use almoner_domain::words::date;
use almoner_persistence::cases::open_work::{self, OpenWork};
use almoner_persistence::referrals::leaving;
use almoner_persistence::staff::{self, Member, absence, acting};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{StaffAppoint, StaffManage, StaffRead, StaffSee};
use crate::ground::problem::ApiError;
use crate::ground::reply::{NoContent, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list_open_work,
        plan refuses InvalidState OpenWork,
        stay refuses InvalidState,
        appoint refuses InvalidState,
        relieve refuses InvalidState,
        say_absence,
        end_absence,
    );
}

/// Lists the open work of a colleague: the cases that are allocated to them.
///
/// The cases are listed by identifier, and nothing says what they are about.
#[utoipa::path(get, path = "/staff/{id}/open-work")]
async fn list_open_work(caller: Caller<StaffSee>, id: Path<StaffId>) -> Result<Reply<OpenWork>, ApiError> {
    caller.read(move |scope| open_work::list(scope, id.0)).await
}

/// How a member of staff leaves.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "last_day": "2026-12-11", "with_open_work": "wait" }))]
struct PlanLeaving {
    /// The last day on which they work. Their access ends with it, in London. Left out, they leave now, or as soon as their
    /// open work has been moved.
    #[serde(default, deserialize_with = "date::optional")]
    last_day: Option<NaiveDate>,
    /// What happens where cases are allocated to them: `refuse` (unless another is said) refuses with a list of them, `wait`
    /// lets them work until the cases have been moved, and `end_access` ends their access all the same.
    with_open_work: Option<WithOpenWork>,
}

/// Says that a member of staff leaves: on a day ahead, or with open work. The managers are told.
///
/// They act until the end of their last day, and are nobody here from then on. They have left (`left_at`) once their access
/// has ended and no case is allocated to them any more. It replaces what was said before.
#[utoipa::path(put, path = "/staff/{id}/leaving")]
async fn plan(
    caller: Caller<StaffManage>,
    id: Path<StaffId>,
    if_match: IfMatch,
    body: Body<PlanLeaving>,
) -> Result<Reply<Member>, ApiError> {
    let PlanLeaving { last_day, with_open_work } = body.value;
    let wish = Leaving { last_day, with_open_work: with_open_work.unwrap_or(WithOpenWork::Refuse) };
    caller
        .change(
            if_match,
            move |scope| staff::find_own(scope, id.0),
            move |scope, known| leaving::plan(scope, known, wish),
        )
        .await
}

/// Withdraws the leaving of a member of staff whose access has not ended. They stay.
#[utoipa::path(delete, path = "/staff/{id}/leaving")]
async fn stay(caller: Caller<StaffManage>, id: Path<StaffId>, if_match: IfMatch) -> Result<Reply<Member>, ApiError> {
    caller.change(if_match, move |scope| staff::find_own(scope, id.0), leaving::stay).await
}

/// Gives a member of staff the power of a manager until the end of a day, in place of what they were given before.
///
/// A manager or an administrator gives it, and nobody who acts as a manager themselves. It is no power until a second person
/// has confirmed it (`POST …/confirm`), like a role that opens records. It ends by itself. Whoever acts does nothing that is kept
/// from the manager for whom they act or from whoever gave them the power.
#[utoipa::path(put, path = "/staff/{id}/acting")]
async fn appoint(
    caller: Caller<StaffAppoint>,
    id: Path<StaffId>,
    if_match: IfMatch,
    body: Body<ActAsManager>,
) -> Result<Reply<Member>, ApiError> {
    let wish = body.value;
    caller
        .change(
            if_match,
            move |scope| staff::find_own(scope, id.0),
            move |scope, known| acting::write(scope, known, &wish),
        )
        .await
}

/// Ends the power of an acting manager before its day.
#[utoipa::path(delete, path = "/staff/{id}/acting")]
async fn relieve(
    caller: Caller<StaffAppoint>,
    id: Path<StaffId>,
    if_match: IfMatch,
) -> Result<Reply<Member>, ApiError> {
    caller.change(if_match, move |scope| staff::find_own(scope, id.0), acting::relieve).await
}

/// Says on which days the caller is away, and who stands in. It replaces what was said before.
///
/// Colleagues see it, the managers and the stand-in are told, and nobody who is away is drawn to decide as a second person
/// while another can be. The stand-in gets no power by it: that is what an acting manager is for.
#[utoipa::path(put, path = "/absence")]
async fn say_absence(caller: Caller<StaffRead>, body: Body<Absence>) -> Result<NoContent, ApiError> {
    caller.act(move |scope| absence::say(scope, &body.value)).await
}

/// Withdraws or ends the caller's absence.
#[utoipa::path(delete, path = "/absence")]
async fn end_absence(caller: Caller<StaffRead>) -> Result<NoContent, ApiError> {
    caller.act(absence::end).await
}
