//! The deadlines of a complaint under the Local Authority Social Services and National Health Service Complaints
//! (England) Regulations 2009 (SI 2009/309).
//!
//! Each deadline counts from the day on which the complaint was received, in London. A complaint is never refused because the bank
//! holidays of a year are not loaded: such a year counts as if it had none but the fixed ones, which can give a day too early and
//! never one too late.

use chrono::{Datelike as _, Months, NaiveDate, Weekday};

use crate::words::calendar::Calendar;

/// Returns the day by the end of which an oral complaint must be resolved to the complainant's satisfaction to be
/// outside the procedure: the next working day after it was made (reg 8(1)(c)).
pub fn oral_resolution_due(received: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(received, 1, calendar)
}

/// Returns the last day to acknowledge a complaint: three working days after the day it was received (reg 13(3)).
pub fn acknowledgement_due_on(received: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(received, 3, calendar)
}

/// Returns the last day of the relevant period, six months commencing on the day the complaint was received (reg 14).
/// The complainant may agree a longer one before it ends.
pub fn response_latest_on(received: NaiveDate) -> NaiveDate {
    last_day_of_months_commencing_on(received, 6)
}

/// Returns the last day of a response period of `working_days`, as agreed with the complainant or determined when they
/// declined to discuss it (reg 13(7) and (8)).
pub fn response_due_on(received: NaiveDate, working_days: u32, calendar: &Calendar) -> NaiveDate {
    working_days_after(received, working_days, calendar)
}

/// Returns the last day on which an officer to whom a complaint is offered may open it: the next working day. Then it is offered to
/// the next officer.
pub fn open_by(offered: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(offered, 1, calendar)
}

/// Returns the last day on which a complaint may be without acknowledgement before the responsible person is asked: two working days
/// after the day it was received, so that one is left.
pub fn escalated_after(received: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(received, 2, calendar)
}

/// The working days in which it is agreed how a complaint is looked into, or determined. The Regulations give no number.
const PLAN_WITHIN: u32 = 10;

/// The working days after which the complainant has heard how it goes. The Regulations say "as far as reasonably practicable" (reg 14(1)).
const PROGRESS_WITHIN: u32 = 20;

/// The working days in which the complainant is told why there is no response in time. The Regulations give no number (reg 14(4)).
const EXPLAIN_WITHIN: u32 = 5;

/// The working days in which somebody speaks to the contact given at lodging about what was asked for.
const DECIDE_WITHIN: u32 = 5;

/// The working days in which an officer answers what the complainant writes or sends, or passes it on.
const ANSWER_WITHIN: u32 = 5;

/// The working days in which it is decided that an officer to whom the complainant objects keeps the complaint.
const OBJECTION_WITHIN: u32 = 5;

/// The working days in which the complainant is given what was written to them, where they do not read it in an app.
const GIVE_WITHIN: u32 = 2;

/// The working days in which the council sends the code to whoever complained at a practice's desk.
const CODE_WITHIN: u32 = 3;

/// The working days in which a complaint is closed once it was answered and everything is done.
const CLOSE_WITHIN: u32 = 10;

/// The working days between the complainant's being told and the subject's being heard.
const HEARD_AFTER: u32 = 3;

/// Returns the last day on which a subject is not shown yet on what they are heard: three working days after the complainant was told.
pub fn heard_from(told: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(told, HEARD_AFTER, calendar)
}

/// The working days for which nobody who has a complaint may have looked at it.
const SILENCE: u32 = 5;

/// Returns the last day on which those who have a complaint may not have looked at it: five working days after the day on which one did.
pub fn silent_after(worked: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(worked, SILENCE, calendar)
}

/// Returns the last day on which a complaint may be without a plan: ten working days after the day it was received or reopened.
pub fn plan_due_on(received: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(received, PLAN_WITHIN, calendar)
}

/// Returns the last day on which the complainant hears how it goes: twenty working days after they last did.
pub fn progress_due_on(told: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(told, PROGRESS_WITHIN, calendar)
}

/// Returns the last of the days that are over on which the complainant should have heard how it goes, and the next one, where the first of
/// them is over and they have not heard since: there is one every twenty working days.
pub fn progress_again(first: NaiveDate, today: NaiveDate, calendar: &Calendar) -> [NaiveDate; 2] {
    let mut days = [first, progress_due_on(first, calendar)];
    while days[1] < today {
        days = [days[1], progress_due_on(days[1], calendar)];
    }
    days
}

