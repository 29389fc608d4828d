//! The clocks of a complaint: what is due, and by which day. Every stage but the last has one, and a person who is asked when it runs out.

use chrono::NaiveDate;
use serde::Serialize;

use super::deadlines::{escalated_after, progress_again, silent_after};
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
        /// An answer of an officer's to what the complainant wrote or sent, or its passing on.
        AnswerMessage = "answer_message",
        /// A decision that an officer to whom the complainant objects keeps the complaint, where nobody is left who could have it.
        Objection = "objection",
        /// The code with which the complainant follows a complaint that was made at a practice's desk.
        Receipt = "receipt",
        /// The written record of a complaint that was made by word of mouth (reg 13(2)).
        WrittenRecord = "written_record",
        /// The giving of what was written to a complainant who does not follow the complaint with its code.
        GiveMessage = "give_message",
        /// An answer of somebody to whom a part of the complaint is shown.
        Part = "part",
        /// The response, by the day that was planned or that the contract gives.
        Response = "response",
        /// The response, by the last day of the six months, or of the longer period to which the complainant agreed (reg 14(3)).
        ResponseLatest = "response_latest",
        /// The reason why there is no response in time, told to the complainant in writing (reg 14(4)).
        Delay = "delay",
        /// Something that was promised.
        Action = "action",
        /// Something that the Ombudsman asked for.
        Remedy = "remedy",
        /// The closing of a complaint that was answered, and in which everything is done.
        Close = "close",
        /// A sign of life from those who have the complaint.
        Silence = "silence",
        /// Somebody in the place of those who had the complaint and are not there any more.
        Gone = "gone",
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
    /// The last day for word how it goes, from the acknowledgement on.
    pub progress_due_on: Option<NaiveDate>,
    /// The last day for the response, as it was planned or as the contract gives it.
    pub response_due_on: NaiveDate,
    /// The last day of the period in which the law wants the response.
    pub response_latest_on: NaiveDate,
    /// The last days to tell the complainant why there is no response in time, while nobody has.
    pub explain_by: Vec<NaiveDate>,
    /// The days until which heads are held.
    pub held_until: Vec<NaiveDate>,
    /// The last days for the decisions on what was asked for.
    pub decide_by: Vec<NaiveDate>,
    /// The last days for what an officer answers or passes on.
    pub answer_by: Vec<NaiveDate>,
    /// The last days for the answers of those to whom a part is shown and who have not answered.
    pub parts_by: Vec<NaiveDate>,
    /// The last days for the decisions on objections.
    pub objections_by: Vec<NaiveDate>,
    /// The last day for the code, while the complainant has none.
    pub code_due_on: Option<NaiveDate>,
    /// The last day for the written record of what was said, while the complainant has none.
    pub record_due_on: Option<NaiveDate>,
    /// The last days to give the complainant what was written to them and what they do not read in an app.
    pub give_by: Vec<NaiveDate>,
    /// What is to be done and is not.
    pub actions: Vec<ToDo>,
    /// The last day to close it, if it was answered and everything is done.
    pub close_due_on: Option<NaiveDate>,
}

