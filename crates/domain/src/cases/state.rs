//! The states of a case, each with its facts, and the transitions between them.

use chrono::{DateTime, Utc};

use crate::cases::case::{CaseStatus, Closure};
use crate::people::grounds::{ClosingGround, Effect};
use crate::refusal::Refusal;
use crate::words::codes::EventOutcome;

/// The state of a case, with the facts that each state has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// The case is being worked on.
    Open,
    /// Somebody asked to close the case, and a second person has yet to decide.
    Closing {
        /// The ground of the requested closing.
        ground: ClosingGround,
        /// The outcome that the work would have.
        outcome: EventOutcome,
    },
    /// The case has ended.
    Closed {
        /// The time at which the case ended.
        at: DateTime<Utc>,
        /// The ground on which the case ended.
        ground: ClosingGround,
        /// The outcome of the work.
        outcome: EventOutcome,
    },
}

impl CaseState {
    /// Returns the word that stands for the state.
    pub const fn status(self) -> CaseStatus {
        match self {
            Self::Open => CaseStatus::Open,
            Self::Closing { .. } => CaseStatus::Closing,
            Self::Closed { .. } => CaseStatus::Closed,
        }
    }

    /// Whether the case has ended.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// Returns the time at which the case ended, if it has.
    pub const fn closed_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Closed { at, .. } => Some(at),
            Self::Open | Self::Closing { .. } => None,
        }
    }

    /// Returns the outcome of a case that has ended.
    pub const fn final_outcome(self) -> Option<EventOutcome> {
        match self {
            Self::Closed { outcome, .. } => Some(outcome),
            Self::Open | Self::Closing { .. } => None,
        }
    }

    /// The state after somebody asks to close the case. The ground alone decides: on evidence the case is closed at once, and
    /// otherwise it waits for a second person.
    pub fn close(self, request: &Closure, at: DateTime<Utc>) -> Result<Self, Refusal> {
        let Self::Open = self else { return Err(self.refusal("closed")) };
        let (ground, outcome) = (request.ground, request.outcome);
        Ok(match ground.effect() {
            Effect::AtOnceWithEvidence => Self::Closed { at, ground, outcome },
            _ => Self::Closing { ground, outcome },
        })
    }

    /// The state after a second person agreed: the closing that was asked for takes effect.
    pub fn approve(self, at: DateTime<Utc>) -> Result<Self, Refusal> {
        match self {
            Self::Closing { ground, outcome } => Ok(Self::Closed { at, ground, outcome }),
            Self::Open | Self::Closed { .. } => Err(self.refusal("decided on")),
        }
    }

    /// The state after a second person did not agree: the case stays open.
    pub fn refuse(self) -> Result<Self, Refusal> {
        if let Self::Closing { .. } = self { Ok(Self::Open) } else { Err(self.refusal("decided on")) }
    }

    /// The state after the request to close the case was taken back: the case stays open.
    pub fn take_back(self) -> Result<Self, Refusal> {
        if let Self::Closing { .. } = self { Ok(Self::Open) } else { Err(self.refusal("kept open")) }
    }

    /// Whether a registrant can agree that the case may be closed.
    pub fn agree_to_closing(self) -> Result<(), Refusal> {
        if self == Self::Open { Ok(()) } else { Err(self.refusal("closed")) }
    }

    /// Whether a worker can be allocated to the case.
    pub fn allocate(self) -> Result<(), Refusal> {
        if self.is_closed() { Err(self.refusal("allocated")) } else { Ok(()) }
    }

    fn refusal(self, step: &'static str) -> Refusal {
        Refusal::InvalidState { thing: "case", state: self.status().as_str(), step }
    }
}

/// The state of a case, as the columns of its row hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseColumns {
    /// The word that stands for the state.
    pub status: CaseStatus,
    /// The time at which the case ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// The ground on which the case ended, or on which somebody asked to end it.
    pub ground: Option<ClosingGround>,
    /// The outcome that the work has, or would have.
    pub outcome: Option<EventOutcome>,
}

/// The columns of a case do not fit its state: a value is missing, or there is one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a case is kept as {} without all that is known of such a case, or with more", .0.as_str())]
pub struct MiskeptCase(CaseStatus);

impl TryFrom<CaseColumns> for CaseState {
    type Error = MiskeptCase;