/// Returns the last days to tell the complainant why there is no response (reg 14(4)): five working days after each of the two days by which
/// it was due, the one that was planned or that the contract gives and the last of the relevant period, that is over, unless the complainant
/// was told after it.
pub fn explain_by(
    (due, latest): (NaiveDate, NaiveDate),
    explained: Option<NaiveDate>,
    today: NaiveDate,
    calendar: &Calendar,
) -> Vec<NaiveDate> {
    let is_open = |missed: &NaiveDate| *missed < today && explained.is_none_or(|on| on <= *missed);
    let missed = [Some(due), Some(latest).filter(|latest| *latest != due)];
    missed.into_iter().flatten().filter(is_open).map(|day| working_days_after(day, EXPLAIN_WITHIN, calendar)).collect()
}

/// Returns the last day to decide on what was asked for: five working days after the day on which it was.
pub fn request_due_on(made: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(made, DECIDE_WITHIN, calendar)
}

/// Returns the last day to answer what the complainant wrote or sent, or to pass it on: five working days after the day on which it came.
pub fn answer_due_on(written: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(written, ANSWER_WITHIN, calendar)
}

/// Returns the last day to answer heads that are shown to somebody, where the officer names no other: five working days after the day from
/// which they are shown.
pub fn shown_answer_due_on(shown: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(shown, ANSWER_WITHIN, calendar)
}

/// Returns the last day to decide on an objection: five working days after the day since which nobody is left who could have the complaint.
pub fn objection_due_on(nobody_left: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(nobody_left, OBJECTION_WITHIN, calendar)
}

/// Returns the last day to send the code of a complaint from a practice's desk: three working days after the day on which it came.
pub fn code_due_on(came: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(came, CODE_WITHIN, calendar)
}

/// Returns the last day to give the complainant what was written to them, where they do not read it in an app: two working days after the
/// day on which it was written.
pub fn give_by(written: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(written, GIVE_WITHIN, calendar)
}

/// Returns the last day to close a complaint: ten working days after it was answered and everything was done.
pub fn close_due_on(done: NaiveDate, calendar: &Calendar) -> NaiveDate {
    working_days_after(done, CLOSE_WITHIN, calendar)
}

