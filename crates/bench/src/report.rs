//! The figures of a run: a table on standard output, and the page `docs/performance/results.md`.

use std::fmt::Write as _;

use crate::changes::Change;
use crate::load::{Round, count};
use crate::scenario::Scenario;

/// The figures of one server at one number of connections.
#[derive(Clone, Default)]
pub(crate) struct Figures {
    pub(crate) round: Round,
    /// The processor time of the server's processes over all rounds, in microseconds.
    pub(crate) service_cpu: u64,
    /// The processor time of all of PostgreSQL's processes, in microseconds.
    pub(crate) database_cpu: u64,
}

impl Figures {
    /// Microseconds of the server and of the database for each request.
    pub(crate) fn cpu_per_request(&self) -> (f64, f64) {
        let requests = count(self.round.count.max(1));
        let each = |micros: u64| count(usize::try_from(micros).unwrap_or(0)) / requests;
        (each(self.service_cpu), each(self.database_cpu))
    }

    /// The mean length of an answer's content.
    fn bytes_each(&self) -> f64 {
        count(self.round.bytes) / count(self.round.count.max(1))
    }
}

/// The figures of one scenario at one number of connections.
pub(crate) struct Row {
    pub(crate) scenario: Scenario,
    pub(crate) connections: usize,
    pub(crate) almoner: Figures,
    /// pgbench's transactions a second, or why there are none.
    pub(crate) pgbench: Result<f64, String>,
    /// Round trips and statements of one request.
    pub(crate) sent: Option<(usize, usize)>,
    pub(crate) peers: Vec<(String, Figures)>,
}

/// One line of the growth table.
pub(crate) struct Growth {
    pub(crate) scenario: Scenario,
    /// The median answer in microseconds, and the CPU of service and database, in the small and in the large database.
    pub(crate) small: Figures,
    pub(crate) large: Figures,
}

impl Growth {
    /// How many times the median of the small database the median of the large one is.
    pub(crate) fn times(&self) -> f64 {
        let (before, after) = (self.small.round.percentile(0.5), self.large.round.percentile(0.5));
        f64::from(after) / f64::from(before.max(1))
    }

    /// How many times it may be.
    pub(crate) fn limit(&self) -> f64 {
        if matches!(self.scenario, Scenario::Name | Scenario::Nhs) { 1.5 } else { 1.2 }
    }
}

/// One line of the table of pools.
pub(crate) struct PoolRow {
    pub(crate) pool: u32,
    pub(crate) figures: Figures,
}

/// Everything that a run found.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) machine: Vec<(String, String)>,
    pub(crate) people: usize,
    /// The people of the small database.
    pub(crate) few: usize,
    pub(crate) rows: Vec<Row>,
    pub(crate) changes: Vec<Change>,
    pub(crate) growth: Vec<Growth>,
    pub(crate) pools: Vec<PoolRow>,
    pub(crate) skipped: Vec<String>,
    pub(crate) ready_millis: u128,
    pub(crate) resident_kib: u64,
    pub(crate) data_seconds: u64,
}

/// A figure beside its aim.
fn aimed(value: f64, aim: f64, at_least: bool) -> String {
    let met = if at_least { value >= aim } else { value <= aim };
    if met { "met".to_owned() } else { format!("missed by {:.0} %", (value / aim - 1.0).abs() * 100.0) }
}

impl Report {
    /// The figures as Markdown tables.
    pub(crate) fn tables(&self) -> String {
        let mut text = String::new();
        self.write_rates(&mut text);
        self.write_costs(&mut text);
        self.write_changes(&mut text);
        self.write_peers(&mut text);
        self.write_growth(&mut text);
        self.write_pools(&mut text);
        self.write_process(&mut text);
        for skipped in &self.skipped {
            let _ = writeln!(text, "SKIP {skipped}\n");
        }
        text
    }

    fn write_rates(&self, text: &mut String) {
        text.push_str("\n## Rates\n\nAim: at least 0.85 of pgbench's rate.\n\n");
        text.push_str(
            "| Scenario | Connections | Requests/s | p50 ms | p99 ms | pgbench/s | Ratio | Aim |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n",
        );
        for row in &self.rows {
            let round = &row.almoner.round;
            let (replayed, ratio, aim) = match &row.pgbench {
                Ok(rate) => {
                    let ratio = round.rate() / rate;
                    (format!("{rate:.0}"), format!("{ratio:.2}"), aimed(ratio, 0.85, true))
                }
                Err(_) => ("–".to_owned(), "–".to_owned(), "–".to_owned()),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {:.0} | {:.2} | {:.2} | {replayed} | {ratio} | {aim} |",
                row.scenario.title(),
                row.connections,
                round.rate(),
                millis(round.percentile(0.5)),
                millis(round.percentile(0.99)),
            );
        }
        let mut reasons: Vec<String> = Vec::new();
        for row in &self.rows {
            let reason = row.pgbench.as_ref().err().map(|reason| format!("{}: {reason}", row.scenario.title()));
            reasons.extend(reason.filter(|reason| !reasons.contains(reason)));
            let fault = row.almoner.round.failure.as_ref();
            reasons.extend(fault.map(|fault| format!("{}: ended early: {fault}", row.scenario.title())));
        }
        if !reasons.is_empty() {
            text.push_str("\nNot beside pgbench, or not to the end:\n\n");
        }
        for reason in reasons {
            let _ = writeln!(text, "- {reason}.");
        }
    }

