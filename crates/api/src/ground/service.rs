//! The state that every request shares: the store, the keys, the limits, the counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, web};
use almoner_persistence::access::sessions::SessionLimits;
use almoner_persistence::{Objects, PATIENCE, Store, begins_by};
use ipnet::IpNet;
use tokio::sync::Semaphore;
use tracing::Span;

use crate::ground::identity_provider::Providers;
use crate::ground::limits::{Limits, Quotas};
use crate::ground::metrics::{Metrics, RequestMetrics};
use crate::ground::monitoring::HasMetrics;
use crate::ground::password::{PasswordCost, Passwords};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::tenant_queue::{Queue, TenantQueues};
use crate::ground::token::Tokens;

/// The settings of the service.
#[derive(Clone)]
pub struct Settings {
    /// The public address of the service, which is the issuer of its tokens.
    pub public_url: String,
    /// The largest content of a request, in bytes.
    pub body_limit: usize,
    /// The longest time that a request may take.
    pub request_timeout: Duration,
    /// The time for which an access token is valid.
    pub access_token: Duration,
    /// The limits of a session's duration.
    pub sessions: SessionLimits,
    /// The time for which the server waits for requests in progress when it stops.
    pub shutdown: Duration,
    /// The cost of a password's hash.
    pub password_cost: PasswordCost,
    /// The quotas of callers.
    pub quotas: Quotas,
    /// The proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose pages may call the API from a browser.
    pub cors_origins: Vec<String>,
    /// The place where documents are stored.
    pub documents: Objects,
    /// Whether a practice's identity provider may be on this machine or in its own network.
    pub allow_private_providers: bool,
}

/// The state of the service.
pub struct Service {
    pub(crate) store: Store,
    pub(crate) settings: Settings,
    pub(crate) tokens: Tokens,
    pub(crate) passwords: Passwords,
    pub(crate) metrics: RequestMetrics,
    pub(crate) limits: Limits,
    pub(crate) providers: Providers,
    queues: TenantQueues,
    /// Held while it is asked whether the service is ready, for which there is one connection.
    asking: Arc<Semaphore>,
    draining: AtomicBool,
}

impl Service {
    /// Makes the service, with the signing keys of the store. If the store has none, it makes the first. An error is
    /// described in words.
    pub fn new(store: Store, settings: Settings) -> Result<Self, String> {
        let keys = crate::ground::signing::first(&store)?;
        let tokens = Tokens::new(settings.public_url.clone(), settings.access_token, keys);
        let passwords = Passwords::new(settings.password_cost)?;
        let queues = TenantQueues::new(store.connections() as usize);
        let asking = Arc::new(Semaphore::new(1));
        let limits = Limits::in_process(settings.quotas, store.clock().clone());
        let providers = Providers::new(settings.allow_private_providers)?;
        let metrics = RequestMetrics::new().map_err(|error| error.to_string())?;
        watch(&metrics.all, &store, &queues, &passwords).map_err(|error| error.to_string())?;
        Ok(Self {
            store,
            settings,
            tokens,
            passwords,
            metrics,
            limits,
            providers,
            queues,
            asking,
            draining: AtomicBool::new(false),
        })
    }

    /// Has the service go out of use: it is not ready any more, so that a balancer sends it no more callers, and closes each
    /// connection with the next answer. It goes on answering everybody.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the service is going out of use.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub(crate) fn of(request: &HttpRequest) -> Result<web::Data<Self>, ApiError> {
        request
            .app_data::<web::Data<Self>>()
            .cloned()
            .ok_or_else(|| ApiError::internal("no service in the application"))
    }

    /// Runs `f` like [`Service::block_in`], for a caller who belongs to no tenant.
    pub(crate) async fn block<R: Send + 'static>(
        self: Arc<Self>,
        f: impl FnOnce(&Self) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        self.block_in(Queue::Nobody, f).await
    }

    /// Runs `f` on a thread for the database. This is the one place where a request leaves the event loop for it. The
    /// request first waits for its turn in its tenant's queue, so that one tenant's rush does not slow the others, and
    /// then for a connection. A request that would wait for both together for more than two seconds is answered with 503.
    pub(crate) async fn block_in<R: Send + 'static>(
        self: Arc<Self>,
        queue: Queue,
        f: impl FnOnce(&Self) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let until = Instant::now() + PATIENCE;
        let Ok(Some(turn)) = tokio::time::timeout(PATIENCE, self.queues.turn(queue)).await else {
            return Err(ApiError::new(Kind::ServiceUnavailable));
        };
        let span = Span::current();
        let limit = self.settings.request_timeout;
        let work = web::block(move || {
            let _turn = turn;
            span.in_scope(|| begins_by(until, || f(&self)))
        });
        match tokio::time::timeout(limit, work).await {
            Ok(done) => done.map_err(ApiError::internal)?,
            // The transaction that was begun commits or rolls back by itself. The caller does not wait for it.
            Err(_) => Err(ApiError::new(Kind::Timeout)),
        }
    }

    /// Whether the service is ready. It is asked apart from the requests, which can neither hold the connection for it nor
    /// take its turn, and answered within two seconds.
    pub(crate) async fn is_ready(self: Arc<Self>) -> Result<(), ApiError> {
        if self.is_draining() {
            return Err(ApiError::new(Kind::ServiceUnavailable).detail("The service is stopping."));
        }
        let asking = Arc::clone(&self.asking);
        let asked = async move {
            let turn = asking.acquire_owned().await.ok()?;
            let asked = web::block(move || {
                let _turn = turn;
                self.store.is_ready()
            });
            asked.await.ok()
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Some(ready)) => Ok(ready?),
            Ok(None) | Err(_) => Err(ApiError::new(Kind::ServiceUnavailable)),
        }
    }
}

impl HasMetrics for Service {
    fn metrics(&self) -> &Metrics {
        &self.metrics.all
    }
}

/// Adds what the operator watches besides requests: the pool, the turns, and the hashing of passwords.
fn watch(
    metrics: &Metrics,
    store: &Store,
    queues: &TenantQueues,
    passwords: &Passwords,
) -> Result<(), prometheus::Error> {
    let pool = store.clone();
    metrics.watch("almoner_database_connections", "Connections of the pool", move || pool.pool().0)?;
    let pool = store.clone();
    metrics
        .watch("almoner_database_connections_idle", "Connections of the pool that are idle", move || pool.pool().1)?;
    let queues = queues.clone();
    metrics
        .watch("almoner_turns_waiting", "Requests that wait for a turn at the database", move || queues.waiting())?;
    let (at_work, waiting) = passwords.watched();
    metrics.watch("almoner_passwords_hashing", "Passwords that are being hashed", at_work)?;
    metrics.watch("almoner_passwords_waiting", "Passwords that wait to be hashed", waiting)
}
