//! What every change leaves behind, in its own transaction: a row of the audit log and, where others need to know, a row of
//! the outbox.

use almoner_domain::ids::{CaseId, EventId, ServiceUserId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::StoreError;
use crate::schema::{audit_events, cases, jobs, outbox};
use crate::scope::Scope;
use crate::sealing::Place;

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

    /// Whom a case of the practice is about, open to the caller or not: for the record of a refusal, which is closed to whoever
    /// the person is closed to.
    pub fn person_of(&mut self, case: CaseId) -> Result<Option<ServiceUserId>, StoreError> {
        self.as_role("almoner_intake", |scope| {
            Ok(cases::table
                .filter(cases::practice_id.eq(scope.log).and(cases::case_id.eq(case)))
                .select(cases::service_user_id)
                .first(scope.conn)
                .optional()?)
        })
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

    /// Puts an event into the outbox of whoever this scope acts for, for a recipient's feed.
    pub(crate) fn announce(&mut self, recipient: Uuid, kind: &'static str, subject: Uuid) -> Result<(), StoreError> {
        let owner = self.log;
        self.announce_from(owner, recipient, kind, subject)
    }

    /// Puts an event into somebody else's outbox: a holder's, of a complaint that arrived there.
    pub(crate) fn announce_from(
        &mut self,
        owner: Uuid,
        recipient: Uuid,
        kind: &'static str,
        subject: Uuid,
    ) -> Result<(), StoreError> {
        diesel::insert_into(outbox::table)
            .values((
                outbox::owner_id.eq(owner),
                outbox::event_id.eq(self.next_id::<EventId>().uuid()),
                outbox::recipient_id.eq(recipient),
                outbox::kind.eq(kind),
                outbox::subject_id.eq(subject),
                outbox::at.eq(self.at()),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Leaves something for the worker to do for a practice when it is due.
    pub(crate) fn schedule(
        &mut self,
        practice: Uuid,
        kind: &'static str,
        subject: Uuid,
        due_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        diesel::insert_into(jobs::table)
            .values((
                jobs::owner_id.eq(practice),
                jobs::job_id.eq(self.next_id::<Uuid>()),
                jobs::kind.eq(kind),
                jobs::subject_id.eq(subject),
                jobs::due_at.eq(due_at),
            ))
            .execute(self.conn)?;
        Ok(())
    }
}
