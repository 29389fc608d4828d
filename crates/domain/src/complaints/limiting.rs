//! Limiting how somebody complains whose complaint keeps a council from answering it: which contact, and how often. It says nothing about
//! whether a complaint is heard, and is never a ground to refuse another.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::words::date;
use crate::words::text::Passage;

/// The longest time after which it is looked at again whether the limits are still needed.
const LOOKED_AT_AGAIN: Months = Months::new(6);

/// Limits on how the complainant reaches those who have their complaint. What they write with their code arrives all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "how": "Please write to us with your code, or ring Ms Oyelaran on Tuesdays between ten and twelve.",
    "reasons": "You rang nineteen times last week, and nobody could read the diary meanwhile.",
    "until": "2027-02-19",
}))]
pub struct Limits {
    /// How the complainant may reach those who have the complaint, and how often.
    pub how: Passage<2000>,
    /// The reasons. The complainant reads them with the rest, with the Ombudsman's address below.
    pub reasons: Passage<4000>,
    /// The last day of the limits, when it is looked at again whether they are needed: within six months.
    #[serde(deserialize_with = "date::required")]
    pub until: NaiveDate,
}

impl Limits {
    /// Returns what is wrong with the limits today.
    pub fn faults(&self, today: NaiveDate) -> Vec<Fault> {
        let latest = today.checked_add_months(LOOKED_AT_AGAIN).unwrap_or(NaiveDate::MAX);
        if (today..=latest).contains(&self.until) {
            Vec::new()
        } else {
            vec![Fault::new("/until", format!("must be from today to {latest}, within six months"))]
        }
    }

    /// What the complainant is told, above the Ombudsman's address.
    pub fn told(&self) -> String {
        let until = self.until.format("%-d %B %Y");
        format!(
            "{}\n\nWhy: {}\n\nThis lasts until {until} at the longest. What you write here arrives all the same, and you can lodge another \
             complaint at any time. If you think that this is wrong, ask for a review.",
            self.how.as_str(),
            self.reasons.as_str()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_looked_at_again_within_six_months() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (until, is_right) in
            [("2026-11-19", false), ("2026-11-20", true), ("2027-05-20", true), ("2027-05-21", false)]
        {
            let limits = Limits {
                how: Passage::parse("In writing.").unwrap(),
                reasons: Passage::parse("So it is.").unwrap(),
                until: day(until),
            };
            assert_eq!(limits.faults(day("2026-11-20")).is_empty(), is_right, "{until}");
        }
    }
}
