//! The rules for the folders: which may use which, how long a file may be, and which folder writes a table.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::rust_files;

/// The subjects of the domain, each of which may use those before it.
const DOMAIN: &[&str] = &[
    "words",
    "tenancy",
    "staff",
    "officers",
    "access",
    "people",
    "contracts",
    "documents",
    "cases",
    "referrals",
    "safeguarding",
    "complaints",
];

/// The folders of persistence, each of which may use those before it; `deadlines`, `jobs` and `doors` join them all.
const PERSISTENCE: &[&str] = &[
    "ground",
    "tenancy",
    "staff",
    "officers",
    "access",
    "people",
    "contracts",
    "documents",
    "cases",
    "referrals",
    "safeguarding",
    "complaints",
    "reports",
    "deadlines",
    "jobs",
    "doors",
];

/// Files that a program writes, and that nobody reads from top to bottom.
const GENERATED: &[&str] = &["crates/persistence/src/ground/schema.rs"];

/// The lines of a file that are code.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// The first part of every path that begins with `crate::` in a line.
fn uses(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("crate::").filter_map(|(at, prefix)| {
        line[at + prefix.len()..].split(|c: char| !c.is_ascii_lowercase() && c != '_').next()
    })
}

fn expect_no_arrow_upwards(folder: &str, order: &[&str]) {
    let level = |room: &str| order.iter().position(|one| *one == room);
    let mut upwards = Vec::new();
    for (name, text) in rust_files(folder) {
        let room = name[folder.len() + 1..].split(['/', '.']).next().unwrap();
        let Some(here) = level(room) else { continue };
        for used in code(&text).flat_map(uses).filter(|used| level(used).is_some_and(|there| there > here)) {
            upwards.push(format!("{name} uses {used}"));
        }
    }
    assert!(upwards.is_empty(), "a subject uses only what stands before it: {upwards:#?}");
}

#[test]
fn a_subject_of_the_domain_uses_only_what_stands_before_it() {
    expect_no_arrow_upwards("crates/domain/src", DOMAIN);
}

#[test]
fn a_folder_of_persistence_uses_only_what_stands_before_it() {
    expect_no_arrow_upwards("crates/persistence/src", PERSISTENCE);
}

#[test]
fn every_folder_of_the_domain_and_of_persistence_has_a_place_in_the_order() {
    for (folder, order, roots) in [
        ("crates/domain/src", DOMAIN, &["lib", "events", "ids", "refusal", "fault"] as &[&str]),
        ("crates/persistence/src", PERSISTENCE, &["lib"]),
    ] {
        for (name, _) in rust_files(folder) {
            let room = name[folder.len() + 1..].split(['/', '.']).next().unwrap().to_owned();
            assert!(
                order.contains(&room.as_str()) || roots.contains(&room.as_str()),
                "{name} has no place in the order"
            );
        }
    }
}

#[test]
fn no_file_is_longer_than_450_lines() {
    let long: Vec<String> = ["crates", "tests"]
        .into_iter()
        .flat_map(rust_files)
        .filter(|(name, text)| text.lines().count() > 450 && !GENERATED.contains(&name.as_str()))
        .map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "a file over 450 lines has two subjects: {long:#?}");
}

/// The new names that a file of persistence gives to tables in its imports: `accounts as account_rows`.
fn renamed(text: &str) -> BTreeMap<&str, &str> {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    words.windows(3).filter(|three| three[1] == "as").map(|three| (three[2], three[0])).collect()
}

/// The names of the tables that a file writes: by diesel, or in SQL of its own.
fn written(text: &str) -> BTreeSet<String> {
    let whole: String = code(text).flat_map(|line| [line.trim(), " "]).collect();
    let names = renamed(&whole);
    let word =
        |at: usize| whole[at..].trim_start().split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap();
    let mut tables = BTreeSet::new();
    for statement in ["insert_into(", "update(", "delete("] {
        for (at, _) in whole.match_indices(statement) {
            let after = at + statement.len();
            let name = word(after);
            if whole[after..].trim_start()[name.len()..].starts_with("::table") {
                tables.insert((*names.get(name).unwrap_or(&name)).to_owned());
            }
        }
    }
    for statement in ["INSERT INTO ", "UPDATE ", "DELETE FROM "] {
        for (at, _) in whole.match_indices(statement) {
            tables.insert(word(at + statement.len()).to_owned());
        }
    }
    tables
}

#[test]
fn each_table_is_written_by_the_files_of_one_folder() {
    let folder = "crates/persistence/src";
    let schema = std::fs::read_to_string(super::sources::root().join(GENERATED[0])).unwrap();
    let tables: Vec<&str> = schema
        .split("diesel::table! {")
        .skip(1)
        .filter_map(|table| table.trim_start().split([' ', '(']).next())
        .collect();
    let mut writers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, text) in rust_files(folder) {
        let room = name[folder.len() + 1..].split(['/', '.']).next().unwrap().to_owned();
        for table in written(&text).into_iter().filter(|table| tables.contains(&table.as_str())) {
            writers.entry(table).or_default().insert(room.clone());
        }
    }
    for table in ["council_requests", "referrals", "accounts", "staff", "complaint_offers", "audit_events", "sessions"]
    {
        assert!(writers.contains_key(table), "{table} is found to be written");
    }
    writers.retain(|_, rooms| rooms.len() > 1);
    assert!(writers.is_empty(), "each table has one folder that writes it: {writers:#?}");
}

/// The folders of the tree in ARCHITECTURE.md: a line each, two spaces deeper than the folder that it is in.
fn mapped(document: &str) -> BTreeSet<String> {
    let tree = document.split("```text\n").find(|block| block.starts_with("crates/")).unwrap();
    let mut path: Vec<&str> = Vec::new();
    let mut folders = BTreeSet::new();
    for line in tree.split("```").next().unwrap().lines() {
        let depth = (line.len() - line.trim_start().len()) / 2;
        path.truncate(depth);
        path.push(line.trim_start().split('/').next().unwrap());
        folders.insert(path.join("/"));
    }
    folders
}

#[test]
fn the_tree_in_the_architecture_has_a_line_for_each_folder_and_no_other() {
    let document = std::fs::read_to_string(super::sources::root().join("ARCHITECTURE.md")).unwrap();
    let mapped = mapped(&document);
    let there = super::sources::folders();
    let missing: Vec<_> = there.difference(&mapped).collect();
    let gone: Vec<_> = mapped.difference(&there).collect();
    assert!(missing.is_empty() && gone.is_empty(), "the tree lacks {missing:#?} and has {gone:#?} besides");
}
