//! What the tour prints, and whether everything was as it should be.

use std::cell::{Cell, RefCell};
use std::io::{IsTerminal, Stdout, Write, stdout};
use std::process::ExitCode;

use serde_json::Value;
use uuid::Uuid;

const WIDTH: usize = 80;
/// How wide the members' names are.
pub(super) const NAME: usize = 22;

#[derive(Clone, Copy)]
enum Style {
    Bold,
    Dim,
    Green,
    Red,
}

/// The report of a tour: printed as it comes, with a count of what was checked.
pub(super) struct Report {
    out: Stdout,
    colours: bool,
    steps: Cell<usize>,
    passed: Cell<usize>,
    failed: Cell<usize>,
    caller: RefCell<String>,
}

impl Report {
    pub(super) fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let out = stdout();
        Self {
            colours: wanted && out.is_terminal(),
            out,
            steps: Cell::new(0),
            passed: Cell::new(0),
            failed: Cell::new(0),
            caller: RefCell::new(String::new()),
        }
    }

    /// Begins a step.
    pub(super) fn step(&self, title: &str) {
        self.steps.set(self.steps.get() + 1);
        self.heading(&format!("{}. {title}", self.steps.get()));
    }

    /// A heading, after which whoever calls is named anew.
    pub(super) fn heading(&self, title: &str) {
        self.caller.replace(String::new());
        self.line("");
        for line in wrapped(title, WIDTH) {
            self.line(&self.styled(Style::Bold, &line));
        }
    }

    /// A request and the status of its answer; before it the caller, where that is another than before.
    pub(super) fn request(&self, caller: &str, method: &str, path: &str, status: u16, fits: bool) {
        if self.caller.replace(caller.to_owned()) != caller {
            self.line("");
            self.line(&format!("  {caller}"));
        }
        let what = format!("    {method:<5}{}", shortened_path(path));
        let style = if fits { Style::Green } else { Style::Red };
        let gap = WIDTH.saturating_sub(3);
        self.line(&format!("{what:<gap$}{}", self.styled(style, &status.to_string())));
    }

    /// A member of an answer.
    pub(super) fn member(&self, name: &str, value: &Value) {
        let name = format!("         {name:<NAME$} ");
        let indent = " ".repeat(name.chars().count());
        for (index, line) in wrapped(&shown(value), WIDTH - indent.len()).iter().enumerate() {
            let name = if index == 0 { self.styled(Style::Dim, &name) } else { indent.clone() };
            self.line(&format!("{name}{line}"));
        }
    }

    /// Words about a request.
    pub(super) fn words(&self, text: &str) {
        for line in wrapped(text, WIDTH - 9) {
            self.line(&self.styled(Style::Dim, &format!("         {line}")));
        }
    }

    /// Counts a check; one that fails is printed.
    pub(super) fn check(&self, passed: bool, failure: impl FnOnce() -> String) {
        if passed {
            self.passed.set(self.passed.get() + 1);
            return;
        }
        self.failed.set(self.failed.get() + 1);
        for (index, line) in wrapped(&failure(), WIDTH - 11).iter().enumerate() {
            let mark = if index == 0 { '✗' } else { ' ' };
            self.line(&self.styled(Style::Red, &format!("         {mark} {line}")));
        }
    }

    /// Prints a line. Whoever stopped reading needs no more of them, and the exit code still tells.
    pub(super) fn line(&self, text: &str) {
        let _ = writeln!(self.out.lock(), "{text}");
    }

    /// The last line, and the exit code.
    pub(super) fn end(&self) -> ExitCode {
        let (passed, failed) = (self.passed.get(), self.failed.get());
        self.line("");
        if failed == 0 {
            self.line(&self.styled(Style::Green, &format!("All {passed} checks passed.")));
            return ExitCode::SUCCESS;
        }
        self.line(&self.styled(Style::Red, &format!("{failed} of {} checks failed.", passed + failed)));
        ExitCode::FAILURE
    }

    fn styled(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Green => "32",
            Style::Red => "31",
        };
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// A value as a reader wants it: texts without quotation marks, identifiers by their end.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.split(' ').map(shortened).collect::<Vec<_>>().join(" "),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// An identifier by its end, which is what tells identifiers of the same minute apart; any other text as it is.
fn shortened(text: &str) -> String {
    if text.len() == 36 && text.parse::<Uuid>().is_ok() { format!("…{}", &text[30..]) } else { text.to_owned() }
}

fn shortened_path(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let path = path.split('/').map(shortened).collect::<Vec<_>>().join("/");
    if query.is_empty() {
        return path;
    }
    let parameters = query.split('&').map(|parameter| match parameter.split_once('=') {
        Some(("cursor", _)) => "cursor=…".to_owned(),
        Some((name, value)) => format!("{name}={}", shortened(value)),
        None => parameter.to_owned(),
    });
    format!("{path}?{}", parameters.collect::<Vec<_>>().join("&"))
}

/// The lines of a text, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (index, paragraph) in text.lines().enumerate() {
        if index > 0 {
            lines.push(String::new());
        }
        for word in paragraph.split_whitespace() {
            let used = lines.last().map_or(0, |line| line.chars().count());
            if used > 0 && used + 1 + word.chars().count() > width {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_shown_by_their_end() {
        let id = "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d";
        assert_eq!(shortened_path(&format!("/v1/practice/cases/{id}/notes")), "/v1/practice/cases/…2b3c4d/notes");
        assert_eq!(shortened_path(&format!("/caseload?staff_id={id}")), "/caseload?staff_id=…2b3c4d");
        assert_eq!(shortened_path("/referrals?limit=200&cursor=abc"), "/referrals?limit=200&cursor=…");
        assert_eq!(shown(&Value::from(id)), "…2b3c4d");
    }

    #[test]
    fn long_texts_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
        assert_eq!(wrapped("", 4), [""]);
    }
}
