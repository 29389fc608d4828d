//! What the cluster's superuser does for a test: counts what the audit log has, in every chain, and clears away the notices of
//! a practice's making.

use almoner_domain::ids::PracticeId;
use diesel::{Connection, PgConnection, RunQueryDsl, sql_types};
use uuid::Uuid;

use crate::council::Council;
use crate::postgres;
use crate::world::{Practice, World};

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

impl World {
    /// Counts the events of a kind in a practice's audit log, in all its chains.
    pub fn audited(&self, practice: &Practice, action: &str) -> i64 {
        self.audited_of(practice.id.uuid(), action)
    }

    /// Counts the entries of an action in the logs of this owner.
    pub fn audited_of(&self, owner: Uuid, action: &str) -> i64 {
        count("SELECT count(*) AS count FROM audit_events WHERE owner_id = $1 AND action = $2", owner, action)
    }

    /// Counts the entries of an action in the logs of this owner that keep a reason.
    pub fn audited_with_a_reason(&self, owner: Uuid, action: &str) -> i64 {
        let query =
            "SELECT count(*) AS count FROM audit_events WHERE owner_id = $1 AND action = $2 AND reason IS NOT NULL";
        count(query, owner, action)
    }

    /// Counts the announcements of a kind to this council, about its request with this identifier.
    pub fn announced(&self, council: &Council, kind: &str, request: &str) -> i64 {
        let query = format!(
            "SELECT count(*) AS count FROM outbox WHERE recipient_id = $1 AND kind = $2 AND subject_id = '{request}'"
        );
        count(&query, council.id.uuid(), kind)
    }

    /// Counts the refusals of an attempt that are on record about this subject, wherever they are.
    pub fn refused(&self, subject: Uuid, attempt: &str) -> i64 {
        count(
            "SELECT count(*) AS count FROM audit_events WHERE subject_id = $1 AND action = $2 AND outcome = 'refused'",
            subject,
            attempt,
        )
    }
}

/// Clears away what the staff of a practice were told while it was made.
pub(crate) fn clear_notices(practice: PracticeId) {
    diesel::sql_query("DELETE FROM notices WHERE practice_id = $1")
        .bind::<sql_types::Uuid, _>(practice.uuid())
        .execute(&mut database())
        .expect("the notices");
}

pub(crate) fn database() -> PgConnection {
    PgConnection::establish(&postgres::superuser_url(postgres::shared())).expect("the database")
}

fn count(query: &str, id: Uuid, action: &str) -> i64 {
    diesel::sql_query(query)
        .bind::<sql_types::Uuid, _>(id)
        .bind::<sql_types::Text, _>(action)
        .get_result::<Count>(&mut database())
        .expect("a count")
        .count
}
