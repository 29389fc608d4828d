//! Giving a notice of a complaint: what an employer must know and do, in the officer's words, to one named person of the practice.

use almoner_domain::complaints::assigning::View;
use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{AssignmentId, ComplaintId, GuestId};
use almoner_domain::officers::guests::Capacity;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::Passage;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::assignments::{MOST_LISTED, all};
use super::barring::concerned;
use super::changing::{Changes, change, find_alone};
use super::hearings::{NOTICES, assign, guest_in};
use crate::ground::error::StoreError;
use crate::ground::schema::complaint_notices;
use crate::ground::scope::ComplaintsScope;

/// What an employer must know and do, for one unimplicated person there.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "guest_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "text": "One of your staff does not visit alone until you hear from us. Tell us who visits in their place.",
    "reason": "She leads another team, and nobody whom the complaint names is her manager.",
}))]
pub struct Notify {
    /// The guest who gets the notice: an employer's lead.
    pub guest_id: GuestId,
    /// The notice, in the officer's words.
    pub text: Passage<4000>,
    /// Why the officer judges that nothing speaks against this person.
    pub reason: Passage<1000>,
}

/// Refuses a notice while somebody has one of the complaint: one named person of the practice knows what an employer must know.
fn unless_known_there(scope: &mut ComplaintsScope<'_>, complaint: ComplaintId) -> Result<(), StoreError> {
    let has_one =
        all(scope, complaint, MOST_LISTED)?.iter().any(|one| one.view == View::Notice && one.ended_at.is_none());
    let (state, step) =
        ("made known by a notice to one person already", "made known to another: end that notice first");
    if has_one { Err(Refusal::InvalidState { thing: "complaint", state, step }.into()) } else { Ok(()) }
}

/// Gives an employer's lead a notice, in the officer's words: the one named person of the practice that the complaint is about. What is known
/// against them is refused as for any guest.
pub fn notify(scope: &mut ComplaintsScope<'_>, id: ComplaintId, with: &Notify) -> Result<AssignmentId, StoreError> {
    scope.officer()?;
    let complaint = find_alone(scope, id)?;
    let guest = guest_in(scope, id, with.guest_id, Capacity::EmployersLead)?;
    if guest.practice.as_ref().map(|practice| practice.id) != complaint.practice_id {
        return Err(
            vec![Fault::new("/guest_id", "is of another practice than that which the complaint is about")].into()
        );
    }
    let council = scope.council_id();
    // Of somebody who has not joined the name alone is known, and they could come with the account of somebody who is implicated.
    if guest.account.is_none() || !guest.state().is_there() {
        return Err(vec![Fault::new("/guest_id", "is not somebody who has joined and is confirmed")].into());
    }
    let known = concerned(scope, council, id)?;
    if known.is_over {
        return Err(Refusal::InvalidState { thing: "complaint", state: "over", step: "made known by a notice" }.into());
    }
    let against = known.against_guest(scope, &guest)?;
    StoreError::unless_faulty(against.faults("/guest_id"))?;
    unless_known_there(scope, id)?;
    let now = scope.at();
    let assignment = assign(scope, &complaint, with.guest_id, (View::Notice, now), with.reason.as_str())?;
    let sealed = complaint.sealed;
    let key = scope.key(council.uuid(), sealed.key_id)?;
    let notice = key.seal(sealed.of(NOTICES, "notice", assignment.uuid()), with.text.as_str())?;
    diesel::insert_into(complaint_notices::table)
        .values((
            complaint_notices::council_id.eq(council),
            complaint_notices::complaint_id.eq(id),
            complaint_notices::assignment_id.eq(assignment),
            complaint_notices::key_id.eq(sealed.key_id),
            complaint_notices::notice.eq(notice),
        ))
        .execute(scope.conn)?;
    change(scope, &complaint, Changes::default())?;
    scope.record(Event::ComplaintNoticeGiven { complaint: id })?;
    Ok(assignment)
}
