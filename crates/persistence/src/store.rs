//! The store: a pool of connections, and the only ways into a transaction.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use almoner_domain::ids::{AccountId, ClientId, PracticeId, SessionId, StaffId};
use chrono::{DateTime, Utc};
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection};
use uuid::Uuid;

use crate::client_identity;
use crate::clock::Clock;
use crate::error::StoreError;
use crate::identity;
use crate::random::Ids;
use crate::scope::{
    AccountScope, CallerThen, Client, CouncilScope, IdentityScope, OperatorScope, PartnerScope, PracticeScope,
    PublicScope, Scope, WorkerScope,
};
use crate::sealing::MasterKeys;
use crate::sessions;

/// How a store is opened.
pub struct StoreOptions {
    /// Where: a libpq URL, of a role without rights of its own.
    pub database_url: String,
    /// How many connections it holds.
    pub connections: u32,
    /// The keys that wrap every other key.
    pub master_keys: MasterKeys,
    /// The time.
    pub clock: Clock,
    /// Send the statements that begin a scope one by one instead of in one round trip, as Citus needs it.
    pub statements_one_by_one: bool,
}

/// Access to the database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    pool: Pool<ConnectionManager<PgConnection>>,
    connections: u32,
    master_keys: MasterKeys,
    clock: Clock,
    ids: Ids,
    statements_one_by_one: bool,
}

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

