//! Working days in England and Wales, and the date in London.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday};

/// The bank holidays of a range of years. A working day is any day but Saturday, Sunday,
/// Christmas Day, Good Friday and the bank holidays of England and Wales (Banking and Financial
/// Dealings Act 1971 s1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    years: RangeInclusive<i32>,
    holidays: BTreeSet<NaiveDate>,
}

/// A year whose holidays are not known was asked about, or had to be stepped over. A deadline guessed without them
/// could be a day late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the calendar of bank holidays does not cover {year}")]
pub struct CalendarUnavailable {
    /// The first year that was needed and is not covered.
    pub year: i32,
}

impl Calendar {
    /// Makes a calendar for the years `first_year` to `last_year`, both included, of which `holidays` are all the days
    /// off that are not weekends. Good Friday and Christmas Day (or the day in its stead) must be among them.
    pub fn new(first_year: i32, last_year: i32, holidays: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self { years: first_year..=last_year, holidays: holidays.into_iter().collect() }
    }

    /// The years whose bank holidays are loaded.
    pub const fn years(&self) -> &RangeInclusive<i32> {
        &self.years
    }

    /// Returns what is wrong with a day in a year whose bank holidays are not loaded.
    pub fn fault_of(&self, day: NaiveDate) -> Option<String> {
        let (first, last) = (self.years.start(), self.years.end());
        (!self.years.contains(&day.year()))
            .then(|| format!("must be in a year whose bank holidays are loaded, which are {first} to {last}"))
    }

    /// Returns this calendar with one more bank holiday.
    #[must_use]
    pub fn with(mut self, holiday: NaiveDate) -> Self {
        self.holidays.insert(holiday);
        self
    }

    /// Whether `date` is a working day.
    pub fn is_working_day(&self, date: NaiveDate) -> Result<bool, CalendarUnavailable> {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(!self.is_holiday(date)? && !weekend)
    }

    /// Whether `date` is a bank holiday, or the Christmas Day, Boxing Day or New Year's Day of a year in which another day is
    /// the bank holiday in its stead. A weekend alone is no holiday.
    pub fn is_holiday(&self, date: NaiveDate) -> Result<bool, CalendarUnavailable> {
        if self.years.contains(&date.year()) {
            let fixed = matches!((date.month(), date.day()), (12, 25 | 26) | (1, 1));
            Ok(fixed || self.holidays.contains(&date))
        } else {
            Err(CalendarUnavailable { year: date.year() })
        }
    }

    /// Returns the `days`-th working day after `from`, which itself never counts. With no days, this is `from`, working
    /// day or not.
    pub fn add_working_days(&self, from: NaiveDate, days: u32) -> Result<NaiveDate, CalendarUnavailable> {
        (0..days).try_fold(from, |date, _| self.next_working_day_on_or_after(day_after(date)?))
    }

    /// Returns `date` itself if it is a working day, else the next one.
    pub fn next_working_day_on_or_after(&self, date: NaiveDate) -> Result<NaiveDate, CalendarUnavailable> {
        let mut day = date;
        while !self.is_working_day(day)? {
            day = day_after(day)?;
        }
        Ok(day)
    }
}

fn day_after(date: NaiveDate) -> Result<NaiveDate, CalendarUnavailable> {
    date.succ_opt().ok_or(CalendarUnavailable { year: date.year().saturating_add(1) })
}

/// Returns the date in London at `instant`, which is a day ahead of UTC between 23:00 and midnight UTC in summer.
pub fn london_date(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&chrono_tz::Europe::London).date_naive()
}

/// Returns the date and the time of day in London at `instant`.
pub fn london_time(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&chrono_tz::Europe::London).naive_local()
}

/// Returns the time at which a day ends in London.
pub fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
    chrono_tz::Europe::London
        .from_local_datetime(&midnight)
        .earliest()
        .map_or_else(|| midnight.and_utc(), |moment| moment.to_utc())
}

