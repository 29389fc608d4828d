pub(crate) mod fake;
mod real;

use std::thread;

use almoner_demo::web::Answer;
use almoner_persistence::Clock;
use almoner_tests::callers::{Anyone, Caller};
use almoner_tests::{Practice, Staff, World};
use chrono::TimeDelta;
use serde_json::{Value, json};

use fake::Fake;

const SETTINGS: &str = "/v1/practice/single-sign-on";
const SIGN_ON: &str = "/v1/practice/sessions/single-sign-on";
const COMPLETE: &str = "/v1/practice/sessions/single-sign-on/complete";
const IDENTITIES: &str = "/v1/practice/account/identities";
const LINK: &str = "/v1/practice/account/identities/complete";
pub(crate) const FRONTEND: &str = "https://app.severn.example/signed-on";
pub(crate) const CLIENT: &str = "almoner";
pub(crate) const SECRET: &str = "a client secret for tests alone";

/// A server whose clock shows the provider's time, and which may ask providers on this machine.
fn world() -> World {
    let world = World::with_settings(|settings| settings.allow_private_providers = true);
    world.clock.set(Clock::new().now());
    world
}

fn settings(issuer: &str, changes: Value) -> Value {
    let mut settings = json!({
        "issuer": issuer, "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [FRONTEND], "trusts_second_factor": true,
    });
    if let (Some(settings), Value::Object(changes)) = (settings.as_object_mut(), changes) {
        settings.extend(changes);
    }
    settings
}

fn put(administrator: &Staff, seen: &Answer, settings: &Value) -> Answer {
    let headers = [("if-match", seen.etag().unwrap())];
    administrator.send("PUT", SETTINGS, &headers, Some(("application/json", settings.to_string().as_bytes())))
}

/// Sets the practice's provider.
fn set(practice: &Practice, issuer: &str, changes: Value) {
    let administrator = &practice.administrator;
    let done = put(administrator, &administrator.get(SETTINGS), &settings(issuer, changes));
    assert_eq!(done.status, 200, "{}", done.body);
}

fn begin(world: &World, practice: &Practice) -> Answer {
    let begun = world.anyone().post(SIGN_ON, &json!({ "practice": practice.slug, "redirect_uri": FRONTEND }));
    assert_eq!(begun.status, 200, "{}", begun.body);
    begun
}

/// What the browser comes back with from the real provider.
fn back(begun: &Answer, login: &str) -> Value {
    let query = real::visit(begun.text("/authorization_url").unwrap(), login);
    assert_eq!(query.get("state").map(String::as_str), begun.text("/state"), "{query:?}");
    json!({ "state": query["state"], "authorization_code": query["code"] })
}

/// Signs in through the real provider as this.
fn sign_on(world: &World, practice: &Practice, login: &str) -> Answer {
    world.anyone().post(COMPLETE, &back(&begin(world, practice), login))
}

/// Links a member's account through the real provider.
fn link(staff: &Staff, login: &str) -> Answer {
    let begun = staff.post(IDENTITIES, &json!({ "redirect_uri": FRONTEND }));
    assert_eq!(begun.status, 200, "{}", begun.body);
    staff.post(LINK, &back(&begun, login))
}

fn linked(staff: &Staff, login: &str) {
    let linked = link(staff, login);
    assert_eq!(linked.status, 201, "{}", linked.body);
}

fn assert_wrong(answer: &Answer, why: &str) {
    let wrong =
        json!({ "type": "/problems/wrong-credentials", "title": "The credentials are not right", "status": 401 });
    assert_eq!((answer.status, &answer.body), (401, &wrong), "{why}");
}

fn with(world: &World, signed_in: &Answer, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let authorization = format!("Bearer {}", signed_in.text("/access_token").unwrap());
    let content = body.map(Value::to_string);
    let content = content.as_ref().map(|content| ("application/json", content.as_bytes()));
    world.anyone().send(method, path, &[("authorization", &authorization)], content)
}

/// The provider, or the end of the test, which says why.
macro_rules! provider {
    ($second:expr) => {
        match real::issuer($second) {
            Some(issuer) => issuer,
            None => return,
        }
    };
}

