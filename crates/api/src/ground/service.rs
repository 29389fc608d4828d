//! What every request shares: the store, the keys, the limits, the counters.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};
use almoner_persistence::Store;
use almoner_persistence::access::sessions::SessionLimits;
use ipnet::IpNet;
use tracing::Span;

use crate::ground::identity_provider::Providers;
use crate::ground::limits::{Limits, Quotas};
use crate::ground::metrics::Metrics;
use crate::ground::password::{PasswordCost, Passwords};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::tenant_queue::{Queue, TenantQueues};
use crate::ground::token::Tokens;

/// How long a request waits for a connection before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the service is told at its start.
#[derive(Clone)]
pub struct Settings {
    /// Where callers reach it: the issuer of its tokens.
    pub public_url: String,
    /// The largest content, in bytes.
    pub body_limit: usize,
    /// The longest that a request may take.
    pub request_timeout: Duration,
    /// How long an access token holds.
    pub access_token: Duration,
    /// How long sessions last.
    pub sessions: SessionLimits,
    /// How long to wait for requests under way when stopping.
    pub shutdown: Duration,
    /// How dear a password's hash is.
    pub password_cost: PasswordCost,
    /// How much each caller may ask for.
    pub quotas: Quotas,
    /// The proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose pages may call from a browser.
    pub cors_origins: Vec<String>,
    /// Whether a practice's identity provider may be on this machine or in its own network.
    pub allow_private_providers: bool,
}

/// The service.
pub struct Service {
    pub(crate) store: Store,
    pub(crate) settings: Settings,
    pub(crate) tokens: Tokens,
    pub(crate) passwords: Passwords,
    pub(crate) metrics: Metrics,
    pub(crate) limits: Limits,
    pub(crate) providers: Providers,
    queues: TenantQueues,
}

impl Service {
    /// Puts the service together, with the keys of the store; where there is none, it makes the first. What goes wrong is said
    /// in words.
    pub fn new(store: Store, settings: Settings) -> Result<Self, String> {
        let keys = crate::ground::signing::first(&store)?;
        let tokens = Tokens::new(settings.public_url.clone(), settings.access_token, keys);
        let passwords = Passwords::new(settings.password_cost)?;
        let queues = TenantQueues::new(store.connections() as usize);
        let limits = Limits::in_process(settings.quotas, store.clock().clone());
        let providers = Providers::new(settings.allow_private_providers)?;
        let metrics = Metrics::new().map_err(|error| error.to_string())?;
        Ok(Self { store, settings, tokens, passwords, metrics, limits, providers, queues })
    }

    pub(crate) fn of(request: &HttpRequest) -> Result<web::Data<Self>, ApiError> {
        request
            .app_data::<web::Data<Self>>()
            .cloned()
            .ok_or_else(|| ApiError::internal("no service in the application"))
    }

    /// [`Service::block_in`], for whoever belongs to no tenant.
    pub(crate) async fn block<R: Send + 'static>(
        self: Arc<Self>,
        f: impl FnOnce(&Self) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        self.block_in(Queue::Nobody, f).await
    }

    /// The one place where a request leaves the event loop for the database. It waits its turn first, in its tenant's queue,
    /// so that a rush is served evenly and no tenant's rush is everyone's; whoever would wait too long is told to come back.
    pub(crate) async fn block_in<R: Send + 'static>(
        self: Arc<Self>,
        queue: Queue,
        f: impl FnOnce(&Self) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let Ok(Some(turn)) = tokio::time::timeout(PATIENCE, self.queues.turn(queue)).await else {
            return Err(ApiError::new(Kind::ServiceUnavailable));
        };
        let span = Span::current();
        let limit = self.settings.request_timeout;
        let work = web::block(move || {
            let _turn = turn;
            span.in_scope(|| f(&self))
        });
        match tokio::time::timeout(limit, work).await {
            Ok(done) => done.map_err(ApiError::internal)?,
            // What was begun ends by itself, whole or not at all; the caller is not kept waiting for it.
            Err(_) => Err(ApiError::new(Kind::Timeout)),
        }
    }
}
