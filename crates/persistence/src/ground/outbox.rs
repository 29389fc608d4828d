//! The outbox: events for other systems, with identifiers and no content, written in the transaction that they are about
//! (`record`) and numbered after it is committed.

use diesel::prelude::*;
use diesel::sql_types;

use crate::ground::error::StoreError;
use crate::ground::page::as_limit;

use crate::ground::scope::WorkerScope;

/// The number of events that are numbered in one transaction.
pub const NUMBERED_AT_ONCE: usize = 500;

/// Numbers the oldest events that are committed and have no number, at most [`NUMBERED_AT_ONCE`]. Returns how many it
/// numbered. Each recipient's numbers continue from their last. The scope is one without a practice.
///
/// One transaction numbers at a time, so that a reader who has seen a number never finds a lower one later.
pub fn number_events(scope: &mut WorkerScope<'_>) -> Result<usize, StoreError> {
    // The lock is a statement of its own, so that the next statement sees what was numbered while this one waited.
    diesel::sql_query("SELECT pg_advisory_xact_lock(7021848512060318)").execute(scope.conn)?;
    Ok(diesel::sql_query(
        "WITH oldest AS (
             SELECT owner_id, event_id, recipient_id, at FROM outbox WHERE number IS NULL ORDER BY at, event_id LIMIT $1
         ), placed AS (
             SELECT owner_id, event_id, recipient_id,
                 row_number() OVER (PARTITION BY recipient_id ORDER BY at, event_id) AS place
             FROM oldest
         ), feed AS (
             SELECT recipient_id, COALESCE((SELECT max(number) FROM outbox WHERE recipient_id = r.recipient_id), 0) AS last
             FROM (SELECT DISTINCT recipient_id FROM oldest) r
         )
         UPDATE outbox SET number = feed.last + placed.place
         FROM placed JOIN feed USING (recipient_id)
         WHERE outbox.owner_id = placed.owner_id AND outbox.event_id = placed.event_id",
    )
    .bind::<sql_types::BigInt, _>(as_limit(NUMBERED_AT_ONCE))
    .execute(scope.conn)?)
}
