//! The callers of the tour, the requests that they send, and the checks of the answers.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use almoner_persistence::access::second_factor::TotpSecret;
use almoner_persistence::{Clock, random};
use serde_json::{Value, json};

use super::report::{NAME, Report};
use crate::authenticator::CODE_SECONDS;
use crate::logins::Logins;
use crate::web::{Answer, Web};

/// The reason why a step of the tour goes no further.
#[derive(Debug)]
pub(super) struct StepFailure(String);

impl StepFailure {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl std::fmt::Display for StepFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A member of a practice's staff, and how they sign in.
#[derive(Clone, Copy)]
pub(super) struct Staff {
    /// The name by which the tour calls them.
    pub(super) name: &'static str,
    /// The practice's slug, which is its name in URLs.
    pub(super) practice: &'static str,
    /// The part before the `@` of the e-mail address with which they sign in.
    pub(super) login: &'static str,
}

/// An officer of a council, and how they sign in.
#[derive(Clone, Copy)]
pub(super) struct Officer {
    /// The name by which the tour calls them.
    pub(super) name: &'static str,
    /// The letters with which the council's references begin, in small letters.
    pub(super) council: &'static str,
    /// The part before the `@` of the e-mail address with which they sign in.
    pub(super) login: &'static str,
}

/// A council's system or a partner app, which has an id and a secret.
#[derive(Clone, Copy)]
pub(super) struct System {
    /// The name by which the tour calls the system.
    pub(super) name: &'static str,
    /// The beginning of the system's keys in [`Logins`].
    pub(super) key: &'static str,
}

/// All callers. A caller signs in before their first request.
pub(super) struct Callers<'a> {
    web: &'a Web,
    report: &'a Report,
    logins: &'a Logins,
    signed_in: RefCell<BTreeMap<String, Caller<'a>>>,
}

impl<'a> Callers<'a> {
    pub(super) fn new(web: &'a Web, report: &'a Report, logins: &'a Logins) -> Self {
        Self { web, report, logins, signed_in: RefCell::default() }
    }

    /// A caller without a token, at the public door.
    pub(super) fn anyone(&self) -> Caller<'a> {
        self.without_token("Anyone")
    }

    /// The operator of the service.
    pub(super) fn operator(&self) -> Result<Caller<'a>, StepFailure> {
        self.sign_in_once("The operator", |caller| {
            let email = self.logins.get("OPERATOR_EMAIL").map_err(StepFailure)?;
            self.sign_in(caller, "/v1/operator/sessions", email)
        })
    }

    /// A member of a practice's staff.
    pub(super) fn staff(&self, staff: Staff) -> Result<Caller<'a>, StepFailure> {
        let Staff { name, practice, login } = staff;
        self.sign_in_once(&format!("{name} ({practice})"), |caller| {
            self.sign_in(caller, "/v1/practice/sessions", &format!("{login}@{practice}.example"))
        })
    }

    /// An officer of a council.
    pub(super) fn officer(&self, officer: Officer) -> Result<Caller<'a>, StepFailure> {
        let Officer { name, council, login } = officer;
        self.sign_in_once(name, |caller| {
            self.sign_in(caller, "/v1/council/sessions", &format!("{login}@{council}.council.example"))
        })
    }

    /// A council's system, or a partner app.
    pub(super) fn system(&self, system: System) -> Result<Caller<'a>, StepFailure> {
        self.sign_in_once(system.name, |caller| {
            let form = token_request(self.logins, system.key)?;
            let answer = caller.post("/oauth/token").form(form).answers(200)?;
            answer.show("/scope").show("/expires_in");
            Ok(Caller { token: Some(answer.take("/access_token")?), ..caller.clone() })
        })
    }

    fn sign_in(&self, caller: &Caller<'a>, path: &str, email: &str) -> Result<Caller<'a>, StepFailure> {
        let mut request = caller.post(path).content(&self.credentials(email)?);
        let mut answer = request.send()?;
        if answer.status == 401 {
            // A code can be used once. If an earlier tour has used the present one, this one waits for the next.
            let shown_for = CODE_SECONDS - Clock::new().now().timestamp().rem_euclid(CODE_SECONDS);
            std::thread::sleep(Duration::from_secs(u64::try_from(shown_for).unwrap_or(0)));
            request = caller.post(path).content(&self.credentials(email)?);
            answer = request.send()?;
        }
        let answer = request.answered(answer, 201);
        answer.remark(&format!("The caller signs in as {email}, with a password and a code."));
        let staff_id = answer.answer.text("/staff_id").map(str::to_owned);
        Ok(Caller { token: Some(answer.take("/access_token")?), staff_id, ..caller.clone() })
    }

    /// The password and the code with which an account signs in at this moment.
    fn credentials(&self, email: &str) -> Result<Value, StepFailure> {
        let password = self.logins.get("STAFF_PASSWORD").map_err(StepFailure)?;
        let secret = self.logins.get("STAFF_TOTP_SECRET").map_err(StepFailure)?;
        let secret =
            TotpSecret::from_base32(secret).ok_or_else(|| StepFailure::new("STAFF_TOTP_SECRET cannot be read"))?;
        Ok(json!({ "email": email, "password": password, "code": secret.code(Clock::new().now()) }))
    }

    fn sign_in_once(
        &self,
        name: &str,
        sign_in: impl FnOnce(&Caller<'a>) -> Result<Caller<'a>, StepFailure>,
    ) -> Result<Caller<'a>, StepFailure> {
        if let Some(known) = self.signed_in.borrow().get(name) {
            return Ok(known.clone());
        }
        let caller = sign_in(&self.without_token(name))?;
        self.signed_in.borrow_mut().insert(name.to_owned(), caller.clone());
        Ok(caller)
    }

    fn without_token(&self, name: &str) -> Caller<'a> {
        Caller { web: self.web, report: self.report, name: name.to_owned(), token: None, staff_id: None }
    }
}

