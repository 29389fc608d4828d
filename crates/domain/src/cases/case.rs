//! A case is one piece of work with one service user. Closing a case is an adverse action.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::ids::StaffId;
use crate::words::codes::EventOutcome;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Passage};

closed_codes! {
    /// The urgency with which the work on a case is needed.
    pub enum Priority {
        /// The work is done in the ordinary order.
        Routine = "routine",
        /// The work is done before routine work.
        Urgent = "urgent",
        /// The work is done today.
        Immediate = "immediate",
    }
}

closed_codes! {
    /// The kind of contact or event that a case note records.
    pub enum NoteKind {
        /// The note records a visit to the person.
        Visit = "visit",
        /// The note records a telephone call.
        Call = "call",
        /// The note records a letter, message or e-mail.
        Correspondence = "correspondence",
        /// The note records a meeting with others.
        Meeting = "meeting",
        /// The note records anything else.
        Note = "note",
    }
}

closed_codes! {
    /// The state of a case.
    pub enum CaseStatus {
        /// The case is being worked on.
        Open = "open",
        /// Somebody asked to close the case, and a second person has yet to decide.
        Closing = "closing",
        /// The case has ended.
        Closed = "closed",
    }
}

closed_codes! {
    /// The ground of an adverse action. The ground alone decides what happens; a complaint never does.
    pub enum Ground {
        /// Protective: somebody is a hazard to staff or others.
        Hazard = "hazard",
        /// Protective: a safeguarding plan asks for the closing.
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
        /// An event: the provider stopped providing the service.
        ProviderStopped = "provider_stopped",
        /// The person asked for the case to be closed.
        PersonAsked = "person_asked",
        /// The work is complete.
        WorkComplete = "work_complete",
        /// The person is not, or no longer, eligible.
        NotEligible = "not_eligible",
        /// The person cannot be reached.
        NoContact = "no_contact",
        /// There is another reason, given in words.
        Other = "other",
    }
}

/// The consequence of a ground: when a closing takes effect, and whether a second person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The closing takes effect at once, and a second person reviews it within 3 working days. An overdue review goes
    /// to the next signatory and never lapses.
    AtOnceThenReviewed,
    /// The closing takes effect at once, with evidence.
    AtOnceWithEvidence,
    /// The closing waits for a countersignature. After 2 working days the request goes to the next signatory.
    Countersigned,
}

impl Ground {
    /// Returns the effect that the ground has.
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
    /// The purpose for which a second person's decision is requested.
    pub enum CountersignaturePurpose {
        /// The second person decides before the closing takes effect.
        Countersign = "countersign",
        /// The second person reviews a closing that has taken effect.
        Review = "review",
    }
}

impl CountersignaturePurpose {
    /// Returns the working days that one signatory has before the request goes to the next.
    pub const fn working_days(self) -> u32 {
        match self {
            Self::Countersign => 2,
            Self::Review => 3,
        }
    }
}

closed_codes! {
    /// The state of a request for a second person's decision.
    pub enum CountersignatureStatus {
        /// The second person has not decided.
        Waiting = "waiting",
        /// The second person agreed.
        Approved = "approved",
        /// The second person did not agree.
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
    /// The ground of the closing, which decides its effect.
    pub ground: Ground,
    /// The reason for the closing, in words that the person may read.
    pub reason: Passage<4000>,
    /// The outcome of the work, in the words of the national data set.
    pub outcome: EventOutcome,
    /// The evidence of the event or of the person's own wish. Only those grounds require it, and only they allow it.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Passage<2000>>,
}

impl CloseCase {
    /// Whether evidence is given exactly if the ground takes effect on evidence.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        match (self.ground.effect(), &self.evidence) {
            (Effect::AtOnceWithEvidence, None) => Err(vec![Fault::new("/evidence", "is required with this ground")]),
            _ => Ok(()),
        }
    }
}

/// A signatory's agreement to a closing. The questions are the same for every request, whether or not anyone
/// complained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "same_had_nobody_complained": true,
    "evidence": "Review of 3 March and the plan signed on 10 March.",
}))]
pub struct Countersign {
    /// Whether the decision would be the same if nobody had complained. If it would not be, the signatory cannot agree.
    pub same_had_nobody_complained: bool,
    /// The evidence on which the decision rests, with its dates.
    pub evidence: Passage<2000>,
}

impl Countersign {
    /// Whether the signatory can agree: only a decision that would be the same without a complaint can be approved.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        if self.same_had_nobody_complained {
            return Ok(());
        }
        Err(vec![Fault::new(
            "/same_had_nobody_complained",
            "must be true to approve; refuse the request if the decision would be different without a complaint",
        )])
    }
}

/// A signatory's refusal to agree to a closing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The last review is older than a year; see the person first." }))]
pub struct RefuseCountersignature {
    /// The reason for the refusal, which the person who requested the closing may read.
    pub reason: Passage<2000>,
}

/// Draws one of the candidates at random. `lot` is a random number, drawn for this one call and stored nowhere, so that
/// nobody can find out afterwards who was drawn. `None` if no candidate is left.
pub fn draw(mut candidates: Vec<StaffId>, lot: u64) -> Option<StaffId> {
    candidates.sort_unstable();
    let count = u64::try_from(candidates.len()).ok().filter(|count| *count > 0)?;
    usize::try_from(lot % count).ok().map(|index| candidates.swap_remove(index))
}

/// Returns the time before which an allocation no longer counts: 24 months before `at`.
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