    fn try_from(kept: CaseColumns) -> Result<Self, MiskeptCase> {
        match (kept.status, kept.closed_at, kept.ground, kept.outcome) {
            (CaseStatus::Open, None, None, None) => Ok(Self::Open),
            (CaseStatus::Closing, None, Some(ground), Some(outcome)) => Ok(Self::Closing { ground, outcome }),
            (CaseStatus::Closed, Some(at), Some(ground), Some(outcome)) => Ok(Self::Closed { at, ground, outcome }),
            (status, ..) => Err(MiskeptCase(status)),
        }
    }
}

impl From<CaseState> for CaseColumns {
    fn from(state: CaseState) -> Self {
        let (ground, outcome) = match state {
            CaseState::Open => (None, None),
            CaseState::Closing { ground, outcome } | CaseState::Closed { ground, outcome, .. } => {
                (Some(ground), Some(outcome))
            }
        };
        Self { status: state.status(), closed_at: state.closed_at(), ground, outcome }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::people::grounds::AdverseAction;
    use crate::words::text::Passage;

    fn ground(word: &str) -> ClosingGround {
        ClosingGround::parse(word).unwrap()
    }

    fn outcome() -> EventOutcome {
        EventOutcome::all().next().unwrap()
    }

    fn at() -> DateTime<Utc> {
        "2026-11-20T10:00:00Z".parse().unwrap()
    }

    fn closing(ground: ClosingGround) -> CaseState {
        CaseState::Closing { ground, outcome: outcome() }
    }

    fn closed(ground: ClosingGround) -> CaseState {
        CaseState::Closed { at: at(), ground, outcome: outcome() }
    }

    fn close(state: CaseState, ground: ClosingGround) -> Result<CaseState, Refusal> {
        let reason = Passage::parse("Moved to Cornwall.").unwrap();
        state.close(&Closure { ground, reason, outcome: outcome(), evidence: None }, at())
    }

    #[test]
    fn the_ground_alone_decides_what_closing_does() {
        for ground in AdverseAction::Closing.grounds() {
            let ground = ClosingGround::parse(ground.as_str()).unwrap();
            let state = match ground.effect() {
                Effect::AtOnceWithEvidence => closed(ground),
                Effect::Countersigned => closing(ground),
                other => panic!("{ground:?}: a case is closed on evidence or with a signature, not {other:?}"),
            };
            assert_eq!(close(CaseState::Open, ground), Ok(state), "{ground:?}");
        }
    }

    #[test]
    fn a_case_is_closed_once() {
        for (state, word) in [(closing(ground("other")), "closing"), (closed(ground("died")), "closed")] {
            let refused = close(state, ground("died")).unwrap_err();
            assert_eq!(refused.to_string(), format!("the case is {word} and cannot be closed"));
        }
    }

    #[test]
    fn a_second_person_decides_on_a_closing_that_waits_and_on_no_other_case() {
        let (closing, closed) = (closing(ground("other")), closed(ground("other")));
        assert_eq!(closing.refuse(), Ok(CaseState::Open));
        assert_eq!(closing.approve(at()), Ok(closed));
        for state in [CaseState::Open, closed] {
            assert!(state.approve(at()).is_err() && state.refuse().is_err(), "{state:?}");
        }
    }

    #[test]
    fn only_a_closing_that_waits_is_taken_back() {
        assert_eq!(closing(ground("other")).take_back(), Ok(CaseState::Open));
        for state in [CaseState::Open, closed(ground("died"))] {
            assert!(state.take_back().is_err(), "{state:?}");
        }
    }

    #[test]
    fn a_closed_case_is_given_to_nobody() {
        for (state, takes) in
            [(CaseState::Open, true), (closing(ground("other")), true), (closed(ground("died")), false)]
        {
            assert_eq!(state.allocate().is_ok(), takes, "{state:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_one_state_or_an_error_and_nothing_is_lost(
            status in prop::sample::select(CaseStatus::ALL),
            closed_at in prop::option::of(Just(at())),
            ground in prop::option::of(prop::sample::select(vec![ground("other"), ground("died")])),
            outcome in prop::option::of(prop::sample::select(EventOutcome::all().collect::<Vec<_>>())),
        ) {
            let kept = CaseColumns { status, closed_at, ground, outcome };
            let known = (closed_at.is_some(), ground.is_some(), outcome.is_some());
            let whole = match status {
                CaseStatus::Open => known == (false, false, false),
                CaseStatus::Closing => known == (false, true, true),
                CaseStatus::Closed => known == (true, true, true),
            };
            match CaseState::try_from(kept) {
                Ok(state) => {
                    prop_assert!(whole);
                    prop_assert_eq!(CaseColumns::from(state), kept);
                }
                Err(error) => {
                    prop_assert!(!whole);
                    prop_assert_eq!(error, MiskeptCase(status));
                }
            }
        }
    }
}
