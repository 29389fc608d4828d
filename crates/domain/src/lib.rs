//! The words and rules of an adult social work practice in England.
//!
//! Everything in this crate is a value or a pure function. Nothing reads a clock, a file, a network or a random number:
//! the actor, the time and the calendar are arguments, and a decision is a return value. A value that exists is valid:
//! each type is read by its `parse`, and by serde and SQL through it.
//!
//! The folders are the subjects, in the order in which they may use one another: words, tenancy, staff, officers, access, people,
//! contracts, documents, cases, referrals, safeguarding, complaints.

pub mod access;
pub mod cases;
pub mod complaints;
pub mod contracts;
pub mod documents;
pub mod events;
pub mod fault;
pub mod ids;
pub mod officers;
pub mod people;
pub mod referrals;
pub mod refusal;
pub mod staff;
pub mod tenancy;
pub mod words;
