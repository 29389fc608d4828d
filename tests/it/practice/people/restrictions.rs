//! Restrictions of records to some members of staff.

use almoner_api::PRACTICE_PERMISSIONS;
use almoner_domain::people::access_restriction::ACCESS_MANAGERS;
use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use serde_json::{Value, json};

use super::{event_of, lift, meets, of, put, restrict, restriction};
use crate::practice::cases::{column, pointer, record};

#[test]
fn row_2_a_restricted_record_is_there_for_those_it_names_and_for_nobody_else() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    let named = json!([practice.social_worker.id, practice.second_manager.id]);
    let done = restrict(&practice.manager, &person, &named);
    assert_eq!((done.status, &done.body), (204, &Value::Null), "the manager is not named: nothing is shown to them");
    for staff in [&practice.social_worker, &practice.second_manager] {
        assert!(meets(staff, &person), "{}", staff.email);
        assert_eq!(staff.get(&of(&person, "")).body["flags"]["restricted"], true);
    }
    for staff in [&practice.manager, &practice.social_worker_2, &practice.director, &practice.records_officer] {
        assert!(!meets(staff, &person), "{}", staff.email);
    }
    let newcomer = json!({
        "name": "Ffion Rees", "email": format!("ffion@{}.example", practice.slug), "roles": ["practitioner"],
    });
    assert!(!meets(&world.staff(practice.id, newcomer), &person), "who comes later is not named");

    let seen = practice.second_manager.get(&of(&person, "/restriction"));
    assert_eq!(seen.text("/restriction/reason"), Some("Her son works at the county's newspaper."));
    assert_eq!(seen.text("/restriction/review_on"), Some("2027-05-20"));
    assert_eq!(seen.text("/restriction/set_by/name"), Some("Gareth Pugh"));
    assert_eq!(seen.body["restriction"]["staff"].as_array().unwrap().len(), 2);
    assert_eq!(practice.manager.get(&of(&person, "/restriction")).status, 404);

    world.set_clock("2027-06-01T10:00:00Z");
    practice.manager.forget_token();
    assert!(!meets(&practice.manager, &person), "it is to be looked at again; it does not lapse");
}

#[test]
fn a_restriction_is_lifted_by_somebody_to_whom_the_record_is_open() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    restrict(&practice.manager, &person, &json!([practice.second_manager.id]));
    assert_eq!(lift(&practice.manager, &person).status, 404);
    let old = practice.second_manager.get(&of(&person, ""));
    assert_eq!(lift(&practice.second_manager, &person).status, 204);
    for staff in [&practice.manager, &practice.social_worker_2] {
        assert!(meets(staff, &person), "{}", staff.email);
    }
    let now = practice.manager.send("GET", &of(&person, ""), &[("if-none-match", old.etag().unwrap())], None);
    assert_eq!(now.body["flags"]["restricted"], false, "what was seen before is not what is there now");
    assert!(practice.manager.get(&of(&person, "/restriction")).body["restriction"].is_null());
    assert_eq!(lift(&practice.manager, &person).status, 404, "there is none to lift");
}

#[test]
fn a_restriction_that_does_not_fit_changes_nothing() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let elsewhere = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    let manager = &practice.manager;
    let path = of(&person, "/restriction");
    let seen = manager.get(&path);
    let many: Vec<_> = vec![practice.second_manager.id; 51];
    for (member, value, fault) in [
        ("review_on", json!("2026-11-20"), "/review_on"),
        ("review_on", json!("2027-11-21"), "/review_on"),
        ("review_on", json!("20/05/2027"), "/review_on"),
        ("staff", json!([]), "/staff"),
        ("staff", json!(many), "/staff"),
        ("staff", json!([manager.id, practice.second_manager.id, manager.id]), "/staff/2"),
        ("staff", json!([manager.id, elsewhere.manager.id]), "/staff/1"),
        ("staff", json!([practice.social_worker.id, practice.practitioner_2.id]), "/staff"),
        ("reason", json!("x".repeat(1001)), "/reason"),
        ("reason", json!(" "), "/reason"),
        ("access_restricted", json!(false), "/access_restricted"),
    ] {
        let mut body = restriction(&json!([manager.id]));
        body[member] = value;
        let refused = put(manager, &path, &seen, &body);
        assert_eq!(pointer(&refused), (422, Some(fault)), "{member}: {}", refused.body);
    }
    assert!(manager.get(&path).body["restriction"].is_null());
    assert!(meets(&practice.social_worker, &person));
}

