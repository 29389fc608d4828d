//! To whom something of the complainant's is closed: to the officers whom it may name, until another has passed it on or decided on it. Then
//! another officer is asked.

use almoner_domain::complaints::naming::is_named_in;
use almoner_domain::events::Task;
use almoner_domain::ids::{ComplaintId, CouncilId, OfficerId};
use almoner_domain::refusal::Refusal;
use diesel::prelude::*;

use super::Sealed;
use super::objecting::undecided;
use crate::ground::error::StoreError;
use crate::ground::schema::{complaint_documents, complaint_messages, complaint_requests};
use crate::ground::scope::{ComplaintsScope, PartnerScope, Scope};
use crate::officers::roles::at_the_desk;

/// The officers of the council's desk whom a text may name.
pub(super) fn named_at_the_desk(
    scope: &mut PartnerScope<'_>,
    council: CouncilId,
    text: &str,
) -> Result<Vec<OfficerId>, StoreError> {
    let desk = scope.as_identity(|scope| at_the_desk(scope, council))?;
    Ok(desk.into_iter().filter(|(_, name)| is_named_in(text, name)).map(|(id, _)| id).collect())
}

/// Has the worker ask another officer, if what the complainant wrote or sent is closed to some.
pub(super) fn ask_another(
    scope: &mut PartnerScope<'_>,
    sealed: Sealed,
    closed_to: &[OfficerId],
) -> Result<(), StoreError> {
    if closed_to.is_empty() { Ok(()) } else { have_looked_at(scope, sealed) }
}

/// Has the worker look at once whom else a complaint needs.
pub(super) fn have_looked_at(scope: &mut PartnerScope<'_>, sealed: Sealed) -> Result<(), StoreError> {
    let at = scope.at();
    scope.as_role("almoner_intake", |scope| {
        scope.schedule(sealed.council, Task::OfferComplaint { complaint: sealed.id }, at);
        Ok(())
    })
}

/// The officers whom something of the complainant's may name that waits: a message or a document that nobody has passed on yet, or a request
/// on which nobody has decided. The scope's role sees all of them.
pub(super) fn named_in_what_waits(
    scope: &mut Scope<'_>,
    council: CouncilId,
    complaint: ComplaintId,
) -> Result<Vec<OfficerId>, StoreError> {
    let messages = complaint_messages::table
        .filter(complaint_messages::council_id.eq(council).and(complaint_messages::complaint_id.eq(complaint)))
        .filter(complaint_messages::passed_on_at.is_null())
        .select(complaint_messages::names);
    let requests = complaint_requests::table
        .filter(complaint_requests::council_id.eq(council).and(complaint_requests::complaint_id.eq(complaint)))
        .filter(complaint_requests::decided_at.is_null())
        .select(complaint_requests::names);
    let documents = complaint_documents::table
        .filter(complaint_documents::council_id.eq(council).and(complaint_documents::complaint_id.eq(complaint)))
        .filter(complaint_documents::passed_on_at.is_null())
        .select(complaint_documents::names);
    let named: Vec<Vec<OfficerId>> = messages.union_all(requests).union_all(documents).load(scope.conn)?;
    Ok(named.concat())
}

/// Refuses what turns a complaint (who has it, how it goes on, its code) to an officer whom the complainant names in something that waits,
/// or to whom they object: another officer is asked, and decides. A guest to whom they object has it no more.
pub(super) fn unless_another_is_asked(
    scope: &mut ComplaintsScope<'_>,
    complaint: ComplaintId,
) -> Result<(), StoreError> {
    let Some(officer) = scope.worker().person.officer() else { return Ok(()) };
    let council = scope.council_id();
    let is_objected_to = undecided(scope, council, &[complaint])?.iter().any(|objection| objection.officer == officer);
    if is_objected_to || scope.as_identity(|scope| is_named(scope, council, complaint, officer))? {
        let refusal =
            Refusal::InvalidState { thing: "complaint", state: "waiting for another officer", step: "turned by you" };
        return Err(refusal.into());
    }
    Ok(())
}

/// Whether something of the complainant's waits that may name this officer.
pub(super) fn is_named(
    scope: &mut Scope<'_>,
    council: CouncilId,
    complaint: ComplaintId,
    officer: OfficerId,
) -> Result<bool, StoreError> {
    Ok(named_in_what_waits(scope, council, complaint)?.contains(&officer))
}
