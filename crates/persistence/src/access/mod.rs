//! Authentication of callers: accounts, sessions, second factors, invitations, single sign-on and clients.

pub mod accounts;
pub mod appointing;
pub mod apps;
mod bearer;
pub mod client_identity;
pub mod clients;
pub mod confirmations;
pub(crate) mod expiry;
pub mod identity;
pub mod invitations;
pub mod joining;
pub mod letting_in;
pub mod second_factor;
pub mod sessions;
pub mod signing_keys;
pub mod single_sign_on;
