//! The vocabulary of events. Each thing that can happen is described once.
//!
//! `table.rs` has a row for each [`Event`], but for those of people, of instructions and of complaints, which stand in `of_people.rs`,
//! `of_instructions.rs` and `of_complaints.rs`: its word, its subject, the log that it goes to, whether the person's record is named, the recipient of its
//! announcement, the members of staff who are notified, and its line on a case's timeline. The enum, the closed lists of words and
//! `docs/events.md` are generated from these rows. No other file repeats a word.
//!
//! An event does not say who acts, when, or from where: the scope knows that. The rows that an event leaves in a log
//! are a pure function of the event and of the log's owner, [`Event::traces`]. Persistence writes those rows.

mod about;
mod jobs;
mod kinds;
mod log;
mod of_complaints;
mod of_instructions;
mod of_people;
#[macro_use]
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod traces;

pub use about::{About, AccountOf, CaseKey, PerhapsAbout, ReferralOf};
pub use jobs::{JobKind, Task};
pub use kinds::{Attempt, Door, Feed, Outcome, TimelineKind, UnusualAccess};
pub use log::{Chain, Log, LogOwner};
pub use table::{Event, EventKind, NoticeKind, OutboxKind};
pub use traces::{Announcement, Description, Entry, Line, Notice, Traces, WrongLog};
