//! The callers: staff, systems, anybody. Each signs in when it first needs to, and again when its token has expired.

use std::cell::RefCell;

use almoner_demo::web::Answer;
use almoner_domain::ids::{CouncilId, OfficerId, StaffId};
use almoner_persistence::Clock;
use almoner_persistence::access::second_factor::{Factor, TotpSecret};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::web::Web;
use crate::world::{PASSWORD, authenticator};

/// A member of staff, an officer or an operator, who signs in with a password.
pub struct Staff {
    /// The identifier of their membership; of an officer, that of the officer.
    pub id: StaffId,
    /// The e-mail address with which they sign in.
    pub email: String,
    web: Web,
    clock: Clock,
    sign_in_at: &'static str,
    token: RefCell<Option<String>>,
}

/// The JSON pointers of the faults for which a request was refused, in order.
pub fn pointers(refused: &Answer) -> Vec<&str> {
    assert_eq!((refused.status, refused.text("/type")), (422, Some("/problems/validation-failed")), "{}", refused.body);
    let errors = refused.body["errors"].as_array().unwrap_or_else(|| panic!("{}", refused.body));
    errors.iter().map(|error| error["pointer"].as_str().expect("a pointer")).collect()
}

/// A system with client credentials.
pub struct System {
    /// The `client_id` of the system.
    pub id: String,
    /// The `client_secret` of the system.
    pub secret: String,
    web: Web,
    token: RefCell<Option<String>>,
}

/// A caller without a token.
pub struct Anyone(Web);

/// The requests that every caller can send.
pub trait Caller {
    /// The HTTP client of the caller.
    fn web(&self) -> &Web;
    /// The caller's access token, unless they have none.
    fn token(&self) -> Option<String>;

    /// Sends a request as it is, with the token and these headers.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], content: Option<(&str, &[u8])>) -> Answer {
        let authorization = self.token().map(|token| format!("Bearer {token}"));
        let mut all: Vec<(&str, &str)> = headers.to_vec();
        if let Some(authorization) = &authorization {
            all.push(("authorization", authorization));
        }
        let answer = self.web().send(method, path, &all, content);
        assert!(!has_a_null_member(&answer.body), "{method} {path}: what is unknown is left out: {}", answer.body);
        // What is shown once and opens something.
        for shown in ["/secret", "/access_code", "/password"] {
            crate::log::secret(answer.text(shown));
        }
        answer
    }

    /// Sends a GET.
    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// Sends a POST with these headers.
    fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        self.send("POST", path, headers, Some(("application/json", body.to_string().as_bytes())))
    }

    /// Sends a POST without further headers.
    fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[], body)
    }

    /// Sends a POST that creates something, with a fresh `Idempotency-Key`.
    fn create(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[("idempotency-key", &fresh_key())], body)
    }

    /// Sends a POST that changes what was read in `seen`, with its `ETag` and a fresh `Idempotency-Key`.
    fn change(&self, path: &str, seen: &Answer, body: &Value) -> Answer {
        let etag = seen.etag().expect("an ETag");
        self.post_with(path, &[("if-match", etag), ("idempotency-key", &fresh_key())], body)
    }

    /// Sends a PUT of what was read in `seen`.
    fn put(&self, path: &str, seen: &Answer, body: &Value) -> Answer {
        let headers = [("if-match", seen.etag().expect("an ETag"))];
        self.send("PUT", path, &headers, Some(("application/json", body.to_string().as_bytes())))
    }

    /// Sends a PATCH of what was read in `seen`.
    fn patch(&self, path: &str, seen: &Answer, body: &Value) -> Answer {
        let headers = [("if-match", seen.etag().expect("an ETag"))];
        self.send("PATCH", path, &headers, Some(("application/merge-patch+json", body.to_string().as_bytes())))
    }
}

/// Whether a member or an item somewhere in this is `null`.
fn has_a_null_member(value: &Value) -> bool {
    let mut inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Object(members) => Box::new(members.values()),
        Value::Array(items) => Box::new(items.iter()),
        _ => return false,
    };
    inner.any(|one| one.is_null() || has_a_null_member(one))
}

/// An `Idempotency-Key` that nobody has used.
pub fn fresh_key() -> String {
    uuid::Builder::from_random_bytes(almoner_persistence::random::bytes()).into_uuid().to_string()
}

impl Staff {
    pub(crate) fn new(web: Web, clock: Clock, id: StaffId, email: &str) -> Self {
        Self { id, email: email.to_owned(), web, clock, sign_in_at: "/v1/practice/sessions", token: RefCell::new(None) }
    }

    pub(crate) fn officer(web: Web, clock: Clock, id: OfficerId, email: &str) -> Self {
        Self { sign_in_at: "/v1/council/sessions", ..Self::new(web, clock, StaffId::from(id.uuid()), email) }
    }

