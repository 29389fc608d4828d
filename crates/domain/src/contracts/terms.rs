//! The terms on which a council and a practice work together, as the operator enters them.

use chrono::NaiveDate;

use crate::contracts::function::Function;
use crate::fault::Fault;

/// The terms of a contract.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The first day of the contract, and its last day if it has one.
    pub lasts: (NaiveDate, Option<NaiveDate>),
    /// The number of working days in which the practice answers a referral.
    pub response_working_days: i32,
    /// The number of working days in which the practice answers an urgent referral.
    pub urgent_response_working_days: i32,
    /// The number of working days in which a complaint is answered.
    pub complaint_response_working_days: i32,
    /// The number of minutes, within the practice's opening hours, in which a human looks at an immediate referral.
    pub immediate_minutes: i32,
    /// The number of minutes, within the practice's opening hours, in which a human looks at an urgent referral.
    pub urgent_minutes: i32,
    /// The functions that are delegated, each with its first day, and its last day if it has one.
    pub delegations: Vec<(Function, NaiveDate, Option<NaiveDate>)>,
}

/// The number of working days in which urgent referrals are answered, where a contract does not say it.
const URGENT_RESPONSE_WORKING_DAYS: i32 = 2;

/// Returns the number of working days in which urgent referrals are answered under a contract that does not say it: two, and
/// never more than for any other referral.
pub fn urgent_response_working_days(response_working_days: i32) -> i32 {
    response_working_days.clamp(1, URGENT_RESPONSE_WORKING_DAYS)
}

impl Terms {
    /// Whether these can be the terms of a contract.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        let mut within = |pointer: &str, value: i32, range: std::ops::RangeInclusive<i32>| {
            if !range.contains(&value) {
                faults.push(Fault::new(pointer, format!("must be from {} to {}", range.start(), range.end())));
            }
        };
        within("/response_working_days", self.response_working_days, 1..=60);
        let no_later = 1..=self.response_working_days.clamp(1, 60);
        within("/urgent_response_working_days", self.urgent_response_working_days, no_later);
        within("/complaint_response_working_days", self.complaint_response_working_days, 1..=125);
        within("/immediate_minutes", self.immediate_minutes, 5..=480);
        within("/urgent_minutes", self.urgent_minutes, self.immediate_minutes.clamp(5, 480)..=2400);
        let ends_too_early = |(starts, ends): (NaiveDate, Option<NaiveDate>)| ends.is_some_and(|ends| ends < starts);
        if ends_too_early(self.lasts) {
            faults.push(Fault::new("/ends_on", "must not be before starts_on"));
        }
        for (index, (function, starts, ends)) in self.delegations.iter().enumerate() {
            if *function == Function::SafeguardingEnquiry {
                let detail =
                    "cannot be delegated (Care Act 2014 s79); an enquiry is made under the council's instruction";
                faults.push(Fault::new(format!("/delegations/{index}/function"), detail));
            }
            if ends_too_early((*starts, *ends)) {
                faults.push(Fault::new(format!("/delegations/{index}/ends_on"), "must not be before starts_on"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn urgent_referrals_are_answered_in_two_days_or_as_soon_as_any() {
        for (response_working_days, urgent) in [(0, 1), (1, 1), (2, 2), (5, 2), (60, 2)] {
            assert_eq!(urgent_response_working_days(response_working_days), urgent);
        }
    }

    #[test]
    fn a_contract_keeps_to_its_ranges_ends_after_it_starts_and_delegates_no_enquiry() {
        let good = Terms {
            lasts: (day("2026-04-01"), Some(day("2026-04-01"))),
            response_working_days: 5,
            urgent_response_working_days: 2,
            complaint_response_working_days: 25,
            immediate_minutes: 120,
            urgent_minutes: 480,
            delegations: vec![(Function::Review, day("2026-04-01"), Some(day("2027-03-31")))],
        };
        let delegating = |function, ends: Option<&str>| Terms {
            delegations: vec![
                (Function::Review, day("2026-04-01"), None),
                (function, day("2026-04-01"), ends.map(day)),
            ],
            ..good.clone()
        };
        for (terms, faults) in [
            (good.clone(), vec![]),
            (
                Terms {
                    response_working_days: 1,
                    urgent_response_working_days: 1,
                    immediate_minutes: 5,
                    urgent_minutes: 5,
                    ..good.clone()
                },
                vec![],
            ),
            (
                Terms {
                    response_working_days: 60,
                    urgent_response_working_days: 60,
                    immediate_minutes: 480,
                    urgent_minutes: 2400,
                    ..good.clone()
                },
                vec![],
            ),
            (
                Terms { response_working_days: 0, ..good.clone() },
                vec!["/response_working_days", "/urgent_response_working_days"],
            ),
            (Terms { urgent_response_working_days: 0, ..good.clone() }, vec!["/urgent_response_working_days"]),
            (Terms { urgent_response_working_days: 6, ..good.clone() }, vec!["/urgent_response_working_days"]),
            (Terms { urgent_minutes: 119, ..good.clone() }, vec!["/urgent_minutes"]),
            (Terms { urgent_minutes: 2401, ..good.clone() }, vec!["/urgent_minutes"]),
            (Terms { response_working_days: 61, ..good.clone() }, vec!["/response_working_days"]),
            (Terms { complaint_response_working_days: 126, ..good.clone() }, vec!["/complaint_response_working_days"]),
            (Terms { immediate_minutes: 4, ..good.clone() }, vec!["/immediate_minutes"]),
            (Terms { immediate_minutes: 481, ..good.clone() }, vec!["/immediate_minutes"]),
            (Terms { lasts: (day("2026-04-01"), Some(day("2026-03-31"))), ..good.clone() }, vec!["/ends_on"]),
            (delegating(Function::Review, Some("2026-03-31")), vec!["/delegations/1/ends_on"]),
            (
                delegating(Function::SafeguardingEnquiry, Some("2026-03-31")),
                vec!["/delegations/1/function", "/delegations/1/ends_on"],
            ),
        ] {
            let found = terms.check().err().unwrap_or_default();
            assert_eq!(found.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>(), faults, "{terms:?}");
        }
    }
}
