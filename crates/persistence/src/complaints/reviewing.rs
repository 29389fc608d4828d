//! Reviewing what an officer decided: that a complaint is not considered, that it was withdrawn, what was answered, how somebody may
//! complain. The complainant asks for it, and the responsible person decides, or who stands in for them; never an officer who made any
//! decision that the review can mean.

use almoner_domain::complaints::requests::{DecisionKind, RequestKind, Reviewed};
use almoner_domain::complaints::status::Step;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, CouncilId, DecisionId, OfficerId, RequestId};
use almoner_domain::refusal::Refusal;
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, max};
use diesel::prelude::*;

use super::changing::{Changes, change_at_once};
use super::closed::unless_another_is_asked;
use super::closing::begun_anew;
use super::limiting::end_limits;
use super::planning::tell;
use super::reading::Complaint;
use super::requests::keep_decision;
use crate::ground::error::StoreError;
use crate::ground::schema::{complaint_decisions, complaint_requests};
use crate::ground::scope::{ComplaintsScope, WorkerScope};
use crate::officers::roles::answers_for_the_council;

/// Decides on a request for a review. The complainant reads the reasons. If the review finds for them, a complaint that was over is
/// considered again, with clocks that begin today, and limits on how they complain end.
pub fn review(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    id: RequestId,
    with: &Reviewed,
) -> Result<(), StoreError> {
    let by = scope.officer()?;
    let is_it = |asked: RequestKind| asked == RequestKind::Review;
    let request = complaint.requests.iter().find(|one| one.id == id && is_it(one.asked.kind));
    let request = request.ok_or(StoreError::NotFound)?;
    request.awaits()?;
    // A review can mean each decision that was made until it was asked for.
    let own_decision = complaint_decisions::table
        .filter(complaint_decisions::council_id.eq(scope.council_id()))
        .filter(complaint_decisions::complaint_id.eq(complaint.id).and(complaint_decisions::officer_id.eq(by)))
        .filter(complaint_decisions::decided_at.le(request.made_at))
        .select(complaint_decisions::officer_id);
    let has_decided: bool = diesel::select(exists(own_decision)).get_result(scope.conn)?;
    if !answers_for_the_council(&scope.worker().roles) || has_decided {
        return Err(Refusal::NotTheReviewer.into());
    }
    let status = complaint.status.after(Step::Reconsider)?;
    let changes = if with.upheld && status != complaint.status {
        begun_anew(scope, complaint, status)?
    } else {
        Changes::default()
    };
    unless_another_is_asked(scope, complaint.id)?;
    keep_decision(scope, complaint, (id, by, with.upheld), with)?;
    if with.upheld {
        end_limits(scope, complaint)?;
    }
    change_at_once(scope, complaint, changes)?;
    tell(scope, complaint, with.reasons.as_str())?;
    scope.record_because(Event::ComplaintReviewed { complaint: complaint.id }, with.reasons.as_str())
}

/// Who made the decisions that the reviews of a complaint that wait can mean; `None` if no review waits.
pub(super) fn awaited(
    scope: &mut WorkerScope<'_>,
    council: CouncilId,
    id: ComplaintId,
) -> Result<Option<Vec<OfficerId>>, StoreError> {
    let asked_at: Option<DateTime<Utc>> = complaint_requests::table
        .filter(complaint_requests::council_id.eq(council).and(complaint_requests::complaint_id.eq(id)))
        .filter(complaint_requests::kind.eq(RequestKind::Review).and(complaint_requests::decided_at.is_null()))
        .select(max(complaint_requests::made_at))
        .first(scope.conn)?;
    let Some(asked_at) = asked_at else { return Ok(None) };
    let deciders = complaint_decisions::table
        .filter(complaint_decisions::council_id.eq(council).and(complaint_decisions::complaint_id.eq(id)))
        .filter(complaint_decisions::decided_at.le(asked_at))
        .select(complaint_decisions::officer_id)
        .distinct();
    Ok(Some(deciders.load(scope.conn)?))
}

/// Puts down that the caller, if they are an officer, made a decision on a complaint that somebody else would review.
pub(super) fn note_decision(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    kind: DecisionKind,
) -> Result<(), StoreError> {
    let Some(officer) = scope.worker().person.officer() else { return Ok(()) };
    let id: DecisionId = scope.next_id();
    diesel::insert_into(complaint_decisions::table)
        .values((
            complaint_decisions::council_id.eq(scope.council_id()),
            complaint_decisions::complaint_id.eq(complaint.id),
            complaint_decisions::decision_id.eq(id),
            complaint_decisions::kind.eq(kind),
            complaint_decisions::officer_id.eq(officer),
            complaint_decisions::decided_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    Ok(())
}
