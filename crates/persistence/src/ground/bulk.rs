//! Keys and lines of timelines for many people at once: one statement for a table, with an array for each column, so that the
//! statement is the same however many rows there are.

use almoner_domain::events::{CaseKey, TimelineKind};
use almoner_domain::ids::{KeyId, PracticeId, StaffId};
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::ground::database_url::with_defaults;
use crate::ground::error::StoreError;
use crate::ground::random;
use crate::ground::scope::Scope;
use crate::ground::sealing::Key;

/// Renews the planner's statistics, which only the owner of the tables may do; for others it does nothing.
///
/// Without them a foreign key that names a person is looked up through the index of the person's team, which is as long as
/// the practice has people.
pub fn renew_statistics(database_url: &str) -> Result<(), StoreError> {
    let mut connection = PgConnection::establish(&with_defaults(database_url))
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(connection.batch_execute("ANALYZE")?)
}

/// A line of a case's timeline, with the time at which it is said to have been written.
pub(crate) struct PastLine {
    pub(crate) id: Uuid,
    pub(crate) case: CaseKey,
    pub(crate) kind: TimelineKind,
    pub(crate) at: DateTime<Utc>,
    pub(crate) by: StaffId,
    pub(crate) subject: Option<Uuid>,
}

impl Scope<'_> {
    /// Makes the keys of `count` people of this owner's.
    pub(crate) fn new_keys(&mut self, owner: Uuid, count: usize) -> Result<Vec<(KeyId, Key)>, StoreError> {
        let root = self.root_key(owner)?;
        let keys: Vec<(Uuid, Key)> =
            (0..count).map(|_| (uuid::Builder::from_random_bytes(random::bytes()).into_uuid(), Key::new())).collect();
        let ids: Vec<Uuid> = keys.iter().map(|(id, _)| *id).collect();
        let wrapped: Vec<Vec<u8>> =
            keys.iter().map(|(id, key)| root.wrap(owner, *id, key)).collect::<Result<_, _>>()?;
        diesel::sql_query(
            "INSERT INTO sealing_keys (owner_id, key_id, version, wrapped, created_at)
             SELECT $1, made.id, $2, made.wrapped, $3 FROM unnest($4, $5) AS made (id, wrapped)",
        )
        .bind::<SqlUuid, _>(owner)
        .bind::<Integer, _>(i32::from(root.version()))
        .bind::<Timestamptz, _>(self.at)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Binary>, _>(wrapped)
        .execute(self.conn)?;
        Ok(keys.into_iter().map(|(id, key)| (KeyId::from(id), key)).collect())
    }

    /// Appends lines to the timelines of a practice's cases.
    pub(crate) fn append_past_lines(&mut self, practice: PracticeId, lines: &[PastLine]) -> Result<(), StoreError> {
        let column = |of: fn(&PastLine) -> Uuid| lines.iter().map(of).collect::<Vec<Uuid>>();
        diesel::sql_query(
            "INSERT INTO case_events (practice_id, event_id, case_id, service_user_id, access_restricted, team_id, kind, at,
                 staff_id, subject_id)
             SELECT $1, line.*
             FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) AS line",
        )
        .bind::<SqlUuid, _>(practice.uuid())
        .bind::<Array<SqlUuid>, _>(column(|line| line.id))
        .bind::<Array<SqlUuid>, _>(column(|line| line.case.case.uuid()))
        .bind::<Array<SqlUuid>, _>(column(|line| line.case.person.uuid()))
        .bind::<Array<Bool>, _>(lines.iter().map(|line| line.case.access_restricted).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(column(|line| line.case.team.uuid()))
        .bind::<Array<Text>, _>(lines.iter().map(|line| line.kind.as_str()).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(lines.iter().map(|line| line.at).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(column(|line| line.by.uuid()))
        .bind::<Array<Nullable<SqlUuid>>, _>(lines.iter().map(|line| line.subject).collect::<Vec<_>>())
        .execute(self.conn)?;
        Ok(())
    }
}
