//! The states of a referral at a practice and of the council's request behind it.

use chrono::{DateTime, Utc};

use crate::events::{Event, ReferralOf};
use crate::ids::{CaseId, CouncilId, CouncilRequestId, ReferralId, ServiceUserId, StaffId};
use crate::people::grounds::Ground;
use crate::refusal::Refusal;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// The state of a council's request. A practice's referral is never `unrouted`.
    pub enum ReferralStatus {
        /// No rule found a practice, and the council is to name one.
        Unrouted = "unrouted",
        /// The referral is with a practice and waits for its answer.
        Received = "received",
        /// The practice asked the council for information.
        InformationRequested = "information_requested",
        /// The practice accepted the referral, and a case is open.
        Accepted = "accepted",
        /// The practice declined the referral, with a reason.
        Declined = "declined",
        /// The council withdrew the request.
        Withdrawn = "withdrawn",
        /// The practice did not answer in time.
        Expired = "expired",
    }
}

closed_codes! {
    /// The reason why a practice declines a referral.
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
        /// The council withdrew the request otherwise than by its system.
        Withdrawn = "withdrawn",
    }
}

impl DeclineReason {
    /// Returns the ground that the reason is: declining is an adverse action.
    pub const fn ground(self) -> Ground {
        match self {
            Self::NotDelegated => Ground::NoDelegation,
            Self::OutsideArea => Ground::OutsideArea,
            Self::Withdrawn => Ground::Withdrawn,
            Self::NoCapacity | Self::ConflictOfInterest | Self::SpecialistNeeded | Self::Duplicate => Ground::Other,
        }
    }
}

impl ReferralStatus {
    /// Whether a practice has the referral and has not answered.
    pub const fn waits_for_the_practice(self) -> bool {
        matches!(self, Self::Received | Self::InformationRequested)
    }

    /// Whether the referral is with a practice: it waits for the answer, or was accepted.
    pub const fn is_with_a_practice(self) -> bool {
        matches!(self, Self::Received | Self::InformationRequested | Self::Accepted)
    }

    /// Whether the council can send a document with its referral: until it withdraws it. What it sends while no practice has it
    /// goes to the next.
    pub fn take_document_of_council(self) -> Result<(), Refusal> {
        if matches!(self, Self::Withdrawn) { Err(self.refuse("added to")) } else { Ok(()) }
    }

    /// Whether the practice can send a document to the referral: while it has it.
    pub fn take_document_of_practice(self) -> Result<(), Refusal> {
        if self.is_with_a_practice() { Ok(()) } else { Err(self.refuse("added to")) }
    }

    /// The status after the practice accepts.
    pub fn accept(self) -> Result<Self, Refusal> {
        self.answer(Self::Accepted, "accepted")
    }

    /// The status after the practice declines.
    pub fn decline(self) -> Result<Self, Refusal> {
        self.answer(Self::Declined, "declined")
    }

    /// Whether the practice can say who sees the referral: only while it waits.
    pub fn restrict(self) -> Result<(), Refusal> {
        if self.waits_for_the_practice() { Ok(()) } else { Err(self.refuse("restricted")) }
    }

    /// The status after the practice asks the council for information.
    pub fn request_information(self) -> Result<Self, Refusal> {
        match self {
            Self::Received => Ok(Self::InformationRequested),
            _ => Err(self.refuse("sent back with a question")),
        }
    }

    /// The status after the council answers the practice's question.
    pub fn give_information(self) -> Result<Self, Refusal> {
        match self {
            Self::InformationRequested => Ok(Self::Received),
            _ => Err(self.refuse("given information")),
        }
    }

    /// The status after the council withdraws the request, which is possible until it is accepted or has ended.
    pub fn withdraw(self) -> Result<Self, Refusal> {
        match self {
            Self::Unrouted | Self::Received | Self::InformationRequested | Self::Declined | Self::Expired => {
                Ok(Self::Withdrawn)
            }
            Self::Accepted | Self::Withdrawn => Err(self.refuse("withdrawn")),
        }
    }

    /// The status after the time for an answer has passed.
    pub fn expire(self) -> Result<Self, Refusal> {
        self.answer(Self::Expired, "expired")
    }

    /// The status after the council names a practice, which is possible if no rule could route the request, or if it
    /// was declined or has expired.
    pub fn route(self) -> Result<Self, Refusal> {
        match self {
            Self::Unrouted | Self::Declined | Self::Expired => Ok(Self::Received),
            _ => Err(self.refuse("sent to another practice")),
        }
    }

