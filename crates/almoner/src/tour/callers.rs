//! Who calls, and what they get.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use almoner_persistence::access::second_factor::TotpSecret;
use almoner_persistence::{Clock, random};
use serde_json::{Value, json};

use super::report::{NAME, Report};
use crate::logins::Logins;
use crate::web::{Answer, Web};

/// How long an authenticator shows a code, in seconds.
const CODE_SHOWN_FOR: i64 = 30;

/// A step goes no further, and why.
#[derive(Debug)]
pub(super) struct Stop(String);

impl Stop {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who works where, and how they sign in.
#[derive(Clone, Copy)]
pub(super) struct Staff {
    /// Who they are, as the tour calls them.
    pub(super) name: &'static str,
    /// The practice's name in URLs.
    pub(super) practice: &'static str,
    /// The first half of the address with which they sign in.
    pub(super) login: &'static str,
}

/// A system with an id and a secret.
#[derive(Clone, Copy)]
pub(super) struct System {
    /// What it is, as the tour calls it.
    pub(super) name: &'static str,
    /// The beginning of its keys among the logins.
    pub(super) key: &'static str,
}

/// Everyone who calls. Who has not called before signs in first.
pub(super) struct Callers<'a> {
    web: &'a Web,
    report: &'a Report,
    logins: &'a Logins,
    known: RefCell<BTreeMap<String, Caller<'a>>>,
}

impl<'a> Callers<'a> {
    pub(super) fn new(web: &'a Web, report: &'a Report, logins: &'a Logins) -> Self {
        Self { web, report, logins, known: RefCell::default() }
    }

    /// Anyone, at the public door.
    pub(super) fn anyone(&self) -> Caller<'a> {
        self.nobody_yet("Anyone")
    }

    /// The operator.
    pub(super) fn operator(&self) -> Result<Caller<'a>, Stop> {
        self.once("The operator", |caller| {
            let email = self.logins.get("OPERATOR_EMAIL").map_err(Stop)?;
            self.sign_in(caller, "/v1/operator/sessions", email)
        })
    }

    /// A member of a practice's staff.
    pub(super) fn staff(&self, staff: Staff) -> Result<Caller<'a>, Stop> {
        let Staff { name, practice, login } = staff;
        self.once(&format!("{name} ({practice})"), |caller| {
            self.sign_in(caller, "/v1/practice/sessions", &format!("{login}@{practice}.example"))
        })
    }

    /// A council's system, or a partner app.
    pub(super) fn system(&self, system: System) -> Result<Caller<'a>, Stop> {
        self.once(system.name, |caller| {
            let form = token_request(self.logins, system.key)?;
            let answer = caller.post("/oauth/token").form(form).answers(200)?;
            answer.show("/scope").show("/expires_in");
            Ok(Caller { token: Some(answer.take("/access_token")?), ..caller.clone() })
        })
    }

    fn sign_in(&self, caller: &Caller<'a>, path: &str, email: &str) -> Result<Caller<'a>, Stop> {
        let mut request = caller.post(path).content(&self.credentials(email)?);
        let mut answer = request.send()?;
        if answer.status == 401 {
            // A code serves once: whoever has just taken the tour waits for the next one.
            let shown_for = CODE_SHOWN_FOR - Clock::new().now().timestamp().rem_euclid(CODE_SHOWN_FOR);
            std::thread::sleep(Duration::from_secs(u64::try_from(shown_for).unwrap_or(0)));
            request = caller.post(path).content(&self.credentials(email)?);
            answer = request.send()?;
        }
        let answer = request.answered(answer, 201);
        answer.words(&format!("signs in as {email}, with a password and a code"));
        let staff_id = answer.answer.text("/staff_id").map(str::to_owned);
        Ok(Caller { token: Some(answer.take("/access_token")?), staff_id, ..caller.clone() })
    }

    /// What somebody signs in with at this moment.
    fn credentials(&self, email: &str) -> Result<Value, Stop> {
        let password = self.logins.get("STAFF_PASSWORD").map_err(Stop)?;
        let secret = self.logins.get("STAFF_TOTP_SECRET").map_err(Stop)?;
        let secret = TotpSecret::from_base32(secret).ok_or_else(|| Stop::new("STAFF_TOTP_SECRET cannot be read"))?;
        Ok(json!({ "email": email, "password": password, "code": secret.code(Clock::new().now()) }))
    }

    fn once(
        &self,
        name: &str,
        sign_in: impl FnOnce(&Caller<'a>) -> Result<Caller<'a>, Stop>,
    ) -> Result<Caller<'a>, Stop> {
        if let Some(known) = self.known.borrow().get(name) {
            return Ok(known.clone());
        }
        let caller = sign_in(&self.nobody_yet(name))?;
        self.known.borrow_mut().insert(name.to_owned(), caller.clone());
        Ok(caller)
    }

    fn nobody_yet(&self, name: &str) -> Caller<'a> {
        Caller { web: self.web, report: self.report, name: name.to_owned(), token: None, staff_id: None }
    }
}

