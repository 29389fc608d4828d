use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Staff, System, World};
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
    let its_council = [made.text("/council/id"), made.text("/council/gss_code")];
    assert_eq!(its_council, [Some(council.id.to_string().as_str()), Some(council.gss_code.as_str())], "{}", made.body);
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
    let new = json!({ "name": "Partner app", "scopes": ["complaints"], "run_by": "Severn Voices CIC",
        "controlled_by": ["Ida Fenwick"] });
    let key = almoner_tests::callers::fresh_key();
    let [first, again] = [(); 2].map(|()| operator.post_with(CLIENTS, &[("idempotency-key", &key)], &new));
    assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (201, 201, Some("true")));
    assert!(first.text("/client_secret").is_some());
    assert_eq!(first.body, again.body);
    assert_eq!((first.text("/kind"), &first.body["council"]), (Some("partner"), &Value::Null));

    let another = operator.create(CLIENTS, &new);
    assert_ne!(another.text("/id"), first.text("/id"));
    assert_ne!(another.text("/client_secret"), first.text("/client_secret"));
    let colleague = world.operator().post_with(CLIENTS, &[("idempotency-key", &key)], &new);
    assert_eq!(colleague.status, 201);
    assert_ne!(colleague.text("/client_secret"), first.text("/client_secret"), "a colleague's key is another");
}

#[test]
fn no_practice_registers_an_app_nor_does_whoever_controls_one() {
    let world = World::new();
    let operator = world.operator();
    let practice = world.practice_with(json!({ "name": "Corvedale Care Practice Ltd" }));
    let app = |changes: Value| {
        let mut new = json!({
            "name": "Say It", "scopes": ["complaints"], "run_by": "Ludlow Voices", "controlled_by": ["Ida Fenwick"],
        });
        new.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        operator.create(CLIENTS, &new)
    };
    for (changes, pointer) in [
        (json!({ "run_by": "corvedale care practice, a charity" }), "/run_by"),
        (json!({ "run_by": practice.slug }), "/run_by"),
        (json!({ "run_by": "Amara Okafor" }), "/run_by"),
        (json!({ "run_by": null }), "/run_by"),
        (json!({ "controlled_by": [] }), "/controlled_by"),
        (json!({ "controlled_by": ["Ida Fenwick", "OKAFOR, Amara"] }), "/controlled_by/1"),
        (json!({ "controlled_by": ["CorvedaleCare Practice CIC"] }), "/controlled_by/0"),
        (json!({ "name": "Complaints at Corvedale Care Practice" }), "/name"),
        (json!({ "website": format!("https://app.{}.example/complain", practice.slug) }), "/website"),
        (json!({ "website": "http://ludlow-voices.example" }), "/website"),
        (json!({ "website": "javascript:alert(1)" }), "/website"),
    ] {
        let refused = app(changes.clone());
        assert_eq!(
            (refused.status, refused.text("/errors/0/pointer")),
            (422, Some(pointer)),
            "{changes}: {}",
            refused.body
        );
    }
    let council = world.council();
    let system = json!({ "council_id": council.id, "name": "A system", "scopes": ["complaints"], "website": "https://a.example" });
    let refused = operator.create(CLIENTS, &system);
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/website")), "{}", refused.body);

    // A practice that takes the name of whoever runs an app keeps the app disabled.
    let registered = app(json!({ "run_by": "Onny Valley Voices" }));
    assert_eq!(registered.status, 201, "{}", registered.body);
    assert_eq!(
        (&registered.body["controlled_by"], registered.text("/run_by")),
        (&json!(["Ida Fenwick"]), Some("Onny Valley Voices"))
    );
    let path = format!("{CLIENTS}/{}", registered.text("/id").unwrap());
    let step = |step: &str| operator.change(&format!("{path}/{step}"), &operator.get(&path), &json!({}));
    assert_eq!((step("disable").status, step("enable").status, step("disable").status), (200, 200, 200));
    world.practice_with(json!({ "name": "Onny Valley Voices" }));
    let refused = step("enable");
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
}

