//! The clocks of a complaint: what is due, and by which day. Every stage but the last has one, and a person who is asked when it runs out.

use chrono::NaiveDate;
use serde::Serialize;

use super::deadlines::{escalated_after, silent_after};
use super::ombudsman::where_to_go;
use super::status::ComplaintStatus;
use crate::words::calendar::Calendar;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// What is due.
    pub enum Clock {
        /// The complaint is without acknowledgement, and one working day is left.
        Unacknowledged = "unacknowledged",
        /// The confirmation of the person that what they said at a practice's desk is settled. Once the day is over it is a complaint.
        Confirmation = "confirmation",
        /// The acknowledgement (reg 13(3)).
        Acknowledgement = "acknowledgement",
        /// The plan: how it is looked into, and by when.
        Plan = "plan",
        /// Word to the complainant how it goes.
        Progress = "progress",
        /// Another look at a head that is held.
        HeldHead = "held_head",
        /// A decision on what the complainant asked for.
        Request = "request",
        /// The response (reg 14).
        Response = "response",
        /// Something that was promised.
        Action = "action",
        /// Something that the Ombudsman asked for.
        Remedy = "remedy",
        /// A sign of life from those who have the complaint.
        Silence = "silence",
    }
}

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Due {
    /// What is due.
    pub clock: Clock,
    /// The last day for it.
    pub on: NaiveDate,
}

impl Due {
    /// Whether the day is over.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.on < today
    }
}

/// A complaint as its clocks see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// The stage that the complaint has reached.
    pub status: ComplaintStatus,
    /// The last day on which the person confirms that it is settled, of what was said at a practice's desk and settled there.
    pub confirm_by: Option<NaiveDate>,
    /// The last day for the acknowledgement.
    pub acknowledgement_due_on: NaiveDate,
    /// The last day for the plan.
    pub plan_due_on: NaiveDate,
    /// The last day for word how it goes, while it is looked into.
    pub progress_due_on: Option<NaiveDate>,
    /// The last day for the response.
    pub response_due_on: NaiveDate,
    /// The days until which heads are held.
    pub held_until: Vec<NaiveDate>,
    /// The last days for the decisions on what was asked for.
    pub decide_by: Vec<NaiveDate>,
    /// The last days for what was promised and is not done, each with whether the Ombudsman asked for it.
    pub actions: Vec<(NaiveDate, bool)>,
}

impl Timed {
    /// Returns what is due today, the earliest first.
    pub fn due(&self, today: NaiveDate) -> Vec<Due> {
        let mut due = Vec::new();
        let mut add = |is_due: bool, clock: Clock, on: NaiveDate| {
            if is_due {
                due.push(Due { clock, on });
            }
        };
        let (status, awaits) = (self.status, self.status.awaits_a_response());
        let is_over = matches!(status, ComplaintStatus::Withdrawn | ComplaintStatus::NotConsidered);
        if let Some(on) = self.confirm_by {
            add(status == ComplaintStatus::Received && today <= on, Clock::Confirmation, on);
        }
        add(status == ComplaintStatus::Received, Clock::Acknowledgement, self.acknowledgement_due_on);
        let is_unplanned = matches!(status, ComplaintStatus::Received | ComplaintStatus::Acknowledged);
        add(is_unplanned, Clock::Plan, self.plan_due_on);
        add(awaits, Clock::Response, self.response_due_on);
        if let Some(on) = self.progress_due_on {
            add(awaits, Clock::Progress, on);
        }
        for on in &self.held_until {
            add(awaits, Clock::HeldHead, *on);
        }
        for on in &self.decide_by {
            add(true, Clock::Request, *on);
        }
        for (on, for_ombudsman) in &self.actions {
            add(!is_over, if *for_ombudsman { Clock::Remedy } else { Clock::Action }, *on);
        }
        due.sort_by_key(|due| (due.on, due.clock));
        due
    }

    /// Returns what the service watches besides: a complaint that is without acknowledgement after two working days, and one in which
    /// nobody who has it has looked for five.
    pub fn watched(
        &self,
        received: NaiveDate,
        last_worked: NaiveDate,
        today: NaiveDate,
        calendar: &Calendar,
    ) -> Vec<Due> {
        let mut due = self.due(today);
        if self.status == ComplaintStatus::Received {
            due.push(Due { clock: Clock::Unacknowledged, on: escalated_after(received, calendar) });
        }
        if self.status.awaits_a_response() {
            due.push(Due { clock: Clock::Silence, on: silent_after(last_worked, calendar) });
        }
        due.sort_by_key(|due| (due.on, due.clock));
        due
    }
}