#[test]
fn a_restriction_takes_the_place_of_the_one_that_was_seen_and_of_no_other() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    let path = of(&person, "/restriction");
    let (manager, second) = (&practice.manager, &practice.second_manager);
    let seen = manager.get(&path);
    let both = json!([manager.id, second.id, practice.social_worker.id]);
    assert_eq!(put(manager, &path, &seen, &restriction(&both)).status, 200);
    let stale = put(second, &path, &seen, &restriction(&json!([second.id])));
    assert_eq!((stale.status, stale.text("/type")), (412, Some("/problems/version-mismatch")));
    assert!(meets(&practice.social_worker, &person));

    let replaced = restrict(second, &person, &json!([manager.id, second.id, practice.social_worker_2.id]));
    assert_eq!(replaced.status, 200, "{}", replaced.body);
    assert!(!meets(&practice.social_worker, &person), "named no longer");
    assert!(meets(&practice.social_worker_2, &person));
}

#[test]
fn restrictions_to_be_looked_at_again_are_listed_to_whom_the_records_are_open() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (manager, second) = (&practice.manager, &practice.second_manager);
    let days = ["2027-03-01", "2027-01-15", "2027-03-01", "2027-08-01"];
    let people: Vec<String> = days
        .iter()
        .enumerate()
        .map(|(n, day)| {
            let person = record(&practice, &messages::person());
            let path = of(&person, "/restriction");
            let named = if n == 2 { json!([second.id]) } else { json!([manager.id, second.id]) };
            let mut body = restriction(&named);
            body["review_on"] = (*day).into();
            let done = put(manager, &path, &manager.get(&path), &body);
            assert!(done.status < 300, "{}", done.body);
            person
        })
        .collect();
    let listed = |page: &almoner_demo::web::Answer| -> Vec<String> {
        column(page, "/service_user/id").into_iter().flatten().map(str::to_owned).collect()
    };
    assert_eq!(
        listed(&manager.get("/v1/practice/restrictions")),
        [&people[1], &people[0], &people[3]].map(Clone::clone)
    );
    let due = second.get("/v1/practice/restrictions?review_on_or_before=2027-03-01&limit=2");
    assert_eq!(listed(&due), [&people[1], &people[0]].map(Clone::clone));
    let next = due.text("/next_cursor").unwrap();
    let due = second.get(&format!("/v1/practice/restrictions?review_on_or_before=2027-03-01&limit=2&cursor={next}"));
    assert_eq!(listed(&due), [people[2].clone()]);
    assert!(listed(&practice.records_officer.get("/v1/practice/restrictions")).is_empty(), "none is open to them");
    assert_eq!(
        pointer(&manager.get("/v1/practice/restrictions?review_on_or_before=soon")),
        (422, Some("review_on_or_before"))
    );
}

#[test]
fn row_43_whoever_lists_the_restrictions_is_on_record() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let manager = &practice.manager;
    let person = record(&practice, &messages::person());
    assert_eq!(restrict(manager, &person, &json!([manager.id])).status, 200);
    let read = manager.get("/v1/practice/restrictions");
    assert_eq!(column(&read, "/service_user/id"), [Some(person.as_str())]);
    let event = event_of(&practice, "service_user.restrictions_listed", &read);
    assert_eq!((&event["staff"]["id"], &event["subject_id"]), (&json!(manager.id), &json!(practice.id)));
    assert_eq!(event["service_user_id"], Value::Null, "a list is one event, about nobody");
}

#[test]
fn who_manages_access_is_the_same_in_the_rules_and_at_the_door() {
    for permission in ["access.manage", "break_glass.review"] {
        let (_, roles) = PRACTICE_PERMISSIONS.iter().find(|(name, _)| *name == permission).unwrap();
        assert_eq!(*roles, ACCESS_MANAGERS, "{permission}");
    }
}
