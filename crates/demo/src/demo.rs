//! `almoner demo`: the whole service on a private PostgreSQL, with sample data from a fixed seed.
//!
//! Everybody in the sample data is made up. Staff sign in as `<login>@<practice slug>.example`, all with the password
//! [`PASSWORD`] and the authenticator [`TOTP_SECRET`](crate::TOTP_SECRET), which exist in the demonstration only:
//!
//! - `director` owns the practice and is a manager; `manager` is the line manager of the workers; `second-manager` stands
//!   outside that line, and so is the one who countersigns;
//! - `social-worker`, `social-worker-2` and `practitioner` work on cases;
//! - `handler` handles complaints that the council's officers give to them, at the complaints' door;
//! - `records` and `administrator` are the records officer and the administrator.
//!
//! The social worker `bank-social-worker@shropshire.example` belongs to both practices in Shropshire. Officers sign in as
//! `<login>@<council>.council.example`: `complaints`, `complaints-2`, `responsible` and `alternate` are asked to open complaints.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use almoner_api::{PasswordCost, Quotas, Service, Settings};
use almoner_console::{NotPrinted, remark, say};
use almoner_embedded_postgres::Server;
use almoner_persistence::{Clock, Login, MasterKeys, Objects, Store, StoreOptions, migrations};
use almoner_worker::{Heads, Scanner, Scans, Tally};

use crate::background_server::BackgroundServer;
use crate::data_directory::{DataDirectory, postgres_failed};
use crate::logins::Logins;
use crate::seed::{self, BANK_EMAIL, COUNCILS, PRACTICES};
use crate::{Failure, OPERATOR, PASSWORD, Program, example_pages, tour};

/// The logins that are printed, each with what the person does.
const PRINTED_LOGINS: [(&str, &str); 9] = [
    ("social-worker@PRACTICE.example", "social worker; social-worker-2 is another"),
    ("practitioner@PRACTICE.example", "practitioner"),
    ("manager@PRACTICE.example", "manager of those three; second-manager, outside that line, countersigns"),
    ("director@PRACTICE.example", "owner and manager"),
    ("handler@PRACTICE.example", "handles complaints that the council gives to them, at /v1/complaints"),
    ("complaints@COUNCIL.council.example", "complaints officer of a council, at /v1/complaints"),
    ("records@PRACTICE.example", "records officer; administrator is the administrator"),
    (BANK_EMAIL, "works for both practices in Shropshire, and names one when signing in"),
    (OPERATOR, "operator of the service"),
];

const DATABASE: &str = "almoner";

