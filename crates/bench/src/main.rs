//! `almoner-bench`: measures the service and writes what it found to `docs/performance/results.md`. See `make help`.

mod bench;
mod changes;
mod cluster;
mod load;
mod machine;
mod peers;
mod pgbench;
mod plans;
mod process;
mod report;
mod scenario;
mod service;
mod statements;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use crate::scenario::Scenario;

/// The reason why the measurement failed, in words for the person who ran it.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A part of the run that can be had alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Measures growth, and fails if it is more than its aims.
    Growth,
    /// Compares the plans of the hot path's statements with the committed ones. `UPDATE_EXPECT=1` writes them anew.
    Plans,
}

/// Measures the service.
#[derive(Parser)]
#[command(about = "Measure the service on a private PostgreSQL on disk")]
pub(crate) struct Arguments {
    /// The rounds in which Almoner, pgbench and the peers take turns.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each of them is measured in a round, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The people of the data, each with a case and ten notes.
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// The practices of the data.
    #[arg(long, default_value_t = 20)]
    practices: usize,
    /// The people of the database with which growth is compared; 0 leaves that out.
    #[arg(long, default_value_t = 1_000)]
    growth: usize,
    /// The scenarios, with commas between them; all of them, if none is given.
    #[arg(long, value_delimiter = ',')]
    scenarios: Vec<Scenario>,
    /// The numbers of connections, with commas between them.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 4, 16])]
    connections: Vec<usize>,
    /// The peers: `all`, `none`, or their names with commas between them. They are measured at 64 connections too.
    #[arg(long, value_delimiter = ',', default_value = "none")]
    peers: Vec<String>,
    /// The connections in the service's own pool; four times the cores, from 4 to 64, if it is not given.
    #[arg(long)]
    pool: Option<u32>,
    /// Measures persons at 16 connections for each of these sizes of the pool, and nothing else.
    #[arg(long, value_delimiter = ',')]
    pools: Vec<u32>,
    /// Does this part, and nothing else.
    #[arg(long)]
    only: Option<Part>,
    /// The seed of the data.
    #[arg(long, default_value_t = 2014)]
    seed: u64,
    /// The directory of the cluster, the logs and the scripts.
    #[arg(long, default_value = "target/bench")]
    directory: PathBuf,
    /// The page that is written.
    #[arg(long, default_value = "docs/performance/results.md")]
    page: PathBuf,
    /// The file of the plans.
    #[arg(long, default_value = "docs/performance/plans.txt")]
    plans: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return almoner_console::failed("almoner-bench", &error);
        }
    };
    match tokio::task::LocalSet::new().block_on(&runtime, bench::run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => almoner_console::failed("almoner-bench", &*failure),
    }
}
