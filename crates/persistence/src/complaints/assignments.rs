//! Letting people in to a complaint, by name. Only an officer who has it does, and the program refuses whom it knows something against.

use almoner_domain::complaints::assigning::{AssignmentEnd, View, end as may_end};
use almoner_domain::events::{Event, Task};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{AccountId, AssignmentId, ComplaintId, CouncilId, GuestId, HeadId, OfficerId};
use almoner_domain::officers::guests::Capacity;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::date;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Sealed;
use super::barring::concerned;
use super::changing::hold;
use super::closed::{named_in_what_waits, unless_another_is_asked};
use super::{heads, hearings};
use crate::ground::callers::ComplaintsPerson;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_assignments, complaint_objections, guests, officers};
use crate::ground::scope::ComplaintsScope;
use crate::officers::guests as guest_rows;
use crate::officers::roles::{at_work_on_complaints, not_gone};

/// The most assignments that a list has.
pub(super) const MOST_LISTED: i64 = 200;

/// Somebody to whom a complaint is assigned, or was.
#[derive(Clone, Serialize, ToSchema)]
pub struct Assignment {
    /// The identifier of the assignment.
    pub id: AssignmentId,
    /// The officer, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer_id: Option<OfficerId>,
    /// The guest, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_id: Option<GuestId>,
    /// In what capacity a guest has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// Their name.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// What they see of the complaint.
    pub view: View,
    /// Why the officer who assigned it judged that nothing speaks against it; absent for an officer who opened the complaint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<1000>>)]
    pub reason: Option<String>,
    /// The officer who assigned it.
    pub assigned_by: OfficerId,
    /// When it was assigned.
    pub assigned_at: DateTime<Utc>,
    /// From when on something is shown by it: at once, but for a subject who is heard.
    pub opens_at: DateTime<Utc>,
    /// When the complainant objected to them, if they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objected_at: Option<DateTime<Utc>>,
    /// Since when nobody is left who could have it in their place: the responsible person decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nobody_left_since: Option<DateTime<Utc>>,
    /// When the responsible person decided that they keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_at: Option<DateTime<Utc>>,
    /// When the assignment ended, the officer left, or the guest was let go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// When whoever had it was told that it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_at: Option<DateTime<Utc>>,
    /// Why it ended; absent too where the officer left or the guest was let go.
    #[serde(skip)]
    pub ended_because: Option<AssignmentEnd>,
}

impl Assignment {
    /// The officer or the guest.
    pub fn to(&self) -> Option<Uuid> {
        self.officer_id.map(OfficerId::uuid).or(self.guest_id.map(GuestId::uuid))
    }
}

/// Those to whom a complaint is assigned, or was, in the order in which they got it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Assignments {
    /// The assignments.
    #[schema(max_items = 200)]
    pub items: Vec<Assignment>,
}

/// Somebody to let in to a complaint: a guest or another officer.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "guest_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "reason": "She has never met the person, and nobody whom the complaint names is her manager or on her team.",
}))]
pub struct Assign {
    /// The guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_id: Option<GuestId>,
    /// The officer, in place of a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer_id: Option<OfficerId>,
    /// The heads that the guest looks into, who sees nothing else of the complaint. It is assigned whole where this is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 30)]
    pub heads: Option<Vec<HeadId>>,
    /// The day by which the guest answers these heads; five working days after today if it is left out.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<NaiveDate>,
    /// Why the officer who assigns it judges that nothing speaks against it.
    pub reason: Passage<1000>,
}

/// Selects the assignments by which somebody has complaints whole. Whoever works on complaints sees their own.
pub(super) fn whole_of<'a>(council: CouncilId, person: ComplaintsPerson) -> complaint_assignments::BoxedQuery<'a, Pg> {
    let live = complaint_assignments::table
        .filter(complaint_assignments::council_id.eq(council))
        .filter(complaint_assignments::view.eq(View::Whole).and(complaint_assignments::ended_at.is_null()))
        .into_boxed();
    match person {
        ComplaintsPerson::Officer(officer) => live.filter(complaint_assignments::officer_id.eq(officer)),
        ComplaintsPerson::Guest(guest) => live.filter(complaint_assignments::guest_id.eq(guest)),
    }
}

