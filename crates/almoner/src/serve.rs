//! `almoner serve`, `migrate` and `health`.

use std::net::TcpListener;
use std::pin::pin;

use actix_web::rt::System;
use actix_web::web;
use almoner_api::{PasswordCost, Service, Settings};
use almoner_console::{Progress, say};
use almoner_persistence::{Clock, Login, MasterKeys, Store, StoreOptions, migrations};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;

/// The reason why a command failed, in words for the person who runs the service.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves the API until the process is told to stop. On SIGTERM it first goes out of use: a balancer sees that it is not ready,
/// while everybody is still answered, and only then it takes no more connections. SIGINT, or a second signal, stops it at once.
/// Requests that are being answered are finished either way.
pub fn serve(config: &Config) -> Result<(), Failure> {
    let store = open_store(config, Login::App, Clock::new())?;
    store.is_ready().map_err(|error| format!("the database is not ready: {error}. Run `almoner migrate` first."))?;
    let service = Service::new(store, api_settings(config)?)?;
    let listener = TcpListener::bind(config.listen)?;
    let metrics = TcpListener::bind(config.metrics_listen)?;
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    System::new().block_on(async {
        let service = web::Data::new(service);
        let api = almoner_api::server(service.clone(), listener, workers)?;
        let metrics = almoner_api::metrics_server(service.clone(), metrics)?;
        let handles = [api.handle(), metrics.handle()];
        actix_web::rt::spawn(metrics);
        let mut api = pin!(api);
        tracing::info!(listen = %config.listen, metrics = %config.metrics_listen, "serving");
        let stopped = async {
            if stop_signal().await? == Stop::Gently {
                tracing::info!(seconds = config.drain.as_secs(), "going out of use");
                service.drain();
                // A second signal ends the wait.
                let _ = tokio::time::timeout(config.drain, stop_signal()).await;
            }
            std::io::Result::Ok(())
        };
        tokio::select! {
            ended = &mut api => return ended,
            stopped = stopped => stopped?,
        }
        tracing::info!("stopping: requests that are being answered are finished first");
        for handle in handles {
            // The call itself gives the order; the future that it returns only tells when the server has stopped.
            drop(handle.stop(true));
        }
        api.await
    })?;
    Ok(())
}

/// Brings the database's schema to this program's, making the roles where it may.
pub fn migrate(config: &Config) -> Result<(), Failure> {
    let progress = Progress::of("migrating");
    let ran =
        migrations::migrate_and_tell(config.migrate_database_url.expose(), &mut |step| progress.is(step.to_owned()))?;
    drop(progress);
    match ran.as_slice() {
        [] => say!("The database is up to date.")?,
        ran => say!("Migrated: {}.", ran.join(", "))?,
    }
    Ok(())
}

/// Asks the server on this machine whether it is ready, or the worker; fails if it is not.
pub fn health(config: &Config, work: bool) -> Result<(), Failure> {
    let address = if work {
        config.work_listen.ok_or("ALMONER_WORK_LISTEN is not set: `work` listens on no port that could be asked")?
    } else {
        config.listen
    };
    ureq::get(format!("http://127.0.0.1:{}/health/ready", address.port())).call()?;
    Ok(())
}

/// Opens the store that the settings name, for tasks of this log-in role.
pub fn open_store(config: &Config, login: Login, clock: Clock) -> Result<Store, Failure> {
    let store = Store::open(StoreOptions {
        database_url: config.database_url.expose().to_owned(),
        login,
        connections: config.database_connections,
        keeps_statements: config.keeps_statements,
        master_keys: MasterKeys::parse(config.master_keys.expose())
            .map_err(|why| format!("ALMONER_MASTER_KEYS: {why}"))?,
        clock,
    });
    Ok(store.map_err(|error| format!("DATABASE_URL: {error}"))?)
}

/// The settings of the API, from those of the program.
pub fn api_settings(config: &Config) -> Result<Settings, Failure> {
    Ok(Settings {
        public_url: config.public_url.clone(),
        body_limit: config.body_limit,
        request_timeout: config.request_timeout,
        access_token: config.access_token_life,
        sessions: config.session_limits,
        shutdown: config.shutdown,
        password_cost: PasswordCost::Full,
        quotas: config.quotas,
        trusted_proxies: config.trusted_proxies.clone(),
        cors_origins: config.cors_origins.clone(),
        allow_private_providers: config.allow_private_providers,
        documents: config.documents.open()?,
    })
}

/// Blocks until the process gets SIGINT or SIGTERM.
pub fn wait_for_stop() -> std::io::Result<()> {
    System::new().block_on(stop_signal()).map(drop)
}

/// How the process is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// SIGTERM: by a supervisor, which waits.
    Gently,
    /// SIGINT: by a person at the console.
    AtOnce,
}

/// Resolves when the process gets SIGINT or SIGTERM.
pub(crate) async fn stop_signal() -> std::io::Result<Stop> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(tokio::select! {
        _ = interrupt.recv() => Stop::AtOnce,
        _ = terminate.recv() => Stop::Gently,
    })
}
