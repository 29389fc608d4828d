//! The vocabulary: each thing that can happen, said once.
//!
//! `table.rs` has a row for each [`Event`]: its word, what it is about, whose log it goes to, whether the person's record is
//! named, whether it is announced and to whom, whether members of staff are told, and whether it is a line of a case's
//! timeline. The enum, the closed lists of words and `docs/events.md` are made from these rows. No other file repeats a word.
//!
//! An event says nothing of who acts, when, or from where: the scope knows that. What it leaves behind in a log is a pure
//! function of the event and of the log's owner, [`Event::traces`]; persistence writes what that says.

mod about;
mod jobs;
mod kinds;
mod log;
#[macro_use]
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod traces;

pub use about::{About, AccountOf, CaseKey, PerhapsAbout, ReferralOf};
pub use jobs::{JobKind, Task};
pub use kinds::{Attempt, Door, Outcome, TimelineKind, UnusualAccess};
pub use log::{Chain, Log, LogOwner};
pub use table::{Event, EventKind, NoticeKind, OutboxKind};
pub use traces::{Announcement, Description, Entry, Line, Notice, Traces, WrongLog};
