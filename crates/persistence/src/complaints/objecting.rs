//! What the complainant does against somebody who has their complaint: they object, and write why.

use almoner_domain::complaints::assigning::AssignmentEnd;
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{AssignmentId, OfficerId};
use almoner_domain::words::text::{self, Passage};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::following::{find_sealed, write_to_officers};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_assignments, complaint_objections};
use crate::ground::scope::PartnerScope;

/// An objection of the complainant's to somebody who has their complaint.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "assignment_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "words": "She is my neighbour's sister." }))]
pub struct Object {
    /// The identifier that stands beside the name of whoever has the complaint.
    pub assignment_id: AssignmentId,
    /// Why the complainant objects. It is written as a message to the officers.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub words: Option<Passage<4000>>,
}

/// Objects to somebody who has the complaint. From now on it is closed to a guest; an officer has it until the next has opened it.
pub fn object(
    scope: &mut PartnerScope<'_>,
    reference: &str,
    code: &str,
    with: &Object,
) -> Result<AssignmentId, StoreError> {
    let sealed = find_sealed(scope, reference, code)?;
    let (council, complaint) = (sealed.council, sealed.id);
    let own = complaint_assignments::table.find((council, complaint, with.assignment_id));
    let officer: Option<Option<OfficerId>> = own
        .filter(complaint_assignments::ended_at.is_null())
        .select(complaint_assignments::officer_id)
        .first(scope.conn)
        .optional()?;
    let Some(officer) = officer else {
        return Err(vec![Fault::new("/assignment_id", "names nobody who has the complaint")].into());
    };
    if officer.is_some() {
        diesel::insert_into(complaint_objections::table)
            .values((
                complaint_objections::council_id.eq(council),
                complaint_objections::complaint_id.eq(complaint),
                complaint_objections::assignment_id.eq(with.assignment_id),
                complaint_objections::objected_at.eq(scope.at()),
            ))
            .on_conflict_do_nothing()
            .execute(scope.conn)?;
    } else {
        let ended = update(own)
            .filter(complaint_assignments::ended_at.is_null())
            .set((
                complaint_assignments::ended_at.eq(scope.at()),
                complaint_assignments::ended_because.eq(AssignmentEnd::Complainant),
            ))
            .execute(scope.conn)?;
        StoreError::unless_changed(ended, "the assignment")?;
        scope.record_in(LogOwner::Complaints(council), Event::ComplaintAssignmentEnded { complaint })?;
    }
    if let Some(words) = &with.words {
        write_to_officers(scope, sealed, words.as_str())?;
    }
    let at = scope.at();
    scope.as_role("almoner_intake", |scope| {
        scope.schedule(council, Task::OfferComplaint { complaint }, at);
        Ok(())
    })?;
    scope.record_in(LogOwner::Complaints(council), Event::ComplaintObjected { complaint })?;
    Ok(with.assignment_id)
}
