//! A council's request that a practice does something for a person.

mod example;
pub mod message;
mod rules;
pub mod state;
pub mod terms;
