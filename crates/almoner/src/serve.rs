//! `almoner serve`, `work`, `migrate` and `health`.

use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use actix_web::rt::System;
use almoner_api::{PasswordCost, Service, Settings};
use almoner_persistence::{Clock, MasterKeys, Store, StoreOptions, migrations};
use almoner_worker::Heads;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::running::Running;

/// What goes wrong, in words for the operator.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves the API until told to stop.
pub fn serve(config: &Config) -> Result<(), Failure> {
    let store = open_store(config, Clock::new())?;
    store.is_ready().map_err(|error| format!("the database is not ready: {error}. Run `almoner migrate` first."))?;
    let service = Service::new(store, settings(config))?;
    let listener = TcpListener::bind(config.listen)?;
    let metrics = TcpListener::bind(config.metrics_listen)?;
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let running = Running::start(service, listener, Some(metrics), workers)?;
    tracing::info!(listen = %config.listen, metrics = %config.metrics_listen, "serving");
    wait_for_the_end()?;
    tracing::info!("stopping: requests under way are finished");
    running.stop()?;
    Ok(())
}

/// Does what is due until told to stop.
pub fn work(config: &Config) -> Result<(), Failure> {
    let store = open_store(config, Clock::new())?;
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
    wait_for_the_end()?;
    drop(stop);
    worker.join().map_err(|_| "the worker panicked")?;
    Ok(())
}

/// What signs the heads of the audit log, where the settings ask for it.
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

/// Whether the server on this machine is ready.
pub fn health(config: &Config) -> Result<(), Failure> {
    let url = format!("http://127.0.0.1:{}/health/ready", config.listen.port());
    ureq::get(&url).call()?;
    Ok(())
}

/// Opens the store that the settings name.
pub fn open_store(config: &Config, clock: Clock) -> Result<Store, Failure> {
    Ok(Store::open(StoreOptions {
        database_url: config.database_url.expose().to_owned(),
        connections: config.database_connections,
        master_keys: MasterKeys::parse(config.master_keys.expose())
            .map_err(|why| format!("ALMONER_MASTER_KEYS: {why}"))?,
        clock,
        statements_one_by_one: config.statements_one_by_one,
    })?)
}

fn settings(config: &Config) -> Settings {
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

/// Waits for SIGINT or SIGTERM.
pub fn wait_for_the_end() -> std::io::Result<()> {
    System::new().block_on(async {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}
