//! What ends for good, and factors that are used up where they open nothing.

use almoner_demo::web::Answer;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::Caller;
use almoner_tests::{Staff, World};
use serde_json::json;
use uuid::Uuid;

fn read_with(world: &World, signed_in: &Answer) -> u16 {
    let token = format!("Bearer {}", signed_in.text("/access_token").unwrap_or_else(|| panic!("{}", signed_in.body)));
    world.anyone().send("GET", "/v1/practice/referrals", &[("authorization", &token)], None).status
}

fn refresh(world: &World, signed_in: &Answer) -> u16 {
    let token = json!({ "refresh_token": signed_in.body["refresh_token"] });
    world.anyone().post("/v1/practice/sessions/refresh", &token).status
}

#[test]
fn row_7_what_a_disabled_account_had_is_over_for_good_and_enabled_it_begins_anew() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    let worker = &practice.social_worker;
    let before = worker.sign_in(None);
    let account = worker.get("/v1/practice/account").text("/id").unwrap().to_owned();
    let path = format!("/v1/operator/accounts/{account}");
    let link = operator.create(&format!("{path}/credential-reset"), &json!({}));
    for step in ["disable", "enable"] {
        assert_eq!(operator.post(&format!("{path}/{step}"), &json!({})).status, 200);
    }
    assert_eq!((read_with(&world, &before), refresh(&world, &before)), (401, 401));
    let opened = world.anyone().post("/v1/practice/invitations/open", &json!({ "token": link.body["link"]["token"] }));
    assert_eq!(opened.status, 410, "a link is a way in too: {}", opened.body);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let after = worker.sign_in(None);
    assert_eq!((read_with(&world, &after), read_with(&world, &before)), (200, 401));
}

#[test]
fn row_15_the_right_factors_at_the_wrong_door_or_practice_are_on_record_and_the_code_is_used_up() {
    let world = World::new();
    let [practice, other] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let operator = world.operator();
    let left = &practice.practitioner;
    let account = |who: &Staff, door: &str| who.get(door).text("/id").unwrap().parse().unwrap();
    let accounts: Vec<Uuid> = [&practice.social_worker, &practice.manager, left]
        .map(|who| account(who, "/v1/practice/account"))
        .into_iter()
        .chain([account(&operator, "/v1/operator/account")])
        .collect();
    let path = format!("/v1/practice/staff/{}", left.id);
    assert_eq!(
        practice.administrator.change(&format!("{path}/leave"), &practice.administrator.get(&path), &json!({})).status,
        200
    );
    let elsewhere = json!({ "practice": other.slug });
    let (staff, operators, none) = ("/v1/practice/sessions", "/v1/operator/sessions", json!({}));
    let cases = [
        ("staff at the operator's door", &practice.social_worker, accounts[0], staff, operators, &none),
        ("at another practice", &practice.manager, accounts[1], staff, staff, &elsewhere),
        ("at none any more", left, accounts[2], staff, staff, &none),
        ("an operator at a practice's door", &operator, accounts[3], operators, staff, &none),
    ];
    for (what, who, account, own_door, door, more) in cases {
        world.clock.advance(chrono::TimeDelta::minutes(1));
        let mut credentials = who.credentials();
        let own = credentials.clone();
        credentials.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let recorded = world.refused(account, "come_in");
        let refused = world.anyone().post(door, &credentials);
        assert_eq!((refused.status, refused.text("/type")), (401, Some("/problems/invalid-credentials")), "{what}");
        assert_eq!(world.refused(account, "come_in"), recorded + 1, "{what}");
        assert_eq!(world.anyone().post(own_door, &own).status, 401, "{what}: the code has served");
    }
}

