//! Other open cases of a person, and the removal of a case whose opening is undone.

use almoner_domain::cases::case::CaseStatus;
use almoner_domain::events::{Event, TimelineKind};
use almoner_domain::ids::{CaseId, CouncilId, ServiceUserId, StaffId};
use almoner_domain::referrals::message::Function;
use almoner_domain::referrals::undoing::stands_under_the_case;
use almoner_domain::refusal::Refusal;
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::cases::Case;
use crate::ground::error::StoreError;
use crate::ground::schema::{allocations, case_events, cases};
use crate::ground::scope::PracticeScope;

/// An open case of a person for whom another was opened.
#[derive(Clone, Debug, Serialize, Queryable, ToSchema)]
pub struct OpenCase {
    /// The identifier of the case.
    pub id: CaseId,
    /// The function under which the work is done.
    pub function: Function,
    /// When the case was opened.
    pub opened_at: DateTime<Utc>,
    /// The council that is responsible for the case.
    #[serde(skip)]
    pub(crate) council_id: CouncilId,
}

/// The most other open cases that are shown.
const MOST_SHOWN: i64 = 20;

/// Finds the cases of a person that are not closed, but for this one, the oldest first.
pub(crate) fn other_open(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    but: CaseId,
) -> Result<Vec<OpenCase>, StoreError> {
    Ok(cases::table
        .filter(cases::practice_id.eq(scope.practice_id()).and(cases::service_user_id.eq(person)))
        .filter(cases::status.ne(CaseStatus::Closed).and(cases::case_id.ne(but)))
        .order(cases::case_id)
        .limit(MOST_SHOWN)
        .select((cases::case_id, cases::function, cases::opened_at, cases::council_id))
        .load(scope.conn)?)
}

/// Removes a case that this member of staff opened by mistake, with the allocation that they made and its first lines on the
/// timeline. Refuses it if anything else stands under the case. The audit log keeps what was done.
pub(crate) fn remove(scope: &mut PracticeScope<'_>, case: &Case, opened_by: StaffId) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let lines: Vec<TimelineKind> = case_events::table
        .filter(case_events::practice_id.eq(practice).and(case_events::case_id.eq(case.id)))
        .filter(case_events::service_user_id.eq(case.service_user.id))
        .order(case_events::event_id)
        .select(case_events::kind)
        .load(scope.conn)?;
    if let Some(what) = lines.into_iter().find_map(stands_under_the_case) {
        return Err(Refusal::StandsUnder(what).into());
    }
    let by_others = allocations::table
        .filter(allocations::practice_id.eq(practice).and(allocations::case_id.eq(case.id)))
        .filter(allocations::allocated_by.ne(opened_by))
        .select(allocations::allocation_id);
    if diesel::select(exists(by_others)).get_result(scope.conn)? {
        return Err(Refusal::StandsUnder("an allocation by somebody else").into());
    }
    diesel::delete(allocations::table)
        .filter(allocations::practice_id.eq(practice).and(allocations::case_id.eq(case.id)))
        .filter(allocations::allocated_by.eq(opened_by))
        .execute(scope.conn)?;
    scope.remove_lines(practice, case.id, &[TimelineKind::Opened, TimelineKind::Allocated])?;
    let removed = diesel::delete(cases::table)
        .filter(cases::practice_id.eq(practice).and(cases::case_id.eq(case.id)))
        .filter(cases::version.eq(case.version))
        .execute(scope.conn)
        .map_err(|error| StoreError::something_stands(error, "another record"))?;
    if removed == 0 {
        // Somebody changed the case in this moment.
        return Err(StoreError::InProgress);
    }
    scope.record(Event::CaseRemoved { case: case.id, person: case.service_user.id })
}
