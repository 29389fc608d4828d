//! The states of a case, each with what is known in it, and the steps from one to another.

use chrono::{DateTime, Utc};

use crate::cases::case::{CaseStatus, CloseCase, CountersignaturePurpose, Effect, Ground};
use crate::refusal::Refusal;
use crate::words::codes::EventOutcome;

/// Where a case stands, with what is known of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// Being worked on.
    Open,
    /// Somebody asked to close it; a second person has yet to decide.
    Closing {
        /// The ground on which it is asked.
        ground: Ground,
        /// The outcome that the work would have.
        outcome: EventOutcome,
    },
    /// Ended.
    Closed {
        /// When it ended.
        at: DateTime<Utc>,
        /// The ground on which it ended.
        ground: Ground,
        /// The outcome of the work.
        outcome: EventOutcome,
    },
}

/// What follows a request to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Where the case stands now.
    pub state: CaseState,
    /// What a second person is asked for, if anything.
    pub second_person: Option<CountersignaturePurpose>,
}

impl CaseState {
    /// The word for it.
    pub const fn status(self) -> CaseStatus {
        match self {
            Self::Open => CaseStatus::Open,
            Self::Closing { .. } => CaseStatus::Closing,
            Self::Closed { .. } => CaseStatus::Closed,
        }
    }

    /// Whether the work has ended.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// When the work ended, if it has.
    pub const fn closed_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Closed { at, .. } => Some(at),
            Self::Open | Self::Closing { .. } => None,
        }
    }

    /// The outcome of work that has ended.
    pub const fn final_outcome(self) -> Option<EventOutcome> {
        match self {
            Self::Closed { outcome, .. } => Some(outcome),
            Self::Open | Self::Closing { .. } => None,
        }
    }

    /// Somebody asks to close the case: the ground alone decides what follows.
    pub fn close(self, request: &CloseCase, at: DateTime<Utc>) -> Result<Closing, Refusal> {
        let Self::Open = self else { return Err(self.refusal("closed")) };
        let (ground, outcome) = (request.ground, request.outcome);
        Ok(match ground.effect() {
            Effect::AtOnceThenReviewed => Closing {
                state: Self::Closed { at, ground, outcome },
                second_person: Some(CountersignaturePurpose::Review),
            },
            Effect::AtOnceWithEvidence => Closing { state: Self::Closed { at, ground, outcome }, second_person: None },
            Effect::Countersigned => Closing {
                state: Self::Closing { ground, outcome },
                second_person: Some(CountersignaturePurpose::Countersign),
            },
        })
    }

    /// A second person agreed: what was asked takes effect, or what has taken effect stands.
    pub fn approve(self, purpose: CountersignaturePurpose, at: DateTime<Utc>) -> Result<Self, Refusal> {
        match (purpose, self) {
            (CountersignaturePurpose::Countersign, Self::Closing { ground, outcome }) => {
                Ok(Self::Closed { at, ground, outcome })
            }
            (CountersignaturePurpose::Review, Self::Closed { .. }) => Ok(self),
            _ => Err(self.refusal("decided on")),
        }
    }

    /// A second person did not agree: the case stays open, or is open again.
    pub fn refuse(self, purpose: CountersignaturePurpose) -> Result<Self, Refusal> {
        match (purpose, self) {
            (CountersignaturePurpose::Countersign, Self::Closing { .. })
            | (CountersignaturePurpose::Review, Self::Closed { .. }) => Ok(Self::Open),
            _ => Err(self.refusal("decided on")),
        }
    }

    /// A worker is allocated.
    pub fn allocate(self) -> Result<(), Refusal> {
        if self.is_closed() { Err(self.refusal("allocated")) } else { Ok(()) }
    }

    /// A note is written. A closed case takes none: what comes after belongs to a new one.
    pub fn write_note(self) -> Result<(), Refusal> {
        if self.is_closed() { Err(self.refusal("written to")) } else { Ok(()) }
    }

    fn refusal(self, step: &'static str) -> Refusal {
        Refusal::InvalidState { thing: "case", state: self.status().as_str(), step }
    }
}

