//! Scopes: one request, one transaction, one scope. A function that takes `&mut PracticeScope` cannot be called from
//! another door, and there is no query without a scope.
//!
//! ```compile_fail,E0616
//! // The connection of a scope is this crate's own: no other crate can send it a statement.
//! fn steal(scope: &mut almoner_persistence::PracticeScope<'_>) {
//!     let _ = scope.conn;
//! }
//! ```
//!
//! ```compile_fail,E0308
//! // A practice's rows cannot be read from a council's scope.
//! fn cross(scope: &mut almoner_persistence::CouncilScope<'_>, id: almoner_domain::ids::CaseId) {
//!     let _ = almoner_persistence::cases::find(scope, id);
//! }
//! ```
//!
//! ```compile_fail,E0451
//! // A scope is made by the store alone.
//! fn forge(scope: almoner_persistence::Scope<'_>) {
//!     let _ = almoner_persistence::PublicScope { scope };
//! }
//! ```

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use almoner_domain::events::{Door, LogOwner};
use almoner_domain::ids::{
    AccountId, ComplaintId, CouncilId, OfficerId, PracticeId, ServiceUserId, SessionId, StaffId,
};
use almoner_domain::words::calendar::london_date;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::callers::{
    CallerThen, Client, ComplaintsWorker, CouncilCaller, Membership, Place, Request, StaffMember, Tenant,
};
use crate::ground::error::StoreError;
use crate::ground::pending::Pending;
use crate::ground::sealing::{Key, MasterKeys};
use crate::ground::transaction::{Store, opening, setting};

/// The parts that every scope has: a transaction in one role, the time, and the keys that it has opened.
pub struct Scope<'s> {
    pub(crate) conn: &'s mut PgConnection,
    pub(in crate::ground) store: &'s Store,
    pub(in crate::ground) role: &'static str,
    pub(in crate::ground) at: DateTime<Utc>,
    pub(in crate::ground) keys: HashMap<(Uuid, Uuid), Key>,
    pub(in crate::ground) pending: &'s mut Pending,
    pub(crate) request: Request,
    pub(crate) log: LogOwner,
    pub(crate) actor: Option<Uuid>,
    pub(crate) door: Option<Door>,
    pub(crate) caller: CallerThen,
}

impl<'s> Scope<'s> {
    pub(in crate::ground) fn new(
        conn: &'s mut PgConnection,
        pending: &'s mut Pending,
        store: &'s Store,
        role: &'static str,
        request: Request,
    ) -> Self {
        let at = store.clock().now();
        Self {
            conn,
            store,
            role,
            at,
            keys: HashMap::new(),
            pending,
            request,
            log: LogOwner::Platform,
            actor: None,
            door: None,
            caller: CallerThen::default(),
        }
    }

    /// The time of this request, which is the same throughout.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The date of this request in London.
    pub fn today(&self) -> NaiveDate {
        london_date(self.at)
    }

