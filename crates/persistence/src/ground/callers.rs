//! Callers as they are now: for whom a scope is opened, and what an audit row records about them.

use std::net::IpAddr;

use almoner_domain::access::address_range::AddressRange;
use almoner_domain::events::{Door, LogOwner};
use almoner_domain::ids::{
    AccountId, AssignmentId, ClientId, CouncilId, GuestId, OfficerId, PracticeId, SessionId, StaffId,
};
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::registration::LookUp;
use almoner_domain::staff::roles::Role;
use almoner_domain::words::gss_code::GssCode;
use almoner_domain::words::slug::Slug;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::scope::CouncilScope;
use crate::ground::transaction::setting;

/// The request for which a scope is opened. Every audit row names it.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The identifier of the request.
    pub id: Uuid,
    /// The address from which the request came. `None` for the program's own work.
    pub from: Option<IpAddr>,
    /// The identifier that its path names first, if it names one.
    pub named: Option<Uuid>,
}

impl Request {
    /// A request for the program's own work.
    pub fn of_our_own(id: Uuid) -> Self {
        Self { id, from: None, named: None }
    }
}

/// The session in an access token. Only the scope finds out whether it is still valid.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// The account that signed in.
    pub account: AccountId,
    /// The identifier of the session.
    pub session: SessionId,
}

/// The identifiers in a client's token. Only the scope finds out whether it is still valid.
#[derive(Clone, Copy, Debug)]
pub struct ClientToken {
    /// The client to which the token was issued.
    pub client: ClientId,
    /// The identifier of the token.
    pub jti: Uuid,
    /// The generation of the client's tokens in which it was issued.
    pub generation: i32,
}

impl Session {
    pub(crate) fn settings(self) -> [String; 1] {
        [setting("app.account", self.account.uuid())]
    }
}

/// A member of staff as they are now.
#[derive(Clone, Debug)]
pub struct StaffMember {
    /// The practice of the member of staff.
    pub practice_id: PracticeId,
    /// The identifier of their membership.
    pub staff_id: StaffId,
    /// The name of the member of staff.
    pub name: String,
    /// The roles that work for the member of staff, the power of an acting manager among them.
    pub roles: Vec<Role>,
    /// Those for whom the member of staff stands in, if they manage only because they act as a manager.
    pub(crate) stands_in_for: Vec<StaffId>,
    /// When they last proved their second factor in this session.
    pub authenticated_at: DateTime<Utc>,
    /// What is known of the member of staff from the register of social workers.
    pub(crate) registration: LookUp,
    pub(crate) open_people: Vec<Uuid>,
    pub(crate) excluded_from: Vec<Uuid>,
}

/// A membership in a practice.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The identifier of the practice.
    pub practice_id: PracticeId,
    /// Its name in URLs.
    pub slug: Slug,
    /// The practice's name.
    pub name: String,
    /// The identifier of the membership.
    pub staff_id: StaffId,
}

/// A place as an officer of a council.
#[derive(Clone, Debug)]
pub struct Office {
    /// The identifier of the council.
    pub council_id: CouncilId,
    /// Its code in the register of the Office for National Statistics.
    pub gss_code: GssCode,
    /// The council's name.
    pub name: String,
    /// The identifier of the officer.
    pub officer_id: OfficerId,
}

/// A place at the complaints' door of a council.
#[derive(Clone, Debug)]
pub struct ComplaintsPlace {
    /// The identifier of the council.
    pub council_id: CouncilId,
    /// Its code in the register of the Office for National Statistics.
    pub gss_code: GssCode,
    /// The council's name.
    pub name: String,
    /// As whom the person comes in.
    pub person: ComplaintsPerson,
}

/// Somebody who works on complaints of a council.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComplaintsPerson {
    /// An officer of the council.
    Officer(OfficerId),
    /// A guest, whom an officer let in.
    Guest(GuestId),
}

impl ComplaintsPerson {
    /// The identifier of the officer or the guest.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Officer(id) => id.uuid(),
            Self::Guest(id) => id.uuid(),
        }
    }

    /// The officer, if it is one.
    pub fn officer(self) -> Option<OfficerId> {
        match self {
            Self::Officer(id) => Some(id),
            Self::Guest(_) => None,
        }
    }

    /// The guest, if it is one.
    pub fn guest(self) -> Option<GuestId> {
        match self {
            Self::Guest(id) => Some(id),
            Self::Officer(_) => None,
        }
    }
}

