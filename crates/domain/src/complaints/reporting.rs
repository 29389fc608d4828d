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

    /// The first day.
    pub fn from(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.ending - 1, 4, 1).unwrap_or(NaiveDate::MIN)
    }

    /// The last day.
    pub fn until(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.ending, 3, 31).unwrap_or(NaiveDate::MAX)
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
    }
}
