use almoner_demo::web::Answer;
use almoner_domain::words::email::Email;
use almoner_persistence::access::invitations;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{PASSWORD, Practice, Staff, World};
use serde_json::{Value, json};

const CHOSEN: &str = "a green bicycle in the rain";

/// Invites a person with this address as the practice's administrator. Returns the answer.
fn invite(practice: &Practice, email: &str) -> Answer {
    let new = json!({ "name": "Robin Hale", "email": email, "roles": ["practitioner"] });
    practice.administrator.create("/v1/practice/staff", &new)
}

fn token(invited: &Answer) -> Value {
    invited.body.pointer("/link/token").unwrap_or_else(|| panic!("{}", invited.body)).clone()
}

fn somebody() -> String {
    format!("robin.{}@practice.example", fresh_key())
}

fn open(world: &World, token: &Value) -> Answer {
    world.anyone().post("/v1/practice/invitations/open", &json!({ "token": token }))
}

fn accept(world: &World, token: &Value, password: &str, code: &str) -> Answer {
    let body = json!({ "token": token, "password": password, "code": code });
    world.anyone().post("/v1/practice/invitations/accept", &body)
}

/// Opens the link and accepts the invitation with a new password. Returns the secret of the new authenticator.
fn take_up(world: &World, token: &Value) -> TotpSecret {
    let opened = open(world, token);
    let secret = opened.text("/authenticator/secret").unwrap_or_else(|| panic!("{}", opened.body));
    let secret = TotpSecret::from_base32(secret).unwrap();
    let accepted = accept(world, token, CHOSEN, &secret.code(world.clock.now()));
    assert_eq!(accepted.body["recovery_codes"].as_array().map(Vec::len), Some(10), "{}", accepted.body);
    secret
}

fn sign_in(world: &World, email: &str, password: &str, code: String, practice: &str) -> Answer {
    let body = json!({ "email": email, "password": password, "code": code, "practice": practice });
    world.anyone().post("/v1/practice/sessions", &body)
}

fn assert_ended(answer: &Answer) {
    assert_eq!((answer.status, answer.text("/type")), (410, Some("/problems/invitation-expired")), "{}", answer.body);
}

#[test]
fn row_16_somebody_invited_chooses_their_own_password_and_authenticator() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let email = somebody();
    let invited = invite(&practice, &email);
    assert_eq!((invited.status, &invited.body["joined"]), (201, &json!(false)), "{}", invited.body);
    let token = token(&invited);

    let opened = open(&world, &token);
    assert_eq!((opened.text("/email"), opened.text("/name")), (Some(email.as_str()), Some("Robin Hale")));
    let first = TotpSecret::from_base32(opened.text("/authenticator/secret").unwrap()).unwrap();
    let secret = take_up(&world, &token);
    assert_ne!(first.code(world.clock.now()), secret.code(world.clock.now()), "opened again it draws another secret");
    assert_ended(&open(&world, &token));
    assert_ended(&accept(&world, &token, CHOSEN, "123456"));

    world.clock.advance(chrono::TimeDelta::minutes(1));
    let signed_in = sign_in(&world, &email, CHOSEN, secret.code(world.clock.now()), &practice.slug);
    assert_eq!((signed_in.status, &signed_in.body["staff_id"]), (201, &invited.body["id"]), "{}", signed_in.body);
    practice.administrator.forget_token();
    let member = practice.administrator.get(&format!("/v1/practice/staff/{}", invited.text("/id").unwrap()));
    assert_eq!(member.body["joined"], true);
}

#[test]
fn an_acceptance_with_a_fault_loses_nothing() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let token = token(&invite(&practice, &somebody()));
    assert_eq!(accept(&world, &token, CHOSEN, "123456").status, 401, "it was never opened");
    open(&world, &token);
    for password in ["short", "administrator"] {
        let refused = accept(&world, &token, password, "000000");
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/password")), "{}", refused.body);
    }
    assert_eq!(accept(&world, &token, CHOSEN, "000000").status, 401);
    take_up(&world, &token);
}

