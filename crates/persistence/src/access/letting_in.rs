//! Letting guests in to a council's complaints: inviting them, and letting them go. What they read is assigned to them apart from that.

use almoner_domain::events::Event;

use crate::access::invitations;
use crate::ground::callers::{ComplaintsPerson, Seat};
use crate::ground::error::StoreError;
use crate::ground::idempotency::Made;
use crate::ground::scope::ComplaintsScope;
use crate::officers::guests::{self, Guest, NewGuest};

/// Invites a guest of the caller's council. Nobody chooses a password for them: a link is drawn, and shown once.
pub fn invite(scope: &mut ComplaintsScope<'_>, new: &NewGuest) -> Result<Made, StoreError> {
    scope.officer()?;
    let (council, by) = (scope.council_id(), scope.worker().account);
    let id = guests::enter(scope, new)?;
    let seat = Seat::Complaints(council, ComplaintsPerson::Guest(id));
    let token = invitations::invite(scope, seat, new.email.as_str(), new.name.as_str(), by)?;
    scope.record(Event::GuestInvited { guest: id })?;
    Ok(Made { id: id.uuid(), secret: Some(token) })
}

/// Invites a guest who has not joined yet once more. The earlier link stops working.
pub fn invite_again(scope: &mut ComplaintsScope<'_>, known: &Guest) -> Result<Made, StoreError> {
    known.state().invite_again()?;
    let (council, by) = (scope.council_id(), scope.worker().account);
    let seat = Seat::Complaints(council, ComplaintsPerson::Guest(known.id));
    let token = invitations::invite(scope, seat, known.email.as_str(), known.name.as_str(), by)?;
    scope.record(Event::GuestInvited { guest: known.id })?;
    Ok(Made { id: known.id.uuid(), secret: Some(token) })
}

/// Lets a guest go: nothing is open to them any more, and their link ends.
pub fn let_go(scope: &mut ComplaintsScope<'_>, known: &Guest) -> Result<(), StoreError> {
    guests::write_let_go(scope, known)?;
    let seat = Seat::Complaints(scope.council_id(), ComplaintsPerson::Guest(known.id));
    invitations::end_those_of(scope, seat)
}
