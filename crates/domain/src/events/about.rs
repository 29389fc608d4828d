//! The subjects that an event can be about: an identifier, and the person whose record the audit log names with it.

use uuid::Uuid;

use super::log::LogOwner;
use crate::ids::{
    AccountId, AssignmentId, BankHolidayId, BreakGlassId, CaseId, ClientId, ComplaintId, ContractId, CouncilId,
    CouncilRequestId, CountersignatureId, DocumentId, ErasureRequestId, GuestId, IdentityId, InstructionId, InterestId,
    InvitationId, LearningId, MessageId, NoteId, NoticeId, OfficerId, PracticeId, ReferralId, RelationshipId,
    ReorganisationId, SafeguardingAlertId, ServiceUserId, SessionId, StaffId, TeamId, WarningNoteId,
};
use crate::people::about::AboutPerson;

/// A subject that an event is about.
pub trait About: Copy {
    /// Returns the subject's identifier in the row.
    fn id(self) -> Uuid;

    /// Returns the person whose record the subject is, or is part of.
    fn person(self) -> Option<ServiceUserId> {
        None
    }
}

/// A subject that an event is about, or the lack of one.
pub trait PerhapsAbout: Copy {
    /// Returns the subject's identifier, if there is a subject.
    fn perhaps_id(self) -> Option<Uuid>;

    /// Returns the person whose record the subject is, or is part of, if there is a subject.
    fn perhaps_person(self) -> Option<ServiceUserId>;
}

impl<T: About> PerhapsAbout for T {
    fn perhaps_id(self) -> Option<Uuid> {
        Some(self.id())
    }

    fn perhaps_person(self) -> Option<ServiceUserId> {
        self.person()
    }
}

impl<T: About> PerhapsAbout for Option<T> {
    fn perhaps_id(self) -> Option<Uuid> {
        self.map(About::id)
    }

    fn perhaps_person(self) -> Option<ServiceUserId> {
        self.and_then(About::person)
    }
}

macro_rules! ids {
    ($($id:ident),+ $(,)?) => {$(
        impl About for $id {
            fn id(self) -> Uuid {
                self.into()
            }
        }
    )+};
}

ids!(
    AccountId,
    AssignmentId,
    BankHolidayId,
    BreakGlassId,
    CaseId,
    ClientId,
    ComplaintId,
    ContractId,
    CouncilId,
    CouncilRequestId,
    CountersignatureId,
    DocumentId,
    ErasureRequestId,
    GuestId,
    IdentityId,
    InstructionId,
    InterestId,
    InvitationId,
    LearningId,
    MessageId,
    NoteId,
    NoticeId,
    OfficerId,
    PracticeId,
    ReferralId,
    RelationshipId,
    ReorganisationId,
    SafeguardingAlertId,
    SessionId,
    StaffId,
    Uuid,
    WarningNoteId,
);

impl About for ServiceUserId {
    fn id(self) -> Uuid {
        self.uuid()
    }

    fn person(self) -> Option<ServiceUserId> {
        Some(self)
    }
}

impl About for LogOwner {
    fn id(self) -> Uuid {
        self.uuid()
    }
}

/// A case and its person, which every row about a case carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseKey {
    /// The identifier of the case.
    pub case: CaseId,
    /// The person whose case it is.
    pub person: ServiceUserId,
    /// Whether the person is access-restricted: their record is restricted, or somebody is excluded from it.
    pub access_restricted: bool,
    /// The team that works with the person.
    pub team: TeamId,
}

impl From<CaseKey> for AboutPerson {
    fn from(key: CaseKey) -> Self {
        Self { service_user_id: key.person, access_restricted: key.access_restricted, team_id: key.team }
    }
}

impl About for CaseKey {
    fn id(self) -> Uuid {
        self.case.uuid()
    }

    fn person(self) -> Option<ServiceUserId> {
        Some(self.person)
    }
}

/// A referral, by the identifier under which the owner of the log knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferralOf {
    /// The council's own identifier: that of its request.
    Council(CouncilRequestId),
    /// The practice's own identifier: that of one routing of the request.
    Practice(ReferralId),
}

impl About for ReferralOf {
    fn id(self) -> Uuid {
        match self {
            Self::Council(id) => id.id(),
            Self::Practice(id) => id.id(),
        }
    }
}

/// An account, by the identifier under which the owner of the log knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountOf {
    /// The member of staff whose account it is, at a practice.
    Practice(StaffId),
    /// The officer whose account it is, at a council.
    Council(OfficerId),
    /// The guest whose account it is, at a council's complaints.
    Complaints(GuestId),
    /// The account's own identifier, on the platform.
    Platform(AccountId),
}

impl About for AccountOf {
    fn id(self) -> Uuid {
        match self {
            Self::Practice(id) => id.id(),
            Self::Council(id) => id.id(),
            Self::Complaints(id) => id.id(),
            Self::Platform(id) => id.id(),
        }
    }
}
