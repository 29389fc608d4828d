//! The run: the cluster, the data, the service, and the rounds in which everything takes turns.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};

use almoner_console::{remark, say};
use almoner_domain::events::OutboxKind;
use almoner_persistence::random;
use clap::ValueEnum as _;
use data_encoding::BASE64;

use crate::cluster::Cluster;
use crate::load::{self, Round};
use crate::peers::{Peer, Running, Surroundings};
use crate::pgbench::Mode;
use crate::report::{Figures, Growth, PoolRow, Report, Row};
use crate::scenario::{EVENTS, Requests, Scenario, Source};
use crate::service::{Program, Service, program_beside};
use crate::world::{Printed, World};
use crate::{Arguments, Failure, Part, changes, machine, pgbench, plans, process};

/// The database that is measured, and the small one beside it.
pub(crate) const DATABASE: &str = "almoner";
const SMALL: &str = "almoner_small";

/// The number of connections at which peers are measured besides.
const MANY: usize = 64;

/// The scenarios whose growth is compared.
const GROWING: [Scenario; 5] =
    [Scenario::Person, Scenario::Caseload, Scenario::Timeline, Scenario::Name, Scenario::Nhs];

/// A service on one database, with those who call it.
struct Measured {
    service: Service,
    world: Rc<World>,
    postmaster: u32,
    database: &'static str,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    fs::create_dir_all(&arguments.directory)?;
    let cluster = Cluster::start(&arguments.directory)?;
    let program = Program {
        path: program_beside()?,
        directory: arguments.directory.clone(),
        master_keys: format!("1:{}", BASE64.encode(&random::bytes::<32>())),
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let pool = arguments.pool.unwrap_or(u32::try_from((cores * 4).clamp(4, 64))?);
    let mut report = Report { people: arguments.people, few: arguments.growth, ..Report::default() };
    let began = Instant::now();
    let printed = fill(&cluster, &program, DATABASE, arguments.practices, arguments.people, arguments.seed)?;
    if arguments.only == Some(Part::Plans) {
        return plans::hold(&cluster, &program, printed, arguments).await;
    }
    report.data_seconds = began.elapsed().as_secs();
    report.machine = machine::describe(&cluster, arguments, pool)?;

    if arguments.pools.is_empty() {
        let measured = Measured::start(&cluster, &program, DATABASE, pool, printed).await?;
        report.ready_millis = measured.service.ready_after.as_millis();
        if arguments.only.is_none() {
            measure_scenarios(&cluster, &program, &measured, arguments, pool, &mut report).await?;
        }
        report.resident_kib = process::resident_kib(measured.service.pid());
        if arguments.growth > 0 && arguments.growth < arguments.people {
            measure_growth(&cluster, &program, &measured, arguments, pool, &mut report).await?;
        }
    } else {
        measure_pools(&cluster, &program, printed, arguments, &mut report).await?;
    }
    say!("{}", report.tables())?;
    if let Some(folder) = arguments.page.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&arguments.page, report.page())?;
    remark!("wrote {}", arguments.page.display());
    match report.growth.iter().filter(|growth| growth.times() > growth.limit()).count() {
        missed if missed > 0 && arguments.only == Some(Part::Growth) => {
            Err(format!("{missed} scenarios grow by more than their aim").into())
        }
        _ => Ok(()),
    }
}

