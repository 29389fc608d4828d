//! Who calls, as of now: what a scope is for, and what an audit row says of them.

use std::net::IpAddr;

use almoner_domain::access::address_range::AddressRange;
use almoner_domain::ids::{AccountId, ClientId, CouncilId, PracticeId, SessionId, StaffId};
use almoner_domain::staff::registration::Registration;
use almoner_domain::staff::roles::Role;
use almoner_domain::words::slug::Slug;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::ground::transaction::setting;

/// The request that a scope is for: it stands in every audit row.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Its identifier.
    pub id: Uuid,
    /// The address that it came from; none for what this program does by itself.
    pub from: Option<IpAddr>,
}

impl Request {
    /// Something that this program does by itself.
    pub fn of_our_own(id: Uuid) -> Self {
        Self { id, from: None }
    }
}

/// Who is signed in, as their token says; whether it still holds is for the scope to find.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// The account.
    pub account: AccountId,
    /// The sign-in.
    pub session: SessionId,
}

/// A client's token, as it says of itself; whether it still holds is for the scope to find.
#[derive(Clone, Copy, Debug)]
pub struct ClientToken {
    /// Whose it is.
    pub client: ClientId,
    /// Which it is.
    pub jti: Uuid,
}

impl Session {
    pub(crate) fn settings(self) -> [String; 1] {
        [setting("app.account", self.account.uuid())]
    }
}

/// A member of staff as of now.
#[derive(Clone, Debug)]
pub struct StaffMember {
    /// Their practice.
    pub practice_id: PracticeId,
    /// Their membership.
    pub staff_id: StaffId,
    /// Their name.
    pub name: String,
    /// Their roles.
    pub roles: Vec<Role>,
    /// When they last proved their second factor in this session.
    pub authenticated_at: DateTime<Utc>,
    /// What the register of social workers was found to say of them, if somebody looked.
    pub(crate) registration: Option<Registration>,
    pub(crate) open_teams: Vec<Uuid>,
    pub(crate) open_people: Vec<Uuid>,
    pub(crate) open_complaints: Vec<Uuid>,
    pub(crate) excluded_from: Vec<Uuid>,
}

/// A membership in a practice.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The practice.
    pub practice_id: PracticeId,
    /// Its name in URLs.
    pub slug: Slug,
    /// The practice's name.
    pub name: String,
    /// The membership.
    pub staff_id: StaffId,
}

/// An OAuth 2.0 client as of now.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its identifier.
    pub client_id: ClientId,
    /// The council whose system it is; none for a partner app.
    pub council_id: Option<CouncilId>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// From where it may come; from anywhere, if there are none.
    pub allowed_addresses: Vec<AddressRange>,
}

impl Client {
    /// Whether it may come from this address; where it is bound to some, not from an unknown one.
    pub fn may_come_from(&self, address: Option<IpAddr>) -> bool {
        self.allowed_addresses.is_empty()
            || address.is_some_and(|address| self.allowed_addresses.iter().any(|range| range.contains(address)))
    }
}

/// What an audit row says of the caller besides who they are: as it was at that moment.
#[derive(Default)]
pub(crate) struct CallerThen {
    pub(crate) roles: Vec<String>,
    pub(crate) client: Option<Uuid>,
    pub(crate) session: Option<Uuid>,
}
