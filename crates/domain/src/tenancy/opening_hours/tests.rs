use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::words::calendar::tests::england_and_wales;

/// The usual hours, changed: a day with its hours, or with nothing if the practice is closed.
fn hours(changes: &[(&str, &str)]) -> OpeningHours {
    let mut said = serde_json::to_value(OpeningHours::USUAL).unwrap();
    for (day, hours) in changes {
        match hours.split_once('-') {
            Some((from, to)) => said[day] = json!({ "from": from, "to": to }),
            None => drop(said.as_object_mut().unwrap().remove(*day)),
        }
    }
    serde_json::from_value(said).unwrap()
}

/// The end of a period in London, which is how people say it.
fn ends(hours: &OpeningHours, from: &str, minutes: u32) -> String {
    let from = London.from_local_datetime(&from.parse().unwrap()).earliest().unwrap().to_utc();
    let end = hours.add_minutes(from, minutes, &england_and_wales()).unwrap();
    end.with_timezone(&London).format("%a %Y-%m-%dT%H:%M").to_string()
}

#[test]
fn minutes_count_while_the_practice_is_open() {
    let usual = OpeningHours::USUAL;
    for (from, minutes, end, case) in [
        ("2026-11-20T10:00:00", 120, "Fri 2026-11-20T12:00", "within the day"),
        ("2026-11-20T16:40:00", 120, "Mon 2026-11-23T10:40", "the last 20 minutes of a Friday count"),
        ("2026-11-20T15:00:00", 120, "Fri 2026-11-20T17:00", "to the closing"),
        ("2026-11-20T15:00:00", 121, "Mon 2026-11-23T09:01", "a minute beyond the closing"),
        ("2026-11-20T17:00:00", 120, "Mon 2026-11-23T11:00", "at the closing"),
        ("2026-11-20T18:30:00", 120, "Mon 2026-11-23T11:00", "after the closing"),
        ("2026-11-20T06:00:00", 120, "Fri 2026-11-20T11:00", "before the opening"),
        ("2026-11-21T12:00:00", 5, "Mon 2026-11-23T09:05", "on a Saturday"),
        ("2026-04-02T16:30:00", 120, "Tue 2026-04-07T10:30", "on the day before Good Friday"),
        (
            "2026-12-24T16:59:00",
            2,
            "Tue 2026-12-29T09:01",
            "over Christmas and the bank holiday in the stead of Boxing Day",
        ),
        ("2026-08-31T10:00:00", 60, "Tue 2026-09-01T10:00", "on a bank holiday"),
        ("2026-11-20T09:00:00", 480, "Fri 2026-11-20T17:00", "a whole day"),
        ("2026-11-20T09:00:00", 960, "Mon 2026-11-23T17:00", "two whole days"),
        ("2026-11-20T23:59:00", 0, "Mon 2026-11-23T09:00", "no minute, while it is closed"),
    ] {
        assert_eq!(ends(&usual, from, minutes), end, "{case}");
    }
}

#[test]
fn a_practice_counts_in_its_own_hours() {
    let saturdays = hours(&[("saturday", "10:00-13:00")]);
    assert_eq!(ends(&saturdays, "2026-11-20T16:40:00", 120), "Sat 2026-11-21T11:40");
    assert_eq!(ends(&saturdays, "2026-11-21T12:00:00", 120), "Mon 2026-11-23T10:00");
    let no_fridays = hours(&[("friday", "")]);
    assert_eq!(ends(&no_fridays, "2026-11-19T16:40:00", 120), "Mon 2026-11-23T10:40");
    let late_mondays = hours(&[("monday", "12:30-20:00")]);
    assert_eq!(ends(&late_mondays, "2026-11-20T16:40:00", 120), "Mon 2026-11-23T14:10");
    let always = hours(&[("friday", "00:00-24:00"), ("saturday", "00:00-24:00"), ("sunday", "00:00-24:00")]);
    assert_eq!(ends(&always, "2026-11-20T23:30:00", 60), "Sat 2026-11-21T00:30");
    // Boxing Day of 2026 and Christmas Day of 2027 are Saturdays, and other days are the bank holidays in their stead.
    assert_eq!(ends(&saturdays, "2026-12-24T16:30:00", 60), "Tue 2026-12-29T09:30");
    assert_eq!(ends(&saturdays, "2027-12-24T16:30:00", 60), "Wed 2027-12-29T09:30");
    assert_eq!(ends(&saturdays, "2027-12-31T16:30:00", 60), "Tue 2028-01-04T09:30");
}

