//! The days of councils' codes: which are not in force yet, and which are no longer.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::fault::Fault;

/// The days between which a code is in force, as far as the list of reorganisations and the councils' own histories say. A code
/// of which they say nothing is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeDays {
    /// The first day of the code, if it is the code of an authority that a reorganisation created.
    pub begins_on: Option<NaiveDate>,
    /// The first day on which the code is not in force any more.
    pub abolished_on: Option<NaiveDate>,
    /// The codes that have taken its place, as far as they are known.
    pub successors: Vec<String>,
}

impl CodeDays {
    /// Returns what is wrong with naming the code on this day.
    pub fn fault(&self, day: NaiveDate) -> Option<String> {
        match (self.begins_on, self.abolished_on) {
            (Some(begins_on), _) if day < begins_on => Some(format!("is a code that begins on {begins_on}")),
            (_, Some(abolished_on)) if abolished_on <= day => Some(match self.successors.as_slice() {
                [] => format!("is a code that was abolished on {abolished_on}"),
                codes => format!("is a code that was abolished on {abolished_on}; name {}", codes.join(" or ")),
            }),
            _ => None,
        }
    }

    /// Returns what is wrong with a code that something of the past may name: a code that has been abolished is taken.
    pub fn fault_of_a_past_code(&self, day: NaiveDate) -> Option<String> {
        self.begins_on.filter(|begins_on| day < *begins_on).and_then(|_| self.fault(day))
    }
}

/// Checks when a change of a council's details begins: not in the future, and not before what it changes.
pub fn check_change(starts_on: NaiveDate, since: NaiveDate, today: NaiveDate) -> Result<(), Vec<Fault>> {
    let fault = |detail: String| Err(vec![Fault::new("/starts_on", detail)]);
    if starts_on > today {
        fault("must not be in the future: enter the change on its day".to_owned())
    } else if starts_on < since {
        fault(format!("must not be before {since}, since when the present details are valid"))
    } else {
        Ok(())
    }
}

/// Checks the codes of a reorganisation: there is one at least, and none twice.
pub fn check_reorganisation<'c>(
    abolished: impl ExactSizeIterator<Item = &'c str>,
    created: impl ExactSizeIterator<Item = &'c str>,
) -> Result<(), Vec<Fault>> {
    if abolished.len() + created.len() == 0 {
        return Err(vec![Fault::new("", "must abolish or create a code")]);
    }
    let mut seen = BTreeSet::new();
    let named = |list: &'static str| move |(index, code)| (format!("/{list}/{index}/code"), code);
    let codes = abolished.enumerate().map(named("abolished")).chain(created.enumerate().map(named("created")));
    let faults: Vec<Fault> = codes
        .filter(|(_, code)| !seen.insert(*code))
        .map(|(pointer, _)| Fault::new(pointer, "must not be repeated"))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::calendar::tests::date;

    #[test]
    fn a_code_is_in_force_from_its_first_day_to_the_day_before_it_is_abolished() {
        let days = CodeDays {
            begins_on: Some(date("2019-04-01")),
            abolished_on: Some(date("2027-04-01")),
            successors: vec!["E06000901".to_owned(), "E06000902".to_owned()],
        };
        for (day, fault) in [
            ("2019-03-31", Some("is a code that begins on 2019-04-01")),
            ("2019-04-01", None),
            ("2027-03-31", None),
            ("2027-04-01", Some("is a code that was abolished on 2027-04-01; name E06000901 or E06000902")),
        ] {
            assert_eq!(days.fault(date(day)).as_deref(), fault, "{day}");
        }
        assert_eq!(days.fault_of_a_past_code(date("2028-01-01")), None);
        assert!(days.fault_of_a_past_code(date("2019-03-31")).is_some());
        assert_eq!(CodeDays::default().fault(date("2026-11-20")), None);
    }

    #[test]
    fn a_change_begins_between_the_last_one_and_today() {
        let (since, today) = (date("2026-04-01"), date("2026-11-20"));
        for (starts_on, fits) in
            [("2026-03-31", false), ("2026-04-01", true), ("2026-11-20", true), ("2026-11-21", false)]
        {
            assert_eq!(check_change(date(starts_on), since, today).is_ok(), fits, "{starts_on}");
        }
    }

    #[test]
    fn a_reorganisation_names_each_code_once() {
        let check = |abolished: &[&str], created: &[&str]| {
            let faults = check_reorganisation(abolished.iter().copied(), created.iter().copied());
            faults.err().unwrap_or_default().into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        assert_eq!(check(&["A"], &["B", "C"]), Vec::<String>::new());
        assert_eq!(check(&["A"], &[]), Vec::<String>::new());
        assert_eq!(check(&[], &[]), [""]);
        assert_eq!(check(&["A", "A"], &["B", "A"]), ["/abolished/1/code", "/created/1/code"]);
    }
}
