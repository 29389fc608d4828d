//! The audit log and the hash chain that an event goes to.

use uuid::Uuid;

use super::kinds::kinds;
use crate::ids::{ClientId, CouncilId, PracticeId};

kinds! {
    /// A hash chain of the audit log. A council has a separate chain for complaints.
    pub enum Chain {
        /// The events at a practice, except those about complaints. The practice's records officers read this chain.
        Practice = "practice",
        /// The events about complaints, at the council whose they are. An officer takes out what it has of a complaint of theirs, with the file.
        Complaints = "complaints",
        /// The events at no practice: at the operator's door, of clients, and at a council.
        Platform = "platform",
    }
}

/// The owner of an audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOwner {
    /// The platform owns the log of everything that belongs to no tenant.
    Platform,
    /// A practice owns the log.
    Practice(PracticeId),
    /// A council owns the log.
    Council(CouncilId),
    /// A council owns the log of its complaints, and of everything that is done at the complaints' door.
    Complaints(CouncilId),
    /// A partner app owns the log.
    Client(ClientId),
}

impl LogOwner {
    /// Returns the owner's id in the rows of the log: the nil id for the platform.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Platform => Uuid::nil(),
            Self::Practice(id) => id.uuid(),
            Self::Council(id) | Self::Complaints(id) => id.uuid(),
            Self::Client(id) => id.uuid(),
        }
    }

    /// Returns the practice, if the log is a practice's.
    pub const fn practice(self) -> Option<PracticeId> {
        match self {
            Self::Practice(id) => Some(id),
            Self::Platform | Self::Council(_) | Self::Complaints(_) | Self::Client(_) => None,
        }
    }

    /// Returns the council, if the log is a council's.
    pub const fn council(self) -> Option<CouncilId> {
        match self {
            Self::Council(id) => Some(id),
            Self::Platform | Self::Practice(_) | Self::Complaints(_) | Self::Client(_) => None,
        }
    }

    /// Returns the chain into which what is done in this log is sealed.
    pub const fn chain(self) -> Chain {
        match self {
            Self::Practice(_) => Chain::Practice,
            Self::Complaints(_) => Chain::Complaints,
            Self::Platform | Self::Council(_) | Self::Client(_) => Chain::Platform,
        }
    }
}

/// The log that a kind of event goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// The log of a practice.
    Practice,
    /// The log of a council.
    Council,
    /// The log of the platform.
    Platform,
    /// The log of the practice where the event happens, or else the platform's.
    PracticeOrPlatform,
    /// The log of the council where the event happens, or else the platform's.
    CouncilOrPlatform,
    /// The log of the practice, the council or the complaints of a council where the event happens, or else the platform's.
    TenantOrPlatform,
    /// The log of the practice or the council where the event happens.
    PracticeOrCouncil,
    /// The chain of complaints of the council whose the complaint is. None of it is a practice's.
    Complaints,
    /// No log: the row of the event that caused this one says who acted.
    Nothing,
}

impl Log {
    /// Returns the log's name in the documentation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Practice => "the practice's",
            Self::Council => "the council's",
            Self::Platform => "the platform's",
            Self::PracticeOrPlatform => "the practice's or the platform's",
            Self::CouncilOrPlatform => "the council's or the platform's",
            Self::TenantOrPlatform => "the practice's, the council's, that of its complaints or the platform's",
            Self::PracticeOrCouncil => "the practice's or the council's",
            Self::Complaints => "complaints",
            Self::Nothing => "none",
        }
    }

    /// Whether such an event may be written into this owner's log.
    pub const fn may_be_of(self, owner: LogOwner) -> bool {
        match self {
            Self::Practice => matches!(owner, LogOwner::Practice(_)),
            Self::Council => matches!(owner, LogOwner::Council(_)),
            Self::Platform => matches!(owner, LogOwner::Platform),
            Self::PracticeOrPlatform => matches!(owner, LogOwner::Practice(_) | LogOwner::Platform),
            Self::CouncilOrPlatform => matches!(owner, LogOwner::Council(_) | LogOwner::Platform),
            Self::TenantOrPlatform => !matches!(owner, LogOwner::Client(_)),
            Self::PracticeOrCouncil => matches!(owner, LogOwner::Practice(_) | LogOwner::Council(_)),
            Self::Complaints => matches!(owner, LogOwner::Complaints(_)),
            Self::Nothing => true,
        }
    }

    /// Returns the chain into which such an event is sealed in this owner's log; `None` for an event without a row.
    pub const fn chain(self, owner: LogOwner) -> Option<Chain> {
        match self {
            Self::Nothing => None,
            _ => Some(owner.chain()),
        }
    }
}
