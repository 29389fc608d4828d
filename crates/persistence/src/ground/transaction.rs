//! The store: a pool of connections, and the only ways into a transaction.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection};
use uuid::Uuid;

use crate::ground::callers::Request;
use crate::ground::clock::Clock;
use crate::ground::error::StoreError;
use crate::ground::pending::Pending;
use crate::ground::random::Ids;
use crate::ground::scope::Scope;
use crate::ground::sealing::MasterKeys;

/// The options with which a store is opened.
pub struct StoreOptions {
    /// The libpq URL of the database, for a role without rights of its own.
    pub database_url: String,
    /// The number of connections in the pool.
    pub connections: u32,
    /// The master keys, which wrap every root key.
    pub master_keys: MasterKeys,
    /// The clock from which scopes take the time.
    pub clock: Clock,
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
}

impl Store {
    /// Opens the pool, and checks the role of its connections: a role that bypasses the row policies is refused.
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
        }));
        crate::ground::bootstrap::refuse_a_powerful_role(&mut *store.connection()?)?;
        Ok(store)
    }

    /// The clock from which every scope takes the time.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The number of transactions that can run at once.
    pub fn connections(&self) -> u32 {
        self.0.connections
    }

    /// Whether the database answers and its schema is this program's.
    pub fn is_ready(&self) -> Result<(), StoreError> {
        self.identity(Request::of_our_own(Uuid::nil()), |scope| crate::ground::migrations::is_current(scope.conn))
    }

    /// Runs `f` in a transaction of this role, which is committed if `f` succeeds and rolled back if not.
    pub(crate) fn transact<R, E: From<StoreError>>(
        &self,
        role: &'static str,
        settings: &[String],
        request: Request,
        f: impl FnOnce(Scope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut connection = self.begin(role, settings)?;
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

    /// Begins a transaction in one round trip. A pooled connection that died while it was idle is replaced.
    fn begin(
        &self,
        role: &str,
        settings: &[String],
    ) -> Result<PooledConnection<ConnectionManager<PgConnection>>, StoreError> {
        let batch = format!("BEGIN; {}", opening(role, settings));
        let mut last = StoreError::Unavailable("no connection".to_owned());
        for _ in 0..=self.0.connections {
            let mut connection = self.connection()?;
            match AnsiTransactionManager::begin_transaction_sql(&mut *connection, &batch) {
                Ok(()) => return Ok(connection),
                Err(error) => last = StoreError::Unavailable(error.to_string()),
            }
        }
        Err(last)
    }

    fn connection(&self) -> Result<PooledConnection<ConnectionManager<PgConnection>>, StoreError> {
        self.0.pool.get().map_err(|error| StoreError::Unavailable(error.to_string()))
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