/// Lists those to whom a complaint is assigned, or was: the reading is on record.
pub fn list(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<OnRecord<Assignments>, StoreError> {
    let items = all(scope, id, MOST_LISTED)?;
    if items.is_empty() {
        return Err(StoreError::NotFound);
    }
    scope.record_read(Assignments { items }, Event::ComplaintAssignmentsListed { complaint: id })
}

/// Reads at most so many of those to whom a complaint is assigned, or was, in the order in which they got it.
pub(super) fn all(scope: &mut ComplaintsScope<'_>, id: ComplaintId, most: i64) -> Result<Vec<Assignment>, StoreError> {
    type Ended = (Option<DateTime<Utc>>, Option<AssignmentEnd>, Option<DateTime<Utc>>);
    type Row = (
        (AssignmentId, Option<OfficerId>, Option<GuestId>, View, Option<Vec<u8>>, almoner_domain::ids::KeyId),
        (OfficerId, DateTime<Utc>, DateTime<Utc>, Ended),
        (Option<String>, Option<DateTime<Utc>>, Option<String>, Option<Capacity>, Option<DateTime<Utc>>),
        (Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    );
    let council = scope.council_id();
    let rows: Vec<Row> = complaint_assignments::table
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
        .left_join(
            complaint_objections::table.on(complaint_objections::council_id
                .eq(complaint_assignments::council_id)
                .and(complaint_objections::complaint_id.eq(complaint_assignments::complaint_id))
                .and(complaint_objections::assignment_id.eq(complaint_assignments::assignment_id))),
        )
        .filter(complaint_assignments::council_id.eq(council).and(complaint_assignments::complaint_id.eq(id)))
        .order(complaint_assignments::assignment_id)
        .limit(most)
        .select((
            (
                complaint_assignments::assignment_id,
                complaint_assignments::officer_id,
                complaint_assignments::guest_id,
                complaint_assignments::view,
                complaint_assignments::reason,
                complaint_assignments::key_id,
            ),
            (
                complaint_assignments::assigned_by,
                complaint_assignments::assigned_at,
                complaint_assignments::opens_at,
                (complaint_assignments::ended_at, complaint_assignments::ended_because, complaint_assignments::told_at),
            ),
            (
                officers::name.nullable(),
                officers::access_ends_at.nullable(),
                guests::name.nullable(),
                guests::capacity.nullable(),
                guests::ended_at.nullable(),
            ),
            (
                complaint_objections::objected_at.nullable(),
                complaint_objections::nobody_left_since.nullable(),
                complaint_objections::kept_at.nullable(),
            ),
        ))
        .load(scope.conn)?;
    let mut assignments = Vec::new();
    for ((assignment, officer_id, guest_id, view, reason, key_id), times, names, objection) in rows {
        let (objected_at, nobody_left_since, kept_at) = objection;
        let (assigned_by, assigned_at, opens_at, (ended_at, ended_because, told_at)) = times;
        let (officer, access_ends_at, guest, capacity, let_go_at) = names;
        let left_at = access_ends_at.filter(|ends_at| *ends_at <= scope.at());
        let field = Sealed { council, id, key_id }.of("complaint_assignments", "reason", assignment.uuid());
        let reason = match reason {
            Some(reason) => Some(scope.key(council.uuid(), key_id)?.open(field, &reason)?),
            None => None,
        };
        assignments.push(Assignment {
            id: assignment,
            officer_id,
            guest_id,
            capacity,
            name: officer.or(guest).unwrap_or_default(),
            view,
            reason,
            assigned_by,
            assigned_at,
            opens_at,
            objected_at,
            nobody_left_since,
            kept_at,
            ended_at: ended_at.or(left_at).or(let_go_at),
            told_at,
            ended_because,
        });
    }
    Ok(assignments)
}

/// Assigns a complaint to a guest or another officer, by name: whole, or to a guest by heads.
pub fn assign(scope: &mut ComplaintsScope<'_>, id: ComplaintId, with: &Assign) -> Result<AssignmentId, StoreError> {
    let council = scope.council_id();
    scope.officer()?;
    // Whoever changes what the complaint is about meanwhile waits, or is seen.
    hold(scope, id)?;
    let complaint = concerned(scope, council, id)?;
    unless_another_is_asked(scope, id)?;
    let (person, faults) = match (with.guest_id, with.officer_id) {
        (Some(guest), None) => {
            let known = guest_rows::find(scope, guest).map_err(|error| error.unless_found("/guest_id"))?;
            if known.account.is_none() || !known.state().is_there() {
                return Err(fault("/guest_id", "is not somebody who has joined and is confirmed"));
            }
            if !known.capacity.reads_the_whole() {
                return Err(fault("/guest_id", "is a guest who is shown a part, and not the whole"));
            }
            let against = complaint.against_guest(scope, &known)?;
            (ComplaintsPerson::Guest(guest), against.faults("/guest_id"))
        }
        (None, Some(officer)) => {
            let (name, account) = officer_to_assign(scope, officer, "/officer_id")?;
            let against = complaint.against_officer(&name, account);
            (ComplaintsPerson::Officer(officer), against.faults("/officer_id"))
        }
        (Some(_), Some(_)) => return Err(fault("/officer_id", "must be left out where a guest is given")),
        (None, None) => return Err(fault("/guest_id", "is required unless an officer is given")),
    };
    StoreError::unless_faulty(faults)?;
    if complaint.is_over && person.guest().is_some() {
        return Err(Refusal::InvalidState { thing: "complaint", state: "over", step: "given to a guest" }.into());
    }
    if person.officer().is_some() && with.heads.is_some() {
        return Err(fault("/heads", "must be left out for an officer, who has a complaint whole"));
    }
    if with.answer_by.is_some() && with.heads.is_none() {
        return Err(fault("/answer_by", "must be left out where no heads are given"));
    }
    let all_heads = heads::of_complaint(scope, complaint.sealed)?;
    let (view, by_heads) = match &with.heads {
        Some(named) => (View::Heads, hearings::named(named, &all_heads)?),
        None => (View::Whole, Vec::new()),
    };
    let pointer = if with.guest_id.is_some() { "/guest_id" } else { "/officer_id" };
    let (opens_at, reason) = (scope.at(), with.reason.as_str());
    let answer_by = hearings::answer_by(scope, with.answer_by, opens_at)?;
    let assignment = insert(scope, complaint.sealed, &NewAssignment { person, view, opens_at, reason, pointer })?;
    hearings::show(scope, complaint.sealed, (assignment, answer_by), &by_heads)?;
    Ok(assignment)
}

/// Ends what guests have of a complaint that ends: whole, heads and notices, also those that nobody has read yet.
pub(super) fn end_guests(scope: &mut ComplaintsScope<'_>, complaint: ComplaintId) -> Result<(), StoreError> {
    let ended = update(complaint_assignments::table)
        .filter(complaint_assignments::council_id.eq(scope.council_id()))
        .filter(complaint_assignments::complaint_id.eq(complaint).and(complaint_assignments::ended_at.is_null()))
        .filter(complaint_assignments::guest_id.is_not_null())
        .set((
            complaint_assignments::ended_at.eq(scope.at()),
            complaint_assignments::ended_because.eq(AssignmentEnd::Closed),
        ))
        .execute(scope.conn)?;
    (0..ended).try_for_each(|_| scope.record(Event::ComplaintAssignmentEnded { complaint }))
}

/// An assignment to write.
pub(super) struct NewAssignment<'a> {
    pub(super) person: ComplaintsPerson,
    pub(super) view: View,
    /// From when on something is shown by it.
    pub(super) opens_at: DateTime<Utc>,
    pub(super) reason: &'a str,
    /// Where the person stands in the request.
    pub(super) pointer: &'static str,
}

/// Writes an assignment. The caller has already opened the key.
pub(super) fn insert(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
    new: &NewAssignment<'_>,
) -> Result<AssignmentId, StoreError> {
    let (council, by) = (scope.council_id(), scope.officer()?);
    let assignment: AssignmentId = scope.next_id();
    let field = sealed.of("complaint_assignments", "reason", assignment.uuid());
    let reason = scope.key(council.uuid(), sealed.key_id)?.seal(field, new.reason)?;
    diesel::insert_into(complaint_assignments::table)
        .values((
            complaint_assignments::council_id.eq(council),
            complaint_assignments::complaint_id.eq(sealed.id),
            complaint_assignments::assignment_id.eq(assignment),
            complaint_assignments::officer_id.eq(new.person.officer()),
            complaint_assignments::guest_id.eq(new.person.guest()),
            complaint_assignments::view.eq(new.view),
            complaint_assignments::opens_at.eq(new.opens_at),
            complaint_assignments::key_id.eq(sealed.key_id),
            complaint_assignments::reason.eq(reason),
            complaint_assignments::assigned_by.eq(by),
            complaint_assignments::assigned_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, new.pointer))?;
    scope.record(Event::ComplaintAssigned { complaint: sealed.id })?;
    Ok(assignment)
}

fn fault(pointer: &str, detail: &str) -> StoreError {
    StoreError::ValidationFailed(vec![Fault::new(pointer, detail)])
}

/// Finds an officer of the council who is there, with a role in complaints that works.
pub(super) fn officer_to_assign(
    scope: &mut ComplaintsScope<'_>,
    officer: OfficerId,
    pointer: &str,
) -> Result<(String, AccountId), StoreError> {
    let council = scope.council_id();
    let found: Option<(String, AccountId)> = officers::table
        .find((council, officer))
        .filter(officers::account_id.is_not_null().and(officers::unconfirmed_at.is_null()).and(not_gone!(scope.at())))
        .select((officers::name, officers::account_id.assume_not_null()))
        .first(scope.conn)
        .optional()?;
    let found = found.ok_or_else(|| fault(pointer, "names nothing that is there"))?;
    let at_work = scope.as_identity(|scope| at_work_on_complaints(scope, council))?;
    if at_work.contains(&officer) { Ok(found) } else { Err(fault(pointer, "is not somebody who works on complaints")) }
}

/// Ends an assignment. A complaint keeps an officer; a guest's ends whenever an officer says so.
pub fn end(scope: &mut ComplaintsScope<'_>, id: ComplaintId, assignment: AssignmentId) -> Result<(), StoreError> {
    let council = scope.council_id();
    let assignments = all(scope, id, MOST_LISTED)?;
    let ended = assignments.iter().find(|one| one.id == assignment).ok_or(StoreError::NotFound)?;
    unless_another_is_asked(scope, id)?;
    // Whoever the complainant names in what waits, or objects to, does not keep it, and neither does who has no role in complaints any more
    // or cannot come in.
    let (named, there) = scope
        .as_identity(|scope| Ok((named_in_what_waits(scope, council, id)?, at_work_on_complaints(scope, council)?)))?;
    let keeps_it = |one: &&Assignment| {
        one.id != assignment
            && one.ended_at.is_none()
            && (one.objected_at.is_none() || one.kept_at.is_some())
            && one.officer_id.is_some_and(|officer| there.contains(&officer) && !named.contains(&officer))
    };
    let others = assignments.iter().filter(keeps_it).count();
    may_end(ended.ended_at.is_none(), ended.officer_id.is_some(), others)?;
    let written = update(complaint_assignments::table.find((council, id, assignment)))
        .filter(complaint_assignments::ended_at.is_null())
        .set((
            complaint_assignments::ended_at.eq(scope.at()),
            complaint_assignments::ended_because.eq(AssignmentEnd::Officer),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(written, "the assignment")?;
    // Two officers who end each other's at once are seen by the worker, who asks the next.
    let at = scope.at();
    scope.schedule(council, Task::OfferComplaint { complaint: id }, at);
    scope.record(Event::ComplaintAssignmentEnded { complaint: id })
}
