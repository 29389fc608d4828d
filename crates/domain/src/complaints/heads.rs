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
}))]
pub struct HeadFinding {
    /// What was found.
    pub outcome: ComplaintOutcome,
    /// The reasons, and what they rest on.
    pub finding: Passage<10000>,
    /// What puts it right. It is required of a head that is well-founded, wholly or in part.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Passage<4000>>,
}

impl HeadFinding {
    /// Returns what is wrong with the finding.
    pub fn faults(&self) -> Vec<Fault> {
        let wants_remedy = matches!(self.outcome, ComplaintOutcome::WellFounded | ComplaintOutcome::PartlyWellFounded);
        if wants_remedy && self.remedy.is_none() {
            return vec![Fault::new("/remedy", "is required where a head is well-founded, wholly or in part")];
        }
        Vec::new()
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
        };
        for outcome in ComplaintOutcome::ALL {
            let is_founded = matches!(outcome, WellFounded | PartlyWellFounded);
            assert_eq!(finding(*outcome, None).faults().len(), usize::from(is_founded), "{outcome:?}");
            assert!(finding(*outcome, Some("An apology.")).faults().is_empty());
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
