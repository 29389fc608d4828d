//! Prints the tour, and counts the checks that pass and fail.

use std::cell::{Cell, RefCell};
use std::io::{IsTerminal, Stdout, Write, stdout};
use std::process::ExitCode;

use serde_json::Value;
use uuid::Uuid;

const WIDTH: usize = 80;
/// The width of the column with the members' names.
pub(super) const NAME: usize = 22;

#[derive(Clone, Copy)]
enum Style {
    Bold,
    Dim,
    Green,
    Red,
}

/// The report of a tour. Each line is printed at once.
pub(super) struct Report {
    out: Stdout,
    colours: bool,
    requests: Cell<usize>,
    passed: Cell<usize>,
    failed: Cell<usize>,
    /// The headings so far, each with the number of checks that failed below it.
    headings: RefCell<Vec<(String, usize)>>,
    caller: RefCell<String>,
}

impl Report {
    pub(super) fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let out = stdout();
        Self {
            colours: wanted && out.is_terminal(),
            out,
            requests: Cell::new(0),
            passed: Cell::new(0),
            failed: Cell::new(0),
            headings: RefCell::default(),
            caller: RefCell::new(String::new()),
        }
    }

    /// Prints the title of a step and the property that it shows.
    pub(super) fn step(&self, number: usize, title: &str, shows: &str) {
        self.heading(&format!("{number}. {title}"));
        for line in wrapped(shows, WIDTH - 3) {
            self.line(&format!("   {line}"));
        }
    }

    /// Prints a heading. The next request names its caller again.
    pub(super) fn heading(&self, title: &str) {
        self.caller.replace(String::new());
        self.headings.borrow_mut().push((title.to_owned(), 0));
        self.line("");
        for line in wrapped(title, WIDTH) {
            self.line(&self.styled(Style::Bold, &line));
        }
    }

    /// Prints a request and the status of its answer, below the caller if that is not the caller of the request before.
    pub(super) fn request(&self, caller: &str, method: &str, path: &str, status: u16, fits: bool) {
        if self.caller.replace(caller.to_owned()) != caller {
            self.line("");
            self.line(&format!("  {caller}"));
        }
        self.requests.set(self.requests.get() + 1);
        let what = format!("    {method:<7}{}", shortened_path(path));
        let (style, mark) = if fits { (Style::Green, '✓') } else { (Style::Red, '✗') };
        let gap = WIDTH - 5;
        self.line(&format!("{what:<gap$}{}", self.styled(style, &format!("{status} {mark}"))));
    }

    /// Prints a member of an answer, with a mark if it was checked.
    pub(super) fn member(&self, name: &str, value: &Value, checked: Option<bool>) {
        let mark = match checked {
            Some(true) => '✓',
            Some(false) => '✗',
            None => ' ',
        };
        let name = format!("       {mark} {name:<NAME$} ");
        let indent = " ".repeat(name.chars().count());
        for (index, line) in wrapped(&shown(value), WIDTH - indent.len()).iter().enumerate() {
            let name = if index == 0 { self.styled(Style::Dim, &name) } else { indent.clone() };
            self.line(&format!("{name}{line}"));
        }
    }

    /// Prints a member, with a mark, and counts whether it is as it should be.
    pub(super) fn checked_member(&self, name: &str, value: &Value, passed: bool, failure: impl FnOnce() -> String) {
        self.member(name, value, Some(passed));
        self.check(passed, failure);
    }

    /// Prints a remark about a request.
    pub(super) fn remark(&self, text: &str) {
        for line in wrapped(text, WIDTH - 9) {
            self.line(&self.styled(Style::Dim, &format!("         {line}")));
        }
    }

    /// Counts a check, and prints it if it failed.
    pub(super) fn check(&self, passed: bool, failure: impl FnOnce() -> String) {
        if passed {
            self.passed.set(self.passed.get() + 1);
            return;
        }
        self.failed.set(self.failed.get() + 1);
        if let Some((_, failed)) = self.headings.borrow_mut().last_mut() {
            *failed += 1;
        }
        for (index, line) in wrapped(&failure(), WIDTH - 11).iter().enumerate() {
            let mark = if index == 0 { '✗' } else { ' ' };
            self.line(&self.styled(Style::Red, &format!("         {mark} {line}")));
        }
    }

    /// Prints a line. It does not matter if nobody reads it, for example after `| head`: the exit code says the same.
    pub(super) fn line(&self, text: &str) {
        let _ = writeln!(self.out.lock(), "{text}");
    }

    /// Prints the result, and gives the exit code.
    pub(super) fn end(&self) -> ExitCode {
        let (passed, failed) = (self.passed.get(), self.failed.get());
        self.line("");
        let requests = self.requests.get();
        if failed == 0 {
            self.line(&self.styled(Style::Green, &format!("{requests} requests. All {passed} checks passed.")));
            return ExitCode::SUCCESS;
        }
        let result = format!("{requests} requests. {failed} of {} checks failed:", passed + failed);
        self.line(&self.styled(Style::Red, &result));
        for line in self.failed_headings() {
            self.line(&format!("  {line}"));
        }
        ExitCode::FAILURE
    }

    /// The headings below which checks failed, each with their number.
    fn failed_headings(&self) -> Vec<String> {
        let headings = self.headings.borrow();
        let failed = headings.iter().filter(|(_, failed)| *failed > 0);
        failed.map(|(title, failed)| format!("{title} ({failed})")).collect()
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

/// Writes a value for a reader: texts without quotation marks, identifiers by their end.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.split(' ').map(shortened).collect::<Vec<_>>().join(" "),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Shortens an identifier to its end, which is what differs between identifiers of the same minute.
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

/// Breaks a text into lines between words.
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
    fn a_check_that_fails_is_counted_below_its_heading() {
        let report = Report::new();
        report.step(1, "A step that passes", "It shows nothing.");
        report.check(true, || "this passes".to_owned());
        assert_eq!((report.end(), report.failed_headings().len()), (ExitCode::SUCCESS, 0));
        report.step(2, "A step that fails", "It shows nothing either.");
        report.check(false, || "this fails".to_owned());
        report.check(false, || "so does this".to_owned());
        assert_eq!(report.end(), ExitCode::FAILURE);
        assert_eq!(report.failed_headings(), ["2. A step that fails (2)"]);
    }

    #[test]
    fn long_texts_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
        assert_eq!(wrapped("", 4), [""]);
    }
}
