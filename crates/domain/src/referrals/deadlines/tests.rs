use chrono::TimeZone as _;

use super::*;
use crate::words::calendar::tests::{date, england_and_wales};

const PERIODS: Periods = Periods {
    response_working_days: 5,
    urgent_response_working_days: 2,
    immediate_minutes: 120,
    urgent_minutes: 480,
    opening_hours: OpeningHours::USUAL,
};

fn london(moment: &str) -> DateTime<Utc> {
    London.from_local_datetime(&moment.parse().unwrap()).earliest().unwrap().to_utc()
}

#[test]
fn the_answer_is_due_by_urgency_by_the_day_that_the_council_named_and_before_the_person_is_home() {
    use Urgency::{Immediate, Standard, Urgent};
    // 20 November 2026 is a Friday.
    let (morning, afternoon, night) = ("2026-11-20T10:00:00", "2026-11-20T16:40:00", "2026-11-20T22:00:00");
    for (urgency, arrives, respond_by, home_on, due, counted, looked_at) in [
        (Standard, morning, None, None, "2026-11-27", true, None),
        (Standard, morning, Some("2026-11-23"), None, "2026-11-23", false, None),
        (Standard, morning, Some("2026-12-31"), None, "2026-12-31", false, None),
        (Standard, morning, Some("2026-11-27"), None, "2026-11-27", false, None),
        (Urgent, morning, None, None, "2026-11-24", true, Some("2026-11-23T10:00:00")),
        (Urgent, afternoon, None, None, "2026-11-24", true, Some("2026-11-23T16:40:00")),
        (Urgent, morning, Some("2026-11-23"), None, "2026-11-23", false, Some("2026-11-23T10:00:00")),
        (Urgent, morning, Some("2026-12-31"), None, "2026-11-24", true, Some("2026-11-23T10:00:00")),
        (Immediate, morning, None, None, "2026-11-20", true, Some("2026-11-20T12:00:00")),
        (Immediate, afternoon, None, None, "2026-11-23", true, Some("2026-11-23T10:40:00")),
        (Immediate, night, None, None, "2026-11-23", true, Some("2026-11-23T11:00:00")),
        (Immediate, afternoon, Some("2026-11-27"), None, "2026-11-23", true, Some("2026-11-23T10:40:00")),
        (Immediate, afternoon, Some("2026-11-20"), None, "2026-11-20", false, Some("2026-11-23T10:40:00")),
        // The person goes home: today, on a day on which nobody works, before the period ends, and after it.
        (Standard, afternoon, None, Some("2026-11-20"), "2026-11-20", false, Some("2026-11-23T16:40:00")),
        (Standard, night, None, Some("2026-11-21"), "2026-11-21", false, Some("2026-11-23T17:00:00")),
        (Standard, morning, None, Some("2026-11-23"), "2026-11-23", false, Some("2026-11-23T10:00:00")),
        (Standard, morning, Some("2026-11-30"), Some("2026-11-25"), "2026-11-25", false, Some("2026-11-23T10:00:00")),
        (Standard, morning, None, Some("2026-12-24"), "2026-11-27", true, Some("2026-11-23T10:00:00")),
        (Urgent, morning, None, Some("2026-11-23"), "2026-11-23", false, Some("2026-11-23T10:00:00")),
        (Immediate, afternoon, None, Some("2026-11-21"), "2026-11-21", false, Some("2026-11-23T10:40:00")),
        // They are home already.
        (Standard, morning, None, Some("2026-11-12"), "2026-11-23", false, Some("2026-11-23T10:00:00")),
        (Urgent, morning, None, Some("2026-11-19"), "2026-11-23", false, Some("2026-11-23T10:00:00")),
        (Immediate, afternoon, None, Some("2026-11-19"), "2026-11-23", true, Some("2026-11-23T10:40:00")),
    ] {
        let of = Pressing { urgency, respond_by: respond_by.map(date), home_on: home_on.map(date) };
        let found = PERIODS.deadlines(of, london(arrives), &england_and_wales()).unwrap();
        let case = format!("{of:?} on {arrives}");
        assert_eq!(found.response_due_on, date(due), "{case}");
        assert_eq!(found.counted_from, counted.then_some(date("2026-11-20")), "{case}");
        assert_eq!(found.home_on, home_on.map(date).filter(|day| *day >= date("2026-11-20")), "{case}");
        assert_eq!(found.human_contact_due_at, looked_at.map(london), "{case}");
    }
}