#[test]
fn minutes_count_as_they_pass_where_the_clocks_change() {
    // In spring two o'clock follows one, in autumn one o'clock comes twice.
    let sundays = hours(&[("sunday", "00:00-24:00")]);
    assert_eq!(ends(&sundays, "2026-03-29T00:30:00", 60), "Sun 2026-03-29T02:30");
    assert_eq!(ends(&sundays, "2026-03-29T00:00:00", 23 * 60), "Mon 2026-03-30T00:00");
    assert_eq!(ends(&sundays, "2026-03-29T00:00:00", 23 * 60 + 1), "Mon 2026-03-30T09:01");
    assert_eq!(ends(&sundays, "2026-10-25T00:30:00", 120), "Sun 2026-10-25T01:30");
    assert_eq!(ends(&sundays, "2026-10-25T00:00:00", 25 * 60), "Mon 2026-10-26T00:00");
    let in_the_gap = hours(&[("sunday", "01:30-03:00")]);
    assert_eq!(ends(&in_the_gap, "2026-03-29T00:30:00", 30), "Sun 2026-03-29T03:00", "it opens at half past two");
    let within_the_doubled_hour = hours(&[("sunday", "00:00-01:30")]);
    assert_eq!(ends(&within_the_doubled_hour, "2026-10-25T00:00:00", 150), "Sun 2026-10-25T01:30");
    // The clocks change while the practice is closed: it opens at nine by the clock on the wall.
    let usual = OpeningHours::USUAL;
    assert_eq!(ends(&usual, "2026-03-27T16:40:00", 120), "Mon 2026-03-30T10:40");
    assert_eq!(ends(&usual, "2026-10-23T16:40:00", 120), "Mon 2026-10-26T10:40");
}

#[test]
fn beyond_the_calendar_nothing_is_counted() {
    let last = "2030-12-31T16:59:00Z".parse().unwrap();
    let beyond = OpeningHours::USUAL.add_minutes(last, 2, &england_and_wales());
    assert_eq!(beyond, Err(CalendarUnavailable { year: 2031 }));
}

#[test]
fn a_practice_opens_on_a_day_at_least_and_for_an_hour_at_least() {
    let closed = NAMES.map(|day| (day, ""));
    for (changes, faults) in [
        (&[][..], vec![]),
        (&[("saturday", "23:00-24:00")], vec![]),
        (&[("saturday", "09:00-09:59")], vec!["/saturday/to"]),
        (&[("monday", "17:00-09:00"), ("sunday", "24:00-24:00")], vec!["/monday/to", "/sunday/to"]),
        (&closed[..], vec![""]),
        (&closed[1..], vec![]),
    ] {
        let found = hours(changes).check().err().unwrap_or_default();
        assert_eq!(found.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>(), faults, "{changes:?}");
    }
}

#[test]
fn the_database_gives_back_what_it_was_given() {
    for (changes, kept) in [
        (&[][..], "09:00-17:00,09:00-17:00,09:00-17:00,09:00-17:00,09:00-17:00,,"),
        (
            &[("monday", ""), ("saturday", "10:00-13:00"), ("sunday", "00:00-24:00")],
            ",09:00-17:00,09:00-17:00,09:00-17:00,09:00-17:00,10:00-13:00,00:00-24:00",
        ),
    ] {
        let hours = hours(changes);
        assert_eq!(hours.to_string(), kept);
        assert_eq!(kept.parse(), Ok(hours));
    }
    for damaged in ["", ",,,,,", ",,,,,,,", "09:00,,,,,,", "09:00-25:00,,,,,,"] {
        assert!(damaged.parse::<OpeningHours>().is_err(), "{damaged}");
    }
}

proptest! {
    #[test]
    fn a_period_in_two_parts_ends_where_the_whole_one_ends(start in 0_i64..500_000, one in 1_u32..600, other in 1_u32..600) {
        let hours = hours(&[("wednesday", "13:00-20:30"), ("saturday", "10:00-13:00"), ("thursday", "")]);
        let calendar = england_and_wales();
        let from = "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::minutes(start);
        let part = hours.add_minutes(from, one, &calendar).unwrap();
        prop_assert!(part >= from);
        prop_assert_eq!(hours.add_minutes(part, other, &calendar), hours.add_minutes(from, one + other, &calendar));
    }
}
