//! What an event leaves behind, and how the documentation describes it.

use uuid::Uuid;

use super::about::CaseKey;
use super::kinds::TimelineKind;
use super::log::{Chain, Log, LogOwner};
use super::table::{EventKind, NoticeKind, OutboxKind};
use crate::ids::{PracticeId, ServiceUserId, StaffId};

/// What an event leaves behind in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traces {
    /// The row of the audit log.
    pub entry: Option<Entry>,
    /// The row of the outbox.
    pub announcement: Option<Announcement>,
    /// What members of staff are told.
    pub notice: Option<Notice>,
    /// The line of a case's timeline.
    pub line: Option<Line>,
}

/// A row of the audit log, without who acts, when and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The chain that it is sealed into.
    pub chain: Chain,
    /// What happened.
    pub kind: EventKind,
    /// What it happened to.
    pub subject: Uuid,
    /// The person whose record is named.
    pub person: Option<ServiceUserId>,
}

/// A row of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// What happened.
    pub kind: OutboxKind,
    /// In whose feed it appears: a council or a practice.
    pub recipient: Uuid,
    /// What it happened to, by the identifier that the recipient knows.
    pub subject: Uuid,
}

/// What members of staff of a practice are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// The practice.
    pub practice: PracticeId,
    /// The members of staff who are told.
    pub recipients: Vec<StaffId>,
    /// What it happened to.
    pub subject: Uuid,
    /// The person whose record is named.
    pub person: Option<ServiceUserId>,
}

/// A line of a case's timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// What happened.
    pub kind: TimelineKind,
    /// The case.
    pub case: CaseKey,
    /// What the line is about besides the case: a note, a worker, a request for a second person's decision.
    pub subject: Option<Uuid>,
    /// Whether the line names who acted. A second person's decision names nobody.
    pub names_actor: bool,
}

/// An event that does not belong into the log that it was to be written into: a fault of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not for the log of {owner:?}", kind.as_str())]
pub struct WrongLog {
    /// The kind of event.
    pub kind: EventKind,
    /// The owner of the log.
    pub owner: LogOwner,
}

/// A row of the table, for the documentation.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// What happened, in a sentence.
    pub sentence: &'static str,
    /// What it is about: the name of the variant's field.
    pub subject: &'static str,
    /// The type of what it is about.
    pub subject_type: &'static str,
    /// The field and the type of what names the person, where that is something else than it is about.
    pub person: Option<(&'static str, &'static str)>,
    /// The log that it goes to.
    pub log: Log,
    /// The recipient of its announcement.
    pub announced_to: Option<&'static str>,
    /// The members of staff who are told.
    pub notice_to: Option<&'static str>,
    /// The line of the timeline.
    pub line: Option<TimelineKind>,
}
