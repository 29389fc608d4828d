//! The committed table of what each operation asks, which is the same in each world.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::desk::COUNT_ALL;
use super::recorder::Recorded;

const INTRODUCTION: &str = "\
What each operation of three doors asks of the database: the same with 0, 1 and 100 complaints about the practice. wall.md says what
is compared, and how. A test holds this table (tests/it/everywhere/wall); `make wall` writes it anew.

Each operation stands with its callers, how often they ask it, and the statuses of the answers; with the statements that PostgreSQL is
sent for it, and those that it executes, which are fewer by those that begin and end a transaction and set a setting, and more by
those inside functions and its own checks of keys; with the tables in the plans of what it executes; and with the jobs that it queues.
";

/// The sums of one operation.
#[derive(Default)]
struct Row<'r> {
    by: BTreeSet<&'r str>,
    asked: usize,
    answers: BTreeSet<u16>,
    sent: usize,
    executed: usize,
    tables: BTreeSet<&'r str>,
    jobs: BTreeMap<&'r str, i64>,
}

/// Compares the table with the committed one. `UPDATE_EXPECT=1` writes it anew.
pub(super) fn hold(recorded: &[Recorded]) {
    let (path, now) = (super::table(), written(recorded));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for (now, before) in now.lines().zip(committed.lines()) {
        assert_eq!(now, before, "docs/wall.txt: see its first lines");
    }
    assert_eq!(now.lines().count(), committed.lines().count(), "docs/wall.txt: rows are missing");
}

fn written(recorded: &[Recorded]) -> String {
    let mut rows = BTreeMap::<(&str, &str), Row<'_>>::new();
    for one in recorded {
        let (method, path) = one.operation.split_once(' ').unwrap();
        let row = rows.entry((path, method)).or_default();
        row.by.insert(&one.by);
        row.asked += 1;
        row.answers.insert(one.status);
        row.sent += one.sent;
        row.executed += one.executed;
        row.tables.extend(one.tables.iter().map(String::as_str));
        for (kind, count) in &one.jobs {
            *row.jobs.entry(kind).or_default() += count;
        }
    }
    let mut page = INTRODUCTION.to_owned();
    for ((path, method), row) in rows {
        let joined = |words: Vec<String>| words.join(", ");
        let answers = joined(row.answers.iter().map(u16::to_string).collect());
        let tables = joined(row.tables.iter().map(|&table| table.to_owned()).collect());
        let by = joined(row.by.iter().map(|&by| by.to_owned()).collect());
        let jobs = row.jobs.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>();
        let jobs = if jobs.is_empty() { "none".to_owned() } else { joined(jobs) };
        let Row { asked, sent, executed, .. } = row;
        let name = format!("{method} {path}");
        let same =
            if COUNT_ALL.contains(&&*name) { "the same, but for the numbers of all complaints" } else { "the same" };
        write!(
            page,
            "\n{name}\n    by {by}; asked {asked}, answers {answers}\n    statements: {sent} sent, {executed} executed\n    \
             tables: {tables}\n    jobs: {jobs}\n    with 0, 1 and 100 complaints: {same}\n"
        )
        .unwrap();
    }
    page
}
