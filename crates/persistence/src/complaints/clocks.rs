//! What is due in complaints, and the list of it that everybody has who works on some.

use std::collections::HashMap;

use almoner_domain::complaints::clocks::{Clock, Due, Timed, ToDo};
use almoner_domain::complaints::deadlines::{answer_due_on, close_due_on, explain_by, give_by, objection_due_on};
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::complaints::streams::Stream;
use almoner_domain::events::Event;
use almoner_domain::ids::{ActionId, AssignmentId, ComplaintId, CouncilId, HeadId, OfficerId};
use almoner_domain::words::calendar::{Calendar, london_date};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::assignments::whole_of;
use super::earliest::{OwnDays, own_days, with_its_own_days};
use super::intakes::oral;
use super::messages::waiting_to_be_given;
use super::objecting::undecided;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{
    complaint_actions, complaint_answers, complaint_assignments, complaint_concerns, complaint_documents,
    complaint_heads, complaint_hearings, complaint_intakes, complaint_messages, complaint_receipts, complaint_requests,
    complaints, guests,
};
use crate::ground::scope::{ComplaintsScope, Scope};

/// The most complaints of which the list says what is due. Nobody has as many in which something is.
const MOST_COMPLAINTS: i64 = 2000;

/// The most things that the list has.
const MOST_DUE: usize = 1000;

/// Something that is due in a complaint.
#[derive(Clone, Serialize, ToSchema)]
pub struct DueItem {
    /// The complaint.
    pub complaint_id: ComplaintId,
    /// The reference of the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
    /// What is due.
    pub clock: Clock,
    /// The last day for it.
    pub on: NaiveDate,
    /// Whether that day is over.
    pub overdue: bool,
}

/// Something that is due of somebody to whom a part of a complaint is shown: a head to be answered, or an action. It says nothing else of
/// the complaint: what it is stands in the part.
#[derive(Clone, Serialize, ToSchema)]
pub struct DuePart {
    /// The part: the assignment by which it is shown.
    pub part_id: AssignmentId,
    /// The head that is to be answered, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_id: Option<HeadId>,
    /// The action that is to be done, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_id: Option<ActionId>,
    /// The last day for it.
    pub on: NaiveDate,
    /// Whether that day is over.
    pub overdue: bool,
}

/// What is due to the caller, the earliest first.
#[derive(Clone, Serialize, ToSchema)]
pub struct DueList {
    /// What is due in the complaints that are assigned to the caller whole.
    #[schema(max_items = 1000)]
    pub items: Vec<DueItem>,
    /// What is due of the caller in the parts of complaints that are shown to them.
    #[schema(max_items = 1000)]
    pub parts: Vec<DuePart>,
}