#[test]
fn row_16_a_link_serves_for_72_hours_at_its_own_door_and_ends_with_the_next_one() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let invited = invite(&practice, &somebody());
    let first = token(&invited);
    let elsewhere = world.anyone().post("/v1/operator/invitations/open", &json!({ "token": first }));
    assert_ended(&elsewhere);
    let made = world.store.console(|scope| {
        invitations::invite_operator(scope, &Email::parse(&format!("op.{}", somebody())).unwrap(), "An Operator")
    });
    let operators = json!(made.unwrap().secret.unwrap());
    assert_ended(&open(&world, &operators));
    let doors = ["/v1/practice/invitations", "/v1/operator/invitations"];
    for (token, own, other) in [(&first, doors[0], doors[1]), (&operators, doors[1], doors[0])] {
        let opened = world.anyone().post(&format!("{own}/open"), &json!({ "token": token }));
        let secret = TotpSecret::from_base32(opened.text("/authenticator/secret").unwrap()).unwrap();
        let right = json!({ "token": token, "password": CHOSEN, "code": secret.code(world.clock.now()) });
        assert_ended(&world.anyone().post(&format!("{other}/accept"), &right));
        let email = opened.text("/email").unwrap();
        let comes_in = json!({ "email": email, "password": CHOSEN, "code": secret.code(world.clock.now()) });
        for door in ["practice", "operator"] {
            let nobody = world.anyone().post(&format!("/v1/{door}/sessions"), &comes_in);
            assert_eq!(nobody.status, 401, "nobody has joined: {}", nobody.body);
        }
        let still = world.anyone().post(&format!("{own}/open"), &json!({ "token": token }));
        assert_eq!(still.status, 200, "the wrong door uses nothing up: {}", still.body);
    }
    let again = practice
        .administrator
        .create(&format!("/v1/practice/staff/{}/invitation", invited.text("/id").unwrap()), &json!({}));
    assert_eq!(again.status, 201, "{}", again.body);
    let reset = format!("/v1/practice/staff/{}/credential-reset", invited.text("/id").unwrap());
    let reset = practice.administrator.create(&reset, &json!({}));
    assert_eq!((reset.status, reset.text("/type")), (409, Some("/problems/invalid-state")), "nobody has joined yet");
    assert_ended(&open(&world, &first));
    let second = token(&again);
    world.clock.advance(chrono::TimeDelta::hours(71));
    assert_eq!(open(&world, &second).status, 200);
    world.clock.advance(chrono::TimeDelta::hours(2));
    assert_ended(&open(&world, &second));
    for nobodys in [json!(""), json!("AAAA"), json!("A".repeat(64))] {
        assert_ended(&open(&world, &nobodys));
    }
}

#[test]
fn a_link_ends_with_the_access_for_which_it_was_drawn() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let administrator = &practice.administrator;
    let reset = credential_reset(&practice, &practice.social_worker_2);
    let invited = invite(&practice, &somebody());
    for (member, link) in
        [(practice.social_worker_2.id.to_string(), reset), (invited.text("/id").unwrap().to_owned(), token(&invited))]
    {
        assert_eq!(open(&world, &link).status, 200, "{member}");
        let path = format!("/v1/practice/staff/{member}");
        let seen = administrator.get(&path);
        let how = json!({ "last_day": "2026-11-20", "with_open_work": "end_access" }).to_string();
        let headers = [("if-match", seen.etag().unwrap())];
        let content = Some(("application/json", how.as_bytes()));
        let leaves = administrator.send("PUT", &format!("{path}/leaving"), &headers, content);
        assert_eq!(leaves.status, 200, "{}", leaves.body);
        world.set_clock("2026-11-20T23:59:00Z");
        assert_eq!(open(&world, &link).status, 200, "the last minute of the day");
        world.set_clock("2026-11-21T00:00:01Z");
        assert_ended(&open(&world, &link));
        world.set_clock("2026-11-20T10:00:00Z");
        administrator.forget_token();
    }
}

#[test]
fn somebody_with_an_account_joins_with_it_and_with_nothing_else() {
    let world = World::new();
    let [one, other] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let worker: &Staff = &one.social_worker;
    let invited = invite(&other, &worker.email.to_uppercase());
    assert_eq!(invited.status, 201, "as for anybody: {}", invited.body);
    let token = token(&invited);
    assert_eq!(open(&world, &token).status, 200);

    // The holder of the link has not proved that the account is theirs.
    let credentials = worker.credentials();
    let stolen = accept(&world, &token, CHOSEN, credentials["code"].as_str().unwrap());
    assert_eq!(stolen.status, 401, "{}", stolen.body);
    let guessed = accept(&world, &token, PASSWORD, "000000");
    assert_eq!((guessed.status, &guessed.body), (401, &stolen.body), "which of them is wrong is not told");
    let joined = accept(&world, &token, PASSWORD, credentials["code"].as_str().unwrap());
    assert_eq!((joined.status, joined.body.get("recovery_codes")), (200, None), "{}", joined.body);

    world.clock.advance(chrono::TimeDelta::minutes(2));
    let entered = worker.sign_in(Some(&other.slug));
    assert_eq!((entered.status, &entered.body["staff_id"]), (201, &invited.body["id"]), "{}", entered.body);
    assert_eq!(worker.sign_in(Some(&one.slug)).status, 201, "and the first membership");
}

#[test]
fn a_link_for_an_operators_address_lets_nobody_into_a_practice() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    let token = token(&invite(&practice, &operator.email));
    assert_eq!(open(&world, &token).status, 200, "nothing tells whose address it is");
    let credentials = operator.credentials();
    assert_eq!(accept(&world, &token, PASSWORD, credentials["code"].as_str().unwrap()).status, 401);
}

#[test]
fn an_invitation_is_no_way_to_try_somebodys_password() {
    let world = World::new();
    let [one, other] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let token = token(&invite(&other, &one.social_worker.email));
    let statuses: Vec<u16> =
        (0..12).map(|n| accept(&world, &token, &format!("a wrong password, {n}"), "000000").status).collect();
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429, 429]);
}

