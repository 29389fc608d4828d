//! Coming in by the complaints' door.

use almoner_demo::confirm_officer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::assign;
use almoner_tests::{PASSWORD, Staff};
use serde_json::json;

use super::{Scene, sees};

#[test]
fn everybody_at_the_desk_is_told_of_an_officer_who_is_new_or_whose_credentials_were_replaced() {
    let scene = Scene::new();
    let [first, second] = &scene.desk.officers;
    let named = |reader: &Staff| {
        let list = reader.get("/v1/complaints/officers");
        let items = list.body["items"].as_array().unwrap().clone();
        items.into_iter().find(|one| one["name"] == "Ravi Mistry")
    };
    assert_eq!(named(first), None);
    let new = scene.world.unconfirmed_officer(&scene.council, &[OfficerRole::Complaints]);
    for reader in [first, second, &scene.desk.responsible, &scene.desk.alternate] {
        let told = named(reader).unwrap();
        assert_eq!((&told["awaits_confirmation"], &told["signs"]), (&json!(true), &json!(false)), "{told}");
        assert!(told["confirmed_at"].is_null() && told["roles"] == json!(["complaints"]), "{told}");
    }
    let operator = scene.world.operator();
    confirm_officer(&scene.world.store, scene.council.id, new.id.uuid().into(), &operator.email).unwrap();
    let told = named(second).unwrap();
    assert!(told["awaits_confirmation"] == json!(false) && told["confirmed_at"].is_string(), "{told}");
    let elsewhere = scene.world.unconfirmed_officer(&scene.council, &[OfficerRole::Commissioner]);
    let list = first.get("/v1/complaints/officers");
    assert!(!list.body.to_string().contains(&elsewhere.id.to_string()), "who has no work with complaints");
}

#[test]
fn an_officer_comes_in_with_a_role_in_complaints_and_a_session_of_this_door_alone() {
    let scene = Scene::new();
    let officer = &scene.desk.officers[0];
    let signed_in = officer.sign_in(None);
    assert_eq!(signed_in.status, 201, "{}", signed_in.body);
    assert_eq!(signed_in.text("/council/id"), Some(scene.council.id.to_string().as_str()), "{}", signed_in.body);
    let sessions = officer.get("/v1/complaints/sessions");
    let own = signed_in.text("/session_id").unwrap();
    assert!(sessions.body.to_string().contains(own), "{}", sessions.body);
    assert_eq!(officer.get("/v1/council/officers").status, 401, "its token is nobody's at another door");
    let elsewhere = scene.world.officer(&scene.council, &[OfficerRole::Commissioner]);
    assert_eq!(elsewhere.at_complaints().sign_in(None).status, 401, "an officer without such a role");
    assert_eq!(scene.practice.manager.at_complaints().sign_in(None).status, 401, "a member of a practice's staff");
    // Without a second factor, or with a wrong one, there is no session.
    let mut credentials = officer.credentials();
    credentials.as_object_mut().unwrap().retain(|member, _| !member.contains("code"));
    let refused = scene.world.anyone().post("/v1/complaints/sessions", &credentials);
    assert!([401, 422].contains(&refused.status), "{}", refused.body);
}

#[test]
fn an_officer_changes_their_password_and_their_factor_here_as_elsewhere() {
    let scene = Scene::new();
    let officer = &scene.desk.officers[1];
    let wrong = officer.post("/v1/complaints/sessions/current/step-up", &json!({ "code": "000000" }));
    assert_eq!((wrong.status, wrong.text("/type")), (401, Some("/problems/invalid-credentials")), "{}", wrong.body);
    let drawn = officer.post("/v1/complaints/account/second-factor", &json!({}));
    let secret = TotpSecret::from_base32(drawn.text("/secret").unwrap_or_else(|| panic!("{}", drawn.body))).unwrap();
    let code = json!({ "code": secret.code(scene.world.clock.now()) });
    let confirmed = officer.post("/v1/complaints/account/second-factor/confirm", &code);
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    officer.change_authenticator(drawn.text("/secret").unwrap(), &confirmed);
    let passwords = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
    assert_eq!(officer.post("/v1/complaints/account/password", &passwords).status, 204);
}

