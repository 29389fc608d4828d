//! Contracts and delegations between councils and practices, and what a practice must have before it may work.

mod contract;
pub mod onboarding;

pub use contract::*;
