//! The commands of the Almoner program. They are a library so that the tests can call them.
//!
//! The demonstration is a crate of its own, `almoner-demo`, which the program includes with its feature `demo`.

pub mod audit;
pub mod config;
pub mod documents;
mod inputs;
pub mod logging;
pub mod operator;
pub mod serve;
pub mod work;
