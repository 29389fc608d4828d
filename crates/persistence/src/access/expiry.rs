//! Deletion of sessions, secrets, assertions, tokens and keys that have expired.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types;

use crate::access::sessions::LOST_ANSWER;
use crate::ground::error::StoreError;
use crate::ground::page::{CLEARED_AT_ONCE, as_limit};
use crate::ground::scope::WorkerScope;

/// What expires, and how much longer it is kept: an hour for servers whose clocks differ, a day for questions about a key,
/// thirty days for questions about a secret.
const EXPIRING: [(&str, TimeDelta); 6] = [
    (
        "UPDATE refresh_tokens SET successor = NULL WHERE (account_id, token_hash) IN
             (SELECT account_id, token_hash FROM refresh_tokens
              WHERE successor IS NOT NULL AND replaced_at < $1 LIMIT $2)",
        LOST_ANSWER,
    ),
    (
        "DELETE FROM client_assertions WHERE (client_id, jti_hash) IN
             (SELECT client_id, jti_hash FROM client_assertions WHERE expires_at < $1 LIMIT $2)",
        TimeDelta::hours(1),
    ),
    (
        "DELETE FROM revoked_tokens WHERE (client_id, jti) IN
             (SELECT client_id, jti FROM revoked_tokens WHERE expires_at < $1 LIMIT $2)",
        TimeDelta::hours(1),
    ),
    (
        "DELETE FROM client_secrets WHERE (client_id, secret_id) IN
             (SELECT client_id, secret_id FROM client_secrets WHERE expires_at < $1 LIMIT $2)",
        TimeDelta::days(30),
    ),
    (
        "DELETE FROM sign_on_attempts WHERE (owner_id, attempt_id) IN
             (SELECT owner_id, attempt_id FROM sign_on_attempts WHERE expires_at < $1 LIMIT $2)",
        TimeDelta::hours(1),
    ),
    (
        "DELETE FROM signing_keys WHERE kid IN (SELECT kid FROM signing_keys WHERE retires_at < $1 LIMIT $2)",
        TimeDelta::days(1),
    ),
];

/// Deletes sessions that expired more than 30 days ago, and clients' secrets, assertions and tokens, sign-on attempts and
/// signing keys that have expired, and forgets successors of refresh tokens, at most [`CLEARED_AT_ONCE`] of each. Returns how
/// many rows it cleared.
pub(crate) fn clear_away(scope: &mut WorkerScope<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let tokens = diesel::sql_query(
        "DELETE FROM refresh_tokens WHERE (account_id, session_id) IN
             (SELECT account_id, session_id FROM sessions WHERE expires_at < $1 LIMIT $2)",
    )
    .bind::<sql_types::Timestamptz, _>(now - TimeDelta::days(30))
    .bind::<sql_types::BigInt, _>(as_limit(CLEARED_AT_ONCE))
    .execute(scope.conn)?;
    let sessions = diesel::sql_query(
        "DELETE FROM sessions WHERE (account_id, session_id) IN
             (SELECT account_id, session_id FROM sessions s WHERE expires_at < $1 AND NOT EXISTS
                 (SELECT FROM refresh_tokens t WHERE t.account_id = s.account_id AND t.session_id = s.session_id)
              LIMIT $2)",
    )
    .bind::<sql_types::Timestamptz, _>(now - TimeDelta::days(30))
    .bind::<sql_types::BigInt, _>(as_limit(CLEARED_AT_ONCE))
    .execute(scope.conn)?;
    let mut cleared = tokens + sessions;
    for (statement, kept) in EXPIRING {
        cleared += diesel::sql_query(statement)
            .bind::<sql_types::Timestamptz, _>(now - kept)
            .bind::<sql_types::BigInt, _>(as_limit(CLEARED_AT_ONCE))
            .execute(scope.conn)?;
    }
    Ok(cleared)
}
