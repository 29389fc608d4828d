//! The machine, the commit and the settings of a run.

use std::fs;
use std::process::Command;

use almoner_persistence::Clock;

use crate::Arguments;
use crate::Failure;
use crate::cluster::Cluster;

/// What the page says about a run, in its order.
pub(crate) fn describe(cluster: &Cluster, arguments: &Arguments, pool: u32) -> Result<Vec<(String, String)>, Failure> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("?", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib: u64 = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let row = |what: &str, value: String| (what.to_owned(), value);
    Ok(vec![
        row("Date", Clock::new().now().format("%Y-%m-%d %H:%M UTC").to_string()),
        row("Commit", said_by("git", &["describe", "--always", "--dirty"])),
        row("Machine", format!("{cores} cores of {model}, {} GiB of memory", kib / 1_048_576)),
        row("Kernel", fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned()),
        row("Load before the run", load.split(' ').take(3).collect::<Vec<_>>().join(" ")),
        row("Compiler", said_by("rustc", &["--version"])),
        row("Database", cluster.describe()?),
        row(
            "Data",
            format!(
                "{} people at {} practices, a case and ten notes each, seed {}; {} MiB",
                arguments.people,
                arguments.practices,
                arguments.seed,
                cluster.size_mib(crate::bench::DATABASE)?
            ),
        ),
        row("Service's pool", format!("{pool} connections")),
        row("Rounds", format!("{} of {} seconds each", arguments.rounds, arguments.seconds)),
    ])
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
