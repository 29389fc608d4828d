use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{PASSWORD, Practice, Staff, World};
use chrono::TimeDelta;
use serde_json::{Value, json};

pub(super) const SESSIONS: &str = "/v1/practice/sessions";
const INBOX: &str = "/v1/practice/referrals";

/// Signs in with these members of the credentials changed.
fn sign_in_with(world: &World, staff: &Staff, changes: &Value) -> Answer {
    let mut body = staff.credentials();
    if changes.get("code").is_some() {
        body.as_object_mut().unwrap().remove("recovery_code");
    }
    for (member, value) in changes.as_object().unwrap() {
        body[member] = value.clone();
    }
    world.anyone().post(SESSIONS, &body)
}

/// Reads the inbox with this token.
pub(super) fn read_with(world: &World, token: &str) -> Answer {
    send_with(world, token, "GET", INBOX)
}

fn send_with(world: &World, token: &str, method: &str, path: &str) -> Answer {
    world.anyone().send(method, path, &[("authorization", &format!("Bearer {token}"))], None)
}

pub(super) fn refresh(world: &World, signed_in: &Answer) -> Answer {
    world.anyone().post(&format!("{SESSIONS}/refresh"), &json!({ "refresh_token": signed_in.body["refresh_token"] }))
}

pub(super) fn access(signed_in: &Answer) -> &str {
    signed_in.text("/access_token").unwrap_or_else(|| panic!("{}", signed_in.body))
}

pub(super) fn assert_signed_out(answer: &Answer) {
    assert_eq!((answer.status, answer.text("/type")), (401, Some("/problems/not-authenticated")), "{}", answer.body);
}

/// Makes two practices, and a member of staff who works in both.
fn two_practices_and_somebody_in_both(world: &World) -> ([Practice; 2], Staff) {
    let [one, other] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let both = json!({ "name": "Hannah Price", "email": one.manager.email, "roles": ["manager"] });
    let member = world.staff(other.id, both);
    ([one, other], member)
}

#[test]
fn staff_sign_in_with_both_factors_and_come_in_with_the_token() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let signed_in = practice.manager.sign_in(None);
    assert_eq!(signed_in.status, 201, "{}", signed_in.body);
    assert_eq!(signed_in.text("/token_type"), Some("Bearer"));
    assert_eq!(signed_in.text("/practice/slug"), Some(practice.slug.as_str()));
    assert_eq!(signed_in.text("/practice/id"), Some(practice.id.to_string().as_str()));
    assert_eq!(signed_in.text("/staff_id"), Some(practice.manager.id.to_string().as_str()));
    assert_eq!(signed_in.body["expires_in"], 600);
    assert_eq!(signed_in.header("cache-control"), Some("no-store"));
    assert_eq!(read_with(&world, access(&signed_in)).status, 200);
}

#[test]
fn row_10_a_password_alone_never_begins_a_session() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let alone = world.anyone().post(SESSIONS, &json!({ "email": practice.manager.email, "password": PASSWORD }));
    assert_eq!((alone.status, alone.text("/errors/0/pointer")), (422, Some("/code")), "{}", alone.body);
    let blank = sign_in_with(&world, &practice.manager, &json!({ "code": "", "recovery_code": null }));
    assert_eq!((blank.status, &blank.body), (422, &alone.body), "a blank code is none");
    for code in ["-", "000000", "12345", "1234567", "abcdef", "287082; DROP"] {
        let wrong = sign_in_with(&world, &practice.manager, &json!({ "code": code }));
        assert_eq!((wrong.status, wrong.text("/type")), (401, Some("/problems/invalid-credentials")), "{code}");
    }
    let mut without = practice.manager.credentials();
    without["password"] = "not the password at all".into();
    assert_eq!(world.anyone().post(SESSIONS, &without).status, 401, "nor a code alone");
}

#[test]
fn row_14_the_case_of_an_address_does_not_matter_and_that_of_a_password_does() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let email = format!(" {} ", practice.manager.email.to_uppercase());
    assert_eq!(sign_in_with(&world, &practice.manager, &json!({ "email": email })).status, 201);
    for wrong in ["A password for tests alone", "a password for tests alone ", "a password for tests alon", "", "\u{0}"]
    {
        let refused = sign_in_with(&world, &practice.director, &json!({ "password": wrong }));
        assert_eq!(refused.status, 401, "{wrong}");
    }
}