/// What a session is for.
#[derive(Clone, Debug)]
pub enum Place {
    /// The operator's door.
    Service,
    /// One practice, as a member of its staff.
    Practice(Membership),
    /// One council, as an officer of it.
    Council(Office),
    /// The complaints of one council, as an officer or a guest.
    Complaints(ComplaintsPlace),
}

/// The kind of a [`Place`], which the door decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// The operator's door.
    Service,
    /// The practice's door.
    Practice,
    /// The council's door.
    Council,
    /// The complaints' door.
    Complaints,
}

impl Place {
    /// Which door the place is at.
    pub fn kind(&self) -> PlaceKind {
        self.seat().map_or(PlaceKind::Service, Seat::kind)
    }

    /// The identifiers of the place. `None` at the operator's door.
    pub fn seat(&self) -> Option<Seat> {
        match self {
            Self::Service => None,
            Self::Practice(held) => Some(Seat::Staff(held.practice_id, held.staff_id)),
            Self::Council(held) => Some(Seat::Officer(held.council_id, held.officer_id)),
            Self::Complaints(held) => Some(Seat::Complaints(held.council_id, held.person)),
        }
    }

    /// The membership in a practice, if the place is one.
    pub fn membership(&self) -> Option<&Membership> {
        match self {
            Self::Practice(held) => Some(held),
            Self::Service | Self::Council(_) | Self::Complaints(_) => None,
        }
    }

    /// The office at a council, if the place is one.
    pub fn office(&self) -> Option<&Office> {
        match self {
            Self::Council(held) => Some(held),
            Self::Service | Self::Practice(_) | Self::Complaints(_) => None,
        }
    }

    /// The place at the complaints' door, if it is one.
    pub fn complaints(&self) -> Option<&ComplaintsPlace> {
        match self {
            Self::Complaints(held) => Some(held),
            Self::Service | Self::Practice(_) | Self::Council(_) => None,
        }
    }
}

/// As whom an account acts: the identifiers of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// A member of a practice's staff.
    Staff(PracticeId, StaffId),
    /// An officer of a council.
    Officer(CouncilId, OfficerId),
    /// Somebody who works on complaints of a council, at their own door.
    Complaints(CouncilId, ComplaintsPerson),
}

/// The columns in which a seat is stored: a practice and a member of its staff; or a council, an officer or a guest of it, and whether
/// the seat is at the complaints' door; or nothing.
pub(crate) type SeatColumns =
    ((Option<PracticeId>, Option<StaffId>), (Option<CouncilId>, Option<OfficerId>, Option<GuestId>, bool));

impl Seat {
    /// Reads a seat, if there is one.
    pub(crate) fn of((staff, officer): SeatColumns) -> Option<Self> {
        match (staff, officer) {
            ((Some(practice), Some(member)), _) => Some(Self::Staff(practice, member)),
            (_, (Some(council), Some(officer), None, false)) => Some(Self::Officer(council, officer)),
            (_, (Some(council), Some(officer), None, true)) => {
                Some(Self::Complaints(council, ComplaintsPerson::Officer(officer)))
            }
            (_, (Some(council), None, Some(guest), _)) => {
                Some(Self::Complaints(council, ComplaintsPerson::Guest(guest)))
            }
            _ => None,
        }
    }
}

/// A practice or a council, which owns a provider that vouches for people there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenant {
    /// A practice.
    Practice(PracticeId),
    /// A council.
    Council(CouncilId),
}

impl Tenant {
    /// The identifier of the tenant.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Practice(id) => id.uuid(),
            Self::Council(id) => id.uuid(),
        }
    }

    /// The setting by which the row policies know the tenant.
    pub(crate) fn setting(self) -> String {
        match self {
            Self::Practice(id) => setting("app.practice", id.uuid()),
            Self::Council(id) => setting("app.council", id.uuid()),
        }
    }

    /// The log of the tenant, and its door.
    pub(crate) fn log(self) -> (LogOwner, Door) {
        match self {
            Self::Practice(id) => (LogOwner::Practice(id), Door::Practice),
            Self::Council(id) => (LogOwner::Council(id), Door::Council),
        }
    }
}

impl Seat {
    /// Where the place is.
    pub fn tenant(self) -> Tenant {
        match self {
            Self::Staff(practice, _) => Tenant::Practice(practice),
            Self::Officer(council, _) | Self::Complaints(council, _) => Tenant::Council(council),
        }
    }

    /// Which door the place is at.
    pub fn kind(self) -> PlaceKind {
        match self {
            Self::Staff(..) => PlaceKind::Practice,
            Self::Officer(..) => PlaceKind::Council,
            Self::Complaints(..) => PlaceKind::Complaints,
        }
    }

