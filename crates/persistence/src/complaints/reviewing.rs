//! Reviewing what an officer decided: that a complaint is not considered, that it was withdrawn, what was answered, how somebody may
//! complain. The complainant asks for it, and the responsible person decides, or who stands in for them; never the officer whose decision it is.

use almoner_domain::complaints::requests::{RequestKind, Reviewed};
use almoner_domain::complaints::status::Step;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, CouncilId, OfficerId, RequestId};
use almoner_domain::refusal::Refusal;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::changing::{Changes, change_at_once};
use super::closed::unless_another_is_asked;
use super::closing::begun_anew;
use super::limiting::end_limits;
use super::planning::tell;
use super::reading::Complaint;
use super::requests::keep_decision;
use crate::ground::error::StoreError;
use crate::ground::schema::{complaint_deciders, complaint_requests};
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
    request.ok_or(StoreError::NotFound)?.awaits()?;
    let decider: Option<OfficerId> = complaint_deciders::table
        .find((scope.council_id(), complaint.id))
        .select(complaint_deciders::officer_id)
        .first(scope.conn)
        .optional()?;
    if !answers_for_the_council(&scope.worker().roles) || decider == Some(by) {
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

/// Whether a review waits, and whose decision it is of.
pub(super) fn awaited(
    scope: &mut WorkerScope<'_>,
    council: CouncilId,
    id: ComplaintId,
) -> Result<(bool, Option<OfficerId>), StoreError> {
    let waiting = complaint_requests::table
        .filter(complaint_requests::council_id.eq(council).and(complaint_requests::complaint_id.eq(id)))
        .filter(complaint_requests::kind.eq(RequestKind::Review).and(complaint_requests::decided_at.is_null()))
        .select(complaint_requests::request_id);
    let decider = complaint_deciders::table.find((council, id)).select(complaint_deciders::officer_id);
    Ok(diesel::select((exists(waiting), decider.single_value())).get_result(scope.conn)?)
}

/// Puts down that the caller, if they are an officer, made the decision about a complaint that somebody else would review.
pub(super) fn note_decider(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<(), StoreError> {
    let Some(officer) = scope.worker().person.officer() else { return Ok(()) };
    diesel::insert_into(complaint_deciders::table)
        .values((
            complaint_deciders::council_id.eq(scope.council_id()),
            complaint_deciders::complaint_id.eq(complaint.id),
            complaint_deciders::officer_id.eq(officer),
        ))
        .on_conflict((complaint_deciders::council_id, complaint_deciders::complaint_id))
        .do_update()
        .set(complaint_deciders::officer_id.eq(officer))
        .execute(scope.conn)?;
    Ok(())
}
