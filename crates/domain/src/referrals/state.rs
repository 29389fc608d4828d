//! The states of a referral at a practice and of the council's request behind it.

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

    /// The council names a practice: for what no rule could place, and for what was declined or has expired.
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
        Refusal::WrongState { thing: "referral", state: self.as_str(), step }
    }
}

#[cfg(test)]
mod tests {
    use super::ReferralStatus::{self, *};
    use super::Refusal;

    type Step = fn(ReferralStatus) -> Result<ReferralStatus, Refusal>;

    #[test]
    fn each_step_is_possible_from_these_states_and_no_other() {
        let steps: [(Step, ReferralStatus, &[ReferralStatus]); 8] = [
            (ReferralStatus::accept, Accepted, &[Received, InformationRequested]),
            (ReferralStatus::decline, Declined, &[Received, InformationRequested]),
            (ReferralStatus::expire, Expired, &[Received, InformationRequested]),
            (ReferralStatus::request_information, InformationRequested, &[Received]),
            (ReferralStatus::give_information, Received, &[InformationRequested]),
            (ReferralStatus::withdraw, Withdrawn, &[Unrouted, Received, InformationRequested, Declined, Expired]),
            (ReferralStatus::route, Received, &[Unrouted, Declined, Expired]),
            (ReferralStatus::route_past_a_suspension, Received, &[Received, InformationRequested]),
        ];
        for (step, result, from) in steps {
            for state in ReferralStatus::ALL {
                assert_eq!(step(*state).ok(), from.contains(state).then_some(result), "{state:?} to {result:?}");
            }
        }
    }

    #[test]
    fn a_refusal_says_where_it_stands() {
        let refusal = Accepted.withdraw().unwrap_err();
        assert_eq!(refusal.to_string(), "the referral is accepted and cannot be withdrawn");
    }
}
