//! What a council has delegated to a practice (Care Act 2014 s79), and what a practice must have before it may work.

pub mod authority;
pub mod function;
pub mod onboarding;
pub mod terms;
