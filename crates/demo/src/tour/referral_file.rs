//! Sends a file of referrals, counts the answers, and explains the refusals.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::callers::{StepFailure, token_request};
use super::report::Report;
use super::requests::{faults, in_words};
use crate::Failure;
use crate::logins::Logins;
use crate::web::{Answer, Web};

/// A line of the file.
#[derive(Deserialize)]
pub(super) struct Line {
    /// The GSS code of the council that sends the message.
    council: String,
    /// The message, which may be right or wrong.
    message: Value,
    /// The JSON pointer of the fault, if the message must be refused.
    #[serde(default)]
    pointer: Option<String>,
}

/// Reads the file, which has one JSON object to a line.
pub(super) fn read(path: &Path) -> Result<Vec<Line>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", path.display(), index + 1).into())
        })
        .collect()
}

/// The outcome of all messages.
#[derive(Default)]
struct Tally {
    accepted: usize,
    already_known: usize,
    refused: Vec<Refusal>,
    routed: BTreeMap<String, usize>,
    unrouted: usize,
    /// How many warnings there were of each code.
    warned: BTreeMap<String, usize>,
}

struct Refusal {
    reference: String,
    reasons: Vec<(String, String)>,
}

impl Tally {
    /// Counts the outcome of one message.
    fn count(&mut self, line: &Line, answer: &Answer) {
        match answer.status {
            201 => self.accepted += 1,
            200 => self.already_known += 1,
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
        for (code, _) in warnings(answer) {
            *self.warned.entry(code.to_owned()).or_default() += 1;
        }
        match answer.text("/practice/name") {
            Some(practice) => *self.routed.entry(practice.to_owned()).or_default() += 1,
            None => self.unrouted += 1,
        }
    }

    fn print(&self, report: &Report) {
        let row = |name: &str, count: usize| report.line(&format!("  {name:<40}{count:>8}"));
        report.line("");
        row("accepted", self.accepted);
        row("already known", self.already_known);
        row("refused", self.refused.len());
        if self.accepted + self.already_known > 0 {
            report.line("");
            report.line("  Routed to");
            for (practice, count) in &self.routed {
                row(practice, *count);
            }
            row("unrouted", self.unrouted);
        }
        if !self.warned.is_empty() {
            report.line("");
            report.line("  Accepted with a warning");
            for (code, count) in &self.warned {
                row(code, *count);
            }
        }
        if !self.refused.is_empty() {
            report.line("");
            report.line("  Refused, and why");
        }
        for Refusal { reference, reasons } in &self.refused {
            // The reference may itself be the fault, and be too long to print.
            report.line(&format!("    {}", reference.chars().take(64).collect::<String>()));
            for (pointer, detail) in reasons {
                report.member(pointer, &detail.as_str().into(), None);
            }
        }
    }
}

/// Sends every message as its council, and prints the outcome. A message with a `pointer` should be refused for a fault at that
/// pointer; every other message should be accepted, now or earlier.
pub(super) fn send(web: &Web, report: &Report, logins: &Logins, lines: &[Line]) {
    report.heading(&format!("The file of referrals: {} messages", lines.len()));
    let mut councils = Councils { web, logins, tokens: BTreeMap::new() };
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    for line in lines {
        match councils.post(&line.council, &line.message) {
            Ok(answer) => {
                tally.count(line, &answer);
                wrong.push(line.difference(&answer));
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
    /// Says how the answer differs from the expected one, if it does.
    fn difference(&self, answer: &Answer) -> Option<String> {
        let (fits, expected) = match &self.pointer {
            Some(pointer) => (
                answer.status == 422 && faults(answer).any(|(at, _)| at == pointer),
                format!("expected 422 with {pointer}"),
            ),
            None => (
                matches!(answer.status, 200 | 201) && self.is_warned_of_what_it_lacks(answer),
                "expected 201, or 200 if it was sent before, with a warning where what the message prefers is missing"
                    .to_owned(),
            ),
        };
        (!fits).then(|| format!("{expected}, got {}", in_words(answer)))
    }
}

impl Line {
    /// Whether the answer warns of a carer's assessment without the adult cared for, and of a representative whom nobody
    /// names, and of neither where they are there.
    fn is_warned_of_what_it_lacks(&self, answer: &Answer) -> bool {
        let of_a_carer = ["carers_assessment", "childs_carer_assessment", "young_carer_assessment"];
        let by_representative = self.message["person"]["preferred_contact"] == "via_representative";
        [
            (
                ("cared_for_missing", "/cared_for"),
                of_a_carer.iter().any(|word| self.message["function"] == *word) && self.message["cared_for"].is_null(),
            ),
            (
                ("representative_missing", "/person/preferred_contact"),
                by_representative && self.message["representative"]["name"].is_null(),
            ),
        ]
        .into_iter()
        .all(|(warning, expected)| warnings(answer).any(|one| one == warning) == expected)
    }
}

/// The warnings in an answer: the code and the pointer of each.
fn warnings(answer: &Answer) -> impl Iterator<Item = (&str, &str)> {
    let warnings = answer.body["warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
    warnings.iter().filter_map(|warning| Some((warning["code"].as_str()?, warning["pointer"].as_str()?)))
}

/// The councils' systems, with the tokens that they have.
struct Councils<'a> {
    web: &'a Web,
    logins: &'a Logins,
    tokens: BTreeMap<String, String>,
}

impl Councils<'_> {
    fn post(&mut self, council: &str, message: &Value) -> Result<Answer, StepFailure> {
        let answer = self.try_post(council, message)?;
        if answer.status != 401 {
            return Ok(answer);
        }
        // A long file can take longer than a token is valid.
        self.tokens.remove(council);
        self.try_post(council, message)
    }

    fn try_post(&mut self, council: &str, message: &Value) -> Result<Answer, StepFailure> {
        let token = match self.tokens.get(council) {
            Some(token) => token.clone(),
            None => self.token(council)?,
        };
        let authorization = format!("Bearer {token}");
        let content = message.to_string();
        let content = Some(("application/json", content.as_bytes()));
        self.send("/v1/council/referrals", &[("authorization", &authorization)], content)
    }

    fn token(&mut self, council: &str) -> Result<String, StepFailure> {
        let form = token_request(self.logins, &format!("COUNCIL_{council}"))?;
        let content = Some(("application/x-www-form-urlencoded", form.as_bytes()));
        let answer = self.send("/oauth/token", &[], content)?;
        let token = answer.text("/access_token");
        let token = token.ok_or_else(|| StepFailure::new(format!("no token: {}", in_words(&answer))))?.to_owned();
        self.tokens.insert(council.to_owned(), token.clone());
        Ok(token)
    }

    fn send(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        content: Option<(&str, &[u8])>,
    ) -> Result<Answer, StepFailure> {
        self.web
            .send("POST", path, headers, content)
            .map_err(|error| StepFailure::new(format!("not answered: {error}")))
    }
}
