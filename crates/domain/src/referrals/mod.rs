//! Referrals: a council's request that a practice does a piece of work for a person, with its message, its rules, its
//! states and its routing.

pub mod answer;
pub mod deadlines;
pub mod differences;
mod example;
pub mod instructing;
pub mod message;
pub mod people_around;
pub mod responsible;
pub mod restriction;
pub mod routing;
mod rules;
pub mod state;
pub mod terms;
pub mod undoing;
pub mod warnings;