impl Clock {
    /// Returns what the complainant is told when the clock has run out, with the Ombudsman's address; `None` for what is not late yet.
    pub fn told(self) -> Option<String> {
        let what = match self {
            Self::Unacknowledged | Self::Confirmation => return None,
            Self::Acknowledgement => "Your complaint has not been acknowledged in time.",
            Self::Plan => "It has not been agreed with you in time how your complaint is looked into.",
            Self::Progress => "You have not been told in time how your complaint goes.",
            Self::HeldHead => "A part of your complaint that was held has not been looked at again in time.",
            Self::Request => "What you asked for has not been decided in time.",
            Self::Response => "Your complaint has not been answered in time.",
            Self::Action => "Something that was promised to you has not been done in time.",
            Self::Remedy => "Something that the Ombudsman asked for has not been done in time.",
            Self::Silence => "Nobody who has your complaint has looked at it for five working days.",
        };
        Some(format!(
            "{what} The responsible person of your council has been asked to look at it.\n\n{}",
            where_to_go()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn timed(status: ComplaintStatus) -> Timed {
        Timed {
            status,
            confirm_by: Some(day("2026-11-23")),
            acknowledgement_due_on: day("2026-11-25"),
            plan_due_on: day("2026-12-04"),
            progress_due_on: Some(day("2026-12-18")),
            response_due_on: day("2026-12-29"),
            held_until: vec![day("2026-12-11")],
            decide_by: vec![day("2026-11-27")],
            actions: vec![(day("2027-01-15"), false), (day("2027-02-01"), true)],
        }
    }

    #[test]
    fn each_stage_has_its_clocks() {
        use Clock::*;
        for (status, expected) in [
            (
                ComplaintStatus::Received,
                &[Confirmation, Acknowledgement, Request, Plan, HeldHead, Progress, Response, Action, Remedy][..],
            ),
            (ComplaintStatus::Acknowledged, &[Request, Plan, HeldHead, Progress, Response, Action, Remedy]),
            (ComplaintStatus::Investigating, &[Request, HeldHead, Progress, Response, Action, Remedy]),
            (ComplaintStatus::Signed, &[Request, HeldHead, Progress, Response, Action, Remedy]),
            (ComplaintStatus::Answered, &[Request, Action, Remedy]),
            (ComplaintStatus::Closed, &[Request, Action, Remedy]),
            (ComplaintStatus::Withdrawn, &[Request]),
            (ComplaintStatus::NotConsidered, &[Request]),
        ] {
            let clocks: Vec<Clock> = timed(status).due(day("2026-11-23")).into_iter().map(|due| due.clock).collect();
            assert_eq!(clocks, expected, "{status:?}");
        }
    }

    #[test]
    fn a_complaint_that_awaits_a_response_is_never_without_a_clock() {
        for status in ComplaintStatus::ALL.iter().filter(|status| status.awaits_a_response()) {
            let bare = Timed {
                confirm_by: None,
                progress_due_on: None,
                held_until: Vec::new(),
                decide_by: Vec::new(),
                actions: Vec::new(),
                ..timed(*status)
            };
            assert!(!bare.due(day("2026-11-23")).is_empty(), "{status:?}");
        }
    }

    #[test]
    fn once_the_day_to_confirm_is_over_it_is_a_complaint_like_any_other() {
        let timed = timed(ComplaintStatus::Received);
        assert_eq!(timed.due(day("2026-11-23"))[0].clock, Clock::Confirmation);
        assert_eq!(timed.due(day("2026-11-24"))[0].clock, Clock::Acknowledgement);
    }

    #[test]
    fn the_complainant_is_told_of_every_clock_that_has_run_out_with_the_way_to_the_ombudsman() {
        for clock in Clock::ALL {
            assert_eq!(clock.told().is_none(), matches!(clock, Clock::Unacknowledged | Clock::Confirmation));
            assert!(
                clock.told().is_none_or(|told| told.contains("0300 061 0614") && !told.contains("  ")),
                "{clock:?}"
            );
        }
    }
}