/// Something that is to be done because of a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToDo {
    /// The last day for it.
    pub on: NaiveDate,
    /// Whether the Ombudsman asked for it.
    pub for_ombudsman: bool,
    /// Whether it is a matter that is dealt with apart, in a stream of its own.
    pub is_apart: bool,
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
        let is_over = status.is_over();
        if let Some(on) = self.confirm_by {
            add(status == ComplaintStatus::Received && today <= on, Clock::Confirmation, on);
        }
        add(status == ComplaintStatus::Received, Clock::Acknowledgement, self.acknowledgement_due_on);
        let is_unplanned = matches!(status, ComplaintStatus::Received | ComplaintStatus::Acknowledged);
        add(is_unplanned, Clock::Plan, self.plan_due_on);
        add(awaits, Clock::Response, self.response_due_on);
        // Where somebody planned or agreed on the last day itself, `response` stands for both.
        add(awaits && self.response_latest_on != self.response_due_on, Clock::ResponseLatest, self.response_latest_on);
        for on in &self.explain_by {
            add(awaits, Clock::Delay, *on);
        }
        if let Some(on) = self.progress_due_on {
            add(awaits, Clock::Progress, on);
        }
        for on in &self.held_until {
            add(awaits, Clock::HeldHead, *on);
        }
        for on in &self.parts_by {
            add(awaits, Clock::Part, *on);
        }
        for on in &self.decide_by {
            add(true, Clock::Request, *on);
        }
        for on in &self.answer_by {
            add(true, Clock::AnswerMessage, *on);
        }
        for on in &self.objections_by {
            add(!is_over, Clock::Objection, *on);
        }
        if let Some(on) = self.code_due_on {
            add(!is_over, Clock::Receipt, on);
        }
        if let Some(on) = self.record_due_on {
            add(!is_over, Clock::WrittenRecord, on);
        }
        // Whoever is refused, excluded or sent away is owed the reasons after the end too.
        for on in &self.give_by {
            add(true, Clock::GiveMessage, *on);
        }
        // What the Ombudsman asks for, and what has a stream of its own, does not end with the complaint.
        for to_do in &self.actions {
            let clock = if to_do.for_ombudsman { Clock::Remedy } else { Clock::Action };
            add(!is_over || to_do.for_ombudsman || to_do.is_apart, clock, to_do.on);
        }
        if let Some(on) = self.close_due_on {
            add(status == ComplaintStatus::Answered, Clock::Close, on);
        }
        due.sort_by_key(|due| (due.on, due.clock));
        due
    }

    /// Returns what the service watches besides: a complaint that is without acknowledgement after two working days, and one in which
    /// nobody who has it has looked for five. A complainant who does not hear how it goes is not told so once and then left: that day comes
    /// again.
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
            if let Some(first) = self.progress_due_on.filter(|on| *on < today) {
                due.retain(|one| one.clock != Clock::Progress);
                due.extend(progress_again(first, today, calendar).map(|on| Due { clock: Clock::Progress, on }));
            }
            due.push(Due { clock: Clock::Silence, on: silent_after(last_worked, calendar) });
        }
        due.sort_by_key(|due| (due.on, due.clock));
        due
    }
}

