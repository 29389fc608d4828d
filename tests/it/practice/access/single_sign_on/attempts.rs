//! Attempts to sign in and to link through a scripted provider. Nobody can sign in with a forged token, or with an attempt
//! that is not the caller's own.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Anyone, Caller};
use almoner_tests::{Practice, World};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::fake::Fake;
use super::{CLIENT, COMPLETE, FRONTEND, IDENTITIES, LINK, SECRET, SIGN_ON, assert_wrong, begin, set, with, world};

/// Makes a practice with a scripted provider, and a member of staff who is linked there as `sub`.
fn with_fake(world: &World) -> (Practice, Fake) {
    let practice = world.practice_with(json!({}));
    let fake = Fake::start();
    set(&practice, &fake.issuer(), json!({ "accepted_acr_values": ["two"] }));
    let begun = practice.social_worker.post(IDENTITIES, &json!({ "redirect_uri": FRONTEND }));
    let linked = practice.social_worker.post(LINK, &fake.vouch(world.clock.now(), &begun, "sub"));
    assert_eq!(linked.status, 201, "{}", linked.body);
    (practice, fake)
}

fn claims(world: &World, fake: &Fake, begun: &Answer) -> Value {
    fake.claims(world.clock.now(), begun, "sub")
}

/// Makes an ID token for the person whom this answer redirected to the provider.
type Forge<'f> = &'f dyn Fn(&Answer) -> String;

/// The parameters with which somebody comes back whom this answer sent away.
fn back(fake: &Fake, begun: &Answer) -> Value {
    json!({ "state": begun.body["state"], "authorization_code": "a", "iss": fake.issuer() })
}

fn complete(anyone: &Anyone, fake: &Fake, begun: &Answer) -> Answer {
    anyone.post(COMPLETE, &back(fake, begun))
}

