//! `almoner serve`, `work`, `migrate` and `health`.

use std::net::TcpListener;
use std::pin::pin;
use std::sync::mpsc;
use std::time::Duration;

use actix_web::rt::System;
use actix_web::web;
use almoner_api::{PasswordCost, Service, Settings};
use almoner_persistence::{Clock, Login, MasterKeys, Store, StoreOptions, migrations};
use almoner_worker::Heads;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;

/// The reason why a command failed, in words for the person who runs the service.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves the API until the process is told to stop.
pub fn serve(config: &Config) -> Result<(), Failure> {
    let store = open_store(config, Login::App, Clock::new())?;
    store.is_ready().map_err(|error| format!("the database is not ready: {error}. Run `almoner migrate` first."))?;
    let service = Service::new(store, api_settings(config))?;
    let listener = TcpListener::bind(config.listen)?;
    let metrics = TcpListener::bind(config.metrics_listen)?;
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    System::new().block_on(async {
        let service = web::Data::new(service);
        let api = almoner_api::server(service.clone(), listener, workers)?;
        let metrics = almoner_api::metrics_server(service, metrics)?;
        let handles = [api.handle(), metrics.handle()];
        actix_web::rt::spawn(metrics);
        let mut api = pin!(api);
        tracing::info!(listen = %config.listen, metrics = %config.metrics_listen, "serving");
        tokio::select! {
            ended = &mut api => return ended,
            signalled = stop_signal() => signalled?,
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

/// Does the work that is due until the process is told to stop.
pub fn work(config: &Config) -> Result<(), Failure> {
    let store = open_store(config, Login::Work, Clock::new())?;
    let heads = heads(config)?;
    if heads.is_none() {
        tracing::warn!(
            "the heads of the audit log are not signed: ALMONER_AUDIT_KEY and ALMONER_AUDIT_HEADS are not set"
        );
    }
    let (stop, stopped) = mpsc::channel();
    let worker = std::thread::Builder::new()
        .name("worker".to_owned())
        .spawn(move || almoner_worker::run(&store, stopped, Duration::from_secs(2), heads))?;
    tracing::info!("working");
    wait_for_stop()?;
    drop(stop);
    worker.join().map_err(|_| "the worker panicked")?;
    Ok(())
}

/// Makes the signer of the audit log's heads, if the settings ask for signatures.
fn heads(config: &Config) -> Result<Option<Heads>, Failure> {
    let Some(file) = &config.audit_heads else { return Ok(None) };
    let heads = Heads::new(config.audit_key.expose(), file).map_err(|why| format!("ALMONER_AUDIT_KEY: {why}"))?;
    Ok(Some(heads))
}

/// Brings the database's schema to this program's, making the roles where it may.
pub fn migrate(config: &Config) -> Result<(), Failure> {
    let ran = migrations::migrate(config.migrate_database_url.expose())?;
    match ran.as_slice() {
        [] => println!("The database is up to date."),
        ran => println!("Migrated: {}.", ran.join(", ")),
    }
    Ok(())
}

/// Asks the server on this machine whether it is ready; fails if it is not.
pub fn health(config: &Config) -> Result<(), Failure> {
    let url = format!("http://127.0.0.1:{}/health/ready", config.listen.port());
    ureq::get(&url).call()?;
    Ok(())
}

/// Opens the store that the settings name, for tasks of this log-in role.
pub fn open_store(config: &Config, login: Login, clock: Clock) -> Result<Store, Failure> {
    let store = Store::open(StoreOptions {
        database_url: config.database_url.expose().to_owned(),
        login,
        connections: config.database_connections,
        master_keys: MasterKeys::parse(config.master_keys.expose())
            .map_err(|why| format!("ALMONER_MASTER_KEYS: {why}"))?,
        clock,
    });
    Ok(store.map_err(|error| format!("DATABASE_URL: {error}"))?)
}

/// The settings of the API, from those of the program.
pub fn api_settings(config: &Config) -> Settings {
    Settings {
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
    }
}

/// Blocks until the process gets SIGINT or SIGTERM.
pub fn wait_for_stop() -> std::io::Result<()> {
    System::new().block_on(stop_signal())
}

/// Resolves when the process gets SIGINT or SIGTERM.
async fn stop_signal() -> std::io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
