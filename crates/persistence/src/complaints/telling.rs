//! Telling somebody that an assignment of theirs has ended: in the same words always, whatever ended it, once an officer chooses to.

use almoner_domain::events::Event;
use almoner_domain::ids::{AssignmentId, ComplaintId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::sealed_of;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_assignments, guests, officers};
use crate::ground::scope::ComplaintsScope;

/// What whoever lost an assignment is told. It says neither which complaint it was nor why.
const TOLD: &str = "Something that you had in the complaints of this council is with somebody else now, or is done. Assignments end for many \
                    reasons. It says nothing about you or your work, and you need do nothing.";

/// The most that a list shows.
const MOST_LISTED: i64 = 200;

/// An assignment that the caller had, of whose end they are told.
#[derive(Clone, Serialize, ToSchema)]
pub struct EndedAssignment {
    /// When the caller was told.
    pub told_at: DateTime<Utc>,
    /// What they are told: the same words always.
    #[schema(value_type = Passage<1000>)]
    pub words: &'static str,
}

/// The assignments that the caller had, of whose end they are told, the latest first.
#[derive(Clone, Serialize, ToSchema)]
pub struct EndedAssignments {
    /// The assignments.
    #[schema(max_items = 200)]
    pub items: Vec<EndedAssignment>,
}

/// Tells whoever had an assignment that it has ended. The same again changes nothing.
pub fn tell(scope: &mut ComplaintsScope<'_>, id: ComplaintId, assignment: AssignmentId) -> Result<(), StoreError> {
    scope.officer()?;
    sealed_of(scope, id)?;
    let own = complaint_assignments::table.find((scope.council_id(), id, assignment));
    let ended_at: Option<DateTime<Utc>> = own.select(complaint_assignments::ended_at).first(scope.conn)?;
    if ended_at.is_none() {
        return Err(Refusal::InvalidState { thing: "assignment", state: "live", step: "told of as ended" }.into());
    }
    let told = update(own)
        .filter(complaint_assignments::told_at.is_null())
        .set(complaint_assignments::told_at.eq(scope.at()))
        .execute(scope.conn)?;
    if told == 0 { Ok(()) } else { scope.record(Event::ComplaintAssignmentTold { complaint: id }) }
}

/// Lists of which assignments the caller is told that they ended, whichever place at this council they had them in.
pub fn list(scope: &mut ComplaintsScope<'_>) -> Result<OnRecord<EndedAssignments>, StoreError> {
    let (council, account) = (scope.council_id(), scope.worker().account);
    let told: Vec<DateTime<Utc>> = scope.as_identity(|scope| {
        let as_officer = officers::table
            .filter(officers::council_id.eq(council).and(officers::account_id.eq(account)))
            .select(officers::officer_id.nullable());
        let as_guest = guests::table
            .filter(guests::council_id.eq(council).and(guests::account_id.eq(account)))
            .select(guests::guest_id.nullable());
        let own =
            complaint_assignments::officer_id.eq_any(as_officer).or(complaint_assignments::guest_id.eq_any(as_guest));
        Ok(complaint_assignments::table
            .filter(complaint_assignments::council_id.eq(council).and(complaint_assignments::told_at.is_not_null()))
            .filter(own)
            .order(complaint_assignments::told_at.desc())
            .limit(MOST_LISTED)
            .select(complaint_assignments::told_at.assume_not_null())
            .load(scope.conn)?)
    })?;
    let items = told.into_iter().map(|told_at| EndedAssignment { told_at, words: TOLD }).collect();
    let reader = scope.worker().person.uuid();
    scope.record_read(EndedAssignments { items }, Event::ComplaintListed { reader })
}