#[test]
fn the_procedure_for_complaining_links_the_apps_that_may_be_used() {
    let world = World::new();
    let operator = world.operator();
    let council = world.council();
    let practice = world.practice(&council);
    let linked = |name: &str| -> Vec<Value> {
        ["councils/".to_owned() + &council.gss_code, "practices/".to_owned() + &practice.slug]
            .map(|of| {
                let shown = world.anyone().get(&format!("/v1/public/{of}/complaints-procedure"));
                assert_eq!(shown.status, 200, "{}", shown.body);
                shown.body["apps"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|app| app["name"] == *name)
                    .cloned()
                    .unwrap_or_default()
            })
            .to_vec()
    };
    let name = format!("App {}", almoner_tests::callers::fresh_key());
    let mut app = json!({
        "name": name, "scopes": ["complaints"], "run_by": "Teme Voices CIC", "controlled_by": ["Ida Fenwick"],
    });
    let unlisted = operator.create(CLIENTS, &app);
    assert_eq!(
        (unlisted.status, linked(&name)),
        (201, vec![Value::Null; 2]),
        "an app without an address: {}",
        unlisted.body
    );
    app["website"] = "https://teme-voices.example/complain".into();
    let made = operator.create(CLIENTS, &app);
    assert_eq!(made.status, 201, "{}", made.body);
    let shown = json!({ "name": name, "run_by": "Teme Voices CIC", "website": "https://teme-voices.example/complain" });
    assert_eq!(linked(&name), vec![shown; 2], "and not who controls them");
    let path = format!("{CLIENTS}/{}", made.text("/id").unwrap());
    assert_eq!(operator.change(&format!("{path}/disable"), &operator.get(&path), &json!({})).status, 200);
    assert_eq!(linked(&name), vec![Value::Null; 2]);
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

/// Sends a PUT with the version that was read last.
fn put(operator: &Staff, path: &str, part: &str, body: &Value) -> Answer {
    let etag = operator.get(path).etag().unwrap().to_owned();
    let body = body.to_string();
    let content = Some(("application/json", body.as_bytes()));
    operator.send("PUT", &format!("{path}/{part}"), &[("if-match", &etag)], content)
}

/// Asks for a token with this secret.
fn ask(client: &System, secret: &str) -> u16 {
    let form = format!("grant_type=client_credentials&client_id={}&client_secret={secret}", client.id);
    client.ask_token(&form).status
}

#[test]
fn secrets_are_listed_without_their_values_and_one_can_be_ended_at_once() {
    let world = World::new();
    let operator = world.operator();
    let client = world.council().system;
    let path = format!("{CLIENTS}/{}", client.id);
    let key = almoner_tests::callers::fresh_key();
    let secrets = format!("{path}/secrets");
    let [made, again] = [(); 2].map(|()| operator.post_with(&secrets, &[("idempotency-key", &key)], &json!({})));
    assert_eq!((made.status, &made.body), (201, &again.body), "{}", made.body);
    let (id, secret) = (made.text("/id").unwrap(), made.text("/client_secret").unwrap());

    let listed = operator.get(&path);
    let listed = listed.body["secrets"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 2);
    assert!(listed[0]["expires_at"].is_string() && listed[1]["expires_at"].is_null(), "{listed:?}");
    assert!(!json!(listed).to_string().contains(secret));

    assert_eq!((ask(&client, &client.secret), ask(&client, secret)), (200, 200));
    let first = listed[0]["id"].as_str().unwrap();
    assert_eq!(operator.send("DELETE", &format!("{secrets}/{first}"), &[], None).status, 204);
    assert_eq!((ask(&client, &client.secret), ask(&client, secret)), (401, 200));
    assert_eq!(operator.send("DELETE", &format!("{secrets}/{first}"), &[], None).status, 404, "it has ended");
    let others = format!("{CLIENTS}/{}/secrets/{id}", world.council().system.id);
    assert_eq!(operator.send("DELETE", &others, &[], None).status, 404, "another client's");
    assert_eq!(ask(&client, secret), 200);

    let at_once = operator.create(&secrets, &json!({ "overlap_hours": 0 }));
    assert_eq!((ask(&client, secret), ask(&client, at_once.text("/client_secret").unwrap())), (401, 200));
    // A whole number is one however it is written, and the same content.
    let key = almoner_tests::callers::fresh_key();
    let whole = ["24.0", "24", "2.4e1"].map(|hours| {
        let content = format!(r#"{{"overlap_hours": {hours}}}"#);
        let headers = [("idempotency-key", key.as_str())];
        operator.send("POST", &secrets, &headers, Some(("application/json", content.as_bytes())))
    });
    assert_eq!(whole.each_ref().map(|answer| answer.status), [201; 3], "{}", whole[0].body);
    assert!(whole.iter().all(|answer| answer.body == whole[0].body), "{}", whole[1].body);
    for hours in [json!(-1), json!(169), json!(24.5), json!(1e300), json!("1"), json!([])] {
        let refused = operator.create(&secrets, &json!({ "overlap_hours": hours }));
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/overlap_hours")), "{hours}");
    }
}

#[test]
fn a_disabled_client_is_nobody_until_it_is_enabled() {
    let world = World::new();
    let operator = world.operator();
    let client = world.council().system;
    let path = format!("{CLIENTS}/{}", client.id);
    assert_eq!(client.get("/v1/council/referrals").status, 200);
    let step = |step: &str| operator.change(&format!("{path}/{step}"), &operator.get(&path), &json!({}));
    let disabled = step("disable");
    assert_eq!(disabled.status, 200, "{}", disabled.body);
    assert!(disabled.text("/disabled_at").is_some());
    assert_eq!((client.get("/v1/council/referrals").status, ask(&client, &client.secret)), (401, 401));
    assert_eq!((step("disable").status, step("disable").text("/type")), (409, Some("/problems/invalid-state")));
    assert_eq!(step("enable").status, 200);
    assert_eq!((step("enable").status, step("enable").text("/type")), (409, Some("/problems/invalid-state")));
    assert_eq!(client.get("/v1/council/referrals").status, 401, "a token of before is nobody's for good");
    assert!(!is_active(&client), "and is not said to be valid");
    assert_eq!(ask(&client, &client.secret), 200, "its secret is valid again");
    client.forget_token();
    assert_eq!(client.get("/v1/council/referrals").status, 200);
    assert!(is_active(&client));
    let stale = operator.post_with(&format!("{path}/disable"), &[("if-match", "\"1\"")], &json!({}));
    assert_eq!(stale.status, 412);
}

/// Whether the client's present token is said to be valid.
fn is_active(client: &System) -> bool {
    let token = client.token().unwrap();
    let form = format!("token={token}&client_id={}&client_secret={}", client.id, client.secret);
    let content = Some(("application/x-www-form-urlencoded", form.as_bytes()));
    let answer = client.web().send("POST", "/oauth/introspect", &[], content);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["active"] == true
}

#[test]
fn row_7_a_credential_that_is_ended_at_once_takes_every_token_of_the_client_with_it() {
    let world = World::new();
    let operator = world.operator();
    let app = world.partner();
    let path = format!("{CLIENTS}/{}", app.id);
    let token = app.token().unwrap();
    let works = || {
        let headers =
            [("authorization", &*format!("Bearer {token}")), ("complaint-access-code", "AAAA-AAAA-AAAA-AAAA")];
        app.web().send("GET", "/v1/partner/complaints/NONE", &headers, None).status != 401
    };
    assert!(works());
    let more = operator.create(&format!("{path}/secrets"), &json!({ "overlap_hours": 1 }));
    assert_eq!(more.status, 201, "{}", more.body);
    assert!(works(), "a further secret ends nothing");
    let id = more.text("/id").unwrap();
    let ended = operator.send("DELETE", &format!("{path}/secrets/{id}"), &[], None);
    assert_eq!(ended.status, 204, "{}", ended.body);
    assert!(!works());
}

#[test]
fn keys_in_the_place_of_secrets_end_them_and_what_is_no_public_key_is_refused() {
    let world = World::new();
    let operator = world.operator();
    let client = world.council().system;
    let path = format!("{CLIENTS}/{}", client.id);
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let mut private = key.clone();
    private["d"] = json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    for keys in [json!([private]), json!([{ "kty": "oct", "k": "AAAA" }]), json!([]), json!([key, key])] {
        let refused = put(&operator, &path, "keys", &json!({ "keys": keys }));
        assert_eq!(
            (refused.status, refused.text("/type")),
            (422, Some("/problems/validation-failed")),
            "{}",
            refused.body
        );
        assert!(!refused.body.to_string().contains("nWGxne"), "what was sent is not repeated");
    }
    assert_eq!(ask(&client, &client.secret), 200);
    let replaced = put(&operator, &path, "keys", &json!({ "keys": [key] }));
    assert_eq!((replaced.status, &replaced.body["secrets"]), (200, &json!([])), "{}", replaced.body);
    assert_eq!(replaced.body["jwks"]["keys"][0], key);
    assert_eq!(ask(&client, &client.secret), 401);
    for ranges in [json!(["10.0.0.1/8"]), json!(["0.0.0.0/0"]), json!(["everywhere"]), json!(vec!["10.0.0.0/8"; 51])] {
        let refused = put(&operator, &path, "allowed-addresses", &json!({ "allowed_addresses": ranges }));
        assert_eq!(refused.status, 422, "{}", refused.body);
    }
}

#[test]
fn row_22_what_a_client_proves_itself_by_is_changed_by_a_fresh_second_factor_alone() {
    let world = World::new();
    let operator = world.operator();
    let client = world.council().system;
    let path = format!("{CLIENTS}/{}", client.id);
    let seen = operator.get(&path);
    world.clock.advance(chrono::TimeDelta::minutes(6));
    assert_eq!(operator.get(&path).status, 200, "reading asks for none");
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let secret = seen.text("/secrets/0/id").unwrap();
    for (what, refused) in [
        ("register", operator.create(CLIENTS, &json!({ "name": "App", "scopes": ["complaints"] }))),
        ("secret", operator.create(&format!("{path}/secrets"), &json!({}))),
        ("end", operator.send("DELETE", &format!("{path}/secrets/{secret}"), &[], None)),
        ("keys", put(&operator, &path, "keys", &json!({ "keys": [key] }))),
        ("addresses", put(&operator, &path, "allowed-addresses", &json!({ "allowed_addresses": [] }))),
        ("disable", operator.change(&format!("{path}/disable"), &seen, &json!({}))),
        ("enable", operator.change(&format!("{path}/enable"), &seen, &json!({}))),
    ] {
        assert_eq!((refused.status, refused.text("/type")), (401, Some("/problems/step-up-required")), "{what}");
    }
    assert_eq!(ask(&client, &client.secret), 200, "nothing has changed");
}
