//! The audit log: rows are appended in the transaction that they are about, and sealed into hash chains afterwards.

mod append;
mod chain;
mod signed;
mod verify;

pub(crate) use append::reason_field;
pub use chain::{ChainName, Head, SEALED_AT_ONCE, chains, hash_at, heads, seal, unsealed};
pub use signed::{Break, Place, Signed, SignedHead};
pub use verify::{Fault, Verified, verify, verify_and_tell};
