//! What waits for the worker: how much of it, and since when.

use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, min, not};
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::{audit_events, jobs, outbox};
use crate::ground::scope::WorkerScope;

/// How many rows wait, and since when the oldest of them does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct Waiting {
    /// The number of rows.
    pub count: i64,
    /// The time from which the oldest row waits, if there is one.
    pub since: Option<DateTime<Utc>>,
}

/// What waits for the worker, of all owners together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// The jobs that are due and not done.
    pub jobs: Waiting,
    /// The events of the outbox that have no number.
    pub unnumbered: Waiting,
    /// The rows of the audit log that are not sealed.
    pub unsealed: Waiting,
}

/// Counts what waits for the worker at `now`. Each count reads an index of what waits, and nothing else.
pub fn backlog(scope: &mut WorkerScope<'_>, now: DateTime<Utc>) -> Result<Backlog, StoreError> {
    let jobs = jobs::table
        .filter(jobs::done_at.is_null().and(jobs::due_at.le(now)))
        .select((count_star(), min(jobs::due_at)))
        .first(scope.conn)?;
    let unnumbered =
        outbox::table.filter(outbox::number.is_null()).select((count_star(), min(outbox::at))).first(scope.conn)?;
    let unsealed = audit_events::table
        .filter(not(audit_events::sealed))
        .select((count_star(), min(audit_events::at)))
        .first(scope.conn)?;
    Ok(Backlog { jobs, unnumbered, unsealed })
}
