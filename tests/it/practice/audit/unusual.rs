//! The report of unusual access.

use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use serde_json::{Value, json};

use crate::practice::cases::{open, pointer, record};

const UNUSUAL: &str = "/v1/practice/audit/unusual";

fn named(family_name: &str) -> Value {
    let mut person = messages::person();
    person["family_name"] = family_name.into();
    person
}

#[test]
fn a_person_of_ones_own_surname_is_looked_at_and_one_whose_name_only_begins_so_is_not() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let mut people = Vec::new();
    for name in ["Price", "Lloyd-Price", "Pricehart", "Marlow"] {
        let person = record(&practice, &named(name));
        open(&practice, &council, &person);
        // The member of staff is called Hannah Price.
        assert_eq!(practice.social_worker.get(&format!("/v1/practice/service-users/{person}")).status, 200);
        people.push(person);
    }
    let report = practice.records_officer.get(UNUSUAL);
    assert_eq!(report.status, 200, "{}", report.body);
    let mut found: Vec<(&str, &str, &str)> = report.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).unwrap();
            (text("/kind"), text("/staff/name"), text("/service_user_id"))
        })
        .collect();
    found.sort_unstable();
    let mut wanted =
        [("own_surname", "Hannah Price", people[0].as_str()), ("own_surname", "Hannah Price", people[1].as_str())];
    wanted.sort_unstable();
    assert_eq!(found, wanted, "and all of them had a case");
    assert!(!report.body.to_string().contains("Lloyd"), "names of people served are not in it");
}

#[test]
fn a_person_without_an_open_case_and_very_many_people_in_one_day_are_looked_at() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let lonely = record(&practice, &messages::person());
    practice.social_worker.get(&format!("/v1/practice/service-users/{lonely}"));
    let kinds = || -> Vec<(String, String)> {
        let report = practice.records_officer.get(UNUSUAL);
        report.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (item["kind"].as_str().unwrap().to_owned(), item["staff"]["name"].as_str().unwrap().to_owned()))
            .collect()
    };
    let of = |kind: &str, name: &str| (kind.to_owned(), name.to_owned());
    let mut found = kinds();
    found.sort();
    assert_eq!(found, [of("no_open_case", "Gareth Pugh"), of("no_open_case", "Hannah Price")]);
    open(&practice, &council, &lonely);
    assert_eq!(kinds(), [], "a case is opened within a fortnight");

    for _ in 0..39 {
        open(&practice, &council, &record(&practice, &messages::person()));
    }
    assert_eq!(kinds(), [], "forty are not yet very many");
    open(&practice, &council, &record(&practice, &messages::person()));
    assert_eq!(kinds(), [of("bulk", "Gareth Pugh")]);
    let report = practice.records_officer.get(UNUSUAL);
    assert_eq!(report.body["items"][0]["people"], json!(41));

    // Another week has a report of its own.
    world.set_clock("2026-12-01T10:00:00Z");
    practice.records_officer.forget_token();
    assert_eq!(kinds(), []);
}

#[test]
fn a_report_covers_at_most_a_month() {
    let world = World::new();
    let practice = world.practice(&world.council());
    for query in [
        "?from=2026-10-01T00:00:00Z",
        "?from=2026-11-20T00:00:00Z&until=2026-11-19T00:00:00Z",
        "?from=-262143-01-01T00:00:00Z",
    ] {
        let refused = practice.records_officer.get(&format!("{UNUSUAL}{query}"));
        assert_eq!(pointer(&refused), (422, Some("from")), "{query}: {}", refused.body);
    }
}

#[test]
fn a_neighbour_is_looked_at_once_the_member_of_staff_has_said_where_they_live() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let mut far = messages::person();
    far["address"]["postcode"] = "SY2 5AB".into();
    let people = [record(&practice, &messages::person()), record(&practice, &far)];
    for person in &people {
        open(&practice, &council, person);
        assert_eq!(practice.social_worker.get(&format!("/v1/practice/service-users/{person}")).status, 200);
    }
    let found = || -> Vec<(String, String)> {
        let report = practice.records_officer.get(UNUSUAL);
        let items = report.body["items"].as_array().unwrap().clone();
        let text = |item: &serde_json::Value, member: &str| item[member].as_str().unwrap().to_owned();
        items.iter().map(|item| (text(item, "kind"), text(item, "service_user_id"))).collect()
    };
    assert_eq!(found(), []);
    let say = |home: serde_json::Value| {
        let content = json!({ "postcode": home }).to_string();
        let sent = Some(("application/json", content.as_bytes()));
        assert_eq!(practice.social_worker.send("PUT", "/v1/practice/home-postcode", &[], sent).status, 204);
    };
    say("sy1 1ut".into());
    assert_eq!(found(), [("same_address".to_owned(), people[0].clone())]);
    say(serde_json::Value::Null);
    assert_eq!(found(), []);
}