/// Starts everything, makes the sample data if it is not there, takes the tour, and serves until the process is told to
/// stop; with `once`, stops after the tour.
pub(crate) fn run(program: Program, once: bool) -> Result<ExitCode, Failure> {
    let began = Instant::now();
    let listener = listen(program.listen, "ALMONER_LISTEN")?;
    let metrics = listen(program.metrics_listen, "ALMONER_METRICS_LISTEN")?;
    let metrics_url = format!("http://{}/metrics", metrics.local_addr()?);

    say!("Almoner's demonstration. Everybody in it is made up, and its password and keys are for this machine only.")?;
    let directory = DataDirectory::open()?;
    let postgres = directory.start_postgres().map_err(postgres_failed)?;
    say!("- PostgreSQL runs on {}", postgres.data().display())?;
    let needs_seeding =
        migrations::create_database(&superuser_url(&postgres, "postgres"), DATABASE, !directory.is_seeded())?;
    if needs_seeding {
        directory.begin_seeding()?;
    }
    match migrations::migrate(&superuser_url(&postgres, DATABASE))?.len() {
        0 => say!("- the database is up to date")?,
        count => say!("- the database is migrated ({count} migrations)")?,
    }

    // Rust drops the last value first, however this function ends: the worker and the server stop before PostgreSQL.
    let clock = Clock::new();
    let worker_store = open_store(&directory, &postgres, Login::Work, 2, &clock)?;
    let store = open_store(&directory, &postgres, Login::App, program.database_connections, &clock)?;
    let documents = Objects::in_directory(&directory.documents());
    let service = Service::new(store.clone(), relaxed(program.settings, &documents))?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let server = BackgroundServer::start_beside(service, listener, Some(metrics), threads, example_pages::answer)?;
    let mut logins = if needs_seeding {
        let logins = seed::seed(&store, &worker_store, &clock, server.url())?;
        clock.set(Clock::new().now());
        logins
    } else {
        say!("- the sample data is there from an earlier start")?;
        Logins::read()?
    };
    let heads = Heads::new(&directory.audit_key()?, directory.audit_heads())?;
    let worker = WorkerThread::start(worker_store, heads, Scans { scanner: Some(Scanner::Demonstration), documents })?;
    logins.set("ALMONER_URL", server.url());
    logins.write()?;
    if needs_seeding {
        directory.finish_seeding()?;
    }
    say!("- ready after {:.1} seconds\n", began.elapsed().as_secs_f32())?;
    print_where_to_look(server.url(), &metrics_url)?;

    say!("\nThe tour:\n")?;
    let toured = tour::run(None, None)?;
    let failed = toured != ExitCode::SUCCESS;
    if failed {
        remark!("\nalmoner: the tour failed; the checks that did not pass are marked ✗ above");
    } else if !once {
        say!("\nServing at {}. Stop with Ctrl-C.", server.url())?;
        (program.wait_for_stop)()?;
        say!("\nStopping. Requests that are being answered are finished first.")?;
    }
    server.stop()?;
    worker.stop()?;
    postgres.stop().map_err(postgres_failed)?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
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

fn superuser_url(postgres: &Server, database: &str) -> String {
    postgres.url(postgres.superuser(), database)
}

fn open_store(
    directory: &DataDirectory,
    postgres: &Server,
    login: Login,
    connections: u32,
    clock: &Clock,
) -> Result<Store, Failure> {
    Ok(Store::open(StoreOptions {
        database_url: postgres.url(login.name(), DATABASE),
        login,
        connections: connections.min(20),
        keeps_statements: true,
        master_keys: MasterKeys::parse(&directory.master_keys()?)?,
        clock: clock.clone(),
    })?)
}

/// The program's settings, made less strict where a person tries things out by hand.
fn relaxed(settings: Settings, documents: &Objects) -> Settings {
    Settings {
        documents: documents.clone(),
        access_token: Duration::from_hours(1),
        password_cost: PasswordCost::Cheap,
        // Everybody signs in from one address, which would soon use up what one address may try.
        quotas: Quotas { sign_in: settings.quotas.member, ..settings.quotas },
        ..settings
    }
}

/// The worker and the scans, on threads of their own. They stop when [`WorkerThread::stop`] is called, or when it is dropped.
struct WorkerThread {
    stop: Vec<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl WorkerThread {
    fn start(store: Store, heads: Heads, scans: Scans) -> io::Result<Self> {
        let pause = Duration::from_secs(2);
        let (stop, stopped) = mpsc::channel();
        let (stop_scans, scans_stopped) = mpsc::channel();
        let scanned = store.clone();
        let worker = std::thread::Builder::new().name("worker".to_owned()).spawn(move || {
            almoner_worker::run(&store, stopped, pause, Some(heads), &Tally::default());
        })?;
        let scanning = std::thread::Builder::new().name("scans".to_owned()).spawn(move || {
            almoner_worker::run_scans(&scanned, scans_stopped, pause, &scans, &Tally::default());
        })?;
        Ok(Self { stop: vec![stop, stop_scans], threads: vec![worker, scanning] })
    }

    fn stop(mut self) -> Result<(), Failure> {
        if self.stop_and_join() { Ok(()) } else { Err("the worker panicked".into()) }
    }

    /// Stops both, and tells whether they ended without a panic.
    fn stop_and_join(&mut self) -> bool {
        self.stop.clear();
        let ended: Vec<bool> = self.threads.drain(..).map(|thread| thread.join().is_ok()).collect();
        ended.into_iter().all(|ended| ended)
    }
}

impl Drop for WorkerThread {
    fn drop(&mut self) {
        if !self.stop_and_join() {
            tracing::error!("the worker panicked");
        }
    }
}

fn print_where_to_look(url: &str, metrics_url: &str) -> Result<(), NotPrinted> {
    say!("Where to look")?;
    for (what, place) in [
        ("Documentation to try out", format!("{url}/docs/")),
        ("OpenAPI document", format!("{url}/openapi.json")),
        ("Example app for people who complain", format!("{url}{}", example_pages::APP)),
        ("Example desk for complaints officers", format!("{url}{}", example_pages::DESK)),
        ("Public directory", format!("{url}/v1/public/practices")),
        ("Metrics", metrics_url.to_owned()),
        ("Clients of councils and the app", format!("{}  (a shell can source it)", Logins::path().display())),
    ] {
        say!("  {what:<41}{place}")?;
    }
    say!("\nDemo logins: the password of all of them is {PASSWORD}; `almoner code` prints the code at this moment.")?;
    for (login, what) in PRINTED_LOGINS {
        say!("  {login:<41}{what}")?;
    }
    say!("Practices")?;
    for practice in PRACTICES {
        say!("  {:<41}{}, {}", practice.slug, practice.name, COUNCILS[practice.council].name)?;
    }
    Ok(())
}
