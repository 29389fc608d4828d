//! The callers of the tour.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use almoner_persistence::Clock;
use almoner_persistence::access::second_factor::TotpSecret;
use serde_json::{Value, json};

use super::report::Report;
use super::requests::{CheckedAnswer, Request};
use crate::authenticator::CODE_SECONDS;
use crate::logins::Logins;
use crate::web::Web;

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

    /// An officer of a council, at the complaints' door.
    pub(super) fn at_complaints(&self, officer: Officer) -> Result<Caller<'a>, StepFailure> {
        let Officer { name, council, login } = officer;
        self.sign_in_once(&format!("{name}, at the complaints' door"), |caller| {
            self.sign_in(caller, "/v1/complaints/sessions", &format!("{login}@{council}.council.example"))
        })
    }

    /// A member of a practice's staff who is a guest at the complaints' door.
    pub(super) fn guest(&self, staff: Staff) -> Result<Caller<'a>, StepFailure> {
        let Staff { name, practice, login } = staff;
        self.sign_in_once(&format!("{name}, at the complaints' door"), |caller| {
            self.sign_in(caller, "/v1/complaints/sessions", &format!("{login}@{practice}.example"))
        })
    }

    /// Tries to sign a member of a practice's staff in at the complaints' door, where they have no place.
    pub(super) fn is_no_guest(&self, staff: Staff) -> Result<CheckedAnswer<'a>, StepFailure> {
        let Staff { name, practice, login } = staff;
        let credentials = self.credentials(&format!("{login}@{practice}.example"))?;
        self.without_token(name).post("/v1/complaints/sessions").content(&credentials).answers(401)
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
    pub(super) web: &'a Web,
    pub(super) report: &'a Report,
    pub(super) name: String,
    pub(super) token: Option<String>,
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
        Request::new(self, method, path)
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

/// Asks each of these callers for a list, every half second for at most fifteen seconds, until one of them has an item that fits.
/// Returns that caller and the item.
pub(super) fn find_in_time<'c, 'a>(
    callers: &'c [Caller<'a>],
    list: &str,
    fits: impl Fn(&Value) -> bool,
) -> Result<(&'c Caller<'a>, Value), StepFailure> {
    let until = Instant::now() + Duration::from_secs(15);
    loop {
        for caller in callers {
            let request = caller.get(format!("{list}?limit=200"));
            let answer = request.send()?;
            let found =
                answer.body["items"].as_array().and_then(|items| items.iter().rfind(|item| fits(item))).cloned();
            if let Some(found) = found {
                request.answered(answer, 200);
                return Ok((caller, found));
            }
        }
        if Instant::now() > until {
            return Err(StepFailure::new(format!("none of {} callers finds it in {list}", callers.len())));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}
