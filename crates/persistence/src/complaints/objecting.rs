//! What the complainant does against somebody who has their complaint: they object, and write why. Where nobody is left who could have it
//! instead, the responsible person decides, with reasons.

use almoner_domain::complaints::assigning::AssignmentEnd;
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{AssignmentId, ComplaintId, CouncilId, OfficerId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::{self, Line, Passage};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changing::find_alone;
use super::following::{find_sealed, write_to_officers};
use super::planning::tell;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_assignments, complaint_objections, guests, officers};
use crate::ground::scope::{ComplaintsScope, PartnerScope, Scope};

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

/// An objection to an officer who has a complaint still, on which nobody has decided.
pub(super) struct Undecided {
    pub(super) complaint: ComplaintId,
    /// The officer to whom the complainant objects.
    pub(super) officer: OfficerId,
    /// Since when nobody is left who could have it in their place.
    pub(super) nobody_left_since: Option<DateTime<Utc>>,
}

/// Finds the objections in these complaints on which nobody has decided, to officers who have them still, as far as the scope may see them.
pub(super) fn undecided(
    scope: &mut Scope<'_>,
    council: CouncilId,
    ids: &[ComplaintId],
) -> Result<Vec<Undecided>, StoreError> {
    let rows: Vec<(ComplaintId, OfficerId, Option<DateTime<Utc>>)> = complaint_objections::table
        .inner_join(
            complaint_assignments::table.on(complaint_assignments::council_id
                .eq(complaint_objections::council_id)
                .and(complaint_assignments::complaint_id.eq(complaint_objections::complaint_id))
                .and(complaint_assignments::assignment_id.eq(complaint_objections::assignment_id))),
        )
        .filter(complaint_objections::council_id.eq(council).and(complaint_objections::complaint_id.eq_any(ids)))
        .filter(complaint_objections::kept_at.is_null())
        .filter(complaint_assignments::ended_at.is_null().and(complaint_assignments::officer_id.is_not_null()))
        .select((
            complaint_objections::complaint_id,
            complaint_assignments::officer_id.assume_not_null(),
            complaint_objections::nobody_left_since,
        ))
        .load(scope.conn)?;
    let of = |(complaint, officer, nobody_left_since)| Undecided { complaint, officer, nobody_left_since };
    Ok(rows.into_iter().map(of).collect())
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
            // Whoever objects once more after it was decided is heard again.
            .on_conflict((
                complaint_objections::council_id,
                complaint_objections::complaint_id,
                complaint_objections::assignment_id,
            ))
            .do_update()
            .set((
                complaint_objections::objected_at.eq(scope.at()),
                complaint_objections::nobody_left_since.eq(None::<DateTime<Utc>>),
                complaint_objections::kept_at.eq(None::<DateTime<Utc>>),
            ))
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

/// An objection to somebody who had a complaint, or has it still.
#[derive(Clone, Serialize, ToSchema)]
pub struct FollowedObjection {
    /// Their name.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// When it was made.
    pub at: DateTime<Utc>,
}

/// The objections of a complaint. One to a guest ended what they had; one to an officer is on record.
pub(super) fn followed(
    scope: &mut PartnerScope<'_>,
    council: CouncilId,
    complaint: ComplaintId,
) -> Result<Vec<FollowedObjection>, StoreError> {
    type Row = (Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<String>, Option<String>);
    let rows: Vec<Row> = scope.as_identity(|scope| {
        Ok(complaint_assignments::table
            .left_join(
                complaint_objections::table.on(complaint_objections::council_id
                    .eq(complaint_assignments::council_id)
                    .and(complaint_objections::complaint_id.eq(complaint_assignments::complaint_id))
                    .and(complaint_objections::assignment_id.eq(complaint_assignments::assignment_id))),
            )
            .left_join(
                officers::table.on(officers::council_id
                    .eq(complaint_assignments::council_id)
                    .and(officers::officer_id.nullable().eq(complaint_assignments::officer_id))),
            )
            .left_join(
                guests::table.on(guests::council_id
                    .eq(complaint_assignments::council_id)
                    .and(guests::guest_id.nullable().eq(complaint_assignments::guest_id))),
            )
            .filter(
                complaint_assignments::council_id.eq(council).and(complaint_assignments::complaint_id.eq(complaint)),
            )
            .filter(
                complaint_objections::objected_at
                    .is_not_null()
                    .or(complaint_assignments::ended_because.eq(AssignmentEnd::Complainant)),
            )
            .order(complaint_assignments::assignment_id)
            .limit(200)
            .select((
                complaint_objections::objected_at.nullable(),
                complaint_assignments::ended_at,
                officers::name.nullable(),
                guests::name.nullable(),
            ))
            .load(scope.conn)?)
    })?;
    let shown = |(objected_at, ended_at, officer, guest): Row| {
        Some(FollowedObjection { name: officer.or(guest)?, at: objected_at.or(ended_at)? })
    };
    Ok(rows.into_iter().filter_map(shown).collect())
}

/// Why an officer to whom the complainant objects keeps the complaint.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Nobody else at the council works on complaints. She has never met anybody you name, and I read what she writes." }))]
pub struct Keep {
    /// The reason, which the complainant reads as a message. The Ombudsman's address is put below it.
    pub reason: Passage<4000>,
}

/// Decides, as the responsible person, that an officer to whom the complainant objects keeps the complaint, because nobody is left who could
/// open it in their place. It is refused as long as somebody is asked.
pub fn keep(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    assignment: AssignmentId,
    with: &Keep,
) -> Result<(), StoreError> {
    let complaint = find_alone(scope, id)?;
    let own = complaint_objections::table.find((scope.council_id(), id, assignment));
    let (left, kept): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) =
        own.select((complaint_objections::nobody_left_since, complaint_objections::kept_at)).first(scope.conn)?;
    if kept.is_some() || left.is_none() {
        let state = if kept.is_some() { "decided on" } else { "one for which others are asked" };
        return Err(Refusal::InvalidState { thing: "objection", state, step: "decided on" }.into());
    }
    let written = update(own).set(complaint_objections::kept_at.eq(scope.at())).execute(scope.conn)?;
    StoreError::unless_changed(written, "the objection")?;
    tell(scope, &complaint, with.reason.as_str())?;
    scope.record_because(Event::ComplaintObjectionDecided { complaint: id }, with.reason.as_str())
}