    fn write_costs(&self, text: &mut String) {
        text.push_str(
            "\n## What a request costs\n\nProcessor time in microseconds, at four connections or the nearest number to it that was measured. \
             Round trips and statements are those that the service sends; what a function does inside counts once.\n\n\
             | Scenario | Service | PostgreSQL | Together | Aim | Round trips | Statements |\n| --- | ---: | ---: | ---: | --- | ---: | ---: |\n",
        );
        for row in self.at_four() {
            let (service, database) = row.almoner.cpu_per_request();
            let aim = match row.scenario {
                Scenario::Person => format!("550: {}", aimed(service + database, 550.0, false)),
                Scenario::Note => format!("1,200: {}", aimed(service + database, 1_200.0, false)),
                _ => "–".to_owned(),
            };
            let (trips, statements) = row
                .sent
                .map_or(("–".to_owned(), "–".to_owned()), |(trips, each)| (trips.to_string(), each.to_string()));
            let _ = writeln!(
                text,
                "| {} | {service:.0} | {database:.0} | {:.0} | {aim} | {trips} | {statements} |",
                row.scenario.title(),
                service + database
            );
        }
    }

    fn write_changes(&self, text: &mut String) {
        if self.changes.is_empty() {
            return;
        }
        text.push_str(
            "\n## What changes gained\n\nEach change is taken back by itself: a function gets its older text, or the statements are sent in the older way. pgbench replays the same recorded statements without it and with it by turns, over four connections, each time after a checkpoint. CPU is PostgreSQL's, in microseconds for each request; WAL is what it writes ahead, in kB for each request.\n\n\
             | Change | Scenario | CPU before | CPU after | Gain | A second before | A second after | WAL before | WAL after |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for Change { title, scenario, without, with } in &self.changes {
            let (before, after) = (without.cpu_each(), with.cpu_each());
            let _ = writeln!(
                text,
                "| {title} | {} | {before:.0} | {after:.0} | {:.0} | {:.0} | {:.0} | {:.1} | {:.1} |",
                scenario.title(),
                before - after,
                without.rate(),
                with.rate(),
                without.wal_each() / 1000.0,
                with.wal_each() / 1000.0,
            );
        }
    }