/// Reads these complaints as their clocks see them, as far as the scope may.
pub(super) fn of(
    scope: &mut Scope<'_>,
    council: CouncilId,
    ids: &[ComplaintId],
    calendar: &Calendar,
) -> Result<HashMap<ComplaintId, Timed>, StoreError> {
    let mut all = of_their_own(scope, council, ids)?;
    let held: Vec<(ComplaintId, NaiveDate)> = complaint_heads::table
        .filter(complaint_heads::council_id.eq(council).and(complaint_heads::complaint_id.eq_any(ids)))
        .filter(complaint_heads::held_until.is_not_null())
        .select((complaint_heads::complaint_id, complaint_heads::held_until.assume_not_null()))
        .load(scope.conn)?;
    let waiting: Vec<(ComplaintId, NaiveDate)> = complaint_requests::table
        .filter(complaint_requests::council_id.eq(council).and(complaint_requests::complaint_id.eq_any(ids)))
        .filter(complaint_requests::decided_at.is_null())
        .select((complaint_requests::complaint_id, complaint_requests::decide_by))
        .load(scope.conn)?;
    let without_code: Vec<(ComplaintId, NaiveDate)> = complaint_receipts::table
        .filter(complaint_receipts::council_id.eq(council).and(complaint_receipts::complaint_id.eq_any(ids)))
        .filter(complaint_receipts::code_due_on.is_not_null())
        .select((complaint_receipts::complaint_id, complaint_receipts::code_due_on.assume_not_null()))
        .load(scope.conn)?;
    for (id, until) in held {
        all.entry(id).and_modify(|timed| timed.held_until.push(until));
    }
    for (id, by) in waiting {
        all.entry(id).and_modify(|timed| timed.decide_by.push(by));
    }
    for objection in undecided(scope, council, ids)? {
        if let (Some(timed), Some(since)) = (all.get_mut(&objection.complaint), objection.nobody_left_since) {
            timed.objections_by.push(objection_due_on(london_date(since), calendar));
        }
    }
    let without_record: Vec<ComplaintId> = complaint_intakes::table
        .filter(complaint_intakes::council_id.eq(council).and(complaint_intakes::complaint_id.eq_any(ids)))
        .filter(complaint_intakes::came_by.eq_any(oral()).and(complaint_intakes::given_on.is_null()))
        .select(complaint_intakes::complaint_id)
        .load(scope.conn)?;
    for (id, on) in without_code {
        all.entry(id).and_modify(|timed| timed.code_due_on = Some(on));
    }
    for id in without_record {
        all.entry(id).and_modify(|timed| timed.record_due_on = Some(timed.acknowledgement_due_on));
    }
    for (id, by) in unanswered_parts(scope, council, ids)? {
        all.entry(id).and_modify(|timed| timed.parts_by.push(by));
    }
    add_delays(scope, council, &mut all, calendar)?;
    for (id, since) in waiting_for_an_officer(scope, council, ids)? {
        let by = answer_due_on(london_date(since), calendar);
        all.entry(id).and_modify(|timed| timed.answer_by.push(by));
    }
    for (id, since) in waiting_to_be_given(scope, council, ids)? {
        let by = give_by(since, calendar);
        all.entry(id).and_modify(|timed| timed.give_by.push(by));
    }
    add_actions(scope, council, &mut all, calendar)?;
    Ok(all)
}

/// Reads the days that stand in the complaints themselves.
fn of_their_own(
    scope: &mut Scope<'_>,
    council: CouncilId,
    ids: &[ComplaintId],
) -> Result<HashMap<ComplaintId, Timed>, StoreError> {
    let rows: Vec<(ComplaintId, OwnDays, Option<NaiveDate>)> = complaints::table
        .left_join(
            complaint_concerns::table.on(complaint_concerns::council_id
                .eq(complaints::council_id)
                .and(complaint_concerns::complaint_id.eq(complaints::complaint_id))),
        )
        .filter(complaints::council_id.eq(council).and(complaints::complaint_id.eq_any(ids)))
        .select((complaints::complaint_id, own_days!(), complaint_concerns::confirm_by.nullable()))
        .load(scope.conn)?;
    Ok(rows.into_iter().map(|(id, own, confirm_by)| (id, with_its_own_days(own, confirm_by))).collect())
}

/// The last day of each part that is shown to somebody who has it still and has not answered.
fn unanswered_parts(
    scope: &mut Scope<'_>,
    council: CouncilId,
    ids: &[ComplaintId],
) -> Result<Vec<(ComplaintId, NaiveDate)>, StoreError> {
    let parts: Vec<(ComplaintId, AssignmentId, NaiveDate)> = complaint_hearings::table
        .inner_join(
            complaint_assignments::table.on(complaint_assignments::council_id
                .eq(complaint_hearings::council_id)
                .and(complaint_assignments::complaint_id.eq(complaint_hearings::complaint_id))
                .and(complaint_assignments::assignment_id.eq(complaint_hearings::assignment_id))),
        )
        .inner_join(
            guests::table.on(guests::council_id
                .eq(complaint_assignments::council_id)
                .and(guests::guest_id.nullable().eq(complaint_assignments::guest_id))),
        )
        .filter(complaint_hearings::council_id.eq(council).and(complaint_hearings::complaint_id.eq_any(ids)))
        .filter(complaint_assignments::ended_at.is_null().and(guests::ended_at.is_null()))
        .select((complaint_hearings::complaint_id, complaint_hearings::assignment_id, complaint_hearings::answer_by))
        .distinct()
        .load(scope.conn)?;
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let answered: Vec<AssignmentId> = complaint_answers::table
        .filter(complaint_answers::council_id.eq(council).and(complaint_answers::complaint_id.eq_any(ids)))
        .select(complaint_answers::assignment_id)
        .distinct()
        .load(scope.conn)?;
    let waits = |(_, part, _): &(ComplaintId, AssignmentId, NaiveDate)| !answered.contains(part);
    Ok(parts.into_iter().filter(waits).map(|(id, _, by)| (id, by)).collect())
}