#[test]
fn an_unanswered_referral_leaves_the_practice_when_its_day_has_ended_and_somebody_could_have_looked() {
    for (due_on, looked_at, leaves) in [
        ("2026-11-27", None, "2026-11-28T00:00:00"),
        ("2026-11-23", Some("2026-11-23T10:40:00"), "2026-11-24T00:00:00"),
        ("2026-11-24", Some("2026-11-23T10:00:00"), "2026-11-25T00:00:00"),
        ("2026-11-21", Some("2026-11-23T10:40:00"), "2026-11-24T00:00:00"),
    ] {
        assert_eq!(leaves_at(date(due_on), looked_at.map(london)), london(leaves), "{due_on} {looked_at:?}");
    }
}

#[test]
fn the_council_is_told_whom_to_ring_until_a_human_looks() {
    use Urgency::{Immediate, Standard, Urgent};
    use Whereabouts::{AtAPractice, AtASuspendedPractice, Missed, Nowhere};
    let friday = "2026-11-20T16:40:00";
    for (urgency, due_at, whereabouts, told, said) in [
        (Standard, None, AtAPractice, None, ""),
        (Standard, None, Missed, None, ""),
        (Standard, None, AtASuspendedPractice, None, ""),
        (Standard, None, Nowhere, None, ""),
        (Standard, Some("2026-11-23T16:40:00"), Nowhere, None, ""),
        (
            Immediate,
            Some("2026-11-20T16:55:00"),
            AtAPractice,
            Some((false, true)),
            "by Friday 20 November 2026 at 16:55.",
        ),
        (Urgent, Some("2026-11-20T17:00:00"), AtAPractice, Some((false, true)), "by Friday 20 November 2026 at 17:00."),
        (
            Immediate,
            Some("2026-11-23T10:40:00"),
            AtAPractice,
            Some((true, false)),
            "ring it now. Nobody at the practice",
        ),
        (
            Immediate,
            Some("2026-11-23T10:40:00"),
            AtAPractice,
            Some((true, false)),
            "before Monday 23 November 2026 at 10:40,",
        ),
        (
            Urgent,
            Some("2026-11-23T16:40:00"),
            AtAPractice,
            Some((false, false)),
            "before Monday 23 November 2026 at 16:40,",
        ),
        (
            Standard,
            Some("2026-06-22T16:40:00"),
            AtAPractice,
            Some((false, false)),
            "before Monday 22 June 2026 at 16:40,",
        ),
        (
            Immediate,
            Some("2026-11-20T16:55:00"),
            Missed,
            Some((true, false)),
            "ring it now. Nobody at the practice has answered",
        ),
        (
            Urgent,
            Some("2026-11-20T17:00:00"),
            Missed,
            Some((true, false)),
            "was to look by Friday 20 November 2026 at 17:00: you",
        ),
        (Standard, Some("2026-11-20T17:00:00"), Missed, Some((false, false)), "ring it if this cannot wait. Nobody"),
        (
            Immediate,
            Some("2026-11-20T16:55:00"),
            AtASuspendedPractice,
            Some((true, false)),
            "ring it now. The practice that has",
        ),
        (
            Standard,
            Some("2026-11-20T16:55:00"),
            AtASuspendedPractice,
            Some((false, false)),
            "if this cannot wait. The practice",
        ),
        (Immediate, None, Nowhere, Some((true, false)), "No practice has this referral"),
        (Urgent, Some("2026-11-23T16:40:00"), Nowhere, Some((true, false)), "No practice has this referral"),
    ] {
        let until = until_a_human_looks(urgency, london(friday), due_at.map(london), whereabouts, "0345 678 9040");
        let answer = until.as_ref().map(|until| (until.ring_now, until.seen_same_day));
        assert_eq!(answer, told, "{urgency:?} {due_at:?} {whereabouts:?}");
        if let Some(UntilThen { words, .. }) = until {
            assert!(words.starts_with("0345 678 9040 ") && words.contains(said), "{words}");
            assert!(words.chars().count() <= 500, "{words}");
        }
    }
}
