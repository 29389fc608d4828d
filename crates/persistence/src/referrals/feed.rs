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
const VERSION: i32 = 1;

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
#[derive(Clone, Copy, Debug)]
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
    let kinds = OutboxKind::ALL.iter().filter(|kind| kind.feed() == Feed::Council).map(|kind| kind.as_str());
    one_of("What happened.", &kinds.collect::<Vec<_>>())
}

/// Finds the number of the last event of the council's feed, and of the last that was removed.
fn head(scope: &mut CouncilScope<'_>) -> Result<(i64, i64), StoreError> {
    let head: Option<(i64, i64)> = feed_heads::table
        .filter(feed_heads::owner_id.eq(scope.council_id().uuid()).and(feed_heads::feed.eq(Feed::Council)))
        .select((feed_heads::number, feed_heads::removed))
        .first(scope.conn)
        .optional()?;
    Ok(head.unwrap_or_default())
}

/// Fails with `EventsRemoved` where events after this number have been removed.
fn refuse_what_was_removed(after: i64, removed: i64) -> Result<(), StoreError> {
    if after < removed { Err(StoreError::EventsRemoved(removed)) } else { Ok(()) }
}

/// Reads a part of the council's feed. Fails with `EventsRemoved` where it would not begin where it was asked to.
pub fn read(scope: &mut CouncilScope<'_>, asked: CouncilEventsAsked) -> Result<CouncilEvents, StoreError> {
    let council = scope.council_id().uuid();
    let (last, removed) = head(scope)?;
    let after = asked.after.unwrap_or(removed);
    refuse_what_was_removed(after, removed)?;
    let mut query = outbox::table
        .filter(outbox::recipient_id.eq(council).and(outbox::feed.eq(Feed::Council)))
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
    let mut rows: Vec<(i64, OutboxKind, DateTime<Utc>, Uuid)> = query.load(scope.conn)?;
    // Where the next event is not here, it may have been removed after the head was read.
    let has_the_next = rows.first().is_some_and(|(number, ..)| *number == after + 1);
    if asked.after.is_some() && after < last && !has_the_next {
        refuse_what_was_removed(after, head(scope)?.1)?;
    }
    let has_more = rows.len() > usize::try_from(asked.limit).unwrap_or_default();
    if has_more {
        rows.pop();
    }
    let next_after = if has_more { rows.last().map_or(after, |(number, ..)| *number) } else { last.max(after) };
    let items = rows.into_iter().map(|(number, kind, at, subject)| CouncilEvent {
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
        None => Ok(FeedPosition { after: head(scope)?.1 }),
    }
}

/// Keeps how far the client has read the feed. It may go back, to read again.
pub fn keep_position(scope: &mut CouncilScope<'_>, position: &FeedPosition) -> Result<(), StoreError> {
    let (last, _) = head(scope)?;
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