#[test]
fn a_role_that_is_taken_closes_the_door_from_the_next_request_on() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    assert!(sees(officer, &complaint));
    let chief = scene.world.first_officer(&scene.council);
    let path = format!("/v1/council/officers/{}", officer.id);
    let changed = chief.patch(&path, &chief.get(&path), &json!({ "roles": ["duty"] }));
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(officer.get(&complaint).status, 401);
}

#[test]
fn somebody_who_works_on_complaints_of_two_councils_says_which_and_reads_one_at_a_time() {
    let scene = Scene::new();
    let world = &scene.world;
    let other = world.council();
    let their_desk = world.desk(&other);
    let their_practice = world.practice(&other);
    let member = &scene.practice.practitioner_2;
    let (_, officer, complaint) = scene.opened(json!({}));
    let here = world.handler(&scene.council, &scene.desk, &scene.practice, member, "Bola Adeyemi");
    assert_eq!(assign(officer, &complaint, &here).status, 201);
    assert!(sees(&here, &complaint));
    let (_, their_officer, theirs) =
        world.opened(&other, &their_desk, &almoner_tests::messages::complaint(&their_practice.slug));
    let there = world.handler(&other, &their_desk, &their_practice, member, "Bola Adeyemi");
    assert_eq!(assign(their_officer, &theirs, &there).status, 201);

    world.clock.advance(chrono::TimeDelta::minutes(1));
    let unsaid = here.sign_in(None);
    assert_eq!((unsaid.status, unsaid.text("/errors/0/pointer")), (422, Some("/council_id")), "{}", unsaid.body);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(here.sign_in_to(other.id).status, 201);
    assert!(sees(&here, &theirs) && !sees(&here, &complaint));
    let entered = here.post("/v1/complaints/sessions/current/council", &json!({ "council_id": scene.council.id }));
    assert_eq!(entered.status, 200, "{}", entered.body);
    here.go_on_with(&entered);
    assert!(sees(&here, &complaint) && !sees(&here, &theirs));
}

#[test]
fn an_invitation_to_be_a_guest_is_a_link_of_the_complaints_door_and_serves_once() {
    let scene = Scene::new();
    let new = json!({ "name": "Margaret Ashby", "email": "m.ashby@elsewhere.example", "capacity": "investigator" });
    let invited = scene.desk.officers[0].create("/v1/complaints/guests", &new);
    assert_eq!(invited.status, 201, "{}", invited.body);
    let token = json!({ "token": invited.text("/link/token").unwrap() });
    let open = |door: &str| scene.world.anyone().post(&format!("/v1/{door}/invitations/open"), &token).status;
    assert_eq!(["practice", "council", "operator"].map(open), [410; 3], "another door's");
    assert_eq!(open("complaints"), 200);
    let path = format!("/v1/complaints/guests/{}", invited.text("/id").unwrap());
    let again = scene.desk.officers[1].create(&format!("{path}/invitation"), &json!({}));
    assert_eq!(again.status, 201, "{}", again.body);
    assert_eq!(open("complaints"), 410, "the earlier link has ended");
    let token = again.text("/link/token").unwrap();
    let anyone = scene.world.anyone();
    let opened = anyone.post("/v1/complaints/invitations/open", &json!({ "token": token }));
    let secret = TotpSecret::from_base32(opened.text("/authenticator/secret").unwrap()).unwrap();
    let code = secret.code(scene.world.clock.now());
    let accept = json!({ "token": token, "password": "a green bicycle in the rain", "code": code });
    let accepted = anyone.post("/v1/complaints/invitations/accept", &accept);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    assert_eq!(
        scene.desk.officers[1].create(&format!("{path}/invitation"), &json!({})).status,
        409,
        "they have joined"
    );
    let twice = scene.desk.officers[0].create("/v1/complaints/guests", &new);
    assert_eq!(twice.status, 409, "{}", twice.body);
    for (wrong, pointer) in [
        (json!({ "name": "M", "email": "m@elsewhere.example", "capacity": "handler" }), "/practice"),
        (
            json!({ "name": "M", "email": "m@elsewhere.example", "capacity": "investigator", "practice": scene.practice.slug }),
            "/practice",
        ),
        (
            json!({ "name": "M", "email": "m@elsewhere.example", "capacity": "handler", "practice": "nobodys" }),
            "/practice",
        ),
        (json!({ "name": "M", "email": "no address", "capacity": "investigator" }), "/email"),
    ] {
        let refused = scene.desk.officers[0].create("/v1/complaints/guests", &wrong);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
}
