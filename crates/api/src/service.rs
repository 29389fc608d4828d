//! What every request shares: the store, the keys, the limits, the counters.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};
use almoner_persistence::Store;
use tokio::sync::Semaphore;
use tracing::Span;

use crate::metrics::Metrics;
use crate::password::{PasswordCost, Passwords};
use crate::problem::{ApiError, Kind};
use crate::token::Tokens;

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
    /// How long a session lasts at the most.
    pub session: Duration,
    /// How long to wait for requests under way when stopping.
    pub shutdown: Duration,
    /// How dear a password's hash is.
    pub password_cost: PasswordCost,
}

/// The service.
pub struct Service {
    pub(crate) store: Store,
    pub(crate) settings: Settings,
    pub(crate) tokens: Tokens,
    pub(crate) passwords: Passwords,
    pub(crate) metrics: Metrics,
    permits: Arc<Semaphore>,
}

impl Service {
    /// Puts the service together, with the keys of the store; where there is none, it makes the first. What goes wrong is said
    /// in words.
    pub fn new(store: Store, settings: Settings) -> Result<Self, String> {
        let keys = crate::signing::first(&store)?;
        let tokens = Tokens::new(settings.public_url.clone(), settings.access_token, keys);
        let passwords = Passwords::new(settings.password_cost)?;
        let permits = Arc::new(Semaphore::new(store.connections() as usize));
        let metrics = Metrics::new().map_err(|error| error.to_string())?;
        Ok(Self { store, settings, tokens, passwords, metrics, permits })
    }

    pub(crate) fn of(request: &HttpRequest) -> Result<web::Data<Self>, ApiError> {
        request
            .app_data::<web::Data<Self>>()
            .cloned()
            .ok_or_else(|| ApiError::internal("no service in the application"))
    }

    /// The one place where a request leaves the event loop for the database. It waits its turn first, in order, so that a
    /// rush is served evenly; whoever would wait too long is told to come back.
    pub(crate) async fn block<R: Send + 'static>(
        self: Arc<Self>,
        f: impl FnOnce(&Self) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = turn else { return Err(ApiError::new(Kind::Unavailable)) };
        let span = Span::current();
        let limit = self.settings.request_timeout;
        let work = web::block(move || {
            let _permit = permit;
            span.in_scope(|| f(&self))
        });
        match tokio::time::timeout(limit, work).await {
            Ok(done) => done.map_err(ApiError::internal)?,
            // What was begun ends by itself, whole or not at all; the caller is not kept waiting for it.
            Err(_) => Err(ApiError::new(Kind::TooSlow)),
        }
    }
}