#[test]
fn row_11_whatever_is_wrong_has_the_same_answer() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    let wrong = sign_in_with(&world, staff, &json!({ "password": "another password" }));
    assert_eq!((wrong.status, wrong.text("/type")), (401, Some("/problems/invalid-credentials")), "{}", wrong.body);
    let code = sign_in_with(&world, staff, &json!({ "code": "000000" }));
    assert_eq!((code.status, &code.body), (401, &wrong.body), "the password was right, and nothing tells so");
    for email in ["nobody@practice.example", "not an address", "' OR 1=1 --", "", "a\u{0}b@practice.example"] {
        let unknown = sign_in_with(&world, staff, &json!({ "email": email }));
        assert_eq!((unknown.status, &unknown.body), (401, &wrong.body), "{email}");
        assert_eq!(unknown.header("www-authenticate"), wrong.header("www-authenticate"));
    }
    let elsewhere = practice.second_manager.sign_in(Some("another-practice"));
    assert_eq!((elsewhere.status, elsewhere.body), (401, wrong.body), "nor does it tell where somebody works");
}

#[test]
fn a_password_of_129_characters_is_nobodys() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    for length in [128, 129, 100_000] {
        let refused = sign_in_with(&world, &practice.manager, &json!({ "password": "é".repeat(length) }));
        assert_eq!((refused.status, refused.text("/type")), (401, Some("/problems/invalid-credentials")), "{length}");
    }
}

#[test]
fn what_is_no_sign_in_is_refused_without_repeating_it() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (email, password) = (practice.manager.email.as_str(), PASSWORD);
    for (body, pointer) in [
        (json!({ "email": email, "code": "123456" }), "/password"),
        (json!({ "password": password, "code": "123456" }), "/email"),
        (json!({ "email": email, "password": 7 }), "/password"),
        (json!({ "email": [email], "password": password }), "/email"),
        (json!({ "email": email, "password": password, "role": "manager" }), "/role"),
        (json!({ "email": email, "password": password, "code": "123456", "practice": "Not A Slug" }), "/practice"),
        (json!({ "email": email, "password": password, "code": "1", "recovery_code": "2" }), "/recovery_code"),
    ] {
        let refused = world.anyone().post(SESSIONS, &body);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
        assert!(!refused.body.to_string().contains(email) && !refused.body.to_string().contains(password));
    }
}

#[test]
fn row_15_a_code_and_a_recovery_code_serve_once_each() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let credentials = practice.manager.credentials();
    assert_eq!(world.anyone().post(SESSIONS, &credentials).status, 201);
    assert_eq!(world.anyone().post(SESSIONS, &credentials).status, 401, "the same code again");

    // The credentials use a code of now, one of the next time step, and then the recovery codes.
    practice.manager.credentials();
    let recovery = practice.manager.credentials();
    assert!(recovery["recovery_code"].is_string(), "{recovery}");
    let mut guessed = recovery.clone();
    guessed["password"] = "not the password at all".into();
    assert_eq!(world.anyone().post(SESSIONS, &guessed).status, 401);
    assert_eq!(world.anyone().post(SESSIONS, &recovery).status, 201, "a wrong password spent nothing");
    assert_eq!(world.anyone().post(SESSIONS, &recovery).status, 401, "the same recovery code again");
}

