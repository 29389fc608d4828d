//! `almoner`: one program with a subcommand for each of its tasks.

use std::process::ExitCode;

use almoner::config::{self, Command as For};
use almoner::serve::Failure;
use almoner::{audit, documents, logging, operator, serve, work};
use almoner_persistence::{Clock, Login};
use clap::{Parser, Subcommand};

/// The standard allocator keeps what sign-ins once needed to hash passwords, for each thread that served one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(version, about = "The backend of adult social work practices", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API.
    Serve,
    /// Do the work that is due: expire referrals, ask another second person, number events, seal the audit log.
    Work,
    /// Bring the database's schema to this program's.
    Migrate,
    /// Administer councils, practices, contracts, clients, staff and signing keys from this machine's console.
    Operator {
        #[command(subcommand)]
        action: operator::Action,
    },
    /// Verify that the audit log is as it was written.
    Audit {
        #[command(subcommand)]
        action: audit::Action,
    },
    /// List the objects without a row, and the rows without an object, among the documents. The exit status is not 0 if there is
    /// one.
    Documents,
    /// Print the OpenAPI document.
    Openapi,
    /// Ask the server on this machine whether it is ready.
    Health {
        /// Ask the worker instead, on the port of `ALMONER_WORK_LISTEN`.
        #[arg(long)]
        work: bool,
    },
    #[cfg(feature = "demo")]
    #[command(flatten)]
    Demonstration(almoner_demo::Command),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(failure) => almoner_console::failed("almoner", &*failure),
    }
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    let start = |command: For| -> Result<config::Config, Failure> {
        let config = config::load(command)?;
        logging::start(&config.log, config.log_format)?;
        Ok(config)
    };
    match command {
        Command::Serve => serve::serve(&start(For::Serve)?)?,
        Command::Work => work::work(&start(For::Work)?)?,
        Command::Migrate => serve::migrate(&start(For::Migrate)?)?,
        Command::Operator { action } => {
            let config = start(For::Operator)?;
            let store = serve::open_store(&config, Login::App, Clock::new())?;
            operator::run(&store, &config, &action)?;
        }
        Command::Audit { action } => return audit::run(&start(For::Audit)?, &action),
        Command::Documents => return documents::run(&start(For::Documents)?),
        Command::Openapi => almoner_console::print(format_args!("{}", almoner_api::openapi::text()?))?,
        Command::Health { work } => serve::health(&start(For::Health)?, work)?,
        #[cfg(feature = "demo")]
        Command::Demonstration(command) => return almoner_demo::run(&command, demonstrated_program, store_for_data),
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens the store for `demo-data`, and gives the URL of its owner besides, or the login role's where none is given.
#[cfg(feature = "demo")]
fn store_for_data() -> Result<(almoner_persistence::Store, String), Failure> {
    let config = config::load(For::DemoData)?;
    logging::start(&config.log, config.log_format)?;
    let owner = Some(&config.migrate_database_url).filter(|url| !url.is_empty()).unwrap_or(&config.database_url);
    Ok((serve::open_store(&config, Login::App, Clock::new())?, owner.expose().to_owned()))
}

/// Reads the settings for the demonstration, and starts logging: to a terminal, and little, unless the settings say otherwise.
#[cfg(feature = "demo")]
fn demonstrated_program() -> Result<almoner_demo::Program, Failure> {
    let config = config::load(For::Demo)?;
    let is_set = |name| std::env::var_os(name).is_some();
    let level = if is_set("ALMONER_LOG") { &config.log } else { "warn" };
    let format = if is_set("ALMONER_LOG_FORMAT") { config.log_format } else { logging::Format::Text };
    logging::start(level, format)?;
    Ok(almoner_demo::Program {
        listen: config.listen,
        metrics_listen: config.metrics_listen,
        database_connections: config.database_connections,
        settings: serve::api_settings(&config)?,
        wait_for_stop: serve::wait_for_stop,
    })
}
