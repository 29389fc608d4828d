//! What becomes of a warning note: it is reviewed and stays or ends, and somebody records whether the person was told.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::ids::StaffId;
use crate::people::warning_note::{Told, WarningNoteStatus, WarningTerms, fault_of_a_review};
use crate::refusal::Refusal;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::Passage;

/// The most reviews that a warning note keeps.
const MOST_REVIEWS: usize = 100;

closed_codes! {
    /// The finding of the review of a warning note.
    pub enum WarningFinding {
        /// The danger is still there, and the note stays.
        Stays = "stays",
        /// The danger is over, and the note ends.
        Over = "over",
        /// The note was entered in error, and ends.
        EnteredInError = "entered_in_error",
    }
}

/// A review of a warning note.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "finding": "stays", "text": "The dog is still in the yard on 20 May.", "review_on": "2027-11-20",
}))]
pub struct ReviewWarningNote {
    /// The finding of the review.
    pub finding: WarningFinding,
    /// What was looked at, and what was found.
    pub text: Passage<4000>,
    /// The day of the next review, of a note that stays: after today, and at most a year ahead.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub review_on: Option<NaiveDate>,
}

impl ReviewWarningNote {
    /// Returns what is wrong with it, as of `today`.
    pub fn fault(&self, today: NaiveDate) -> Option<Fault> {
        match (self.finding, self.review_on) {
            (WarningFinding::Stays, None) => Some(Fault::new("/review_on", "is required for a note that stays")),
            (WarningFinding::Stays, Some(on)) => fault_of_a_review(on, "/review_on", today),
            (_, Some(_)) => Some(Fault::new("/review_on", "is for a note that stays, and else left out")),
            (_, None) => None,
        }
    }

    const fn status(&self) -> WarningNoteStatus {
        match self.finding {
            WarningFinding::Stays => WarningNoteStatus::InForce,
            WarningFinding::Over => WarningNoteStatus::Ended,
            WarningFinding::EnteredInError => WarningNoteStatus::EnteredInError,
        }
    }
}

/// A review of a warning note, as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WarningReviewed {
    /// The finding of the review.
    pub finding: WarningFinding,
    /// What was looked at, and what was found.
    pub text: Passage<4000>,
    /// The day by which the note had to be reviewed.
    pub due_on: NaiveDate,
    /// When the note was reviewed.
    pub at: DateTime<Utc>,
    /// The member of staff who reviewed it.
    pub by: StaffId,
}

/// What was known until then of whether the person was told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ToldBefore {
    /// What was known.
    pub told: Told,
    /// When something else was recorded.
    pub changed_at: DateTime<Utc>,
    /// The member of staff who recorded it.
    pub changed_by: StaffId,
}

/// A warning note as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningKept {
    /// What it says.
    pub terms: WarningTerms,
    /// The reviews, the newest first.
    pub reviews: Vec<WarningReviewed>,
    /// What was known before of whether the person was told, the newest first.
    pub told_before: Vec<ToldBefore>,
}

impl WarningKept {
    /// Reviews a note that is in force. It stays, with another day by which it is reviewed, or ends. While a second person still reviews what
    /// `by` wrote themself, they mark it as entered in error and do nothing else.
    pub fn review(
        &mut self,
        (status, own_waits): (WarningNoteStatus, bool),
        how: &ReviewWarningNote,
        by: StaffId,
        at: DateTime<Utc>,
    ) -> Result<WarningNoteStatus, Refusal> {
        status.unless(WarningNoteStatus::InForce, "reviewed")?;
        if own_waits && how.finding != WarningFinding::EnteredInError {
            let state = "under the review of a second person";
            return Err(Refusal::InvalidState { thing: "warning note", state, step: "reviewed by whoever wrote it" });
        }
        if self.reviews.len() >= MOST_REVIEWS && how.finding == WarningFinding::Stays {
            let state = "reviewed a hundred times";
            return Err(Refusal::InvalidState { thing: "warning note", state, step: "kept in force" });
        }
        let due_on = self.terms.review_on;
        let reviewed = WarningReviewed { finding: how.finding, text: how.text.clone(), due_on, at, by };
        self.reviews.insert(0, reviewed);
        self.terms.review_on = how.review_on.unwrap_or(due_on);
        Ok(how.status())
    }