/// Adds by when the complainant is told why there is no response in time.
fn add_delays(
    scope: &mut Scope<'_>,
    council: CouncilId,
    all: &mut HashMap<ComplaintId, Timed>,
    calendar: &Calendar,
) -> Result<(), StoreError> {
    let today = scope.today();
    let late: Vec<ComplaintId> = all
        .iter()
        .filter(|(_, timed)| timed.status.awaits_a_response())
        .filter(|(_, timed)| timed.response_due_on.min(timed.response_latest_on) < today)
        .map(|(id, _)| *id)
        .collect();
    if late.is_empty() {
        return Ok(());
    }
    let explained: Vec<(ComplaintId, Option<DateTime<Utc>>)> = complaints::table
        .filter(complaints::council_id.eq(council).and(complaints::complaint_id.eq_any(late)))
        .select((complaints::complaint_id, complaints::delay_explained_at))
        .load(scope.conn)?;
    for (id, at) in explained {
        all.entry(id).and_modify(|timed| {
            let due = (timed.response_due_on, timed.response_latest_on);
            timed.explain_by = explain_by(due, at.map(london_date), today, calendar);
        });
    }
    Ok(())
}

/// Adds what is to be done, and where everything is, the day by which a complaint that was answered is closed.
fn add_actions(
    scope: &mut Scope<'_>,
    council: CouncilId,
    all: &mut HashMap<ComplaintId, Timed>,
    calendar: &Calendar,
) -> Result<(), StoreError> {
    type Row = (ComplaintId, NaiveDate, Option<NaiveDate>, bool, Option<Stream>);
    let ids: Vec<ComplaintId> = all.keys().copied().collect();
    let actions: Vec<Row> = complaint_actions::table
        .filter(complaint_actions::council_id.eq(council).and(complaint_actions::complaint_id.eq_any(&ids)))
        .select((
            complaint_actions::complaint_id,
            complaint_actions::due_on,
            complaint_actions::done_on,
            complaint_actions::for_ombudsman,
            complaint_actions::stream,
        ))
        .load(scope.conn)?;
    let answered: Vec<(ComplaintId, DateTime<Utc>)> = complaints::table
        .filter(complaints::council_id.eq(council).and(complaints::complaint_id.eq_any(&ids)))
        .filter(complaints::status.eq(ComplaintStatus::Answered).and(complaints::answered_at.is_not_null()))
        .select((complaints::complaint_id, complaints::answered_at.assume_not_null()))
        .load(scope.conn)?;
    for (id, on, done_on, for_ombudsman, stream) in &actions {
        if let (Some(timed), None) = (all.get_mut(id), done_on) {
            timed.actions.push(ToDo { on: *on, for_ombudsman: *for_ombudsman, is_apart: stream.is_some() });
        }
    }
    for (id, at) in answered {
        let done = actions.iter().filter(|(of, ..)| *of == id).filter_map(|(_, _, done_on, ..)| *done_on).max();
        let last = done.map_or(london_date(at), |done| done.max(london_date(at)));
        if let Some(timed) = all.get_mut(&id).filter(|timed| timed.actions.is_empty()) {
            timed.close_due_on = Some(close_due_on(last, calendar));
        }
    }
    Ok(())
}

