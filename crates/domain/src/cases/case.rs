//! A case: one piece of work with one service user; and closing it, which is an adverse action.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::ids::StaffId;
use crate::words::codes::EventOutcome;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Passage};

closed_codes! {
    /// How soon the work is wanted.
    pub enum Priority {
        /// In the ordinary order.
        Routine = "routine",
        /// Before routine work.
        Urgent = "urgent",
        /// Today.
        Immediate = "immediate",
    }
}

closed_codes! {
    /// What a case note records.
    pub enum NoteKind {
        /// A visit to the person.
        Visit = "visit",
        /// A telephone call.
        Call = "call",
        /// A letter, message or e-mail.
        Correspondence = "correspondence",
        /// A meeting with others.
        Meeting = "meeting",
        /// Anything else.
        Note = "note",
    }
}

closed_codes! {
    /// Where a case stands.
    pub enum CaseStatus {
        /// Being worked on.
        Open = "open",
        /// Somebody asked to close it; a second person has yet to decide.
        Closing = "closing",
        /// Ended.
        Closed = "closed",
    }
}

closed_codes! {
    /// The ground of an adverse action. The ground alone decides what happens; a complaint never does.
    pub enum Ground {
        /// Protective: a hazard to staff or others.
        Hazard = "hazard",
        /// Protective: a safeguarding plan asks for it.
        SafeguardingPlan = "safeguarding_plan",
        /// Protective: the worker is absent.
        WorkerAbsent = "worker_absent",
        /// Protective: the worker has a conflict of interest.
        WorkerInConflict = "worker_in_conflict",
        /// Protective: there is an allegation against the worker.
        WorkerUnderAllegation = "worker_under_allegation",
        /// Protective: a court directs it.
        CourtDirection = "court_direction",
        /// An event: the person died.
        Died = "died",
        /// An event: the person moved away.
        MovedAway = "moved_away",
        /// An event: the provider stopped.
        ProviderStopped = "provider_stopped",
        /// The person's own wish.
        PersonAsked = "person_asked",
        /// The work is complete.
        WorkComplete = "work_complete",
        /// The person is not, or no longer, eligible.
        NotEligible = "not_eligible",
        /// The person cannot be reached.
        NoContact = "no_contact",
        /// Another reason, given in words.
        Other = "other",
    }
}

/// What a ground leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Takes effect at once and is reviewed by a second person within 3 working days. Overdue, it goes to the next; it never
    /// lapses.
    AtOnceThenReviewed,
    /// Takes effect at once, with evidence.
    AtOnceWithEvidence,
    /// Waits for a countersignature; after 2 working days it goes to the next signatory.
    Countersigned,
}

impl Ground {
    /// What the ground leads to.
    pub const fn effect(self) -> Effect {
        match self {
            Self::Hazard
            | Self::SafeguardingPlan
            | Self::WorkerAbsent
            | Self::WorkerInConflict
            | Self::WorkerUnderAllegation
            | Self::CourtDirection => Effect::AtOnceThenReviewed,
            Self::Died | Self::MovedAway | Self::ProviderStopped | Self::PersonAsked => Effect::AtOnceWithEvidence,
            Self::WorkComplete | Self::NotEligible | Self::NoContact | Self::Other => Effect::Countersigned,
        }
    }
}

closed_codes! {
    /// What a second person is asked for.
    pub enum CountersignaturePurpose {
        /// To decide before it takes effect.
        Countersign = "countersign",
        /// To look at what has taken effect.
        Review = "review",
    }
}

impl CountersignaturePurpose {
    /// Working days that one signatory has, before it goes to the next.
    pub const fn working_days(self) -> u32 {
        match self {
            Self::Countersign => 2,
            Self::Review => 3,
        }
    }
}

closed_codes! {
    /// Where a request for a second person stands.
    pub enum CountersignatureStatus {
        /// Not decided.
        Waiting = "waiting",
        /// Agreed to.
        Approved = "approved",
        /// Not agreed to.
        Refused = "refused",
    }
}

