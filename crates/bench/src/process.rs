//! The processor time and the memory of processes, read from `/proc`.

use std::collections::BTreeMap;
use std::fs;

/// The microseconds of one tick in which the kernel counts processor time. Linux shows a hundred a second everywhere.
const TICK: u64 = 10_000;

/// A line of `/proc/<pid>/stat`, as far as it is needed.
struct Stat {
    parent: u32,
    group: u32,
    /// The microseconds of the process itself.
    own: u64,
    /// The microseconds of its children that have ended and were waited for.
    ended_children: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program stands in parentheses, and may have any character in it.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0) * TICK;
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        own: ticks(11) + ticks(12),
        ended_children: ticks(13) + ticks(14),
    })
}

fn all() -> BTreeMap<u32, Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(|pid| Some((pid, stat(pid)?)))
        .collect()
}

/// The processor time of a process and its children so far, in microseconds, those that have ended included: PostgreSQL's
/// first process with all its backends.
pub(crate) fn with_children(pid: u32) -> u64 {
    let all = all();
    let children = all.values().filter(|process| process.parent == pid).map(|process| process.own);
    all.get(&pid).map_or(0, |process| process.own + process.ended_children) + children.sum::<u64>()
}

/// The processor time of one process so far, in microseconds.
pub(crate) fn of_one(pid: u32) -> u64 {
    stat(pid).map_or(0, |process| process.own)
}

/// The processor time of a group of processes so far, in microseconds.
pub(crate) fn of_group(group: u32) -> u64 {
    all().values().filter(|process| process.group == group).map(|process| process.own + process.ended_children).sum()
}

/// The resident memory of a process now, in KiB.
pub(crate) fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
