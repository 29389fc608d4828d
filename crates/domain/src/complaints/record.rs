//! The record of a person at a practice, which an officer opens for looking into a complaint: one person, in one period.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint::PersonConcerned;
use crate::fault::Fault;
use crate::words::date;
use crate::words::text::Passage;

/// A record to open for looking into a complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": "2026-10-01", "until": "2026-11-18", "guests": false,
    "reason": "To see what was written about the three visits.",
}))]
pub struct OpenRecord {
    /// The first day of the period that is looked into.
    #[serde(deserialize_with = "date::required")]
    pub from: NaiveDate,
    /// The last day of the period.
    #[serde(deserialize_with = "date::required")]
    pub until: NaiveDate,
    /// The person whose record it is, where what was written does not lead to them: the responsible person names them, and nobody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonConcerned>,
    /// Whether the guests who have the complaint whole read the record too.
    #[serde(default)]
    pub guests: bool,
    /// Why the record is looked into. The complainant reads it where they are the person, or act for them.
    pub reason: Passage<1000>,
}

impl OpenRecord {
    /// Returns what is wrong with this today.
    pub fn faults(&self, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.until < self.from {
            faults.push(Fault::new("/until", "must not be before the first day of the period"));
        }
        if self.until > today {
            faults.push(Fault::new("/until", "must not be after today"));
        }
        let birth = self.person.as_ref().and_then(|person| person.birth().fault(today));
        faults.extend(birth.map(|fault| Fault::new("/person/date_of_birth", fault)));
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_at_the_latest_today_and_not_before_it_begins() {
        for (from, until, wrong) in [
            ("2026-10-01", "2026-11-20", 0),
            ("2026-11-20", "2026-11-20", 0),
            ("2026-11-20", "2026-11-19", 1),
            ("2026-11-20", "2026-11-21", 1),
            ("2026-11-23", "2026-11-21", 2),
        ] {
            let opened = serde_json::json!({ "from": from, "until": until, "reason": "To see what was written." });
            let opened: OpenRecord = serde_json::from_value(opened).unwrap();
            let faults = opened.faults(NaiveDate::from_ymd_opt(2026, 11, 20).unwrap());
            assert_eq!(faults.len(), wrong, "{from} to {until}: {faults:?}");
        }
    }
}