/// A case's state, as it is kept: one value beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseColumns {
    /// The word for the state.
    pub status: CaseStatus,
    /// When the work ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// The ground on which it ended, or is asked to.
    pub ground: Option<Ground>,
    /// The outcome that the work has, or would have.
    pub outcome: Option<EventOutcome>,
}

/// What is kept of a case is not what its state wants: something is missing, or too much.
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
    use crate::words::text::Passage;

    fn outcome() -> EventOutcome {
        EventOutcome::all().next().unwrap()
    }

    fn at() -> DateTime<Utc> {
        "2026-11-20T10:00:00Z".parse().unwrap()
    }

    fn closing(ground: Ground) -> CaseState {
        CaseState::Closing { ground, outcome: outcome() }
    }

    fn closed(ground: Ground) -> CaseState {
        CaseState::Closed { at: at(), ground, outcome: outcome() }
    }

    fn close(state: CaseState, ground: Ground) -> Result<Closing, Refusal> {
        let reason = Passage::parse("Moved to Cornwall.").unwrap();
        state.close(&CloseCase { ground, reason, outcome: outcome(), evidence: None }, at())
    }

    #[test]
    fn the_ground_alone_decides_what_closing_does() {
        for (ground, state, second_person) in [
            (Ground::Hazard, closed(Ground::Hazard), Some(CountersignaturePurpose::Review)),
            (Ground::Died, closed(Ground::Died), None),
            (Ground::Other, closing(Ground::Other), Some(CountersignaturePurpose::Countersign)),
        ] {
            assert_eq!(close(CaseState::Open, ground), Ok(Closing { state, second_person }), "{ground:?}");
        }
    }

    #[test]
    fn a_case_is_closed_once() {
        for (state, word) in [(closing(Ground::Other), "closing"), (closed(Ground::Died), "closed")] {
            let refused = close(state, Ground::Died).unwrap_err();
            assert_eq!(refused.to_string(), format!("the case is {word} and cannot be closed"));
        }
    }

    #[test]
    fn a_refusal_leaves_the_case_open_or_opens_it_again() {
        let (closing, closed) = (closing(Ground::Other), closed(Ground::Other));
        let later = at() + chrono::TimeDelta::days(1);
        assert_eq!(closing.refuse(CountersignaturePurpose::Countersign), Ok(CaseState::Open));
        assert_eq!(closed.refuse(CountersignaturePurpose::Review), Ok(CaseState::Open));
        assert_eq!(closing.approve(CountersignaturePurpose::Countersign, at()), Ok(closed));
        assert_eq!(closed.approve(CountersignaturePurpose::Review, later), Ok(closed), "it ended when it ended");
        for (purpose, state) in [
            (CountersignaturePurpose::Countersign, CaseState::Open),
            (CountersignaturePurpose::Countersign, closed),
            (CountersignaturePurpose::Review, CaseState::Open),
            (CountersignaturePurpose::Review, closing),
        ] {
            assert!(state.approve(purpose, at()).is_err(), "{purpose:?} {state:?}");
            assert!(state.refuse(purpose).is_err(), "{purpose:?} {state:?}");
        }
    }

    #[test]
    fn a_closed_case_is_given_to_nobody_and_takes_no_note() {
        for (state, takes) in [(CaseState::Open, true), (closing(Ground::Other), true), (closed(Ground::Died), false)] {
            assert_eq!(state.allocate().is_ok(), takes, "{state:?}");
            assert_eq!(state.write_note().is_ok(), takes, "{state:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_one_state_or_an_error_and_nothing_is_lost(
            status in prop::sample::select(CaseStatus::ALL),
            closed_at in prop::option::of(Just(at())),
            ground in prop::option::of(prop::sample::select(Ground::ALL)),
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
