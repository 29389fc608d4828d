//! What is due next in each complaint of a list, read with the list: the earliest of each kind of clock that stands in one row. What waits
//! for an officer's answer or decision, what is to be given to the complainant, the answers to parts, and the closing, are compared with
//! other rows: they stand in the list of what is due. Why there is no response is due after the response is, which stays the earliest.

use almoner_domain::complaints::clocks::{Timed, ToDo};
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::ids::ComplaintId;
use chrono::NaiveDate;

/// The stage that a complaint has reached, and the last days for the acknowledgement, the plan, word how it goes, and the response: as it
/// was planned, and in law.
pub(super) type OwnDays = (ComplaintStatus, NaiveDate, NaiveDate, Option<NaiveDate>, NaiveDate, NaiveDate);

/// Selects [`OwnDays`].
macro_rules! own_days {
    () => {{
        use $crate::ground::schema::complaints;
        (
            complaints::status,
            complaints::acknowledgement_due_on,
            complaints::plan_due_on,
            complaints::progress_due_on,
            complaints::response_due_on,
            complaints::response_latest_on,
        )
    }};
}
pub(super) use own_days;

/// A complaint with the days that stand in itself, and the last day on which it is confirmed that it is settled, if it may be.
pub(super) fn with_its_own_days(own: OwnDays, confirm_by: Option<NaiveDate>) -> Timed {
    let (status, acknowledgement_due_on, plan_due_on, progress_due_on, response_due_on, response_latest_on) = own;
    Timed {
        status,
        confirm_by,
        acknowledgement_due_on,
        plan_due_on,
        progress_due_on,
        response_due_on,
        response_latest_on,
        explain_by: Vec::new(),
        held_until: Vec::new(),
        decide_by: Vec::new(),
        answer_by: Vec::new(),
        parts_by: Vec::new(),
        objections_by: Vec::new(),
        code_due_on: None,
        record_due_on: None,
        give_by: Vec::new(),
        actions: Vec::new(),
        close_due_on: None,
    }
}

/// What a list reads of a complaint for its clocks.
pub(super) type TimedColumns = (
    OwnDays,
    (Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>, Option<ComplaintId>),
    (Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>),
);

/// Selects [`TimedColumns`] of each complaint, as far as the scope may see them.
macro_rules! timed_columns {
    () => {{
        use diesel::dsl::min;
        use $crate::ground::schema::{
            complaint_actions, complaint_concerns, complaint_heads, complaint_intakes, complaint_receipts,
            complaint_requests, complaints,
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
        let without_record = complaint_intakes::table
            .filter(complaint_intakes::council_id.eq(complaints::council_id))
            .filter(complaint_intakes::complaint_id.eq(complaints::complaint_id))
            .filter(complaint_intakes::came_by.eq_any($crate::complaints::intakes::oral()))
            .filter(complaint_intakes::given_on.is_null());
        let actions = |for_ombudsman: bool, is_apart: bool| {
            complaint_actions::table
                .filter(complaint_actions::council_id.eq(complaints::council_id))
                .filter(complaint_actions::complaint_id.eq(complaints::complaint_id))
                .filter(complaint_actions::done_on.is_null())
                .filter(complaint_actions::for_ombudsman.eq(for_ombudsman))
                .filter(complaint_actions::stream.is_not_null().eq(is_apart))
                .select(min(complaint_actions::due_on))
                .single_value()
        };
        (
            $crate::complaints::earliest::own_days!(),
            (
                concerns.select(min(complaint_concerns::confirm_by)).single_value(),
                heads.select(min(complaint_heads::held_until)).single_value(),
                requests.select(min(complaint_requests::decide_by)).single_value(),
                complaint_receipts::code_due_on,
                without_record.select(complaint_intakes::complaint_id).single_value(),
            ),
            (actions(false, false), actions(false, true), actions(true, false)),
        )
    }};
}
pub(super) use timed_columns;

/// A complaint as its clocks see it, with the earliest of each kind alone: enough to say what is due next.
pub(super) fn earliest(
    (own, (confirm_by, held, request, code_due_on, without_record), (action, apart, remedy)): TimedColumns,
) -> Timed {
    let (_, acknowledgement_due_on, ..) = own;
    let to_do = |on: Option<NaiveDate>, for_ombudsman, is_apart| on.map(|on| ToDo { on, for_ombudsman, is_apart });
    let actions = [to_do(action, false, false), to_do(apart, false, true), to_do(remedy, true, false)];
    Timed {
        held_until: held.into_iter().collect(),
        decide_by: request.into_iter().collect(),
        code_due_on,
        record_due_on: without_record.map(|_| acknowledgement_due_on),
        actions: actions.into_iter().flatten().collect(),
        ..with_its_own_days(own, confirm_by)
    }
}
