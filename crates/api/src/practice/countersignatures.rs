//! Countersignatures: the decisions of second persons about adverse actions.

use almoner_domain::cases::case::{Countersign as Agreement, RefuseCountersignature};
use almoner_domain::ids::CountersignatureId;
use almoner_persistence::cases::countersignatures::{self, Countersignature};
use almoner_persistence::{Page, PracticeScope, StoreError, cases, referrals};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{Countersign, CountersignaturesAsk, CountersignaturesRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Reply, ReplyOrNothing};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        read,
        approve refuses InvalidState,
        refuse refuses InvalidState,
        take_back refuses InvalidState,
    );
}

/// Lists the requests that wait for the caller's decision.
#[utoipa::path(get, path = "/countersignatures")]
async fn list(
    caller: Caller<CountersignaturesRead>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Countersignature>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| countersignatures::list(scope, &paging)).await
}

/// Shows one request.
///
/// The signatory who was drawn may read it, and the member of staff who made it, who does not learn who was drawn.
#[utoipa::path(get, path = "/countersignatures/{id}")]
async fn read(
    caller: Caller<CountersignaturesAsk>,
    id: Path<CountersignatureId>,
) -> Result<Reply<Countersignature>, ApiError> {
    caller.read(move |scope| countersignatures::read(scope, id.0)).await
}

/// Approves a request.
///
/// The signatory declares that the decision would be the same if nobody had complained, and states the evidence. What waited
/// for them takes effect. The answer is empty if that closes the record to them.
#[utoipa::path(post, path = "/countersignatures/{id}/approve")]
async fn approve(
    caller: Caller<Countersign>,
    id: Path<CountersignatureId>,
    if_match: IfMatch,
    body: Body<Agreement>,
) -> Result<ReplyOrNothing<Countersignature>, ApiError> {
    caller
        .scope(move |scope| decide(scope, id.0, if_match, |scope, asked| referrals::approve(scope, asked, &body.value)))
        .await
}

/// Refuses a request.
///
/// What waited for it does not happen, and what had taken effect is undone: the worker has the case again, the restriction
/// ends or is what it was before, and the warning note is in force no longer. The answer is empty if that closes the record to the signatory.
#[utoipa::path(post, path = "/countersignatures/{id}/refuse")]
async fn refuse(
    caller: Caller<Countersign>,
    id: Path<CountersignatureId>,
    if_match: IfMatch,
    body: Body<RefuseCountersignature>,
) -> Result<ReplyOrNothing<Countersignature>, ApiError> {
    caller
        .scope(move |scope| decide(scope, id.0, if_match, |scope, asked| referrals::refuse(scope, asked, &body.value)))
        .await
}

/// Takes a request back that waits for a countersigner from outside.
///
/// Only the member of staff who made the request may take it back, and only while nobody at the practice is left to
/// decide. A review of what has taken effect is not taken back.
#[utoipa::path(post, path = "/countersignatures/{id}/take-back")]
async fn take_back(
    caller: Caller<CountersignaturesAsk>,
    id: Path<CountersignatureId>,
    if_match: IfMatch,
) -> Result<Reply<Countersignature>, ApiError> {
    caller.change(if_match, move |scope| countersignatures::find(scope, id.0), cases::take_back).await
}

/// Decides on a request, and shows it to the signatory unless the decision has closed the record to them.
fn decide(
    scope: &mut PracticeScope<'_>,
    id: CountersignatureId,
    if_match: IfMatch,
    decision: impl FnOnce(&mut PracticeScope<'_>, &Countersignature) -> Result<(), StoreError>,
) -> Result<ReplyOrNothing<Countersignature>, ApiError> {
    let asked = countersignatures::find(scope, id)?;
    if_match.check_of(&asked)?;
    decision(scope, &asked)?;
    match countersignatures::find(scope, id) {
        Ok(decided) => Ok(ReplyOrNothing::Reply(Reply::ok(&no_record::changed(decided))?)),
        Err(StoreError::NotFound) => Ok(ReplyOrNothing::Nothing),
        Err(error) => Err(error.into()),
    }
}
