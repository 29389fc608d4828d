//! `almoner`: one program, a subcommand for each thing it does.

use std::path::PathBuf;
use std::process::ExitCode;

use almoner::config::{self, Command as For};
use almoner::serve::Failure;
use almoner::{audit, demo, logging, operator, serve, tour};
use almoner_persistence::Clock;
use almoner_persistence::access::second_factor::TotpSecret;
use clap::{Parser, Subcommand};

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
    /// Do what is due: expiries, second persons who are late, the numbering of events.
    Work,
    /// Bring the database's schema to this program's.
    Migrate,
    /// Start everything on a private PostgreSQL with synthetic data, take the tour, and go on serving.
    Demo {
        /// Stop after the tour.
        #[arg(long)]
        once: bool,
    },
    /// Walk the main job over HTTP as each of the five callers.
    Tour {
        /// Where the demonstration serves; else as it wrote it down.
        url: Option<String>,
        /// Also send a file of referrals: one JSON object to a line, with `council` and `message`.
        #[arg(long)]
        referrals: Option<PathBuf>,
    },
    /// Print the code that the demonstration's authenticator shows at this moment.
    Code {
        /// Another authenticator's secret, in base32.
        #[arg(default_value = demo::TOTP_SECRET)]
        secret: String,
    },
    /// Councils, practices, contracts, clients, staff and signing keys, from the machine's own console.
    Operator {
        #[command(subcommand)]
        action: operator::Action,
    },
    /// The audit log: whether it is as it was written.
    Audit {
        #[command(subcommand)]
        action: audit::Action,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Whether the server on this machine is ready.
    Health,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("almoner: {failure}");
            ExitCode::FAILURE
        }
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
        Command::Work => serve::work(&start(For::Work)?)?,
        Command::Migrate => serve::migrate(&start(For::Migrate)?)?,
        Command::Demo { once } => return demo::run(once),
        Command::Tour { url, referrals } => return tour::run(url, referrals.as_deref()),
        Command::Code { secret } => {
            let secret = TotpSecret::from_base32(&secret).ok_or("the secret is not base32")?;
            println!("{}", secret.code(Clock::new().now()));
        }
        Command::Operator { action } => {
            let config = start(For::Operator)?;
            let store = serve::open_store(&config, Clock::new())?;
            operator::run(&store, &config, &action)?;
        }
        Command::Audit { action } => return audit::run(&start(For::Audit)?, &action),
        Command::Openapi => print!("{}", almoner_api::openapi::text()?),
        Command::Health => serve::health(&start(For::Health)?)?,
    }
    Ok(ExitCode::SUCCESS)
}