    /// The master keys, which wrap every root key.
    pub(crate) fn master_keys(&self) -> &'s MasterKeys {
        self.store.master_keys()
    }

    /// Makes a new identifier.
    pub(crate) fn next_id<Id: From<Uuid>>(&self) -> Id {
        self.store.next_id(self.at)
    }

    /// Sets the log to which this scope writes, the caller, and the door.
    pub(crate) fn acts(&mut self, log: LogOwner, actor: Option<Uuid>, door: Door) {
        self.log = log;
        self.actor = actor;
        self.door = Some(door);
    }

    /// Sets the caller's roles, client and session for the audit log.
    pub(crate) fn acts_as(&mut self, caller: CallerThen) {
        self.caller = caller;
    }

    /// Changes the role for the rest of the transaction.
    pub(crate) fn become_role(&mut self, role: &'static str, settings: &[String]) -> Result<(), StoreError> {
        self.write_pending()?;
        self.conn.batch_execute(&opening(role, settings)).map_err(StoreError::of_the_role)?;
        self.role = role;
        Ok(())
    }

    /// Says that a function of the database has changed the role for the rest of the transaction.
    pub(crate) fn entered(&mut self, role: &'static str) {
        self.role = role;
    }

    /// Writes the rows that tell of what was done so far, in the role and with the settings in which it was done.
    fn write_pending(&mut self) -> Result<(), StoreError> {
        Ok(self.pending.write(self.conn)?)
    }

    pub(crate) fn execute(&mut self, statements: &[String]) -> Result<(), StoreError> {
        self.write_pending()?;
        Ok(self.conn.batch_execute(&statements.join("; "))?)
    }

    /// Runs `f` as the identity role, which knows who may see which record. Afterwards the scope has its own role again.
    pub(crate) fn as_identity<R>(
        &mut self,
        f: impl FnOnce(&mut Self) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        self.as_role("almoner_identity", f)
    }

    /// Runs `f` in another role with the settings unchanged. Afterwards the scope has its own role again.
    pub(crate) fn as_role<R>(
        &mut self,
        other: &'static str,
        f: impl FnOnce(&mut Self) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let role = self.role;
        self.become_role(other, &[])?;
        let result = f(self)?;
        self.become_role(role, &[])?;
        Ok(result)
    }

    /// Runs `f` in a practice's intake, which puts arriving referrals and complaints where they belong and reads no record.
    /// Afterwards the scope has its own role again.
    pub(crate) fn at_intake<R>(
        &mut self,
        practice: PracticeId,
        f: impl FnOnce(&mut Intake<'_, 's>) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let role = self.role;
        self.become_role("almoner_intake", &[setting("app.practice", practice.uuid())])?;
        let result = f(&mut Intake { scope: self, practice })?;
        self.become_role(role, &["SET LOCAL app.practice = ''".to_owned()])?;
        Ok(result)
    }

    /// Runs `f` as the intake, with these settings. Afterwards the scope has its own role again, and the settings of its own tenant.
    pub(crate) fn at_intake_with<R>(
        &mut self,
        own: Option<Tenant>,
        settings: &[String],
        f: impl FnOnce(&mut Self) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let role = self.role;
        let mut restored = vec!["SET LOCAL app.practice = ''".to_owned(), "SET LOCAL app.council = ''".to_owned()];
        restored.extend(own.map(Tenant::setting));
        self.become_role("almoner_intake", settings)?;
        let result = f(self)?;
        self.become_role(role, &restored)?;
        Ok(result)
    }

    /// Runs `f` in the role that reads the record of one person at one practice, which an officer opened for looking into a complaint.
    /// Afterwards the scope has its own role again.
    pub(crate) fn at_record<R>(
        &mut self,
        practice: PracticeId,
        person: ServiceUserId,
        f: impl FnOnce(&mut Self) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let role = self.role;
        let settings = [setting("app.practice", practice.uuid()), setting("app.recorded", person.uuid())];
        self.become_role("almoner_record", &settings)?;
        let result = f(self)?;
        let restored = ["app.practice", "app.recorded"].map(|name| format!("SET LOCAL {name} = ''"));
        self.become_role(role, &restored)?;
        Ok(result)
    }

    /// Runs `f` as the intake, which may compare what this council sent to whichever practice. Afterwards the scope has its own
    /// role again.
    pub(crate) fn at_intake_of<R>(
        &mut self,
        council: CouncilId,
        f: impl FnOnce(&mut Self) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let role = self.role;
        self.become_role("almoner_intake", &[setting("app.council", council.uuid())])?;
        let result = f(self)?;
        self.become_role(role, &["SET LOCAL app.council = ''".to_owned()])?;
        Ok(result)
    }
}

/// The intake of a practice: it finds out whether a person is known and who works with them, and adds what arrives from outside.
pub(crate) struct Intake<'i, 's> {
    pub(crate) scope: &'i mut Scope<'s>,
    pub(crate) practice: PracticeId,
}

macro_rules! door {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        pub struct $name<'s> {
            pub(crate) scope: Scope<'s>,
            $($(#[$field_doc])* pub(crate) $field: $type,)*
        }

        impl<'s> Deref for $name<'s> {
            type Target = Scope<'s>;

            fn deref(&self) -> &Scope<'s> {
                &self.scope
            }
        }

        impl<'s> DerefMut for $name<'s> {
            fn deref_mut(&mut self) -> &mut Scope<'s> {
                &mut self.scope
            }
        }
    };
}

