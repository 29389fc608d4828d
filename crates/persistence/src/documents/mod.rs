//! Documents of people's records and of cases: their rows, and their contents, which are sealed objects outside the database.

mod clearing;
mod content;
mod listing;
mod reception;
mod scanning;
mod sending;

pub use clearing::{EraseDocument, clear_object, erase};
pub use content::{Content, Object, Reading};
pub use listing::{Document, list_of_case, list_of_person, open};
pub use reception::{Received, Reception};
pub use scanning::{Scanned, begin_scan, settle_scan};
pub use sending::{Holder, begin, find_sent, send};
