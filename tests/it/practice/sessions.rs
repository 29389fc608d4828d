use almoner::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, Staff, World};
use serde_json::{Value, json};

const SESSIONS: &str = "/v1/practice/sessions";
const INBOX: &str = "/v1/practice/referrals";

fn sign_in(world: &World, email: &str, password: &str) -> Answer {
    world.anyone().post(SESSIONS, &json!({ "email": email, "password": password }))
}

/// Asks for the inbox with this token.
fn read_with(world: &World, token: &str) -> Answer {
    world.anyone().send("GET", INBOX, &[("authorization", &format!("Bearer {token}"))], None)
}

fn assert_signed_out(answer: &Answer) {
    assert_eq!((answer.status, answer.text("/type")), (401, Some("/problems/not-authenticated")), "{}", answer.body);
}

/// Two practices, and somebody who works in both.
fn two_practices_and_somebody_in_both(world: &World) -> ([Practice; 2], Staff) {
    let [one, other] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let both = json!({ "name": "Hannah Price", "email": one.manager.email, "roles": ["manager"] });
    let member = world.staff(other.id, both);
    ([one, other], member)
}

#[test]
fn staff_sign_in_with_a_password_and_come_in_with_the_token() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let signed_in = practice.manager.sign_in(None);
    assert_eq!(signed_in.status, 201, "{}", signed_in.body);
    assert_eq!(signed_in.text("/token_type"), Some("Bearer"));
    assert_eq!(signed_in.text("/practice"), Some(practice.slug.as_str()));
    assert_eq!(signed_in.text("/practice_id"), Some(practice.id.to_string().as_str()));
    assert_eq!(signed_in.text("/staff_id"), Some(practice.manager.id.to_string().as_str()));
    assert_eq!(signed_in.body["expires_in"], 600);
    assert_eq!(signed_in.header("cache-control"), Some("no-store"));
    assert_eq!(read_with(&world, signed_in.text("/access_token").unwrap()).status, 200);
}

#[test]
fn the_case_of_an_address_does_not_matter_and_that_of_a_password_does() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let email = &practice.manager.email;
    let right = "a password for tests alone";
    assert_eq!(sign_in(&world, &format!(" {} ", email.to_uppercase()), right).status, 201);
    for wrong in ["A password for tests alone", "a password for tests alone ", "a password for tests alon", "", "\u{0}"]
    {
        assert_eq!(sign_in(&world, email, wrong).status, 401, "{wrong}");
    }
}

#[test]
fn a_wrong_password_and_an_unknown_address_have_the_same_answer() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let wrong = sign_in(&world, &practice.manager.email, "another password");
    assert_eq!((wrong.status, wrong.text("/type")), (401, Some("/problems/wrong-credentials")), "{}", wrong.body);
    for email in ["nobody@practice.example", "not an address", "' OR 1=1 --", "", "a\u{0}b@practice.example"] {
        let unknown = sign_in(&world, email, "a password for tests alone");
        assert_eq!((unknown.status, &unknown.body), (401, &wrong.body), "{email}");
        assert_eq!(unknown.header("www-authenticate"), wrong.header("www-authenticate"));
    }
    let elsewhere = practice.manager.sign_in(Some("another-practice"));
    assert_eq!((elsewhere.status, elsewhere.body), (401, wrong.body), "nor does it tell where somebody works");
}

#[test]
fn a_password_of_129_characters_is_nobodys() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    for length in [128, 129, 100_000] {
        let refused = sign_in(&world, &practice.manager.email, &"é".repeat(length));
        assert_eq!((refused.status, refused.text("/type")), (401, Some("/problems/wrong-credentials")), "{length}");
    }
}