    /// The columns in which the seat is stored.
    pub(crate) fn columns(self) -> SeatColumns {
        let at_a_council =
            |council, officer, guest, for_complaints| ((None, None), (Some(council), officer, guest, for_complaints));
        match self {
            Self::Staff(practice, member) => ((Some(practice), Some(member)), (None, None, None, false)),
            Self::Officer(council, officer) => at_a_council(council, Some(officer), None, false),
            Self::Complaints(council, person) => at_a_council(council, person.officer(), person.guest(), true),
        }
    }
}

/// A caller at the council's door: one of its systems, or one of its officers.
#[derive(Clone, Debug)]
pub enum CouncilCaller {
    /// A system of the council's.
    System(Client),
    /// An officer of the council.
    Officer(Officer),
}

/// An officer as they are now.
#[derive(Clone, Debug)]
pub struct Officer {
    /// The identifier of the officer.
    pub officer_id: OfficerId,
    /// The roles that work for the officer.
    pub roles: Vec<OfficerRole>,
    /// When they last proved their second factor in this session.
    pub authenticated_at: DateTime<Utc>,
    /// Whether the council's provider vouches for them, and nothing else does.
    pub by_provider: bool,
    /// The account of the officer.
    pub(crate) account: AccountId,
}

/// Somebody at the complaints' door as they are now.
#[derive(Clone, Debug)]
pub struct ComplaintsWorker {
    /// The officer or the guest.
    pub person: ComplaintsPerson,
    /// The name of the officer or the guest.
    pub name: String,
    /// The roles in complaints that work for an officer. A guest has none.
    pub roles: Vec<OfficerRole>,
    /// When they last proved their second factor in this session.
    pub authenticated_at: DateTime<Utc>,
    /// The account of the officer or the guest.
    pub(crate) account: AccountId,
    /// The assignments by which a part of a complaint is shown to them.
    pub(crate) shown: Vec<AssignmentId>,
}

/// An OAuth 2.0 client as it is now.
#[derive(Clone, Debug)]
pub struct Client {
    /// The identifier of the client.
    pub client_id: ClientId,
    /// The council whose system the client is. `None` for a partner app.
    pub council_id: Option<CouncilId>,
    /// The client's scopes.
    pub scopes: Vec<String>,
    /// The address ranges from which the client may call. Empty if it may call from anywhere.
    pub allowed_addresses: Vec<AddressRange>,
    /// The generation of the client's tokens. Tokens of earlier generations are refused.
    pub token_generation: i32,
}

impl Client {
    /// Whether the client may call from this address. A client that is bound to addresses may not call from an unknown one.
    pub fn may_come_from(&self, address: Option<IpAddr>) -> bool {
        self.allowed_addresses.is_empty()
            || address.is_some_and(|address| self.allowed_addresses.iter().any(|range| range.contains(address)))
    }
}

/// The parts of an audit row that describe the caller at that moment, besides their identifier.
#[derive(Default)]
pub(crate) struct CallerThen {
    pub(crate) roles: Vec<String>,
    pub(crate) client: Option<Uuid>,
    pub(crate) session: Option<Uuid>,
}

impl CouncilScope<'_> {
    /// The client, for narrowing its scopes to those of its token. `None` for an officer.
    pub fn client_mut(&mut self) -> Option<&mut Client> {
        match &mut self.caller {
            CouncilCaller::System(client) => Some(client),
            CouncilCaller::Officer(_) => None,
        }
    }

    /// The caller: a system or an officer.
    pub fn caller(&self) -> &CouncilCaller {
        &self.caller
    }

    /// The identifier of the caller: the client's or the officer's.
    pub(crate) fn caller_id(&self) -> Uuid {
        match &self.caller {
            CouncilCaller::System(client) => client.client_id.uuid(),
            CouncilCaller::Officer(officer) => officer.officer_id.uuid(),
        }
    }

    /// The system that calls. An officer is none.
    pub(crate) fn system(&self) -> Result<&Client, StoreError> {
        match &self.caller {
            CouncilCaller::System(client) => Ok(client),
            CouncilCaller::Officer(_) => Err(StoreError::NotAuthenticated),
        }
    }

    /// The officer who calls, with their account. A system is no officer: it is not authenticated for what an officer does.
    pub(crate) fn officer(&self) -> Result<(OfficerId, AccountId), StoreError> {
        match &self.caller {
            CouncilCaller::Officer(officer) => Ok((officer.officer_id, officer.account)),
            CouncilCaller::System(_) => Err(StoreError::NotAuthenticated),
        }
    }

    /// The council.
    pub fn council_id(&self) -> CouncilId {
        self.council_id
    }
}
