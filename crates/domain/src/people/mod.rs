//! The people whom a practice serves, and the access to their records.

pub mod about;
pub mod access_restriction;
pub mod access_rules;
pub mod birth;
pub mod contact;
pub mod likeness;
pub mod mismatch;
pub mod service_user;
