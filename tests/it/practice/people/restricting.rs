//! Restricting a record, which is an adverse action with grounds of its own.

use almoner_demo::web::Answer;
use almoner_domain::people::grounds::{AdverseAction, Effect, Ground};
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::{lift, meets, of, put, restriction};
use crate::practice::cases::{pointer, record};

const LIST: &str = "/v1/practice/countersignatures";

/// Restricts a record on this ground, with its current version.
fn restrict_on(by: &Staff, person: &str, ground: &str, staff: &[&Staff]) -> Answer {
    let named: Vec<_> = staff.iter().map(|one| one.id).collect();
    let mut body = restriction(&json!(named));
    body["ground"] = ground.into();
    let path = of(person, "/restriction");
    put(by, &path, &by.get(&path), &body)
}

fn request_of(answer: &Answer) -> String {
    let id = answer.text("/countersignature_id").unwrap_or_else(|| panic!("no request: {}", answer.body));
    format!("{LIST}/{id}")
}

fn decide(by: &Staff, request: &str, answer: &str, body: &Value) -> Answer {
    by.change(&format!("{request}/{answer}"), &by.get(request), body)
}

fn named(practice: &Practice, person: &str) -> Vec<String> {
    let seen = practice.manager.get(&of(person, "/restriction"));
    let staff = seen.body["restriction"]["staff"].as_array().cloned().unwrap_or_default();
    staff.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_ground_restricts_waits_or_is_refused_as_the_table_says() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let both = [&practice.manager, &practice.second_manager];
    for word in Ground::ALL.iter().map(|ground| ground.as_str()).chain(["person_asks", "HAZARD", "", "\0"]) {
        let person = record(&practice, &messages::person());
        let answer = restrict_on(&practice.manager, &person, word, &both);
        let Ok((_, effect)) = AdverseAction::WarningOrRestriction.ground(word) else {
            assert_eq!(pointer(&answer), (422, Some("/ground")), "{word}: {}", answer.body);
            assert!(meets(&practice.social_worker, &person));
            continue;
        };
        assert_eq!(answer.status, 200, "{word}: {}", answer.body);
        let waits = effect == Effect::Countersigned;
        assert_eq!(meets(&practice.social_worker, &person), waits, "{word}");
        let expected = if waits { None } else { Some(word) };
        assert_eq!(answer.text("/restriction/ground"), expected, "{word}: {}", answer.body);
        let seen = practice.second_manager.get(&request_of(&answer));
        assert_eq!(seen.text("/purpose"), Some(if waits { "countersign" } else { "review" }), "{word}: {}", seen.body);
        assert_eq!((seen.text("/action"), seen.text("/ground")), (Some("warning_or_restriction"), Some(word)));
        assert_eq!(seen.text("/due_on"), Some(if waits { "2026-11-24" } else { "2026-11-25" }));
        assert_eq!(seen.text("/restriction/staff/1/name"), Some("Irena Kowalczyk"));
        assert_eq!(seen.text("/service_user/id"), Some(person.as_str()));
        assert!(seen.body.get("case_id").is_none() && seen.body.get("outcome").is_none(), "{}", seen.body);
        let listed = practice.second_manager.get(LIST);
        assert!(listed.body["items"].as_array().unwrap().iter().any(|item| item["id"] == seen.body["id"]));
    }
    let mut body = restriction(&json!([practice.manager.id]));
    body["evidence"] = json!({ "what": "e", "on": "2026-11-21", "from": "\0" });
    body["reason"] = "\0".into();
    let path = of(&record(&practice, &messages::person()), "/restriction");
    let refused = put(&practice.manager, &path, &practice.manager.get(&path), &body);
    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|one| one["pointer"].clone()).collect();
    assert_eq!(pointers, ["/reason", "/evidence/what", "/evidence/on", "/evidence/from"]);
    body.as_object_mut().unwrap().remove("ground");
    assert_eq!(pointer(&put(&practice.manager, &path, &practice.manager.get(&path), &body)), (422, Some("/ground")));
}

#[test]
fn a_restriction_that_waits_is_in_force_once_the_second_person_agrees() {
    let world = World::new();
    let (practice, elsewhere) = (world.practice_with(json!({})), world.practice_with(json!({})));
    let person = record(&practice, &messages::person());
    // The second person is not named, and does not see the record any more.
    let asked = restrict_on(&practice.manager, &person, "other", &[&practice.manager, &practice.social_worker]);
    let request = request_of(&asked);
    assert!(asked.body["restriction"].is_null() && meets(&practice.social_worker_2, &person), "{}", asked.body);
    let again = restrict_on(&practice.manager, &person, "other", &[&practice.manager]);
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/invalid-state")), "{}", again.body);
    assert_eq!(practice.records_officer.get(&request).status, 404, "it is not theirs");
    assert_eq!(elsewhere.second_manager.get(&request).status, 404);
    let seen = practice.second_manager.get(&request);
    for other in [&practice.manager, &practice.director] {
        let refused = other.change(&format!("{request}/approve"), &seen, &messages::approve());
        assert_eq!(refused.status, 404, "{}", other.email);
    }
    let agreed = decide(&practice.second_manager, &request, "approve", &messages::approve());
    assert_eq!(agreed.status, 204, "{}", agreed.body);
    assert!(meets(&practice.social_worker, &person) && !meets(&practice.social_worker_2, &person));
    assert!(!meets(&practice.second_manager, &person));
    let kept = practice.manager.get(&of(&person, "/restriction"));
    assert_eq!(
        (kept.text("/restriction/ground"), kept.text("/restriction/set_by/name")),
        (Some("other"), Some("Gareth Pugh"))
    );
    assert!(kept.body.get("countersignature_id").is_none(), "{}", kept.body);
    let followed = practice.manager.get(&request);
    assert_eq!((followed.text("/status"), followed.status), (Some("approved"), 200), "{}", followed.body);

    let other = record(&practice, &messages::person());
    let request = request_of(&restrict_on(&practice.manager, &other, "other", &[&practice.manager]));
    let refused = decide(&practice.second_manager, &request, "refuse", &json!({ "reason": "Nobody looks." }));
    assert_eq!((refused.status, refused.text("/status")), (200, Some("refused")), "{}", refused.body);
    assert!(meets(&practice.social_worker_2, &other));
}

