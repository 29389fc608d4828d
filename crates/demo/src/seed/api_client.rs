//! Calls the service over HTTP as any caller of the sample data, by the demonstration's clock.

use std::collections::HashMap;

use almoner_persistence::Clock;
use almoner_persistence::access::second_factor::Factor;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};

use super::sample_councils::{COUNCILS, officer_email};
use super::sample_organisations::{PRACTICES, email};
use crate::authenticator::Authenticator;
use crate::logins::Logins;
use crate::web::{Answer, Web};
use crate::{Failure, PASSWORD, TOTP_SECRET};

/// A caller; practices and councils are given by their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    /// A member of a practice's staff, by their login.
    Staff(usize, &'static str),
    /// A council's referral system.
    Council(usize),
    /// An officer of a council at the complaints' door, by their login.
    Complaints(usize, &'static str),
    /// An officer of a council, by their login.
    Officer(usize, &'static str),
    /// The partner app.
    Partner,
}

pub(super) struct ApiClient {
    web: Web,
    clock: Clock,
    logins: Logins,
    authenticator: Authenticator,
    tokens: HashMap<Caller, (DateTime<Utc>, String)>,
    idempotency_keys: u32,
}

impl ApiClient {
    pub(super) fn new(url: &str, clock: Clock, logins: Logins) -> Result<Self, Failure> {
        let authenticator = Authenticator::new(TOTP_SECRET).ok_or("the authenticator's secret")?;
        Ok(Self { web: Web::new(url), clock, logins, authenticator, tokens: HashMap::new(), idempotency_keys: 0 })
    }

    /// The date by the demonstration's clock. All steps are taken by day, when the date is the same in London.
    pub(super) fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }

    /// Sends a GET.
    pub(super) fn get(&mut self, caller: Caller, path: &str) -> Result<Answer, Failure> {
        self.send(caller, "GET", path, &[], None)
    }

    /// Sends a POST that creates something.
    pub(super) fn create(&mut self, caller: Caller, path: &str, content: &Value) -> Result<Answer, Failure> {
        self.create_with(caller, path, &[], content)
    }

    /// Sends a POST that creates something, with more headers.
    pub(super) fn create_with(
        &mut self,
        caller: Caller,
        path: &str,
        headers: &[(&str, &str)],
        content: &Value,
    ) -> Result<Answer, Failure> {
        let key = self.next_idempotency_key();
        let headers = [headers, &[("idempotency-key", key.as_str())]].concat();
        self.send(caller, "POST", path, &headers, Some(content))
    }

    /// Sends a PUT.
    pub(super) fn put(&mut self, caller: Caller, path: &str, content: &Value) -> Result<Answer, Failure> {
        self.send(caller, "PUT", path, &[], Some(content))
    }

    /// Reads a resource, then sends a POST to `step` below it with the version that was read.
    pub(super) fn change(
        &mut self,
        caller: Caller,
        path: &str,
        step: &str,
        content: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let read = self.get(caller, path)?;
        let version = read.etag().ok_or("an answer without an ETag")?.to_owned();
        let key = self.next_idempotency_key();
        let headers = [("if-match", version.as_str()), ("idempotency-key", key.as_str())];
        self.send(caller, "POST", &format!("{path}/{step}"), &headers, content)
    }

    /// Reads a resource, then sends a PATCH with the version that was read.
    pub(super) fn patch(&mut self, caller: Caller, path: &str, changes: &Value) -> Result<Answer, Failure> {
        let read = self.get(caller, path)?;
        let version = read.etag().ok_or("an answer without an ETag")?.to_owned();
        self.send(caller, "PATCH", path, &[("if-match", version.as_str())], Some(changes))
    }

    fn send(
        &mut self,
        caller: Caller,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        content: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let authorization = format!("Bearer {}", self.token(caller)?);
        let headers = [headers, &[("authorization", authorization.as_str())]].concat();
        let content = content.map(serde_json::to_vec).transpose()?;
        let media_type = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let content = content.as_deref().map(|content| (media_type, content));
        accepted(method, path, self.web.send(method, path, &headers, content)?)
    }

    fn next_idempotency_key(&mut self) -> String {
        self.idempotency_keys += 1;
        format!("demonstration-{}", self.idempotency_keys)
    }

    /// Finds a token that is valid for some time yet, or signs in for a new one.
    fn token(&mut self, caller: Caller) -> Result<String, Failure> {
        let now = self.clock.now();
        if let Some((until, token)) = self.tokens.get(&caller)
            && now < *until
        {
            return Ok(token.clone());
        }
        let token = self.sign_in(caller)?;
        self.tokens.insert(caller, (now + TimeDelta::minutes(50), token.clone()));
        Ok(token)
    }

    fn sign_in(&self, caller: Caller) -> Result<String, Failure> {
        let (path, media_type, content) = match caller {
            Caller::Staff(practice, login) => {
                let email = email(practice, login);
                let Some(Factor::Code(code)) = self.authenticator.factor(&email, self.clock.now()) else {
                    return Err(format!("{email} has signed in too often").into());
                };
                let practice = PRACTICES[practice].slug;
                let content = json!({ "email": email, "password": PASSWORD, "code": code, "practice": practice });
                ("/v1/practice/sessions", "application/json", content.to_string())
            }
            Caller::Officer(council, login) | Caller::Complaints(council, login) => {
                let email = officer_email(council, login);
                let Some(Factor::Code(code)) = self.authenticator.factor(&email, self.clock.now()) else {
                    return Err(format!("{email} has signed in too often").into());
                };
                let content = json!({ "email": email, "password": PASSWORD, "code": code });
                let path = match caller {
                    Caller::Complaints(..) => "/v1/complaints/sessions",
                    _ => "/v1/council/sessions",
                };
                (path, "application/json", content.to_string())
            }
            Caller::Council(council) => self.token_request(&format!("COUNCIL_{}", COUNCILS[council].gss_code))?,
            Caller::Partner => self.token_request("PARTNER")?,
        };
        let answer = self.web.send("POST", path, &[], Some((media_type, content.as_bytes())))?;
        let answer = accepted("POST", path, answer)?;
        Ok(answer.text("/access_token").ok_or("an answer without a token")?.to_owned())
    }

    fn token_request(&self, key: &str) -> Result<(&'static str, &'static str, String), Failure> {
        let id = self.logins.get(&format!("{key}_ID"))?;
        let secret = self.logins.get(&format!("{key}_SECRET"))?;
        // Both are letters and digits that need no encoding.
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        Ok(("/oauth/token", "application/x-www-form-urlencoded", form))
    }
}

fn accepted(method: &str, path: &str, answer: Answer) -> Result<Answer, Failure> {
    if answer.status < 400 {
        return Ok(answer);
    }
    Err(format!("{method} {path} was answered with {}: {}", answer.status, answer.body).into())
}
