//! Showing somebody a part of a complaint: the subject the heads on which they are heard, a handler the heads that they look into, an
//! employer's lead a notice in the officer's words. They see and answer that, and nothing else.

use almoner_domain::complaints::assigning::View;
use almoner_domain::complaints::deadlines::{heard_from, shown_answer_due_on};
use almoner_domain::complaints::giving::MessageGiven;
use almoner_domain::complaints::hearing::Hear;
use almoner_domain::complaints::status::Step;
use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{AnswerId, AssignmentId, ComplaintId, GuestId, HeadId, HearingId, KeyId};
use almoner_domain::officers::guests::Capacity;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::{end_of_day, london_date};
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Sealed;
use super::actions::{self, ShownAction};
use super::assignments::{NewAssignment, insert};
use super::changing::{Changes, change, find_alone};
use super::handling::addressee;
use super::heads::Head;
use super::messages::write_as_told;
use super::reading::Complaint;
use crate::ground::callers::ComplaintsPerson;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{complaint_answers, complaint_hearings, complaint_notices};
use crate::ground::scope::ComplaintsScope;
use crate::officers::guests::{self as guest_rows, Guest};

/// An answer to what somebody is shown.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "I was ill on the third, and had asked for somebody to ring." }))]
pub struct NewAnswer {
    /// The answer.
    pub text: Passage<10000>,
}

/// A head as it is shown to somebody.
#[derive(Clone, Serialize, ToSchema)]
pub struct ShownHead {
    /// The head.
    pub id: HeadId,
    /// What is complained of.
    #[schema(value_type = Passage<4000>)]
    pub statement: String,
    /// The day by which it is answered.
    pub answer_by: NaiveDate,
}

/// An answer of somebody who is shown a part of a complaint.
#[derive(Clone, Serialize, ToSchema)]
pub struct ShownAnswer {
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// The answer.
    #[schema(value_type = Passage<10000>)]
    pub text: String,
}

/// A part of a complaint that is shown to somebody.
#[derive(Clone, Serialize, ToSchema)]
pub struct Shown {
    /// The assignment by which it is shown.
    pub id: AssignmentId,
    /// The heads on which they are heard, or which they look into.
    #[schema(max_items = 30)]
    pub heads: Vec<ShownHead>,
    /// The notice, of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub notice: Option<String>,
    /// What is done because of the complaint and is theirs.
    #[schema(max_items = 100)]
    pub actions: Vec<ShownAction>,
    /// What they have answered, the oldest first.
    #[schema(max_items = 100)]
    pub answers: Vec<ShownAnswer>,
}

/// Parts of complaints that are shown to somebody.
#[derive(Clone, Serialize, ToSchema)]
pub struct ShownList {
    /// The parts.
    #[schema(max_items = 200)]
    pub items: Vec<Shown>,
}

const HEARINGS: &str = "complaint_hearings";
pub(super) const NOTICES: &str = "complaint_notices";
const ANSWERS: &str = "complaint_answers";

/// The most answers to one part.
const MOST_ANSWERS: usize = 100;

/// Finds a guest who was invited for this complaint, in this capacity, and was not let go. They need not have joined: the complainant is told
/// what a subject sees before the subject is told anything.
pub(super) fn guest_in(
    scope: &mut ComplaintsScope<'_>,
    complaint: ComplaintId,
    guest: GuestId,
    capacity: Capacity,
) -> Result<Guest, StoreError> {
    let fault = |detail: &str| StoreError::from(vec![Fault::new("/guest_id", detail)]);
    let known = guest_rows::find(scope, guest).map_err(|error| error.unless_found("/guest_id"))?;
    if known.capacity != capacity || known.complaint_id != Some(complaint) {
        return Err(fault(match capacity {
            Capacity::Subject => "is not a guest who was invited to be heard in this complaint",
            _ => "is not a guest who was invited as an employer's lead for this complaint",
        }));
    }
    if known.state().ended {
        return Err(fault("is a guest who was let go"));
    }
    Ok(known)
}

