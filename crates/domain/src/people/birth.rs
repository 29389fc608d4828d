//! Dates of birth, each with its accuracy: when a person may have been born, which dates are refused at every door, and by
//! which keys people are found.

use chrono::{Datelike as _, Months, NaiveDate};

use crate::people::contact::DateOfBirthAccuracy;
use crate::people::search_key::SearchKey;

/// The greatest age of a person: an earlier date of birth is a typing error.
const OLDEST: Months = Months::new(125 * 12);

/// A date of birth as far as it is known. The unknown parts of the date stand for any day or month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Birth {
    date: Option<NaiveDate>,
    accuracy: DateOfBirthAccuracy,
}

impl Birth {
    /// Makes a date of birth. A date whose accuracy is unknown says nothing, whichever was sent.
    pub const fn new(date: Option<NaiveDate>, accuracy: DateOfBirthAccuracy) -> Self {
        Self { date, accuracy }
    }

    /// Returns the first and the last day on which the person may have been born; `None` if nothing is known.
    pub fn possible(self) -> Option<(NaiveDate, NaiveDate)> {
        let born = self.date?;
        let first_of_month = born.with_day(1)?;
        let first_of_year = first_of_month.with_month(1)?;
        match self.accuracy {
            DateOfBirthAccuracy::Exact => Some((born, born)),
            DateOfBirthAccuracy::Month => Some((first_of_month, last_before(first_of_month, 1))),
            DateOfBirthAccuracy::Year => Some((first_of_year, last_before(first_of_year, 12))),
            DateOfBirthAccuracy::Unknown => None,
        }
    }

    /// Returns what is wrong with the date as of `today`, at whichever door it comes in: it is in the future, or more than
    /// 125 years ago, on every day that it may stand for.
    pub fn fault(self, today: NaiveDate) -> Option<&'static str> {
        let (earliest, latest) = self.possible()?;
        if earliest > today {
            Some("must not be in the future")
        } else if latest < today.checked_sub_months(OLDEST).unwrap_or(NaiveDate::MIN) {
            Some("must not be more than 125 years ago")
        } else {
            None
        }
    }

    /// Whether both may be the same day, and something is known of each. A year is the same as a day in it.
    pub fn may_be(self, other: Self) -> bool {
        self.possible().zip(other.possible()).is_some_and(|((a, b), (c, d))| a <= d && c <= b)
    }

    /// Whether both cannot be the same day. A date of which nothing is known contradicts none.
    pub fn contradicts(self, other: Self) -> bool {
        self.possible().is_some() && other.possible().is_some() && !self.may_be(other)
    }

    /// Returns the keys under which a person with this date is kept.
    pub fn kept(self) -> Vec<SearchKey> {
        let Some((from, _)) = self.possible() else { return Vec::new() };
        let (month, year) = ((from.year(), from.month()), from.year());
        match self.accuracy {
            DateOfBirthAccuracy::Exact => vec![
                SearchKey::DateOfBirth(from),
                SearchKey::MonthOfBirth { month, and_day: true },
                SearchKey::YearOfBirth { year, and_more: true },
            ],
            DateOfBirthAccuracy::Month => {
                vec![SearchKey::MonthOfBirth { month, and_day: false }, SearchKey::YearOfBirth { year, and_more: true }]
            }
            DateOfBirthAccuracy::Year => vec![SearchKey::YearOfBirth { year, and_more: false }],
            DateOfBirthAccuracy::Unknown => Vec::new(),
        }
    }

    /// Returns the keys of the people whose date may be this one. A record has to have one of them.
    pub fn wanted(self) -> Vec<SearchKey> {
        let Some((from, _)) = self.possible() else { return Vec::new() };
        let (month, year) = ((from.year(), from.month()), from.year());
        let (of_month, of_year) = (
            |and_day| SearchKey::MonthOfBirth { month, and_day },
            |and_more| SearchKey::YearOfBirth { year, and_more },
        );
        match self.accuracy {
            DateOfBirthAccuracy::Exact => vec![SearchKey::DateOfBirth(from), of_month(false), of_year(false)],
            DateOfBirthAccuracy::Month => vec![of_month(true), of_month(false), of_year(false)],
            DateOfBirthAccuracy::Year => vec![of_year(true), of_year(false)],
            DateOfBirthAccuracy::Unknown => Vec::new(),
        }
    }
}

/// Returns the last day of the `months` that begin on `first`, the first of a month.
fn last_before(first: NaiveDate, months: u32) -> NaiveDate {
    first.checked_add_months(Months::new(months)).and_then(|next| next.pred_opt()).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DateOfBirthAccuracy::{Exact, Month, Unknown, Year};

    fn birth(date: &str, accuracy: DateOfBirthAccuracy) -> Birth {
        Birth::new(Some(date.parse().unwrap()), accuracy)
    }

    #[test]
    fn a_date_of_birth_is_refused_if_every_day_that_it_stands_for_is() {
        let today = "2026-11-20".parse().unwrap();
        for (date, accuracy, fault) in [
            ("2026-11-20", Exact, None),
            ("2026-11-21", Exact, Some("must not be in the future")),
            ("2026-11-30", Month, None),
            ("2026-12-01", Month, Some("must not be in the future")),
            ("2027-01-01", Year, Some("must not be in the future")),
            ("2030-01-01", Unknown, None),
            ("1901-11-20", Exact, None),
            ("1901-11-19", Exact, Some("must not be more than 125 years ago")),
            ("1901-01-01", Year, None),
            ("1900-12-31", Year, Some("must not be more than 125 years ago")),
            ("1900-01-01", Unknown, None),
        ] {
            assert_eq!(birth(date, accuracy).fault(today), fault, "{date} {accuracy:?}");
        }
        assert_eq!(Birth::new(None, Exact).fault(today), None);
    }

    #[test]
    fn dates_are_compared_and_found_as_far_as_they_are_known() {
        for (one, other, same) in [
            (birth("1941-03-08", Exact), birth("1941-03-08", Exact), true),
            (birth("1941-03-08", Exact), birth("1941-03-09", Exact), false),
            (birth("1941-03-08", Exact), birth("1941-03-01", Month), true),
            (birth("1941-03-08", Exact), birth("1941-04-01", Month), false),
            (birth("1941-03-08", Exact), birth("1941-01-01", Year), true),
            (birth("1941-03-08", Exact), birth("1942-01-01", Year), false),
            (birth("1941-05-01", Month), birth("1941-01-01", Year), true),
            (birth("1941-05-01", Month), birth("1941-06-01", Month), false),
            (birth("1941-05-01", Year), birth("1941-06-01", Year), true),
            (birth("1900-01-01", Unknown), birth("1900-01-01", Unknown), false),
            (birth("1900-01-01", Unknown), birth("1900-01-01", Exact), false),
            (Birth::new(None, Unknown), birth("1941-03-08", Exact), false),
        ] {
            assert_eq!((one.may_be(other), other.may_be(one)), (same, same), "{one:?} {other:?}");
            for (kept, wanted) in [(one, other), (other, one)] {
                let kept: Vec<String> = kept.kept().iter().map(SearchKey::text).collect();
                let found = wanted.wanted().iter().any(|key| kept.contains(&key.text()));
                assert_eq!(found, same, "{wanted:?} among {kept:?}");
            }
        }
    }
}
