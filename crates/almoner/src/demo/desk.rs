//! Everyone's access to the service: over HTTP, as any caller, by the demonstration's clock.

use std::collections::HashMap;

use almoner_persistence::Clock;
use almoner_persistence::access::second_factor::Factor;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};

use super::cast::{COUNCILS, PRACTICES, email};
use super::{PASSWORD, TOTP_SECRET};
use crate::authenticator::Authenticator;
use crate::logins::Logins;
use crate::serve::Failure;
use crate::web::{Answer, Web};

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// A member of a practice's staff, by their login.
    Staff(usize, &'static str),
    /// A council's referral system.
    Council(usize),
    /// A council's complaints system.
    CouncilComplaints(usize),
    /// The partner app.
    Partner,
}

pub(super) struct Desk {
    web: Web,
    clock: Clock,
    logins: Logins,
    authenticator: Authenticator,
    tokens: HashMap<Who, (DateTime<Utc>, String)>,
    creations: u32,
}

impl Desk {
    pub(super) fn new(url: &str, clock: Clock, logins: Logins) -> Result<Self, Failure> {
        let authenticator = Authenticator::new(TOTP_SECRET).ok_or("the authenticator's secret")?;
        Ok(Self { web: Web::new(url), clock, logins, authenticator, tokens: HashMap::new(), creations: 0 })
    }

    /// The date by the demonstration's clock. Everything happens by day, when London's is the same.
    pub(super) fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }

    /// Reads something.
    pub(super) fn get(&mut self, who: Who, path: &str) -> Result<Answer, Failure> {
        self.send(who, "GET", path, &[], None)
    }

    /// Creates something.
    pub(super) fn create(&mut self, who: Who, path: &str, content: &Value) -> Result<Answer, Failure> {
        self.create_with(who, path, &[], content)
    }

    /// Creates something, with headers besides.
    pub(super) fn create_with(
        &mut self,
        who: Who,
        path: &str,
        headers: &[(&str, &str)],
        content: &Value,
    ) -> Result<Answer, Failure> {
        self.creations += 1;
        let key = format!("demonstration-{}", self.creations);
        let headers = [headers, &[("idempotency-key", key.as_str())]].concat();
        self.send(who, "POST", path, &headers, Some(content))
    }

    /// Reads something, and does something to the version read.
    pub(super) fn change(
        &mut self,
        who: Who,
        path: &str,
        step: &str,
        content: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let read = self.get(who, path)?;
        let version = read.etag().ok_or("an answer without an ETag")?.to_owned();
        self.creations += 1;
        let key = format!("demonstration-{}", self.creations);
        let headers = [("if-match", version.as_str()), ("idempotency-key", key.as_str())];
        self.send(who, "POST", &format!("{path}/{step}"), &headers, content)
    }

    fn send(
        &mut self,
        who: Who,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        content: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let authorization = format!("Bearer {}", self.token(who)?);
        let headers = [headers, &[("authorization", authorization.as_str())]].concat();
        let content = content.map(serde_json::to_vec).transpose()?;
        let content = content.as_deref().map(|content| ("application/json", content));
        good(method, path, self.web.send(method, path, &headers, content)?)
    }

    /// A token that holds for a while yet; else a new one.
    fn token(&mut self, who: Who) -> Result<String, Failure> {
        let now = self.clock.now();
        if let Some((until, token)) = self.tokens.get(&who)
            && now < *until
        {
            return Ok(token.clone());
        }
        let token = self.sign_in(who)?;
        self.tokens.insert(who, (now + TimeDelta::minutes(50), token.clone()));
        Ok(token)
    }

    fn sign_in(&self, who: Who) -> Result<String, Failure> {
        let (path, media_type, content) = match who {
            Who::Staff(practice, login) => {
                let email = email(practice, login);
                let Some(Factor::Code(code)) = self.authenticator.factor(&email, self.clock.now()) else {
                    return Err(format!("{email} has signed in too often").into());
                };
                let practice = PRACTICES[practice].slug;
                let content = json!({ "email": email, "password": PASSWORD, "code": code, "practice": practice });
                ("/v1/practice/sessions", "application/json", content.to_string())
            }
            Who::Council(council) => self.client(&format!("COUNCIL_{}", COUNCILS[council].gss_code))?,
            Who::CouncilComplaints(council) => {
                self.client(&format!("COUNCIL_{}_COMPLAINTS", COUNCILS[council].gss_code))?
            }
            Who::Partner => self.client("PARTNER")?,
        };
        let answer = self.web.send("POST", path, &[], Some((media_type, content.as_bytes())))?;
        let answer = good("POST", path, answer)?;
        Ok(answer.text("/access_token").ok_or("an answer without a token")?.to_owned())
    }

    fn client(&self, key: &str) -> Result<(&'static str, &'static str, String), Failure> {
        let id = self.logins.get(&format!("{key}_ID"))?;
        let secret = self.logins.get(&format!("{key}_SECRET"))?;
        // Both are letters and digits that need no encoding.
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        Ok(("/oauth/token", "application/x-www-form-urlencoded", form))
    }
}

fn good(method: &str, path: &str, answer: Answer) -> Result<Answer, Failure> {
    if answer.status < 400 {
        return Ok(answer);
    }
    Err(format!("{method} {path} was answered with {}: {}", answer.status, answer.body).into())
}
