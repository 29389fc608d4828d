//! `almoner demo`: everything on a private PostgreSQL, with synthetic data from a fixed seed.
//!
//! Everybody in it is made up. Staff sign in as `<login>@<practice slug>.example`, all with the one password
//! [`PASSWORD`] and the one authenticator [`TOTP_SECRET`], which exist in the demonstration only:
//!
//! - `director`: owns the practice, a manager; `manager`: line manager of the workers; `second-manager`: outside that line,
//!   so the one who countersigns;
//! - `social-worker`, `social-worker-2`, `practitioner`: work on cases;
//! - `complaints`, `records`, `administrator`: complaints manager, records officer, administrator.
//!
//! At `orwell-practice` the complaints manager manages everyone, so complaints there go to the council. The social worker
//! `bank-social-worker@shropshire.example` belongs to both practices in Shropshire.

mod cast;
mod desk;
mod home;
mod people;
mod plan;
mod story;
mod words;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use almoner_api::{PasswordCost, Quotas, Service, Settings};
use almoner_embedded_postgres::Server;
use almoner_persistence::{Clock, MasterKeys, Store, StoreOptions, migrations};

use almoner_worker::Heads;

use crate::config::{self, Command, Config};
use crate::logging::{self, Format};
use crate::logins::Logins;
use crate::running::Running;
use crate::serve::{Failure, wait_for_the_end};
use home::Home;

/// Where the demonstration keeps its database, keys and logins.
pub const DIRECTORY: &str = ".almoner";

/// The password of every account of the demonstration, and of nothing else.
pub const PASSWORD: &str = "almoner-demo-only";

/// The secret of every authenticator of the demonstration, and of nothing else.
pub const TOTP_SECRET: &str = "ALMONERDEMOONLYALMONERDEMOONLYAL";

/// The operator's account in the demonstration.
pub const OPERATOR: &str = "operator@almoner.example";

/// The logins, for people to read.
const LOGINS: [(&str, &str); 8] = [
    ("social-worker@PRACTICE.example", "social worker; social-worker-2 is another"),
    ("practitioner@PRACTICE.example", "practitioner"),
    ("manager@PRACTICE.example", "manager of those three; second-manager, outside that line, countersigns"),
    ("director@PRACTICE.example", "owner and manager"),
    ("complaints@PRACTICE.example", "complaints manager"),
    ("records@PRACTICE.example", "records officer; administrator is the administrator"),
    (cast::BANK_EMAIL, "works for both practices in Shropshire: names one when signing in"),
    (OPERATOR, "who runs the service"),
];

const DATABASE: &str = "almoner";

/// Starts everything, makes the synthetic data if it is not there, takes the tour, and serves until told to stop; with
/// `once`, stops after the tour.
pub fn run(once: bool) -> Result<ExitCode, Failure> {
    let began = Instant::now();
    let config = config::load(Command::Demo)?;
    start_logging(&config)?;
    let listener = listen(config.listen, "ALMONER_LISTEN")?;
    let metrics = listen(config.metrics_listen, "ALMONER_METRICS_LISTEN")?;
    let metrics_url = format!("http://{}/metrics", metrics.local_addr()?);

    println!(
        "Almoner's demonstration. Everybody in it is made up, and its password and keys are for this machine only."
    );
    let home = Home::open()?;
    let postgres = home.start_postgres().map_err(home::postgres_failed)?;
    println!("- PostgreSQL runs on {}", postgres.data().display());
    let seeds = migrations::create_database(&superuser(&postgres, "postgres"), DATABASE, !home.is_seeded())?;
    if seeds {
        home.begin()?;
    }
    match migrations::migrate(&superuser(&postgres, DATABASE))?.len() {
        0 => println!("- the database is up to date"),
        count => println!("- the database is migrated ({count} migrations)"),
    }

    // What is started later is stopped first, however this ends.
    let clock = Clock::new();
    let works = open_store(&home, &postgres, "almoner_work", 2, &clock)?;
    let store = open_store(&home, &postgres, "almoner_app", config.database_connections, &clock)?;
    let service = Service::new(store.clone(), settings(&config))?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let running = Running::start(service, listener, Some(metrics), threads)?;
    let mut logins = if seeds {
        let logins = story::seed(&store, &works, &clock, running.url())?;
        clock.set(Clock::new().now());
        logins
    } else {
        println!("- the synthetic data is there from the first start");
        Logins::read()?
    };
    let heads = Heads::new(&home.audit_key()?, home.audit_heads())?;
    let worker = Worker::start(works, heads)?;
    logins.set("ALMONER_URL", running.url());
    logins.write()?;
    if seeds {
        home.finish()?;
    }
    println!("- ready after {:.1} seconds\n", began.elapsed().as_secs_f32());
    print_where_to_look(running.url(), &metrics_url);

    println!("\nThe tour:\n");
    let toured = crate::tour::run(None, None)?;
    let failed = toured != ExitCode::SUCCESS;
    if failed {
        eprintln!("\nalmoner: the tour failed; what it met is above");
    } else if !once {
        println!("\nServing at {}. Stop with Ctrl-C.", running.url());
        wait_for_the_end()?;
        println!("\nStopping: requests under way are finished.");
    }
    running.stop()?;
    worker.stop()?;
    postgres.stop().map_err(home::postgres_failed)?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// To the terminal, and little of it, unless the settings say otherwise.
fn start_logging(config: &Config) -> Result<(), Failure> {
    let is_set = |name| std::env::var_os(name).is_some();
    let level = if is_set("ALMONER_LOG") { &config.log } else { "warn" };
    let format = if is_set("ALMONER_LOG_FORMAT") { config.log_format } else { Format::Text };
    Ok(logging::start(level, format)?)
}

fn listen(address: SocketAddr, setting: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "something already listens on {address}, perhaps another demonstration. Stop it, or choose another port: \
             {setting}={}:{} make demo",
            address.ip(),
            address.port().saturating_add(1000)
        )
        .into(),
        _ => format!("{setting}: {address}: {error}").into(),
    })
}

