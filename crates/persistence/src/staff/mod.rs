//! The staff of practices: members and their lines of management, registrations, notices, and the people from whom they are
//! excluded.

pub mod absence;
mod accounts_of_members;
pub mod acting;
mod administrators;
mod colleagues;
mod former_lines;
pub(crate) mod leaving;
mod members;
pub mod names;
pub mod notices;
pub(crate) mod presence;
pub mod registrations;
pub(crate) mod roles;
pub(crate) mod roster;

pub(crate) use accounts_of_members::{
    Drawn, confirm, is_here, join, leave_unconfirmed, note_operators_part, note_owners_part,
};
pub use acting::ActingManager;
pub(crate) use administrators::{administrators, keep_an_administrator};
pub use colleagues::{Colleague, colleagues};
pub use leaving::Leaving;
pub use members::{AwaitedConfirmation, Member, MemberDetails, NewMember, find, find_own, list, set_home};
pub(crate) use members::{enter, managers_besides, managers_without, roles_of, unless_changed_since, write_details};
