//! The people whom a practice serves, the access restrictions on their records, and break-glass access to these.

pub(crate) mod about;
pub mod access_restrictions;
pub mod break_glass_accesses;
#[cfg(feature = "bulk")]
pub mod bulk;
mod exclusions;
pub mod facts;
pub mod network;
pub mod relationships;
pub mod search;
pub mod service_users;
pub mod warning_notes;
