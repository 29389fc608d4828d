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

/// The most codes that a reorganisation abolishes, and the most that it creates.
const MOST_CODES: usize = 100;

/// The codes of a reorganisation.
#[derive(Debug, Default)]
pub struct ReorganisedCodes<'c> {
    /// The codes that it abolishes.
    pub abolished: Vec<&'c str>,
    /// The codes that it creates.
    pub created: Vec<&'c str>,
}

/// Checks the codes that a reorganisation is given, beside those that it has: in all there is one at least, none twice, and
/// at most a hundred in each list. The pointers are of what is given.
pub fn check_reorganisation(known: &ReorganisedCodes<'_>, given: &ReorganisedCodes<'_>) -> Result<(), Vec<Fault>> {
    let lists = [("abolished", &known.abolished, &given.abolished), ("created", &known.created, &given.created)];
    if lists.iter().all(|(_, known, given)| known.is_empty() && given.is_empty()) {
        return Err(vec![Fault::new("", "must abolish or create a code")]);
    }
    let mut seen: BTreeSet<&str> = known.abolished.iter().chain(&known.created).copied().collect();
    let mut faults = Vec::new();
    for (list, known, given) in lists {
        if known.len() + given.len() > MOST_CODES {
            faults.push(Fault::new(format!("/{list}"), format!("must be at most {MOST_CODES} codes in all")));
        }
        let repeated = given.iter().enumerate().filter(|(_, code)| !seen.insert(code));
        faults.extend(repeated.map(|(index, _)| Fault::new(format!("/{list}/{index}/code"), "must not be repeated")));
    }
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
    fn a_reorganisation_names_each_code_once_and_at_most_a_hundred() {
        let codes = |abolished: &[&'static str], created: &[&'static str]| ReorganisedCodes {
            abolished: abolished.to_vec(),
            created: created.to_vec(),
        };
        let pointers = |known: ReorganisedCodes<'_>, given: ReorganisedCodes<'_>| {
            let faults = check_reorganisation(&known, &given).err().unwrap_or_default();
            faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        let none = || codes(&[], &[]);
        assert_eq!(pointers(none(), codes(&["A"], &["B", "C"])), Vec::<String>::new());
        assert_eq!(pointers(none(), codes(&["A"], &[])), Vec::<String>::new());
        assert_eq!(pointers(none(), none()), [""]);
        assert_eq!(pointers(none(), codes(&["A", "A"], &["B", "A"])), ["/abolished/1/code", "/created/1/code"]);
        // What is known already has no place in what is given.
        assert_eq!(pointers(codes(&["A"], &["B"]), codes(&[], &["C", "B"])), ["/created/1/code"]);
        assert_eq!(pointers(codes(&["A"], &["B"]), none()), Vec::<String>::new());

        let many: Vec<String> = (0..101).map(|n| format!("E{n:08}")).collect();
        let (most, one_more): (Vec<&str>, &str) = (many[..100].iter().map(String::as_str).collect(), &many[100]);
        let full = || ReorganisedCodes { created: most.clone(), ..none() };
        assert_eq!(pointers(none(), full()), Vec::<String>::new());
        assert_eq!(pointers(full(), ReorganisedCodes { created: vec![one_more], ..none() }), ["/created"]);
    }
}
