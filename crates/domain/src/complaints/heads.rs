//! The heads of a complaint: what exactly is complained of, one by one, each with what was found.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint::Matter;
use crate::fault::Fault;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Passage};

/// The most heads of one complaint.
pub const MOST_HEADS: usize = 30;

closed_codes! {
    /// What was found on a head, or on a complaint as a whole.
    pub enum ComplaintOutcome {
        /// It is well-founded.
        WellFounded = "well_founded",
        /// It is well-founded in part. The annual report counts it as well-founded (reg 18).
        PartlyWellFounded = "partly_well_founded",
        /// It is not well-founded.
        NotWellFounded = "not_well_founded",
        /// It cannot be found out.
        Inconclusive = "inconclusive",
    }
}

closed_codes! {
    /// The theme of a head, by which a council learns from many complaints.
    pub enum Theme {
        /// Waiting, or something that was not done.
        Delay = "delay",
        /// Being told, listened to, or answered.
        Communication = "communication",
        /// How somebody behaved.
        Conduct = "conduct",
        /// An assessment.
        Assessment = "assessment",
        /// A decision about care and support.
        Decision = "decision",
        /// The care that was given.
        Quality = "quality",
        /// Money: a charge, a budget, a direct payment.
        Money = "money",
        /// Keeping somebody safe.
        Safety = "safety",
        /// Records and confidentiality.
        Records = "records",
        /// Being treated unequally, or worse than before.
        Fairness = "fairness",
        /// Something else.
        Other = "other",
    }
}

/// A head of a complaint, as it is put down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "statement": "Three visits were cancelled in November without a call.", "about": "service", "theme": "delay" }))]
pub struct NewHead {
    /// What is complained of. The complainant reads it.
    pub statement: Passage<4000>,
    /// What the head is about.
    pub about: Matter,
    /// The theme of the head.
    pub theme: Theme,
}

/// What was found on a head. The response says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "outcome": "well_founded",
    "finding": "The diary shows three visits that were taken out on the day, and no call.",
    "remedy": "We apologise. A visit is not taken out any more before somebody has spoken to the person.",
    "heard_on": "2026-11-20",
}))]
pub struct HeadFinding {
    /// What was found.
    pub outcome: ComplaintOutcome,
    /// The reasons, and what they rest on.
    pub finding: Passage<10000>,
    /// What puts it right. It is required of a head that is well-founded, wholly or in part.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Passage<4000>>,
    /// The day on which the complainant, or the person whose care it is about, was themself heard on this head. A response needs it, or why
    /// they were not heard.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub heard_on: Option<NaiveDate>,
    /// Why they were not heard, where they could not be or did not want to. The response says it, and the head does not count as
    /// investigated.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub not_heard_because: Option<Passage<1000>>,
}

impl HeadFinding {
    /// Returns what is wrong with the finding today, in a complaint that was received on a day.
    pub fn faults(&self, received: NaiveDate, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        let wants_remedy = matches!(self.outcome, ComplaintOutcome::WellFounded | ComplaintOutcome::PartlyWellFounded);
        if wants_remedy && self.remedy.is_none() {
            faults.push(Fault::new("/remedy", "is required where a head is well-founded, wholly or in part"));
        }
        if self.heard_on.is_some_and(|day| day < received || day > today) {
            faults.push(Fault::new("/heard_on", format!("must be from {received}, the day of receipt, to today")));
        }
        if self.heard_on.is_some() && self.not_heard_because.is_some() {
            faults.push(Fault::new("/not_heard_because", "must be left out where somebody was heard"));
        }
        faults
    }
}

/// A reason to hold a head, while a court, the police, a safeguarding enquiry or an employer looks into the same. Its clock is shown
/// all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The police have asked us to wait until they have spoken to the driver.", "until": "2026-12-11" }))]
pub struct Hold {
    /// Why the head is held. The complainant reads it.
    pub reason: Passage<2000>,
    /// The day on which somebody looks at it again.
    #[serde(deserialize_with = "date::required")]
    pub until: NaiveDate,
}

/// The longest time for which a head is held before somebody looks at it again.
const LONGEST_HOLD_DAYS: i64 = 92;

impl Hold {
    /// Returns what is wrong with the hold today.
    pub fn faults(&self, today: NaiveDate) -> Vec<Fault> {
        let days = (self.until - today).num_days();
        if (1..=LONGEST_HOLD_DAYS).contains(&days) {
            Vec::new()
        } else {
            vec![Fault::new("/until", format!("must be a day within the next {LONGEST_HOLD_DAYS} days"))]
        }
    }
}

