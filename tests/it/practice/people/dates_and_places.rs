//! Dates of birth and postcodes that stand for "not known", as councils and practices write them.

use almoner_tests::callers::Caller;
use almoner_tests::{Practice, World, messages};
use serde_json::{Value, json};

use crate::practice::cases::{column, record};

const INBOX: &str = "/v1/practice/referrals";

/// A referral about somebody of this date, who has no identifier.
fn born(date: &str, accuracy: &str) -> Value {
    let mut message = messages::referral();
    let person = message["person"].as_object_mut().unwrap();
    person.remove("nhs_number");
    person.insert("date_of_birth".to_owned(), date.into());
    person.insert("date_of_birth_accuracy".to_owned(), accuracy.into());
    message
}

/// The reasons why the practice's people may be the one of its newest referral.
fn likely(practice: &Practice) -> Vec<Value> {
    let inbox = practice.manager.get(INBOX);
    let newest = column(&inbox, "/id").into_iter().flatten().max().unwrap();
    let read = practice.manager.get(&format!("{INBOX}/{newest}"));
    let matches = read.body["likely_matches"].as_array().map(Vec::as_slice).unwrap_or_default();
    matches.iter().map(|one| one["why"].clone()).collect()
}

#[test]
fn a_referral_with_a_placeholder_for_an_unknown_date_can_be_accepted() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for date in ["2030-01-01", "1900-01-01", "1066-10-14"] {
        let sent = council.system.post("/v1/council/referrals", &born(date, "unknown"));
        assert_eq!(sent.status, 201, "{date}: {}", sent.body);
        let inbox = practice.manager.get(INBOX);
        let id = column(&inbox, "/id").into_iter().flatten().max().unwrap();
        let path = format!("{INBOX}/{id}");
        let accepted = practice.manager.change(&format!("{path}/accept"), &practice.manager.get(&path), &json!({}));
        assert_eq!(accepted.status, 200, "{date}: {}", accepted.body);
        let made = json!({ "family_name": "Somebody", "date_of_birth": date, "date_of_birth_accuracy": "unknown" });
        assert_eq!(practice.manager.create("/v1/practice/service-users", &made).status, 201, "{date}");
    }
    for (date, accuracy) in [("2030-01-01", "exact"), ("2030-01-01", "year"), ("1850-01-01", "exact")] {
        let refused = council.system.post("/v1/council/referrals", &born(date, accuracy));
        let pointer = refused.text("/errors/0/pointer");
        assert_eq!((refused.status, pointer), (422, Some("/person/date_of_birth")), "{date} {accuracy}");
        let made = json!({ "family_name": "Somebody", "date_of_birth": date, "date_of_birth_accuracy": accuracy });
        let refused = practice.manager.create("/v1/practice/service-users", &made);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/date_of_birth")), "{date}");
    }
}

#[test]
fn a_date_of_birth_is_compared_as_far_as_it_is_known() {
    let world = World::new();
    let council = world.council();
    for (known, said, alike) in [
        (("1941-03-08", "exact"), ("1941-03-08", "exact"), true),
        (("1941-03-08", "exact"), ("1941-01-01", "year"), true),
        (("1941-03-08", "exact"), ("1941-03-01", "month"), true),
        (("1941-01-01", "year"), ("1941-03-08", "exact"), true),
        (("1941-03-08", "exact"), ("1942-01-01", "year"), false),
        (("1900-01-01", "unknown"), ("1900-01-01", "unknown"), false),
    ] {
        let practice = world.practice(&council);
        let mut message = born(said.0, said.1);
        message["chosen_practice"] = practice.slug.clone().into();
        let name = |member: &str| message["person"][member].clone();
        let person = json!({
            "given_name": name("given_name"), "family_name": name("family_name"),
            "date_of_birth": known.0, "date_of_birth_accuracy": known.1,
        });
        let id = record(&practice, &person);
        let sent = council.system.post("/v1/council/referrals", &message);
        assert_eq!(sent.status, 201, "{}", sent.body);
        let why = likely(&practice);
        let has_birth = why.iter().any(|why| why.to_string().contains("date_of_birth"));
        assert_eq!(has_birth, alike, "{known:?} {said:?}: {why:?}");
        if said.1 == "exact" {
            let criteria = json!({ "date_of_birth": said.0 });
            let found = practice.manager.post("/v1/practice/service-users/search", &criteria);
            assert_eq!(column(&found, "/id") == [Some(id.as_str())], alike, "{known:?} {said:?}: {}", found.body);
        }
    }
}

#[test]
fn a_postcode_that_is_no_place_is_taken_and_is_nobodys_shared_address() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let at = |name: &str, postcode: &str| {
        json!({
            "family_name": name, "date_of_birth_accuracy": "unknown",
            "address": { "lines": ["No fixed abode"], "postcode": postcode },
        })
    };
    for postcode in ["ZZ99 3VZ", "ZZ99 3WZ", "ZZ99 6CZ"] {
        let id = record(&practice, &at("Somebody", postcode));
        let found = practice.manager.post("/v1/practice/service-users/search", &json!({ "postcode": postcode }));
        assert_eq!(column(&found, "/id"), [Some(id.as_str())], "{postcode}: {}", found.body);
    }
    let mut message = born("1900-01-01", "unknown");
    message["chosen_practice"] = practice.slug.clone().into();
    message["person"]["address"] = json!({ "lines": ["No fixed abode"], "postcode": "ZZ99 3VZ" });
    assert_eq!(council.system.post("/v1/council/referrals", &message).status, 201);
    assert_eq!(likely(&practice), Vec::<Value>::new());
}

#[test]
fn an_answer_is_asked_for_within_a_year() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    let by = |day: &str| {
        let mut message = messages::referral();
        message["respond_by"] = day.into();
        council.system.post("/v1/council/referrals", &message)
    };
    assert_eq!(by("2026-12-20").status, 201);
    let refused = by("2099-01-01");
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/respond_by")), "{}", refused.body);
}
