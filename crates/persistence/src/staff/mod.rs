//! The staff of practices: members and their lines of management, registrations, notices, and the people from whom they are
//! excluded.

mod accounts_of_members;
mod colleagues;
mod members;
pub mod names;
pub mod notices;
pub mod registrations;
pub(crate) mod roles;
pub(crate) mod roster;

pub(crate) use accounts_of_members::{Drawn, confirm, join, leave_unconfirmed, note_operators_part, note_owners_part};
pub use colleagues::{Colleague, colleagues};
pub use members::{AwaitedConfirmation, Member, MemberDetails, NewMember, find, find_own, list, set_home};
pub(crate) use members::{
    administrators, enter, keep_an_administrator, managers_besides, roles_of, unless_changed_since, write_details,
    write_leaving,
};
