//! The stages of a complaint, and which step leads from one to the next.

use crate::refusal::Refusal;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// The stage that a complaint has reached.
    pub enum ComplaintStatus {
        /// The complaint has arrived. The receipt is not the acknowledgement.
        Received = "received",
        /// The complaint is acknowledged, with an offer to discuss handling and period (reg 13).
        Acknowledged = "acknowledged",
        /// The period is agreed with the complainant or determined, and the complaint is looked into.
        Investigating = "investigating",
        /// The response is signed, and has not been sent yet.
        Signed = "signed",
        /// The response was sent. What it promises is seen through.
        Answered = "answered",
        /// Everything that the response promises is done.
        Closed = "closed",
        /// The complainant withdrew the complaint, and confirmed it.
        Withdrawn = "withdrawn",
        /// The Regulations do not let the council consider the complaint, or do not ask it to. The complainant was told why.
        NotConsidered = "not_considered",
    }
}

/// A step in the life of a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody acknowledges it.
    Acknowledge,
    /// The period is agreed or determined, or the plan changes.
    Plan,
    /// Heads are put down, found on, held, or a response is drafted.
    Investigate,
    /// The period is extended with the complainant's agreement.
    Extend,
    /// The response is signed.
    Sign,
    /// A signed response that has not been sent goes back to be changed.
    Return,
    /// The response was sent.
    Send,
    /// Somebody puts down what the council will do.
    Promise,
    /// Somebody puts down what the Ombudsman decided that the council does.
    Remedy,
    /// Everything is done.
    Close,
    /// The complainant is not satisfied, or something new is known.
    Reopen,
    /// It is looked into again, or at last, after a decision of the Ombudsman.
    Correct,
    /// A review found for the complainant.
    Reconsider,
    /// The complainant withdraws it.
    Withdraw,
    /// It is not considered, or not further.
    NotConsider,
    /// The person confirms that what they said at a practice's desk is settled.
    Settle,
    /// The complainant is told why there is no response in time (reg 14(4)).
    ExplainDelay,
    /// Its risk is judged, or it is recorded when the matter happened.
    Assess,
    /// It is limited how the complainant reaches those who have it.
    Limit,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 19] = [
        Self::Acknowledge,
        Self::Plan,
        Self::Investigate,
        Self::Extend,
        Self::Sign,
        Self::Return,
        Self::Send,
        Self::Promise,
        Self::Remedy,
        Self::Close,
        Self::Reopen,
        Self::Correct,
        Self::Reconsider,
        Self::Withdraw,
        Self::NotConsider,
        Self::Settle,
        Self::ExplainDelay,
        Self::Assess,
        Self::Limit,
    ];

    /// The step as a participle, for a refusal.
    const fn participle(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledged",
            Self::Plan => "planned",
            Self::Investigate => "looked into",
            Self::Extend => "extended",
            Self::Sign => "answered with a signature",
            Self::Return => "given back to be changed",
            Self::Send => "recorded as answered",
            Self::Promise | Self::Remedy => "given an action",
            Self::Close => "closed",
            Self::Reopen | Self::Correct => "reopened",
            Self::Reconsider => "considered again",
            Self::Withdraw => "withdrawn",
            Self::NotConsider => "left unconsidered",
            Self::Settle => "settled on the spot",
            Self::ExplainDelay => "said to be late",
            Self::Assess => "assessed",
            Self::Limit => "limited",
        }
    }
}

impl ComplaintStatus {
    /// Returns the status after a step, or refuses the step in this status.
    pub fn after(self, step: Step) -> Result<Self, Refusal> {
        let is_looked_into = matches!(self, Self::Received | Self::Acknowledged | Self::Investigating);
        let is_agreed = matches!(self, Self::Acknowledged | Self::Investigating);
        let was_answered = matches!(self, Self::Answered | Self::Closed);
        let is_over = self.is_over();
        match step {
            Step::Acknowledge if self == Self::Received => Ok(Self::Acknowledged),
            Step::Plan if is_agreed => Ok(Self::Investigating),
            Step::Investigate if is_looked_into => Ok(self),
            Step::Extend if self == Self::Investigating => Ok(self),
            Step::Sign if self == Self::Investigating => Ok(Self::Signed),
            Step::Return if self == Self::Signed => Ok(Self::Investigating),
            Step::Send if self == Self::Signed => Ok(Self::Answered),
            // What is closed has everything done that was promised: for more, it is reopened.
            Step::Promise | Step::Limit if self.awaits_a_response() || self == Self::Answered => Ok(self),
            Step::ExplainDelay | Step::Assess if self.awaits_a_response() => Ok(self),
            Step::Close if self == Self::Answered => Ok(Self::Closed),
            Step::Reopen | Step::Reconsider if was_answered => Ok(Self::Acknowledged),
            // It is acknowledged anew, with another offer to discuss how it is handled: it may never have been.
            Step::Reconsider if matches!(self, Self::Withdrawn | Self::NotConsidered) => Ok(Self::Received),
            Step::Remedy | Step::Reconsider => Ok(self),
            Step::Correct if was_answered || is_over => Ok(Self::Acknowledged),
            Step::Withdraw if is_looked_into || self == Self::Signed => Ok(Self::Withdrawn),
            Step::NotConsider if is_looked_into => Ok(Self::NotConsidered),
            Step::Settle if self == Self::Received => Ok(Self::NotConsidered),
            _ => Err(Refusal::InvalidState { thing: "complaint", state: self.as_str(), step: step.participle() }),
        }
    }

