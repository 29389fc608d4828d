//! Cases: who works on them, what is written in them, who countersigns an adverse action, how they end.

mod allocation;
mod case;
pub mod countersignatures;
pub mod notes;
pub(crate) mod passing_on;
pub mod timeline;

pub use allocation::{Allocate, Allocation, allocate, list_allocations};
pub use case::*;
