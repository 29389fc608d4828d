//! Accounts, sessions, second factors, invitations, single sign-on, and the systems that call: how callers prove who they are.

pub mod accounts;
mod bearer;
pub mod client_identity;
pub mod clients;
pub(crate) mod expiry;
pub mod identity;
pub mod invitations;
pub mod joining;
pub mod second_factor;
pub mod sessions;
pub mod signing_keys;
pub mod single_sign_on;