#[test]
fn row_15_an_operators_factors_are_used_up_by_a_practices_invitation() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    let new = json!({ "name": "Robin Hale", "email": operator.email, "roles": ["practitioner"] });
    let invited = practice.administrator.create("/v1/practice/staff", &new);
    let account = operator.get("/v1/operator/account").text("/id").unwrap().parse().unwrap();
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let credentials = operator.credentials();
    let mut accept = credentials.clone();
    accept.as_object_mut().unwrap().remove("email");
    accept["token"] = invited.body["link"]["token"].clone();
    let recorded = world.refused(account, "come_in");
    assert_eq!(world.anyone().post("/v1/practice/invitations/accept", &accept).status, 401);
    assert_eq!(world.refused(account, "come_in"), recorded + 1);
    assert_eq!(world.anyone().post("/v1/operator/sessions", &credentials).status, 401, "the code has served");
}

#[test]
fn row_16_an_address_that_a_strangers_practice_took_comes_back_to_the_person_whose_it_is() {
    let world = World::new();
    let [own, strangers] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let operator = world.operator();
    let email = format!("robin.{}@practice.example", almoner_tests::callers::fresh_key());
    let new = json!({ "name": "Robin Hale", "email": email, "roles": ["practitioner"] });
    let stranger = world.take_up(&strangers.administrator.create("/v1/practice/staff", &new));
    let before = stranger.sign_in(None);
    let account = stranger.get("/v1/practice/account").text("/id").unwrap().to_owned();

    // The person's own practice invites them. They do not know the account's password, and cannot join.
    let invited = own.administrator.create("/v1/practice/staff", &new);
    let token = invited.body["link"]["token"].clone();
    let accept = |code: &str| {
        let body = json!({ "token": token, "password": "a green bicycle in the rain", "code": code });
        world.anyone().post("/v1/practice/invitations/accept", &body)
    };
    assert_eq!(accept("123456").status, 401);

    let path = format!("/v1/operator/accounts/{account}/release-address");
    let released = operator.post(&path, &json!({}));
    assert_eq!(released.status, 200, "{}", released.body);
    assert_eq!(released.text("/email"), Some(&*format!("{account}@released.invalid")), "{}", released.body);
    assert_eq!((read_with(&world, &before), refresh(&world, &before)), (401, 401));

    let opened = world.anyone().post("/v1/practice/invitations/open", &json!({ "token": token }));
    let secret = TotpSecret::from_base32(opened.text("/authenticator/secret").unwrap()).unwrap();
    let accepted = accept(&secret.code(world.clock.now()));
    assert_eq!(accepted.body["recovery_codes"].as_array().map(Vec::len), Some(10), "{}", accepted.body);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let credentials = |password: &str, code: String| json!({ "email": email, "password": password, "code": code });
    let signs_in = |body| world.anyone().post("/v1/practice/sessions", &body);
    let robin = signs_in(credentials("a green bicycle in the rain", secret.code(world.clock.now())));
    assert_eq!((robin.status, robin.text("/practice/slug")), (201, Some(own.slug.as_str())), "and nowhere else");
    assert_eq!(signs_in(stranger.credentials()).status, 401, "the stranger has the address no more");

    // The stranger's practice can replace what its account has, and touches nothing of the person's.
    strangers.administrator.forget_token();
    let reset = format!("/v1/practice/staff/{}/credential-reset", stranger.id);
    let link = strangers.administrator.create(&reset, &json!({}));
    let token = link.body["link"]["token"].clone();
    let opened = world.anyone().post("/v1/practice/invitations/open", &json!({ "token": token }));
    let others = TotpSecret::from_base32(opened.text("/authenticator/secret").unwrap()).unwrap();
    let body = json!({ "token": token, "password": "a red one in the sun", "code": others.code(world.clock.now()) });
    assert_eq!(world.anyone().post("/v1/practice/invitations/accept", &body).status, 200);
    assert_eq!(read_with(&world, &robin), 200);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(signs_in(credentials("a red one in the sun", others.code(world.clock.now()))).status, 401);
    let again = signs_in(credentials("a green bicycle in the rain", secret.code(world.clock.now())));
    assert_eq!(again.status, 201, "{}", again.body);
}