/// Lets the subject be heard on heads of a complaint, three working days after the complainant was told.
pub fn hear(scope: &mut ComplaintsScope<'_>, id: ComplaintId, with: &Hear) -> Result<AssignmentId, StoreError> {
    scope.officer()?;
    let complaint = find_alone(scope, id)?;
    complaint.status.after(Step::Investigate)?;
    guest_in(scope, id, with.guest_id, Capacity::Subject)?;
    let heads = named(&with.heads, &complaint.heads)?;
    let today = scope.today();
    StoreError::unless_faulty(with.faults(addressee(scope, &complaint)?, today))?;
    let opens_at = end_of_day(heard_from(with.told_on.unwrap_or(today), &scope.calendar()?)).max(scope.at());
    let answer_by = answer_by(scope, with.answer_by, opens_at)?;
    let assignment = assign(scope, &complaint, with.guest_id, (View::Heads, opens_at), with.interim.as_str())?;
    let sealed = complaint.sealed;
    show(scope, sealed, (assignment, answer_by), &heads)?;
    let given = with.told_by.zip(with.told_on).map(|(by, on)| MessageGiven { by, on });
    write_as_told(scope, sealed, &with.told(london_date(opens_at)), given)?;
    change(scope, &complaint, Changes::default())?;
    scope.record(Event::ComplaintHearingOpened { complaint: id })?;
    Ok(assignment)
}

/// Returns the heads of a complaint that somebody is to be shown: at least one.
pub(super) fn named<'h>(ids: &[HeadId], heads: &'h [Head]) -> Result<Vec<&'h Head>, StoreError> {
    if ids.is_empty() {
        return Err(vec![Fault::new("/heads", "must name at least one head")].into());
    }
    let mut named = Vec::new();
    let mut faults = Vec::new();
    for (place, id) in ids.iter().enumerate() {
        match heads.iter().find(|one| one.id == *id) {
            _ if ids[..place].contains(id) => {
                faults.push(Fault::new(format!("/heads/{place}"), "must name each head once"));
            }
            Some(head) => named.push(head),
            None => faults.push(Fault::new(format!("/heads/{place}"), "names nothing that is there")),
        }
    }
    StoreError::unless_faulty(faults)?;
    Ok(named)
}

/// The day by which heads are answered that are shown from a moment on: that which the officer names, or five working days after.
pub(super) fn answer_by(
    scope: &mut ComplaintsScope<'_>,
    named: Option<NaiveDate>,
    opens_at: DateTime<Utc>,
) -> Result<NaiveDate, StoreError> {
    let from = london_date(opens_at);
    match named {
        Some(day) if day < from => {
            let detail = format!("must not be before {from}, the day from which they see it");
            Err(vec![Fault::new("/answer_by", detail)].into())
        }
        Some(day) => Ok(day),
        None => Ok(shown_answer_due_on(from, &scope.calendar()?)),
    }
}

/// Shows heads by an assignment, as they are now, to be answered by a day: what somebody is shown stays so, whatever becomes of the head.
pub(super) fn show(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
    (assignment, answer_by): (AssignmentId, NaiveDate),
    heads: &[&Head],
) -> Result<(), StoreError> {
    for head in heads {
        let hearing: HearingId = scope.next_id();
        let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
        let statement = key.seal(sealed.of(HEARINGS, "statement", hearing.uuid()), &head.statement)?;
        diesel::insert_into(complaint_hearings::table)
            .values((
                complaint_hearings::council_id.eq(sealed.council),
                complaint_hearings::complaint_id.eq(sealed.id),
                complaint_hearings::hearing_id.eq(hearing),
                complaint_hearings::assignment_id.eq(assignment),
                complaint_hearings::head_id.eq(head.id),
                complaint_hearings::key_id.eq(sealed.key_id),
                complaint_hearings::statement.eq(statement),
                complaint_hearings::answer_by.eq(answer_by),
            ))
            .execute(scope.conn)?;
    }
    Ok(())
}

