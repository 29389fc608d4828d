//! The rules for a bank holiday that the operator adds.

use chrono::{Datelike as _, NaiveDate, Weekday};

use crate::fault::Fault;
use crate::words::calendar::Calendar;

/// Checks a day that is to be a bank holiday: it is in a year that is loaded, and no day of a weekend, since another day
/// takes the place of a bank holiday that falls on one (Banking and Financial Dealings Act 1971, schedule 1).
pub fn check_bank_holiday(day: NaiveDate, calendar: &Calendar) -> Result<(), Vec<Fault>> {
    let fault = |detail: String| Err(vec![Fault::new("/day", detail)]);
    if let Some(detail) = calendar.fault_of(day) {
        return fault(detail);
    }
    if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        return fault("must not be a Saturday or Sunday, which is no working day anyway".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::calendar::tests::{date, england_and_wales};

    #[test]
    fn a_bank_holiday_is_a_weekday_of_a_loaded_year() {
        let calendar = england_and_wales();
        for (day, is_taken) in [
            ("2026-12-01", true),
            ("2026-01-05", true),
            ("2026-11-28", false),
            ("2026-11-29", false),
            ("2031-01-02", false),
            ("2023-12-29", false),
        ] {
            assert_eq!(check_bank_holiday(date(day), &calendar).is_ok(), is_taken, "{day}");
        }
    }
}
