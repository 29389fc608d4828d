//! The outbox: events for others, thin, written in the transaction that they are about and numbered after it is committed.

use almoner_domain::ids::EventId;
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::as_limit;
use crate::ground::schema::outbox;
use crate::ground::scope::{Scope, WorkerScope};

/// How many events are numbered in one transaction.
pub const NUMBERED_AT_ONCE: usize = 500;

impl Scope<'_> {
    /// Puts an event into the outbox of whoever this scope acts for, for a recipient's feed.
    pub(crate) fn announce(&mut self, recipient: Uuid, kind: &'static str, subject: Uuid) -> Result<(), StoreError> {
        let owner = self.log;
        self.announce_from(owner, recipient, kind, subject)
    }

    /// Puts an event into somebody else's outbox: a holder's, of a complaint that arrived there.
    pub(crate) fn announce_from(
        &mut self,
        owner: Uuid,
        recipient: Uuid,
        kind: &'static str,
        subject: Uuid,
    ) -> Result<(), StoreError> {
        diesel::insert_into(outbox::table)
            .values((
                outbox::owner_id.eq(owner),
                outbox::event_id.eq(self.next_id::<EventId>().uuid()),
                outbox::recipient_id.eq(recipient),
                outbox::kind.eq(kind),
                outbox::subject_id.eq(subject),
                outbox::at.eq(self.at()),
            ))
            .execute(self.conn)?;
        Ok(())
    }
}

/// Numbers the oldest events that are committed and have no number, at most [`NUMBERED_AT_ONCE`]; gives how many. Each
/// recipient's numbers go on from their last. The scope is one without a practice.
///
/// One transaction at a time: a reader who has seen a number never finds a lower one later.
pub fn number_events(scope: &mut WorkerScope<'_>) -> Result<usize, StoreError> {
    // A statement of its own: the next one sees what was numbered while this one waited.
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
