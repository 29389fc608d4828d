//! Requests at the council's and the complaints' door, each of which is recorded.

use almoner_demo::web::Answer;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Council, PASSWORD, Staff};
use serde_json::{Value, json};

use super::recorder::Recorder;

/// A caller whose requests at one door are recorded.
pub(super) struct Asker<'a> {
    pub(super) recorder: &'a Recorder,
    pub(super) caller: &'a dyn Caller,
    pub(super) by: &'a str,
    pub(super) door: &'a str,
}

impl Asker<'_> {
    /// Sends an operation of the door with these values in place of its parameters, and with the tag of what was seen.
    pub(super) fn ask(
        &self,
        operation: &str,
        parameters: &[(&str, &str)],
        seen: Option<&Answer>,
        body: Option<Value>,
    ) -> Answer {
        let key = fresh_key();
        let headers = [("idempotency-key", key.as_str()), ("if-match", seen.and_then(Answer::etag).unwrap_or("\"1\""))];
        let media_type =
            if operation.starts_with("PATCH") { "application/merge-patch+json" } else { "application/json" };
        let content = body.map(|body| body.to_string());
        let content = content.as_ref().map(|content| (media_type, content.as_bytes()));
        self.send(operation, parameters, &headers, content)
    }

    /// Sends an operation with these headers and this content.
    pub(super) fn send(
        &self,
        operation: &str,
        parameters: &[(&str, &str)],
        headers: &[(&str, &str)],
        content: Option<(&str, &[u8])>,
    ) -> Answer {
        let (method, template) = operation.split_once(' ').unwrap();
        let template = format!("{}{template}", self.door);
        let (template, query) = template.split_once('?').unwrap_or((&template, ""));
        let path = parameters.iter().fold(template.to_owned(), |path, (name, value)| path.replace(name, value));
        let path = if query.is_empty() { path } else { format!("{path}?{query}") };
        let name = format!("{method} {template}");
        self.recorder.record(self.by, &name, &mut || self.caller.send(method, &path, headers, content))
    }

    pub(super) fn get(&self, operation: &str, id: &str) -> Answer {
        self.ask(operation, &[("{id}", id)], None, None)
    }

    pub(super) fn post(&self, operation: &str, body: Value) -> Answer {
        self.ask(operation, &[], None, Some(body))
    }
}

/// Sends the operations on the caller's own account and sessions, but the one that ends the session.
pub(super) fn own_account(asker: &Asker<'_>, caller: &Staff, council: &Council) {
    let signed_in = || {
        let name = format!("POST {}/sessions", asker.door);
        asker.recorder.record(asker.by, &name, &mut || caller.sign_in(None))
    };
    let first = signed_in();
    signed_in();
    asker.get("GET /sessions", "");
    asker.get("DELETE /sessions/{id}", first.text("/session_id").unwrap());
    asker.get("GET /account", "");
    asker.post("POST /account/password", json!({ "current_password": PASSWORD, "new_password": PASSWORD }));
    let drawn = asker.post("POST /account/second-factor", json!({}));
    let secret = TotpSecret::from_base32(drawn.text("/secret").unwrap()).unwrap();
    let code = json!({ "code": secret.code(caller.clock().now()) });
    let confirmed = asker.post("POST /account/second-factor/confirm", code);
    let proved = json!({ "recovery_code": confirmed.body["recovery_codes"][0] });
    caller.go_on_with(&asker.post("POST /sessions/current/step-up", proved));
    let entered = asker.post("POST /sessions/current/council", json!({ "council_id": council.id }));
    let renewed = json!({ "refresh_token": entered.body["refresh_token"] });
    caller.go_on_with(&asker.post("POST /sessions/refresh", renewed));
    let codes = asker.post("POST /account/recovery-codes", json!({}));
    caller.change_authenticator(drawn.text("/secret").unwrap(), &codes);
}

/// Accepts an invitation with this token as somebody new.
pub(super) fn accept(asker: &Asker<'_>, caller: &Staff, invited: &Answer) {
    let token = invited.text("/link/token").unwrap_or_else(|| panic!("{}", invited.body));
    let opened = asker.post("POST /invitations/open", json!({ "token": token }));
    let secret = TotpSecret::from_base32(opened.text("/authenticator/secret").unwrap()).unwrap();
    let code = secret.code(caller.clock().now());
    let accepted = json!({ "token": token, "password": "a green bicycle in the rain", "code": code });
    asker.post("POST /invitations/accept", accepted);
}
