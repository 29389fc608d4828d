use almoner_tests::callers::Caller;
use almoner_tests::{PASSWORD, TOTP_SECRET, World};
use serde_json::json;

const PASSWORD_OF_ONES_OWN: &str = "/v1/practice/account/password";
const INBOX: &str = "/v1/practice/referrals";

#[test]
fn somebody_sees_their_own_account() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let account = practice.manager.get("/v1/practice/account");
    assert_eq!(account.text("/email"), Some(practice.manager.email.as_str()), "{}", account.body);
    assert_eq!(account.text("/memberships/0/practice/slug"), Some(practice.slug.as_str()));
    assert_eq!(account.body["recovery_codes_left"], 10);
    assert!(!account.body.to_string().contains("argon2"));
}

#[test]
fn row_18_a_new_password_ends_the_other_sessions_and_the_old_one_signs_nobody_in() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    let elsewhere = staff.sign_in(None).text("/access_token").unwrap().to_owned();
    staff.sign_in(None);
    let new = "a green bicycle in the rain";
    let changed = staff.post(PASSWORD_OF_ONES_OWN, &json!({ "current_password": PASSWORD, "new_password": new }));
    assert_eq!(changed.status, 204, "{}", changed.body);
    assert_eq!(staff.get(INBOX).status, 200, "the session that asked goes on");
    let other = world.anyone().send("GET", INBOX, &[("authorization", &format!("Bearer {elsewhere}"))], None);
    assert_eq!(other.status, 401);
    world.clock.advance(chrono::TimeDelta::minutes(2));
    assert_eq!(staff.sign_in(None).status, 401, "the old password");
    let mut credentials = staff.credentials();
    credentials["password"] = new.into();
    assert_eq!(world.anyone().post("/v1/practice/sessions", &credentials).status, 201);
}

#[test]
fn row_13_a_password_is_12_to_128_characters_of_any_kind_and_no_common_one() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    let long = "correct horse battery staple, ".repeat(5);
    for (new, pointer) in [
        ("sevenchars1".to_owned(), Some("/new_password")),
        (long.chars().take(129).collect(), Some("/new_password")),
        ("administrator".to_owned(), Some("/new_password")),
        ("Password123456789".to_owned(), Some("/new_password")),
        (staff.email.clone(), Some("/new_password")),
        ("aaaaaaaaaaaaaaaaaaaa".to_owned(), Some("/new_password")),
        ("only small letters and spaces".to_owned(), None),
    ] {
        let answer = staff.post(PASSWORD_OF_ONES_OWN, &json!({ "current_password": PASSWORD, "new_password": new }));
        assert_eq!(answer.text("/errors/0/pointer"), pointer, "{new}: {}", answer.body);
    }
    // All of the 128 characters count.
    let full: String = long.chars().take(128).collect();
    let body = json!({ "current_password": "only small letters and spaces", "new_password": full });
    assert_eq!(staff.post(PASSWORD_OF_ONES_OWN, &body).status, 204);
    for (password, status) in [(full[..127].to_owned(), 401), (format!("{}x", &full[..127]), 401), (full.clone(), 201)]
    {
        world.clock.advance(chrono::TimeDelta::minutes(1));
        let mut credentials = staff.credentials();
        credentials["password"] = password.into();
        assert_eq!(world.anyone().post("/v1/practice/sessions", &credentials).status, status);
    }
}

#[test]
fn a_new_password_wants_the_present_one() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let body = json!({ "current_password": "somebody else's", "new_password": "a green bicycle in the rain" });
    let refused = practice.manager.post(PASSWORD_OF_ONES_OWN, &body);
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/current_password")));
}

