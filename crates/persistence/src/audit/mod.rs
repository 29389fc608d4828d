//! The audit log: sealed into hash chains, verified, and read by records officers.

mod chain;
mod query;
mod unusual;
mod verify;

pub use chain::{ChainName, Head, SEALED_AT_ONCE, heads, seal, unsealed};
pub use query::{AuditEvent, Criteria, MOST_EXPORTED, Outcome, Reader, export, list, readers};
pub use unusual::{Finding, Kind, LONGEST, MOST_FOUND, Unusual, unusual};
pub use verify::{Fault, Verified, verify};
