//! The officers of councils: named people with roles, their absence and their leaving, and what of them waits to be confirmed; and the
//! guests whom they let in to complaints.

pub mod absence;
mod accounts;
pub mod guests;
pub mod leaving;
mod officer;
pub(crate) mod roles;
pub(crate) mod roster;

pub(crate) use accounts::{confirm, is_here, join, leave_unconfirmed, note_operators_part, offices};
pub use officer::{
    AwaitedOfficerConfirmation, CouncilOfficer, NewOfficer, OfficerDetails, change, find, find_own, list, list_own,
};
pub(crate) use officer::{enter, unless_changed_since};
pub(crate) use roles::{administrators, note_readers, parse_roles};