#[test]
fn row_22_what_changes_a_factor_wants_a_fresh_one() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    staff.token();
    world.clock.advance(chrono::TimeDelta::minutes(6));
    for (path, body) in [
        (PASSWORD_OF_ONES_OWN, json!({ "current_password": PASSWORD, "new_password": "a green bicycle in the rain" })),
        ("/v1/practice/account/second-factor", json!({})),
        ("/v1/practice/account/second-factor/confirm", json!({ "code": "123456" })),
        ("/v1/practice/account/recovery-codes", json!({})),
    ] {
        let refused = staff.post(path, &body);
        assert_eq!((refused.status, refused.text("/type")), (401, Some("/problems/step-up-required")), "{path}");
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(challenge.contains("insufficient_user_authentication") && challenge.contains("max_age=\"300\""));
    }
    assert_eq!(staff.step_up().status, 200);
    assert_eq!(staff.post("/v1/practice/account/recovery-codes", &json!({})).status, 200);
}

#[test]
fn row_18_a_new_authenticator_takes_the_place_of_the_old_one_and_ends_the_other_sessions() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    let elsewhere = staff.sign_in(None).text("/access_token").unwrap().to_owned();
    staff.sign_in(None);
    let drawn = staff.post("/v1/practice/account/second-factor", &json!({}));
    let secret = drawn.text("/secret").unwrap();
    assert_ne!(secret, TOTP_SECRET);
    assert!(drawn.text("/otpauth_uri").unwrap().starts_with("otpauth://totp/Almoner:"), "{}", drawn.body);

    let authenticator = almoner_persistence::access::second_factor::TotpSecret::from_base32(secret).unwrap();
    let confirm = "/v1/practice/account/second-factor/confirm";
    let wrong = staff.post(confirm, &json!({ "code": "000000" }));
    assert_eq!((wrong.status, wrong.text("/errors/0/pointer")), (422, Some("/code")), "{}", wrong.body);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let code = authenticator.code(world.clock.now());
    let confirmed = staff.post(confirm, &json!({ "code": code }));
    assert_eq!(confirmed.body["recovery_codes"].as_array().unwrap().len(), 10, "{}", confirmed.body);
    let other = world.anyone().send("GET", INBOX, &[("authorization", &format!("Bearer {elsewhere}"))], None);
    assert_eq!(other.status, 401);

    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(staff.sign_in(None).status, 401, "the old authenticator");
    let mut credentials = json!({ "email": staff.email, "password": PASSWORD, "code": code });
    assert_eq!(world.anyone().post("/v1/practice/sessions", &credentials).status, 401, "the code that confirmed");
    credentials["code"] = authenticator.code(world.clock.now()).into();
    assert_eq!(world.anyone().post("/v1/practice/sessions", &credentials).status, 201);
}

#[test]
fn an_address_and_the_codes_are_taken_as_people_type_them() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    let authenticator = almoner_persistence::access::second_factor::TotpSecret::from_base32(TOTP_SECRET).unwrap();
    for divided in [" ", "-", "\u{a0}", "\u{2011}", " \u{200b}- "] {
        world.clock.advance(chrono::TimeDelta::minutes(1));
        let code = authenticator.code(world.clock.now());
        let typed = format!("\u{200e}{}{divided}{} ", &code[..3], &code[3..]);
        let email = format!("\u{feff} {}\u{200b}", staff.email.to_uppercase());
        let credentials = json!({ "email": email, "password": PASSWORD, "code": typed, "recovery_code": " " });
        let signed_in = world.anyone().post("/v1/practice/sessions", &credentials);
        assert_eq!(signed_in.status, 201, "{divided:?}: {}", signed_in.body);
    }
    world.clock.advance(chrono::TimeDelta::minutes(1));
    staff.forget_token();
    staff.step_up();
    let codes = staff.post("/v1/practice/account/recovery-codes", &json!({}));
    let code = codes.text("/recovery_codes/0").unwrap_or_else(|| panic!("{}", codes.body));
    let typed = code.to_uppercase().replace('-', "\u{2013} ");
    let credentials = json!({ "email": staff.email, "password": PASSWORD, "code": null, "recovery_code": typed });
    let signed_in = world.anyone().post("/v1/practice/sessions", &credentials);
    assert_eq!(signed_in.status, 201, "{}", signed_in.body);
}