#[test]
fn row_15_a_code_and_a_recovery_code_serve_one_of_many_who_send_them_at_once() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let [code, _, recovery] = [(); 3].map(|()| practice.manager.credentials());
    for (credentials, factor) in [(code, "code"), (recovery, "recovery_code")] {
        assert!(credentials[factor].is_string(), "{factor}");
        let statuses: Vec<u16> = std::thread::scope(|threads| {
            let sent: Vec<_> =
                (0..8).map(|_| threads.spawn(|| world.anyone().post(SESSIONS, &credentials).status)).collect();
            sent.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let came_in = statuses.iter().filter(|status| **status == 201).count();
        assert_eq!((came_in, statuses.iter().all(|status| [201, 401].contains(status))), (1, true), "{statuses:?}");
        // So many wrong tries are throttled for a while.
        world.clock.advance(chrono::TimeDelta::minutes(10));
    }
}

#[test]
fn whoever_belongs_to_two_practices_names_the_one_to_enter() {
    let world = World::new();
    let ([one, other], member) = two_practices_and_somebody_in_both(&world);
    let which = member.sign_in(None);
    assert_eq!((which.status, which.text("/errors/0/pointer")), (422, Some("/practice")), "{}", which.body);
    let detail = which.text("/errors/0/detail").unwrap();
    assert!(detail.contains(&one.slug) && detail.contains(&other.slug), "{detail}");
    let guess = sign_in_with(&world, &member, &json!({ "password": "another password" }));
    assert_eq!(guess.status, 401, "only whoever proves both factors learns of the practices");

    world.clock.advance(TimeDelta::minutes(2));
    let entered = member.sign_in(Some(&other.slug));
    assert_eq!((entered.status, entered.text("/practice/slug")), (201, Some(other.slug.as_str())), "{}", entered.body);
    assert_eq!(entered.text("/staff_id"), Some(member.id.to_string().as_str()));
    assert_eq!(member.sign_in(Some("no-such-practice")).status, 401);
}

#[test]
fn a_token_is_for_the_one_practice_that_was_entered() {
    let world = World::new();
    let ([one, other], member) = two_practices_and_somebody_in_both(&world);
    let there = member.sign_in(Some(&one.slug));
    let made = member.create("/v1/practice/service-users", &almoner_tests::messages::person());
    assert_eq!(made.status, 201, "{}", made.body);
    let person = format!("/v1/practice/service-users/{}", made.text("/id").unwrap());
    assert_eq!(member.get(&person).status, 200);

    let body = json!({ "practice": other.slug });
    let before = world.audited(&other, "session.begun");
    let gone = member.post("/v1/practice/sessions/current/practice", &body);
    assert_eq!((gone.status, gone.text("/practice/slug")), (200, Some(other.slug.as_str())), "{}", gone.body);
    assert_eq!(send_with(&world, access(&gone), "GET", &person).status, 404, "a person of the other practice");
    assert_signed_out(&read_with(&world, access(&there)));
    assert_signed_out(&refresh(&world, &there));
    let begun = world.audited(&other, "session.begun");
    assert_eq!(begun, before + 1, "the practice that was entered knows of it");
    let nowhere = json!({ "practice": "no-such-practice" });
    member.sign_in(Some(&one.slug));
    let refused = member.post("/v1/practice/sessions/current/practice", &nowhere);
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/practice")));
}

#[test]
fn row_22_going_to_a_practice_proves_no_factor() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let administrator = &practice.administrator;
    administrator.token();
    world.clock.advance(TimeDelta::minutes(6));
    let here = json!({ "practice": practice.slug });
    administrator.go_on_with(&administrator.post("/v1/practice/sessions/current/practice", &here));
    let new = json!({ "name": "Robin Hale", "email": "robin@practice.example", "roles": ["manager"] });
    let refused = administrator.create("/v1/practice/staff", &new);
    assert_eq!((refused.status, refused.text("/type")), (401, Some("/problems/step-up-required")), "{}", refused.body);
}

#[test]
fn of_many_who_go_to_another_practice_at_once_and_sign_out_one_session_is_left_at_most() {
    let world = World::new();
    let ([one, other], member) = two_practices_and_somebody_in_both(&world);
    let signed_in = member.sign_in(Some(&one.slug));
    let authorization = format!("Bearer {}", access(&signed_in));
    let body = json!({ "practice": other.slug }).to_string();
    let go = || {
        let content = Some(("application/json", body.as_bytes()));
        let path = "/v1/practice/sessions/current/practice";
        world.anyone().send("POST", path, &[("authorization", &authorization)], content).status
    };
    let went: usize = std::thread::scope(|threads| {
        let sent: Vec<_> = (0..10).map(|_| threads.spawn(go)).collect();
        sent.into_iter().filter_map(|thread| (thread.join().unwrap() == 200).then_some(())).count()
    });
    assert_eq!(went, 1);
}

#[test]
fn row_19_signing_out_ends_both_tokens_at_once_and_no_other_session() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    let [kept, ended] = [(); 2].map(|()| staff.sign_in(None));
    let signed_out = staff.send("DELETE", "/v1/practice/sessions/current", &[], None);
    assert_eq!((signed_out.status, &signed_out.body), (204, &Value::Null));
    assert_signed_out(&read_with(&world, access(&ended)));
    assert_signed_out(&refresh(&world, &ended));
    assert_eq!(read_with(&world, access(&kept)).status, 200, "the session on another machine");
    assert_signed_out(&world.anyone().send("DELETE", "/v1/practice/sessions/current", &[], None));
}