/// The form with which a system asks for a token.
pub(super) fn token_request(logins: &Logins, key: &str) -> Result<String, StepFailure> {
    let id = logins.get(&format!("{key}_ID")).map_err(StepFailure)?;
    let secret = logins.get(&format!("{key}_SECRET")).map_err(StepFailure)?;
    Ok(format!("grant_type=client_credentials&client_id={id}&client_secret={secret}"))
}

/// A caller, with a token once they have signed in.
#[derive(Clone)]
pub(super) struct Caller<'a> {
    web: &'a Web,
    report: &'a Report,
    name: String,
    token: Option<String>,
    staff_id: Option<String>,
}

impl<'a> Caller<'a> {
    /// Prepares a GET.
    pub(super) fn get(&self, path: impl Into<String>) -> Request<'_, 'a> {
        self.request("GET", path.into())
    }

    /// Prepares a POST.
    pub(super) fn post(&self, path: impl Into<String>) -> Request<'_, 'a> {
        self.request("POST", path.into())
    }

    /// Prepares a PUT.
    pub(super) fn put(&self, path: impl Into<String>) -> Request<'_, 'a> {
        self.request("PUT", path.into())
    }

    /// Prepares a DELETE.
    pub(super) fn delete(&self, path: impl Into<String>) -> Request<'_, 'a> {
        self.request("DELETE", path.into())
    }

    fn request(&self, method: &'static str, path: String) -> Request<'_, 'a> {
        Request { caller: self, method, path, headers: Vec::new(), content: None }
    }

    /// The caller's id as a member of their practice's staff.
    pub(super) fn staff_id(&self) -> Result<&str, StepFailure> {
        self.staff_id.as_deref().ok_or_else(|| StepFailure::new(format!("{} has no staff_id", self.name)))
    }

    /// Finds the first item of a list that fits, on whichever page it is. The items before it are asked first, in their order.
    pub(super) fn find(&self, list: &str, mut fits: impl FnMut(&Value) -> bool) -> Result<Option<Value>, StepFailure> {
        let mut cursor = String::new();
        loop {
            let seen = self.get(format!("{list}?limit=200{cursor}")).answers(200)?;
            let items = seen.answer.body["items"].as_array();
            let found = items.and_then(|items| items.iter().find(|item| fits(item)));
            seen.tell(
                "items",
                format!(
                    "{}, {}",
                    seen.count("/items"),
                    if found.is_some() {
                        "the one looked for is among them"
                    } else {
                        "the one looked for is not among them"
                    }
                ),
            );
            if let Some(found) = found {
                return Ok(Some(found.clone()));
            }
            match seen.answer.text("/next_cursor") {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(None),
            }
        }
    }
}

/// A request that has not been sent.
pub(super) struct Request<'c, 'a> {
    caller: &'c Caller<'a>,
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    content: Option<(&'static str, Vec<u8>)>,
}

impl<'a> Request<'_, 'a> {
    /// Sets the content, as JSON.
    pub(super) fn content(mut self, content: &Value) -> Self {
        self.content = Some(("application/json", content.to_string().into_bytes()));
        self
    }

    /// Sets the content, as a form.
    fn form(mut self, form: String) -> Self {
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

    fn send(&self) -> Result<Answer, StepFailure> {
        let authorization = self.caller.token.as_ref().map(|token| format!("Bearer {token}"));
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
        let content = self.content.as_ref().map(|(media_type, content)| (*media_type, content.as_slice()));
        self.caller
            .web
            .send(self.method, &self.path, &headers, content)
            .map_err(|error| StepFailure::new(format!("{} {} was not answered: {error}", self.method, self.path)))
    }

    fn answered(self, answer: Answer, status: u16) -> CheckedAnswer<'a> {
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