/// The form by which a system asks for a token.
pub(super) fn token_request(logins: &Logins, key: &str) -> Result<String, Stop> {
    let id = logins.get(&format!("{key}_ID")).map_err(Stop)?;
    let secret = logins.get(&format!("{key}_SECRET")).map_err(Stop)?;
    Ok(format!("grant_type=client_credentials&client_id={id}&client_secret={secret}"))
}

/// Somebody who calls.
#[derive(Clone)]
pub(super) struct Caller<'a> {
    web: &'a Web,
    report: &'a Report,
    name: String,
    token: Option<String>,
    staff_id: Option<String>,
}

impl<'a> Caller<'a> {
    /// A question.
    pub(super) fn get(&self, path: impl Into<String>) -> Request<'_, 'a> {
        self.request("GET", path.into())
    }

    /// Something to be done.
    pub(super) fn post(&self, path: impl Into<String>) -> Request<'_, 'a> {
        self.request("POST", path.into())
    }

    fn request(&self, method: &'static str, path: String) -> Request<'_, 'a> {
        Request { caller: self, method, path, headers: Vec::new(), content: None }
    }

    /// The caller's membership of their practice.
    pub(super) fn staff_id(&self) -> Result<&str, Stop> {
        self.staff_id.as_deref().ok_or_else(|| Stop::new(format!("{} has no staff_id", self.name)))
    }

    /// The first thing that fits, on whichever page of a list it is.
    pub(super) fn find(&self, list: &str, fits: impl Fn(&Value) -> bool) -> Result<Option<Value>, Stop> {
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
                    if found.is_some() { "this one among them" } else { "this one not among them" }
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

/// A request in the making.
pub(super) struct Request<'c, 'a> {
    caller: &'c Caller<'a>,
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    content: Option<(&'static str, Vec<u8>)>,
}

impl<'a> Request<'_, 'a> {
    /// With this content.
    pub(super) fn content(mut self, content: &Value) -> Self {
        self.content = Some(("application/json", content.to_string().into_bytes()));
        self
    }

    /// With this form.
    fn form(mut self, form: String) -> Self {
        self.content = Some(("application/x-www-form-urlencoded", form.into_bytes()));
        self
    }

    /// With a header.
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// To be done once, with a key of its own.
    pub(super) fn once(self) -> Self {
        self.header("idempotency-key", &random::secret())
    }

    /// If it is still as it was read.
    pub(super) fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    /// Sends it, and prints it with its status, which should be this one.
    pub(super) fn answers(self, status: u16) -> Result<Seen<'a>, Stop> {
        let answer = self.send()?;
        Ok(self.answered(answer, status))
    }

    fn send(&self) -> Result<Answer, Stop> {
        let authorization = self.caller.token.as_ref().map(|token| format!("Bearer {token}"));
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
        let content = self.content.as_ref().map(|(media_type, content)| (*media_type, content.as_slice()));
        self.caller
            .web
            .send(self.method, &self.path, &headers, content)
            .map_err(|error| Stop::new(format!("{} {} was not answered: {error}", self.method, self.path)))
    }

    fn answered(self, answer: Answer, status: u16) -> Seen<'a> {
        let Caller { report, name, .. } = self.caller;
        let fits = answer.status == status;
        report.request(name, self.method, &self.path, answer.status, fits);
        report.check(fits, || format!("expected {status}, got {}", in_words(&answer)));
        Seen { report, answer, fits }
    }
}

