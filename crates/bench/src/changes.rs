//! What the changes of the hot path gain: each is taken back by itself, and the recorded statements of a scenario are replayed
//! without it and with it, by turns.

use std::time::Duration;

use crate::Failure;
use crate::bench::DATABASE;
use crate::cluster::Cluster;
use crate::pgbench::{Mode, Recording, Replayed};
use crate::scenario::Scenario;

/// The connections of a replay.
const CONNECTIONS: usize = 4;

/// How statements are replayed, and what the database is like meanwhile.
#[derive(Clone, Copy)]
struct Side {
    mode: Mode,
    /// Functions with a text of their own, in the order in which they are replaced.
    functions: &'static [Edit],
    /// Settings of the server.
    settings: &'static [(&'static str, &'static str)],
}

/// Almoner as it is.
const AS_IT_IS: Side = Side { mode: Mode::Prepared, functions: &[], settings: &[] };

/// A function of the database, and what in its text is replaced by what.
struct Edit {
    function: &'static str,
    replacements: &'static [(&'static str, &'static str)],
}

/// Looks for guarded people even where the practice guards nobody.
const ALWAYS_LOOKS: Edit =
    Edit { function: "app.enter_practice", replacements: &[("IF has_restricted_people THEN", "IF true THEN")] };

/// Finds guarded people in a function of the language SQL.
const IN_SQL: Edit = Edit {
    function: "app.find_open_people",
    replacements: &[("LANGUAGE plpgsql", "LANGUAGE sql"), ("BEGIN\n    RETURN (", "SELECT ("), (";\nEND\n", "\n")],
};

/// The changes that can be taken back: what each is, the side without it, and the side with it.
const CHANGES: [(&str, Side, Side); 5] = [
    (
        "guarded people found in PL/pgSQL instead of SQL, which is planned anew at each call",
        Side { functions: &[ALWAYS_LOOKS, IN_SQL], ..AS_IT_IS },
        Side { functions: &[ALWAYS_LOOKS], ..AS_IT_IS },
    ),
    ("no search for guarded people where nobody is", Side { functions: &[ALWAYS_LOOKS], ..AS_IT_IS }, AS_IT_IS),
    ("each statement parsed once a connection", Side { mode: Mode::ParsedEachTime, ..AS_IT_IS }, AS_IT_IS),
    ("a transaction opened in one message", Side { mode: Mode::OneByOne, ..AS_IT_IS }, AS_IT_IS),
    ("`wal_compression = lz4`", Side { settings: &[("wal_compression", "off")], ..AS_IT_IS }, AS_IT_IS),
];

/// One line of the table of changes.
pub(crate) struct Change {
    pub(crate) title: &'static str,
    pub(crate) scenario: Scenario,
    pub(crate) without: Replayed,
    pub(crate) with: Replayed,
}

/// Replays a scenario without and with each of the changes.
pub(crate) fn measure(
    cluster: &Cluster,
    scenario: Scenario,
    recording: &Recording,
    rounds: usize,
    duration: Duration,
) -> Result<Vec<Change>, Failure> {
    let mut changes = Vec::new();
    for (title, without, with) in &CHANGES {
        let mut change = Change { title, scenario, without: Replayed::default(), with: Replayed::default() };
        for _ in 0..rounds {
            change.without.add(without.replay(cluster, recording, duration)?);
            change.with.add(with.replay(cluster, recording, duration)?);
        }
        changes.push(change);
    }
    Ok(changes)
}

impl Side {
    /// Replays the statements after a checkpoint, and leaves the database as it was.
    fn replay(&self, cluster: &Cluster, recording: &Recording, duration: Duration) -> Result<Replayed, Failure> {
        let originals: Vec<String> =
            self.functions.iter().map(|edit| edit.apply(cluster)).collect::<Result<_, Failure>>()?;
        for (name, value) in self.settings {
            cluster.set(name, value)?;
        }
        cluster.psql(DATABASE, "CHECKPOINT")?;
        let replayed = recording.replay(cluster, DATABASE, self.mode, CONNECTIONS, duration);
        for original in originals {
            cluster.psql(DATABASE, &original)?;
        }
        for (name, _) in self.settings {
            cluster.restore(name)?;
        }
        replayed
    }
}

impl Edit {
    /// Replaces the function, and returns the statement that makes it again what it was.
    fn apply(&self, cluster: &Cluster) -> Result<String, Failure> {
        let original = cluster.psql(DATABASE, &format!("SELECT pg_get_functiondef('{}'::regproc)", self.function))?;
        let mut edited = original.clone();
        for (from, to) in self.replacements {
            if !edited.contains(from) {
                return Err(format!("{} has no {from:?} that could be taken back", self.function).into());
            }
            edited = edited.replace(from, to);
        }
        cluster.psql(DATABASE, &edited)?;
        Ok(original)
    }
}
