//! The reasons for which a rule refuses an action, apart from faults in a message ([`crate::fault::Fault`]).

use crate::contracts::function::Function;
use crate::staff::registration::Bar;

/// The reason for which an action cannot be done now, in words for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The thing is in a state from which this step is not possible.
    #[error("the {thing} is {state} and cannot be {step}")]
    InvalidState {
        /// The thing: `referral`, `case`, `complaint`, `countersignature`.
        thing: &'static str,
        /// The state that the thing is in.
        state: &'static str,
        /// The step that was tried, as a participle: `accepted`, `closed`.
        step: &'static str,
    },
    /// No delegation covers the work today (Care Act 2014 s79).
    #[error("no delegation of {} from the responsible council is in force today", .0.as_str())]
    NotDelegated(Function),
    /// The record is open to the caller already, so break-glass access is not needed.
    #[error("the record is open to you: read it in the ordinary way")]
    OpenAlready,
    /// The practice has nobody who would be notified of the break-glass access.
    #[error("there is nobody else here who could be told of it and review it")]
    NobodyToTell,
    /// The change would leave the record open to no access manager.
    #[error("nobody who manages access would be left to whom the record is open")]
    NobodyToLift,
    /// The caller sees the record only by break-glass access, and may not change who else sees it.
    #[error("the record is open to you for a while only: who may see it is for those to whom it is open")]
    OpenForAWhile,
    /// The council may not send the request to the practice that it names.
    #[error("that practice has no contract with the council that covers this today")]
    NotUnderContract,
    /// The register bars the member of staff who would decide (Social Workers Regulations 2018).
    #[error("you are a social worker who may not practise: {0}")]
    Barred(Bar),
}