/// What an answer says, for whoever wonders why.
pub(super) fn in_words(answer: &Answer) -> String {
    let title = answer.text("/title").or(answer.text("/error")).unwrap_or_default();
    let detail = answer.text("/detail").map_or_else(String::new, |detail| format!(" {detail}"));
    let faults: Vec<String> = faults(answer).map(|(pointer, detail)| format!("; {pointer} {detail}")).collect();
    format!("{} {title}{detail}{}", answer.status, faults.concat())
}

/// The faults that an answer finds, each with its place.
pub(super) fn faults(answer: &Answer) -> impl Iterator<Item = (&str, &str)> {
    let faults = answer.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
    faults
        .iter()
        .map(|fault| (fault["pointer"].as_str().unwrap_or_default(), fault["detail"].as_str().unwrap_or_default()))
}

/// An answer that is on the page. Where its status was not the one expected, nothing more is said of it.
pub(super) struct Seen<'a> {
    report: &'a Report,
    /// The answer.
    pub(super) answer: Answer,
    fits: bool,
}

impl Seen<'_> {
    /// Prints what is at a JSON pointer.
    pub(super) fn show(&self, pointer: &str) -> &Self {
        if self.fits {
            self.report.member(&name_of(pointer), self.at(pointer));
        }
        self
    }

    /// Prints what is at a JSON pointer, which should be this.
    pub(super) fn is(&self, pointer: &str, expected: impl Into<Value>) -> &Self {
        let (got, expected) = (self.at(pointer), expected.into());
        self.show(pointer).check(*got == expected, || format!("expected {expected}, got {got}"))
    }

    /// Prints a part of the answer under a name of the tour's.
    pub(super) fn tell(&self, name: &str, value: impl Into<Value>) -> &Self {
        if self.fits {
            self.report.member(name, &value.into());
        }
        self
    }

    /// Prints words about the request.
    pub(super) fn words(&self, text: &str) -> &Self {
        self.report.words(text);
        self
    }

    /// Something else that should be so.
    pub(super) fn check(&self, passed: bool, failure: impl FnOnce() -> String) -> &Self {
        if self.fits {
            self.report.check(passed, failure);
        }
        self
    }

    /// The text at a JSON pointer, without which the step goes no further.
    pub(super) fn take(&self, pointer: &str) -> Result<String, Stop> {
        let text = self.answer.text(pointer).filter(|_| self.fits);
        text.map(str::to_owned).ok_or_else(|| Stop::new(format!("the answer has no {}", name_of(pointer))))
    }

    /// The `ETag`, without which the step goes no further.
    pub(super) fn etag(&self) -> Result<String, Stop> {
        self.answer.etag().map(str::to_owned).ok_or_else(|| Stop::new("the answer has no ETag"))
    }

    /// How many there are in the list at a JSON pointer.
    pub(super) fn count(&self, pointer: &str) -> usize {
        self.at(pointer).as_array().map_or(0, Vec::len)
    }

    fn at(&self, pointer: &str) -> &Value {
        self.answer.body.pointer(pointer).unwrap_or(&Value::Null)
    }
}

/// `/practice/name` as `practice.name`, and a long one by its end.
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
