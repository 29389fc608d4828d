//! Contracts and delegations between councils and practices, the onboarding checklist of a practice and whether it is ready to
//! be sent referrals, and the public directory.

mod contract;
pub mod directory;
pub mod onboarding;
pub(crate) mod readiness;

pub use contract::{Contract, Delegation, NewContract, NewDelegation, create, find, list};
pub(crate) use contract::{council_of, live_delegation, responsible_council};