/// A request to close a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "ground": "work_complete",
    "reason": "The review is done and the plan is in place; nothing further was asked for.",
    "outcome": "Continuation of support or services",
}))]
pub struct CloseCase {
    /// The ground, which decides what happens.
    pub ground: Ground,
    /// The reason, in words that the person may read.
    pub reason: Passage<4000>,
    /// The outcome of the work, as the national data set has it.
    pub outcome: EventOutcome,
    /// For an event or the person's own wish: what shows it.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Passage<2000>>,
}

impl CloseCase {
    /// Evidence is given exactly where the ground takes effect on evidence.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        match (self.ground.effect(), &self.evidence) {
            (Effect::AtOnceWithEvidence, None) => Err(vec![Fault::new("/evidence", "is required with this ground")]),
            _ => Ok(()),
        }
    }
}

/// What a signatory answers. The questions are the same for every request, whether or not anyone complained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "same_had_nobody_complained": true,
    "evidence": "Review of 3 March and the plan signed on 10 March.",
}))]
pub struct Countersign {
    /// Would the decision be the same had nobody complained? A decision that would not be cannot be agreed to.
    pub same_had_nobody_complained: bool,
    /// Which evidence the decision rests on, and from when.
    pub evidence: Passage<2000>,
}

impl Countersign {
    /// Only what would be decided anyway can be agreed to.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        if self.same_had_nobody_complained {
            return Ok(());
        }
        Err(vec![Fault::new(
            "/same_had_nobody_complained",
            "must be true to agree; where the decision would be another had nobody complained, refuse it",
        )])
    }
}

/// Why a signatory does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The last review is older than a year; see the person first." }))]
pub struct RefuseCountersignature {
    /// The reason, which who asked may read.
    pub reason: Passage<2000>,
}

/// Draws one of the candidates by chance: the chance is in `lot`, a number drawn for this and kept nowhere, so that nobody
/// can find out afterwards who was drawn. `None` where nobody is left.
pub fn draw(mut candidates: Vec<StaffId>, lot: u64) -> Option<StaffId> {
    candidates.sort_unstable();
    let count = u64::try_from(candidates.len()).ok().filter(|count| *count > 0)?;
    usize::try_from(lot % count).ok().map(|index| candidates.swap_remove(index))
}

/// The moment before which an allocation no longer counts: 24 months earlier.
pub fn two_years_before(at: DateTime<Utc>) -> DateTime<Utc> {
    at.checked_sub_months(chrono::Months::new(24)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_needs_evidence() {
        let close = |ground, evidence: Option<&str>| CloseCase {
            ground,
            reason: Passage::parse("Moved to Cornwall.").unwrap(),
            outcome: EventOutcome::parse("NFA: Responsibility moved to another local authority").unwrap(),
            evidence: evidence.map(|text| Passage::parse(text).unwrap()),
        };
        assert!(close(Ground::MovedAway, Some("Letter of 3 May.")).check().is_ok());
        assert_eq!(close(Ground::MovedAway, None).check().unwrap_err()[0].pointer, "/evidence");
        assert!(close(Ground::Other, None).check().is_ok());
    }

    #[test]
    fn what_a_complaint_would_change_cannot_be_agreed_to() {
        let answer =
            |same| Countersign { same_had_nobody_complained: same, evidence: Passage::parse("The review.").unwrap() };
        assert!(answer(true).check().is_ok());
        assert!(answer(false).check().is_err());
    }

    #[test]
    fn a_draw_does_not_depend_on_the_order_of_the_candidates_and_reaches_everyone() {
        let staff: Vec<StaffId> = (1..=3).map(|n| StaffId::from(uuid::Uuid::from_u128(n))).collect();
        let reversed: Vec<StaffId> = staff.iter().rev().copied().collect();
        let drawn: std::collections::BTreeSet<StaffId> = (0..12)
            .map(|lot| {
                assert_eq!(draw(staff.clone(), lot), draw(reversed.clone(), lot));
                draw(staff.clone(), lot).unwrap()
            })
            .collect();
        assert_eq!(drawn.len(), 3);
        assert_eq!(draw(Vec::new(), 7), None);
    }
}
