use almoner_tests::World;
use almoner_tests::callers::Caller;
use serde_json::{Value, json};

use super::{page_through, times_listed};

const CLIENTS: &str = "/v1/operator/clients";

#[test]
fn a_clients_secret_is_shown_once_and_opens_its_door() {
    let world = World::new();
    let operator = world.operator();
    let council = world.council();
    let new = json!({ "council_id": council.id, "name": "Adult social care system", "scopes": ["referrals"] });
    let made = operator.create(CLIENTS, &new);
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.text("/kind"), Some("council"));
    let (id, secret) = (made.text("/id").unwrap(), made.text("/client_secret").unwrap());
    assert!(secret.len() >= 32, "160 bits");

    let read = operator.get(made.header("location").unwrap());
    assert_eq!((&read.body["id"], &read.body["client_secret"]), (&made.body["id"], &Value::Null));
    assert_eq!(times_listed(&operator, CLIENTS, &made.body["id"]), 1);
    for one in page_through(&operator, CLIENTS) {
        assert!(one.get("client_secret").is_none() && one.get("secret_hash").is_none(), "{one}");
    }

    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let token = council.system.ask_token(&form);
    assert_eq!((token.status, token.text("/scope")), (200, Some("referrals")), "{}", token.body);
}

#[test]
fn the_same_request_with_its_key_shows_the_same_secret_and_another_key_makes_another_client() {
    let world = World::new();
    let operator = world.operator();
    let new = json!({ "name": "Partner app", "scopes": ["complaints"] });
    let key = almoner_tests::callers::fresh_key();
    let [first, again] = [(); 2].map(|()| operator.post_with(CLIENTS, &[("idempotency-key", &key)], &new));
    assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (201, 201, Some("true")));
    assert!(first.text("/client_secret").is_some());
    assert_eq!(first.body, again.body);
    assert_eq!((first.text("/kind"), &first.body["council_id"]), (Some("partner"), &Value::Null));

    let another = operator.create(CLIENTS, &new);
    assert_ne!(another.text("/id"), first.text("/id"));
    assert_ne!(another.text("/client_secret"), first.text("/client_secret"));
    let colleague = world.operator().post_with(CLIENTS, &[("idempotency-key", &key)], &new);
    assert_eq!(colleague.status, 201);
    assert_ne!(colleague.text("/client_secret"), first.text("/client_secret"), "a colleague's key is another");
}

#[test]
fn a_client_is_registered_for_what_its_kind_may_do() {
    let world = World::new();
    let operator = world.operator();
    let council = world.council();
    for (council_id, scopes, pointer) in [
        (json!(null), json!(["referrals"]), "/scopes"),
        (json!(null), json!([]), "/scopes"),
        (json!(council.id), json!(["complaints", "everything"]), "/scopes"),
        (json!(council.id), json!([]), "/scopes"),
        (json!(uuid::Uuid::nil()), json!(["referrals"]), "/council_id"),
    ] {
        let new = json!({ "council_id": council_id, "name": "A system", "scopes": scopes });
        let refused = operator.create(CLIENTS, &new);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
    let chosen = json!({ "name": "A system", "scopes": ["complaints"], "client_secret": "of my own choosing" });
    let refused = operator.create(CLIENTS, &chosen);
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/client_secret")), "{}", refused.body);
}
