//! Single sign-on: a practice's own OpenID Connect provider, the attempts to sign in through it, and the accounts that its
//! subjects are linked to. A link is by issuer and subject, is valid at its own practice alone, and is made by the account's
//! owner.

mod attempts;
mod identities;
mod provider;

pub use attempts::{Attempt, Begun, begin, begin_link, take_up, take_up_link};
pub use identities::{Linked, LinkedIdentity, find, lets_a_password_in, link, list, record_refusal, unlink};
pub use provider::{Provider, SetProvider, SingleSignOn, check, read, remove, set};
