//! The people whom a practice serves, restrictions on their records, and break-glass access to these.

pub(crate) mod about;
pub mod break_glasses;
pub mod guards;
mod lock_outs;
pub mod service_users;
