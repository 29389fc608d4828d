//! Accepting a referral onto the record of somebody who does not match it.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Council, Practice, World, messages};
use serde_json::{Value, json};

use super::{accept, assert_refused, council_and_practice, receive, send, step};
use crate::practice::cases::column;

const PEOPLE: &str = "/v1/practice/service-users";
const REASON: &str = "She married in June; her daughter confirmed the number by telephone.";

/// Opens the record of somebody who is like the person of this message, but for these changes.
fn known_like(practice: &Practice, message: &Value, changes: &Value) -> Answer {
    let mut person = json!({});
    for member in ["given_name", "family_name", "date_of_birth", "nhs_number"] {
        person[member] = message["person"][member].clone();
    }
    for (member, value) in changes.as_object().unwrap() {
        person[member] = value.clone();
    }
    let known = practice.manager.create(PEOPLE, &person);
    assert_eq!(known.status, 201, "{}", known.body);
    known
}

fn council_ids(practice: &Practice, known: &Answer) -> Value {
    practice.manager.get(known.header("location").unwrap()).body["council_person_ids"].clone()
}

fn differing(council: &Council) -> Vec<(Value, Vec<&'static str>)> {
    let of_council = |id: &str| json!([{ "council": council.gss_code, "id": id }]);
    vec![
        (json!({ "family_name": "Price" }), vec!["family_name"]),
        (json!({ "given_name": "Arthur" }), vec!["given_name"]),
        (json!({ "date_of_birth": "1939-11-02" }), vec!["date_of_birth"]),
        (json!({ "nhs_number": "9434765919" }), vec!["nhs_number"]),
        (json!({ "council_person_ids": of_council("ANOTHER-1") }), vec!["council_person_id"]),
        (
            json!({ "given_name": "Arthur", "family_name": "Price", "date_of_birth": "1939-11-02" }),
            vec!["family_name", "given_name", "date_of_birth"],
        ),
    ]
}

#[test]
fn onto_somebody_who_does_not_match_a_referral_is_accepted_for_a_reason_alone() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    for (changes, fields) in differing(&council) {
        let message = messages::referral();
        let known = known_like(&practice, &message, &changes);
        let ids_before = council_ids(&practice, &known);
        let sent = send(&council, &message);
        let received = super::due_first(&practice.manager);
        let whom = json!({ "service_user_id": known.body["id"] });
        let refused = accept(&practice.social_worker, &received, &whom);
        assert_refused(&refused, 422, "record-differs");
        assert_eq!(refused.text("/errors/0/pointer"), Some("/mismatch_reason"));
        let shown = refused.body["differences"].as_array().unwrap();
        assert_eq!(shown.iter().map(|one| one["field"].as_str().unwrap()).collect::<Vec<_>>(), fields);
        for one in shown {
            let field = one["field"].as_str().unwrap();
            let (said, kept) = match field {
                "council_person_id" => (&message["person"][field], &changes["council_person_ids"][0]["id"]),
                field => (&message["person"][field], &changes[field]),
            };
            assert_eq!((&one["message"], &one["record"]), (said, kept), "{field}");
        }
        assert_eq!(council_ids(&practice, &known), ids_before, "without the reason the identifier goes onto no record");
        assert_eq!(practice.manager.get(&step(&received, "")).etag(), received.etag(), "nothing has changed");

        let with_reason = json!({ "service_user_id": known.body["id"], "mismatch_reason": format!(" {REASON} ") });
        let accepted = accept(&practice.social_worker, &received, &with_reason);
        assert_eq!((accepted.status, accepted.text("/status")), (200, Some("accepted")), "{}", accepted.body);
        let kept = json!({ "reason": REASON, "differences": shown });
        assert_eq!(accepted.body["mismatch"], kept);
        assert_eq!(
            practice.second_manager.get(&step(&received, "")).body["mismatch"],
            kept,
            "it stands on the referral"
        );
        let request = sent.text("/id").unwrap();
        let seen = council.system.get(&format!("/v1/council/referrals/{request}"));
        assert_eq!(seen.body["record_differs_in"], json!(fields));
        assert!(!seen.body.to_string().contains("daughter"), "the practice's reason is its own: {}", seen.body);
        assert_eq!(world.announced(&council, "referral.record_differs", request), 1);
        let audit = practice.records_officer.get("/v1/practice/audit?action=referral.record_differs&limit=1");
        assert_eq!(audit.text("/items/0/reason"), Some(format!("{}: {REASON}", fields.join(", ")).as_str()));
        assert_eq!(audit.body["items"][0]["service_user_id"], known.body["id"]);
    }
}

