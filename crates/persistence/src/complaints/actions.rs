//! What is done because of a complaint: actions with owners and dates.

use almoner_domain::complaints::assigning::View;
use almoner_domain::complaints::status::Step;
use almoner_domain::complaints::streams::{SetApart, Stream, fault_of_body};
use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ActionId, AssignmentId, ComplaintId, KeyId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::date;
use almoner_domain::words::text::{Line, Passage};
use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Sealed;
use super::changing::{Changes, change, find_alone, seal};
use super::hearings::Of;
use super::messages::write_in_writing;
use super::reading::Complaint;
use super::requests::{self, own_names};
use super::response::PromisedAction;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_actions, complaint_assignments};
use crate::ground::scope::ComplaintsScope;

/// The most actions of one complaint.
const MOST_ACTIONS: usize = 100;

const TABLE: &str = "complaint_actions";

/// Something that is done because of a complaint.
#[derive(Clone, Serialize, ToSchema)]
pub struct Action {
    /// The identifier of the action.
    pub id: ActionId,
    /// What is done.
    #[schema(value_type = Passage<2000>)]
    pub what: String,
    /// Whose it is.
    #[schema(value_type = Line<200>)]
    pub owner: String,
    /// Whether the Ombudsman asked for it.
    pub for_ombudsman: bool,
    /// The stream of a matter that is dealt with apart from the complaint, to which it is passed on or in which it is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<Stream>,
    /// The day on which the complainant consented that it is sent to another body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consented_on: Option<NaiveDate>,
    /// The assignment of whoever it is shown to, who has a part of the complaint alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment_id: Option<AssignmentId>,
    /// The day by which it is done.
    pub due_on: NaiveDate,
    /// The day on which it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_on: Option<NaiveDate>,
    /// What was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<2000>>)]
    pub done: Option<String>,
}

/// Something to do because of a complaint.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "what": "Visits are taken out of the diary after a call only.", "owner": "Practice manager, Severn Social Work", "due_on": "2027-01-15",
}))]
pub struct NewAction {
    /// What is to be done. The response says it.
    pub what: Passage<2000>,
    /// Whose it is: a name, or an office.
    pub owner: Line<200>,
    /// The day by which it is done.
    #[serde(deserialize_with = "date::required")]
    pub due_on: NaiveDate,
    /// Whether the Ombudsman asked for it.
    #[serde(default)]
    pub for_ombudsman: bool,
    /// The assignment of whoever it is shown to, if it is theirs and they have a part of the complaint alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment_id: Option<AssignmentId>,
}

/// An action as it is shown to somebody whose it is and who has a part of the complaint alone.
#[derive(Clone, Serialize, ToSchema)]
pub struct ShownAction {
    /// The identifier of the action.
    pub id: ActionId,
    /// What is done.
    #[schema(value_type = Passage<2000>)]
    pub what: String,
    /// The day by which it is done.
    pub due_on: NaiveDate,
    /// The day on which it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_on: Option<NaiveDate>,
}

/// What was done.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "on": "2026-11-20", "words": "The practice has changed its diary, and I have seen it." }))]
pub struct Done {
    /// The day on which it was done.
    #[serde(deserialize_with = "date::required")]
    pub on: NaiveDate,
    /// What was done.
    pub words: Passage<2000>,
}

/// An action as a response promises it.
pub(super) fn promised(action: &Action) -> PromisedAction {
    PromisedAction { what: action.what.clone(), due_on: action.due_on }
}

/// The words of an action, which are sealed together.
#[derive(Serialize, Deserialize)]
struct Content {
    what: String,
    owner: String,
}

