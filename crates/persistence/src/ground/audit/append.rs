//! The rows of the audit log, appended in the transaction that reads, changes or refuses something.

use almoner_domain::events::{Chain, Entry, LogOwner, Outcome};
use almoner_domain::ids::ServiceUserId;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::pending::AuditRow;
use crate::ground::scope::Scope;
use crate::ground::sealing::SealedField;

/// The field under which the reason of an audit row is sealed.
pub(crate) fn reason_field(owner: Uuid, event: Uuid) -> SealedField {
    SealedField { owner, table: "audit_events", column: "reason", row: event }
}

/// The part of an audit row that the scope does not know: it knows the caller, the time and the address.
struct AppendRow<'r> {
    chain: Chain,
    action: &'static str,
    subject: Option<Uuid>,
    person: Option<ServiceUserId>,
    reason: Option<&'r str>,
    outcome: Outcome,
}

impl Scope<'_> {
    /// Appends that the caller was refused. `action` is the word of the required permission, or of an
    /// [`Attempt`](almoner_domain::events::Attempt) that needs none.
    pub fn record_refusal(
        &mut self,
        action: &'static str,
        subject: Option<Uuid>,
        person: Option<ServiceUserId>,
    ) -> Result<(), StoreError> {
        let chain = self.log.chain();
        let refused = AppendRow { chain, action, subject, person, reason: None, outcome: Outcome::Refused };
        self.append(self.log, &refused)
    }

    /// Appends an event, with the reason if one was required. The reason is sealed under the owner's root key.
    pub(in crate::ground) fn append_entry(
        &mut self,
        owner: LogOwner,
        entry: &Entry,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let Entry { chain, kind, subject, person } = *entry;
        let done =
            AppendRow { chain, action: kind.as_str(), subject: Some(subject), person, reason, outcome: Outcome::Done };
        self.append(owner, &done)
    }

    fn append(&mut self, owner: LogOwner, row: &AppendRow<'_>) -> Result<(), StoreError> {
        let door = self.door.ok_or_else(|| StoreError::unreadable("nobody has come in by a door yet"))?;
        let (owner, id): (Uuid, Uuid) = (owner.uuid(), self.next_id());
        let reason = match row.reason {
            Some(reason) => Some(self.root_key(owner)?.seal(reason_field(owner, id), reason)?),
            None => None,
        };
        let row = AuditRow {
            owner_id: owner,
            event_id: id,
            chain: row.chain,
            at: self.at(),
            door,
            actor_id: self.actor,
            roles: self.caller.roles.clone(),
            client_id: self.caller.client,
            session_id: self.caller.session,
            from_address: self.request.from.map(|from| from.to_string()),
            action: row.action,
            subject_id: row.subject,
            service_user_id: row.person.map(ServiceUserId::uuid),
            request_id: self.request.id,
            reason,
            outcome: row.outcome,
        };
        self.pending.audit.push(row);
        Ok(())
    }
}
