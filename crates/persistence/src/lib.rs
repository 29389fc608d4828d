//! The only SQL of the program: the schema, the scopes through which it is reached, and one file for each thing kept.
//!
//! A use case runs in a scope. A scope is one transaction in the role of one door ([`Store::practice`], [`Store::council`] …);
//! what that role may see is decided by the database's own row policies, whatever a query asks for.

pub mod accounts;
pub mod audit;
mod bearer;
pub mod bootstrap;
pub mod break_glasses;
pub mod cases;
pub mod client_identity;
pub mod clients;
pub mod clock;
pub mod complaints;
pub mod contracts;
pub mod council_requests;
pub mod councils;
pub mod countersignatures;
mod error;
mod events;
pub mod guards;
pub mod idempotency;
pub mod identity;
mod intake;
pub mod invitations;
pub mod migrations;
pub mod notes;
pub mod notices;
pub mod onboarding;
mod page;
pub mod practices;
pub mod random;
pub mod referrals;
pub mod registrations;
mod schema;
mod scope;
mod sealing;
pub mod second_factor;
pub mod service_users;
pub mod sessions;
pub mod signing_keys;
pub mod single_sign_on;
pub mod staff;
mod store;
pub mod suspensions;
pub mod timeline;
pub mod work;

pub use clock::Clock;
pub use error::StoreError;
pub use page::{Page, Paging};
pub use scope::{
    AccountScope, Client, CouncilScope, IdentityScope, OperatorScope, PartnerScope, PracticeScope, PublicScope, Scope,
    WorkerScope,
};
pub use sealing::MasterKeys;
pub use store::{ClientToken, Request, Session, StaffMember, Store, StoreOptions};