/// Reads the actions of a complaint. The caller has already opened the key.
pub(super) fn of_complaint(scope: &mut ComplaintsScope<'_>, sealed: Sealed) -> Result<Vec<Action>, StoreError> {
    type Row = (ActionId, Vec<u8>, bool, Apart, Option<AssignmentId>, NaiveDate, Option<NaiveDate>, Option<Vec<u8>>);
    type Apart = (Option<Stream>, Option<NaiveDate>);
    let rows: Vec<Row> = complaint_actions::table
        .filter(complaint_actions::council_id.eq(sealed.council).and(complaint_actions::complaint_id.eq(sealed.id)))
        .order(complaint_actions::action_id)
        .select((
            complaint_actions::action_id,
            complaint_actions::content,
            complaint_actions::for_ombudsman,
            (complaint_actions::stream, complaint_actions::consented_on),
            complaint_actions::assignment_id,
            complaint_actions::due_on,
            complaint_actions::done_on,
            complaint_actions::done,
        ))
        .load(scope.conn)?;
    let mut actions = Vec::new();
    for (id, content, for_ombudsman, (stream, consented_on), assignment_id, due_on, done_on, done) in rows {
        let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
        let content: Content = key.open(sealed.of(TABLE, "content", id.uuid()), &content)?;
        let done = match done {
            Some(done) => Some(key.open(sealed.of(TABLE, "done", id.uuid()), &done)?),
            None => None,
        };
        let Content { what, owner } = content;
        actions.push(Action {
            id,
            what,
            owner,
            for_ombudsman,
            stream,
            consented_on,
            assignment_id,
            due_on,
            done_on,
            done,
        });
    }
    Ok(actions)
}

/// Reads the actions that are shown by assignments: those of one complaint, or those of the caller.
pub(super) fn shown(
    scope: &mut ComplaintsScope<'_>,
    of: &Of,
) -> Result<Vec<(Sealed, AssignmentId, ShownAction)>, StoreError> {
    type Row = (ComplaintId, AssignmentId, ActionId, KeyId, Vec<u8>, NaiveDate, Option<NaiveDate>);
    let council = scope.council_id();
    let mut actions = complaint_actions::table
        .filter(complaint_actions::council_id.eq(council).and(complaint_actions::assignment_id.is_not_null()))
        .into_boxed();
    actions = match of {
        Of::Complaint(id) => actions.filter(complaint_actions::complaint_id.eq(*id)),
        Of::Caller => actions.filter(complaint_actions::assignment_id.eq_any(scope.worker().shown.clone())),
    };
    let rows: Vec<Row> = actions
        .order(complaint_actions::action_id)
        .limit(2000)
        .select((
            complaint_actions::complaint_id,
            complaint_actions::assignment_id.assume_not_null(),
            complaint_actions::action_id,
            complaint_actions::key_id,
            complaint_actions::content,
            complaint_actions::due_on,
            complaint_actions::done_on,
        ))
        .load(scope.conn)?;
    let mut shown = Vec::new();
    for (complaint, assignment, id, key_id, content, due_on, done_on) in rows {
        let sealed = Sealed { council, id: complaint, key_id };
        let key = scope.key(council.uuid(), key_id)?;
        let Content { what, .. } = key.open(sealed.of(TABLE, "content", id.uuid()), &content)?;
        shown.push((sealed, assignment, ShownAction { id, what, due_on, done_on }));
    }
    Ok(shown)
}

/// Refuses an assignment by which no part of this complaint is shown to somebody.
fn unless_shown(
    scope: &mut ComplaintsScope<'_>,
    complaint: ComplaintId,
    assignment: AssignmentId,
) -> Result<(), StoreError> {
    let is_shown: bool = diesel::select(exists(
        complaint_assignments::table
            .find((scope.council_id(), complaint, assignment))
            .filter(complaint_assignments::view.ne(View::Whole).and(complaint_assignments::ended_at.is_null())),
    ))
    .get_result(scope.conn)?;
    let fault =
        || Fault::new("/assignment_id", "is not the assignment of somebody to whom a part of the complaint is shown");
    StoreError::unless_faulty((!is_shown).then(fault).into_iter().collect())
}

/// Puts down what is to be done because of a complaint.
pub fn add(scope: &mut ComplaintsScope<'_>, id: ComplaintId, new: &NewAction) -> Result<ActionId, StoreError> {
    let complaint = find_alone(scope, id)?;
    if new.due_on < scope.today() {
        return Err(vec![Fault::new("/due_on", "must not be in the past")].into());
    }
    let content = Content { what: new.what.to_string(), owner: new.owner.to_string() };
    if let Some(assignment) = new.assignment_id {
        unless_shown(scope, id, assignment)?;
    }
    let (for_ombudsman, shown_by, due_on) = (new.for_ombudsman, new.assignment_id, new.due_on);
    let to_do = ToDo { content, for_ombudsman, apart: None, shown_by, due_on };
    let action = insert(scope, &complaint, &to_do)?;
    scope.record(Event::ComplaintActionAdded { complaint: id })?;
    Ok(action)
}

