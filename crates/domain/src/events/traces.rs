//! The rows that an event leaves behind, and the description of an event in the documentation.

use uuid::Uuid;

use super::about::CaseKey;
use super::kinds::TimelineKind;
use super::log::{Chain, Log, LogOwner};
use super::table::{EventKind, NoticeKind, OutboxKind};
use crate::ids::{PracticeId, ServiceUserId, StaffId};

/// The rows that an event leaves behind in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traces {
    /// The row of the audit log.
    pub entry: Option<Entry>,
    /// The row of the outbox.
    pub announcement: Option<Announcement>,
    /// The notice to members of staff.
    pub notice: Option<Notice>,
    /// The line of a case's timeline.
    pub line: Option<Line>,
}

/// A row of the audit log, without the actor, the time and the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The chain that the row is sealed into.
    pub chain: Chain,
    /// The kind of the event.
    pub kind: EventKind,
    /// The identifier of the event's subject.
    pub subject: Uuid,
    /// The person whose record is named.
    pub person: Option<ServiceUserId>,
}

/// A row of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The kind of the announcement.
    pub kind: OutboxKind,
    /// The council or the practice in whose feed the announcement appears.
    pub recipient: Uuid,
    /// The identifier of the event's subject, as the recipient knows it.
    pub subject: Uuid,
}

/// A notice to members of staff of a practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The kind of the notice.
    pub kind: NoticeKind,
    /// The practice whose staff are notified.
    pub practice: PracticeId,
    /// The members of staff who are notified.
    pub recipients: Vec<StaffId>,
    /// The identifier of the event's subject.
    pub subject: Uuid,
    /// The person whose record is named.
    pub person: Option<ServiceUserId>,
}

/// A line of a case's timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The kind of the line.
    pub kind: TimelineKind,
    /// The case on whose timeline the line is.
    pub case: CaseKey,
    /// The identifier of what the line is about besides the case: a note, a worker, a request for a second person's
    /// decision.
    pub subject: Option<Uuid>,
    /// Whether the line names the actor. A second person's decision names nobody.
    pub names_actor: bool,
}

/// An event that does not belong in the log that it was to be written into, which is a fault of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not for the log of {owner:?}", kind.as_str())]
pub struct WrongLog {
    /// The kind of the event.
    pub kind: EventKind,
    /// The owner of the log.
    pub owner: LogOwner,
}

/// A row of the table, for the documentation.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The sentence that says what happened.
    pub sentence: &'static str,
    /// The name of the variant's field that holds the subject.
    pub subject: &'static str,
    /// The type of the subject.
    pub subject_type: &'static str,
    /// The field and the type that name the person, if that is not the subject.
    pub person: Option<(&'static str, &'static str)>,
    /// The log that it goes to.
    pub log: Log,
    /// The recipient of its announcement.
    pub announced_to: Option<&'static str>,
    /// The members of staff who are notified.
    pub notice_to: Option<&'static str>,
    /// The line of the timeline that the event writes.
    pub line: Option<TimelineKind>,
}