impl Clock {
    /// Returns what the complainant is told when the clock has run out, with the Ombudsman's address; `None` for what is not late yet, for
    /// what the council owes to itself alone, and where what is late is the telling.
    pub fn told(self) -> Option<String> {
        let what = match self {
            Self::Unacknowledged | Self::Confirmation | Self::Close | Self::GiveMessage => return None,
            Self::Acknowledgement => "Your complaint has not been acknowledged in time.",
            Self::Plan => "It has not been agreed with you in time how your complaint is looked into.",
            Self::Progress => "You have not been told in time how your complaint goes.",
            Self::HeldHead => "A part of your complaint that was held has not been looked at again in time.",
            Self::Request => "What you asked for has not been decided in time.",
            Self::AnswerMessage => "Something that you wrote or sent has not been answered in time.",
            Self::Objection => "Your objection to an officer who has your complaint has not been decided in time.",
            Self::Receipt => "The code with which you follow your complaint has not been sent to you in time.",
            Self::WrittenRecord => "You have not been given the written record of what you told us in time.",
            Self::Part => "Somebody who was asked about a part of your complaint has not answered in time.",
            Self::Response => "Your complaint has not been answered in time.",
            Self::ResponseLatest => {
                "Your complaint has not been answered in the six months that the law gives your council, or in the longer time to which you agreed."
            }
            Self::Delay => "You have not been told in time why your complaint is not answered.",
            Self::Action => "Something that was promised to you has not been done in time.",
            Self::Remedy => "Something that the Ombudsman asked for has not been done in time.",
            Self::Silence => "Nobody who has your complaint has looked at it for five working days.",
            Self::Gone => "The officer who had your complaint does not work on complaints any more.",
        };
        Some(format!(
            "{what} Your council has been told to have it looked at by the person who answers for complaints there, or by another who may see \
             yours.\n\n{}",
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
            response_latest_on: day("2027-05-19"),
            explain_by: vec![day("2027-01-06")],
            held_until: vec![day("2026-12-11")],
            decide_by: vec![day("2026-11-27")],
            answer_by: vec![day("2026-11-30")],
            parts_by: vec![day("2026-12-08")],
            objections_by: vec![day("2026-12-01")],
            code_due_on: Some(day("2026-11-26")),
            record_due_on: Some(day("2026-11-25")),
            give_by: vec![day("2026-11-26")],
            actions: vec![
                ToDo { on: day("2027-01-15"), for_ombudsman: false, is_apart: false },
                ToDo { on: day("2027-01-20"), for_ombudsman: false, is_apart: true },
                ToDo { on: day("2027-02-01"), for_ombudsman: true, is_apart: false },
            ],
            close_due_on: Some(day("2027-03-01")),
        }
    }

    #[test]
    fn each_stage_has_its_clocks() {
        use Clock::*;
        for (status, expected) in [
            (
                ComplaintStatus::Received,
                &[Confirmation, Acknowledgement, Plan, Part, HeldHead, Progress, Response, Delay, ResponseLatest][..],
            ),
            (ComplaintStatus::Acknowledged, &[Plan, Part, HeldHead, Progress, Response, Delay, ResponseLatest]),
            (ComplaintStatus::Investigating, &[Part, HeldHead, Progress, Response, Delay, ResponseLatest]),
            (ComplaintStatus::Signed, &[Part, HeldHead, Progress, Response, Delay, ResponseLatest]),
            (ComplaintStatus::Answered, &[Close]),
            (ComplaintStatus::Closed, &[]),
        ] {
            let always =
                [Receipt, WrittenRecord, Request, AnswerMessage, Objection, GiveMessage, Action, Action, Remedy];
            let mut clocks: Vec<Clock> =
                timed(status).due(day("2026-11-23")).into_iter().map(|due| due.clock).collect();
            assert!(always.iter().all(|clock| clocks.contains(clock)), "{status:?}: {clocks:?}");
            clocks.retain(|clock| !always.contains(clock));
            assert_eq!(clocks, expected, "{status:?}");
        }
        for status in [ComplaintStatus::Withdrawn, ComplaintStatus::NotConsidered] {
            let due = timed(status).due(day("2026-11-23"));
            let expected = [
                (GiveMessage, "2026-11-26"),
                (Request, "2026-11-27"),
                (AnswerMessage, "2026-11-30"),
                (Action, "2027-01-20"),
                (Remedy, "2027-02-01"),
            ];
            let due: Vec<_> = due.into_iter().map(|due| (due.clock, due.on.to_string())).collect();
            assert_eq!(due, expected.map(|(clock, on)| (clock, on.to_owned())), "{status:?}");
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
                answer_by: Vec::new(),
                parts_by: Vec::new(),
                explain_by: Vec::new(),
                objections_by: Vec::new(),
                code_due_on: None,
                record_due_on: None,
                give_by: Vec::new(),
                actions: Vec::new(),
                close_due_on: None,
                ..timed(*status)
            };
            assert!(!bare.due(day("2026-11-23")).is_empty(), "{status:?}");
        }
    }

    #[test]
    fn the_last_day_in_law_is_due_apart_from_the_day_that_was_planned_unless_they_are_one() {
        let planned = Timed { response_due_on: day("2027-05-19"), ..timed(ComplaintStatus::Investigating) };
        let clocks: Vec<Clock> = planned.due(day("2027-05-20")).into_iter().map(|due| due.clock).collect();
        assert!(clocks.contains(&Clock::Response) && !clocks.contains(&Clock::ResponseLatest), "{clocks:?}");
    }

    #[test]
    fn whoever_does_not_hear_how_it_goes_comes_before_the_responsible_person_again_every_twenty_working_days() {
        let calendar = crate::words::calendar::tests::england_and_wales();
        let timed = timed(ComplaintStatus::Acknowledged);
        let days = |today: &str| -> Vec<String> {
            let watched = timed.watched(day("2026-11-20"), day(today), day(today), &calendar);
            watched.iter().filter(|due| due.clock == Clock::Progress).map(|due| due.on.to_string()).collect()
        };
        assert_eq!(days("2026-12-18"), ["2026-12-18"]);
        assert_eq!(days("2026-12-19"), ["2026-12-18", "2027-01-20"], "Christmas and New Year are no working days");
        assert_eq!(days("2027-01-20"), ["2026-12-18", "2027-01-20"]);
        assert_eq!(days("2027-01-21"), ["2027-01-20", "2027-02-17"], "what was told before is told no more");
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
            let is_silent =
                matches!(clock, Clock::Unacknowledged | Clock::Confirmation | Clock::Close | Clock::GiveMessage);
            assert_eq!(clock.told().is_none(), is_silent);
            assert!(
                clock.told().is_none_or(|told| told.contains("0300 061 0614") && !told.contains("  ")),
                "{clock:?}"
            );
        }
    }
}