    fn at_four(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| {
            let distance = |row: &Row| row.connections.abs_diff(4);
            self.rows
                .iter()
                .filter(|other| other.scenario == row.scenario)
                .all(|other| distance(other) >= distance(row))
        })
    }

    fn write_peers(&self, text: &mut String) {
        if self.rows.iter().all(|row| row.peers.is_empty()) {
            return;
        }
        text.push_str(
            "\n## Beside other servers\n\nAim: ahead of each, in every scenario, at each number of connections. CPU is that of the server's processes alone and of PostgreSQL's, in microseconds for each request.\n\n\
             | Scenario | Connections | Server | Requests/s | p50 ms | p99 ms | CPU server | CPU PostgreSQL | Almoner ahead |\n| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | --- |\n",
        );
        for row in self.rows.iter().filter(|row| !row.peers.is_empty()) {
            let own = [("Almoner".to_owned(), row.almoner.clone())];
            for (title, figures) in own.iter().chain(&row.peers) {
                let (service, database) = figures.cpu_per_request();
                let ahead = row.almoner.round.rate() / figures.round.rate().max(0.001);
                let ahead = match (title.as_str(), &figures.round.failure) {
                    ("Almoner", _) => String::new(),
                    (_, Some(fault)) => format!("it failed: {}", fault.replace('|', " ")),
                    _ if ahead >= 1.0 => format!("{ahead:.2} times"),
                    _ => format!("no: missed by {:.0} %", (1.0 - ahead) * 100.0),
                };
                let _ = writeln!(
                    text,
                    "| {} | {} | {title} | {:.0} | {:.2} | {:.2} | {service:.0} | {database:.0} | {ahead} |",
                    row.scenario.title(),
                    row.connections,
                    figures.round.rate(),
                    millis(figures.round.percentile(0.5)),
                    millis(figures.round.percentile(0.99)),
                );
            }
        }
    }

    fn write_growth(&self, text: &mut String) {
        if self.growth.is_empty() {
            return;
        }
        let _ = write!(
            text,
            "\n## Growth\n\nThe same request at {} people and at the {} of one practice, at one connection. Aims: keyed reads at most 1.2 times, searches at most 1.5 times. The answers' mean length says whether they hold the same.\n\n\
             | Scenario | Median ms, small | Median ms, large | Times | Aim | CPU small | CPU large | Bytes, small | Bytes, large |\n| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: |\n",
            self.people, self.few
        );
        for growth in &self.growth {
            let (Growth { scenario, small, large }, times) = (growth, growth.times());
            let (before, after) = (small.round.percentile(0.5), large.round.percentile(0.5));
            let cpu = |figures: &Figures| {
                let (service, database) = figures.cpu_per_request();
                service + database
            };
            let _ = writeln!(
                text,
                "| {} | {:.2} | {:.2} | {times:.2} | {} | {:.0} | {:.0} | {:.0} | {:.0} |",
                scenario.title(),
                millis(before),
                millis(after),
                aimed(times, growth.limit(), false),
                cpu(small),
                cpu(large),
                small.bytes_each(),
                large.bytes_each(),
            );
        }
    }

    fn write_pools(&self, text: &mut String) {
        if self.pools.is_empty() {
            return;
        }
        text.push_str(
            "\n## Connections in the service's pool\n\nPersons read at 16 connections of callers.\n\n\
             | Pool | Requests/s | p50 ms | p99 ms | CPU service | CPU PostgreSQL |\n| ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for PoolRow { pool, figures } in &self.pools {
            let (service, database) = figures.cpu_per_request();
            let _ = writeln!(
                text,
                "| {pool} | {:.0} | {:.2} | {:.2} | {service:.0} | {database:.0} |",
                figures.round.rate(),
                millis(figures.round.percentile(0.5)),
                millis(figures.round.percentile(0.99)),
            );
        }
    }

    fn write_process(&self, text: &mut String) {
        let mib = count(usize::try_from(self.resident_kib).unwrap_or(0)) / 1024.0;
        let ready = count(usize::try_from(self.ready_millis).unwrap_or(usize::MAX));
        let _ = write!(
            text,
            "\n## The process\n\n| | Measured | Aim |\n| --- | ---: | --- |\n\
             | Resident memory after the run | {mib:.0} MiB | 100 MiB: {} |\n\
             | Time until it is ready | {ready:.0} ms | 150 ms: {} |\n",
            aimed(mib, 100.0, false),
            aimed(ready, 150.0, false)
        );
        if self.people > 0 {
            let _ = writeln!(
                text,
                "| {} people written by `almoner demo-data` | {} s | 100,000 in 600 s: {} |",
                self.people,
                self.data_seconds,
                aimed(
                    count(usize::try_from(self.data_seconds).unwrap_or(0)),
                    600.0 * count(self.people) / 100_000.0,
                    false
                )
            );
        }
    }

    /// The whole page.
    pub(crate) fn page(&self) -> String {
        let mut page = PREFACE.to_owned();
        page.push_str("\n## The run\n\n| | |\n| --- | --- |\n");
        for (what, value) in &self.machine {
            let _ = writeln!(page, "| {what} | {value} |");
        }
        page.push_str(&self.tables());
        page
    }
}

fn millis(micros: u32) -> f64 {
    f64::from(micros) / 1000.0
}

const PREFACE: &str = "# Measured figures

`make bench` writes this page. It is never a test: the figures are this machine's, of this day.

## Method

The release build of `almoner serve` runs as a process of its own on a private PostgreSQL on disk, with its durability as it comes. `almoner demo-data` makes the people, cases and notes. A driver on the same machine sends one request after another on each connection, for people far apart in the data, and checks the status and the content of every answer. The limits on callers are set out of the way.

Beside each scenario pgbench runs the same statements: the bench records what the service sends for thirty requests from the server's log, and writes scripts for four of them, with the same text, parameters and login role, prepared. What the service sends as one message is a pipeline of pgbench's, so that round trips are the same. Identifiers that a request makes are made anew in each transaction. pgbench uses as many connections as the service would: those of the callers, but no more than the service's pool has. It neither decrypts, checks tokens nor speaks HTTP.

Almoner, pgbench and the peers take turns in every round. Processor time is read from `/proc` before and after a round: of the service, and of all of PostgreSQL's processes. The driver shares the cores with both, which costs each of them the same for each request.
";
