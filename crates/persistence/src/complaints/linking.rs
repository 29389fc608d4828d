//! Linking complaints of several complainants about the same. Each keeps its own receipt, clocks and response.

use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::ComplaintId;
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::Sealed;
use super::assignments::whole_of;
use super::reading::find;
use crate::ground::error::StoreError;
use crate::ground::schema::{complaint_assignments, complaint_links};
use crate::ground::scope::ComplaintsScope;

/// The most complaints that are shown as linked with one.
const MOST_LINKS: i64 = 100;

/// A complaint with which another is linked.
#[derive(Clone, Serialize, ToSchema)]
pub struct LinkedComplaint {
    /// The identifier of the complaint.
    pub id: ComplaintId,
    /// The reference of the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
}

/// Reads with which complaints one is linked. A guest is told of none.
pub(super) fn of_complaint(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
) -> Result<Vec<LinkedComplaint>, StoreError> {
    if scope.worker().person.officer().is_none() {
        return Ok(Vec::new());
    }
    let rows: Vec<(ComplaintId, String)> = complaint_links::table
        .filter(complaint_links::council_id.eq(sealed.council).and(complaint_links::complaint_id.eq(sealed.id)))
        .order(complaint_links::other_id)
        .limit(MOST_LINKS)
        .select((complaint_links::other_id, complaint_links::other_reference))
        .load(scope.conn)?;
    Ok(rows.into_iter().map(|(id, reference)| LinkedComplaint { id, reference }).collect())
}

/// Links two complaints that the caller has. The same again changes nothing.
pub fn link(scope: &mut ComplaintsScope<'_>, id: ComplaintId, other: ComplaintId) -> Result<(), StoreError> {
    let (council, person) = (scope.council_id(), scope.worker().person);
    scope.officer()?;
    find(scope, id)?;
    if id == other {
        return Err(vec![Fault::new("/", "must name another complaint")].into());
    }
    let has_other: bool = scope.as_identity(|scope| {
        let own = whole_of(council, person).filter(complaint_assignments::complaint_id.eq(other));
        Ok(diesel::select(exists(own.select(complaint_assignments::assignment_id))).get_result(scope.conn)?)
    })?;
    if !has_other {
        return Err(StoreError::NotFound);
    }
    scope.open_assigned(&[id, other])?;
    let (one, another) = (&find(scope, id)?, &find(scope, other)?);
    let mut linked = 0;
    for (this, that) in [(one, another), (another, one)] {
        linked += diesel::insert_into(complaint_links::table)
            .values((
                complaint_links::council_id.eq(council),
                complaint_links::complaint_id.eq(this.id),
                complaint_links::other_id.eq(that.id),
                complaint_links::other_reference.eq(&that.reference),
            ))
            .on_conflict_do_nothing()
            .execute(scope.conn)?;
    }
    if linked > 0 {
        scope.record(Event::ComplaintLinked { complaint: id })?;
        scope.record(Event::ComplaintLinked { complaint: other })?;
    }
    Ok(())
}

/// Ends the link between two complaints of which the caller has one. The same again changes nothing.
pub fn unlink(scope: &mut ComplaintsScope<'_>, id: ComplaintId, other: ComplaintId) -> Result<(), StoreError> {
    scope.officer()?;
    find(scope, id)?;
    let of = |this: ComplaintId, that: ComplaintId| complaint_links::table.find((scope.council_id(), this, that));
    let (there, back) = (of(id, other), of(other, id));
    let ended = diesel::delete(there).execute(scope.conn)? + diesel::delete(back).execute(scope.conn)?;
    if ended > 0 {
        scope.record(Event::ComplaintLinked { complaint: id })?;
        scope.record(Event::ComplaintLinked { complaint: other })?;
    }
    Ok(())
}
