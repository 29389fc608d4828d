//! Single sign-on: the OpenID Connect provider of a practice or a council, the attempts to sign in through it, and the accounts that its
//! subjects are linked to. A link is by issuer and subject, is valid at the provider's owner alone, and is made by the account's
//! owner.

mod attempts;
mod identities;
mod provider;

pub use attempts::{Attempt, Begun, begin, begin_at_council, begin_link, name_of, take_up, take_up_link};
pub use identities::{Linked, LinkedIdentity, find, lets_a_password_in, link, list, record_refusal, unlink};
pub use provider::{HasProvider, Provider, SetProvider, SingleSignOn, check, read, remove, set};
