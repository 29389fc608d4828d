//! The days on which a member of staff is away.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::ids::StaffId;
use crate::words::date;

/// The greatest number of days ahead on which an absence may end, and ago on which it may have begun.
const FURTHEST: Days = Days::new(366);

/// The days on which a member of staff is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": "2026-11-30", "until": "2026-12-11", "stand_in_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
}))]
pub struct Absence {
    /// The first day of the absence.
    #[serde(deserialize_with = "date::required")]
    pub from: NaiveDate,
    /// The last day of the absence.
    #[serde(deserialize_with = "date::required")]
    pub until: NaiveDate,
    /// The colleague to turn to. The stand-in gets no power by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stand_in_id: Option<StaffId>,
}

impl Absence {
    /// Whether a member of staff can say this of themselves. `colleagues` are those of the members named here who work at
    /// the practice.
    pub fn check(&self, of: StaffId, colleagues: &[StaffId], today: NaiveDate) -> Vec<Fault> {
        let mut faults = faults_of_days(self.from, self.until, today);
        if self.stand_in_id == Some(of) {
            faults.push(Fault::new("/stand_in_id", "must be a colleague"));
        } else if self.stand_in_id.is_some_and(|other| !colleagues.contains(&other)) {
            faults.push(Fault::new("/stand_in_id", "names nothing that is there"));
        }
        faults
    }

    /// Whether the member of staff is away on a day.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.until
    }
}

/// Returns what is wrong with the first and the last day of an absence. It has an end, which is not over and at most a year ahead.
pub(crate) fn faults_of_days(from: NaiveDate, until: NaiveDate, today: NaiveDate) -> Vec<Fault> {
    let mut faults = Vec::new();
    let furthest = today + FURTHEST;
    if until < today {
        faults.push(Fault::new("/until", "must not be in the past"));
    } else if until > furthest {
        faults.push(Fault::new("/until", format!("must not be after {furthest}")));
    }
    if from > until {
        faults.push(Fault::new("/from", "must not be after the last day"));
    } else if from < today - FURTHEST {
        faults.push(Fault::new("/from", "must not be more than a year ago"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> StaffId {
        StaffId::from(uuid::Uuid::from_u128(n))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const TODAY: &str = "2026-11-20";

    #[test]
    fn an_absence_has_an_end_and_names_a_colleague() {
        let colleagues = [id(1), id(2)];
        for (from, until, stand_in_id, pointers) in [
            (TODAY, TODAY, None, vec![]),
            ("2026-11-01", "2026-12-11", Some(id(2)), vec![]),
            ("2026-12-12", "2026-12-11", None, vec!["/from"]),
            ("2026-11-01", "2026-11-19", None, vec!["/until"]),
            ("2026-11-20", "2027-11-22", None, vec!["/until"]),
            ("1900-01-01", "2026-12-11", None, vec!["/from"]),
            (TODAY, TODAY, Some(id(1)), vec!["/stand_in_id"]),
            (TODAY, TODAY, Some(id(3)), vec!["/stand_in_id"]),
            ("2026-11-20", "2026-11-19", Some(id(3)), vec!["/until", "/from", "/stand_in_id"]),
        ] {
            let absence = Absence { from: day(from), until: day(until), stand_in_id };
            let faults = absence.check(id(1), &colleagues, day(TODAY));
            assert_eq!(faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>(), pointers, "{absence:?}");
        }
        let absence = Absence { from: day("2026-11-20"), until: day("2026-11-22"), stand_in_id: None };
        let covered = ["2026-11-19", "2026-11-20", "2026-11-22", "2026-11-23"].map(|one| absence.covers(day(one)));
        assert_eq!(covered, [false, true, true, false]);
    }
}
