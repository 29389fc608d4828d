//! The sample of what took effect at once with evidence: a tenth of each practice's month, for the council to confirm with
//! the person. The lots come from a key that no practice has, so that nobody can choose the action that is not looked at; and
//! the same month always gives the same sample.

use chrono::{Datelike as _, Months, NaiveDate};

use crate::fault::InvalidValue;
use crate::words::date;

/// One in so many is in the sample, and at least one.
const ONE_IN: usize = 10;

/// A month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    first: NaiveDate,
}

impl Month {
    /// Reads `YYYY-MM`.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        date::parse(&format!("{text}-01"))
            .map(|first| Self { first })
            .map_err(|_| InvalidValue::new("must be a month written YYYY-MM"))
    }

    /// Returns the last month that is over on this day.
    pub fn before(today: NaiveDate) -> Self {
        let first = today.with_day(1).and_then(|first| first.checked_sub_months(Months::new(1)));
        Self { first: first.unwrap_or(NaiveDate::MIN) }
    }

    /// Whether the month is over: until then its sample would change with each action.
    pub fn check(self, today: NaiveDate) -> Result<(), InvalidValue> {
        if self.next() <= today { Ok(()) } else { Err(InvalidValue::new("must be a month that is over")) }
    }

    /// Returns the first day of the month.
    pub const fn first(self) -> NaiveDate {
        self.first
    }

    /// Returns the first day of the month after.
    pub fn next(self) -> NaiveDate {
        self.first.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.first.format("%Y-%m"))
    }
}

/// Returns the sample of one practice's month: the tenth with the smallest lots, rounded up.
pub fn sampled<T>(mut lots: Vec<(Vec<u8>, T)>) -> Vec<T> {
    lots.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    lots.truncate(lots.len().div_ceil(ONE_IN));
    lots.into_iter().map(|(_, action)| action).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_sampled_once_it_is_over() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let november = Month::parse("2026-11").unwrap();
        assert_eq!((november.first(), november.next()), (day("2026-11-01"), day("2026-12-01")));
        for (today, over) in [("2026-11-30", false), ("2026-12-01", true), ("2026-10-31", false), ("2027-11-01", true)]
        {
            assert_eq!(november.check(day(today)).is_ok(), over, "{today}");
        }
        for (today, before) in [("2026-12-01", "2026-11"), ("2026-12-31", "2026-11"), ("2027-01-15", "2026-12")] {
            assert_eq!(Month::before(day(today)).to_string(), before);
        }
        for text in ["2026", "2026-13", "2026-1", "november", "2026-11-01", "2026-11 ", ""] {
            let refused = Month::parse(text).unwrap_err().to_string();
            assert_eq!(refused, "must be a month written YYYY-MM", "{text:?}");
        }
    }

    #[test]
    fn a_tenth_is_sampled_and_at_least_one_whatever_the_order() {
        for (actions, expected) in [(0_u8, 0), (1, 1), (10, 1), (11, 2), (100, 10), (101, 11)] {
            let lots: Vec<(Vec<u8>, u8)> = (0..actions).map(|n| (vec![n.wrapping_mul(73)], n)).collect();
            let reversed = lots.iter().rev().cloned().collect();
            let sample = sampled(lots);
            assert_eq!(sample.len(), expected, "{actions}");
            assert_eq!(sample, sampled(reversed));
        }
    }
}
