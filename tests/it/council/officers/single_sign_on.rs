//! Officers who sign in through their council's own identity provider: it vouches for that council alone, and for nothing that has
//! to do with complaints.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Staff, World};
use serde_json::{Value, json};

use super::{OFFICERS, new_officer, put, step};
use crate::practice::access::single_sign_on::fake::Fake;
use crate::practice::access::single_sign_on::{CLIENT, FRONTEND, SECRET, world};
use crate::practice::cases::pointer;

const SETTINGS: &str = "/v1/council/single-sign-on";
const SIGN_ON: &str = "/v1/council/sessions/single-sign-on";
const COMPLETE: &str = "/v1/council/sessions/single-sign-on/complete";
const IDENTITIES: &str = "/v1/council/account/identities";
const LINK: &str = "/v1/council/account/identities/complete";

fn settings(fake: &Fake) -> Value {
    json!({
        "issuer": fake.issuer(), "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [FRONTEND],
        "trusts_second_factor": true,
    })
}

/// Sets a provider of the council's own.
fn with_provider(world: &World, council: &Council) -> Fake {
    let (first, fake) = (world.first_officer(council), Fake::start());
    let done = put(first, SETTINGS, &first.get(SETTINGS), &settings(&fake));
    assert_eq!(done.status, 200, "{}", done.body);
    fake
}

fn link(world: &World, officer: &Staff, fake: &Fake, subject: &str) {
    let begun = officer.post(IDENTITIES, &json!({ "redirect_uri": FRONTEND }));
    assert_eq!(begun.status, 200, "{}", begun.body);
    let linked = officer.post(LINK, &fake.vouch(world.clock.now(), &begun, subject));
    assert_eq!(linked.status, 201, "{}", linked.body);
}

fn begin(world: &World, council: &Council) -> Answer {
    world.anyone().post(SIGN_ON, &json!({ "council_id": council.id, "redirect_uri": FRONTEND }))
}

fn sign_on(world: &World, council: &Council, fake: &Fake, subject: &str) -> Answer {
    let begun = begin(world, council);
    assert_eq!(begun.status, 200, "{}", begun.body);
    world.anyone().post(COMPLETE, &fake.vouch(world.clock.now(), &begun, subject))
}

#[test]
fn an_officer_who_is_linked_signs_in_through_the_councils_provider_for_everyday_work() {
    let world = world();
    let council = world.council();
    let fake = with_provider(&world, &council);
    let officer = world.officer(&council, OfficerRole::ALL);
    assert_eq!(sign_on(&world, &council, &fake, "ravi").status, 401, "not linked yet");
    link(&world, &officer, &fake, "ravi");
    let signed_in = sign_on(&world, &council, &fake, "ravi");
    assert_eq!(signed_in.text("/officer_id"), Some(officer.id.to_string().as_str()), "{}", signed_in.body);
    assert_eq!(signed_in.text("/council/id"), Some(council.id.to_string().as_str()));
    officer.go_on_with(&signed_in);
    assert_eq!(officer.get("/v1/council/referrals").status, 200);
    assert_eq!(officer.get("/v1/complaints").status, 401, "a session at the council's door opens no complaint");
    assert_eq!(officer.create(OFFICERS, &new_officer(&["complaints"])).status, 403, "nor lets anybody in");
    let codes = officer.post("/v1/council/account/recovery-codes", &json!({}));
    assert_eq!(
        codes.text("/type"),
        Some("/problems/step-up-required"),
        "the provider proved it an hour ago: {}",
        codes.body
    );
    // Nor do they with their own code: the provider would change what opens the account elsewhere.
    let mut factor = officer.credentials();
    factor.as_object_mut().unwrap().retain(|member, _| member.contains("code"));
    officer.go_on_with(&officer.post("/v1/council/sessions/current/step-up", &factor));
    for (path, body) in [
        (
            "/v1/council/account/password",
            json!({ "current_password": "a", "new_password": "a green bicycle in the rain" }),
        ),
        ("/v1/council/account/second-factor", json!({})),
        ("/v1/council/account/second-factor/confirm", json!({ "code": "123456" })),
        ("/v1/council/account/recovery-codes", json!({})),
        (IDENTITIES, json!({ "redirect_uri": FRONTEND })),
    ] {
        let refused = officer.post(path, &body);
        assert_eq!(refused.status, 403, "{path}: {}", refused.body);
    }
    let colleague = world.officer(&council, &[OfficerRole::Duty]);
    let begun = colleague.post(IDENTITIES, &json!({ "redirect_uri": FRONTEND }));
    let taken = colleague.post(LINK, &fake.vouch(world.clock.now(), &begun, "ravi"));
    assert_eq!((taken.status, taken.text("/type")), (409, Some("/problems/already-exists")), "{}", taken.body);
    let log = officer.get("/v1/council/audit?action=session.begun_by_provider");
    assert_eq!(log.body["items"].as_array().map(Vec::len), Some(1), "{}", log.body);
    // With their password the same officer does both.
    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(officer.sign_in(None).status, 201);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(officer.at_complaints().get("/v1/complaints").status, 200);
}

