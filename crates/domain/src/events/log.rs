//! Whose log an event goes to, and into which hash chain.

use uuid::Uuid;

use super::kinds::kinds;
use crate::ids::{ClientId, CouncilId, PracticeId};

kinds! {
    /// A hash chain of the audit log. Complaints have one of their own for each owner, so that the length of a practice's
    /// chain says nothing about them.
    pub enum Chain {
        /// What happens at a practice, but for complaints: its records officers read it.
        Practice = "practice",
        /// What happens to complaints, at the practice, the council or the partner app: no door reads it.
        Complaints = "complaints",
        /// What happens at no practice: at the operator's door, to clients, and at a council.
        Platform = "platform",
    }
}

/// Whose audit log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOwner {
    /// The platform: what belongs to no tenant.
    Platform,
    /// A practice.
    Practice(PracticeId),
    /// A council.
    Council(CouncilId),
    /// A partner app.
    Client(ClientId),
}

impl LogOwner {
    /// The owner's id in the rows of the log: the nil id for the platform.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Platform => Uuid::nil(),
            Self::Practice(id) => id.uuid(),
            Self::Council(id) => id.uuid(),
            Self::Client(id) => id.uuid(),
        }
    }

    /// The practice, if it is a practice's log.
    pub const fn practice(self) -> Option<PracticeId> {
        match self {
            Self::Practice(id) => Some(id),
            Self::Platform | Self::Council(_) | Self::Client(_) => None,
        }
    }

    /// The council, if it is a council's log.
    pub const fn council(self) -> Option<CouncilId> {
        match self {
            Self::Council(id) => Some(id),
            Self::Platform | Self::Practice(_) | Self::Client(_) => None,
        }
    }

    /// The chain for everything that is not about complaints.
    pub const fn chain(self) -> Chain {
        match self {
            Self::Practice(_) => Chain::Practice,
            Self::Platform | Self::Council(_) | Self::Client(_) => Chain::Platform,
        }
    }
}

/// The log that a kind of event goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// A practice's own.
    Practice,
    /// A council's own.
    Council,
    /// The platform's.
    Platform,
    /// That of the practice where it is done, or the platform's.
    PracticeOrPlatform,
    /// That of the practice or of the council where it is done.
    PracticeOrCouncil,
    /// The chain of complaints, of the practice or council that holds the complaint or of the app through which it came.
    Complaints,
    /// None: the row of the event that caused it says who did it.
    Nothing,
}

impl Log {
    /// How the documentation calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Practice => "the practice's",
            Self::Council => "the council's",
            Self::Platform => "the platform's",
            Self::PracticeOrPlatform => "the practice's or the platform's",
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
            Self::PracticeOrCouncil => matches!(owner, LogOwner::Practice(_) | LogOwner::Council(_)),
            Self::Complaints => !matches!(owner, LogOwner::Platform),
            Self::Nothing => true,
        }
    }

    /// The chain that such an event is sealed into in this owner's log; none for what has no row.
    pub const fn chain(self, owner: LogOwner) -> Option<Chain> {
        match self {
            Self::Nothing => None,
            Self::Complaints => Some(Chain::Complaints),
            _ => Some(owner.chain()),
        }
    }
}
