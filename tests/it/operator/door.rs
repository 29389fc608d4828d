use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use serde_json::json;

use super::{council, gss_code};

const SESSIONS: &str = "/v1/operator/sessions";

fn assert_not_authenticated(answer: &Answer, what: &str) {
    let kind = (answer.status, answer.text("/type"));
    assert_eq!(kind, (401, Some("/problems/not-authenticated")), "{what}: {}", answer.body);
}

#[test]
fn an_operator_signs_in_and_out() {
    let world = World::new();
    let operator = world.operator();
    let signed_in = operator.sign_in(None);
    assert_eq!((signed_in.status, signed_in.text("/token_type")), (201, Some("Bearer")), "{}", signed_in.body);
    assert_eq!(operator.get("/v1/operator/councils").status, 200);
    assert_eq!(operator.send("DELETE", "/v1/operator/sessions/current", &[], None).status, 204);
    assert_not_authenticated(&operator.get("/v1/operator/councils"), "signed out");

    operator.forget_token();
    assert_eq!(operator.get("/v1/operator/councils").status, 200);
    world.set_clock("2026-11-20T10:10:30Z");
    assert_not_authenticated(&operator.get("/v1/operator/councils"), "expired");
}

#[test]
fn staff_do_not_come_in_at_the_operators_door() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let sign_in = |email: &str, password: &str| {
        let mut credentials = practice.director.credentials();
        (credentials["email"], credentials["password"]) = (email.into(), password.into());
        world.anyone().post(SESSIONS, &credentials)
    };
    let director = sign_in(&practice.director.email, "a password for tests alone");
    assert_eq!((director.status, director.text("/type")), (401, Some("/problems/invalid-credentials")));
    let wrong = sign_in(&world.operator().email, "another password");
    let unknown = sign_in("nobody@almoner.example", "a password for tests alone");
    for refused in [&wrong, &unknown] {
        assert_eq!((refused.status, &refused.body), (401, &director.body), "which of them it was is not told");
    }
    for path in ["councils", "practices", "contracts", "clients"] {
        let path = format!("/v1/operator/{path}");
        assert_not_authenticated(&practice.director.get(&path), "a director's token");
        assert_not_authenticated(&world.partner().get(&path), "a partner app's token");
        assert_not_authenticated(&world.anyone().get(&path), "no token");
    }
    let entered = practice.director.create("/v1/operator/councils", &council(&gss_code(&world)));
    assert_not_authenticated(&entered, "a director who enters a council");
}

#[test]
fn row_6_an_operator_reads_no_record() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let sent = council.system.post("/v1/council/referrals", &messages::referral());
    let person = practice.manager.create("/v1/practice/service-users", &messages::person());
    let operator = world.operator();
    for path in [
        "/v1/practice/referrals",
        "/v1/practice/cases",
        person.header("location").unwrap(),
        sent.header("location").unwrap(),
        "/v1/council/referrals",
        "/v1/complaints",
        "/v1/complaints/offers",
        "/v1/partner/complaints/C-AAAAA-AAAAA",
    ] {
        assert_not_authenticated(&operator.get(path), path);
    }
    let found = operator.post("/v1/practice/service-users/search", &json!({ "name": "marlow" }));
    assert_not_authenticated(&found, "a search");
    // The operator's answers tell nothing of anybody served.
    let shown = operator.get(&format!("/v1/operator/practices/{}", practice.id));
    assert_eq!((shown.status, &shown.body["capacity_reserved"]), (200, &json!(1)));
    assert!(!shown.body.to_string().contains("Marlow"));
}

#[test]
fn what_is_not_there_is_not_found() {
    let world = World::new();
    let operator = world.operator();
    for path in ["councils", "practices", "contracts", "clients"] {
        for id in [uuid::Uuid::nil().to_string(), "me".to_owned(), "%27".to_owned()] {
            let answer = operator.get(&format!("/v1/operator/{path}/{id}"));
            assert_eq!((answer.status, answer.text("/type")), (404, Some("/problems/not-found")), "{path} {id}");
        }
        for query in ["limit=0", "limit=201", "cursor=!", "cursor=AAAA"] {
            assert_eq!(operator.get(&format!("/v1/operator/{path}?{query}")).status, 422, "{path} {query}");
        }
    }
}

#[test]
fn row_7_a_disabled_operator_is_nobody_from_the_next_request_on_and_does_not_go_on() {
    let world = World::new();
    let (operator, leaver) = (world.operator(), world.operator());
    let signed_in = leaver.sign_in(None);
    let account = leaver.get("/v1/operator/account").text("/id").unwrap().to_owned();
    let path = format!("/v1/operator/accounts/{account}");
    assert_eq!(operator.post(&format!("{path}/disable"), &json!({})).status, 200);
    for path in ["/v1/operator/practices", "/v1/operator/account", "/v1/operator/sessions"] {
        assert_not_authenticated(&leaver.get(path), path);
    }
    let token = json!({ "refresh_token": signed_in.body["refresh_token"] });
    assert_not_authenticated(&world.anyone().post("/v1/operator/sessions/refresh", &token), "the refresh token");
}