    /// The status after the council names another practice because the one that has the referral is suspended, or nobody there
    /// has answered by the time by which a human was to look at it.
    pub fn route_elsewhere(self) -> Result<Self, Refusal> {
        self.answer(Self::Received, "sent to another practice")
    }

    /// The status of the council's request after the time for an answer has passed, if a human was to look at it by a certain
    /// time: it does not expire, but comes back, and the council is to name a practice.
    pub fn come_back(self) -> Result<Self, Refusal> {
        self.answer(Self::Unrouted, "given back")
    }

    fn answer(self, answer: Self, step: &'static str) -> Result<Self, Refusal> {
        if self.waits_for_the_practice() { Ok(answer) } else { Err(self.refuse(step)) }
    }

    fn refuse(self, step: &'static str) -> Refusal {
        Refusal::InvalidState { thing: "referral", state: self.as_str(), step }
    }
}

/// The state of a referral at its practice, with the facts that each state has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferralState {
    /// The referral waits for the practice's answer.
    Received,
    /// The practice asked the council for information.
    InformationRequested,
    /// The practice accepted the referral.
    Accepted {
        /// The member of staff who accepted it.
        by: StaffId,
        /// The time at which they accepted it.
        at: DateTime<Utc>,
        /// The case that was opened.
        case: CaseId,
    },
    /// The practice declined the referral.
    Declined {
        /// The member of staff who declined it.
        by: StaffId,
        /// The time at which they declined it.
        at: DateTime<Utc>,
        /// The reason why the practice declined.
        reason: DeclineReason,
    },
    /// The council withdrew the request.
    Withdrawn {
        /// The time at which the council withdrew it.
        at: DateTime<Utc>,
    },
    /// The practice did not answer in time.
    Expired {
        /// The time at which the period for an answer ended.
        at: DateTime<Utc>,
    },
}

/// The identifiers that the events of a referral name.
#[derive(Clone, Copy, Debug)]
pub struct ReferralKey {
    /// The referral, as its practice knows it.
    pub referral: ReferralId,
    /// The person whom it is about, once they are matched or created.
    pub person: Option<ServiceUserId>,
    /// The council that sent it.
    pub council: CouncilId,
    /// The council's request behind it.
    pub request: CouncilRequestId,
}

impl ReferralState {
    /// The event that it is for a referral to come into this state; `None` for the states in which the practice has it and has
    /// not answered.
    pub fn event(self, of: ReferralKey) -> Option<Event> {
        let ReferralKey { referral, person, council, request } = of;
        match self {
            Self::Received | Self::InformationRequested => None,
            Self::Accepted { .. } => Some(Event::ReferralAccepted { referral, person, council, request }),
            Self::Declined { .. } => Some(Event::ReferralDeclined { referral, person, council, request }),
            Self::Withdrawn { .. } => Some(Event::ReferralWithdrawn { referral: ReferralOf::Practice(referral) }),
            Self::Expired { .. } => Some(Event::ReferralExpired { referral, council, request }),
        }
    }

    /// Returns the word that stands for the state.
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

    /// The state after somebody at the practice accepts the referral and opens this case.
    pub fn accept(self, by: StaffId, at: DateTime<Utc>, case: CaseId) -> Result<Self, Refusal> {
        self.status().accept().map(|_| Self::Accepted { by, at, case })
    }

    /// The state after somebody at the practice declines the referral.
    pub fn decline(self, by: StaffId, at: DateTime<Utc>, reason: DeclineReason) -> Result<Self, Refusal> {
        self.status().decline().map(|_| Self::Declined { by, at, reason })
    }

    /// The state after the time for an answer has passed.
    pub fn expire(self, at: DateTime<Utc>) -> Result<Self, Refusal> {
        self.status().expire().map(|_| Self::Expired { at })
    }
}

/// The state of a referral, as the columns of its row hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferralColumns {
    /// The word that stands for the state.
    pub status: ReferralStatus,
    /// The time at which the referral was decided, or at which its period for an answer ended.
    pub decided_at: Option<DateTime<Utc>>,
    /// The member of staff who decided the referral.
    pub decided_by: Option<StaffId>,
    /// The reason why the referral was declined.
    pub decline_reason: Option<DeclineReason>,
    /// The case that the referral opened.
    pub case_id: Option<CaseId>,
}

/// The columns of a referral do not fit its state: a value is missing, or there is one too many.
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