/// Returns the outcome of a complaint from those of its heads; `None` while a head has none, and if there is no head.
pub fn outcome_of_all(heads: &[Option<ComplaintOutcome>]) -> Option<ComplaintOutcome> {
    let found: Vec<ComplaintOutcome> = heads.iter().copied().collect::<Option<_>>()?;
    let all = |one: ComplaintOutcome| !found.is_empty() && found.iter().all(|outcome| *outcome == one);
    let is_founded = |outcome: &ComplaintOutcome| {
        matches!(outcome, ComplaintOutcome::WellFounded | ComplaintOutcome::PartlyWellFounded)
    };
    if found.is_empty() {
        None
    } else if all(ComplaintOutcome::WellFounded) {
        Some(ComplaintOutcome::WellFounded)
    } else if found.iter().any(is_founded) {
        Some(ComplaintOutcome::PartlyWellFounded)
    } else if all(ComplaintOutcome::NotWellFounded) {
        Some(ComplaintOutcome::NotWellFounded)
    } else {
        Some(ComplaintOutcome::Inconclusive)
    }
}

#[cfg(test)]
mod tests {
    use super::ComplaintOutcome::*;
    use super::*;

    #[test]
    fn a_complaint_is_as_well_founded_as_its_heads() {
        for (heads, all) in [
            (&[][..], None),
            (&[Some(WellFounded), None], None),
            (&[Some(WellFounded), Some(WellFounded)], Some(WellFounded)),
            (&[Some(WellFounded), Some(NotWellFounded)], Some(PartlyWellFounded)),
            (&[Some(Inconclusive), Some(PartlyWellFounded)], Some(PartlyWellFounded)),
            (&[Some(NotWellFounded), Some(NotWellFounded)], Some(NotWellFounded)),
            (&[Some(NotWellFounded), Some(Inconclusive)], Some(Inconclusive)),
        ] {
            assert_eq!(outcome_of_all(heads), all, "{heads:?}");
        }
    }

    #[test]
    fn what_is_well_founded_is_put_right() {
        let finding = |outcome, remedy: Option<&str>| HeadFinding {
            outcome,
            finding: Passage::parse("The diary shows it.").unwrap(),
            remedy: remedy.map(|words| Passage::parse(words).unwrap()),
            heard_on: None,
            not_heard_because: None,
        };
        let today = "2026-11-20".parse().unwrap();
        for outcome in ComplaintOutcome::ALL {
            let is_founded = matches!(outcome, WellFounded | PartlyWellFounded);
            assert_eq!(finding(*outcome, None).faults(today, today).len(), usize::from(is_founded), "{outcome:?}");
            assert!(finding(*outcome, Some("An apology.")).faults(today, today).is_empty());
        }
    }

    #[test]
    fn somebody_was_heard_since_they_complained_or_it_is_said_why_not() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (heard_on, because, at) in [
            (None, None, &[][..]),
            (Some("2026-11-18"), None, &[]),
            (Some("2026-11-20"), None, &[]),
            (Some("2026-11-17"), None, &["/heard_on"]),
            (Some("2026-11-21"), None, &["/heard_on"]),
            (None, Some("She gave no way to reach her."), &[]),
            (Some("2026-11-20"), Some("She was away."), &["/not_heard_because"]),
        ] {
            let finding = serde_json::json!({
                "outcome": "inconclusive", "finding": "The diary is lost.", "heard_on": heard_on, "not_heard_because": because,
            });
            let finding: HeadFinding = serde_json::from_value(finding).unwrap();
            let faults = finding.faults(day("2026-11-18"), day("2026-11-20"));
            let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_ref()).collect();
            assert_eq!(pointers, at, "{heard_on:?} {because:?}");
        }
    }

    #[test]
    fn a_head_is_held_until_a_day_that_is_not_far() {
        let today: NaiveDate = "2026-11-20".parse().unwrap();
        for (until, is_right) in
            [("2026-11-20", false), ("2026-11-21", true), ("2027-02-20", true), ("2027-02-21", false)]
        {
            let hold =
                Hold { reason: Passage::parse("The police ask us to wait.").unwrap(), until: until.parse().unwrap() };
            assert_eq!(hold.faults(today).is_empty(), is_right, "{until}");
        }
    }
}
