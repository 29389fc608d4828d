//! What the council's safeguarding duty is told of: that somebody is in danger or may be, who it is, and where.

use almoner_domain::ids::SafeguardingAlertId;
use almoner_persistence::Page;
use almoner_persistence::complaints::safeguarding::{self, SafeguardingAlert, SafeguardingAlertSummary, TakeAlert};
use almoner_persistence::complaints::safeguarding_feed::{self, SafeguardingEvents};
use serde::Deserialize;
use utoipa::IntoParams;

use super::events::EventsFrom;
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{SafeguardingDuty, SafeguardingEventsRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, read, take refuses InvalidState, list_events refuses EventsRemoved);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AlertsThatAre {
    /// Whether those alone are listed that nobody has taken up.
    #[serde(default)]
    untaken: bool,
}

/// Lists the safeguarding concerns of which the council's duty was told, the newest first.
///
/// Whoever lodges a complaint is asked whether somebody is in danger. Where the answer is yes or unsure, it stands here at once, with the
/// person and the place, and not a word of the complaint. So does a concern that comes to light while a complaint is looked into. The
/// duty's own feed says of each `safeguarding.alerted`, and each hour until somebody takes it up `safeguarding.untaken`.
#[utoipa::path(get, path = "/safeguarding-alerts")]
async fn list(
    caller: Caller<SafeguardingDuty>,
    page: Query<PageQuery>,
    which: Query<AlertsThatAre>,
) -> Result<Reply<Page<SafeguardingAlertSummary>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| safeguarding::list(scope, &paging, which.0.untaken)).await
}

/// Shows one safeguarding concern of which the council's duty was told.
#[utoipa::path(get, path = "/safeguarding-alerts/{id}")]
async fn read(
    caller: Caller<SafeguardingDuty>,
    id: Path<SafeguardingAlertId>,
) -> Result<Reply<SafeguardingAlert>, ApiError> {
    caller.read(move |scope| safeguarding::read(scope, id.0)).await
}

/// Takes a safeguarding concern up, and records what was done at once.
///
/// What follows is recorded where the council records its safeguarding enquiries (Care Act 2014 s42).
#[utoipa::path(post, path = "/safeguarding-alerts/{id}/take")]
async fn take(
    caller: Caller<SafeguardingDuty>,
    id: Path<SafeguardingAlertId>,
    key: IdempotencyKey,
    body: Body<TakeAlert>,
) -> Result<Created<SafeguardingAlert>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, with| safeguarding::take(scope, id.0, with),
            move |scope, _| safeguarding::read(scope, id.0),
            |alert| format!("/v1/council/safeguarding-alerts/{}", alert.id),
        )
        .await
}

/// Lists what the council's safeguarding duty is told, in the order of its numbers, for who is on duty and the system that rings them.
///
/// Each event has the next number of this feed. Events are kept for 90 days. They name a concern and nobody: an officer on duty reads it. The
/// council's other feed has nothing of them.
#[utoipa::path(get, path = "/safeguarding-events")]
async fn list_events(
    caller: Caller<SafeguardingEventsRead>,
    from: Query<EventsFrom>,
) -> Result<Reply<SafeguardingEvents>, ApiError> {
    let faults = from.0.faults();
    if !faults.is_empty() {
        return Err(ApiError::validation_failed(faults));
    }
    let (after, limit) = (from.0.after, from.0.limit());
    caller.read(move |scope| safeguarding_feed::read(scope, after, limit).map(no_record::of_a_tenant)).await
}
