//! The states of a referral at a practice and of the council's request behind it.

use chrono::{DateTime, Utc};

use crate::ids::{CaseId, StaffId};
use crate::refusal::Refusal;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// Where a council's request stands. A practice's referral is never `unrouted`.
    pub enum ReferralStatus {
        /// No rule found a practice; the council names one.
        Unrouted = "unrouted",
        /// With a practice, waiting for its answer.
        Received = "received",
        /// The practice asked the council something.
        InformationRequested = "information_requested",
        /// A case is open.
        Accepted = "accepted",
        /// The practice said no, with a reason.
        Declined = "declined",
        /// The council took it back.
        Withdrawn = "withdrawn",
        /// The practice did not answer in time.
        Expired = "expired",
    }
}

closed_codes! {
    /// Why a practice declines a referral.
    pub enum DeclineReason {
        /// No worker is free in the time that is needed.
        NoCapacity = "no_capacity",
        /// The person lives where the practice does not work.
        OutsideArea = "outside_area",
        /// The function is not delegated to the practice.
        NotDelegated = "not_delegated",
        /// Everyone who could do the work knows the person privately, or the practice has an interest.
        ConflictOfInterest = "conflict_of_interest",
        /// The work needs a skill that the practice does not have.
        SpecialistNeeded = "specialist_needed",
        /// The same request is already being worked on.
        Duplicate = "duplicate",
    }
}

impl ReferralStatus {
    /// A practice has it and has not answered.
    pub const fn waits_for_the_practice(self) -> bool {
        matches!(self, Self::Received | Self::InformationRequested)
    }

    /// The practice takes it on.
    pub fn accept(self) -> Result<Self, Refusal> {
        self.answer(Self::Accepted, "accepted")
    }

    /// The practice says no.
    pub fn decline(self) -> Result<Self, Refusal> {
        self.answer(Self::Declined, "declined")
    }

    /// The practice asks the council something.
    pub fn request_information(self) -> Result<Self, Refusal> {
        match self {
            Self::Received => Ok(Self::InformationRequested),
            _ => Err(self.refuse("sent back with a question")),
        }
    }

    /// The council answers the practice's question.
    pub fn give_information(self) -> Result<Self, Refusal> {
        match self {
            Self::InformationRequested => Ok(Self::Received),
            _ => Err(self.refuse("given information")),
        }
    }

    /// The council takes it back: possible until it is accepted, or has ended.
    pub fn withdraw(self) -> Result<Self, Refusal> {
        match self {
            Self::Unrouted | Self::Received | Self::InformationRequested | Self::Declined | Self::Expired => {
                Ok(Self::Withdrawn)
            }
            Self::Accepted | Self::Withdrawn => Err(self.refuse("withdrawn")),
        }
    }

    /// The time for an answer has passed.
    pub fn expire(self) -> Result<Self, Refusal> {
        self.answer(Self::Expired, "expired")
    }

    /// The council names a practice: for what no rule could route, and for what was declined or has expired.
    pub fn route(self) -> Result<Self, Refusal> {
        match self {
            Self::Unrouted | Self::Declined | Self::Expired => Ok(Self::Received),
            _ => Err(self.refuse("sent to another practice")),
        }
    }

    /// The council names another practice for what waits at one that is suspended and cannot answer.
    pub fn route_past_a_suspension(self) -> Result<Self, Refusal> {
        self.answer(Self::Received, "sent to another practice")
    }

    fn answer(self, answer: Self, step: &'static str) -> Result<Self, Refusal> {
        if self.waits_for_the_practice() { Ok(answer) } else { Err(self.refuse(step)) }
    }

    fn refuse(self, step: &'static str) -> Refusal {
        Refusal::InvalidState { thing: "referral", state: self.as_str(), step }
    }
}

