//! The council's feed of events.

use almoner_domain::events::{Feed, OutboxKind};
use almoner_domain::fault::Fault;
use almoner_domain::ids::CouncilRequestId;
use almoner_persistence::referrals::feed::{self, CouncilEventKind, CouncilEvents, CouncilEventsAsked, FeedPosition};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::Query;
use crate::ground::permission::{EventsPosition, EventsRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list refuses EventsRemoved, read_position, keep_position);
}

/// The greatest number that every reader of JSON takes as it is (RFC 7493 §2.2).
const GREATEST: i64 = 9_007_199_254_740_991;

/// Where in a feed to begin, and how many events to return.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsFrom {
    /// Begins after this number: the `next_after` of the answer before. Left out, it begins with the oldest event that is kept.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub(super) after: Option<i64>,
    /// The greatest number of events in the answer: 1 to 200, 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

impl EventsFrom {
    pub(super) fn limit(&self) -> i64 {
        self.limit.unwrap_or(50)
    }

    /// Returns what is wrong with each of these parameters.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let is_beyond = self.after.is_some_and(|after| !(0..=GREATEST).contains(&after));
        let after = is_beyond.then(|| Fault::new("after", "must be from 0 to 9007199254740991"));
        let limit = (!(1..=200).contains(&self.limit())).then(|| Fault::new("limit", "must be from 1 to 200"));
        after.into_iter().chain(limit).collect()
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventsFilter {
    /// Returns only events of this kind.
    #[param(inline, value_type = Option<CouncilEventKind>)]
    kind: Option<OutboxKind>,
    /// Returns only events of this referral.
    referral_id: Option<CouncilRequestId>,
}

/// Lists what has happened to the council's referrals, in the order of its numbers.
///
/// Each event has the next number, given after it is committed, so that a reader who goes on after `next_after` misses none.
/// Events are kept for 90 days. They have identifiers and no content: read the referral.
#[utoipa::path(get, path = "/events")]
async fn list(
    caller: Caller<EventsRead>,
    from: Query<EventsFrom>,
    filter: Query<EventsFilter>,
) -> Result<Reply<CouncilEvents>, ApiError> {
    let EventsFilter { kind, referral_id: referral } = filter.0;
    let mut faults = from.0.faults();
    if kind.is_some_and(|kind| kind.feed() != Feed::Council) {
        faults.push(Fault::new("kind", "must be a kind of event of this feed"));
    }
    if !faults.is_empty() {
        return Err(ApiError::validation_failed(faults));
    }
    let asked = CouncilEventsAsked { after: from.0.after, kind, referral, limit: from.0.limit() };
    caller.read(move |scope| feed::read(scope, asked).map(no_record::of_a_tenant)).await
}

/// Shows how far this client has read the feed, as it last said.
#[utoipa::path(get, path = "/events/position")]
async fn read_position(caller: Caller<EventsPosition>) -> Result<Reply<FeedPosition>, ApiError> {
    caller.read(move |scope| feed::position(scope).map(no_record::own)).await
}

/// Keeps how far this client has read the feed.
///
/// The service only keeps it for the client: reading the feed neither needs it nor changes it.
#[utoipa::path(put, path = "/events/position")]
async fn keep_position(
    caller: Caller<EventsPosition>,
    body: Body<FeedPosition>,
) -> Result<Reply<FeedPosition>, ApiError> {
    caller
        .scope(move |scope| {
            feed::keep_position(scope, &body.value)?;
            Reply::ok(&no_record::own(body.value))
        })
        .await
}