#[test]
fn a_restriction_that_is_reviewed_and_refused_ends_and_the_one_before_is_in_force_again() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (manager, second) = (&practice.manager, &practice.second_manager);
    let no = json!({ "reason": "There is no hazard." });
    let person = record(&practice, &messages::person());
    let request = request_of(&restrict_on(manager, &person, "hazard", &[manager, second]));
    assert_eq!(decide(second, &request, "refuse", &no).text("/status"), Some("refused"));
    assert!(meets(&practice.social_worker, &person));
    assert_eq!(named(&practice, &person), Vec::<String>::new());

    let first = request_of(&restrict_on(manager, &person, "hazard", &[manager, second, &practice.social_worker]));
    assert_eq!(decide(second, &first, "approve", &messages::approve()).text("/status"), Some("approved"));
    let replaced = request_of(&restrict_on(manager, &person, "court_direction", &[manager, second]));
    assert!(!meets(&practice.social_worker, &person));
    assert_eq!(decide(second, &replaced, "refuse", &no).text("/status"), Some("refused"));
    assert!(meets(&practice.social_worker, &person) && !meets(&practice.social_worker_2, &person));
    assert_eq!(practice.manager.get(&of(&person, "/restriction")).text("/restriction/ground"), Some("hazard"));

    // What was lifted, or restricted otherwise, is not touched by a late review.
    let lifted = request_of(&restrict_on(manager, &person, "hazard", &[manager, second]));
    assert_eq!(lift(manager, &person).status, 204);
    assert_eq!(decide(second, &lifted, "refuse", &no).text("/status"), Some("refused"));
    assert!(meets(&practice.social_worker_2, &person));
}

#[test]
fn whoever_refuses_a_restriction_is_shown_nothing_if_the_one_before_is_closed_to_them() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (manager, second) = (&practice.manager, &practice.second_manager);
    let person = record(&practice, &messages::person());
    assert_eq!(restrict_on(manager, &person, "hazard", &[manager, &practice.social_worker]).status, 200);
    let request = request_of(&restrict_on(manager, &person, "court_direction", &[manager, second]));
    assert!(meets(second, &person));
    let refused = decide(second, &request, "refuse", &json!({ "reason": "The court said nothing of it." }));
    assert_eq!((refused.status, &refused.body), (204, &Value::Null));
    assert!(!meets(second, &person) && meets(&practice.social_worker, &person), "the first is in force again");
    assert_eq!(second.get(&request).status, 404);
}

#[test]
fn whoever_reviews_a_restriction_is_one_of_those_to_whom_the_record_stays_open() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    for (named, outside) in [
        (vec![&practice.manager, &practice.social_worker], true),
        (vec![&practice.manager, &practice.second_manager], false),
    ] {
        let person = record(&practice, &messages::person());
        let asked = restrict_on(&practice.manager, &person, "court_direction", &named);
        let seen = practice.manager.get(&request_of(&asked));
        assert_eq!(seen.body["waits_for_outside"], outside, "{}", seen.body);
    }
    assert_eq!(practice.second_manager.get(LIST).body["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_restriction_that_waited_does_not_take_the_place_of_a_later_one() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (manager, second) = (&practice.manager, &practice.second_manager);
    let person = record(&practice, &messages::person());
    let request = request_of(&restrict_on(manager, &person, "other", &[manager, second, &practice.social_worker]));
    world.set_clock("2026-11-20T11:00:00Z");
    [manager, second, &practice.social_worker].into_iter().for_each(Staff::forget_token);
    assert_eq!(restrict_on(manager, &person, "hazard", &[manager, second]).status, 200);
    let late = decide(second, &request, "approve", &messages::approve());
    assert_eq!((late.status, late.text("/type")), (409, Some("/problems/invalid-state")), "{}", late.body);
    assert!(!meets(&practice.social_worker, &person));
    assert_eq!(decide(second, &request, "refuse", &json!({ "reason": "It is." })).text("/status"), Some("refused"));
}

#[test]
fn a_records_officer_follows_their_own_request_and_takes_it_back_when_nobody_is_left() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    let officer = &practice.records_officer;
    let asked = restrict_on(officer, &person, "other", &[officer]);
    let request = request_of(&asked);
    let seen = officer.get(&request);
    assert_eq!((seen.status, seen.text("/status")), (200, Some("waiting")), "{}", seen.body);
    let drawn = officer.change(&format!("{request}/take-back"), &seen, &json!({}));
    assert_eq!((drawn.status, drawn.text("/type")), (409, Some("/problems/invalid-state")), "{}", drawn.body);
    for (at, outside) in [("2026-11-25T00:01:00Z", false), ("2026-11-28T00:01:00Z", true)] {
        world.set_clock(at);
        world.work(&practice);
        officer.forget_token();
        assert_eq!(officer.get(&request).body["waits_for_outside"], outside, "{at}");
    }
    let taken_back = officer.change(&format!("{request}/take-back"), &officer.get(&request), &json!({}));
    assert_eq!((taken_back.status, taken_back.text("/status")), (200, Some("taken_back")), "{}", taken_back.body);
    practice.manager.forget_token();
    assert_eq!(named(&practice, &person), Vec::<String>::new());
}
