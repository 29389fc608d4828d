//! The project's own sources, for the tests that read them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below a folder of the project, by its path from the root, with its text.
pub(super) fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut |path| {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            found.push((name, std::fs::read_to_string(path).unwrap()));
        }
    });
    found.sort();
    assert!(!found.is_empty(), "there are Rust files in {folder}");
    found
}

#[test]
fn no_test_runs_a_program_that_a_bare_machine_does_not_have() {
    // Of these `make prerequisites` sees to none. The essential packages of Debian have chown and cp; the tests of single sign-on say so and
    // go on where Node is not to be had.
    let known = ["chown", "cp", "node", "npm"];
    let mut named = 0;
    for (file, text) in ["tests", "crates"].into_iter().flat_map(rust_files) {
        for (at, _) in text.match_indices(concat!("Command::", "new(\"")) {
            let program = text[at..].split('"').nth(1).unwrap();
            assert!(known.contains(&program), "{file} runs {program}");
            named += 1;
        }
    }
    assert!(named >= 3, "the sources are read: {named}");
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

/// The folders that the map of the project names: all but what is built, what npm installed, and the migrations, which stand in
/// their order and need no map.
pub(super) fn folders() -> BTreeSet<String> {
    fn below(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = path.to_str().unwrap();
            let is_left_out = name.starts_with('.')
                || name == "target"
                || name.ends_with("node_modules")
                || name.starts_with("migrations/");
            if entry.file_type().unwrap().is_dir() && !is_left_out {
                found.insert(name.to_owned());
                below(&path, found);
            }
        }
    }
    let mut found = BTreeSet::new();
    below(Path::new(""), &mut found);
    found
}
