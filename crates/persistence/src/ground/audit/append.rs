//! The audit log: a row for everything that is done, read or refused, in the transaction that does it.

use almoner_domain::ids::ServiceUserId;
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::schema::audit_events;
use crate::ground::scope::Scope;
use crate::ground::sealing::Place;

/// Which hash chain an audit row will be sealed into. Complaints have their own, so that the length of a practice's chain
/// says nothing about them.
#[derive(Clone, Copy)]
pub(crate) enum Chain {
    Practice,
    Complaints,
    Platform,
}

/// Where the reason of an audit row is sealed.
pub(crate) fn reason_place(owner: Uuid, event: Uuid) -> Place {
    Place { owner, table: "audit_events", column: "reason", row: event }
}

impl Chain {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Practice => "practice",
            Self::Complaints => "complaints",
            Self::Platform => "platform",
        }
    }
}

/// What an audit row says besides who, when and from where, which the scope knows.
struct Entry<'e> {
    chain: Chain,
    action: &'static str,
    subject: Option<Uuid>,
    about: Option<ServiceUserId>,
    reason: Option<&'e str>,
    outcome: &'static str,
}

impl Scope<'_> {
    /// Appends to the audit log of whoever this scope acts for. Ids, never content.
    pub(crate) fn audit(
        &mut self,
        chain: Chain,
        action: &'static str,
        subject: Uuid,
        about: Option<ServiceUserId>,
    ) -> Result<(), StoreError> {
        let log = self.log;
        self.audit_in(log, chain, action, subject, about)
    }

    /// Appends to somebody else's audit log: a practice's, of what a council or a partner app did there.
    pub(crate) fn audit_in(
        &mut self,
        log: Uuid,
        chain: Chain,
        action: &'static str,
        subject: Uuid,
        about: Option<ServiceUserId>,
    ) -> Result<(), StoreError> {
        self.append(log, &Entry { chain, action, subject: Some(subject), about, reason: None, outcome: "done" })
    }

    /// Appends what was done for a reason that was asked for. The reason is sealed under the owner's root key.
    pub(crate) fn audit_because(
        &mut self,
        chain: Chain,
        action: &'static str,
        subject: Uuid,
        about: Option<ServiceUserId>,
        reason: &str,
    ) -> Result<(), StoreError> {
        let log = self.log;
        self.append(log, &Entry { chain, action, subject: Some(subject), about, reason: Some(reason), outcome: "done" })
    }

    /// Appends that the caller was refused: what they were to do (the word of its permission), to which thing, about whom.
    /// What concerns complaints goes to their own chain, whether or not there is one.
    pub fn record_refusal(
        &mut self,
        of_complaints: bool,
        action: &'static str,
        subject: Option<Uuid>,
        about: Option<ServiceUserId>,
    ) -> Result<(), StoreError> {
        let chain = match self.door {
            _ if of_complaints => Chain::Complaints,
            "practice" => Chain::Practice,
            _ => Chain::Platform,
        };
        let log = self.log;
        self.append(log, &Entry { chain, action, subject, about, reason: None, outcome: "refused" })
    }

    fn append(&mut self, log: Uuid, entry: &Entry<'_>) -> Result<(), StoreError> {
        let id: Uuid = self.next_id();
        let reason = match entry.reason {
            Some(reason) => Some(self.root_key(log)?.seal(reason_place(log, id), reason)?),
            None => None,
        };
        diesel::insert_into(audit_events::table)
            .values((
                audit_events::owner_id.eq(log),
                audit_events::event_id.eq(id),
                audit_events::chain.eq(entry.chain.as_str()),
                audit_events::at.eq(self.at()),
                audit_events::door.eq(self.door),
                audit_events::actor_id.eq(self.actor),
                audit_events::action.eq(entry.action),
                audit_events::subject_id.eq(entry.subject),
                audit_events::service_user_id.eq(entry.about.map(ServiceUserId::uuid)),
                audit_events::request_id.eq(self.request.id),
                audit_events::roles.eq(&self.caller.roles),
                audit_events::client_id.eq(self.caller.client),
                audit_events::session_id.eq(self.caller.session),
                audit_events::reason.eq(reason),
                audit_events::from_address.eq(self.request.from.map(|from| from.to_string())),
                audit_events::outcome.eq(entry.outcome),
            ))
            .execute(self.conn)?;
        Ok(())
    }
}
