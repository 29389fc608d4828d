//! Compares the answers that the tests have seen with those that the OpenAPI document promises. `make test` runs it after the
//! tests. A promise that no test saw kept stands in `docs/unseen-answers.txt` with its reason, and there are at most twenty.
//! Where tests were skipped, because this machine has not what they need, what nobody saw is said and is no fault.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "it is a check, whose findings are read in a terminal")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

/// The greatest number of promises that no test sees kept.
const MOST_UNSEEN: usize = 20;

fn main() -> ExitCode {
    let faults = match faults() {
        Ok(faults) => faults,
        Err(error) => vec![error.to_string()],
    };
    for fault in &faults {
        eprintln!("{fault}");
    }
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn faults() -> std::io::Result<Vec<String>> {
    let promised = almoner_tests::promise::promised();
    let seen = lines("answers")?;
    let skipped = lines("skipped")?;
    if seen.len() < promised.len() / 2 {
        return Ok(vec!["the answers in target/test-logs are not those of a whole run: run `make test`".to_owned()]);
    }
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/unseen-answers.txt"))?;
    let listed: Vec<&str> = page.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let excused: BTreeMap<&str, &str> = listed.iter().map(|line| line.split_once(": ").unwrap_or((line, ""))).collect();
    let mut faults = Vec::new();
    if !listed.is_sorted() || excused.len() != listed.len() {
        faults.push("docs/unseen-answers.txt is not sorted, or names an answer twice".to_owned());
    }
    if listed.len() > MOST_UNSEEN {
        faults.push(format!("docs/unseen-answers.txt has {} lines, and may have {MOST_UNSEEN}", listed.len()));
    }
    for (answer, reason) in &excused {
        if reason.is_empty() {
            faults.push(format!("{answer} is in docs/unseen-answers.txt without a reason"));
        }
        if seen.contains(*answer) {
            faults.push(format!("{answer} is in docs/unseen-answers.txt and was seen"));
        }
        if !promised.contains(*answer) {
            faults.push(format!("{answer} is in docs/unseen-answers.txt and not in the document"));
        }
    }
    let unseen: Vec<&String> =
        promised.difference(&seen).filter(|answer| !excused.contains_key(answer.as_str())).collect();
    if skipped.is_empty() {
        faults.extend(unseen.iter().map(|answer| format!("{answer} is in the document, and no test saw it")));
    } else if !unseen.is_empty() {
        let why: Vec<&str> = skipped.iter().map(String::as_str).collect();
        println!("SKIP {} documented answers that only skipped tests see: {}", unseen.len(), why.join("; "));
    }
    if faults.is_empty() {
        println!("PASS {} of {} documented answers were seen", promised.intersection(&seen).count(), promised.len());
    }
    Ok(faults)
}

/// The lines that all processes of the tests noted in their files with this extension.
fn lines(of: &str) -> std::io::Result<BTreeSet<String>> {
    let mut lines = BTreeSet::new();
    for entry in std::fs::read_dir(almoner_tests::log::directory())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == of) {
            lines.extend(std::fs::read_to_string(path)?.lines().map(str::to_owned));
        }
    }
    Ok(lines)
}