    /// Whether the complaint was withdrawn or left unconsidered.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Withdrawn | Self::NotConsidered)
    }

    /// Whether the complaint waits for a response.
    pub const fn awaits_a_response(self) -> bool {
        matches!(self, Self::Received | Self::Acknowledged | Self::Investigating | Self::Signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_leads_from_the_stages_that_the_procedure_knows_and_from_no_other() {
        use ComplaintStatus::*;
        for (step, ways) in [
            (Step::Acknowledge, &[(Received, Acknowledged)][..]),
            (Step::Plan, &[(Acknowledged, Investigating), (Investigating, Investigating)]),
            (Step::Investigate, &[(Received, Received), (Acknowledged, Acknowledged), (Investigating, Investigating)]),
            (Step::Extend, &[(Investigating, Investigating)]),
            (Step::Sign, &[(Investigating, Signed)]),
            (Step::Return, &[(Signed, Investigating)]),
            (Step::Send, &[(Signed, Answered)]),
            (Step::Settle, &[(Received, NotConsidered)]),
            (
                Step::Promise,
                &[
                    (Received, Received),
                    (Acknowledged, Acknowledged),
                    (Investigating, Investigating),
                    (Signed, Signed),
                    (Answered, Answered),
                ],
            ),
            (
                Step::Assess,
                &[(Received, Received), (Acknowledged, Acknowledged), (Investigating, Investigating), (Signed, Signed)],
            ),
            (
                Step::Limit,
                &[
                    (Received, Received),
                    (Acknowledged, Acknowledged),
                    (Investigating, Investigating),
                    (Signed, Signed),
                    (Answered, Answered),
                ],
            ),
            (Step::Close, &[(Answered, Closed)]),
            (Step::Reopen, &[(Answered, Acknowledged), (Closed, Acknowledged)]),
            (
                Step::Correct,
                &[
                    (Answered, Acknowledged),
                    (Closed, Acknowledged),
                    (Withdrawn, Acknowledged),
                    (NotConsidered, Acknowledged),
                ],
            ),
            (
                Step::Reconsider,
                &[
                    (Received, Received),
                    (Acknowledged, Acknowledged),
                    (Investigating, Investigating),
                    (Signed, Signed),
                    (Answered, Acknowledged),
                    (Closed, Acknowledged),
                    (Withdrawn, Received),
                    (NotConsidered, Received),
                ],
            ),
            (
                Step::Withdraw,
                &[(Received, Withdrawn), (Acknowledged, Withdrawn), (Investigating, Withdrawn), (Signed, Withdrawn)],
            ),
            (
                Step::NotConsider,
                &[(Received, NotConsidered), (Acknowledged, NotConsidered), (Investigating, NotConsidered)],
            ),
        ] {
            for from in ComplaintStatus::ALL {
                let expected = ways.iter().find(|(one, _)| one == from).map(|(_, to)| *to);
                assert_eq!(from.after(step).ok(), expected, "{step:?} from {from:?}");
            }
        }
    }

    #[test]
    fn nothing_leads_out_of_a_complaint_that_was_withdrawn_or_not_considered_but_a_review_and_the_ombudsman() {
        let leads_out = |step: &Step| matches!(step, Step::Remedy | Step::Correct | Step::Reconsider);
        for status in [ComplaintStatus::Withdrawn, ComplaintStatus::NotConsidered] {
            for step in Step::ALL {
                assert_eq!(status.after(step).is_ok(), leads_out(&step), "{step:?} from {status:?}");
            }
        }
    }
}