fn superuser(postgres: &Server, database: &str) -> String {
    postgres.url(postgres.superuser(), database)
}

fn open_store(home: &Home, postgres: &Server, role: &str, connections: u32, clock: &Clock) -> Result<Store, Failure> {
    Ok(Store::open(StoreOptions {
        database_url: postgres.url(role, DATABASE),
        connections: connections.min(20),
        master_keys: MasterKeys::parse(&home.master_keys()?)?,
        clock: clock.clone(),
        statements_one_by_one: false,
    })?)
}

fn settings(config: &Config) -> Settings {
    Settings {
        public_url: config.public_url.clone(),
        body_limit: config.body_limit,
        request_timeout: config.request_timeout,
        // Long enough to look round by hand.
        access_token: Duration::from_hours(1),
        sessions: config.session_limits,
        shutdown: config.shutdown,
        password_cost: PasswordCost::Cheap,
        // Everybody in it signs in from one address.
        quotas: Quotas { sign_in: config.quotas.member, ..config.quotas },
        trusted_proxies: config.trusted_proxies.clone(),
        cors_origins: config.cors_origins.clone(),
        allow_private_providers: config.allow_private_providers,
    }
}

/// The worker on a thread of its own; it stops when told to, or when it is dropped.
struct Worker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    fn start(store: Store, heads: Heads) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(move || almoner_worker::run(&store, stopped, Duration::from_secs(2), Some(heads)))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }

    fn stop(mut self) -> Result<(), Failure> {
        if self.end() { Ok(()) } else { Err("the worker panicked".into()) }
    }

    fn end(&mut self) -> bool {
        drop(self.stop.take());
        self.thread.take().is_none_or(|thread| thread.join().is_ok())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if !self.end() {
            tracing::error!("the worker panicked");
        }
    }
}

fn print_where_to_look(url: &str, metrics: &str) {
    println!("Where to look");
    for (what, place) in [
        ("Documentation to try out", format!("{url}/docs/")),
        ("OpenAPI document", format!("{url}/openapi.json")),
        ("Public directory", format!("{url}/v1/public/practices")),
        ("Metrics", metrics.to_owned()),
        ("Clients of councils and the app", format!("{}  (a shell can source it)", Logins::path().display())),
    ] {
        println!("  {what:<41}{place}");
    }
    println!("\nDemo logins: one password for all of them, {PASSWORD}; the code at this moment: almoner code");
    for (login, what) in LOGINS {
        println!("  {login:<41}{what}");
    }
    println!("Practices");
    for practice in cast::PRACTICES {
        println!("  {:<41}{}, {}", practice.slug, practice.name, cast::COUNCILS[practice.council].name);
    }
}