impl Store {
    /// Opens the pool and checks who the database takes it for: a role that passes by the row policies is refused.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let unavailable = |error: diesel::r2d2::PoolError| StoreError::Unavailable(error.to_string());
        let pool = Pool::builder()
            .max_size(options.connections)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(5))
            .test_on_check_out(false)
            .build(ConnectionManager::new(options.database_url))
            .map_err(unavailable)?;
        let store = Self(Arc::new(Inner {
            pool,
            connections: options.connections,
            master_keys: options.master_keys,
            clock: options.clock,
            ids: Ids::new(),
            statements_one_by_one: options.statements_one_by_one,
        }));
        crate::bootstrap::refuse_a_powerful_role(&mut *store.connection()?)?;
        Ok(store)
    }

    /// The time that every scope goes by.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// How many transactions can run at once.
    pub fn connections(&self) -> u32 {
        self.0.connections
    }

    /// Whether the database answers and its schema is this program's.
    pub fn is_ready(&self) -> Result<(), StoreError> {
        self.identity(Request::of_our_own(Uuid::nil()), |scope| crate::migrations::is_current(scope.conn))
    }

    /// For a member of staff: finds out who they are now, then enters their practice. The complaints that they may see are
    /// found only where they are asked for; elsewhere there are none.
    pub fn practice<R, E: From<StoreError>>(
        &self,
        caller: Session,
        request: Request,
        opens_complaints: bool,
        f: impl FnOnce(&mut PracticeScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_identity", &caller.settings(), request, |mut scope| {
            let member = identity::staff_member(&mut scope, caller, opens_complaints)?;
            scope.become_role(
                "almoner_practice",
                &[
                    setting("app.practice", member.practice_id.uuid()),
                    setting("app.staff", member.staff_id.uuid()),
                    setting_list("app.open_people", &member.open_people),
                    setting_list("app.open_complaints", &member.open_complaints),
                    setting_list("app.locked_out", &member.locked_out),
                ],
            )?;
            scope.acts(member.practice_id.uuid(), Some(member.staff_id.uuid()), "practice");
            let roles = member.roles.iter().map(|role| role.as_str().to_owned()).collect();
            scope.acts_as(CallerThen { roles, client: None, session: Some(caller.session.uuid()) });
            f(&mut PracticeScope { scope, member, session: caller.session })
        })
    }

    /// For a council's system.
    pub fn council<R, E: From<StoreError>>(
        &self,
        token: ClientToken,
        request: Request,
        f: impl FnOnce(&mut CouncilScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.for_client("council", token, request, |mut scope, client| {
            let council_id = client.council_id.ok_or(StoreError::NotAuthenticated)?;
            scope.become_role("almoner_council", &[setting("app.council", council_id.uuid())])?;
            scope.acts(council_id.uuid(), Some(client.client_id.uuid()), "council");
            scope.acts_as(CallerThen { client: Some(client.client_id.uuid()), ..CallerThen::default() });
            f(&mut CouncilScope { scope, council_id, client })
        })
    }

    /// For a partner app.
    pub fn partner<R, E: From<StoreError>>(
        &self,
        token: ClientToken,
        request: Request,
        f: impl FnOnce(&mut PartnerScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.for_client("partner", token, request, |mut scope, client| {
            if client.council_id.is_some() {
                return Err(StoreError::NotAuthenticated.into());
            }
            scope.become_role("almoner_partner", &[])?;
            scope.acts(client.client_id.uuid(), Some(client.client_id.uuid()), "partner");
            scope.acts_as(CallerThen { client: Some(client.client_id.uuid()), ..CallerThen::default() });
            f(&mut PartnerScope { scope, client })
        })
    }

    /// Finds out whether a client's token still holds. One that is used from an address from which the client may not come is
    /// refused, and that is written down: the transaction is committed with nothing else in it.
    fn for_client<R, E: From<StoreError>>(
        &self,
        door: &'static str,
        token: ClientToken,
        request: Request,
        f: impl FnOnce(Scope<'_>, Client) -> Result<R, E>,
    ) -> Result<R, E> {
        let done = self.transact(
            "almoner_identity",
            &[setting("app.client", token.client.uuid())],
            request,
            |mut scope| -> Result<Option<R>, E> {
                let client = client_identity::live(&mut scope, token)?;
                if !client.may_come_from(request.from) {
                    client_identity::record_address(&mut scope, token.client, door)?;
                    return Ok(None);
                }
                f(scope, client).map(Some)
            },
        )?;
        done.ok_or_else(|| StoreError::WrongAddress.into())
    }

    /// For anyone.
    pub fn public<R, E: From<StoreError>>(
        &self,
        request: Request,
        f: impl FnOnce(&mut PublicScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_public", &[], request, |scope| f(&mut PublicScope { scope }))
    }

    /// For who runs the service, signed in.
    pub fn operator<R, E: From<StoreError>>(
        &self,
        caller: Session,
        request: Request,
        f: impl FnOnce(&mut OperatorScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_identity", &caller.settings(), request, |mut scope| {
            let authenticated_at = identity::live_operator(&mut scope, caller)?;
            scope.become_role("almoner_operator", &[])?;
            scope.acts(Uuid::nil(), Some(caller.account.uuid()), "operator");
            scope.acts_as(CallerThen { session: Some(caller.session.uuid()), ..CallerThen::default() });
            f(&mut OperatorScope { scope, account: caller.account, authenticated_at })
        })
    }

    /// For who runs the service, at the machine's own console: whoever holds the database's password already.
    pub fn console<R, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut OperatorScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let account = AccountId::from(Uuid::nil());
        let request = Request::of_our_own(self.0.ids.next(self.0.clock.now()));
        self.transact("almoner_operator", &[setting("app.account", account.uuid())], request, |mut scope| {
            scope.acts(Uuid::nil(), None, "console");
            let authenticated_at = scope.at();
            f(&mut OperatorScope { scope, account, authenticated_at })
        })
    }

    /// For somebody and their own account: who has a session that counts.
    pub fn account<R, E: From<StoreError>>(
        &self,
        caller: Session,
        request: Request,
        f: impl FnOnce(&mut AccountScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_identity", &caller.settings(), request, |mut scope| {
            let live = sessions::find_live(&mut scope, caller, None)?.ok_or(StoreError::NotAuthenticated)?;
            let member = live.membership.as_ref().map(|m| (m.practice_id, m.staff_id));
            sessions::acts_for(&mut scope, caller.account, member, Some(caller.session))?;
            f(&mut AccountScope {
                scope,
                account: caller.account,
                session: caller.session,
                membership: live.membership,
                authenticated_at: live.authenticated_at,
                by_provider: live.by_provider,
                ends_at: live.ends_at,
            })
        })
    }

    /// For signing in.
    pub fn identity<R, E: From<StoreError>>(
        &self,
        request: Request,
        f: impl FnOnce(&mut IdentityScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_identity", &[], request, |scope| f(&mut IdentityScope { scope }))
    }

    /// The practice of this name in URLs.
    pub fn find_practice_id(&self, slug: &str) -> Result<Option<PracticeId>, StoreError> {
        let request = Request::of_our_own(self.0.ids.next(self.0.clock.now()));
        self.identity(request, |scope| identity::practice_of(scope, slug))
    }

    /// For what happens later: across practices only the outbox, the jobs and what has expired; else in one practice.
    pub fn worker<R, E: From<StoreError>>(
        &self,
        practice: Option<PracticeId>,
        f: impl FnOnce(&mut WorkerScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let request = Request::of_our_own(self.0.ids.next(self.0.clock.now()));
        let settings: Vec<_> = practice.map(|practice| setting("app.practice", practice.uuid())).into_iter().collect();
        self.transact("almoner_worker", &settings, request, |mut scope| {
            scope.acts(practice.map_or(Uuid::nil(), PracticeId::uuid), None, "worker");
            f(&mut WorkerScope { scope, practice })
        })
    }

    /// Runs `f` in a transaction of this role: committed if it succeeds, rolled back if not.
    fn transact<R, E: From<StoreError>>(
        &self,
        role: &'static str,
        settings: &[String],
        request: Request,
        f: impl FnOnce(Scope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut connection = self.begin(role, settings)?;
        let scope = Scope::new(&mut connection, self, role, request);
        match f(scope) {
            Ok(result) => {
                AnsiTransactionManager::commit_transaction(&mut *connection).map_err(StoreError::from)?;
                Ok(result)
            }
            Err(error) => {
                if let Err(rollback) = AnsiTransactionManager::rollback_transaction(&mut *connection) {
                    tracing::warn!(error = %rollback, "the transaction could not be rolled back; its connection is dropped");
                }
                Err(error)
            }
        }
    }

    /// Begins a transaction in one round trip. A pooled connection that died while it was idle is replaced.
    fn begin(
        &self,
        role: &str,
        settings: &[String],
    ) -> Result<PooledConnection<ConnectionManager<PgConnection>>, StoreError> {
        let mut statements = vec![format!("SET LOCAL ROLE {role}")];
        statements.extend_from_slice(settings);
        let mut last = StoreError::Unavailable("no connection".to_owned());
        for _ in 0..=self.0.connections {
            let mut connection = self.connection()?;
            let begun = if self.0.statements_one_by_one {
                AnsiTransactionManager::begin_transaction_sql(&mut *connection, "BEGIN")
                    .and_then(|()| statements.iter().try_for_each(|statement| connection.batch_execute(statement)))
            } else {
                let batch = format!("BEGIN; {}", statements.join("; "));
                AnsiTransactionManager::begin_transaction_sql(&mut *connection, &batch)
            };
            match begun {
                Ok(()) => return Ok(connection),
                Err(error) => last = StoreError::Unavailable(error.to_string()),
            }
        }
        Err(last)
    }

    fn connection(&self) -> Result<PooledConnection<ConnectionManager<PgConnection>>, StoreError> {
        self.0.pool.get().map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    pub(crate) fn master_keys(&self) -> &MasterKeys {
        &self.0.master_keys
    }

    pub(crate) fn next_id<Id: From<Uuid>>(&self, at: DateTime<Utc>) -> Id {
        self.0.ids.next(at)
    }

    pub(crate) fn sends_one_by_one(&self) -> bool {
        self.0.statements_one_by_one
    }
}

impl Session {
    fn settings(self) -> [String; 1] {
        [setting("app.account", self.account.uuid())]
    }
}

/// One setting of a scope, as a literal from a typed UUID: `SET` takes no parameters, and no text from outside comes near it.
pub(crate) fn setting(name: &'static str, value: Uuid) -> String {
    format!("SET LOCAL {name} = '{value}'")
}

/// The same with a list.
pub(crate) fn setting_list(name: &'static str, values: &[Uuid]) -> String {
    let values: Vec<String> = values.iter().map(Uuid::to_string).collect();
    format!("SET LOCAL {name} = '{{{}}}'", values.join(","))
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
    pub roles: Vec<almoner_domain::staff::roles::Role>,
    /// When they last proved their second factor in this session.
    pub authenticated_at: DateTime<Utc>,
    /// What the register of social workers was found to say of them, if somebody looked.
    pub(crate) registration: Option<almoner_domain::staff::registration::Registration>,
    pub(crate) open_people: Vec<Uuid>,
    pub(crate) open_complaints: Vec<Uuid>,
    pub(crate) locked_out: Vec<Uuid>,
}
