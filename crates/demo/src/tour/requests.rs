//! The requests of the tour, and the checks of their answers.

use std::time::{Duration, Instant};

use almoner_persistence::random;
use serde_json::Value;

use super::callers::{Caller, StepFailure};
use super::report::{NAME, Report};
use crate::web::Answer;

/// A request that has not been sent.
pub(super) struct Request<'c, 'a> {
    caller: &'c Caller<'a>,
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    content: Option<(&'static str, Vec<u8>)>,
}

impl<'c, 'a> Request<'c, 'a> {
    pub(super) fn new(caller: &'c Caller<'a>, method: &'static str, path: String) -> Self {
        Self { caller, method, path, headers: Vec::new(), content: None }
    }

    /// Sets the content, as JSON.
    pub(super) fn content(mut self, content: &Value) -> Self {
        self.content = Some(("application/json", content.to_string().into_bytes()));
        self
    }

    /// Sets the content, as a form.
    pub(super) fn form(mut self, form: String) -> Self {
        self.content = Some(("application/x-www-form-urlencoded", form.into_bytes()));
        self
    }

    /// Sets the content, as a file of this media type.
    pub(super) fn file(mut self, media_type: &'static str, content: &[u8]) -> Self {
        self.content = Some((media_type, content.to_vec()));
        self
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Adds a new `Idempotency-Key`.
    pub(super) fn idempotent(self) -> Self {
        self.header("idempotency-key", &random::secret())
    }

    /// Adds `If-Match` with the version that was read.
    pub(super) fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    /// Sends the request and prints it; checks that the answer has this status.
    pub(super) fn answers(self, status: u16) -> Result<CheckedAnswer<'a>, StepFailure> {
        let answer = self.send()?;
        Ok(self.answered(answer, status))
    }

    /// Sends the request every half second until the answer fits, for at most fifteen seconds, and prints it once, as it was
    /// answered last; checks that the answer has this status.
    pub(super) fn answers_in_time(
        self,
        status: u16,
        fits: impl Fn(&Answer) -> bool,
    ) -> Result<CheckedAnswer<'a>, StepFailure> {
        let until = Instant::now() + Duration::from_secs(15);
        let mut answer = self.send()?;
        while !fits(&answer) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(500));
            answer = self.send()?;
        }
        Ok(self.answered(answer, status))
    }

    pub(super) fn send(&self) -> Result<Answer, StepFailure> {
        let authorization = self.caller.token.as_ref().map(|token| format!("Bearer {token}"));
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
        let content = self.content.as_ref().map(|(media_type, content)| (*media_type, content.as_slice()));
        self.caller
            .web
            .send(self.method, &self.path, &headers, content)
            .map_err(|error| StepFailure::new(format!("{} {} was not answered: {error}", self.method, self.path)))
    }

    pub(super) fn answered(self, answer: Answer, status: u16) -> CheckedAnswer<'a> {
        let Caller { report, name, .. } = self.caller;
        let fits = answer.status == status;
        report.request(name, self.method, &self.path, answer.status, fits);
        report.check(fits, || format!("expected {status}, got {}", in_words(&answer)));
        CheckedAnswer { report, answer, fits }
    }
}

/// Says in one line what an answer says: its status, its title, and the faults that it names.
pub(super) fn in_words(answer: &Answer) -> String {
    let title = answer.text("/title").or(answer.text("/error")).unwrap_or_default();
    let detail = answer.text("/detail").map_or_else(String::new, |detail| format!(" {detail}"));
    let faults: Vec<String> = faults(answer).map(|(pointer, detail)| format!("; {pointer} {detail}")).collect();
    format!("{} {title}{detail}{}", answer.status, faults.concat())
}

/// The faults that an answer names, each as its JSON pointer and its explanation.
pub(super) fn faults(answer: &Answer) -> impl Iterator<Item = (&str, &str)> {
    let faults = answer.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
    faults
        .iter()
        .map(|fault| (fault["pointer"].as_str().unwrap_or_default(), fault["detail"].as_str().unwrap_or_default()))
}

/// An answer whose status was printed and checked. If the status was not the expected one, nothing more is printed or checked.
pub(super) struct CheckedAnswer<'a> {
    report: &'a Report,
    /// The answer itself.
    pub(super) answer: Answer,
    fits: bool,
}

impl CheckedAnswer<'_> {
    /// Prints the member at a JSON pointer.
    pub(super) fn show(&self, pointer: &str) -> &Self {
        if self.fits {
            self.report.member(&name_of(pointer), self.at(pointer), None);
        }
        self
    }

    /// Prints the member at a JSON pointer, and checks that it has this value.
    pub(super) fn is(&self, pointer: &str, expected: impl Into<Value>) -> &Self {
        let (got, expected) = (self.at(pointer), expected.into());
        let passed = *got == expected;
        if self.fits {
            self.report.member(&name_of(pointer), got, Some(passed));
        }
        self.check(passed, || format!("expected {expected}, got {got}"))
    }

    /// Prints a value that the tour made from the answer, under a name.
    pub(super) fn tell(&self, name: &str, value: impl Into<Value>) -> &Self {
        if self.fits {
            self.report.member(name, &value.into(), None);
        }
        self
    }

    /// Prints a value that the tour made from the answer, under a name, and counts whether it is as it should be.
    pub(super) fn tell_checked(
        &self,
        name: &str,
        value: impl Into<Value>,
        passed: bool,
        failure: impl FnOnce() -> String,
    ) -> &Self {
        if self.fits {
            self.report.checked_member(name, &value.into(), passed, failure);
        }
        self
    }

    /// Prints a remark about the request.
    pub(super) fn remark(&self, text: &str) -> &Self {
        self.report.remark(text);
        self
    }

    /// Checks something else.
    pub(super) fn check(&self, passed: bool, failure: impl FnOnce() -> String) -> &Self {
        if self.fits {
            self.report.check(passed, failure);
        }
        self
    }

    /// Gives the text at a JSON pointer. Without it the step goes no further.
    pub(super) fn take(&self, pointer: &str) -> Result<String, StepFailure> {
        let text = self.answer.text(pointer).filter(|_| self.fits);
        text.map(str::to_owned).ok_or_else(|| StepFailure::new(format!("the answer has no {}", name_of(pointer))))
    }

    /// Gives the `ETag`. Without it the step goes no further.
    pub(super) fn etag(&self) -> Result<String, StepFailure> {
        self.answer.etag().map(str::to_owned).ok_or_else(|| StepFailure::new("the answer has no ETag"))
    }

    /// The length of the list at a JSON pointer.
    pub(super) fn count(&self, pointer: &str) -> usize {
        self.at(pointer).as_array().map_or(0, Vec::len)
    }

    fn at(&self, pointer: &str) -> &Value {
        self.answer.body.pointer(pointer).unwrap_or(&Value::Null)
    }
}

/// The name under which a member is printed: `/practice/name` as `practice.name`, and a long path by its end.
fn name_of(pointer: &str) -> String {
    let mut name = pointer.trim_start_matches('/');
    while let Some((_, rest)) = name.split_once('/').filter(|_| name.len() > NAME) {
        name = rest;
    }
    name.replace('/', ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_named_by_their_path_and_long_ones_by_its_end() {
        assert_eq!(name_of("/routing/explanation"), "routing.explanation");
        assert_eq!(name_of("/message/person/nhs_number"), "person.nhs_number");
        assert_eq!(name_of("/a_member_whose_name_is_long"), "a_member_whose_name_is_long");
    }
}