/// When each thing came that the complainant wrote or sent and that waits for an officer: nobody has passed it on and, unless it may name an
/// officer, none has written to the complainant since. What a guest writes answers nothing that they do not see. What came before the
/// complaint was closed waits no longer.
fn waiting_for_an_officer(
    scope: &mut Scope<'_>,
    council: CouncilId,
    ids: &[ComplaintId],
) -> Result<Vec<(ComplaintId, DateTime<Utc>)>, StoreError> {
    type Row = (ComplaintId, DateTime<Utc>, Vec<OfficerId>);
    let messages = complaint_messages::table
        .filter(complaint_messages::council_id.eq(council).and(complaint_messages::complaint_id.eq_any(ids)))
        .filter(complaint_messages::passed_on_at.is_null())
        .select((complaint_messages::complaint_id, complaint_messages::written_at, complaint_messages::names));
    let documents = complaint_documents::table
        .filter(complaint_documents::council_id.eq(council).and(complaint_documents::complaint_id.eq_any(ids)))
        .filter(complaint_documents::passed_on_at.is_null())
        .select((complaint_documents::complaint_id, complaint_documents::sent_at, complaint_documents::names));
    let waiting: Vec<Row> = messages.union_all(documents).load(scope.conn)?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let written: HashMap<ComplaintId, Option<DateTime<Utc>>> = complaint_messages::table
        .filter(complaint_messages::council_id.eq(council).and(complaint_messages::complaint_id.eq_any(ids)))
        .filter(complaint_messages::officer_id.is_not_null())
        .group_by(complaint_messages::complaint_id)
        .select((complaint_messages::complaint_id, max(complaint_messages::written_at)))
        .load::<(ComplaintId, Option<DateTime<Utc>>)>(scope.conn)?
        .into_iter()
        .collect();
    let closed: HashMap<ComplaintId, Option<DateTime<Utc>>> = complaints::table
        .filter(complaints::council_id.eq(council).and(complaints::complaint_id.eq_any(ids)))
        .select((complaints::complaint_id, complaints::closed_at))
        .load::<(ComplaintId, Option<DateTime<Utc>>)>(scope.conn)?
        .into_iter()
        .collect();
    let waits = |(id, at, names): &Row| {
        let is_later = |than: &HashMap<ComplaintId, Option<DateTime<Utc>>>| {
            than.get(id).copied().flatten().is_none_or(|than| *at > than)
        };
        is_later(&closed) && (!names.is_empty() || is_later(&written))
    };
    Ok(waiting.into_iter().filter(waits).map(|(id, at, _)| (id, at)).collect())
}

/// Finds the complaints that are assigned to the caller and in which something may be due, the newest first. Most of what an officer has
/// is closed, and nothing is due in it: that is not looked into.
fn with_something_due(scope: &mut ComplaintsScope<'_>) -> Result<Vec<ComplaintId>, StoreError> {
    let (council, person) = (scope.council_id(), scope.worker().person);
    let open = complaints::table
        .filter(complaints::council_id.eq(council).and(complaints::closed_at.is_null()))
        .select(complaints::complaint_id);
    let asked = complaint_requests::table
        .filter(complaint_requests::council_id.eq(council).and(complaint_requests::decided_at.is_null()))
        .select(complaint_requests::complaint_id);
    let to_do = complaint_actions::table
        .filter(complaint_actions::council_id.eq(council).and(complaint_actions::done_on.is_null()))
        .select(complaint_actions::complaint_id);
    let since = complaint_messages::table
        .inner_join(
            complaints::table.on(complaints::council_id
                .eq(complaint_messages::council_id)
                .and(complaints::complaint_id.eq(complaint_messages::complaint_id))),
        )
        .filter(complaint_messages::council_id.eq(council).and(complaint_messages::passed_on_at.is_null()))
        .filter(complaint_messages::written_at.nullable().gt(complaints::closed_at))
        .select(complaint_messages::complaint_id);
    let sent_since = complaint_documents::table
        .inner_join(
            complaints::table.on(complaints::council_id
                .eq(complaint_documents::council_id)
                .and(complaints::complaint_id.eq(complaint_documents::complaint_id))),
        )
        .filter(complaint_documents::council_id.eq(council).and(complaint_documents::passed_on_at.is_null()))
        .filter(complaint_documents::sent_at.nullable().gt(complaints::closed_at))
        .select(complaint_documents::complaint_id);
    let to_give = complaint_intakes::table
        .inner_join(
            complaints::table.on(complaints::council_id
                .eq(complaint_intakes::council_id)
                .and(complaints::complaint_id.eq(complaint_intakes::complaint_id))),
        )
        .filter(complaint_intakes::council_id.eq(council).and(complaint_intakes::written_at.is_not_null()))
        .filter(complaint_intakes::reached_on.is_not_null())
        .filter(
            complaints::last_followed_at.is_null().or(complaints::last_followed_at.lt(complaint_intakes::written_at)),
        )
        .select(complaint_intakes::complaint_id);
    let with_something_due: Vec<ComplaintId> = scope.as_identity(|scope| {
        Ok(whole_of(council, person)
            .filter(
                complaint_assignments::complaint_id
                    .eq_any(open.union(asked).union(to_do).union(since).union(sent_since).union(to_give)),
            )
            .order(complaint_assignments::complaint_id.desc())
            .limit(MOST_COMPLAINTS)
            .select(complaint_assignments::complaint_id)
            .load(scope.conn)?)
    })?;
    Ok(with_something_due)
}

