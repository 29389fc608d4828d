//! Signing in through a practice's own identity provider: a real one (`real`), and a scripted one (`fake`).

mod attempts;
pub(crate) mod fake;
mod mix_up;
mod real;
mod settings;

use std::thread;

use almoner_demo::web::Answer;
use almoner_persistence::Clock;
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, Staff, World};
use chrono::TimeDelta;
use serde_json::{Value, json};

const SETTINGS: &str = "/v1/practice/single-sign-on";
const SIGN_ON: &str = "/v1/practice/sessions/single-sign-on";
const COMPLETE: &str = "/v1/practice/sessions/single-sign-on/complete";
const IDENTITIES: &str = "/v1/practice/account/identities";
const LINK: &str = "/v1/practice/account/identities/complete";
pub(crate) const FRONTEND: &str = "https://app.severn.example/signed-on";
pub(crate) const CLIENT: &str = "almoner";
pub(crate) const SECRET: &str = "a client secret for tests alone";

/// Makes a server whose clock shows the provider's time, and which may send requests to providers on this machine.
pub(crate) fn world() -> World {
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

/// The parameters with which the browser comes back from the real provider.
fn back(begun: &Answer, login: &str) -> Value {
    let query = real::visit(begun.text("/authorization_url").unwrap(), login);
    assert_eq!(query.get("state").map(String::as_str), begun.text("/state"), "{query:?}");
    json!({ "state": query["state"], "authorization_code": query["code"], "iss": plain(&query["iss"]) })
}

/// A value of a query without its escapes.
fn plain(value: &str) -> String {
    value.replace("%3A", ":").replace("%2F", "/")
}

/// Signs in through the real provider as this login.
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
    let wrong = json!({ "type": "/problems/invalid-credentials", "title": "Invalid credentials", "status": 401 });
    assert_eq!((answer.status, &answer.body), (401, &wrong), "{why}");
}

fn with(world: &World, signed_in: &Answer, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let authorization = format!("Bearer {}", signed_in.text("/access_token").unwrap());
    let content = body.map(Value::to_string);
    let content = content.as_ref().map(|content| ("application/json", content.as_bytes()));
    world.anyone().send(method, path, &[("authorization", &authorization)], content)
}

/// The real provider. Without one it ends the test and says why.
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
    assert_eq!(signed_in.text("/practice/slug"), Some(practice.slug.as_str()));
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

    // This is another provider of the same practice.
    set(&practice, second, json!({}));
    assert_wrong(&sign_on(&world, &practice, "same+mfa"), "by another issuer");
    // Another practice has the very same issuer, at which the same person works too.
    let other = world.practice_with(json!({}));
    world.staff(other.id, json!({ "name": "Hannah", "email": practice.social_worker.email, "roles": ["manager"] }));
    set(&other, first, json!({}));
    assert_wrong(&sign_on(&world, &other, "same+mfa"), "at another practice");
    // The subject is the e-mail address of a member's account.
    assert_wrong(&sign_on(&world, &practice, &practice.manager.email), "by e-mail");
    // Nor can another account be linked with it.
    set(&practice, first, json!({}));
    let taken = link(&practice.manager, "same");
    assert_eq!((taken.status, taken.text("/type")), (409, Some("/problems/already-exists")), "{}", taken.body);
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
    // The settings at the time when the attempt began are the ones that count.
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
    assert_eq!((kept.status, kept.text("/type")), (409, Some("/problems/invalid-state")), "{}", kept.body);
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
    // Proving one's own second factor again does not give the session more rights.
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
