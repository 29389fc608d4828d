//! A case is one piece of work with one service user. Closing a case is an adverse action.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::ids::StaffId;
use crate::people::evidence::{Evidence, EvidenceRead, evidence_for, with_evidence};
use crate::people::grounds::{ClosingGround, Effect};
use crate::words::codes::EventOutcome;
use crate::words::sql_text::closed_codes;
use crate::words::text::Passage;
use crate::words::unread::Unread;

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
    /// The purpose for which a second person's decision is requested.
    pub enum CountersignaturePurpose {
        /// The second person decides before the action takes effect.
        Countersign = "countersign",
        /// The second person reviews an action that has taken effect.
        Review = "review",
    }
}

impl CountersignaturePurpose {
    /// Returns the purpose for which an action with this effect is put before a second person, if it is.
    pub const fn of(effect: Effect) -> Option<Self> {
        match effect {
            Effect::Countersigned => Some(Self::Countersign),
            Effect::AtOnceThenReviewed => Some(Self::Review),
            Effect::AtOnceForTheCouncil | Effect::AtOnceWithEvidence | Effect::AsContracted => None,
        }
    }

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
        /// The member of staff who asked took the request back, because nobody was left to decide.
        TakenBack = "taken_back",
    }
}

/// A request to close a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "ground": "agreed_with_person",
    "reason": "The review is done and the plan is in place; nothing further was asked for.",
    "outcome": "Continuation of support or services",
    "evidence": {
        "what": "She said that she manages and will ring. The letter of 19 November says so; next review in May.",
        "on": "2026-11-19",
        "from": "Margaret Pritchard, at home",
    },
}))]
pub struct CloseCase {
    /// The ground of the closing, which decides its effect.
    #[schema(value_type = ClosingGround)]
    pub ground: Unread,
    /// The reason for the closing, in words that the person may read.
    #[schema(value_type = Passage<4000>)]
    pub reason: Unread,
    /// The outcome of the work, in the words of the national data set.
    #[schema(value_type = EventOutcome)]
    pub outcome: Unread,
    /// The evidence of the event or of the person's agreement. The grounds `died`, `agreed_with_person` and `taken_over`
    /// require it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// A request to close a case, all of which could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// The ground of the closing.
    pub ground: ClosingGround,
    /// The reason for the closing.
    pub reason: Passage<4000>,
    /// The outcome of the work.
    pub outcome: EventOutcome,
    /// The evidence, which a ground that takes effect on evidence has.
    pub evidence: Option<EvidenceRead>,
}

impl CloseCase {
    /// Reads the request, as of `today`. All its faults are told at once.
    pub fn read(&self, today: NaiveDate) -> Result<Closure, Vec<Fault>> {
        let mut faults = Vec::new();
        let ground = self.ground.read("/ground", ClosingGround::parse, &mut faults);
        let reason = self.reason.read("/reason", Passage::parse, &mut faults);
        let outcome = self.outcome.read("/outcome", EventOutcome::parse, &mut faults);
        let effect = ground.map(ClosingGround::effect);
        let evidence = evidence_for(effect, self.evidence.as_ref(), today, &mut faults);
        match (ground, reason, outcome) {
            (Some(ground), Some(reason), Some(outcome)) if faults.is_empty() => {
                Ok(Closure { ground, reason, outcome, evidence })
            }
            _ => Err(faults),
        }
    }
}

impl Closure {
    /// Returns the reason and the evidence in words, as they are kept in the person's record.
    pub fn in_words(&self) -> String {
        with_evidence(self.reason.as_str(), self.evidence.as_ref())
    }
}

/// A signatory's agreement to an adverse action. The questions are the same for every request, whether or not anyone
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

/// A signatory's refusal to agree to an adverse action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The last review is older than a year; see the person first." }))]
pub struct RefuseCountersignature {
    /// The reason for the refusal, which the member of staff who asked may read.
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
    use crate::people::grounds::AdverseAction;

    fn close(ground: &str, evidence: Option<(&str, &str, &str)>) -> CloseCase {
        let evidence =
            evidence.map(|(what, on, from)| Evidence { what: what.into(), on: on.into(), from: from.into() });
        CloseCase { ground: ground.into(), reason: "All done.".into(), outcome: "NFA: Deceased".into(), evidence }
    }

    fn pointers(request: &CloseCase) -> Vec<String> {
        let read = request.read("2026-11-20".parse().unwrap());
        read.err().unwrap_or_default().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_ground_that_takes_effect_on_evidence_needs_it_and_every_other_may_have_it() {
        let evidence = Some(("The surgery wrote that she died.", "2026-11-19", "The surgery"));
        for ground in AdverseAction::Closing.grounds() {
            let needs = AdverseAction::Closing.effect(ground) == Some(Effect::AtOnceWithEvidence);
            let expected: &[&str] = if needs { &["/evidence"] } else { &[] };
            assert_eq!(pointers(&close(ground.as_str(), None)), expected, "{ground}");
            assert!(pointers(&close(ground.as_str(), evidence)).is_empty(), "{ground}");
        }
    }

    #[test]
    fn all_faults_of_a_request_are_told_at_once() {
        let request = CloseCase {
            reason: "\0".into(),
            outcome: "Gone".into(),
            ..close("worker_absent", Some(("e", "2026-11-21", "x")))
        };
        let all = ["/ground", "/reason", "/outcome", "/evidence/what", "/evidence/on", "/evidence/from"];
        assert_eq!(pointers(&request), all);
    }

    #[test]
    fn the_evidence_is_kept_with_the_reason() {
        let evidence = Some(("The surgery wrote that she died.", "2026-11-19", "The surgery"));
        let read = close("died", evidence).read("2026-11-20".parse().unwrap()).unwrap();
        let kept = "All done.\n\nEvidence: The surgery wrote that she died.\n\nOf 2026-11-19, from: The surgery";
        assert_eq!(read.in_words(), kept);
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
