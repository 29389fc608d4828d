//! What operators do with their own accounts, which is the same as at the practice's door.

use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{PASSWORD, World};
use serde_json::json;

const CHOSEN: &str = "a green bicycle in the rain";

#[test]
fn an_operator_invites_another_who_accepts_once_and_nobody_is_invited_twice() {
    let world = World::new();
    let operator = world.operator();
    let invitation = json!({ "email": format!("{}@almoner.example", fresh_key()), "name": "An Operator" });
    let invited = operator.create("/v1/operator/accounts", &invitation);
    assert_eq!(invited.status, 201, "{}", invited.body);
    let token = invited.text("/link/token").or_else(|| invited.text("/token")).unwrap();
    let opened = world.anyone().post("/v1/operator/invitations/open", &json!({ "token": token }));
    let secret = TotpSecret::from_base32(opened.text("/authenticator/secret").unwrap()).unwrap();
    let accept = |code: &str| {
        let body = json!({ "token": token, "password": CHOSEN, "code": code });
        world.anyone().post("/v1/operator/invitations/accept", &body)
    };
    let accepted = accept(&secret.code(world.clock.now()));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    assert_eq!(accept(&secret.code(world.clock.now())).status, 410);
    let again = operator.create("/v1/operator/accounts", &invitation);
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/already-exists")), "{}", again.body);
}

#[test]
fn an_operator_changes_their_password_and_their_authenticator() {
    let world = World::new();
    let operator = world.operator();
    let step_up = operator.post("/v1/operator/sessions/current/step-up", &json!({ "code": "000000" }));
    assert_eq!((step_up.status, step_up.text("/type")), (401, Some("/problems/invalid-credentials")));
    let change = json!({ "current_password": PASSWORD, "new_password": CHOSEN });
    assert_eq!(operator.post("/v1/operator/account/password", &change).status, 204);
    let drawn = operator.post("/v1/operator/account/second-factor", &json!({}));
    let authenticator = TotpSecret::from_base32(drawn.text("/secret").unwrap()).unwrap();
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let code = authenticator.code(world.clock.now());
    let confirmed = operator.post("/v1/operator/account/second-factor/confirm", &json!({ "code": code }));
    assert_eq!(confirmed.body["recovery_codes"].as_array().map(Vec::len), Some(10), "{}", confirmed.body);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let code = authenticator.code(world.clock.now());
    let credentials = json!({ "email": operator.email, "password": CHOSEN, "code": code });
    assert_eq!(world.anyone().post("/v1/operator/sessions", &credentials).status, 201);
}
