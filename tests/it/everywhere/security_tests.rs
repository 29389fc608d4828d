//! `docs/security-tests.md` names the test for each row. The named tests exist, and the document names every such test.

use std::collections::BTreeSet;

use super::sources::{root, rust_files};

/// The names of this kind in a text, each of which begins after `before`.
fn rows<'a>(text: &'a str, before: &str) -> impl Iterator<Item = &'a str> {
    let begin = format!("{before}row_");
    let starts: Vec<usize> = text.match_indices(&begin).map(|(at, _)| at + before.len()).collect();
    starts.into_iter().filter_map(|at| {
        let name = text[at..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
        name.strip_prefix("row_")?.starts_with(|c: char| c.is_ascii_digit()).then_some(name)
    })
}

#[test]
fn every_row_test_is_in_the_document_and_every_one_that_it_names_is_there() {
    let mut tests = BTreeSet::new();
    for (name, text) in ["tests", "crates"].into_iter().flat_map(rust_files) {
        tests.extend(rows(&text, "fn ").map(|test| (test.to_owned(), name.clone())));
    }
    assert!(tests.len() > 60, "the sources are read: {tests:?}");

    let document = std::fs::read_to_string(root().join("docs/security-tests.md")).unwrap();
    let named: BTreeSet<&str> = rows(&document, "`").collect();
    let there: BTreeSet<&str> = tests.iter().map(|(test, _)| test.as_str()).collect();
    let missing: Vec<_> = there.difference(&named).collect();
    assert!(missing.is_empty(), "docs/security-tests.md does not name {missing:?}");
    let gone: Vec<_> = named.difference(&there).collect();
    assert!(gone.is_empty(), "docs/security-tests.md names {gone:?}, which are nowhere");
    for (test, file) in &tests {
        assert!(document.contains(file.as_str()), "docs/security-tests.md does not say that {test} is in {file}");
    }
}

#[test]
fn the_document_has_all_its_rows_each_with_its_tests_or_why_it_is_not_met() {
    let document = std::fs::read_to_string(root().join("docs/security-tests.md")).unwrap();
    for row in 1..=51 {
        let begin = format!("\n### {row}. ");
        let mut parts = document.split(&begin);
        let of_the_row = parts.nth(1).unwrap_or_else(|| panic!("row {row} is missing"));
        assert!(parts.next().is_none(), "row {row} is there twice");
        let of_the_row = of_the_row.split("\n##").next().unwrap();
        // A test may belong to two rows, as `row_41_and_37_…`.
        let held = rows(of_the_row, "`")
            .any(|name| name.split('_').take_while(|word| *word != "every").any(|word| word == row.to_string()));
        assert!(
            held || of_the_row.contains("**Not met yet**") || of_the_row.contains("**By a script**"),
            "row {row} has neither a test nor a reason"
        );
    }
}