/// Makes a database, and fills it as `almoner demo-data` does.
fn fill(
    cluster: &Cluster,
    program: &Program,
    database: &str,
    practices: usize,
    people: usize,
    seed: u64,
) -> Result<Printed, Failure> {
    cluster.psql("postgres", &format!("CREATE DATABASE {database}"))?;
    let migrated = program.command(cluster, database).arg("migrate").stdout(Stdio::null()).status()?;
    let output = program
        .command(cluster, database)
        .args(["demo-data", "--practices", &practices.min(people).to_string(), "--people", &people.to_string()])
        .args(["--seed", &seed.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    if !migrated.success() || !output.status.success() {
        return Err(format!("the data of {database} could not be made").into());
    }
    cluster.settle(database)?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

impl Measured {
    async fn start(
        cluster: &Cluster,
        program: &Program,
        database: &'static str,
        pool: u32,
        printed: Printed,
    ) -> Result<Self, Failure> {
        let service = program.serve(cluster, database, pool, None).await?;
        let world = Rc::new(World::enter(printed, service.port).await?);
        Ok(Self { service, world, postmaster: cluster.pid(), database })
    }

    fn requests(&self, scenario: Scenario) -> Requests {
        Requests { world: Rc::clone(&self.world), scenario, count: Cell::new(0) }
    }

    /// Measures one round of requests, and adds it to the figures.
    async fn add_round(
        &self,
        figures: &mut Figures,
        source: &Rc<dyn Source>,
        connections: usize,
        duration: Duration,
    ) -> Result<(), Failure> {
        let cpu = || (process::of_one(self.service.pid()), process::with_children(self.postmaster));
        add_round(figures, source, self.service.port, connections, duration, &cpu).await
    }
}

/// Measures one round of a server, with the processor time before and after it.
async fn add_round(
    figures: &mut Figures,
    source: &Rc<dyn Source>,
    port: u16,
    connections: usize,
    duration: Duration,
    cpu: &dyn Fn() -> (u64, u64),
) -> Result<(), Failure> {
    let before = cpu();
    let round: Round = load::run(port, connections, duration, source).await?;
    let after = cpu();
    figures.service_cpu += after.0.saturating_sub(before.0);
    figures.database_cpu += after.1.saturating_sub(before.1);
    figures.round.add(round);
    Ok(())
}

async fn measure_scenarios(
    cluster: &Cluster,
    program: &Program,
    measured: &Measured,
    arguments: &Arguments,
    pool: u32,
    report: &mut Report,
) -> Result<(), Failure> {
    let scenarios = if arguments.scenarios.is_empty() { Scenario::value_variants() } else { &arguments.scenarios[..] };
    let around = Surroundings { cluster, program, database: DATABASE, pool, service: measured.service.port };
    let peers = start_peers(&around, arguments, report)?;
    for &scenario in scenarios {
        remark!("{}: recording its statements", scenario.title());
        prepare(cluster, program, measured, scenario, arguments).await?;
        let recording = if scenario == Scenario::Mixed {
            None
        } else {
            pgbench::record(cluster, &measured.world, scenario, measured.service.port, &arguments.directory).await?
        };
        cluster.settle(DATABASE)?;
        if let (Some(recording), Scenario::Person | Scenario::Note) = (&recording, scenario) {
            remark!("{}: taking changes back", scenario.title());
            let duration = Duration::from_secs(arguments.seconds);
            report.changes.extend(changes::measure(cluster, scenario, recording, arguments.rounds, duration)?);
        }
        let mut connections = arguments.connections.clone();
        if peers.iter().any(|(peer, _)| peer.serves(scenario)) {
            connections.push(MANY);
        }
        for connections in connections {
            prepare(cluster, program, measured, scenario, arguments).await?;
            let mut row = Row {
                scenario,
                connections,
                almoner: Figures::default(),
                pgbench: Ok(0.0),
                sent: recording.as_ref().map(|recording| (recording.round_trips, recording.statements)),
                peers: Vec::new(),
            };
            rounds(cluster, measured, arguments, pool, recording.as_ref(), &peers, &mut row).await?;
            remark!("{} at {connections}: {:.0}/s", scenario.title(), row.almoner.round.rate());
            report.rows.push(row);
        }
    }
    Ok(())
}

/// What a scenario needs before it is measured.
async fn prepare(
    cluster: &Cluster,
    program: &Program,
    measured: &Measured,
    scenario: Scenario,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let wanted = match scenario {
        // As many referrals as the rounds will accept, at a rate that this has never reached.
        Scenario::Accepted => 200 + arguments.rounds * usize::try_from(arguments.seconds)? * 400,
        // More than a page at each practice.
        Scenario::Changed => 100 * measured.world.offices.len(),
        Scenario::Feed => return fill_feeds(cluster, measured.database),
        Scenario::Upload => return remove_documents(cluster, program, measured),
        Scenario::Download => {
            remove_documents(cluster, program, measured)?;
            return send_documents(cluster, measured).await;
        }
        _ => return Ok(()),
    };
    measured.world.look_into_inboxes(measured.service.port).await?;
    let missing = wanted.saturating_sub(measured.world.referrals.borrow().len());
    if missing > 0 {
        remark!("sending {missing} referrals");
        let source: Rc<dyn Source> =
            Rc::new(FirstOf { requests: measured.requests(Scenario::Taken), left: Cell::new(missing) });
        let sent = load::run(measured.service.port, 4, Duration::from_mins(10), &source).await?;
        if let Some(fault) = sent.failure {
            return Err(fault.into());
        }
        measured.world.look_into_inboxes(measured.service.port).await?;
    }
    Ok(())
}

/// Removes every document, so that no case and no practice has as many as it may.
fn remove_documents(cluster: &Cluster, program: &Program, measured: &Measured) -> Result<(), Failure> {
    let remove = "DELETE FROM documents; DELETE FROM document_days; DELETE FROM jobs WHERE kind LIKE 'document.%'";
    cluster.psql(measured.database, remove)?;
    let removed = std::fs::remove_dir_all(program.documents());
    // Where none was sent in, there is no directory.
    removed.or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    Ok(())
}

/// Sends in a document at each practice, and has them found clean.
async fn send_documents(cluster: &Cluster, measured: &Measured) -> Result<(), Failure> {
    let uploads = measured.requests(Scenario::Upload);
    let mut connection = load::Connection::open(measured.service.port).await?;
    let mut documents = Vec::new();
    for office in 0..measured.world.offices.len() {
        let Some(call) = uploads.next() else { break };
        let sent: serde_json::Value = serde_json::from_slice(&connection.expect(&call).await?)?;
        documents.push((office, sent["id"].as_str().unwrap_or_default().to_owned()));
    }
    cluster.psql(measured.database, "UPDATE documents SET status = 'clean', scanned_at = sent_at")?;
    measured.world.documents.replace(documents);
    Ok(())
}

/// Writes events into the feed of each council, and their numbers, unless they are there.
fn fill_feeds(cluster: &Cluster, database: &str) -> Result<(), Failure> {
    let kind = OutboxKind::ReferralAccepted.as_str();
    let events = format!(
        "INSERT INTO outbox (owner_id, event_id, recipient_id, feed, kind, subject_id, at, number)
             SELECT practice.practice_id, gen_random_uuid(), council_id, 'council', '{kind}', gen_random_uuid(), now(), number
             FROM councils, (SELECT practice_id FROM practices LIMIT 1) practice, generate_series(1, {EVENTS}) number
             WHERE NOT EXISTS (SELECT FROM feed_heads);
         INSERT INTO feed_heads (owner_id, feed, number)
             SELECT council_id, 'council', {EVENTS} FROM councils WHERE NOT EXISTS (SELECT FROM feed_heads)"
    );
    cluster.psql(database, &events)?;
    Ok(())
}

/// The first of some requests.
struct FirstOf {
    requests: Requests,
    left: Cell<usize>,
}

impl Source for FirstOf {
    fn next(&self) -> Option<crate::scenario::Call> {
        self.left.set(self.left.get().checked_sub(1)?);
        self.requests.next()
    }
}

/// Starts the peers that are asked for. One that cannot be had is named in the report.
fn start_peers(
    around: &Surroundings<'_>,
    arguments: &Arguments,
    report: &mut Report,
) -> Result<Vec<(Peer, Running)>, Failure> {
    let named = |word: &str| arguments.peers.iter().any(|peer| peer == word);
    if named("none") {
        return Ok(Vec::new());
    }
    let wanted = if named("all") { &[][..] } else { &arguments.peers[..] };
    let mut running = Vec::new();
    for peer in Peer::find(Path::new("bench/peers"), wanted)? {
        match peer.start(around) {
            Ok(started) => running.push((peer, started)),
            Err(reason) => {
                remark!("SKIP {}: {reason}", peer.name);
                report.skipped.push(format!("{}: {reason}", peer.name));
            }
        }
    }
    Ok(running)
}

/// The rounds of one scenario at one number of connections.
async fn rounds(
    cluster: &Cluster,
    measured: &Measured,
    arguments: &Arguments,
    pool: u32,
    recording: Option<&pgbench::Recording>,
    peers: &[(Peer, Running)],
    row: &mut Row,
) -> Result<(), Failure> {
    let duration = Duration::from_secs(arguments.seconds);
    let own: Rc<dyn Source> = Rc::new(measured.requests(row.scenario));
    let peers: Vec<_> = peers
        .iter()
        .filter(|(peer, _)| peer.serves(row.scenario))
        .map(|(peer, running)| (peer.title.clone(), running, peer.requests(measured.requests(row.scenario))))
        .collect();
    row.peers = peers.iter().map(|(title, ..)| (title.clone(), Figures::default())).collect();
    row.pgbench = match (row.scenario.not_replayed(), recording) {
        (Some(reason), _) => Err(reason.to_owned()),
        (None, None) => Err("nothing was recorded".to_owned()),
        (None, Some(_)) => Ok(0.0),
    };
    for _ in 0..arguments.rounds {
        measured.add_round(&mut row.almoner, &own, row.connections, duration).await?;
        if let (Ok(sum), Some(recording)) = (&row.pgbench, recording) {
            let connections = row.connections.min(usize::try_from(pool)?);
            let replayed = recording.replay(cluster, measured.database, Mode::Prepared, connections, duration);
            row.pgbench = replayed.map(|replayed| sum + replayed.rate()).map_err(|failure| failure.to_string());
        }
        for ((_, figures), (_, running, source)) in row.peers.iter_mut().zip(&peers) {
            let cpu = || (process::of_group(running.group()), process::with_children(measured.postmaster));
            add_round(figures, source, running.port, row.connections, duration, &cpu).await?;
        }
    }
    row.pgbench = row.pgbench.clone().map(|sum| sum / load::count(arguments.rounds));
    Ok(())
}

/// Measures the same requests on a small database and on the large one, in turns. The small one is a single practice, so that
/// a worker there has as many cases as elsewhere, and what differs is the size and not the answer.
async fn measure_growth(
    cluster: &Cluster,
    program: &Program,
    large: &Measured,
    arguments: &Arguments,
    pool: u32,
    report: &mut Report,
) -> Result<(), Failure> {
    let printed = fill(cluster, program, SMALL, 1, arguments.growth, arguments.seed)?;
    let small = Measured::start(cluster, program, SMALL, pool, printed).await?;
    cluster.settle(DATABASE)?;
    let duration = Duration::from_secs(arguments.seconds);
    for scenario in GROWING {
        let mut growth = Growth { scenario, small: Figures::default(), large: Figures::default() };
        let sources: [Rc<dyn Source>; 2] = [Rc::new(small.requests(scenario)), Rc::new(large.requests(scenario))];
        // What is not in memory yet is read once before.
        for (measured, source) in [&small, large].into_iter().zip(&sources) {
            load::run(measured.service.port, 1, Duration::from_secs(1), source).await?;
        }
        for _ in 0..arguments.rounds {
            small.add_round(&mut growth.small, &sources[0], 1, duration).await?;
            large.add_round(&mut growth.large, &sources[1], 1, duration).await?;
        }
        report.growth.push(growth);
    }
    Ok(())
}

/// Measures persons at 16 connections of callers with each size of the pool.
async fn measure_pools(
    cluster: &Cluster,
    program: &Program,
    printed: Printed,
    arguments: &Arguments,
    report: &mut Report,
) -> Result<(), Failure> {
    let duration = Duration::from_secs(arguments.seconds);
    let mut services = Vec::new();
    let first = Measured::start(cluster, program, DATABASE, arguments.pools[0], printed).await?;
    report.ready_millis = first.service.ready_after.as_millis();
    for &pool in &arguments.pools {
        services.push((pool, program.serve(cluster, DATABASE, pool, Some(first.service.port)).await?));
    }
    report.pools = arguments.pools.iter().map(|&pool| PoolRow { pool, figures: Figures::default() }).collect();
    for _ in 0..arguments.rounds {
        for ((_, service), row) in services.iter().zip(&mut report.pools) {
            let source: Rc<dyn Source> = Rc::new(first.requests(Scenario::Person));
            let cpu = || (process::of_one(service.pid()), process::with_children(first.postmaster));
            add_round(&mut row.figures, &source, service.port, 16, duration, &cpu).await?;
        }
    }
    report.resident_kib = services.first().map_or(0, |(_, service)| process::resident_kib(service.pid()));
    Ok(())
}