/// Assigns a part of a complaint to a guest.
pub(super) fn assign(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    guest: GuestId,
    (view, opens_at): (View, DateTime<Utc>),
    reason: &str,
) -> Result<AssignmentId, StoreError> {
    let person = ComplaintsPerson::Guest(guest);
    insert(scope, complaint.sealed, &NewAssignment { person, view, opens_at, reason, pointer: "/guest_id" })
}

/// Whose parts are read.
pub(super) enum Of {
    /// Those of one complaint, by somebody who has it.
    Complaint(ComplaintId),
    /// Those that are shown to the caller.
    Caller,
}

/// Reads parts of complaints.
fn shown(scope: &mut ComplaintsScope<'_>, of: &Of) -> Result<Vec<(Sealed, Shown)>, StoreError> {
    type Heard = (ComplaintId, AssignmentId, HearingId, HeadId, KeyId, (Vec<u8>, NaiveDate));
    type Notice = (ComplaintId, AssignmentId, KeyId, Vec<u8>);
    type Answer = (ComplaintId, AssignmentId, AnswerId, KeyId, DateTime<Utc>, Vec<u8>);
    let council = scope.council_id();
    let mut heads = complaint_hearings::table.filter(complaint_hearings::council_id.eq(council)).into_boxed();
    let mut notices = complaint_notices::table.filter(complaint_notices::council_id.eq(council)).into_boxed();
    let mut answers = complaint_answers::table.filter(complaint_answers::council_id.eq(council)).into_boxed();
    match of {
        Of::Complaint(id) => {
            heads = heads.filter(complaint_hearings::complaint_id.eq(*id));
            notices = notices.filter(complaint_notices::complaint_id.eq(*id));
            answers = answers.filter(complaint_answers::complaint_id.eq(*id));
        }
        // Whoever has a complaint besides sees what is shown of it to others, which is not shown to them.
        Of::Caller => {
            let own = scope.worker().shown.clone();
            heads = heads.filter(complaint_hearings::assignment_id.eq_any(own.clone()));
            notices = notices.filter(complaint_notices::assignment_id.eq_any(own.clone()));
            answers = answers.filter(complaint_answers::assignment_id.eq_any(own));
        }
    }
    let heads: Vec<Heard> = heads
        .order(complaint_hearings::hearing_id)
        .limit(1000)
        .select((
            complaint_hearings::complaint_id,
            complaint_hearings::assignment_id,
            complaint_hearings::hearing_id,
            complaint_hearings::head_id,
            complaint_hearings::key_id,
            (complaint_hearings::statement, complaint_hearings::answer_by),
        ))
        .load(scope.conn)?;
    let notices: Vec<Notice> = notices
        .order(complaint_notices::assignment_id)
        .limit(200)
        .select((
            complaint_notices::complaint_id,
            complaint_notices::assignment_id,
            complaint_notices::key_id,
            complaint_notices::notice,
        ))
        .load(scope.conn)?;
    let answers: Vec<Answer> = answers
        .order(complaint_answers::answer_id)
        .limit(2000)
        .select((
            complaint_answers::complaint_id,
            complaint_answers::assignment_id,
            complaint_answers::answer_id,
            complaint_answers::key_id,
            complaint_answers::written_at,
            complaint_answers::text,
        ))
        .load(scope.conn)?;
    let mut all: Vec<(Sealed, Shown)> = Vec::new();
    for (complaint, assignment, hearing, id, key_id, (statement, answer_by)) in heads {
        let sealed = Sealed { council, id: complaint, key_id };
        let key = scope.key(council.uuid(), key_id)?;
        let statement = key.open(sealed.of(HEARINGS, "statement", hearing.uuid()), &statement)?;
        of_assignment(&mut all, sealed, assignment).heads.push(ShownHead { id, statement, answer_by });
    }
    for (sealed, assignment, action) in actions::shown(scope, of)? {
        of_assignment(&mut all, sealed, assignment).actions.push(action);
    }
    for (complaint, assignment, key_id, notice) in notices {
        let sealed = Sealed { council, id: complaint, key_id };
        let key = scope.key(council.uuid(), key_id)?;
        let notice = key.open(sealed.of(NOTICES, "notice", assignment.uuid()), &notice)?;
        of_assignment(&mut all, sealed, assignment).notice = Some(notice);
    }
    for (complaint, assignment, id, key_id, written_at, text) in answers {
        let sealed = Sealed { council, id: complaint, key_id };
        let key = scope.key(council.uuid(), key_id)?;
        let text = key.open(sealed.of(ANSWERS, "text", id.uuid()), &text)?;
        of_assignment(&mut all, sealed, assignment).answers.push(ShownAnswer { written_at, text });
    }
    Ok(all)
}

