//! The days on which an officer is away, and who stands in.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::ids::OfficerId;
use crate::staff::absence::faults_of_days;
use crate::words::date;

/// The days on which an officer says that they are away, and who stands in. The stand-in gets no role by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": "2026-11-30", "until": "2026-12-11", "stand_in_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
}))]
pub struct OfficerAbsence {
    /// The first day.
    #[serde(deserialize_with = "date::required")]
    pub from: NaiveDate,
    /// The last day, at most a year ahead.
    #[serde(deserialize_with = "date::required")]
    pub until: NaiveDate,
    /// The officer who stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stand_in_id: Option<OfficerId>,
}

impl OfficerAbsence {
    /// Returns what is wrong with the absence of this officer. `officers` are those named here who are at the council.
    pub fn check(&self, of: OfficerId, officers: &[OfficerId], today: NaiveDate) -> Vec<Fault> {
        let mut faults = faults_of_days(self.from, self.until, today);
        if self.stand_in_id == Some(of) {
            faults.push(Fault::new("/stand_in_id", "must be another officer"));
        } else if self.stand_in_id.is_some_and(|other| !officers.contains(&other)) {
            faults.push(Fault::new("/stand_in_id", "names nothing that is there"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> OfficerId {
        OfficerId::from(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn a_stand_in_is_another_officer_of_the_council() {
        let today: NaiveDate = "2026-11-20".parse().unwrap();
        for (until, stand_in_id, pointers) in [
            ("2026-11-20", None, vec![]),
            ("2026-12-11", Some(id(2)), vec![]),
            ("2026-12-11", Some(id(1)), vec!["/stand_in_id"]),
            ("2026-11-19", Some(id(3)), vec!["/until", "/from", "/stand_in_id"]),
        ] {
            let absence = OfficerAbsence { from: today, until: until.parse().unwrap(), stand_in_id };
            let faults = absence.check(id(1), &[id(1), id(2)], today);
            assert_eq!(faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>(), pointers, "{absence:?}");
        }
    }
}