#[test]
fn an_id_token_that_is_not_the_providers_for_this_attempt_lets_nobody_in() {
    let world = world();
    let (practice, fake) = with_fake(&world);
    let now = world.clock.now().timestamp();
    for (member, value) in [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("iss", json!("https://login.example")),
        ("aud", json!("another client")),
        ("aud", json!([CLIENT, "another client"])),
        ("exp", json!(now - 1)),
        ("iat", json!(now + 120)),
        ("iat", json!(now - 120)),
        ("auth_time", json!(now + 120)),
        ("auth_time", json!(now - 13 * 3600)),
        ("sub", json!("another")),
        ("sub", json!("")),
        ("sub", json!("s".repeat(256))),
    ] {
        let begun = begin(&world, &practice);
        let mut claims = claims(&world, &fake, &begun);
        claims[member] = value;
        fake.gives(fake.sign(&claims));
        assert_wrong(&complete(&world.anyone(), &fake, &begun), member);
    }
    let unsigned = |begun: &Answer| {
        let encode = |value: Value| url_safe(value.to_string().as_bytes());
        let header = json!({ "alg": "none", "typ": "JWT" });
        format!("{}.{}.", encode(header), encode(claims(&world, &fake, begun)))
    };
    let by_secret = |begun: &Answer| {
        let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims(&world, &fake, begun), &key).unwrap()
    };
    let by_another = |begun: &Answer| Fake::start().sign(&claims(&world, &fake, begun));
    let forgeries: [(&str, Forge<'_>); 4] =
        [("unsigned", &unsigned), ("HS256", &by_secret), ("another's key", &by_another), ("none", &|_| String::new())];
    for (what, forge) in forgeries {
        let begun = begin(&world, &practice);
        fake.gives(forge(&begun));
        assert_wrong(&complete(&world.anyone(), &fake, &begun), what);
    }
    let begun = begin(&world, &practice);
    fake.gives(fake.sign(&claims(&world, &fake, &begun)));
    assert_eq!(complete(&world.anyone(), &fake, &begun).status, 201, "the right one");
    let sent = fake.requests().pop().unwrap();
    assert!(sent.contains("code_verifier=") && sent.to_lowercase().contains("authorization: basic"), "{sent}");
}

fn url_safe(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    bytes
        .chunks(3)
        .flat_map(|three| {
            let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
            (0..=three.len()).map(move |n| char::from(LETTERS[(bits >> (18 - 6 * n)) as usize & 63]))
        })
        .collect()
}

#[test]
fn a_second_factor_of_the_providers_is_as_fresh_as_the_provider_says() {
    let world = world();
    let (practice, fake) = with_fake(&world);
    let sign_in = |changes: Value| {
        let begun = begin(&world, &practice);
        let mut claims = claims(&world, &fake, &begun);
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        fake.gives(fake.sign(&claims));
        complete(&world.anyone(), &fake, &begun)
    };
    let now = world.clock.now().timestamp();
    let path = format!("{IDENTITIES}/{}", practice.social_worker.get(IDENTITIES).text("/items/0/id").unwrap());
    for (auth_time, status) in [(json!(now - 3600), 401), (json!(now), 204)] {
        let signed_in = sign_in(json!({ "auth_time": auth_time }));
        assert_eq!(signed_in.status, 201, "{}", signed_in.body);
        if status == 204 {
            let by_acr = sign_in(json!({ "amr": ["pwd"], "acr": "two" }));
            assert_eq!(by_acr.status, 201, "{}", by_acr.body);
            assert_eq!(sign_in(json!({ "amr": ["pwd"], "acr": "one" })).status, 422);
            let timeless = sign_in(json!({ "auth_time": null }));
            assert_eq!(
                (timeless.status, timeless.text("/errors/0/pointer")),
                (422, Some("/code")),
                "{}",
                timeless.body
            );
        }
        let answer = with(&world, &signed_in, "DELETE", &path, None);
        assert_eq!(answer.status, status, "{auth_time}: {}", answer.body);
    }
}

#[test]
fn a_link_is_completed_by_who_began_it_and_by_nobody_else() {
    let world = world();
    let (practice, fake) = with_fake(&world);
    let begun = practice.manager.post(IDENTITIES, &json!({ "redirect_uri": FRONTEND }));
    let mut claims = claims(&world, &fake, &begun);
    claims["sub"] = "the manager".into();
    fake.gives(fake.sign(&claims));
    let body = back(&fake, &begun);
    assert_wrong(&practice.social_worker.post(LINK, &body), "a colleague");
    assert_wrong(&complete(&world.anyone(), &fake, &begun), "as a sign-in");
    let sign_in = begin(&world, &practice);
    let other = back(&fake, &sign_in);
    assert_wrong(&practice.manager.post(LINK, &other), "nor is a sign-in a link");
    assert_eq!(practice.manager.post(LINK, &body).status, 201);
    practice.manager.sign_in(None);
    world.clock.advance(TimeDelta::minutes(6));
    let stale = practice.manager.post(IDENTITIES, &json!({ "redirect_uri": FRONTEND }));
    assert_eq!(stale.text("/type"), Some("/problems/step-up-required"), "{}", stale.body);
}

#[test]
fn who_left_or_is_disabled_or_whose_practice_is_suspended_is_not_let_in() {
    let world = world();
    let (practice, fake) = with_fake(&world);
    let operator = world.operator();
    let sign_in = || {
        let begun = begin(&world, &practice);
        fake.gives(fake.sign(&claims(&world, &fake, &begun)));
        complete(&world.anyone(), &fake, &begun)
    };
    assert_eq!(sign_in().status, 201);
    let path = format!("/v1/operator/practices/{}", practice.id);
    let suspended =
        operator.change(&format!("{path}/suspend"), &operator.get(&path), &json!({ "reason": "For a test." }));
    assert!(suspended.status < 300, "{}", suspended.body);
    assert_wrong(&sign_in(), "suspended");
    let resumed = operator.change(&format!("{path}/resume"), &operator.get(&path), &json!({ "reason": "For a test." }));
    assert!(resumed.status < 300, "{}", resumed.body);
    assert_eq!(sign_in().status, 201);
    practice.social_worker.forget_token();
    let own = practice.social_worker.get("/v1/practice/account");
    let account = format!("/v1/operator/accounts/{}", own.text("/id").unwrap());
    for (step, let_in) in [("disable", false), ("enable", true)] {
        let done = operator.create(&format!("{account}/{step}"), &json!({}));
        assert!(done.status < 300, "{}", done.body);
        assert_eq!(sign_in().status == 201, let_in, "{step}");
    }
    let path = format!("/v1/practice/staff/{}", practice.social_worker.id);
    let administrator = &practice.administrator;
    administrator.forget_token();
    let left = administrator.change(&format!("{path}/leave"), &administrator.get(&path), &json!({}));
    assert!(left.status < 300, "{}", left.body);
    assert_wrong(&sign_in(), "left");
}

#[test]
fn a_stranger_learns_nothing_of_which_practice_has_a_provider() {
    let world = world();
    let (practice, _fake) = with_fake(&world);
    let bare = world.practice_with(json!({}));
    let ask =
        |practice: &str, uri: &str| world.anyone().post(SIGN_ON, &json!({ "practice": practice, "redirect_uri": uri }));
    assert_wrong(&ask("nobody-at-all", FRONTEND), "unknown");
    assert_wrong(&ask(&bare.slug, FRONTEND), "without a provider");
    assert_wrong(&ask(&practice.slug, "https://evil.example/signed-on"), "an address that is not registered");
    assert_wrong(&ask(&practice.slug, &format!("{FRONTEND}/")), "nearly one");
    for state in ["", "a", &"A".repeat(86), &"A".repeat(100_000)] {
        assert_wrong(&world.anyone().post(COMPLETE, &json!({ "state": state, "authorization_code": "a" })), "no state");
    }
    let refused = practice.manager.post(IDENTITIES, &json!({ "redirect_uri": "https://evil.example/" }));
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/redirect_uri")), "{}", refused.body);
}

#[test]
fn what_the_provider_is_asked_carries_the_trace_of_the_request_and_nothing_else_of_its_headers() {
    let world = world();
    let (practice, fake) = with_fake(&world);
    let begun = begin(&world, &practice);
    fake.gives(fake.sign(&claims(&world, &fake, &begun)));
    let before = fake.requests().len();
    let headers =
        [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("tracestate", "a=hush")];
    let content = back(&fake, &begun).to_string();
    let answer = world.anyone().send("POST", COMPLETE, &headers, Some(("application/json", content.as_bytes())));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let own = answer.header("traceparent").unwrap();
    assert!(own.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && !own.contains("00f067aa0ba902b7"), "{own}");
    let asked = &fake.requests()[before..];
    assert!(asked.len() >= 3, "metadata, keys and token: {asked:?}");
    for request in asked {
        let request = request.to_lowercase();
        assert_eq!(request.matches(&format!("traceparent: {own}\r\n")).count(), 1, "{request}");
        assert!(!request.contains("hush") && !request.contains("00f067aa0ba902b7"), "{request}");
    }
}