/// Reads what is due in the parts that are shown to the caller, the earliest first: the heads of those parts that they have not answered, and
/// the actions that are theirs and not done.
fn due_parts(scope: &mut ComplaintsScope<'_>) -> Result<Vec<DuePart>, StoreError> {
    let (council, own, today) = (scope.council_id(), scope.worker().shown.clone(), scope.today());
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let answered: Vec<AssignmentId> = complaint_answers::table
        .filter(complaint_answers::council_id.eq(council).and(complaint_answers::assignment_id.eq_any(own.clone())))
        .select(complaint_answers::assignment_id)
        .distinct()
        .load(scope.conn)?;
    let heads: Vec<(AssignmentId, HeadId, NaiveDate)> = complaint_hearings::table
        .filter(complaint_hearings::council_id.eq(council).and(complaint_hearings::assignment_id.eq_any(own.clone())))
        .filter(complaint_hearings::assignment_id.ne_all(answered))
        .select((complaint_hearings::assignment_id, complaint_hearings::head_id, complaint_hearings::answer_by))
        .load(scope.conn)?;
    let actions: Vec<(AssignmentId, ActionId, NaiveDate)> = complaint_actions::table
        .filter(complaint_actions::council_id.eq(council).and(complaint_actions::assignment_id.eq_any(own)))
        .filter(complaint_actions::done_on.is_null())
        .select((
            complaint_actions::assignment_id.assume_not_null(),
            complaint_actions::action_id,
            complaint_actions::due_on,
        ))
        .load(scope.conn)?;
    let part = |part_id, head_id, action_id, on| DuePart { part_id, head_id, action_id, on, overdue: on < today };
    let heads = heads.into_iter().map(|(id, head, on)| part(id, Some(head), None, on));
    let actions = actions.into_iter().map(|(id, action, on)| part(id, None, Some(action), on));
    let mut parts: Vec<DuePart> = heads.chain(actions).collect();
    parts.sort_by_key(|one| (one.on, one.part_id, one.head_id, one.action_id));
    parts.truncate(MOST_DUE);
    Ok(parts)
}

/// Lists what is due to the caller, the earliest first: in the complaints that are assigned to them, and in the parts that are shown to them.
pub fn list(scope: &mut ComplaintsScope<'_>) -> Result<OnRecord<DueList>, StoreError> {
    let council = scope.council_id();
    let ids = with_something_due(scope)?;
    scope.open_assigned(&ids)?;
    let references: HashMap<ComplaintId, String> = complaints::table
        .inner_join(
            complaint_receipts::table.on(complaint_receipts::council_id
                .eq(complaints::council_id)
                .and(complaint_receipts::complaint_id.eq(complaints::complaint_id))),
        )
        .filter(complaints::council_id.eq(council).and(complaints::complaint_id.eq_any(&ids)))
        .select((complaints::complaint_id, complaint_receipts::reference))
        .load::<(ComplaintId, String)>(scope.conn)?
        .into_iter()
        .collect();
    let (today, calendar) = (scope.today(), scope.calendar()?);
    let mut items: Vec<DueItem> = of(scope, council, &ids, &calendar)?
        .into_iter()
        .flat_map(|(id, timed)| timed.due(today).into_iter().map(move |due| (id, due)))
        .map(|(id, due)| shown(id, &references, due, today))
        .collect();
    items.sort_by_key(|item| (item.on, item.complaint_id, item.clock));
    items.truncate(MOST_DUE);
    let parts = due_parts(scope)?;
    let reader = scope.worker().person.uuid();
    scope.record_read(DueList { items, parts }, Event::ComplaintListed { reader })
}

fn shown(id: ComplaintId, references: &HashMap<ComplaintId, String>, due: Due, today: NaiveDate) -> DueItem {
    DueItem {
        complaint_id: id,
        reference: references.get(&id).cloned().unwrap_or_default(),
        clock: due.clock,
        on: due.on,
        overdue: due.is_overdue(today),
    }
}