/// Where a referral stands at its practice, with what is known of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferralState {
    /// It waits for the practice's answer.
    Received,
    /// The practice asked the council something.
    InformationRequested,
    /// The practice took it on.
    Accepted {
        /// The member of staff who accepted it.
        by: StaffId,
        /// When they did.
        at: DateTime<Utc>,
        /// The case that it opened.
        case: CaseId,
    },
    /// The practice said no.
    Declined {
        /// The member of staff who declined it.
        by: StaffId,
        /// When they did.
        at: DateTime<Utc>,
        /// Why the practice does not take it on.
        reason: DeclineReason,
    },
    /// The council took it back.
    Withdrawn {
        /// When it did.
        at: DateTime<Utc>,
    },
    /// The practice did not answer in time.
    Expired {
        /// When its time was up.
        at: DateTime<Utc>,
    },
}

impl ReferralState {
    /// The word for it.
    pub const fn status(self) -> ReferralStatus {
        match self {
            Self::Received => ReferralStatus::Received,
            Self::InformationRequested => ReferralStatus::InformationRequested,
            Self::Accepted { .. } => ReferralStatus::Accepted,
            Self::Declined { .. } => ReferralStatus::Declined,
            Self::Withdrawn { .. } => ReferralStatus::Withdrawn,
            Self::Expired { .. } => ReferralStatus::Expired,
        }
    }

    /// Somebody at the practice takes it on, and opens this case.
    pub fn accept(self, by: StaffId, at: DateTime<Utc>, case: CaseId) -> Result<Self, Refusal> {
        self.status().accept().map(|_| Self::Accepted { by, at, case })
    }

    /// Somebody at the practice says no.
    pub fn decline(self, by: StaffId, at: DateTime<Utc>, reason: DeclineReason) -> Result<Self, Refusal> {
        self.status().decline().map(|_| Self::Declined { by, at, reason })
    }

    /// The time for an answer has passed.
    pub fn expire(self, at: DateTime<Utc>) -> Result<Self, Refusal> {
        self.status().expire().map(|_| Self::Expired { at })
    }
}

/// A referral's state, as it is kept: one value beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferralColumns {
    /// The word for the state.
    pub status: ReferralStatus,
    /// When it was decided, or its time was up.
    pub decided_at: Option<DateTime<Utc>>,
    /// The member of staff who decided it.
    pub decided_by: Option<StaffId>,
    /// Why it was declined.
    pub decline_reason: Option<DeclineReason>,
    /// The case that it opened.
    pub case_id: Option<CaseId>,
}

/// What is kept of a referral is not what its state wants: something is missing, or too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a referral is kept as {} without all that is known of such a referral, or with more", .0.as_str())]
pub struct MiskeptReferral(ReferralStatus);

impl TryFrom<ReferralColumns> for ReferralState {
    type Error = MiskeptReferral;

    fn try_from(kept: ReferralColumns) -> Result<Self, MiskeptReferral> {
        match (kept.status, kept.decided_at, kept.decided_by, kept.decline_reason, kept.case_id) {
            (ReferralStatus::Received, None, None, None, None) => Ok(Self::Received),
            (ReferralStatus::InformationRequested, None, None, None, None) => Ok(Self::InformationRequested),
            (ReferralStatus::Accepted, Some(at), Some(by), None, Some(case)) => Ok(Self::Accepted { by, at, case }),
            (ReferralStatus::Declined, Some(at), Some(by), Some(reason), None) => Ok(Self::Declined { by, at, reason }),
            (ReferralStatus::Withdrawn, Some(at), None, None, None) => Ok(Self::Withdrawn { at }),
            (ReferralStatus::Expired, Some(at), None, None, None) => Ok(Self::Expired { at }),
            (status, ..) => Err(MiskeptReferral(status)),
        }
    }
}

impl From<ReferralState> for ReferralColumns {
    fn from(state: ReferralState) -> Self {
        let open =
            Self { status: state.status(), decided_at: None, decided_by: None, decline_reason: None, case_id: None };
        match state {
            ReferralState::Received | ReferralState::InformationRequested => open,
            ReferralState::Accepted { by, at, case } => {
                Self { decided_at: Some(at), decided_by: Some(by), case_id: Some(case), ..open }
            }
            ReferralState::Declined { by, at, reason } => {
                Self { decided_at: Some(at), decided_by: Some(by), decline_reason: Some(reason), ..open }
            }
            ReferralState::Withdrawn { at } | ReferralState::Expired { at } => Self { decided_at: Some(at), ..open },
        }
    }
}

#[cfg(test)]
mod tests;
