//! The only SQL of the program: the schema, the scopes through which it is reached, and a folder for each subject.
//!
//! A use case runs in a scope. A scope is one transaction in the role of one door ([`Store::practice`], [`Store::council`]
//! …). The database's own row policies decide what that role may see, whatever a query asks for.
//!
//! The folders are ordered, and use only what stands before them: ground, tenancy, staff, officers, access, people, contracts, documents,
//! cases, referrals, complaints, reports; then `deadlines`, `jobs` and `doors`. Each table is written by the files of one folder.

pub mod access;
pub mod cases;
pub mod complaints;
pub mod contracts;
pub mod deadlines;
pub mod documents;
mod doors;
mod ground;
pub mod jobs;
pub mod officers;
pub mod people;
pub mod referrals;
pub mod reports;
pub mod staff;
pub mod tenancy;

pub use ground::bootstrap::Login;
#[cfg(feature = "bulk")]
pub use ground::bulk::renew_statistics;
pub use ground::callers::{
    Client, ClientToken, ComplaintsPerson, ComplaintsPlace, ComplaintsWorker, CouncilCaller, Membership, Office,
    Officer, Place, PlaceKind, Request, Seat, Session, StaffMember, Tenant,
};
pub use ground::clock::Clock;
pub use ground::database_url::demands_tls;
pub use ground::error::StoreError;
pub use ground::objects::Objects;
pub use ground::on_record::{OnRecord, not_a_record};
pub use ground::page::{Page, Paging};
pub use ground::patience::{PATIENCE, begins_by};
pub use ground::s3::Bucket;
pub use ground::scope::{
    AccountScope, ComplaintsScope, CouncilScope, IdentityScope, OperatorScope, PartnerScope, PracticeScope,
    PublicScope, Scope, WorkerScope,
};
pub use ground::sealing::MasterKeys;
pub use ground::transaction::{Store, StoreOptions};
pub use ground::{audit, bootstrap, idempotency, migrations, random};
