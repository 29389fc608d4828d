//! What PostgreSQL alone can do: the statements of a scenario, replayed by pgbench.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::str::FromStr;
use std::time::Duration;

use almoner_persistence::Clock;

use crate::Failure;
use crate::cluster::{APP, Cluster};
use crate::load::{Connection, count};
use crate::process;
use crate::scenario::{Requests, Scenario, Source as _};
use crate::statements::{NewSince, Trip, Variables, read, script};
use crate::world::World;

/// The requests that are sent before a recording, so that every connection of the pool has prepared what it will send.
const BEFORE: usize = 60;

/// The requests that are recorded, each for somebody else.
const RECORDED: usize = 30;

/// The requests of those that become scripts. pgbench prepares the statements of each script anew, and PostgreSQL plans the
/// first five runs of a prepared statement each time: with many scripts most of a short round would be planning, which the
/// service does once.
const SCRIPTS: usize = 4;

/// How the statements of a recording are sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As the service sends them.
    Prepared,
    /// Parsed and planned at each use.
    ParsedEachTime,
    /// Prepared, and each in a round trip of its own.
    OneByOne,
}

/// What replays of a scenario took, together.
#[derive(Default)]
pub(crate) struct Replayed {
    transactions: usize,
    seconds: f64,
    /// The processor time of all of PostgreSQL's processes, in microseconds.
    cpu: u64,
    /// The bytes that were written to the write-ahead log.
    wal: u64,
}

impl Replayed {
    /// Adds another replay of the same.
    pub(crate) fn add(&mut self, other: Self) {
        self.transactions += other.transactions;
        self.seconds += other.seconds;
        self.cpu += other.cpu;
        self.wal += other.wal;
    }

    /// Transactions a second.
    pub(crate) fn rate(&self) -> f64 {
        if self.seconds > 0.0 { count(self.transactions) / self.seconds } else { 0.0 }
    }

    /// PostgreSQL's microseconds of processor time for each transaction.
    pub(crate) fn cpu_each(&self) -> f64 {
        self.each(self.cpu)
    }

    /// Bytes of the write-ahead log for each transaction.
    pub(crate) fn wal_each(&self) -> f64 {
        self.each(self.wal)
    }

    fn each(&self, sum: u64) -> f64 {
        count(usize::try_from(sum).unwrap_or(usize::MAX)) / count(self.transactions.max(1))
    }
}

/// The statements of a scenario.
pub(crate) struct Recording {
    /// The round trips and the statements of one request, as most of them had.
    pub(crate) round_trips: usize,
    pub(crate) statements: usize,
    scripts: Vec<PathBuf>,
    /// The same without pipelines.
    one_by_one: Vec<PathBuf>,
    variables: Variables,
}

/// Sends requests of a scenario while the server logs every statement, and writes a script for each.
pub(crate) async fn record(
    cluster: &Cluster,
    world: &Rc<World>,
    scenario: Scenario,
    port: u16,
    directory: &Path,
) -> Result<Option<Recording>, Failure> {
    let requests = Requests { world: Rc::clone(world), scenario, count: Cell::new(1_000_000) };
    let mut connection = Connection::open(port).await?;
    // A sign-in is slow, and there are not many codes.
    let (before, recorded) = if scenario == Scenario::SignIn { (2, 3) } else { (BEFORE, RECORDED) };
    for _ in 0..before {
        let Some(call) = requests.next() else { return Ok(None) };
        connection.expect(&call).await?;
    }
    cluster.log_statements(true)?;
    let result = record_each(cluster, &requests, &mut connection, recorded).await;
    cluster.log_statements(false)?;
    let recordings = result?;
    let mut sizes: Vec<(usize, usize)> = recordings
        .iter()
        .map(|(_, trips)| (trips.len(), trips.iter().map(|trip| trip.statements.len()).sum()))
        .collect();
    sizes.sort_unstable();
    let Some((round_trips, statements)) = sizes.get(sizes.len() / 2).copied() else { return Ok(None) };

    let folder = directory.join("pgbench").join(scenario.title().replace(' ', "-"));
    fs::create_dir_all(&folder)?;
    let (mut variables, mut scripts, mut one_by_one) = (Variables::default(), Vec::new(), Vec::new());
    for (number, (millis, trips)) in recordings.iter().take(SCRIPTS).enumerate() {
        let path = folder.join(format!("{number}.sql"));
        let text = script(trips, &NewSince { millis: *millis }, &mut variables);
        fs::write(&path, &text)?;
        scripts.push(path);
        let path = folder.join(format!("{number}-one-by-one.sql"));
        fs::write(&path, text.replace("\\startpipeline\n", "").replace("\\endpipeline\n", ""))?;
        one_by_one.push(path);
    }
    Ok(Some(Recording { round_trips, statements, scripts, one_by_one, variables }))
}

async fn record_each(
    cluster: &Cluster,
    requests: &Requests,
    connection: &mut Connection,
    count: usize,
) -> Result<Vec<(u64, Vec<Trip>)>, Failure> {
    let log = fs::File::open(cluster.log())?;
    let mut recordings = Vec::new();
    for _ in 0..count {
        let Some(call) = requests.next() else { break };
        let from = log.metadata()?.size();
        let millis = u64::try_from(Clock::new().now().timestamp_millis())?;
        connection.expect(&call).await?;
        let mut bytes = vec![0; usize::try_from(log.metadata()?.size() - from)?];
        log.read_exact_at(&mut bytes, from)?;
        recordings.push((millis, read(&String::from_utf8_lossy(&bytes))));
    }
    Ok(recordings)
}

impl Recording {
    /// Replays the statements on so many connections.
    pub(crate) fn replay(
        &self,
        cluster: &Cluster,
        database: &str,
        mode: Mode,
        connections: usize,
        duration: Duration,
    ) -> Result<Replayed, Failure> {
        let mut command = cluster.program("pgbench");
        command.args(["-n", "-M", if mode == Mode::ParsedEachTime { "extended" } else { "prepared" }]);
        command.args(["-c", &connections.to_string(), "-j", &connections.min(2).to_string()]);
        command.args(["-T", &duration.as_secs().max(1).to_string(), "-h", &cluster.socket_directory()]);
        command.args(["-p", "5432", "-U", APP]);
        for script in if mode == Mode::OneByOne { &self.one_by_one } else { &self.scripts } {
            command.arg("-f").arg(script);
        }
        for (value, name) in &self.variables.0 {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let used = || Ok::<_, Failure>((process::with_children(cluster.pid()), cluster.written_ahead()?));
        let before = used()?;
        let output = command.arg(database).output()?;
        let after = used()?;
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let rate: Option<f64> = value_after(&said, "tps = ");
        let transactions = value_after(&said, "number of transactions actually processed: ");
        match (rate, transactions) {
            (Some(rate), Some(transactions)) if output.status.success() && rate > 0.0 => Ok(Replayed {
                transactions,
                seconds: count(transactions) / rate,
                cpu: after.0.saturating_sub(before.0),
                wal: after.1.saturating_sub(before.1),
            }),
            _ => {
                Err(complained.lines().find(|line| line.contains("rror")).unwrap_or("pgbench failed").to_owned().into())
            }
        }
    }
}

/// The first word of what stands in a line after these words.
fn value_after<T: FromStr>(said: &str, words: &str) -> Option<T> {
    said.lines().find_map(|line| line.strip_prefix(words)?.split(' ').next()?.parse().ok())
}