#[test]
fn what_is_no_sign_in_is_refused_without_repeating_it() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (email, password) = (practice.manager.email.as_str(), "a password for tests alone");
    for (body, pointer) in [
        (json!({ "email": email }), "/password"),
        (json!({ "password": password }), "/email"),
        (json!({ "email": email, "password": 7 }), "/password"),
        (json!({ "email": [email], "password": password }), "/email"),
        (json!({ "email": email, "password": password, "role": "manager" }), "/role"),
        (json!({ "email": email, "password": password, "practice": "Not A Slug" }), "/practice"),
    ] {
        let refused = world.anyone().post(SESSIONS, &body);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
        assert!(!refused.body.to_string().contains(email) && !refused.body.to_string().contains(password));
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
    let guess = sign_in(&world, &member.email, "another password");
    assert_eq!(guess.status, 401, "only whoever knows the password learns of the practices");

    let entered = member.sign_in(Some(&other.slug));
    assert_eq!((entered.status, entered.text("/practice")), (201, Some(other.slug.as_str())), "{}", entered.body);
    assert_eq!(entered.text("/staff_id"), Some(member.id.to_string().as_str()));
    assert_eq!(member.sign_in(Some("no-such-practice")).status, 401);
}

#[test]
fn a_token_is_for_the_one_practice_that_was_entered() {
    let world = World::new();
    let ([one, other], member) = two_practices_and_somebody_in_both(&world);
    member.sign_in(Some(&one.slug));
    let made = member.create("/v1/practice/service-users", &almoner_tests::messages::person());
    assert_eq!(made.status, 201, "{}", made.body);
    let person = format!("/v1/practice/service-users/{}", made.text("/id").unwrap());
    assert_eq!(member.get(&person).status, 200);

    let first_token = member.token().unwrap();
    member.sign_in(Some(&other.slug));
    assert_eq!(member.get(&person).status, 404, "a person of the other practice");
    let found = member.post("/v1/practice/service-users/search", &json!({ "name": "marlow" }));
    assert_eq!(found.body["items"], json!([]));
    let still = world.anyone().send("GET", &person, &[("authorization", &format!("Bearer {first_token}"))], None);
    assert_eq!(still.status, 200, "each session is for itself");
}

#[test]
fn signing_out_ends_the_token_at_once_and_no_other() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    let [kept, ended] = [(); 2].map(|()| staff.sign_in(None).text("/access_token").unwrap().to_owned());
    let signed_out = staff.send("DELETE", "/v1/practice/sessions/current", &[], None);
    assert_eq!((signed_out.status, &signed_out.body), (204, &Value::Null));
    assert_signed_out(&read_with(&world, &ended));
    assert_eq!(read_with(&world, &kept).status, 200, "the session on another machine");
    assert_signed_out(&world.anyone().send("DELETE", "/v1/practice/sessions/current", &[], None));
}

#[test]
fn a_token_ends_before_its_session_does() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let token = practice.manager.token().unwrap();
    world.set_clock("2026-11-20T10:09:00Z");
    assert_eq!(read_with(&world, &token).status, 200);
    world.set_clock("2026-11-20T10:10:30Z");
    assert_signed_out(&read_with(&world, &token));
    assert_signed_out(&world.anyone().send(
        "DELETE",
        "/v1/practice/sessions/current",
        &[("authorization", &format!("Bearer {token}"))],
        None,
    ));
    world.set_clock("2026-11-20T22:00:01Z");
    assert_signed_out(&read_with(&world, &token));
}

#[test]
fn an_operator_is_nobody_in_a_practice_and_staff_are_nobody_at_the_operators_door() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    let refused = sign_in(&world, &operator.email, "a password for tests alone");
    assert_eq!((refused.status, refused.text("/type")), (401, Some("/problems/wrong-credentials")), "{}", refused.body);
    let body = json!({ "email": practice.director.email, "password": "a password for tests alone" });
    let turned = world.anyone().post("/v1/operator/sessions", &body);
    assert_eq!((turned.status, turned.body), (401, refused.body));
    assert_signed_out(&read_with(&world, &operator.token().unwrap()));
}
