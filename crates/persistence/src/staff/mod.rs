//! The staff of practices: members and their lines of management, registrations, notices, and the people from whom they are
//! excluded.

mod accounts_of_members;
mod members;
pub mod names;
pub mod notices;
pub mod registrations;
pub(crate) mod roles;

pub(crate) use accounts_of_members::{join, keep_who_drew, leave_unconfirmed, may_confirm};
pub use members::{Colleague, Member, MemberDetails, NewMember, colleagues, confirm, find, find_own, list, set_home};
pub(crate) use members::{
    administrators, enter, keep_an_administrator, managers_besides, roles_of, write_details, write_leaving,
};
