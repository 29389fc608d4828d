//! The store: a pool of connections, and the only ways into a transaction.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::connection::{AnsiTransactionManager, Connection, TransactionManager};
use uuid::Uuid;

use crate::ground::bootstrap::{self, Login};
use crate::ground::callers::Request;
use crate::ground::clock::Clock;
use crate::ground::connections::Connections;
use crate::ground::error::StoreError;
use crate::ground::migrations;
use crate::ground::patience::Limit;
use crate::ground::pending::Pending;
use crate::ground::random::Ids;
use crate::ground::scope::Scope;
use crate::ground::sealing::MasterKeys;

/// The options with which a store is opened.
pub struct StoreOptions {
    /// The libpq URL of the database, for a role without rights of its own.
    pub database_url: String,
    /// The log-in role whose tasks the program has.
    pub login: Login,
    /// The number of connections in the pool.
    pub connections: u32,
    /// Whether each connection keeps the statements that it has had prepared. Behind a pooler that gives each transaction
    /// another connection, none may be kept.
    pub keeps_statements: bool,
    /// The master keys, which wrap every root key.
    pub master_keys: MasterKeys,
    /// The clock from which scopes take the time.
    pub clock: Clock,
}

/// Access to the database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    connections: Arc<Connections>,
    login: Login,
    master_keys: MasterKeys,
    clock: Clock,
    ids: Ids,
}

impl Store {
    /// Opens the pool, and checks the role of its connections: a role that bypasses the row policies is refused, and one that
    /// may not become every role that the program's task needs.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let connections = Connections::open(&options.database_url, options.connections, options.keeps_statements)?;
        connections.apart(|conn| conn.transaction(bootstrap::refuse_a_powerful_role))?;
        connections.apart(|conn| options.login.becomes_its_roles(conn))?;
        Ok(Self(Arc::new(Inner {
            connections: Arc::new(connections),
            login: options.login,
            master_keys: options.master_keys,
            clock: options.clock,
            ids: Ids::new(),
        })))
    }

    /// A store with the same connections that takes the time from another clock.
    #[must_use]
    pub fn with_clock(&self, clock: Clock) -> Self {
        let Inner { connections, login, master_keys, .. } = &*self.0;
        let (connections, master_keys) = (Arc::clone(connections), master_keys.clone());
        Self(Arc::new(Inner { connections, login: *login, master_keys, clock, ids: Ids::new() }))
    }

    /// The clock from which every scope takes the time.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The number of transactions that can run at once.
    pub fn connections(&self) -> u32 {
        self.0.connections.size()
    }

    /// The number of connections that the pool has, and of those that are idle.
    pub fn pool(&self) -> (usize, usize) {
        self.0.connections.state()
    }

    /// Whether the database answers and takes writes, its schema is this program's, and the log-in role may become the roles
    /// that the program's task needs. It is asked on a connection apart, so that no request stands before it.
    pub fn is_ready(&self) -> Result<(), StoreError> {
        let Inner { connections, login, .. } = &*self.0;
        connections.fail_if_it_refused_to_write()?;
        connections.apart(|conn| conn.transaction(migrations::is_current))?;
        connections.apart(|conn| login.becomes_its_roles(conn))
    }

    /// Runs `f` in a transaction of this role, which is committed if `f` succeeds and rolled back if not.
    pub(crate) fn transact<R, E: From<StoreError>>(
        &self,
        role: &'static str,
        settings: &[String],
        request: Request,
        f: impl FnOnce(Scope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut connection = self.0.connections.begin(&format!("BEGIN; {}", opening(role, settings)))?;
        let _limit = Limit::of_a_statement();
        let mut pending = Pending::default();
        let done = f(Scope::new(&mut connection, &mut pending, self, role, request));
        let done = done.and_then(|result| {
            pending.write(&mut connection).map_err(StoreError::from)?;
            Ok(result)
        });
        match done {
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

    /// A request for the program's own work.
    pub(crate) fn request_of_our_own(&self) -> Request {
        Request::of_our_own(self.0.ids.next(self.0.clock.now()))
    }

    pub(crate) fn master_keys(&self) -> &MasterKeys {
        &self.0.master_keys
    }

    pub(crate) fn next_id<Id: From<Uuid>>(&self, at: DateTime<Utc>) -> Id {
        self.0.ids.next(at)
    }
}

/// The statements that give a transaction a role and its settings: one round trip.
pub(crate) fn opening(role: &str, settings: &[String]) -> String {
    let mut statements = vec![format!("SET LOCAL ROLE {role}")];
    statements.extend_from_slice(settings);
    statements.join("; ")
}

/// One setting of a scope, as a literal from a typed UUID. `SET` takes no parameters, so no text from outside may come near it.
pub(crate) fn setting(name: &'static str, value: Uuid) -> String {
    format!("SET LOCAL {name} = '{value}'")
}

/// One setting of a scope with a list of UUIDs.
pub(crate) fn setting_list(name: &'static str, values: &[Uuid]) -> String {
    let values: Vec<String> = values.iter().map(Uuid::to_string).collect();
    format!("SET LOCAL {name} = '{{{}}}'", values.join(","))
}
