//! Contracts and delegations between councils and practices, and the onboarding checklist of a practice.

mod contract;
pub mod onboarding;

pub use contract::{Contract, Delegation, NewContract, NewDelegation, create, find, list};
pub(crate) use contract::{council_of, live_delegation, responsible_council};
