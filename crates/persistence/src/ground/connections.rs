//! The connections to the database: a pool for transactions, and one apart for the question whether the service is ready.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::{
    AnsiTransactionManager, CacheSize, InstrumentationEvent, SimpleConnection, TransactionManager,
};
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection};

use crate::ground::database_url::with_defaults;
use crate::ground::error::{StoreError, refuses_writes};
use crate::ground::patience::{Limit, PATIENCE, deadline};

/// A connection of the pool.
pub(super) type Pooled = PooledConnection<Manager>;

/// The time for which a failure to reach the database is remembered: meanwhile requests fail at once instead of waiting one
/// after another, and leave the database alone.
const REMEMBERED: Duration = Duration::from_secs(1);

/// The time for which a database that refused to write counts as not ready.
const TROUBLED: Duration = Duration::from_secs(5);

/// The shortest time that a connection has to begin a transaction, however long the request has waited for it.
const AT_LEAST: Duration = Duration::from_millis(200);

/// The time in which the first connection must be made when the store opens. It covers a first host that does not answer.
const TO_START: Duration = Duration::from_secs(10);

/// The connections.
pub(super) struct Connections {
    pool: Pool<Manager>,
    manager: Manager,
    /// The connection for the question whether the service is ready, which requests can neither hold nor wait for.
    apart: Mutex<Option<PgConnection>>,
    size: u32,
}

/// What the last attempts tell of whether the database can be reached. A pool whose connections are all at work tells nothing:
/// a request that waits for one in vain is refused, and the next one may find one.
#[derive(Default)]
struct Reach {
    /// When a connection was made or a transaction began.
    answered: Option<Instant>,
    /// When a connection could not be made or died.
    failed: Option<Instant>,
    /// When a request gave up on a database that could not be reached, and why.
    away: Option<(Instant, String)>,
}

impl Connections {
    pub(super) fn open(url: &str, size: u32, keeps_statements: bool) -> Result<Self, StoreError> {
        let manager = Manager {
            url: Arc::from(with_defaults(url)),
            keeps_statements,
            refused: Arc::default(),
            reach: Arc::default(),
        };
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(TO_START)
            .test_on_check_out(false)
            .build_unchecked(manager.clone());
        let connections = Self { pool, manager, apart: Mutex::default(), size };
        drop(connections.pool.get().map_err(unavailable)?);
        Ok(connections)
    }

    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// The number of connections that the pool has, and of those that are idle.
    pub(super) fn state(&self) -> (usize, usize) {
        let state = self.pool.state();
        (state.connections as usize, state.idle_connections as usize)
    }

