//! Whether a complaint came in time (SI 2009/309 reg 12): within twelve months after the matter occurred or, if that is later, came to the
//! complainant's notice. One that came later is looked into all the same where there were good reasons, and it can still be done
//! effectively and fairly.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::words::date;
use crate::words::text::{self, Passage};

/// The months in which somebody complains.
const TO_COMPLAIN: Months = Months::new(12);

/// When the matter of a complaint happened, and when the complainant noticed it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatterDates {
    /// The last day on which it happened.
    pub happened_on: Option<NaiveDate>,
    /// The day on which it came to the complainant's notice.
    pub noticed_on: Option<NaiveDate>,
}

impl MatterDates {
    /// Whether a complaint that was received on this day came too late. It did not as long as no date is known.
    pub fn is_late(self, received: NaiveDate) -> bool {
        let last = self.happened_on.max(self.noticed_on).and_then(|day| day.checked_add_months(TO_COMPLAIN));
        last.is_some_and(|last| received > last)
    }

    /// Returns what is wrong with the dates of a complaint that was received on this day.
    pub fn faults(self, received: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (pointer, day) in [("/happened_on", self.happened_on), ("/noticed_on", self.noticed_on)] {
            if day.is_some_and(|day| day > received) {
                faults.push(Fault::new(pointer, format!("must not be after {received}, the day of receipt")));
            }
        }
        if self.happened_on.zip(self.noticed_on).is_some_and(|(happened, noticed)| noticed < happened) {
            faults.push(Fault::new("/noticed_on", "must not be before the day on which it happened"));
        }
        faults
    }
}

/// When the matter of a complaint happened, and why the complaint is looked into although it came late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "happened_on": "2025-06-30",
    "accepted_because": "She was in hospital until October. Both workers are still here, and the notes are complete.",
}))]
pub struct Timeliness {
    /// The last day on which it happened.
    #[serde(deserialize_with = "date::required")]
    pub happened_on: NaiveDate,
    /// The day on which it came to the complainant's notice, if that is later.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub noticed_on: Option<NaiveDate>,
    /// The good reasons for which it came late, and why it can still be looked into effectively and fairly (reg 12(2)). Only a complaint
    /// that came late has it.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub accepted_because: Option<Passage<2000>>,
}

impl Timeliness {
    /// The dates.
    pub const fn dates(&self) -> MatterDates {
        MatterDates { happened_on: Some(self.happened_on), noticed_on: self.noticed_on }
    }

    /// Returns what is wrong with this of a complaint that was received on this day.
    pub fn faults(&self, received: NaiveDate) -> Vec<Fault> {
        let mut faults = self.dates().faults(received);
        if self.accepted_because.is_some() && !self.dates().is_late(received) {
            faults.push(Fault::new("/accepted_because", "is for a complaint that came late, and this one did not"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn dates(happened: Option<&str>, noticed: Option<&str>) -> MatterDates {
        MatterDates { happened_on: happened.map(day), noticed_on: noticed.map(day) }
    }

    #[test]
    fn twelve_months_count_from_the_later_of_happening_and_notice() {
        for (happened, noticed, received, is_late) in [
            (Some("2025-11-20"), None, "2026-11-20", false),
            (Some("2025-11-19"), None, "2026-11-20", true),
            (Some("2020-01-01"), Some("2025-11-20"), "2026-11-20", false),
            (Some("2020-01-01"), Some("2025-11-19"), "2026-11-20", true),
            (None, None, "2026-11-20", false),
            // Twelve months after a leap day end with February.
            (Some("2024-02-29"), None, "2025-02-28", false),
            (Some("2024-02-29"), None, "2025-03-01", true),
        ] {
            assert_eq!(dates(happened, noticed).is_late(day(received)), is_late, "{happened:?} {noticed:?} {received}");
        }
    }

    #[test]
    fn nobody_notices_before_it_happens_nor_complains_before_either() {
        let pointers = |dates: MatterDates| {
            dates.faults(day("2026-11-20")).into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        assert!(pointers(dates(Some("2026-11-20"), Some("2026-11-20"))).is_empty());
        assert_eq!(pointers(dates(Some("2026-11-21"), Some("2026-11-20"))), ["/happened_on", "/noticed_on"]);
        assert_eq!(pointers(dates(None, Some("2026-11-21"))), ["/noticed_on"]);
    }

    #[test]
    fn only_what_came_late_is_accepted_late() {
        let with = |happened: &str| Timeliness {
            happened_on: day(happened),
            noticed_on: None,
            accepted_because: Some("She was in hospital.".parse().unwrap()),
        };
        assert!(with("2025-06-30").faults(day("2026-11-20")).is_empty());
        assert_eq!(with("2026-06-30").faults(day("2026-11-20"))[0].pointer, "/accepted_because");
    }
}
