//! Cases: their allocation, their notes, the countersignatures of adverse actions, and how they end.

mod allocation;
#[cfg(feature = "bulk")]
pub mod bulk;
mod case;
pub mod countersignatures;
mod deadlines;
pub mod notes;
pub(crate) mod passing_on;
mod removal;
pub mod timeline;

pub(crate) use allocation::allocate_first;
pub use allocation::{Allocate, Allocation, agree_to_closing, allocate, list_allocations};
pub use case::{Case, NewCase, caseload, create, find, list, read};
pub(crate) use case::{Opening, OutcomeChange, close, find_all, open, save_state};
pub use removal::OpenCase;
pub(crate) use removal::{other_open, remove};
