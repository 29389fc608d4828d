//! The world of a black-box test: a server of its own, with its own clock, on the one database that all tests share. Tests
//! are kept apart as customers are: each has a council and a practice of its own.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says why and stops"
)]

mod audited;
pub mod callers;
pub mod complaints;
mod contracting;
mod council;
pub mod documents;
pub mod log;
pub mod messages;
pub mod postgres;
pub mod promise;
mod severing;
mod stores;
mod web;
mod world;

pub use callers::{Anyone, Staff, System};
pub use council::Council;
pub use severing::{Severed, Severing};
pub use web::Web;
pub use world::{AUDIT_KEY, MASTER_KEYS, PASSWORD, Practice, TOTP_SECRET, World};