    /// The same person at the complaints' door, where they sign in apart.
    #[must_use]
    pub fn at_complaints(&self) -> Self {
        let (web, clock) = (self.web.clone(), self.clock.clone());
        Self { sign_in_at: "/v1/complaints/sessions", ..Self::new(web, clock, self.id, &self.email) }
    }

    /// The same officer at the council's door, where they sign in apart.
    #[must_use]
    pub fn at_the_council(&self) -> Self {
        Self::officer(self.web.clone(), self.clock.clone(), OfficerId::from(self.id.uuid()), &self.email)
    }

    pub(crate) fn operator(web: Web, clock: Clock, email: &str) -> Self {
        let id = StaffId::from(Uuid::nil());
        Self { sign_in_at: "/v1/operator/sessions", ..Self::new(web, clock, id, email) }
    }

    /// The credentials with which they sign in at this moment. The second factor in them can be used once.
    pub fn credentials(&self) -> Value {
        let factor = match authenticator().factor(&self.email, self.clock.now()).expect("something that has not served")
        {
            Factor::Code(code) => ("code", code),
            Factor::RecoveryCode(code) => ("recovery_code", code),
        };
        json!({ "email": self.email, "password": PASSWORD, factor.0: factor.1 })
    }

    /// The clock of the server to which they send requests.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Changes to another authenticator, whose recovery codes an answer shows.
    pub fn change_authenticator(&self, secret: &str, confirmed: &Answer) {
        let codes = confirmed.body["recovery_codes"].as_array().expect("recovery codes");
        let codes = codes.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        authenticator().change(&self.email, TotpSecret::from_base32(secret).expect("a secret"), codes);
    }

    /// Continues with the access token of this answer.
    pub fn go_on_with(&self, answer: &Answer) {
        if let Some(token) = answer.text("/access_token") {
            *self.token.borrow_mut() = Some(token.to_owned());
        }
    }

    /// Proves the second factor anew, and continues with the new token.
    pub fn step_up(&self) -> Answer {
        let mut factor = self.credentials();
        factor.as_object_mut().expect("an object").retain(|member, _| member.contains("code"));
        let answer = self.post(&format!("{}/current/step-up", self.sign_in_at), &factor);
        self.go_on_with(&answer);
        answer
    }

    /// Signs in anew to this council.
    pub fn sign_in_to(&self, council: CouncilId) -> Answer {
        let mut body = self.credentials();
        body["council_id"] = json!(council);
        self.sign_in_with(&body)
    }

    /// Signs in anew. Without a practice, to the only one.
    pub fn sign_in(&self, practice: Option<&str>) -> Answer {
        let mut body = self.credentials();
        if let Some(practice) = practice {
            body["practice"] = practice.into();
        }
        self.sign_in_with(&body)
    }

    fn sign_in_with(&self, body: &Value) -> Answer {
        let content = body.to_string();
        let answer = self.web.send("POST", self.sign_in_at, &[], Some(("application/json", content.as_bytes())));
        *self.token.borrow_mut() = answer.text("/access_token").map(str::to_owned);
        crate::log::secret(self.token.borrow().as_deref());
        answer
    }

    /// Forgets the token: the next request signs in again, as after the clock was moved.
    pub fn forget_token(&self) {
        *self.token.borrow_mut() = None;
    }
}

impl Caller for Staff {
    fn web(&self) -> &Web {
        &self.web
    }

    fn token(&self) -> Option<String> {
        if self.token.borrow().is_none() {
            let answer = self.sign_in(None);
            assert_eq!(answer.status, 201, "{} cannot sign in: {}", self.email, answer.body);
        }
        self.token.borrow().clone()
    }
}

impl System {
    pub(crate) fn new(web: Web, id: &str, secret: &str) -> Self {
        Self { id: id.to_owned(), secret: secret.to_owned(), web, token: RefCell::new(None) }
    }

    /// Asks for a token with this form.
    pub fn ask_token(&self, form: &str) -> Answer {
        let content = Some(("application/x-www-form-urlencoded", form.as_bytes()));
        self.web.send("POST", "/oauth/token", &[], content)
    }

    /// Forgets the token: the next request gets another, as after the clock was moved.
    pub fn forget_token(&self) {
        *self.token.borrow_mut() = None;
    }
}

impl Caller for System {
    fn web(&self) -> &Web {
        &self.web
    }

    fn token(&self) -> Option<String> {
        if self.token.borrow().is_none() {
            let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", self.id, self.secret);
            let answer = self.ask_token(&form);
            assert_eq!(answer.status, 200, "no token: {}", answer.body);
            *self.token.borrow_mut() = answer.text("/access_token").map(str::to_owned);
            crate::log::secret(self.token.borrow().as_deref());
        }
        self.token.borrow().clone()
    }
}

impl Anyone {
    pub(crate) fn new(web: Web) -> Self {
        Self(web)
    }
}

impl Caller for Anyone {
    fn web(&self) -> &Web {
        &self.0
    }

    fn token(&self) -> Option<String> {
        None
    }
}
