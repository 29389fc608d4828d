//! Requests that nobody at the practice is left to sign, and the operator's list of them.

use almoner_domain::cases::case::CountersignaturePurpose;
use almoner_domain::ids::{CountersignatureId, PracticeId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{outside_requests, practices};
use crate::ground::scope::{OperatorScope, PracticeScope, Scope};
use crate::tenancy::practices::PracticeName;

/// A request that waits for a countersigner from outside the practice. It tells nothing of the record, the person or the
/// staff whom it is about.
#[derive(Clone, Serialize, ToSchema)]
pub struct OutsideRequest {
    /// The identifier of the request.
    pub id: CountersignatureId,
    /// The practice at which nobody is left to decide.
    pub practice: PracticeName,
    /// Whether the countersigner decides before the action takes effect, or reviews it afterwards.
    pub purpose: CountersignaturePurpose,
    /// Since when the request has waited for somebody from outside.
    pub waiting_since: DateTime<Utc>,
}

/// Puts a request on the operator's list, because nobody at the practice is left to decide.
pub(super) fn wait(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    id: CountersignatureId,
    purpose: CountersignaturePurpose,
) -> Result<(), StoreError> {
    diesel::insert_into(outside_requests::table)
        .values((
            outside_requests::practice_id.eq(practice),
            outside_requests::countersignature_id.eq(id),
            outside_requests::purpose.eq(purpose),
            outside_requests::waiting_since.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    Ok(())
}

/// Lists the requests that wait for somebody from outside, at every practice, in the order in which they were made.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<OutsideRequest>, StoreError> {
    let rows: Vec<(CountersignatureId, PracticeName, CountersignaturePurpose, DateTime<Utc>)> = outside_requests::table
        .inner_join(practices::table.on(practices::practice_id.eq(outside_requests::practice_id)))
        .filter(
            outside_requests::countersignature_id
                .gt(CountersignatureId::from(paging.after_id()?.unwrap_or(Uuid::nil()))),
        )
        .order(outside_requests::countersignature_id)
        .limit(paging.fetch())
        .select((
            outside_requests::countersignature_id,
            PracticeName::as_select(),
            outside_requests::purpose,
            outside_requests::waiting_since,
        ))
        .load(scope.conn)?;
    paging
        .page(rows, |row| row.0.uuid())
        .try_map(|(id, practice, purpose, waiting_since)| Ok(OutsideRequest { id, practice, purpose, waiting_since }))
}

/// Takes a request off the operator's list, because it does not wait any more.
pub(super) fn end_waiting(scope: &mut PracticeScope<'_>, id: CountersignatureId) -> Result<(), StoreError> {
    let taken_off = diesel::delete(outside_requests::table)
        .filter(outside_requests::practice_id.eq(scope.practice_id()))
        .filter(outside_requests::countersignature_id.eq(id))
        .execute(scope.conn)?;
    StoreError::unless_changed(taken_off, "the request in the operator's list")
}