#[test]
fn who_is_linked_signs_in_through_the_practices_provider_for_that_practice() {
    let (world, issuer) = (world(), provider!(false));
    let practice = world.practice_with(json!({}));
    set(&practice, issuer, json!({}));
    assert_wrong(&sign_on(&world, &practice, "hannah+mfa"), "not linked yet");

    linked(&practice.social_worker, "hannah");
    let signed_in = sign_on(&world, &practice, "hannah+mfa");
    assert_eq!(signed_in.status, 201, "{}", signed_in.body);
    assert_eq!(signed_in.text("/staff_id"), Some(practice.social_worker.id.to_string().as_str()));
    assert_eq!(signed_in.text("/practice"), Some(practice.slug.as_str()));
    assert_eq!(with(&world, &signed_in, "GET", "/v1/practice/referrals", None).status, 200);
    assert_eq!(world.audited(&practice, "session.begun_by_provider"), 1);
    assert_eq!(world.audited(&practice, "single_sign_on"), 1);

    let known = practice.social_worker.get(IDENTITIES);
    assert_eq!((known.text("/items/0/issuer"), known.text("/items/0/subject")), (Some(issuer), Some("hannah")));
    let path = format!("{IDENTITIES}/{}", known.text("/items/0/id").unwrap());
    assert_eq!(practice.manager.send("DELETE", &path, &[], None).status, 404, "somebody else's");
    assert_eq!(practice.social_worker.send("DELETE", &path, &[], None).status, 204);
    assert_wrong(&sign_on(&world, &practice, "hannah+mfa"), "not linked any more");
}

#[test]
fn row_17_a_second_provider_with_the_same_subject_and_address_does_not_get_the_account() {
    let (world, first, second) = (world(), provider!(false), provider!(true));
    let practice = world.practice_with(json!({}));
    set(&practice, first, json!({}));
    linked(&practice.social_worker, "same");
    assert_eq!(sign_on(&world, &practice, "same+mfa").status, 201);

    // The practice's own other provider.
    set(&practice, second, json!({}));
    assert_wrong(&sign_on(&world, &practice, "same+mfa"), "by another issuer");
    // Another practice's, with the very same issuer, at which the same person works too.
    let other = world.practice_with(json!({}));
    world.staff(other.id, json!({ "name": "Hannah", "email": practice.social_worker.email, "roles": ["manager"] }));
    set(&other, first, json!({}));
    assert_wrong(&sign_on(&world, &other, "same+mfa"), "at another practice");
    // A subject that is the e-mail address of a member's account.
    assert_wrong(&sign_on(&world, &practice, &practice.manager.email), "by e-mail");
    // Nor can somebody else be linked with it.
    set(&practice, first, json!({}));
    let taken = link(&practice.manager, "same");
    assert_eq!((taken.status, taken.text("/type")), (409, Some("/problems/taken")), "{}", taken.body);
    assert_eq!(
        sign_on(&world, &practice, "same+mfa").text("/staff_id"),
        Some(practice.social_worker.id.to_string().as_str())
    );
}

#[test]
fn row_10_without_a_second_factor_of_the_providers_ours_is_asked_for() {
    let (world, issuer) = (world(), provider!(false));
    let practice = world.practice_with(json!({}));
    let staff = &practice.social_worker;
    set(&practice, issuer, json!({}));
    linked(staff, "one-factor");
    let missing = sign_on(&world, &practice, "one-factor");
    assert_eq!((missing.status, missing.text("/errors/0/pointer")), (422, Some("/code")), "{}", missing.body);
    let with_factor = |login: &str, factor: Value| {
        let mut body = back(&begin(&world, &practice), login);
        body.as_object_mut().unwrap().extend(factor.as_object().unwrap().clone());
        world.anyone().post(COMPLETE, &body)
    };
    assert_wrong(&with_factor("one-factor", json!({ "code": "000000" })), "a wrong code");
    let mut factor = staff.credentials();
    factor.as_object_mut().unwrap().retain(|member, _| member.contains("code"));
    assert_eq!(with_factor("one-factor", factor.clone()).status, 201);
    assert_wrong(&with_factor("one-factor", factor), "a code serves once");

    set(&practice, issuer, json!({ "trusts_second_factor": false }));
    let untrusted = sign_on(&world, &practice, "one-factor+mfa");
    assert_eq!((untrusted.status, untrusted.text("/errors/0/pointer")), (422, Some("/code")), "{}", untrusted.body);
}

