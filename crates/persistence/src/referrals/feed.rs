//! The feed of a council: what happened to its referrals, in the order of numbers that are given after each event is committed.
//! A reader who has seen a number never finds a lower one later.

use almoner_domain::events::{Feed, OutboxKind};
use almoner_domain::fault::Fault;
use almoner_domain::ids::CouncilRequestId;
use almoner_domain::words::closed_list::one_of;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Object, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::schema::{feed_heads, feed_positions, outbox};
use crate::ground::scope::CouncilScope;

/// The version of the events' form. Members may be added to a version; none is taken away or changed.
pub(crate) const VERSION: i32 = 1;

/// An event of the council's feed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilEvent {
    /// The number of the event in the council's feed: the first is 1, and none is left out.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub number: i64,
    /// What happened.
    #[schema(schema_with = kind_of_event)]
    pub kind: OutboxKind,
    /// The version of the event's form.
    #[schema(minimum = 1, maximum = 1000)]
    pub version: i32,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The council's referral to which it happened; left out of what happened to the council.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<CouncilRequestId>,
}

/// A part of the council's feed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilEvents {
    /// The events, in the order of their numbers.
    #[schema(max_items = 200)]
    pub items: Vec<CouncilEvent>,
    /// The number to go on after: all events up to it that fit the question are here or were before.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub next_after: i64,
    /// Whether there are more events now.
    pub has_more: bool,
}

/// Which events are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct CouncilEventsAsked {
    /// The number after which to begin: from the oldest event that is kept, if it is not said.
    pub after: Option<i64>,
    /// The kind of the events.
    pub kind: Option<OutboxKind>,
    /// The referral to which they happened.
    pub referral: Option<CouncilRequestId>,
    /// The most events to return.
    pub limit: i64,
}

/// The kinds of events that a council's feed may have, for the document.
pub struct CouncilEventKind;

impl PartialSchema for CouncilEventKind {
    fn schema() -> RefOr<Schema> {
        kind_of_event().into()
    }
}

impl ToSchema for CouncilEventKind {}

fn kind_of_event() -> Object {
    kind_of_event_in(Feed::Council)
}

/// The kinds of events that a feed may have, for the document.
pub(crate) fn kind_of_event_in(feed: Feed) -> Object {
    let kinds = OutboxKind::ALL.iter().filter(|kind| kind.feed() == feed).map(|kind| kind.as_str());
    one_of("What happened.", &kinds.collect::<Vec<_>>())
}

/// Finds the number of the last event of a feed of the council, and of the last that was removed.
fn head(scope: &mut CouncilScope<'_>, feed: Feed) -> Result<(i64, i64), StoreError> {
    let head: Option<(i64, i64)> = feed_heads::table
        .filter(feed_heads::owner_id.eq(scope.council_id().uuid()).and(feed_heads::feed.eq(feed)))
        .select((feed_heads::number, feed_heads::removed))
        .first(scope.conn)
        .optional()?;
    Ok(head.unwrap_or_default())
}

/// Fails with `EventsRemoved` where events after this number have been removed.
fn refuse_what_was_removed(after: i64, removed: i64) -> Result<(), StoreError> {
    if after < removed { Err(StoreError::EventsRemoved(removed)) } else { Ok(()) }
}

/// A part of a feed.
pub(crate) struct Part {
    /// The number, the kind, the time and the subject of each event, in the order of the numbers.
    pub(crate) events: Vec<(i64, OutboxKind, DateTime<Utc>, Uuid)>,
    /// The number to go on after.
    pub(crate) next_after: i64,
    /// Whether there are more events now.
    pub(crate) has_more: bool,
}