/// Returns the `days`-th working day after `from`. A year whose bank holidays are not loaded has only weekends.
fn working_days_after(from: NaiveDate, days: u32, calendar: &Calendar) -> NaiveDate {
    let is_off =
        |day: NaiveDate| !calendar.is_working_day(day).unwrap_or(!matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    (0..days).fold(from, |day, _| {
        let mut next = day.succ_opt().unwrap_or(day);
        while is_off(next) && next < NaiveDate::MAX {
            next = next.succ_opt().unwrap_or(next);
        }
        next
    })
}

/// Returns the last day of a period of months. A period of months commencing on a day includes that day, so it ends the
/// day before the same day of the last month; if that month has no such day, it ends on the month's last day.
fn last_day_of_months_commencing_on(day: NaiveDate, months: u32) -> NaiveDate {
    let Some(same_day) = day.checked_add_months(Months::new(months)) else {
        return NaiveDate::MAX;
    };
    if same_day.day() < day.day() { same_day } else { same_day.pred_opt().unwrap_or(same_day) }
}

/// The months within which a complaint is answered at the very latest, however often its period is extended.
const EXTENDED_WITHIN: Months = Months::new(24);

/// Returns the last day to which the period of a complaint is extended, that was received, or reopened, on a day.
pub fn extended_latest_on(begun: NaiveDate) -> NaiveDate {
    begun.checked_add_months(EXTENDED_WITHIN).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use proptest::prelude::*;

    use super::*;
    use crate::words::calendar::tests::{date, england_and_wales};

    #[test]
    fn the_three_clocks_of_a_complaint() {
        let calendar = england_and_wales();
        for (received, oral, acknowledged, at_latest) in [
            ("2026-04-02", "2026-04-07", "2026-04-09", "2026-10-01"), // the Thursday before Easter
            ("2026-05-01", "2026-05-05", "2026-05-07", "2026-10-31"), // a Friday before a bank holiday
            ("2026-07-18", "2026-07-20", "2026-07-22", "2027-01-17"), // a Saturday
            ("2026-08-28", "2026-09-01", "2026-09-03", "2027-02-27"), // to a month that ends on the 28th
            ("2026-08-31", "2026-09-01", "2026-09-03", "2027-02-28"), // a bank holiday, clamped
            ("2026-12-24", "2026-12-29", "2026-12-31", "2027-06-23"), // Boxing Day on a Saturday
            ("2027-12-23", "2027-12-24", "2027-12-30", "2028-06-22"), // Christmas Day on a Saturday
        ] {
            let day = date(received);
            assert_eq!(oral_resolution_due(day, &calendar), date(oral), "{received}");
            assert_eq!(acknowledgement_due_on(day, &calendar), date(acknowledged), "{received}");
            assert_eq!(response_latest_on(day), date(at_latest), "{received}");
        }
    }

    #[test]
    fn an_offer_lasts_a_working_day_and_the_responsible_person_is_asked_while_one_is_left_to_acknowledge() {
        let calendar = england_and_wales();
        for (day, open, escalated) in [
            ("2026-11-20", "2026-11-23", "2026-11-24"), // a Friday
            ("2026-11-21", "2026-11-23", "2026-11-24"), // a Friday night is over
            ("2026-04-02", "2026-04-07", "2026-04-08"), // the day before Good Friday
            ("2026-12-24", "2026-12-29", "2026-12-30"),
        ] {
            let day = date(day);
            assert_eq!(
                (open_by(day, &calendar), escalated_after(day, &calendar)),
                (date(open), date(escalated)),
                "{day}"
            );
            assert!(escalated_after(day, &calendar) < acknowledgement_due_on(day, &calendar));
        }
    }

    #[test]
    fn a_delay_is_explained_after_each_day_that_passed_without_a_response() {
        let calendar = england_and_wales();
        let days = (date("2026-12-18"), date("2027-05-19"));
        for (today, explained, expected) in [
            ("2026-12-18", None, &[][..]),
            ("2026-12-19", None, &["2026-12-29"]), // Christmas, and Boxing Day on the Monday after
            ("2026-12-19", Some("2026-12-18"), &["2026-12-29"]),
            ("2026-12-19", Some("2026-12-19"), &[]),
            ("2027-05-19", Some("2026-12-19"), &[]),
            ("2027-05-20", Some("2026-12-19"), &["2027-05-26"]), // that was why the day of the plan was not kept
            ("2027-05-20", None, &["2026-12-29", "2027-05-26"]),
            ("2027-05-20", Some("2027-05-20"), &[]),
        ] {
            let due = explain_by(days, explained.map(date), date(today), &calendar);
            assert_eq!(due, expected.iter().copied().map(date).collect::<Vec<_>>(), "{today}, {explained:?}");
        }
        let one = (days.1, days.1);
        assert_eq!(explain_by(one, None, date("2027-05-20"), &calendar), [date("2027-05-26")], "the same day is one");
    }

    #[test]
    fn the_response_period_counts_working_days() {
        let calendar = england_and_wales();
        assert_eq!(response_due_on(date("2026-04-02"), 20, &calendar), date("2026-05-05"));
    }

    #[test]
    fn a_clock_beyond_the_calendar_counts_weekdays_and_is_never_late() {
        let calendar = england_and_wales();
        // New Year's Day 2031, a Wednesday, is not loaded, and 31 December is a Tuesday.
        assert_eq!(acknowledgement_due_on(date("2030-12-30"), &calendar), date("2031-01-02"));
        assert_eq!(open_by(date("2031-05-02"), &calendar), date("2031-05-05"));
        assert_eq!(response_latest_on(NaiveDate::MAX), NaiveDate::MAX);
        assert_eq!(open_by(NaiveDate::MAX, &calendar), NaiveDate::MAX);
    }

    proptest! {
        #[test]
        fn an_acknowledgement_is_due_on_a_later_working_day(offset in 0_i64..2500) {
            let calendar = england_and_wales();
            let received = date("2024-01-01") + Duration::days(offset);
            let due = acknowledgement_due_on(received, &calendar);
            prop_assert!(due > received);
            prop_assert!(calendar.is_working_day(due).unwrap());
            prop_assert!(oral_resolution_due(received, &calendar) < due);
        }

        #[test]
        fn more_working_days_end_later(offset in 0_i64..2000, fewer in 0_u32..100, more in 1_u32..100) {
            let calendar = england_and_wales();
            let received = date("2024-01-01") + Duration::days(offset);
            prop_assert!(
                response_due_on(received, fewer, &calendar)
                    < response_due_on(received, fewer + more, &calendar)
            );
        }
    }
}
