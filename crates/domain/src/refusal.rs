//! What the rules refuse, apart from what is wrong in a message ([`crate::fault::Fault`]).

use crate::contracts::function::Function;
use crate::staff::registration::Bar;

/// Why something cannot be done now, in words for who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The thing is in a state from which there is no such step.
    #[error("the {thing} is {state} and cannot be {step}")]
    InvalidState {
        /// What it is: `referral`, `case`, `complaint`, `countersignature`.
        thing: &'static str,
        /// The state that it is in.
        state: &'static str,
        /// The step, as a participle: `accepted`, `closed`.
        step: &'static str,
    },
    /// No delegation covers the work today (Care Act 2014 s79).
    #[error("no delegation of {} from the responsible council is in force today", .0.as_str())]
    NotDelegated(Function),
    /// Break-glass access is not needed.
    #[error("the record is open to you: read it in the ordinary way")]
    OpenAlready,
    /// Nobody would be told of the break-glass access.
    #[error("there is nobody else here who could be told of it and review it")]
    NobodyToTell,
    /// Nobody who manages access would be left to whom the record is open.
    #[error("nobody who manages access would be left to whom the record is open")]
    NobodyToLift,
    /// Somebody with break-glass access reads, and does not change who else may.
    #[error("the record is open to you for a while only: who may see it is for those to whom it is open")]
    OpenForAWhile,
    /// The practice named is not one that the council may send this to.
    #[error("that practice has no contract with the council that covers this today")]
    NotUnderContract,
    /// The register bars who would decide (Social Workers Regulations 2018).
    #[error("you are a social worker who may not practise: {0}")]
    Barred(Bar),
}