/// Returns the moment at which something is taken to have happened that is recorded at `now` as of a day: `now`, if it is that day's, else the
/// middle of the day.
pub fn moment_of(day: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
    if day == london_date(now) { now } else { end_of_day(day) - TimeDelta::hours(12) }
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::{Duration, Months};
    use proptest::prelude::*;

    use super::*;

    const HOLIDAYS: &str = include_str!("../../data/bank-holidays-england-and-wales.txt");

    pub(crate) fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Returns the calendar of the years 2024 to 2030 as it ships.
    pub(crate) fn england_and_wales() -> Calendar {
        Calendar::new(2024, 2030, holidays())
    }

    fn holidays() -> impl Iterator<Item = NaiveDate> {
        HOLIDAYS.lines().map(|line| date(line.split_once(' ').unwrap().0))
    }

    /// Returns Easter Sunday by the Gregorian computus (the anonymous algorithm of 1876, Butcher).
    fn easter(year: i32) -> NaiveDate {
        let golden = year % 19;
        let (century, rest) = (year / 100, year % 100);
        let moon = (century - (8 * century + 13) / 25 - century / 4 + 19 * golden + 15) % 30;
        let epact = moon - (golden + 11 * moon) / 319;
        let weekday = (2 * (century % 4) + 2 * (rest / 4) - rest % 4 - epact + 32) % 7;
        let month = (epact + weekday + 90) / 25;
        let day = (epact + weekday + month + 19) % 32;
        let part = |number: i32| u32::try_from(number).unwrap();
        NaiveDate::from_ymd_opt(year, part(month), part(day)).unwrap()
    }

    /// Returns the holidays that the Act and the proclamations made under it give in a year without special holidays.
    fn by_rule(year: i32) -> Vec<NaiveDate> {
        let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let is_weekend = |date: NaiveDate| date.weekday().number_from_monday() > 5;
        let monday_from = |mut date: NaiveDate| {
            while date.weekday() != Weekday::Mon {
                date += Duration::days(1);
            }
            date
        };
        let mut days = vec![
            easter(year) - Duration::days(2),
            easter(year) + Duration::days(1),
            monday_from(day(5, 1)),
            monday_from(day(5, 25)),
            monday_from(day(8, 25)),
        ];
        for fixed in [day(1, 1), day(12, 25), day(12, 26)] {
            if !is_weekend(fixed) {
                days.push(fixed);
            }
        }
        for mut fixed in [day(1, 1), day(12, 25), day(12, 26)] {
            if is_weekend(fixed) {
                while is_weekend(fixed) || days.contains(&fixed) {
                    fixed += Duration::days(1);
                }
                days.push(fixed);
            }
        }
        days.sort();
        days
    }

    #[test]
    fn easter_falls_where_the_almanac_has_it() {
        for sunday in ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2030-04-21", "2038-04-25"] {
            assert_eq!(easter(date(sunday).year()), date(sunday));
        }
    }

    #[test]
    fn the_list_that_ships_is_what_the_law_gives() {
        let expected: Vec<_> = (2024..=2030).flat_map(by_rule).collect();
        assert_eq!(holidays().collect::<Vec<_>>(), expected);
        for (day, title) in HOLIDAYS.lines().map(|line| line.split_once(' ').unwrap()) {
            assert!(!title.is_empty());
            assert!(date(day).weekday().number_from_monday() <= 5, "{day} {title}");
        }
    }

    #[test]
    fn weekends_and_holidays_are_stepped_over() {
        let calendar = england_and_wales();
        for (from, days, expected) in [
            ("2026-04-02", 0, "2026-04-02"),
            ("2026-04-02", 1, "2026-04-07"),
            ("2026-11-20", 1, "2026-11-23"),
            ("2026-11-21", 1, "2026-11-23"),
            ("2026-11-23", 5, "2026-11-30"),
            ("2026-12-24", 2, "2026-12-30"),
            ("2027-12-31", 1, "2028-01-04"),
        ] {
            assert_eq!(calendar.add_working_days(date(from), days), Ok(date(expected)), "{from} + {days}");
        }
        assert_eq!(calendar.next_working_day_on_or_after(date("2026-12-25")), Ok(date("2026-12-29")));
        assert_eq!(calendar.next_working_day_on_or_after(date("2026-12-29")), Ok(date("2026-12-29")));
    }

    #[test]
    fn outside_the_covered_years_there_is_no_answer() {
        let calendar = england_and_wales();
        assert_eq!(calendar.is_working_day(date("2023-12-29")), Err(CalendarUnavailable { year: 2023 }));
        assert_eq!(calendar.add_working_days(date("2030-12-31"), 1), Err(CalendarUnavailable { year: 2031 }));
        assert_eq!(
            calendar.add_working_days(date("2026-01-01"), u32::MAX).unwrap_err().to_string(),
            "the calendar of bank holidays does not cover 2031"
        );
        assert!(calendar.next_working_day_on_or_after(NaiveDate::MAX).is_err());
    }

    #[test]
    fn the_date_is_londons() {
        for (instant, expected) in [
            ("2026-07-01T22:59:59Z", "2026-07-01"),
            ("2026-07-01T23:00:00Z", "2026-07-02"),
            ("2026-12-01T23:59:59Z", "2026-12-01"),
        ] {
            assert_eq!(london_date(instant.parse().unwrap()), date(expected), "{instant}");
        }
    }

    proptest! {
        #[test]
        fn more_days_end_later(offset in 0_u32..60, days in 0_u32..200) {
            let calendar = england_and_wales();
            let from = date("2024-06-15") + Months::new(offset);
            let end = calendar.add_working_days(from, days).unwrap();
            prop_assert!(end < calendar.add_working_days(from, days + 1).unwrap());
            prop_assert!(days == 0 || calendar.is_working_day(end).unwrap());
        }
    }
}
