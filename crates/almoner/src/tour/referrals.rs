//! A file of referrals: sent, counted, and the refused ones explained.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::callers::{Stop, faults, in_words, token_request};
use super::report::Report;
use crate::logins::Logins;
use crate::serve::Failure;
use crate::web::{Answer, Web};

/// One line of the file.
#[derive(Deserialize)]
pub(super) struct Line {
    /// The code of the council that sends it.
    council: String,
    /// What it sends, right or wrong.
    message: Value,
    /// For a message that must be refused: where the fault is.
    #[serde(default)]
    pointer: Option<String>,
}

/// Reads the file: a JSON object to a line.
pub(super) fn read(path: &Path) -> Result<Vec<Line>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", path.display(), index + 1).into())
        })
        .collect()
}

/// What became of the messages.
#[derive(Default)]
struct Tally {
    taken: usize,
    known: usize,
    refused: Vec<Refusal>,
    routed: BTreeMap<String, usize>,
    unrouted: usize,
}

struct Refusal {
    reference: String,
    reasons: Vec<(String, String)>,
}

impl Tally {
    /// Counts what an answer says.
    fn count(&mut self, line: &Line, answer: &Answer) {
        match answer.status {
            201 => self.taken += 1,
            200 => self.known += 1,
            _ => {
                let reference = line.message["council_reference"].as_str().unwrap_or("(without a reference)");
                let mut reasons: Vec<_> =
                    faults(answer).map(|(pointer, detail)| (pointer.to_owned(), detail.to_owned())).collect();
                if reasons.is_empty() {
                    reasons.push((String::new(), in_words(answer)));
                }
                self.refused.push(Refusal { reference: reference.to_owned(), reasons });
                return;
            }
        }
        match answer.text("/practice/name") {
            Some(practice) => *self.routed.entry(practice.to_owned()).or_default() += 1,
            None => self.unrouted += 1,
        }
    }

    fn print(&self, report: &Report) {
        let row = |name: &str, count: usize| report.line(&format!("  {name:<40}{count:>8}"));
        report.line("");
        row("taken", self.taken);
        row("already known", self.known);
        row("refused", self.refused.len());
        if self.taken + self.known > 0 {
            report.line("");
            report.line("  Routed to");
            for (practice, count) in &self.routed {
                row(practice, *count);
            }
            row("unrouted", self.unrouted);
        }
        if !self.refused.is_empty() {
            report.line("");
            report.line("  Refused, and why");
        }
        for Refusal { reference, reasons } in &self.refused {
            // A reference may itself be what is wrong.
            report.line(&format!("    {}", reference.chars().take(64).collect::<String>()));
            for (pointer, detail) in reasons {
                report.member(pointer, &detail.as_str().into());
            }
        }
    }
}

/// Sends every message as its council, and prints what became of them. A message with a `pointer` should be refused there,
/// and any other one taken, now or before.
pub(super) fn send(web: &Web, report: &Report, logins: &Logins, lines: &[Line]) {
    report.heading(&format!("The file of referrals: {} messages", lines.len()));
    let mut councils = Councils { web, logins, tokens: BTreeMap::new() };
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    for line in lines {
        match councils.post(&line.council, &line.message) {
            Ok(answer) => {
                tally.count(line, &answer);
                wrong.push(line.fault_of(&answer));
            }
            Err(stop) => wrong.push(Some(stop.to_string())),
        }
    }
    tally.print(report);
    for (line, wrong) in lines.iter().zip(wrong) {
        report.check(wrong.is_none(), || {
            format!("{} {}: {}", line.council, line.message["council_reference"], wrong.unwrap_or_default())
        });
    }
}

impl Line {
    /// What is wrong with the answer, if anything.
    fn fault_of(&self, answer: &Answer) -> Option<String> {
        let (fits, expected) = match &self.pointer {
            Some(pointer) => (
                answer.status == 422 && faults(answer).any(|(at, _)| at == pointer),
                format!("expected 422 with {pointer}"),
            ),
            None => (matches!(answer.status, 200 | 201), "expected 201, or 200 if it was sent before".to_owned()),
        };
        (!fits).then(|| format!("{expected}, got {}", in_words(answer)))
    }
}

/// The councils' systems, with their tokens.
struct Councils<'a> {
    web: &'a Web,
    logins: &'a Logins,
    tokens: BTreeMap<String, String>,
}

impl Councils<'_> {
    fn post(&mut self, council: &str, message: &Value) -> Result<Answer, Stop> {
        let answer = self.try_post(council, message)?;
        if answer.status != 401 {
            return Ok(answer);
        }
        // The file is longer than a token's life.
        self.tokens.remove(council);
        self.try_post(council, message)
    }

    fn try_post(&mut self, council: &str, message: &Value) -> Result<Answer, Stop> {
        let token = match self.tokens.get(council) {
            Some(token) => token.clone(),
            None => self.token(council)?,
        };
        let authorization = format!("Bearer {token}");
        let content = message.to_string();
        let content = Some(("application/json", content.as_bytes()));
        self.send("/v1/council/referrals", &[("authorization", &authorization)], content)
    }

    fn token(&mut self, council: &str) -> Result<String, Stop> {
        let form = token_request(self.logins, &format!("COUNCIL_{council}"))?;
        let content = Some(("application/x-www-form-urlencoded", form.as_bytes()));
        let answer = self.send("/oauth/token", &[], content)?;
        let token = answer.text("/access_token");
        let token = token.ok_or_else(|| Stop::new(format!("no token: {}", in_words(&answer))))?.to_owned();
        self.tokens.insert(council.to_owned(), token.clone());
        Ok(token)
    }

    fn send(&self, path: &str, headers: &[(&str, &str)], content: Option<(&str, &[u8])>) -> Result<Answer, Stop> {
        self.web.send("POST", path, headers, content).map_err(|error| Stop::new(format!("not answered: {error}")))
    }
}
