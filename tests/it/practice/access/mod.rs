//! Access to a practice: accounts, both factors, sessions, invitations and single sign-on.

mod account;
mod ended;
mod guessing;
mod invitations;
mod passwords;
mod refresh_tokens;
mod sessions;
pub(crate) mod single_sign_on;
