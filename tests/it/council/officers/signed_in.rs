//! Officers' sessions: each is at one council.

use almoner_domain::officers::roles::OfficerRole;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::Caller;
use almoner_tests::{PASSWORD, Staff, World, postgres};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::json;

use super::{OFFICERS, can_sign_in, new_officer, of, step};
use crate::practice::cases::pointer;

#[test]
fn a_session_is_at_one_council_and_changing_council_ends_it() {
    let world = World::new();
    let (north, south) = (world.council(), world.council());
    let duty = world.officer(&north, &[OfficerRole::Duty]);
    let host = world.first_officer(&south);
    let keeper = world.officer(&south, &[OfficerRole::RecordsOfficer]);
    let invited =
        host.create(OFFICERS, &json!({ "name": "Robin Hale", "email": duty.email, "roles": ["commissioner"] }));
    let there = world.take_up_office(&invited);
    assert_eq!(step(&keeper, &there, "/confirm").status, 200);

    world.clock.advance(TimeDelta::minutes(1));
    let ambiguous = duty.sign_in(None);
    assert_eq!(pointer(&ambiguous), (422, Some("/council_id")), "{}", ambiguous.body);
    let detail = ambiguous.text("/errors/0/detail").unwrap();
    assert!(detail.contains(&north.id.to_string()) && detail.contains(&south.id.to_string()), "{detail}");
    world.clock.advance(TimeDelta::minutes(1));
    let at_north = duty.sign_in_to(north.id);
    assert_eq!((at_north.status, at_north.text("/council/gss_code")), (201, Some(north.gss_code.as_str())));
    assert_eq!(at_north.text("/officer_id"), Some(duty.id.to_string().as_str()));
    assert_eq!(duty.get("/v1/council/contacts").text("/council/gss_code"), Some(north.gss_code.as_str()));
    assert_eq!(duty.get("/v1/council/confirmations").status, 403, "a commissioner in the south, on duty in the north");

    let moved = duty.post("/v1/council/sessions/current/council", &json!({ "council_id": south.id }));
    assert_eq!((moved.status, moved.text("/council/gss_code")), (200, Some(south.gss_code.as_str())), "{}", moved.body);
    assert_eq!(duty.get("/v1/council/account").status, 401, "the session at the north has ended");
    duty.go_on_with(&moved);
    assert_eq!(duty.get("/v1/council/confirmations").status, 200);
    let account = duty.get("/v1/council/account");
    assert_eq!(account.body["offices"].as_array().map(Vec::len), Some(2), "{}", account.body);
    let stranger = json!({ "council_id": world.council().id });
    let refused = duty.post("/v1/council/sessions/current/council", &stranger);
    assert_eq!(pointer(&refused), (422, Some("/council_id")), "{}", refused.body);
}

#[test]
fn a_session_of_one_door_is_nobody_at_another_even_of_the_same_person() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let worker = &practice.social_worker;
    let first = world.first_officer(&council);
    let keeper = world.officer(&council, &[OfficerRole::RecordsOfficer]);
    let invited = first.create(OFFICERS, &json!({ "name": "Hannah Price", "email": worker.email, "roles": ["duty"] }));
    let both = world.take_up_office(&invited);
    assert_eq!(step(&keeper, &both, "/confirm").status, 200);
    assert!(can_sign_in(&both));
    worker.forget_token();
    assert_eq!(worker.get("/v1/practice/cases").status, 200);
    assert_eq!(worker.get("/v1/council/referrals").status, 401, "the practice's session");
    assert_eq!(both.get("/v1/practice/cases").status, 401, "the council's session");
    assert_eq!(both.get("/v1/operator/councils").status, 401);
    // A refresh token serves at its own door alone.
    world.clock.advance(TimeDelta::minutes(1));
    let signed_in = both.sign_in(None);
    let token = json!({ "refresh_token": signed_in.body["refresh_token"] });
    for (door, status) in [("practice", 401), ("operator", 401), ("council", 200)] {
        let renewed = world.anyone().post(&format!("/v1/{door}/sessions/refresh"), &token);
        assert_eq!(renewed.status, status, "{door}: {}", renewed.body);
    }
    // An operator's account is nobody's at a council.
    let operator = world.operator();
    let refused = world.anyone().post("/v1/council/sessions", &operator.credentials());
    assert_eq!(refused.text("/type"), Some("/problems/invalid-credentials"), "{}", refused.body);
}

#[test]
fn what_lets_somebody_in_wants_a_second_factor_of_the_last_minutes() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let keeper = world.officer(&council, &[OfficerRole::RecordsOfficer]);
    let waits = world.unconfirmed_officer(&council, &[OfficerRole::Duty]);
    first.token();
    keeper.token();
    world.clock.advance(TimeDelta::minutes(6));
    let refused = first.create(OFFICERS, &new_officer(&["duty"]));
    assert_eq!(refused.text("/type"), Some("/problems/step-up-required"), "{}", refused.body);
    assert_eq!(keeper.get(&of(&waits, "")).status, 200);
    assert_eq!(step(&keeper, &waits, "/confirm").text("/type"), Some("/problems/step-up-required"));
    assert_eq!(keeper.step_up().status, 200);
    assert_eq!(step(&keeper, &waits, "/confirm").status, 200);
}