#[test]
fn a_state_serves_once_within_ten_minutes_and_of_two_at_once_one_gets_in() {
    let (world, issuer) = (world(), provider!(false));
    let practice = world.practice_with(json!({}));
    set(&practice, issuer, json!({}));
    linked(&practice.social_worker, "once");
    let body = back(&begin(&world, &practice), "once+mfa");
    let statuses: Vec<u16> = thread::scope(|threads| {
        let send = || world.anyone().post(COMPLETE, &body).status;
        let two = [threads.spawn(send), threads.spawn(send)];
        two.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(statuses == [201, 401] || statuses == [401, 201], "{statuses:?}");
    assert_wrong(&world.anyone().post(COMPLETE, &body), "again");

    let late = back(&begin(&world, &practice), "once+mfa");
    world.clock.advance(TimeDelta::minutes(10));
    assert_wrong(&world.anyone().post(COMPLETE, &late), "too late");
    let another = begin(&world, &practice);
    let mut mixed = back(&begin(&world, &practice), "once+mfa");
    mixed["state"] = another.body["state"].clone();
    assert_wrong(&world.anyone().post(COMPLETE, &mixed), "the code of another attempt");
    // What the settings were when it began is what counts.
    practice.administrator.forget_token();
    let before = back(&begin(&world, &practice), "once+mfa");
    set(&practice, issuer, json!({}));
    assert_wrong(&world.anyone().post(COMPLETE, &before), "the settings changed meanwhile");
}

#[test]
fn a_required_provider_is_the_only_way_in_for_who_is_linked_but_administrators_and_elsewhere() {
    let (world, issuer) = (world(), provider!(false));
    let practice = world.practice_with(json!({}));
    let other = world.practice_with(json!({}));
    let staff = &practice.social_worker;
    let elsewhere = json!({ "name": "Hannah Price", "email": staff.email, "roles": ["manager"] });
    staff.sign_in(Some(&practice.slug));
    set(&practice, issuer, json!({ "required": true }));
    assert_eq!(practice.manager.sign_in(None).status, 201, "who is not linked yet gets in to link");
    linked(staff, "required");
    linked(&practice.administrator, "required-administrator");
    world.staff(other.id, elsewhere);

    let known = staff.get(IDENTITIES).text("/items/0/id").unwrap().to_owned();
    let kept = staff.send("DELETE", &format!("{IDENTITIES}/{known}"), &[], None);
    assert_eq!((kept.status, kept.text("/type")), (409, Some("/problems/wrong-state")), "{}", kept.body);
    assert_wrong(&staff.sign_in(Some(&practice.slug)), "by password");
    assert_eq!(practice.administrator.sign_in(None).status, 201, "a provider that is broken can be mended");
    let entered = staff.sign_in(Some(&other.slug));
    assert_eq!(entered.status, 201, "{}", entered.body);
    let around = staff.post("/v1/practice/sessions/current/practice", &json!({ "practice": practice.slug }));
    assert_eq!(around.status, 403, "nor by way of another practice: {}", around.body);
    assert_eq!(sign_on(&world, &practice, "required+mfa").status, 201);
}

#[test]
fn a_session_through_a_provider_reaches_nothing_beyond_its_practice() {
    let (world, issuer) = (world(), provider!(false));
    let practice = world.practice_with(json!({}));
    let other = world.practice_with(json!({}));
    let staff = &practice.social_worker;
    set(&practice, issuer, json!({}));
    linked(staff, "bounded");
    world.staff(other.id, json!({ "name": "Hannah Price", "email": staff.email, "roles": ["manager"] }));
    let there = staff.sign_in(Some(&other.slug));
    let mut signed_in = sign_on(&world, &practice, "bounded+mfa");
    // Proving one's own second factor does not make more of it.
    for _ in 0..2 {
        let send = |method: &str, path: &str, body: Value| with(&world, &signed_in, method, path, Some(&body));
        let to = json!({ "practice": other.slug });
        assert_eq!(send("POST", "/v1/practice/sessions/current/practice", to).status, 403);
        let passwords = json!({ "current_password": "a", "new_password": "a green bicycle in the rain" });
        for (path, body) in [
            ("/v1/practice/account/password", passwords),
            ("/v1/practice/account/second-factor", json!({})),
            ("/v1/practice/account/second-factor/confirm", json!({ "code": "123456" })),
            ("/v1/practice/account/recovery-codes", json!({})),
            (IDENTITIES, json!({ "redirect_uri": FRONTEND })),
        ] {
            let refused = send("POST", path, body);
            assert_eq!(refused.status, 403, "{path}: {}", refused.body);
        }
        let own = with(&world, &signed_in, "GET", "/v1/practice/account", None);
        assert_eq!(own.body["memberships"].as_array().unwrap().len(), 1, "{}", own.body);
        let sessions = with(&world, &signed_in, "GET", "/v1/practice/sessions", None);
        assert!(!sessions.body.to_string().contains(&other.slug), "{}", sessions.body);
        let path = format!("/v1/practice/sessions/{}", there.text("/session_id").unwrap());
        assert_eq!(with(&world, &signed_in, "DELETE", &path, None).status, 404, "a session of another practice");
        let mut factor = staff.credentials();
        factor.as_object_mut().unwrap().retain(|member, _| member.contains("code"));
        signed_in = with(&world, &signed_in, "POST", "/v1/practice/sessions/current/step-up", Some(&factor));
        assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    }
}

/// A practice whose provider does what it is told, with somebody who is linked there as `sub`.
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

/// Makes an ID token for who was sent away by this answer.
type Forge<'f> = &'f dyn Fn(&Answer) -> String;

fn complete(anyone: &Anyone, begun: &Answer) -> Answer {
    anyone.post(COMPLETE, &json!({ "state": begun.body["state"], "authorization_code": "a" }))
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
        ("sub", json!("another")),
        ("sub", json!("")),
        ("sub", json!("s".repeat(256))),
    ] {
        let begun = begin(&world, &practice);
        let mut claims = claims(&world, &fake, &begun);
        claims[member] = value;
        fake.gives(fake.sign(&claims));
        assert_wrong(&complete(&world.anyone(), &begun), member);
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
        assert_wrong(&complete(&world.anyone(), &begun), what);
    }
    let begun = begin(&world, &practice);
    fake.gives(fake.sign(&claims(&world, &fake, &begun)));
    assert_eq!(complete(&world.anyone(), &begun).status, 201, "the right one");
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
        complete(&world.anyone(), &begun)
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
    let body = json!({ "state": begun.body["state"], "authorization_code": "a" });
    assert_wrong(&practice.social_worker.post(LINK, &body), "a colleague");
    assert_wrong(&complete(&world.anyone(), &begun), "as a sign-in");
    let sign_in = begin(&world, &practice);
    let other = json!({ "state": sign_in.body["state"], "authorization_code": "a" });
    assert_wrong(&practice.manager.post(LINK, &other), "nor is a sign-in a link");
    assert_eq!(practice.manager.post(LINK, &body).status, 201);
    practice.manager.sign_in(None);
    world.clock.advance(TimeDelta::minutes(6));
    let stale = practice.manager.post(IDENTITIES, &json!({ "redirect_uri": FRONTEND }));
    assert_eq!(stale.text("/type"), Some("/problems/factor-too-old"), "{}", stale.body);
}

#[test]
fn who_left_or_is_disabled_or_whose_practice_is_suspended_is_not_let_in() {
    let world = world();
    let (practice, fake) = with_fake(&world);
    let operator = world.operator();
    let sign_in = || {
        let begun = begin(&world, &practice);
        fake.gives(fake.sign(&claims(&world, &fake, &begun)));
        complete(&world.anyone(), &begun)
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
    let own = practice.social_worker.get("/v1/practice/account");
    let account = format!("/v1/operator/accounts/{}", own.text("/id").unwrap());
    for (step, let_in) in [("disable", false), ("enable", true)] {
        let done = operator.create(&format!("{account}/{step}"), &json!({}));
        assert!(done.status < 300, "{}", done.body);
        assert_eq!(sign_in().status == 201, let_in, "{step}");
    }
    let path = format!("/v1/practice/staff/{}", practice.social_worker.id);
    let administrator = &practice.administrator;
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
fn an_administrator_sets_changes_and_takes_away_the_provider_whose_secret_is_never_shown() {
    let world = world();
    let practice = world.practice_with(json!({}));
    let (fake, other) = (Fake::start(), Fake::start());
    let administrator = &practice.administrator;
    let nothing = administrator.get(SETTINGS);
    assert_eq!((nothing.status, nothing.etag(), &nothing.body["provider"]), (200, Some("\"0\""), &Value::Null));
    let all = settings(&fake.issuer(), json!({}));
    let done = put(administrator, &nothing, &all);
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(put(administrator, &nothing, &all).status, 412, "somebody was there before");
    let seen = administrator.get(SETTINGS);
    assert_eq!(seen.text("/provider/issuer"), Some(fake.issuer().as_str()));
    assert!(!seen.body.to_string().contains(SECRET) && !done.body.to_string().contains(SECRET));

    let mut without = all.clone();
    without.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(put(administrator, &seen, &without).status, 200, "the secret stays");
    let seen = administrator.get(SETTINGS);
    without["issuer"] = other.issuer().into();
    let refused = put(administrator, &seen, &without);
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/client_secret")), "{}", refused.body);
    assert!(other.requests().is_empty(), "nor was it asked");
    for (changes, pointer) in [
        (json!({ "redirect_uris": [] }), "/redirect_uris"),
        (json!({ "redirect_uris": ["http://app.example/"] }), "/redirect_uris/0"),
        (json!({ "redirect_uris": [FRONTEND, "javascript:alert(1)"] }), "/redirect_uris/1"),
        (json!({ "issuer": "not an address" }), "/issuer"),
        (json!({ "issuer": format!("{}/nothing-here", fake.issuer()) }), "/issuer"),
        (json!({ "issuer": "x".repeat(501) }), "/issuer"),
    ] {
        let refused = put(administrator, &seen, &settings(&fake.issuer(), changes.clone()));
        assert_eq!(
            (refused.status, refused.text("/errors/0/pointer")),
            (422, Some(pointer)),
            "{changes}: {}",
            refused.body
        );
    }
    let removed = administrator.send("DELETE", SETTINGS, &[("if-match", seen.etag().unwrap())], None);
    assert_eq!(removed.status, 204, "{}", removed.body);
    let after = administrator.get(SETTINGS);
    assert_eq!((&after.body["provider"], after.etag()), (&Value::Null, Some("\"3\"")));
    let body = json!({ "practice": practice.slug, "redirect_uri": FRONTEND });
    assert_wrong(&world.anyone().post(SIGN_ON, &body), "taken away");
    world.clock.advance(TimeDelta::minutes(6));
    assert_eq!(put(administrator, &after, &all).text("/type"), Some("/problems/factor-too-old"));
}

#[test]
fn row_34_no_provider_is_looked_for_on_a_private_address_and_no_redirect_is_followed() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let fake = Fake::start();
    let seen = practice.administrator.get(SETTINGS);
    let here = fake.issuer();
    let by_name = here.replace("127.0.0.1", "localhost");
    let secure = here.replace("http:", "https:");
    for issuer in
        [&here, &by_name, &secure, &by_name.replace("http:", "https:"), "https://169.254.169.254", "https://[::1]"]
    {
        let refused = put(&practice.administrator, &seen, &settings(issuer, json!({})));
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/issuer")), "{issuer}");
    }
    assert!(fake.requests().is_empty(), "{:?}", fake.requests());

    let world = self::world();
    let practice = world.practice_with(json!({}));
    fake.redirects();
    let refused = put(&practice.administrator, &practice.administrator.get(SETTINGS), &settings(&here, json!({})));
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/issuer")), "{}", refused.body);
    assert_eq!(fake.requests().len(), 1, "{:?}", fake.requests());
}