    /// Records whether the person was told, and keeps what was known before.
    pub fn tell(&mut self, told: Told, by: StaffId, at: DateTime<Utc>) -> Result<(), Refusal> {
        if told == self.terms.told {
            return Ok(());
        }
        if self.told_before.len() >= MOST_REVIEWS {
            let state = "changed a hundred times";
            return Err(Refusal::InvalidState { thing: "warning note", state, step: "changed" });
        }
        let told = std::mem::replace(&mut self.terms.told, told);
        self.told_before.insert(0, ToldBefore { told, changed_at: at, changed_by: by });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::people::warning_note::tests::{request, today};

    fn kept() -> WarningKept {
        WarningKept { terms: request(&json!({})).read(today()).unwrap(), reviews: vec![], told_before: vec![] }
    }

    #[test]
    fn a_note_stays_with_another_day_or_ends_by_a_review_and_by_nothing_else() {
        let (by, at) = (StaffId::from(Uuid::from_u128(1)), "2027-05-20T10:00:00Z".parse().unwrap());
        let review = |finding: &str, review_on: Option<&str>| -> ReviewWarningNote {
            serde_json::from_value(json!({ "finding": finding, "text": "Seen.", "review_on": review_on })).unwrap()
        };
        for (finding, review_on, fault) in [
            ("stays", Some("2026-12-01"), None),
            ("stays", None, Some("/review_on")),
            ("stays", Some("2026-11-20"), Some("/review_on")),
            ("over", None, None),
            ("over", Some("2026-12-01"), Some("/review_on")),
            ("entered_in_error", None, None),
        ] {
            let found = review(finding, review_on).fault(today());
            assert_eq!(found.as_ref().map(|fault| fault.pointer.as_str()), fault, "{finding} {review_on:?}");
        }
        let mut note = kept();
        let stays = note.review((WarningNoteStatus::InForce, false), &review("stays", Some("2026-12-01")), by, at);
        assert_eq!(stays, Ok(WarningNoteStatus::InForce));
        assert_eq!(
            (note.reviews[0].due_on.to_string(), note.terms.review_on.to_string()),
            ("2026-11-21".into(), "2026-12-01".into())
        );
        for (finding, status) in
            [("over", WarningNoteStatus::Ended), ("entered_in_error", WarningNoteStatus::EnteredInError)]
        {
            assert_eq!(kept().review((WarningNoteStatus::InForce, false), &review(finding, None), by, at), Ok(status));
        }
        for status in WarningNoteStatus::ALL.iter().filter(|status| **status != WarningNoteStatus::InForce) {
            assert!(kept().review((*status, false), &review("over", None), by, at).is_err(), "{status}");
        }
        for (finding, review_on, done) in
            [("stays", Some("2026-12-01"), false), ("over", None, false), ("entered_in_error", None, true)]
        {
            let own = kept().review((WarningNoteStatus::InForce, true), &review(finding, review_on), by, at);
            assert_eq!(own.is_ok(), done, "{finding} by whoever wrote it, while a second person reviews it");
        }
        note.reviews = vec![note.reviews[0].clone(); 100];
        assert!(
            note.review((WarningNoteStatus::InForce, false), &review("stays", Some("2026-12-01")), by, at).is_err()
        );
        assert!(
            note.review((WarningNoteStatus::InForce, false), &review("over", None), by, at).is_ok(),
            "it can always end"
        );
    }

    #[test]
    fn what_was_known_of_whether_the_person_was_told_is_kept() {
        let (by, at) = (StaffId::from(Uuid::from_u128(1)), "2026-11-20T10:00:00Z".parse().unwrap());
        let mut note = kept();
        let (before, now) = (note.terms.told.clone(), Told { on: Some(today()), not_because: None });
        for _ in 0..2 {
            note.tell(now.clone(), by, at).unwrap();
            assert_eq!((&note.terms.told, note.told_before.len()), (&now, 1), "the same again changes nothing");
        }
        assert!(note.told_before[0].told == before);
    }
}