#[test]
fn an_officer_changes_the_number_of_the_emergency_duty_team_and_the_next_answer_has_it() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let duty = world.officer(&council, &[OfficerRole::Duty]);
    let mut urgent = almoner_tests::messages::referral();
    urgent["urgency"] = "immediate".into();
    let sent = council.system.post("/v1/council/referrals", &urgent);
    assert_eq!(sent.text("/practice/slug"), Some(practice.slug.as_str()), "{}", sent.body);
    let at = format!("/v1/council/referrals/{}", sent.text("/id").unwrap());
    let seen = council.system.get(&at);
    let known = duty.get("/v1/council/contacts");
    let changed = duty.patch("/v1/council/contacts", &known, &json!({ "emergency_duty_phone": "01743 255000" }));
    assert_eq!(
        (changed.status, changed.text("/emergency_duty_phone")),
        (200, Some("01743 255000")),
        "{}",
        changed.body
    );
    let now = council.system.send("GET", &at, &[("if-none-match", seen.etag().unwrap())], None);
    assert_eq!((now.status, now.text("/emergency_duty_team/phone")), (200, Some("01743 255000")), "{}", now.body);
    let again = duty.patch("/v1/council/contacts", &changed, &json!({ "emergency_duty_phone": "01743 255000" }));
    assert_eq!((again.status, again.etag()), (200, changed.etag()), "what is as it was changes nothing");
    assert_eq!(duty.patch("/v1/council/contacts", &known, &json!({ "emergency_duty_phone": "1" })).status, 412);
    let wrong = duty.patch("/v1/council/contacts", &changed, &json!({ "emergency_duty_phone": "ring us" }));
    assert_eq!(pointer(&wrong), (422, Some("/emergency_duty_phone")), "{}", wrong.body);
    let operator = world.operator();
    let former = operator.get(&format!("/v1/operator/councils/{}", council.id));
    assert_eq!(former.text("/former_details/0/emergency_duty_phone"), Some("0345 678 9040"), "{}", former.body);
}

/// Makes a session as if a council's identity provider alone had vouched for it. No council has one yet, but the rule stands.
fn as_if_by_a_provider(officer: &Staff) {
    let session = officer.get("/v1/council/sessions");
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let id = session.text("/items/0/id").unwrap();
    let update = format!("UPDATE sessions SET by_provider = true WHERE session_id = '{id}'");
    database.batch_execute(&update).unwrap();
}

#[test]
fn a_session_that_a_provider_alone_vouches_for_lets_nobody_in() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let waits = world.unconfirmed_officer(&council, &[OfficerRole::Duty]);
    let officer = world.officer(&council, OfficerRole::ALL);
    let seen = first.get(&of(&waits, ""));
    as_if_by_a_provider(&officer);
    assert_eq!(officer.get("/v1/council/referrals").status, 200, "everyday work");
    let invited = officer.create(OFFICERS, &new_officer(&["complaints"]));
    assert_eq!((invited.status, invited.text("/type")), (403, Some("/problems/forbidden")), "{}", invited.body);
    assert!(invited.text("/detail").unwrap().contains("password"), "it says what to do: {}", invited.body);
    assert_eq!(officer.change(&of(&waits, "/confirm"), &seen, &json!({})).status, 403);
    let path = "/v1/council/account/recovery-codes";
    assert_eq!(officer.post(path, &json!({})).status, 403, "what the account has elsewhere");
}

#[test]
fn an_officers_requests_are_counted_apart_from_the_systems_and_with_the_councils() {
    let quota = |text: &str| almoner_api::Quota::parse(text).unwrap();
    let world = World::with_settings(|settings| settings.quotas.member = quota("60/3"));
    let council = world.council();
    let (one, other) = (world.officer(&council, &[OfficerRole::Duty]), world.officer(&council, &[OfficerRole::Duty]));
    let statuses: Vec<u16> = (0..5).map(|_| one.get("/v1/council/contacts").status).collect();
    assert!(statuses.starts_with(&[200, 200]) && statuses.ends_with(&[429]), "{statuses:?}");
    assert_eq!(other.get("/v1/council/contacts").status, 200, "a colleague's are not used up");
    assert_eq!(council.system.get("/v1/council/referrals").status, 200, "nor the system's");
}

#[test]
fn an_officer_changes_their_password_and_their_authenticator() {
    let world = World::new();
    let officer = world.officer(&world.council(), &[OfficerRole::Duty]);
    let step_up = officer.post("/v1/council/sessions/current/step-up", &json!({ "code": "000000" }));
    assert_eq!((step_up.status, step_up.text("/type")), (401, Some("/problems/invalid-credentials")));
    let chosen = "a green bicycle in the rain";
    let change = json!({ "current_password": PASSWORD, "new_password": chosen });
    assert_eq!(officer.post("/v1/council/account/password", &change).status, 204);
    let drawn = officer.post("/v1/council/account/second-factor", &json!({}));
    let authenticator = TotpSecret::from_base32(drawn.text("/secret").unwrap()).unwrap();
    let code = || {
        world.clock.advance(TimeDelta::minutes(1));
        authenticator.code(world.clock.now())
    };
    let confirmed = officer.post("/v1/council/account/second-factor/confirm", &json!({ "code": code() }));
    assert_eq!(confirmed.body["recovery_codes"].as_array().map(Vec::len), Some(10), "{}", confirmed.body);
    let credentials = json!({ "email": officer.email, "password": chosen, "code": code() });
    assert_eq!(world.anyone().post("/v1/council/sessions", &credentials).status, 201);
}
