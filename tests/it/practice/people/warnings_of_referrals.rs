//! What a referral warns of, which is shown at once and becomes warning notes when somebody takes it over.

use almoner_tests::callers::Caller;
use almoner_tests::messages;
use serde_json::json;

use super::from_referrals::{accepted, assert_refused, difference, settle, world};
use super::of;
use super::warning_notes::{DECISIONS, review};
use crate::practice::cases::column;

#[test]
fn the_warning_of_a_referral_becomes_a_note_when_somebody_takes_it_over_and_is_asked_about_once() {
    let (_world, council, practice) = world();
    let mut message = messages::referral();
    let dog = json!({ "kind": "animal", "detail": "A large dog in the yard.", "told_to_person": true });
    let goose = json!({ "kind": "animal", "detail": "A goose." });
    message["visit_warnings"] = json!([dog, goose]);
    let first = accepted(&council, &practice, &message, None);
    let person = of(first.text("/service_user_id").unwrap(), "");
    let known = practice.manager.get(&person);
    assert_eq!((&known.body["flags"]["visit_warnings"], known.body.get("warnings")), (&json!(true), None));
    for settlement in ["take_over", "keep"] {
        let passing = settle(&practice.social_worker, &person, "visit_warnings", &first.body["id"], settlement);
        assert_refused(&passing, 403, "forbidden");
    }
    let taken = settle(&practice.manager, &person, "visit_warnings", &first.body["id"], "take_over");
    assert_eq!(taken.status, 200, "{}", taken.body);
    let details: Vec<_> = taken.body["warnings"].as_array().unwrap().iter().map(|one| &one["detail"]).collect();
    assert_eq!(details, ["A goose.", "A large dog in the yard."], "{}", taken.body);
    let notes = practice.manager.get(&format!("{person}/warning-notes"));
    assert_eq!(column(&notes, "/source"), [Some("referral"); 2]);
    assert_eq!(column(&notes, "/review_on"), [Some("2026-12-20"); 2], "somebody looks into it within a month");
    assert_eq!(column(&notes, "/told/on"), [None, message["requested_on"].as_str()]);
    assert!(column(&notes, "/evidence").iter().all(|evidence| evidence.unwrap().contains("The council warned")));
    let asked = practice.second_manager.get(DECISIONS);
    assert_eq!(column(&asked, "/warning_note/detail"), [Some("A large dog in the yard."), Some("A goose.")]);

    // The council says it again, and something more: only that is left to be settled.
    message["council_reference"] = "SECOND".into();
    let second = accepted(&council, &practice, &message, Some(&known));
    assert_eq!(second.body.get("differences"), None, "{}", second.body);
    message["council_reference"] = "THIRD".into();
    message["visit_warnings"] = json!([dog, { "kind": "two_to_visit", "detail": "Two visit." }]);
    let third = accepted(&council, &practice, &message, Some(&known));
    let difference = difference(&third.body["differences"], "visit_warnings");
    assert_eq!(
        (&difference["status"], &difference["message"]),
        (&json!("open"), &json!("detail: Two visit.; kind: two_to_visit"))
    );
    // What a review ends meanwhile is not brought back.
    let dog = notes.body["items"].as_array().unwrap().iter().find(|one| one["told"]["on"].is_string()).unwrap();
    let dog = format!("{person}/warning-notes/{}", dog["id"].as_str().unwrap());
    let over = json!({ "finding": "over", "text": "The dog died." });
    assert_eq!(review(&practice.director, &dog, &over).text("/status"), Some("ended"));
    let taken = settle(&practice.manager, &person, "visit_warnings", &third.body["id"], "take_over");
    let mut details: Vec<_> =
        taken.body["warnings"].as_array().unwrap().iter().map(|one| one["detail"].clone()).collect();
    details.sort_by_key(ToString::to_string);
    assert_eq!(details, ["A goose.", "Two visit."], "{}", taken.body);
}