door! {
    /// The scope of a member of staff in their practice.
    PracticeScope { member: StaffMember, account: AccountId, session: SessionId }
}
door! {
    /// The scope of a council's system, or of an officer of the council.
    CouncilScope { council_id: CouncilId, caller: CouncilCaller }
}
door! {
    /// The scope of somebody who works on complaints of a council: an officer or a guest.
    ComplaintsScope { council_id: CouncilId, worker: ComplaintsWorker }
}
door! {
    /// The scope of a partner app.
    PartnerScope { client: Client }
}
door! {
    /// The scope of an anonymous caller.
    PublicScope {}
}
door! {
    /// The scope of an operator.
    OperatorScope { account: AccountId, authenticated_at: DateTime<Utc> }
}
door! {
    /// The scope of a person and their own account.
    AccountScope {
        account: AccountId,
        session: SessionId,
        place: Place,
        authenticated_at: DateTime<Utc>,
        by_provider: bool,
        ends_at: DateTime<Utc>,
    }
}
door! {
    /// The scope for signing in.
    IdentityScope {}
}
door! {
    /// The scope of the worker.
    WorkerScope { practice: Option<PracticeId> }
}

impl PracticeScope<'_> {
    /// The caller.
    pub fn member(&self) -> &StaffMember {
        &self.member
    }

    /// The caller's practice.
    pub fn practice_id(&self) -> PracticeId {
        self.member.practice_id
    }

    /// The identifier of the caller's membership.
    pub fn staff_id(&self) -> StaffId {
        self.member.staff_id
    }

    /// The caller's account.
    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    /// The caller's session.
    pub(crate) fn session(&self) -> SessionId {
        self.session
    }

    /// Whether the caller may see an access-restricted person now.
    pub(crate) fn has_open(&self, person: ServiceUserId) -> bool {
        self.member.open_people.contains(&person.uuid())
    }

    /// The people from whose records the caller is excluded. For rows that name a person but have no policy about a person.
    pub(crate) fn excluded_from(&self) -> Vec<Uuid> {
        self.member.excluded_from.clone()
    }

    /// Runs `f` as the practice's own intake, which sees that there are access-restricted people, and no record.
    pub(crate) fn as_intake<R>(
        &mut self,
        f: impl FnOnce(&mut Scope<'_>) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        self.scope.as_role("almoner_intake", |scope| f(scope))
    }
}

impl OperatorScope<'_> {
    /// When the operator last proved their second factor in this session.
    pub fn authenticated_at(&self) -> DateTime<Utc> {
        self.authenticated_at
    }

    /// The operator's account. At the console it is nil.
    pub(crate) fn account(&self) -> AccountId {
        self.account
    }
}

impl AccountScope<'_> {
    /// The caller's account.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The caller's session.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// What the session is for.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The practice that the session is for. `None` at another door.
    pub fn membership(&self) -> Option<&Membership> {
        self.place.membership()
    }

    /// When the second factor was last proved in this session.
    pub fn authenticated_at(&self) -> DateTime<Utc> {
        self.authenticated_at
    }

    /// Whether the session was begun through its practice's provider. Such a session is for that practice alone.
    pub fn by_provider(&self) -> bool {
        self.by_provider
    }
}

impl ComplaintsScope<'_> {
    /// The council whose complaints they are.
    pub fn council_id(&self) -> CouncilId {
        self.council_id
    }

    /// The caller: an officer or a guest.
    pub fn worker(&self) -> &ComplaintsWorker {
        &self.worker
    }

    /// The officer who calls. To a guest, what officers do is not there.
    pub(crate) fn officer(&self) -> Result<OfficerId, StoreError> {
        self.worker.person.officer().ok_or(StoreError::NotFound)
    }

    /// Opens these complaints in the rest of the transaction, and no others: they are assigned to the caller, or offered.
    pub(crate) fn open_assigned(&mut self, complaints: &[ComplaintId]) -> Result<(), StoreError> {
        let ids: Vec<String> = complaints.iter().map(ToString::to_string).collect();
        self.scope.execute(&[format!("SET LOCAL app.assigned = '{{{}}}'", ids.join(","))])
    }
}

impl PartnerScope<'_> {
    /// The client, for narrowing its scopes to those of its token.
    pub fn client_mut(&mut self) -> &mut Client {
        &mut self.client
    }

    /// The partner app.
    pub fn client(&self) -> &Client {
        &self.client
    }
}
