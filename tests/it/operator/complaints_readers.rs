//! Councils at which nobody can read the complaints that come to them: the council and the operator are told.

use std::thread;

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Staff, System, World, messages};
use serde_json::{Value, json};

const SENT: &str = "/v1/council/referrals";

/// Since when nobody at a council reads complaints, as an answer says.
fn unread_since(answer: &Answer) -> Option<&str> {
    assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
    answer.text("/complaints_unread_since")
}

/// Takes a step in the life of a client.
fn step(operator: &Staff, client: &System, step: &str) {
    let path = format!("/v1/operator/clients/{}", client.id);
    let done = operator.change(&format!("{path}/{step}"), &operator.get(&path), &json!({}));
    assert_eq!(done.status, 200, "{}", done.body);
}

#[test]
fn a_council_is_unread_from_its_first_moment_until_a_client_of_its_may_read_complaints() {
    let world = World::new();
    let operator = world.operator();
    let entered = operator.create("/v1/operator/councils", &super::council(&super::gss_code(&world)));
    assert_eq!(unread_since(&entered), entered.text("/created_at"), "{}", entered.body);
    let path = entered.header("location").unwrap();
    let register = |council: &Value, scopes: Value| {
        let new = json!({ "council_id": council, "name": "A system", "scopes": scopes });
        assert_eq!(operator.create("/v1/operator/clients", &new).status, 201);
    };
    register(&entered.body["id"], json!(["referrals"]));
    register(&Value::Null, json!(["complaints"]));
    register(&json!(world.council().id), json!(["complaints"]));
    assert!(unread_since(&operator.get(path)).is_some(), "a partner's client and another council's read nothing of it");
    register(&entered.body["id"], json!(["referrals", "complaints"]));
    assert_eq!(unread_since(&operator.get(path)), None);
}

#[test]
fn when_the_last_who_reads_complaints_is_disabled_the_council_reads_it_in_its_next_answer() {
    let world = World::new();
    let (council, operator) = (world.council(), world.operator());
    world.practice(&council);
    let second = world.client(Some(council.id), &["complaints"]);
    let at_operator = format!("/v1/operator/councils/{}", council.id);
    let said = |what: &str| {
        let listed = council.system.get(SENT).text("/items/0/complaints_unread_since").map(str::to_owned);
        let sent = unread_since(&council.system.create(SENT, &messages::referral())).map(str::to_owned);
        let operator = unread_since(&operator.get(&at_operator)).map(str::to_owned);
        assert_eq!((&listed, &sent), (&operator, &operator), "{what}");
        operator
    };
    assert_eq!(said("two may read complaints"), None);
    step(&operator, &council.complaints, "disable");
    assert_eq!(said("one may"), None);
    step(&operator, &council.system, "disable");
    step(&operator, &council.system, "enable");
    council.system.forget_token();
    assert_eq!(said("another client does not count"), None);
    step(&operator, &second, "disable");
    assert!(said("nobody may").is_some());
    assert_eq!(
        world.announced(&council, "council.complaints_unread", &council.id.to_string()),
        1,
        "the council is told once"
    );
    let other = world.council();
    world.practice(&other);
    assert_eq!(unread_since(&other.system.create(SENT, &messages::referral())), None, "each council for itself");
    step(&operator, &second, "enable");
    assert_eq!(said("one may again"), None);
}

#[test]
fn of_two_who_are_disabled_at_once_one_is_the_last() {
    let world = World::new();
    let (council, operator) = (world.council(), world.operator());
    let second = world.client(Some(council.id), &["complaints"]);
    let token = operator.token().unwrap();
    thread::scope(|scope| {
        for client in [&council.complaints, &second] {
            let (token, web) = (&token, operator.web());
            let path = format!("/v1/operator/clients/{}/disable", client.id);
            scope.spawn(move || {
                let (bearer, key) = (format!("Bearer {token}"), fresh_key());
                let headers = [("authorization", bearer.as_str()), ("if-match", "\"1\""), ("idempotency-key", &key)];
                let disabled = web.send("POST", &path, &headers, Some(("application/json", b"{}".as_slice())));
                assert_eq!(disabled.status, 200, "{}", disabled.body);
            });
        }
    });
    assert!(unread_since(&operator.get(&format!("/v1/operator/councils/{}", council.id))).is_some());
    assert_eq!(world.announced(&council, "council.complaints_unread", &council.id.to_string()), 1);
}
