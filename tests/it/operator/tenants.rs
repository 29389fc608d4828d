use std::time::Instant;

use almoner_tests::World;
use almoner_tests::callers::{Caller, fresh_key};
use serde_json::{Value, json};

use super::{council, gss_code, practice, slug, times_listed};

const COUNCILS: &str = "/v1/operator/councils";
const PRACTICES: &str = "/v1/operator/practices";
const CONTRACTS: &str = "/v1/operator/contracts";

#[test]
fn a_council_is_entered_read_and_listed() {
    let world = World::new();
    let operator = world.operator();
    let new = council(&gss_code(&world));
    let made = operator.create(COUNCILS, &new);
    assert_eq!(made.status, 201, "{}", made.body);
    for (member, value) in new.as_object().unwrap() {
        assert_eq!(&made.body[member], value);
    }
    assert_eq!(operator.get(made.header("location").unwrap()).body, made.body);
    assert_eq!(times_listed(&operator, COUNCILS, &made.body["id"]), 1);
}

#[test]
fn a_councils_code_and_a_practices_name_are_its_own() {
    let world = World::new();
    let operator = world.operator();
    for (path, new, pointer) in
        [(COUNCILS, council(&gss_code(&world)), "/gss_code"), (PRACTICES, practice(&slug()), "/slug")]
    {
        assert_eq!(operator.create(path, &new).status, 201);
        let taken = operator.create(path, &new);
        assert_eq!((taken.status, taken.text("/type")), (409, Some("/problems/already-exists")), "{}", taken.body);
        assert_eq!(taken.text("/errors/0/pointer"), Some(pointer));
    }
}

#[test]
fn what_is_sent_twice_with_one_key_is_entered_once() {
    let world = World::new();
    let operator = world.operator();
    for (path, new, other) in [
        (COUNCILS, council(&gss_code(&world)), council(&gss_code(&world))),
        (PRACTICES, practice(&slug()), practice(&slug())),
    ] {
        let key = fresh_key();
        let key = [("idempotency-key", key.as_str())];
        let [first, again] = [(); 2].map(|()| operator.post_with(path, &key, &new));
        assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (201, 201, Some("true")));
        assert_eq!(first.body, again.body);
        let reused = operator.post_with(path, &key, &other);
        assert_eq!((reused.status, reused.text("/type")), (422, Some("/problems/idempotency-key-reused")));
        let without = operator.post(path, &other);
        assert_eq!((without.status, without.text("/type")), (400, Some("/problems/idempotency-key-missing")));
        assert_eq!(times_listed(&operator, path, &first.body["id"]), 1);
    }
}

#[test]
fn provisioning_a_practice_is_one_call_and_it_can_work_at_once() {
    let world = World::new();
    let operator = world.operator();
    operator.sign_in(None);
    let new = practice(&slug());
    let begun = Instant::now();
    let made = operator.create(PRACTICES, &new);
    println!("a practice was provisioned in {:?}", begun.elapsed());
    assert_eq!(made.status, 201, "{}", made.body);
    for (member, value) in new.as_object().unwrap() {
        assert_eq!(&made.body[member], value);
    }
    assert_eq!(made.body["capacity_reserved"], 0);
    assert_eq!(operator.get(made.header("location").unwrap()).body, made.body);
    assert_eq!(times_listed(&operator, PRACTICES, &made.body["id"]), 1);

    let listed = world.anyone().get(&format!("/v1/public/practices/{}", new["slug"].as_str().unwrap()));
    assert_eq!(listed.status, 404, "the directory offers it once it is ready to be sent referrals");
}

