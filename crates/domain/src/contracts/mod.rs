//! Contracts between councils and practices: the functions that a council delegates (Care Act 2014 s79), and the
//! onboarding items that a practice must show before it works.

pub mod authority;
pub mod function;
pub mod onboarding;
pub mod readiness;
pub mod terms;
