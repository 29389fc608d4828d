//! The Ombudsman: to whom a complainant goes who is not satisfied, and what is recorded of it.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Line, Passage};

/// How to reach the Local Commissioner, to whom a complainant goes who is not satisfied. What stands here is in `data/ombudsman.json`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ombudsman {
    /// The name.
    pub name: Line<200>,
    /// The postal address.
    pub address: Line<200>,
    /// The telephone number.
    pub phone: Line<50>,
    /// The website.
    pub website: Line<100>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
static OMBUDSMAN: LazyLock<Ombudsman> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/ombudsman.json")).expect("data/ombudsman.json is sound")
});

impl Ombudsman {
    /// The Ombudsman for councils in England.
    pub fn of_councils() -> &'static Self {
        &OMBUDSMAN
    }
}

/// Says how to reach the Ombudsman, below whatever a complainant is told that they may not accept.
pub fn where_to_go() -> String {
    let Ombudsman { name, address, phone, website } = Ombudsman::of_councils();
    format!("You can take this to the {name}: {address}, {phone}, {website}. It is free of charge.")
}

closed_codes! {
    /// What the Ombudsman decided.
    pub enum OmbudsmanDecision {
        /// The complaint was upheld.
        Upheld = "upheld",
        /// The complaint was not upheld.
        NotUpheld = "not_upheld",
        /// The complaint was closed after the first look.
        ClosedInitial = "closed_initial",
    }
}

/// What is recorded of a complaint that was taken to the Ombudsman. The decision comes later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "asked_on": "2026-11-18", "reference": "26 014 233" }))]
pub struct AskedOmbudsman {
    /// The day on which the council was told that the complaint was taken to the Ombudsman.
    #[serde(deserialize_with = "date::required")]
    pub asked_on: NaiveDate,
    /// The Ombudsman's reference.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub reference: Option<Line<100>>,
    /// The decision, once there is one. What it asks for is put down as actions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<OmbudsmanDecision>,
    /// The day of the decision.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub decided_on: Option<NaiveDate>,
    /// The decision in words.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub summary: Option<Passage<4000>>,
}

impl AskedOmbudsman {
    /// Returns this with what was recorded before, where this leaves it out.
    #[must_use]
    pub fn beside(self, before: Option<Self>) -> Self {
        let Some(before) = before else { return self };
        Self {
            asked_on: self.asked_on,
            reference: self.reference.or(before.reference),
            decision: self.decision.or(before.decision),
            decided_on: self.decided_on.or(before.decided_on),
            summary: self.summary.or(before.summary),
        }
    }

    /// Returns what is wrong with this today, of a complaint that was received on a day.
    pub fn faults(&self, received: NaiveDate, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.asked_on < received || self.asked_on > today {
            faults.push(Fault::new("/asked_on", format!("must be from {received}, the day of receipt, to today")));
        }
        match (self.decision, self.decided_on) {
            (Some(_), None) => faults.push(Fault::new("/decided_on", "is required of a decision")),
            (None, Some(_)) => faults.push(Fault::new("/decision", "is required where there is a day of decision")),
            (_, Some(day)) if day < self.asked_on || day > today => {
                faults
                    .push(Fault::new("/decided_on", "must be from the day on which the Ombudsman was asked to today"));
            }
            _ => {}
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_has_a_day_after_the_question() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let faults = |asked: &str, decision: Option<OmbudsmanDecision>, decided: Option<&str>| {
            let asked = AskedOmbudsman {
                asked_on: day(asked),
                reference: None,
                decision,
                decided_on: decided.map(day),
                summary: None,
            };
            let faults = asked.faults(day("2026-11-02"), day("2026-11-20")).into_iter();
            faults.map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        let upheld = Some(OmbudsmanDecision::Upheld);
        assert!(faults("2026-11-10", None, None).is_empty());
        assert!(faults("2026-11-10", upheld, Some("2026-11-20")).is_empty());
        assert_eq!(faults("2026-11-01", None, None), ["/asked_on"]);
        assert_eq!(faults("2026-11-21", upheld, None), ["/asked_on", "/decided_on"]);
        assert_eq!(faults("2026-11-10", None, Some("2026-11-11")), ["/decision"]);
        assert_eq!(faults("2026-11-10", upheld, Some("2026-11-09")), ["/decided_on"]);
        assert_eq!(faults("2026-11-10", upheld, Some("2026-11-21")), ["/decided_on"]);
    }
}
