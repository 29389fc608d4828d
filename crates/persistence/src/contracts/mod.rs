//! Contracts and delegations between councils and practices, and the onboarding checklist of a practice.

mod contract;
pub mod onboarding;

pub use contract::*;
