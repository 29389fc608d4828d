//! Suspending a practice, and resuming it.
//!
//! A suspension withdraws no referral and closes no case. It is checked wherever a caller would come in or something would be
//! sent to the practice, so it takes effect from the next request, and so does its end. The handler also ends the sessions at
//! the practice.

use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::PracticeId;
use almoner_domain::tenancy::practice as rules;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::practices as rows;
use crate::ground::scope::OperatorScope;
use crate::ground::transaction::setting;
use crate::tenancy::practices::{self, Practice};

/// A suspension that is in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Suspension {
    /// When the practice was suspended.
    pub suspended_at: DateTime<Utc>,
    /// The reason for the suspension, in the operator's words.
    #[schema(value_type = Passage<2000>)]
    pub reason: String,
}

/// The reason for suspending a practice.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The insurance ended on 31 October and has not been renewed." }))]
pub struct Suspend {
    /// The reason, in the operator's words. Only operators see it.
    pub reason: Passage<2000>,
}

/// Suspends a practice: from the next request its staff are not authenticated, and nothing more is sent to it.
pub fn suspend(scope: &mut OperatorScope<'_>, practice: &Practice, how: &Suspend) -> Result<(), StoreError> {
    rules::suspend(practice.suspension.is_some())?;
    let at = scope.at();
    let changed = update(rows::table)
        .filter(rows::practice_id.eq(practice.id).and(rows::version.eq(practice.version)))
        .set((
            rows::suspended_at.eq(at),
            rows::suspension_reason.eq(&how.reason),
            rows::version.eq(practice.version + 1),
        ))
        .execute(scope.conn)?;
    note(scope, practice, changed, Event::PracticeSuspended { practice: practice.id })
}

/// Ends a suspension. Everything but the sessions is as it was. The reason is kept.
pub fn resume(scope: &mut OperatorScope<'_>, practice: &Practice) -> Result<(), StoreError> {
    rules::resume(practice.suspension.is_some())?;
    let changed = update(rows::table)
        .filter(rows::practice_id.eq(practice.id).and(rows::version.eq(practice.version)))
        .set((rows::suspended_at.eq(None::<DateTime<Utc>>), rows::version.eq(practice.version + 1)))
        .execute(scope.conn)?;
    note(scope, practice, changed, Event::PracticeResumed { practice: practice.id })
}

/// Records a suspension or its end in the platform's log and the practice's own.
fn note(scope: &mut OperatorScope<'_>, practice: &Practice, changed: usize, event: Event) -> Result<(), StoreError> {
    let id = practice.id;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(practices::find(scope, id)?.version));
    }
    record_in_both_logs(scope, id, event)
}

/// Records what the operator did to a practice in the platform's log and in that practice's own.
pub(crate) fn record_in_both_logs(
    scope: &mut OperatorScope<'_>,
    practice: PracticeId,
    event: Event,
) -> Result<(), StoreError> {
    scope.record(event.clone())?;
    scope.execute(&[setting("app.practice", practice.uuid())])?;
    scope.record_in(LogOwner::Practice(practice), event)?;
    scope.execute(&["SET LOCAL app.practice = ''".to_owned()])
}