#[test]
fn somebody_sees_their_sessions_and_ends_one_from_another() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    let [lost, own] = [(); 2].map(|()| staff.sign_in(None));
    let listed = staff.get(SESSIONS);
    let items = listed.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{}", listed.body);
    assert_eq!((&items[0]["id"], &items[0]["current"]), (&own.body["session_id"], &json!(true)));
    assert_eq!(items[1]["from_address"], "127.0.0.1");
    assert_eq!(items[1]["practice"]["slug"], practice.slug.as_str());

    let path = format!("{SESSIONS}/{}", lost.text("/session_id").unwrap());
    assert_eq!(practice.director.send("DELETE", &path, &[], None).status, 404, "somebody else's");
    assert_eq!(read_with(&world, access(&lost)).status, 200);
    assert_eq!(staff.send("DELETE", &path, &[], None).status, 204);
    assert_signed_out(&read_with(&world, access(&lost)));
    assert_eq!(staff.send("DELETE", &path, &[], None).status, 404, "it is ended");
    assert_eq!(staff.get(SESSIONS).body["items"].as_array().unwrap().len(), 1);
}

#[test]
fn row_18_after_the_second_factor_is_proved_anew_the_old_tokens_are_dead() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let before = practice.manager.sign_in(None);
    let wrong = practice.manager.post("/v1/practice/sessions/current/step-up", &json!({ "code": "000000" }));
    assert_eq!((wrong.status, wrong.text("/type")), (401, Some("/problems/invalid-credentials")), "{}", wrong.body);
    let after = practice.manager.step_up();
    assert_eq!(after.status, 200, "{}", after.body);
    assert_eq!(after.body["session_ends_at"], before.body["session_ends_at"], "it lasts no longer");
    assert_signed_out(&read_with(&world, access(&before)));
    assert_signed_out(&refresh(&world, &before));
    assert_eq!(read_with(&world, access(&after)).status, 200);
}

#[test]
fn row_7_a_disabled_account_and_a_lost_role_fail_the_next_request() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (operator, administrator) = (world.operator(), &practice.administrator);
    let worker = &practice.second_manager;
    assert_eq!(worker.get(INBOX).status, 200);
    let path = format!("/v1/practice/staff/{}", worker.id);
    let seen = administrator.get(&path);
    let changed = administrator.patch(&path, &seen, &json!({ "roles": ["administrator"] }));
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(worker.get(INBOX).status, 403, "with the token of before");

    let account = worker.get("/v1/practice/account").text("/id").unwrap().to_owned();
    let path = format!("/v1/operator/accounts/{account}");
    assert_eq!(operator.post(&format!("{path}/disable"), &json!({})).status, 200);
    assert_signed_out(&worker.get(INBOX));
    assert_eq!(worker.sign_in(None).status, 401);
    assert_eq!(operator.post(&format!("{path}/enable"), &json!({})).status, 200);
    world.clock.advance(TimeDelta::minutes(2));
    assert_eq!(worker.sign_in(None).status, 201);
}

#[test]
fn an_operator_is_nobody_in_a_practice_and_staff_are_nobody_at_the_operators_door() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    let refused = world.anyone().post(SESSIONS, &operator.credentials());
    assert_eq!(
        (refused.status, refused.text("/type")),
        (401, Some("/problems/invalid-credentials")),
        "{}",
        refused.body
    );
    let turned = world.anyone().post("/v1/operator/sessions", &practice.director.credentials());
    assert_eq!((turned.status, turned.body), (401, refused.body));
    assert_signed_out(&read_with(&world, &operator.token().unwrap()));
}

#[test]
fn whoever_has_a_token_and_guesses_at_codes_gets_twenty_tries_and_then_one_a_minute() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    staff.token();
    let guess = || staff.post("/v1/practice/sessions/current/step-up", &json!({ "code": "000000" })).status;
    let statuses: Vec<u16> = (0..22).map(|_| guess()).collect();
    assert_eq!(statuses[..20], [401; 20]);
    assert_eq!(statuses[20..], [429, 429]);
    world.clock.advance(chrono::TimeDelta::seconds(61));
    assert_eq!([guess(), guess()], [401, 429]);
}