/// The link for a credential reset, which the administrator draws for a member of staff.
fn credential_reset(practice: &Practice, member: &Staff) -> Value {
    practice.administrator.forget_token();
    token(&practice.administrator.create(&format!("/v1/practice/staff/{}/credential-reset", member.id), &json!({})))
}

#[test]
fn row_16_a_lost_factor_is_replaced_through_a_link_and_every_session_ends() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let worker = &practice.social_worker;
    worker.token();
    let link = credential_reset(&practice, worker);
    assert_eq!(worker.get("/v1/practice/referrals").status, 200, "nothing happens before it is used");
    let secret = take_up(&world, &link);
    assert_eq!(worker.get("/v1/practice/referrals").status, 401);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(worker.sign_in(None).status, 401, "the password and the authenticator of before");
    let signs_in = || {
        world.clock.advance(chrono::TimeDelta::minutes(1));
        sign_in(&world, &worker.email, CHOSEN, secret.code(world.clock.now()), &practice.slug).status
    };
    assert_eq!(signs_in(), 401, "whoever drew the link may have used it");
    let path = format!("/v1/practice/staff/{}", worker.id);
    practice.administrator.forget_token();
    let seen = practice.administrator.get(&path);
    let confirmed = practice.administrator.change(&format!("{path}/confirm"), &seen, &json!({}));
    assert_eq!((confirmed.status, confirmed.text("/type")), (409, Some("/problems/invalid-state")), "it takes two");
    practice.manager.forget_token();
    let confirmed = practice.manager.change(&format!("{path}/confirm"), &practice.manager.get(&path), &json!({}));
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert_eq!(signs_in(), 201);
}

#[test]
fn no_practice_gives_itself_a_way_into_another() {
    let world = World::new();
    let [one, other] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let both = json!({ "name": "Hannah Price", "email": one.social_worker.email, "roles": ["manager"] });
    let there = world.staff(other.id, both);

    // The other practice's administrator draws a link for its member, and uses it.
    let secret = take_up(&world, &credential_reset(&other, &there));
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let email = &there.email;
    assert_eq!(sign_in(&world, email, CHOSEN, secret.code(world.clock.now()), &one.slug).status, 401);
    other.manager.forget_token();
    let own = format!("/v1/practice/staff/{}", there.id);
    assert_eq!(other.manager.change(&format!("{own}/confirm"), &other.manager.get(&own), &json!({})).status, 200);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let entered = sign_in(&world, email, CHOSEN, secret.code(world.clock.now()), &other.slug);
    assert_eq!(entered.status, 201, "the practice that gave the link, and confirmed: {}", entered.body);
    let account = world.anyone().send(
        "GET",
        "/v1/practice/account",
        &[("authorization", &format!("Bearer {}", entered.text("/access_token").unwrap()))],
        None,
    );
    assert_eq!(account.body["memberships"].as_array().unwrap().len(), 1, "{}", account.body);

    // The membership stays unconfirmed until the first practice confirms that the account is still its member's.
    let path = format!("/v1/practice/staff/{}", one.social_worker.id);
    one.manager.forget_token();
    let told = one.manager.get("/v1/practice/notices");
    assert_eq!(told.text("/items/0/kind"), Some("staff.unconfirmed"), "{}", told.body);
    assert_eq!(told.body["items"][0]["subject_id"], json!(one.social_worker.id));
    let found = one.records_officer.get("/v1/practice/audit?action=staff.unconfirmed");
    let event = &found.body["items"][0];
    assert_eq!((&event["door"], &event["staff"]["id"]), (&json!("practice"), &json!(one.social_worker.id)), "{event}");
    let seen = one.manager.get(&path);
    assert!(seen.body["unconfirmed_at"].is_string(), "{}", seen.body);
    let confirmed = one.manager.change(&format!("{path}/confirm"), &seen, &json!({}));
    assert_eq!((confirmed.status, &confirmed.body["unconfirmed_at"]), (200, &Value::Null), "{}", confirmed.body);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(sign_in(&world, email, CHOSEN, secret.code(world.clock.now()), &one.slug).status, 201);
}

#[test]
fn nor_does_who_runs_the_service() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    let worker = &practice.social_worker;
    let account = worker.get("/v1/practice/account").text("/id").unwrap().to_owned();
    let link = operator.create(&format!("/v1/operator/accounts/{account}/credential-reset"), &json!({}));
    let secret = take_up(&world, &token(&link));
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let refused = sign_in(&world, &worker.email, CHOSEN, secret.code(world.clock.now()), &practice.slug);
    assert_eq!(refused.status, 401, "until the practice says so: {}", refused.body);

    let new = json!({ "name": "Nobody There", "email": somebody(), "roles": ["records_officer"] });
    let invited = operator.create(&format!("/v1/operator/practices/{}/staff", practice.id), &new);
    assert_eq!((invited.status, invited.text("/type")), (409, Some("/problems/invalid-state")), "{}", invited.body);
}
