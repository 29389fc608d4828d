//! The year of which a council reports on its complaints: twelve months that end on 31 March (SI 2009/309 reg 18).

use chrono::{Datelike as _, NaiveDate};

use crate::fault::Fault;

/// Twelve months of which a council reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportingYear {
    ending: i32,
}

impl ReportingYear {
    /// The year that ends on 31 March of this year, or the one that has ended last. A year that has not begun is none.
    pub fn parse(ending: Option<i32>, today: NaiveDate) -> Result<Self, Fault> {
        let this = if today.month() > 3 { today.year() + 1 } else { today.year() };
        match ending {
            None => Ok(Self { ending: this - 1 }),
            Some(ending) if (2000..=this).contains(&ending) => Ok(Self { ending }),
            Some(_) => Err(Fault::new("ending", format!("must be a year from 2000 to {this}"))),
        }
    }

    /// The year that ends on 31 March of this year and is over, or the last that is.
    pub fn ended(ending: Option<i32>, today: NaiveDate) -> Result<Self, Fault> {
        let year = Self::parse(ending, today)?;
        if year.until() < today {
            Ok(year)
        } else {
            Err(Fault::new("ending", format!("must be a year that is over: {} at the latest", year.ending - 1)))
        }
    }

    /// The first day.
    pub fn from(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.ending - 1, 4, 1).unwrap_or(NaiveDate::MIN)
    }

    /// The last day.
    pub fn until(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.ending, 3, 31).unwrap_or(NaiveDate::MAX)
    }
}

/// The smallest number that is published.
const LEAST: i64 = 5;

/// Says of each number, of so many in all, whether it may be published: from five up, and only as long as what is left out adds up to none
/// or to five or more. Else the smallest that is shown is left out too, so that nobody works out a small number by subtraction.
pub fn fit_to_publish(numbers: &[i64], all: i64) -> Vec<bool> {
    let mut shown: Vec<bool> = numbers.iter().map(|number| *number >= LEAST).collect();
    loop {
        let left_out =
            all - numbers.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(number, _)| number).sum::<i64>();
        let smallest = (0..numbers.len()).filter(|place| shown[*place]).min_by_key(|place| numbers[*place]);
        match smallest {
            Some(place) if (1..LEAST).contains(&left_out) => shown[place] = false,
            _ => return shown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_ends_on_the_31st_of_march_and_the_last_that_has_ended_is_meant_where_none_is_named() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (today, ending, from, until) in [
            ("2026-11-20", None, "2025-04-01", "2026-03-31"),
            ("2026-03-31", None, "2024-04-01", "2025-03-31"),
            ("2026-04-01", None, "2025-04-01", "2026-03-31"),
            ("2026-11-20", Some(2027), "2026-04-01", "2027-03-31"),
            ("2028-03-31", Some(2028), "2027-04-01", "2028-03-31"),
        ] {
            let year = ReportingYear::parse(ending, day(today)).unwrap();
            assert_eq!((year.from(), year.until()), (day(from), day(until)), "{today}");
        }
        for ending in [1999, 2028] {
            assert!(ReportingYear::parse(Some(ending), day("2026-11-20")).is_err(), "{ending}");
        }
        assert_eq!(ReportingYear::ended(None, day("2026-11-20")), ReportingYear::parse(Some(2026), day("2026-11-20")));
        assert!(ReportingYear::ended(Some(2027), day("2027-03-31")).is_err(), "its last day is not over");
        assert!(ReportingYear::ended(Some(2027), day("2027-04-01")).is_ok());
    }

    #[test]
    fn no_number_below_five_is_published_nor_can_be_worked_out() {
        for (numbers, all, shown) in [
            (&[5, 7][..], 12, &[true, true][..]),
            (&[4, 7], 11, &[false, false]),
            (&[4, 7, 9], 20, &[false, false, true]),
            (&[4, 3, 9], 16, &[false, false, true]),
            (&[9], 12, &[false]),
            (&[9], 14, &[true]),
            (&[0, 9], 9, &[false, true]),
            (&[], 3, &[]),
        ] {
            assert_eq!(fit_to_publish(numbers, all), shown, "{numbers:?} of {all}");
        }
    }
}