/// Deals with a matter in a complaint apart, in a stream of its own. The complainant is told, and the complaint goes on.
pub fn set_apart(scope: &mut ComplaintsScope<'_>, id: ComplaintId, with: &SetApart) -> Result<ActionId, StoreError> {
    scope.officer()?;
    let complaint = find_alone(scope, id)?;
    let (received, today) = (london_date(complaint.received_at), scope.today());
    let mut faults = with.faults(received, today);
    if with.stream == Stream::OtherBody {
        let own = own_names(scope, &complaint)?;
        faults.extend(fault_of_body("/owner", with.owner.as_str(), &own));
    }
    StoreError::unless_faulty(faults)?;
    let consented_on = match with.consent_request_id {
        Some(request) => Some(requests::consented_on(&complaint, request, &with.owner)?),
        None => None,
    };
    let by_law_or_plan = with.stream.latest(received).unwrap_or(complaint.response_due_on);
    let to_do = ToDo {
        content: Content { what: with.words.to_string(), owner: with.owner.to_string() },
        for_ombudsman: false,
        apart: Some((with.stream, consented_on)),
        shown_by: None,
        due_on: with.due_on.unwrap_or(by_law_or_plan),
    };
    let action = insert(scope, &complaint, &to_do)?;
    write_in_writing(scope, complaint.sealed, with.words.as_str())?;
    scope.record(Event::ComplaintMatterSetApart { complaint: id })?;
    Ok(action)
}

/// What is to be done, and by when.
struct ToDo {
    content: Content,
    for_ombudsman: bool,
    /// The stream of a matter that is dealt with apart, and the day on which the complainant consented that it is sent on.
    apart: Option<(Stream, Option<NaiveDate>)>,
    /// The assignment of whoever it is shown to.
    shown_by: Option<AssignmentId>,
    due_on: NaiveDate,
}

fn insert(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, to_do: &ToDo) -> Result<ActionId, StoreError> {
    let is_remedy = to_do.for_ombudsman && complaint.is_decided_by_the_ombudsman();
    complaint.status.after(if is_remedy { Step::Remedy } else { Step::Promise })?;
    if complaint.actions.len() >= MOST_ACTIONS {
        return Err(Refusal::TooManyActions.into());
    }
    let action: ActionId = scope.next_id();
    let content = seal(scope, complaint, (TABLE, "content"), action.uuid(), &to_do.content)?;
    diesel::insert_into(complaint_actions::table)
        .values((
            complaint_actions::council_id.eq(scope.council_id()),
            complaint_actions::complaint_id.eq(complaint.id),
            complaint_actions::action_id.eq(action),
            complaint_actions::key_id.eq(complaint.sealed.key_id),
            complaint_actions::content.eq(content),
            complaint_actions::for_ombudsman.eq(to_do.for_ombudsman),
            complaint_actions::stream.eq(to_do.apart.map(|(stream, _)| stream)),
            complaint_actions::consented_on.eq(to_do.apart.and_then(|(_, consented_on)| consented_on)),
            complaint_actions::assignment_id.eq(to_do.shown_by),
            complaint_actions::due_on.eq(to_do.due_on),
        ))
        .execute(scope.conn)?;
    change(scope, complaint, Changes::default())?;
    Ok(action)
}

/// Puts down that an action is done.
pub fn done(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    action: ActionId,
    with: &Done,
) -> Result<(), StoreError> {
    let known = complaint.actions.iter().find(|one| one.id == action).ok_or(StoreError::NotFound)?;
    if known.done_on.is_some() {
        return Err(Refusal::InvalidState { thing: "action", state: "done", step: "done again" }.into());
    }
    if with.on > scope.today() || with.on < london_date(complaint.received_at) {
        return Err(vec![Fault::new("/on", "must be from the day of receipt to today")].into());
    }
    let words = seal(scope, complaint, (TABLE, "done"), action.uuid(), with.words.as_str())?;
    let written = update(complaint_actions::table.find((scope.council_id(), complaint.id, action)))
        .set((complaint_actions::done_on.eq(with.on), complaint_actions::done.eq(words)))
        .execute(scope.conn)?;
    StoreError::unless_changed(written, "the action")?;
    change(scope, complaint, Changes::default())?;
    scope.record(Event::ComplaintActionDone { complaint: complaint.id })
}