#[test]
fn what_a_refusal_shows_of_a_record_is_on_record() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let message = messages::referral();
    let known = known_like(&practice, &message, &json!({ "family_name": "Price" }));
    let received = receive(&council, &practice, &message);
    let whom = json!({ "service_user_id": known.body["id"] });
    assert_refused(&accept(&practice.social_worker, &received, &whom), 422, "record-differs");
    let readers = practice.records_officer.get(&format!("{}/readers", known.header("location").unwrap()));
    let read: Vec<_> = column(&readers, "/action").into_iter().flatten().collect();
    assert_eq!(read[0], "service_user.compared", "{}", readers.body);
    assert_eq!(readers.body["items"][0]["staff"]["id"], json!(practice.social_worker.id));
}

#[test]
fn a_reason_says_something_and_is_for_a_known_person() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let message = messages::referral();
    let known = known_like(&practice, &message, &json!({ "family_name": "Price" }));
    let received = receive(&council, &practice, &message);
    let with = |reason: &str| json!({ "service_user_id": known.body["id"], "mismatch_reason": reason });
    for reason in [
        "She married.",
        &"a".repeat(4001),
        "She married in June\0 and said so.",
        &format!("a{}", "\u{200b}".repeat(30)),
    ] {
        let refused = accept(&practice.manager, &received, &with(reason));
        assert_refused(&refused, 422, "validation-failed");
        assert_eq!(refused.text("/errors/0/pointer"), Some("/mismatch_reason"), "{}", refused.body);
    }
    for blank in ["", " \n", "\u{200b}"] {
        assert_refused(&accept(&practice.manager, &received, &with(blank)), 422, "record-differs");
    }
    let of_nobody = accept(&practice.manager, &received, &json!({ "mismatch_reason": REASON }));
    assert_refused(&of_nobody, 422, "validation-failed");
    assert_eq!(of_nobody.text("/errors/0/pointer"), Some("/mismatch_reason"));
    assert_eq!(accept(&practice.manager, &received, &with(&"é".repeat(4000))).status, 200);
}

#[test]
fn a_key_whose_request_was_refused_may_be_sent_with_the_reason() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let message = messages::referral();
    let known = known_like(&practice, &message, &json!({ "date_of_birth": "1939-11-02" }));
    let received = receive(&council, &practice, &message);
    let key = fresh_key();
    let ask = |body: &Value| {
        let headers = [("if-match", received.etag().unwrap()), ("idempotency-key", key.as_str())];
        practice.manager.post_with(&step(&received, "/accept"), &headers, body)
    };
    assert_refused(&ask(&json!({ "service_user_id": known.body["id"] })), 422, "record-differs");
    let how = json!({ "service_user_id": known.body["id"], "mismatch_reason": REASON });
    let accepted = ask(&how);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    assert_eq!(ask(&how).body, accepted.body);
    let other = json!({ "service_user_id": known.body["id"], "mismatch_reason": format!("{REASON} And so on.") });
    assert_refused(&ask(&other), 422, "idempotency-key-reused");
}

#[test]
fn the_same_name_and_birth_written_otherwise_match() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    for changes in [
        json!({ "family_name": "MARLOW", "given_name": "Édith" }),
        json!({ "preferred_name": "Edie" }),
        json!({ "family_name": "Price-Marlow" }),
        json!({ "date_of_birth": "1941-01-01", "date_of_birth_accuracy": "year" }),
    ] {
        let message = messages::referral();
        let known = known_like(&practice, &message, &changes);
        let received = receive(&council, &practice, &message);
        let accepted = accept(&practice.manager, &received, &json!({ "service_user_id": known.body["id"] }));
        assert_eq!((accepted.status, &accepted.body["mismatch"]), (200, &Value::Null), "{changes} {}", accepted.body);
        assert_eq!(council_ids(&practice, &known).as_array().unwrap().len(), 1);
    }
}
