//! Recognising of whom a complaint is once that is said, and looking again at those who have it once the person or the practice is known.

use almoner_domain::complaints::assigning::AssignmentEnd;
use almoner_domain::complaints::complaint::PersonConcerned;
use almoner_domain::events::{Event, Task};
use almoner_domain::ids::{AssignmentId, ComplaintId, GuestId, OfficerId, PracticeId, ServiceUserId};
use almoner_domain::officers::guests::Capacity;
use almoner_domain::refusal::Refusal;
use diesel::prelude::*;

use super::assignments::officer_to_assign;
use super::barring::{Concerned, concerned};
use super::lodging::match_person;
use super::reading::Complaint;
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::complaint_assignments;
use crate::ground::scope::ComplaintsScope;
use crate::ground::transaction::setting;
use crate::officers::guests as guest_rows;

/// Ends what those have of a complaint of whom it is known by now that they worked with the person, stand in the line of somebody who did,
/// decided for the person, belong to the practice, or have an interest in it. Whoever is heard as a subject keeps what they are shown. It is
/// refused where no officer would be left: another is let in first.
pub(super) fn end_what_is_barred(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<(), StoreError> {
    type Row = (AssignmentId, Option<OfficerId>, Option<GuestId>);
    let council = scope.council_id();
    let complaint = concerned(scope, council, id)?;
    let live: Vec<Row> = complaint_assignments::table
        .filter(complaint_assignments::council_id.eq(council).and(complaint_assignments::complaint_id.eq(id)))
        .filter(complaint_assignments::ended_at.is_null())
        .select((
            complaint_assignments::assignment_id,
            complaint_assignments::officer_id,
            complaint_assignments::guest_id,
        ))
        .load(scope.conn)?;
    let (mut barred, mut officers_left) = (Vec::new(), 0);
    for (assignment, officer, guest) in live {
        let is_barred = match (officer, guest) {
            (Some(officer), _) => is_barred_officer(scope, &complaint, officer)?,
            (None, Some(guest)) => is_barred_guest(scope, &complaint, guest)?,
            (None, None) => false,
        };
        match is_barred {
            true => barred.push(assignment),
            false if officer.is_some() => officers_left += 1,
            false => {}
        }
    }
    if officers_left == 0 {
        let state = "without another officer against whom nothing is known";
        let step = "about this person or practice: let another officer in first";
        return Err(Refusal::InvalidState { thing: "complaint", state, step }.into());
    }
    for assignment in barred {
        update(complaint_assignments::table.find((council, id, assignment)))
            .set((
                complaint_assignments::ended_at.eq(scope.at()),
                complaint_assignments::ended_because.eq(AssignmentEnd::Officer),
            ))
            .execute(scope.conn)?;
        scope.record(Event::ComplaintAssignmentEnded { complaint: id })?;
    }
    let at = scope.at();
    scope.schedule(council, Task::OfferComplaint { complaint: id }, at);
    Ok(())
}

/// Whether an officer decided for the person, belongs to the practice or has an interest in it, or is not there any more: then they have nothing of
/// it in any case.
fn is_barred_officer(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Concerned,
    officer: OfficerId,
) -> Result<bool, StoreError> {
    match officer_to_assign(scope, officer, "") {
        Ok((name, account)) => Ok(complaint.against_officer(&name, account).is_about_the_person_or_practice()),
        Err(StoreError::ValidationFailed(_)) => Ok(true),
        Err(other) => Err(other),
    }
}

fn is_barred_guest(scope: &mut ComplaintsScope<'_>, complaint: &Concerned, guest: GuestId) -> Result<bool, StoreError> {
    let guest = guest_rows::find(scope, guest)?;
    let is_heard = guest.capacity == Capacity::Subject;
    Ok(!is_heard && complaint.against_guest(scope, &guest)?.is_about_the_person_or_practice())
}

/// Finds the one person of the practice whom this describes. Where nobody is found, whoever was recognised before stays: that keeps more
/// people from the complaint, not fewer.
pub(super) fn recognised(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    person: &PersonConcerned,
) -> Result<Option<ServiceUserId>, StoreError> {
    match complaint.practice_id {
        Some(practice) => recognised_at(scope, practice, person),
        None => Ok(None),
    }
}

/// Finds the one person of this practice whom this describes.
pub(super) fn recognised_at(
    scope: &mut ComplaintsScope<'_>,
    practice: PracticeId,
    person: &PersonConcerned,
) -> Result<Option<ServiceUserId>, StoreError> {
    let own = Some(Tenant::Council(scope.council_id()));
    let settings = [setting("app.practice", practice.uuid())];
    scope.at_intake_with(own, &settings, |scope| match_person(scope, practice, person))
}