#[test]
fn row_17_a_councils_provider_vouches_for_that_council_alone() {
    let world = world();
    let (north, south) = (world.council(), world.council());
    let (at_north, at_south) = (with_provider(&world, &north), with_provider(&world, &south));
    let officer = world.officer(&north, &[OfficerRole::Duty]);
    let host = world.first_officer(&south);
    let keeper = world.officer(&south, &[OfficerRole::RecordsOfficer]);
    let invited = host.create(OFFICERS, &json!({ "name": "Robin", "email": officer.email, "roles": ["commissioner"] }));
    assert_eq!(step(&keeper, &world.take_up_office(&invited), "/confirm").status, 200);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    officer.sign_in_to(north.id);
    link(&world, &officer, &at_north, "robin");

    assert_eq!(sign_on(&world, &south, &at_south, "robin").status, 401, "linked in the north alone");
    // What was begun at the one is not completed with what the other's provider says.
    let begun = begin(&world, &south);
    let mixed = world.anyone().post(COMPLETE, &at_north.vouch(world.clock.now(), &begun, "robin"));
    assert_eq!(mixed.status, 401, "{}", mixed.body);
    let signed_in = sign_on(&world, &north, &at_north, "robin");
    officer.go_on_with(&signed_in);
    let elsewhere = officer.post("/v1/council/sessions/current/council", &json!({ "council_id": south.id }));
    assert_eq!(elsewhere.status, 403, "{}", elsewhere.body);
    let account = officer.get("/v1/council/account");
    assert_eq!(account.body["offices"].as_array().map(Vec::len), Some(1), "where else is not told: {}", account.body);
    let sessions = officer.get("/v1/council/sessions");
    let items = sessions.body["items"].as_array().unwrap();
    assert!(items.iter().all(|one| one["council"]["id"] == north.id.to_string()), "{}", sessions.body);
}

#[test]
fn row_17_an_attempt_of_one_door_is_not_taken_up_at_another() {
    let world = world();
    let council = world.council();
    let fake = with_provider(&world, &council);
    let officer = world.officer(&council, &[OfficerRole::Duty]);
    link(&world, &officer, &fake, "robin");
    let begun = begin(&world, &council);
    let back = fake.vouch(world.clock.now(), &begun, "robin");
    let elsewhere = world.anyone().post("/v1/practice/sessions/single-sign-on/complete", &back);
    assert_eq!(elsewhere.status, 401, "{}", elsewhere.body);
    assert_eq!(world.anyone().post(COMPLETE, &back).status, 201, "it was not used up");
    assert_eq!(world.anyone().post(COMPLETE, &back).status, 401, "and serves once");
    let unknown = json!({ "council_id": world.council().id, "redirect_uri": FRONTEND });
    assert_eq!(world.anyone().post(SIGN_ON, &unknown).status, 401, "a council without a provider");
}

#[test]
fn a_council_cannot_require_its_provider_and_only_an_administrator_sets_it() {
    let world = world();
    let council = world.council();
    let first = world.first_officer(&council);
    let fake = Fake::start();
    let mut required = settings(&fake);
    required["required"] = true.into();
    let refused = put(first, SETTINGS, &first.get(SETTINGS), &required);
    assert_eq!(pointer(&refused), (422, Some("/required")), "{}", refused.body);
    let commissioner = world.officer(&council, &[OfficerRole::Commissioner]);
    assert_eq!(commissioner.get(SETTINGS).status, 403);
    assert_eq!(council.system.get(SETTINGS).status, 403);
    fake.is_nameless();
    let nameless = put(first, SETTINGS, &first.get(SETTINGS), &settings(&fake));
    assert_eq!(pointer(&nameless), (422, Some("/redirect_uris/0")), "{}", nameless.body);
    let mut own = settings(&fake);
    own["redirect_uris"] = json!([format!("{FRONTEND}/{}", council.id)]);
    let set = put(first, SETTINGS, &first.get(SETTINGS), &own);
    assert_eq!(set.status, 200, "{}", set.body);
    assert!(!set.body.to_string().contains(SECRET));
    let removed = first.send("DELETE", SETTINGS, &[("if-match", set.etag().unwrap())], None);
    assert_eq!(removed.status, 204, "{}", removed.body);
    assert_eq!(begin(&world, &council).status, 401);
}
