//! The demonstration of Almoner: the whole service on a private PostgreSQL with sample data, and a tour that tries it over
//! HTTP as each of the six callers.
//!
//! The program includes this crate with its feature `demo`; an image for production is built without it. The dependency goes
//! one way: this crate knows nothing of the program, which gives it its settings as [`Program`]. The tests use the parts
//! from which the demonstration is made: [`BackgroundServer`], [`Authenticator`] and the HTTP client in [`web`].

mod authenticator;
mod background_server;
mod confirming;
mod data_directory;
mod demo;
mod example_pages;
mod logins;
mod readiness;
mod seed;
mod tour;
pub mod web;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use almoner_api::Settings;
use almoner_console::say;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_persistence::{Clock, Store};
use clap::Subcommand;

pub use authenticator::Authenticator;
pub use background_server::BackgroundServer;
pub use confirming::{begin_as_officer, begin_at_complaints, confirm_officer, confirm_staff, invite_guest};
pub use readiness::make_ready;

/// The reason why a command of the demonstration failed, in words for the person who ran it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The directory, below the working directory, in which the demonstration keeps its database, keys and logins.
const DIRECTORY: &str = ".almoner";

/// The password of every account of the demonstration, and of nothing else.
const PASSWORD: &str = "almoner-demo-only";

/// The secret of every authenticator of the demonstration, and of nothing else.
const TOTP_SECRET: &str = "ALMONERDEMOONLYALMONERDEMOONLYAL";

/// The e-mail address of the operator's account in the demonstration.
const OPERATOR: &str = "operator@almoner.example";

/// The commands that the demonstration adds to the program.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Start everything on a private PostgreSQL with sample data, take the tour, and go on serving.
    Demo {
        /// Stop after the tour.
        #[arg(long)]
        once: bool,
    },
    /// Try the main job over HTTP as each of the six callers, and print what is asked and answered.
    Tour {
        /// The URL at which the demonstration serves, if it is not the one that the demonstration wrote down.
        url: Option<String>,
        /// A file of referrals to send as well: one JSON object to a line, with `council` and `message`.
        #[arg(long)]
        referrals: Option<PathBuf>,
    },
    /// Write councils, practices and as many made-up people as are asked for into an empty database, with cases and notes.
    /// Prints the logins and some of the people as JSON.
    DemoData {
        /// The number of practices.
        #[arg(long, default_value_t = 8)]
        practices: usize,
        /// The number of people at all practices together. Each has a case with ten notes.
        #[arg(long, default_value_t = 1_000)]
        people: usize,
        /// The number of referrals that wait in each practice's inbox.
        #[arg(long, default_value_t = 20)]
        inbox: usize,
        /// The seed of every choice. The same seed gives the same people on the same day.
        #[arg(long, default_value_t = 2014)]
        seed: u64,
    },
    /// Print the code that the demonstration's authenticator shows at this moment.
    Code {
        /// The secret of another authenticator, in base32.
        #[arg(default_value = TOTP_SECRET)]
        secret: String,
    },
}

/// The settings that the program gives to its demonstration.
pub struct Program {
    /// The address of the API.
    pub listen: SocketAddr,
    /// The address of `/metrics`.
    pub metrics_listen: SocketAddr,
    /// The number of connections to the database.
    pub database_connections: u32,
    /// The settings of the API, some of which the demonstration relaxes.
    pub settings: Settings,
    /// Returns when the process is told to stop.
    pub wait_for_stop: fn() -> std::io::Result<()>,
}

/// Runs a command of the demonstration. The program's settings are read only for `demo`, which serves, and for `demo-data`,
/// which needs the program's store and the owner's URL of its database.
pub fn run(
    command: &Command,
    program: impl FnOnce() -> Result<Program, Failure>,
    store: impl FnOnce() -> Result<(Store, String), Failure>,
) -> Result<ExitCode, Failure> {
    match command {
        &Command::DemoData { practices, people, inbox, seed } => {
            let (store, owner_url) = store()?;
            let size = seed::scale::Size { practices, people, inbox, seed };
            let printed = seed::scale::write(&store, &owner_url, size)?;
            say!("{}", serde_json::to_string_pretty(&printed)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo { once } => demo::run(program()?, *once),
        Command::Tour { url, referrals } => tour::run(url.as_deref(), referrals.as_deref()),
        Command::Code { secret } => {
            let secret = TotpSecret::from_base32(secret).ok_or("the secret is not base32")?;
            say!("{}", secret.code(Clock::new().now()))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
