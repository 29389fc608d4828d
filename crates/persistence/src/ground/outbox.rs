//! The outbox: events for other systems, with identifiers and no content, written in the transaction that they are about
//! (`record`) and numbered after it is committed.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types;

use crate::ground::error::StoreError;
use crate::ground::page::{CLEARED_AT_ONCE, as_limit};
use crate::ground::scope::WorkerScope;

/// The number of events that are numbered in one transaction.
pub const NUMBERED_AT_ONCE: usize = 500;

/// The time for which a feed can be read again.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Numbers the oldest events that are committed and have no number, at most [`NUMBERED_AT_ONCE`]. Returns how many it
/// numbered. The numbers of each feed continue from its last. The scope is one without a practice.
///
/// One transaction numbers at a time, so that a reader who has seen a number never finds a lower one later.
pub fn number_events(scope: &mut WorkerScope<'_>) -> Result<usize, StoreError> {
    // The lock is a statement of its own, so that the next statement sees what was numbered while this one waited.
    diesel::sql_query("SELECT pg_advisory_xact_lock(7021848512060318)").execute(scope.conn)?;
    Ok(diesel::sql_query(
        "WITH oldest AS (
             SELECT owner_id, event_id, recipient_id, feed, at FROM outbox WHERE number IS NULL ORDER BY at, event_id LIMIT $1
         ), placed AS (
             SELECT owner_id, event_id, recipient_id, feed,
                 row_number() OVER (PARTITION BY recipient_id, feed ORDER BY at, event_id) AS place,
                 count(*) OVER (PARTITION BY recipient_id, feed) AS many
             FROM oldest
         ), head AS (
             INSERT INTO feed_heads AS head (owner_id, feed, number)
             SELECT recipient_id, feed, count(*) FROM oldest GROUP BY recipient_id, feed
             ON CONFLICT (owner_id, feed) DO UPDATE SET number = head.number + excluded.number
             RETURNING owner_id AS recipient_id, feed, number
         )
         UPDATE outbox SET number = head.number - placed.many + placed.place
         FROM placed JOIN head USING (recipient_id, feed)
         WHERE outbox.owner_id = placed.owner_id AND outbox.event_id = placed.event_id",
    )
    .bind::<sql_types::BigInt, _>(as_limit(NUMBERED_AT_ONCE))
    .execute(scope.conn)?)
}

/// Removes events that were numbered and are older than the days for which a feed can be read again, at most
/// [`CLEARED_AT_ONCE`]. The head of the feed knows up to which number. Returns how many it removed.
pub(crate) fn clear_away(scope: &mut WorkerScope<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    #[derive(QueryableByName)]
    struct Removed {
        #[diesel(sql_type = sql_types::BigInt)]
        count: i64,
    }
    let removed: Removed = diesel::sql_query(
        "WITH old AS (
             DELETE FROM outbox WHERE (owner_id, event_id) IN
                 (SELECT owner_id, event_id FROM outbox WHERE number IS NOT NULL AND at < $1 ORDER BY recipient_id, feed, number LIMIT $2)
             RETURNING recipient_id, feed, number
         ), head AS (
             UPDATE feed_heads SET removed = GREATEST(removed, last.number)
             FROM (SELECT recipient_id, feed, max(number) AS number FROM old GROUP BY recipient_id, feed) last
             WHERE feed_heads.owner_id = last.recipient_id AND feed_heads.feed = last.feed
         )
         SELECT count(*) AS count FROM old",
    )
    .bind::<sql_types::Timestamptz, _>(now - KEPT)
    .bind::<sql_types::BigInt, _>(as_limit(CLEARED_AT_ONCE))
    .get_result(scope.conn)?;
    Ok(usize::try_from(removed.count).unwrap_or_default())
}