fn of_assignment(all: &mut Vec<(Sealed, Shown)>, sealed: Sealed, id: AssignmentId) -> &mut Shown {
    let place = all.iter().position(|(_, shown)| shown.id == id).unwrap_or_else(|| {
        let (heads, actions, answers) = (Vec::new(), Vec::new(), Vec::new());
        all.push((sealed, Shown { id, heads, notice: None, actions, answers }));
        all.len() - 1
    });
    &mut all[place].1
}

/// Lists the parts of complaints that are shown to the caller: the reading is on record.
pub fn list(scope: &mut ComplaintsScope<'_>) -> Result<OnRecord<ShownList>, StoreError> {
    let items = shown(scope, &Of::Caller)?;
    for (sealed, _) in &items {
        scope.record(Event::ComplaintPartRead { complaint: sealed.id })?;
    }
    let reader = scope.worker().person.uuid();
    let list = ShownList { items: items.into_iter().map(|(_, shown)| shown).collect() };
    scope.record_read(list, Event::ComplaintListed { reader })
}

/// Reads what is shown of a complaint to those who do not have it whole. The caller has found the complaint.
pub(super) fn of_complaint(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<Vec<Shown>, StoreError> {
    Ok(shown(scope, &Of::Complaint(id))?.into_iter().map(|(_, shown)| shown).collect())
}

/// Lists what is shown of a complaint to those who do not have it whole, with what they answered: the reading is on record.
pub fn list_of_complaint(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<OnRecord<ShownList>, StoreError> {
    super::reading::find(scope, id)?;
    let items = of_complaint(scope, id)?;
    scope.record_read(ShownList { items }, Event::ComplaintRead { complaint: id })
}

/// Answers what is shown to the caller.
pub fn answer(
    scope: &mut ComplaintsScope<'_>,
    assignment: AssignmentId,
    new: &NewAnswer,
) -> Result<AnswerId, StoreError> {
    let all = shown(scope, &Of::Caller)?;
    let (sealed, part) = all.into_iter().find(|(_, shown)| shown.id == assignment).ok_or(StoreError::NotFound)?;
    if part.answers.len() >= MOST_ANSWERS {
        return Err(Refusal::TooManyAnswers.into());
    }
    let id: AnswerId = scope.next_id();
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let text = key.seal(sealed.of(ANSWERS, "text", id.uuid()), new.text.as_str())?;
    diesel::insert_into(complaint_answers::table)
        .values((
            complaint_answers::council_id.eq(sealed.council),
            complaint_answers::complaint_id.eq(sealed.id),
            complaint_answers::answer_id.eq(id),
            complaint_answers::assignment_id.eq(assignment),
            complaint_answers::key_id.eq(sealed.key_id),
            complaint_answers::written_at.eq(scope.at()),
            complaint_answers::text.eq(text),
        ))
        .execute(scope.conn)?;
    scope.record(Event::ComplaintPartAnswered { complaint: sealed.id })?;
    Ok(id)
}
