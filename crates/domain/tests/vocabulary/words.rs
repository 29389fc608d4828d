//! The words stand in the table of events and nowhere else: other files name the variant.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use almoner_domain::events::{
    Attempt, Chain, Door, EventKind, JobKind, NoticeKind, OutboxKind, Outcome, TimelineKind, UnusualAccess,
};

/// The file that has the words, and the folders that may repeat them: tests say what a caller sees, in the caller's words, and
/// the peers of the bench are other programs.
const TABLE: &str = "crates/domain/src/events";
const SKIPPED: [&str; 5] = ["target", "tests", "node_modules", ".git", "peers"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The Rust and SQL files of the program, with their text up to the tests inside them.
fn sources() -> Vec<(PathBuf, String)> {
    let root = workspace();
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() && !SKIPPED.contains(&name.as_str()) && path != root.join(TABLE) {
                folders.push(path);
            } else if name != "tests.rs" && path.extension().is_some_and(|ending| ending == "rs" || ending == "sql") {
                let text = fs::read_to_string(&path).unwrap_or_default();
                let program = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
                found.push((path.strip_prefix(&root).unwrap_or(&path).to_owned(), program));
            }
        }
    }
    found
}

/// The words that mean an event wherever they stand. `closed` and `practice` are words of other lists too, whose types keep
/// them apart.
fn words() -> Vec<&'static str> {
    macro_rules! all {
        ($($list:ident),+) => {
            [$($list::ALL.iter().map(|value| value.as_str()).collect::<Vec<_>>()),+].concat()
        };
    }
    let mut words: Vec<&str> =
        all!(EventKind, OutboxKind, NoticeKind, TimelineKind, JobKind, Door, Chain, Outcome, Attempt, UnusualAccess);
    words.retain(|word| word.contains(['.', '_']));
    words
}

#[test]
fn no_other_file_repeats_a_word() {
    let words: BTreeSet<&str> = words().into_iter().collect();
    let sources = sources();
    assert!(sources.len() > 150, "only {} files were read", sources.len());
    let mut repeated = Vec::new();
    for (path, text) in &sources {
        for (number, line) in text.lines().enumerate() {
            let quoted = line.split(['"', '\'']).filter(|part| words.contains(part));
            repeated.extend(quoted.map(|word| format!("{}:{}: {word}", path.display(), number + 1)));
        }
    }
    assert!(repeated.is_empty(), "name the variant of almoner_domain::events instead:\n{}", repeated.join("\n"));
}

#[test]
fn every_event_is_recorded_somewhere() {
    // A state of the domain says which event it is, and persistence records it.
    let makes_events =
        |path: &Path| path.starts_with("crates/persistence/src") || path.starts_with("crates/domain/src");
    let persistence: String =
        sources().into_iter().filter(|(path, _)| makes_events(path)).map(|(_, text)| text).collect();
    let never: Vec<String> = EventKind::ALL
        .iter()
        .map(|kind| format!("Event::{kind:?} {{"))
        .filter(|made| !persistence.contains(made.as_str()))
        .collect();
    assert!(never.is_empty(), "nothing records {never:?}");
}