#[test]
fn what_is_no_council_or_practice_is_refused_at_its_place() {
    let world = World::new();
    let operator = world.operator();
    for (path, member, value, pointer) in [
        (COUNCILS, "gss_code", json!("E07000001"), "/gss_code"),
        (COUNCILS, "emergency_duty_phone", json!("ring"), "/emergency_duty_phone"),
        (COUNCILS, "name", json!(""), "/name"),
        (COUNCILS, "id", json!(uuid::Uuid::nil()), "/id"),
        (PRACTICES, "slug", json!("Severn Social Work"), "/slug"),
        (PRACTICES, "slug", json!("a--b"), "/slug"),
        (PRACTICES, "name", json!("x".repeat(201)), "/name"),
        (PRACTICES, "districts", json!(["SY1", "Shrewsbury"]), "/districts/1"),
        (PRACTICES, "districts", json!([]), "/districts"),
        (PRACTICES, "districts", json!(vec!["SY1"; 501]), "/districts"),
        (PRACTICES, "capacity", json!(-1), "/capacity"),
        (PRACTICES, "capacity", json!(100_001), "/capacity"),
        (PRACTICES, "capacity_reserved", json!(3), "/capacity_reserved"),
        (PRACTICES, "complaints_procedure", Value::Null, "/complaints_procedure"),
    ] {
        let mut new = if path == COUNCILS { council(&gss_code(&world)) } else { practice(&slug()) };
        new[member] = value;
        let refused = operator.create(path, &new);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
}

#[test]
fn a_contract_says_what_is_delegated_and_from_when() {
    let world = World::new();
    let operator = world.operator();
    let (council, practice) = (world.council(), world.practice_with(json!({})));
    let new = json!({
        "council_id": council.id, "practice_id": practice.id, "starts_on": "2026-04-01", "ends_on": "2029-03-31",
        "response_working_days": 5,
        "delegations": [
            { "function": "needs_assessment", "starts_on": "2026-04-01", "ends_on": "2027-03-31" },
            { "function": "review", "starts_on": "2026-04-01" },
        ],
    });
    let made = operator.create(CONTRACTS, &new);
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["council"]["id"], new["council_id"]);
    assert_eq!(made.text("/council/gss_code"), Some(council.gss_code.as_str()));
    let its_practice =
        json!({ "id": practice.id, "slug": practice.slug, "name": format!("Practice {}", practice.slug) });
    assert_eq!(made.body["practice"], its_practice);
    assert_eq!((&made.body["starts_on"], &made.body["ends_on"]), (&new["starts_on"], &new["ends_on"]));
    assert_eq!(made.body["complaint_response_working_days"], 25);
    assert_eq!(made.body["immediate_minutes"], 120);
    assert_eq!(made.text("/delegations/0/function"), Some("needs_assessment"));
    assert_eq!(made.text("/delegations/0/ends_on"), Some("2027-03-31"));
    assert_eq!(
        (made.text("/delegations/1/function"), &made.body["delegations"][1]["ends_on"]),
        (Some("review"), &Value::Null)
    );
    assert_eq!(operator.get(made.header("location").unwrap()).body, made.body);
    assert_eq!(times_listed(&operator, CONTRACTS, &made.body["id"]), 1);
}

#[test]
fn what_cannot_be_agreed_is_refused_at_its_place() {
    let world = World::new();
    let operator = world.operator();
    let (council, practice) = (world.council(), world.practice_with(json!({})));
    let enquiry = json!([
        { "function": "review", "starts_on": "2026-04-01" },
        { "function": "safeguarding_enquiry", "starts_on": "2026-04-01" },
    ]);
    let backwards = json!([{ "function": "review", "starts_on": "2026-04-01", "ends_on": "2026-03-31" }]);
    for (member, value, pointer) in [
        ("delegations", enquiry, "/delegations/1/function"),
        ("delegations", backwards, "/delegations/0/ends_on"),
        ("ends_on", json!("2026-03-31"), "/ends_on"),
        ("starts_on", json!("01/04/2026"), "/starts_on"),
        ("response_working_days", json!(0), "/response_working_days"),
        ("response_working_days", json!(61), "/response_working_days"),
        ("immediate_minutes", json!(481), "/immediate_minutes"),
        ("council_id", json!(uuid::Uuid::nil()), "/council_id"),
        ("council_id", json!(practice.id), "/council_id"),
        ("practice_id", json!(uuid::Uuid::nil()), "/practice_id"),
        ("practice_id", json!("a practice"), "/practice_id"),
    ] {
        let mut new = json!({
            "council_id": council.id, "practice_id": practice.id, "starts_on": "2026-04-01",
            "response_working_days": 5, "delegations": [],
        });
        new[member] = value;
        let refused = operator.create(CONTRACTS, &new);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
}