/// Reads a part of a feed of the council. Fails with `EventsRemoved` where it would not begin where it was asked to.
pub(crate) fn read_part(
    scope: &mut CouncilScope<'_>,
    feed: Feed,
    asked: CouncilEventsAsked,
) -> Result<Part, StoreError> {
    let council = scope.council_id().uuid();
    let (last, removed) = head(scope, feed)?;
    let after = asked.after.unwrap_or(removed);
    if after > last {
        let detail = format!("must be the number of an event, or 0: the last is {last}");
        return Err(StoreError::ValidationFailed(vec![Fault::new("after", detail)]));
    }
    refuse_what_was_removed(after, removed)?;
    let mut query = outbox::table
        .filter(outbox::recipient_id.eq(council).and(outbox::feed.eq(feed)))
        // What is numbered while this is read waits for the next question, so that `next_after` passes nothing over.
        .filter(outbox::number.gt(after).and(outbox::number.le(last)))
        .order(outbox::number)
        .limit(asked.limit + 1)
        .select((outbox::number.assume_not_null(), outbox::kind, outbox::at, outbox::subject_id))
        .into_boxed();
    if let Some(kind) = asked.kind {
        query = query.filter(outbox::kind.eq(kind));
    }
    if let Some(referral) = asked.referral {
        query = query.filter(outbox::subject_id.eq(referral.uuid()));
    }
    let mut events: Vec<(i64, OutboxKind, DateTime<Utc>, Uuid)> = query.load(scope.conn)?;
    // Where the next event is not here, it may have been removed after the head was read.
    let has_the_next = events.first().is_some_and(|(number, ..)| *number == after + 1);
    if asked.after.is_some() && after < last && !has_the_next {
        refuse_what_was_removed(after, head(scope, feed)?.1)?;
    }
    let has_more = events.len() > usize::try_from(asked.limit).unwrap_or_default();
    if has_more {
        events.pop();
    }
    let next_after = if has_more { events.last().map_or(after, |(number, ..)| *number) } else { last.max(after) };
    Ok(Part { events, next_after, has_more })
}

/// Reads a part of the council's feed. Fails with `EventsRemoved` where it would not begin where it was asked to.
pub fn read(scope: &mut CouncilScope<'_>, asked: CouncilEventsAsked) -> Result<CouncilEvents, StoreError> {
    let Part { events, next_after, has_more } = read_part(scope, Feed::Council, asked)?;
    let items = events.into_iter().map(|(number, kind, at, subject)| CouncilEvent {
        number,
        kind,
        version: VERSION,
        at,
        referral_id: kind.is_about_a_referral().then(|| CouncilRequestId::from(subject)),
    });
    Ok(CouncilEvents { items: items.collect(), next_after, has_more })
}

/// How far a client has read its council's feed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "after": 412 }))]
pub struct FeedPosition {
    /// The number of the last event that the client has dealt with.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub after: i64,
}

/// Finds how far the client has read the feed, as it last said: to before the oldest event that is kept, if it never did.
pub fn position(scope: &mut CouncilScope<'_>) -> Result<FeedPosition, StoreError> {
    let (council, client) = (scope.council_id(), scope.caller_id());
    let after: Option<i64> = feed_positions::table
        .filter(feed_positions::council_id.eq(council).and(feed_positions::client_id.eq(client)))
        .select(feed_positions::number)
        .first(scope.conn)
        .optional()?;
    match after {
        Some(after) => Ok(FeedPosition { after }),
        None => Ok(FeedPosition { after: head(scope, Feed::Council)?.1 }),
    }
}

/// Keeps how far the client has read the feed. It may go back, to read again.
pub fn keep_position(scope: &mut CouncilScope<'_>, position: &FeedPosition) -> Result<(), StoreError> {
    let (last, _) = head(scope, Feed::Council)?;
    if !(0..=last).contains(&position.after) {
        let detail = format!("must be the number of an event, or 0: the last is {last}");
        return Err(StoreError::ValidationFailed(vec![Fault::new("/after", detail)]));
    }
    let kept = (feed_positions::number.eq(position.after), feed_positions::kept_at.eq(scope.at()));
    diesel::insert_into(feed_positions::table)
        .values((
            feed_positions::council_id.eq(scope.council_id()),
            feed_positions::client_id.eq(scope.caller_id()),
            kept,
        ))
        .on_conflict((feed_positions::council_id, feed_positions::client_id))
        .do_update()
        .set(kept)
        .execute(scope.conn)?;
    Ok(())
}
