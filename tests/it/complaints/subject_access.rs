//! When a person's record was open for looking into complaints, for the council's answer to a subject access request.

use almoner_tests::callers::Caller;
use almoner_tests::messages;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Scene, pointers, put};
use crate::practice::cases::{open, record};

const SEARCH: &str = "/v1/complaints/record-openings/search";

#[test]
fn who_answers_for_the_council_finds_when_a_record_was_open_and_who_read_it_and_no_complaint() {
    let scene = Scene::new();
    let (practice, person) = (&scene.practice, messages::person());
    let known = record(practice, &person);
    open(practice, &scene.council, &known);
    let (receipt, officer, complaint) =
        scene.opened(json!({ "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] } }));
    let period = json!({ "from": "2026-11-01", "until": "2026-11-20", "guests": false, "reason": "Owen Marlow says that nobody came." });
    assert_eq!(put(officer, &complaint, "record", &period).status, 200);
    for _ in 0..2 {
        assert_eq!(officer.get(&format!("{complaint}/record")).status, 200);
    }
    assert_eq!(officer.get(&format!("{complaint}/record/notes")).status, 200);
    assert_eq!(officer.send("DELETE", &format!("{complaint}/record"), &[], None).status, 204);

    let whose = json!({
        "practice": practice.slug,
        "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] },
    });
    for one in [&scene.desk.responsible, &scene.desk.alternate] {
        let found = one.post(SEARCH, &whose);
        assert_eq!(found.status, 200, "{}", found.body);
        let opening = &found.body["items"][0];
        assert_eq!(found.body["items"].as_array().unwrap().len(), 1, "{}", found.body);
        assert_eq!((&opening["from"], &opening["until"]), (&json!("2026-11-01"), &json!("2026-11-20")));
        assert!(opening["opened_at"].is_string() && opening["closed_at"].is_string(), "{opening}");
        let mut readings: Vec<(&Value, &Value)> =
            opening["readings"].as_array().unwrap().iter().map(|one| (&one["what"], &one["times"])).collect();
        readings.sort_by_key(|(what, _)| what.to_string());
        assert_eq!(readings, [(&json!("details"), &json!(2)), (&json!("notes"), &json!(1))], "{opening}");
        assert_eq!(opening["opened_by"], opening["readings"][0]["by"]);
        let said = found.body.to_string();
        let id = complaint.rsplit('/').next().unwrap();
        for secret in [id, receipt.text("/reference").unwrap(), "Owen", "Edith", "nobody came"] {
            assert!(!said.contains(secret), "{secret}: {said}");
        }
        assert_eq!(one.get(&complaint).status, 404, "and reads no complaint by it");
    }
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.record_openings_listed"), 2, "it is logged");

    // Nobody else finds it: another officer, a guest, another council's responsible person.
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    for one in [&scene.desk.officers[0], &scene.desk.officers[1], &guest] {
        assert_eq!(one.post(SEARCH, &whose).status, 403);
    }
    let other = scene.world.council();
    let desk = scene.world.desk(&other);
    // Another council's complaints are its own, and nobody learns of whom a practice has a record.
    let elsewhere = desk.responsible.post(SEARCH, &whose);
    let mut nobody = whose.clone();
    nobody["person"]["family_name"] = "Nobody".into();
    for found in [elsewhere, desk.responsible.post(SEARCH, &nobody), scene.desk.responsible.post(SEARCH, &nobody)] {
        assert_eq!((found.status, &found.body["items"]), (200, &json!([])), "{}", found.body);
    }
    for (changes, pointer) in [
        (json!({ "practice": "no-such-practice" }), "/practice"),
        (json!({ "person": { "family_name": "Marlow", "date_of_birth": "2126-11-20" } }), "/person/date_of_birth"),
    ] {
        let mut wrong = whose.clone();
        wrong.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        assert_eq!(pointers(&scene.desk.responsible.post(SEARCH, &wrong)), [pointer], "{changes}");
    }
    scene.world.clock.advance(TimeDelta::minutes(6));
    let stale = scene.desk.responsible.post(SEARCH, &whose);
    assert_eq!((stale.status, stale.text("/type")), (401, Some("/problems/step-up-required")), "{}", stale.body);
}
