//! Linking complaints of several complainants about the same. Each keeps its own receipt, clocks and response.

use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::ComplaintId;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::Sealed;
use super::assignments::whole_of;
use super::closed::unless_another_is_asked;
use crate::ground::error::StoreError;
use crate::ground::schema::{complaint_assignments, complaint_links, complaint_receipts};
use crate::ground::scope::ComplaintsScope;

/// The most complaints that are shown as linked with one.
const MOST_LINKS: i64 = 100;

/// A complaint with which another is linked.
#[derive(Clone, Serialize, ToSchema)]
pub struct LinkedComplaint {
    /// The identifier of the complaint, for whoever has it as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ComplaintId>,
    /// The reference of the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
}

/// Reads with which complaints one is linked: of those that the caller has as well, and of the others the reference alone, where officers of
/// both sides agreed to the link. Else a link tells nobody of a complaint that is not theirs. A guest is told of none.
pub(super) fn of_complaint(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
) -> Result<Vec<LinkedComplaint>, StoreError> {
    let person = scope.worker().person;
    if person.officer().is_none() {
        return Ok(Vec::new());
    }
    let own: Vec<ComplaintId> = whole_of(sealed.council, person)
        .filter(
            complaint_assignments::complaint_id.eq_any(
                complaint_links::table
                    .filter(complaint_links::council_id.eq(sealed.council))
                    .filter(complaint_links::complaint_id.eq(sealed.id))
                    .select(complaint_links::other_id),
            ),
        )
        .select(complaint_assignments::complaint_id)
        .load(scope.conn)?;
    let rows: Vec<(ComplaintId, String)> = complaint_links::table
        .filter(complaint_links::council_id.eq(sealed.council).and(complaint_links::complaint_id.eq(sealed.id)))
        .filter(complaint_links::other_id.eq_any(&own).or(complaint_links::agreed))
        .order(complaint_links::other_id)
        .limit(MOST_LINKS)
        .select((complaint_links::other_id, complaint_links::other_reference))
        .load(scope.conn)?;
    let shown = |(id, reference)| LinkedComplaint { id: Some(id).filter(|id| own.contains(id)), reference };
    Ok(rows.into_iter().map(shown).collect())
}

/// Opens two complaints, both of which the caller has. Where they have one of them or none, there is no such thing.
fn open_both(scope: &mut ComplaintsScope<'_>, id: ComplaintId, other: ComplaintId) -> Result<(), StoreError> {
    scope.officer()?;
    let both = [id, other];
    let own: Vec<ComplaintId> = whole_of(scope.council_id(), scope.worker().person)
        .filter(complaint_assignments::complaint_id.eq_any(both))
        .select(complaint_assignments::complaint_id)
        .load(scope.conn)?;
    if both.iter().any(|one| !own.contains(one)) {
        return Err(StoreError::NotFound);
    }
    scope.open_assigned(&both)?;
    both.into_iter().try_for_each(|one| unless_another_is_asked(scope, one))
}

/// Links two complaints that the caller has. The same again changes nothing.
pub fn link(scope: &mut ComplaintsScope<'_>, id: ComplaintId, other: ComplaintId) -> Result<(), StoreError> {
    open_both(scope, id, other)?;
    if id == other {
        return Err(vec![Fault::new("/", "must name another complaint")].into());
    }
    let council = scope.council_id();
    let references: Vec<(ComplaintId, String)> = complaint_receipts::table
        .filter(complaint_receipts::council_id.eq(council).and(complaint_receipts::complaint_id.eq_any([id, other])))
        .select((complaint_receipts::complaint_id, complaint_receipts::reference))
        .load(scope.conn)?;
    let rows = references.into_iter().map(|(that, reference)| {
        (
            complaint_links::council_id.eq(council),
            complaint_links::complaint_id.eq(if that == id { other } else { id }),
            complaint_links::other_id.eq(that),
            complaint_links::other_reference.eq(reference),
            complaint_links::agreed.eq(false),
        )
    });
    let linked = diesel::insert_into(complaint_links::table)
        .values(rows.collect::<Vec<_>>())
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    recorded(scope, linked, [id, other])
}

/// Ends the link between two complaints that the caller has. The same again changes nothing.
pub fn unlink(scope: &mut ComplaintsScope<'_>, id: ComplaintId, other: ComplaintId) -> Result<(), StoreError> {
    open_both(scope, id, other)?;
    let both = [id, other];
    let ended = diesel::delete(complaint_links::table)
        .filter(complaint_links::council_id.eq(scope.council_id()))
        .filter(complaint_links::complaint_id.eq_any(both).and(complaint_links::other_id.eq_any(both)))
        .execute(scope.conn)?;
    recorded(scope, ended, both)
}

/// Records in both complaints that their link changed, if it did.
fn recorded(scope: &mut ComplaintsScope<'_>, changed: usize, both: [ComplaintId; 2]) -> Result<(), StoreError> {
    if changed == 0 {
        return Ok(());
    }
    both.into_iter().try_for_each(|complaint| scope.record(Event::ComplaintLinked { complaint }))
}
