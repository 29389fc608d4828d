//! What is due in complaints, and the list of it that everybody has who works on some.

use std::collections::HashMap;

use almoner_domain::complaints::clocks::{Clock, Due, Timed};
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, CouncilId};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::assignments::whole_of;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{
    complaint_actions, complaint_assignments, complaint_concerns, complaint_heads, complaint_receipts,
    complaint_requests, complaints,
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

/// What is due in the complaints that are assigned to the caller, the earliest first.
#[derive(Clone, Serialize, ToSchema)]
pub struct DueList {
    /// What is due.
    #[schema(max_items = 1000)]
    pub items: Vec<DueItem>,
}

/// What a list reads of a complaint for its clocks: its own days, and the earliest of those of its heads, requests and actions.
pub(super) type TimedColumns = (
    (ComplaintStatus, NaiveDate, NaiveDate, Option<NaiveDate>, NaiveDate),
    (Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>),
);

/// Selects [`TimedColumns`] of each complaint, as far as the scope may see them.
macro_rules! timed_columns {
    () => {{
        use diesel::dsl::min;
        use $crate::ground::schema::{
            complaint_actions, complaint_concerns, complaint_heads, complaint_requests, complaints,
        };
        let concerns = complaint_concerns::table
            .filter(complaint_concerns::council_id.eq(complaints::council_id))
            .filter(complaint_concerns::complaint_id.eq(complaints::complaint_id));
        let heads = complaint_heads::table
            .filter(complaint_heads::council_id.eq(complaints::council_id))
            .filter(complaint_heads::complaint_id.eq(complaints::complaint_id));
        let requests = complaint_requests::table
            .filter(complaint_requests::council_id.eq(complaints::council_id))
            .filter(complaint_requests::complaint_id.eq(complaints::complaint_id))
            .filter(complaint_requests::decided_at.is_null());
        let actions = |for_ombudsman: bool| {
            complaint_actions::table
                .filter(complaint_actions::council_id.eq(complaints::council_id))
                .filter(complaint_actions::complaint_id.eq(complaints::complaint_id))
                .filter(complaint_actions::done_on.is_null())
                .filter(complaint_actions::for_ombudsman.eq(for_ombudsman))
                .select(min(complaint_actions::due_on))
                .single_value()
        };
        (
            (
                complaints::status,
                complaints::acknowledgement_due_on,
                complaints::plan_due_on,
                complaints::progress_due_on,
                complaints::response_due_on,
            ),
            (
                concerns.select(min(complaint_concerns::confirm_by)).single_value(),
                heads.select(min(complaint_heads::held_until)).single_value(),
                requests.select(min(complaint_requests::decide_by)).single_value(),
                actions(false),
                actions(true),
            ),
        )
    }};
}
pub(super) use timed_columns;

/// A complaint as its clocks see it, with the earliest of each kind alone: enough to say what is due next.
pub(super) fn earliest((own, (confirm_by, held, request, action, remedy)): TimedColumns) -> Timed {
    let (status, acknowledgement_due_on, plan_due_on, progress_due_on, response_due_on) = own;
    let actions = [action.map(|on| (on, false)), remedy.map(|on| (on, true))];
    Timed {
        status,
        confirm_by,
        acknowledgement_due_on,
        plan_due_on,
        progress_due_on,
        response_due_on,
        held_until: held.into_iter().collect(),
        decide_by: request.into_iter().collect(),
        actions: actions.into_iter().flatten().collect(),
    }
}

/// Reads these complaints as their clocks see them, as far as the scope may.
pub(super) fn of(
    scope: &mut Scope<'_>,
    council: CouncilId,
    ids: &[ComplaintId],
) -> Result<HashMap<ComplaintId, Timed>, StoreError> {
    type Row = (ComplaintId, ComplaintStatus, NaiveDate, NaiveDate, Option<NaiveDate>, NaiveDate, Option<NaiveDate>);
    let rows: Vec<Row> = complaints::table
        .left_join(
            complaint_concerns::table.on(complaint_concerns::council_id
                .eq(complaints::council_id)
                .and(complaint_concerns::complaint_id.eq(complaints::complaint_id))),
        )
        .filter(complaints::council_id.eq(council).and(complaints::complaint_id.eq_any(ids)))
        .select((
            complaints::complaint_id,
            complaints::status,
            complaints::acknowledgement_due_on,
            complaints::plan_due_on,
            complaints::progress_due_on,
            complaints::response_due_on,
            complaint_concerns::confirm_by.nullable(),
        ))
        .load(scope.conn)?;
    let timed =
        |(id, status, acknowledgement_due_on, plan_due_on, progress_due_on, response_due_on, confirm_by): Row| {
            let bare = Timed {
                status,
                confirm_by,
                acknowledgement_due_on,
                plan_due_on,
                progress_due_on,
                response_due_on,
                held_until: Vec::new(),
                decide_by: Vec::new(),
                actions: Vec::new(),
            };
            (id, bare)
        };
    let mut all: HashMap<ComplaintId, Timed> = rows.into_iter().map(timed).collect();
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
    let open: Vec<(ComplaintId, NaiveDate, bool)> = complaint_actions::table
        .filter(complaint_actions::council_id.eq(council).and(complaint_actions::complaint_id.eq_any(ids)))
        .filter(complaint_actions::done_on.is_null())
        .select((complaint_actions::complaint_id, complaint_actions::due_on, complaint_actions::for_ombudsman))
        .load(scope.conn)?;
    for (id, until) in held {
        all.entry(id).and_modify(|timed| timed.held_until.push(until));
    }
    for (id, by) in waiting {
        all.entry(id).and_modify(|timed| timed.decide_by.push(by));
    }
    for (id, due_on, for_ombudsman) in open {
        all.entry(id).and_modify(|timed| timed.actions.push((due_on, for_ombudsman)));
    }
    Ok(all)
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
    let with_something_due: Vec<ComplaintId> = scope.as_identity(|scope| {
        Ok(whole_of(council, person)
            .filter(complaint_assignments::complaint_id.eq_any(open.union(asked).union(to_do)))
            .order(complaint_assignments::complaint_id.desc())
            .limit(MOST_COMPLAINTS)
            .select(complaint_assignments::complaint_id)
            .load(scope.conn)?)
    })?;
    Ok(with_something_due)
}

/// Lists what is due in the complaints that are assigned to the caller, the earliest first.
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
    let today = scope.today();
    let mut items: Vec<DueItem> = of(scope, council, &ids)?
        .into_iter()
        .flat_map(|(id, timed)| timed.due(today).into_iter().map(move |due| (id, due)))
        .map(|(id, due)| shown(id, &references, due, today))
        .collect();
    items.sort_by_key(|item| (item.on, item.complaint_id, item.clock));
    items.truncate(MOST_DUE);
    let reader = scope.worker().person.uuid();
    scope.record_read(DueList { items }, Event::ComplaintListed { reader })
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