    /// Begins a transaction in one round trip. A connection that died while it was idle is replaced, and with it the others
    /// that were idle, of which the same is likely. Where the transaction cannot begin for another reason, the connection is
    /// given back as it was. The error is the first that there was.
    pub(super) fn begin(&self, batch: &str) -> Result<Pooled, StoreError> {
        let (began, until) = (Instant::now(), deadline());
        self.fail_if_just_away()?;
        let mut first = None;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let found = if left.is_zero() && first.is_some() { None } else { Some(self.pool.get_timeout(left)) };
            let mut connection = match found {
                Some(Ok(connection)) => connection,
                none => {
                    let error = first.or_else(|| none.and_then(Result::err).map(unavailable));
                    return Err(self.gives_up(began, error.unwrap_or_else(|| unavailable("no connection"))));
                }
            };
            let limit = Limit::of(left.max(AT_LEAST));
            let Err(error) = AnsiTransactionManager::begin_transaction_sql(&mut *connection, batch) else {
                self.manager.reached();
                return Ok(connection);
            };
            let error = StoreError::of_the_role(error);
            if give_back(connection) {
                self.manager.reached();
                return Err(first.unwrap_or(error));
            }
            drop(limit);
            self.manager.failed();
            self.discard_idle();
            first.get_or_insert(error);
        }
    }

    /// Runs `f` on the connection apart. If that has died since it was last used, `f` runs again on a new one.
    pub(super) fn apart<R>(
        &self,
        mut f: impl FnMut(&mut PgConnection) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let _limit = Limit::of(PATIENCE);
        let mut kept = lock(&self.apart);
        if let Some(mut connection) = kept.take() {
            let done = f(&mut connection);
            if is_whole(&mut connection) {
                *kept = Some(connection);
                return done;
            }
        }
        let mut connection = self.manager.connect().map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let done = f(&mut connection);
        if is_whole(&mut connection) {
            *kept = Some(connection);
        }
        done
    }

    /// Fails if the database has refused to write in the last seconds, as one does that is full.
    pub(super) fn fail_if_it_refused_to_write(&self) -> Result<(), StoreError> {
        match &*lock(&self.manager.refused) {
            Some((at, why)) if at.elapsed() < TROUBLED => Err(StoreError::Unavailable(why.clone())),
            _ => Ok(()),
        }
    }

    fn fail_if_just_away(&self) -> Result<(), StoreError> {
        match &lock(&self.manager.reach).away {
            Some((at, why)) if at.elapsed() < REMEMBERED => Err(StoreError::Unavailable(why.clone())),
            _ => Ok(()),
        }
    }

    /// Ends the attempts of a request that began then. They are remembered if meanwhile a connection failed, and none of any
    /// request was answered.
    fn gives_up(&self, began: Instant, error: StoreError) -> StoreError {
        let mut reach = lock(&self.manager.reach);
        let since = |at: Option<Instant>| at.is_some_and(|at| at >= began);
        if since(reach.failed) && !since(reach.answered) {
            reach.away = Some((Instant::now(), error.to_string()));
        }
        error
    }

    /// Drops the connections that are idle now. New ones are made as they are needed.
    fn discard_idle(&self) {
        let idle: Vec<Pooled> = std::iter::from_fn(|| self.pool.try_get()).take(self.size as usize).collect();
        for mut connection in idle {
            discard(&mut connection);
        }
    }
}

/// Rolls back what was begun, so that the next user of the connection finds no transaction. Returns whether it is whole; if
/// not, the pool drops it.
fn give_back(mut connection: Pooled) -> bool {
    let whole = connection.batch_execute("ROLLBACK").is_ok() && is_whole(&mut connection);
    if !whole {
        discard(&mut connection);
    }
    whole
}

/// Marks a connection as broken, so that the pool drops it instead of giving it to somebody else.
fn discard(connection: &mut PgConnection) {
    AnsiTransactionManager::transaction_manager_status_mut(connection).set_in_error();
}

fn is_whole(connection: &mut PgConnection) -> bool {
    !connection.is_broken()
}

fn unavailable(error: impl fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes connections for the pool, with a limit to each wait, and notes when one is refused a write.
#[derive(Clone)]
pub(super) struct Manager {
    url: Arc<str>,
    keeps_statements: bool,
    refused: Arc<Mutex<Option<(Instant, String)>>>,
    reach: Arc<Mutex<Reach>>,
}

impl Manager {
    fn reached(&self) {
        let mut reach = lock(&self.reach);
        reach.answered = Some(Instant::now());
        reach.away = None;
    }

    fn failed(&self) {
        lock(&self.reach).failed = Some(Instant::now());
    }
}

impl ManageConnection for Manager {
    type Connection = PgConnection;
    type Error = ConnectionError;

    fn connect(&self) -> Result<PgConnection, ConnectionError> {
        let _limit = Limit::of(PATIENCE);
        let mut connection = PgConnection::establish(&self.url).inspect_err(|_| self.failed())?;
        self.reached();
        if !self.keeps_statements {
            connection.set_prepared_statement_cache_size(CacheSize::Disabled);
        }
        let refused = Arc::clone(&self.refused);
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::FinishQuery { error: Some(error), .. } = event
                && refuses_writes(error)
            {
                *lock(&refused) = Some((Instant::now(), error.to_string()));
            }
        });
        Ok(connection)
    }

    fn is_valid(&self, connection: &mut PgConnection) -> Result<(), ConnectionError> {
        connection.ping().map_err(ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, connection: &mut PgConnection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}
