//! Cases: their allocation, their notes, the countersignatures of adverse actions, and how they end.

mod allocation;
#[cfg(feature = "bulk")]
pub mod bulk;
mod case;
pub(crate) mod closing;
pub mod countersignatures;
mod deadlines;
mod deciding;
pub(crate) mod matter;
pub(crate) mod moving;
pub mod notes;
pub mod open_work;
pub mod outside;
pub(crate) mod passing_on;
mod removal;
pub(crate) mod restricting;
pub mod timeline;
pub(crate) mod warning;

pub(crate) use allocation::allocate_first;
pub use allocation::{Allocate, Allocation, agree_to_closing, list_allocations};
use case::save_state;
pub use case::{Case, CasesAsked, NewCase, caseload, create, find, list, read};
pub(crate) use case::{Opening, open};
pub use deciding::take_back;
pub use removal::OpenCase;
pub(crate) use removal::{other_open, remove};
pub use restricting::restrict;
pub use warning::{record_telling, review_warning_note, warn};
