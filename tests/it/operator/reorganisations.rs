//! The days of codes: the reorganisations that ship with the service, those that the operator enters, and what follows from them.

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{World, messages};
use serde_json::{Value, json};

use super::councils::{change, enter, found, fresh_code, person_with, refused_at, send};
use super::{council as new_council, page_through};
use crate::practice::cases::record;

const COUNCILS: &str = "/v1/operator/councils";
const REORGANISATIONS: &str = "/v1/operator/reorganisations";
const PEOPLE: &str = "/v1/practice/service-users";

#[test]
fn codes_are_taken_and_refused_by_their_day() {
    let world = World::new();
    let operator = world.operator();
    let council = world.council();
    let practice = world.practice(&council);
    // The reorganisations that ship: those of 2019 to 2023, a new code, and what is announced.
    for (code, words) in [
        ("E10000027", "abolished on 2023-04-01; name E06000066"),
        ("E10000006", "abolished on 2023-04-01; name E06000063 or E06000064"),
        ("E06000028", "abolished on 2019-04-01; name E06000058"),
        ("E08000016", "abolished on 2025-04-01; name E08000038"),
    ] {
        refused_at(&operator.create(COUNCILS, &new_council(code)), "/gss_code", words);
        refused_at(&change(&operator, &council, &json!({ "gss_code": code })), "/gss_code", words);
        let residence = send(&council, &practice, "A1", &[("ordinary_residence", code.into())]);
        refused_at(&residence, "/person/ordinary_residence", words);
        let case = messages::case(code, &record(&practice, &messages::person()));
        refused_at(&practice.manager.create("/v1/practice/cases", &case), "/council", words);
    }

    // A code of the operator's, until the day before and from the day on.
    let (old, new) = (fresh_code(&world, "E10"), fresh_code(&world, "E08"));
    enter(&operator, "2026-12-01", &[&old], &[&new]);
    let residence = |code: &str| send(&council, &practice, "A2", &[("ordinary_residence", code.into())]);
    refused_at(&residence(&new), "/person/ordinary_residence", "begins on 2026-12-01");
    refused_at(&operator.create(COUNCILS, &new_council(&new)), "/gss_code", "begins on 2026-12-01");
    let of_the_future = practice.manager.create(PEOPLE, &person_with(&new, "A3"));
    refused_at(&of_the_future, "/council_person_ids/0/council", "begins on 2026-12-01");
    for (now, is_old) in [("2026-11-30T23:59:00Z", true), ("2026-12-01T00:01:00Z", false)] {
        world.set_clock(now);
        council.system.forget_token();
        operator.forget_token();
        practice.manager.forget_token();
        let (taken, refused) = if is_old { (&old, &new) } else { (&new, &old) };
        assert_eq!(residence(taken).status, 201, "{now}");
        assert_eq!(residence(refused).status, 422, "{now}");
    }
    refused_at(&residence(&old), "/person/ordinary_residence", &format!("abolished on 2026-12-01; name {new}"));
    // Who had an identifier of the old council's still has it.
    assert_eq!(practice.manager.create(PEOPLE, &person_with(&old, "A4")).status, 201);
    assert_eq!(operator.create(COUNCILS, &new_council(&new)).status, 201);
}

#[test]
fn a_council_whose_code_is_abolished_sends_as_before_and_its_successor_finds_its_people() {
    let world = World::new();
    let operator = world.operator();
    let council = world.council();
    let practice = world.practice(&council);
    let new = fresh_code(&world, "E10");
    let person = record(&practice, &person_with(&council.gss_code, "O-1"));
    enter(&operator, "2026-12-01", &[&council.gss_code], &[&new]);
    let open = || practice.manager.create("/v1/practice/cases", &messages::case(&council.gss_code, &person));
    assert_eq!(open().status, 201);
    world.set_clock("2026-12-01T10:00:00Z");
    practice.manager.forget_token();
    council.system.forget_token();
    operator.forget_token();
    refused_at(&open(), "/council", &format!("abolished on 2026-12-01; name {new}"));
    assert_eq!(send(&council, &practice, "O-2", &[]).status, 201, "its systems are known by its id");
    assert_eq!(operator.create(COUNCILS, &new_council(&new)).status, 201);
    assert_eq!(found(&practice, &new, "o1"), [person.as_str()]);
}

#[test]
fn somebody_can_be_resident_in_wales_or_scotland_where_that_does_not_decide() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let held_here = ("held_in", Value::from(council.gss_code.as_str()));
    for code in ["W06000023", "s12000036", "S12000049"] {
        let residence = ("ordinary_residence", code.into());
        let sent = send(&council, &practice, &fresh_key()[..20], &[residence, held_here.clone()]);
        assert_eq!(sent.status, 201, "{code}: {}", sent.body);
    }
    let old = send(&council, &practice, "A1", &[("ordinary_residence", "S12000046".into())]);
    refused_at(&old, "/person/ordinary_residence", "abolished on 2019-04-01; name S12000049");
    for code in ["W07000001", "N09000003", "S12"] {
        let refused = send(&council, &practice, "A1", &[("ordinary_residence", code.into())]);
        refused_at(&refused, "/person/ordinary_residence", "must be the GSS code of an authority");
    }
    let listed = practice.manager.get("/v1/practice/referrals");
    let seen = practice.manager.get(&format!("/v1/practice/referrals/{}", listed.text("/items/0/id").unwrap()));
    let accepted = practice.manager.change(
        &format!("/v1/practice/referrals/{}/accept", seen.text("/id").unwrap()),
        &seen,
        &json!({}),
    );
    assert_eq!(accepted.status, 200, "{}", accepted.body);
}

#[test]
fn people_are_found_along_the_line_of_a_reorganisation_and_not_across_it() {
    let world = World::new();
    let operator = world.operator();
    let practice = world.practice(&world.council());
    let [county, north, south, unrelated] = [(); 4].map(|()| fresh_code(&world, "E10"));
    enter(&operator, "2026-11-01", &[&county], &[&north, &south]);
    let of_county = record(&practice, &person_with(&county, "7"));
    let of_north = record(&practice, &person_with(&north, "7"));
    record(&practice, &person_with(&unrelated, "7"));
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    let both = sorted(vec![of_county.clone(), of_north.clone()]);
    assert_eq!(sorted(found(&practice, &county, "7")), both);
    assert_eq!(sorted(found(&practice, &north, "7")), both);
    assert_eq!(found(&practice, &south, "7"), [of_county], "a neighbour's identifier is another's");
}

#[test]
fn reorganisations_are_listed_added_to_and_put_off() {
    let world = World::new();
    let operator = world.operator();
    let listed = page_through(&operator, REORGANISATIONS);
    let surrey = listed.iter().find(|one| one["title"] == "Surrey").unwrap();
    assert_eq!((&surrey["takes_effect_on"], &surrey["created"]), (&json!("2027-04-01"), &json!([])));
    let days: Vec<&str> = listed.iter().map(|one| one["takes_effect_on"].as_str().unwrap()).collect();
    assert!(days.is_sorted() && days.iter().filter(|day| **day == "2028-04-01").count() >= 20, "{days:?}");

    let [old, one, another] = [(); 3].map(|()| fresh_code(&world, "E10"));
    let entered = enter(&operator, "2026-11-20", &[&old], &[]);
    refused_at(&operator.create(COUNCILS, &new_council(&old)), "/gss_code", "abolished on 2026-11-20");
    let path = entered.header("location").unwrap().to_owned();
    let step = format!("{path}/change");
    let change = |body: &Value| operator.change(&step, &operator.get(&path), body);
    let put_off = change(&json!({ "takes_effect_on": "2027-04-01", "created": [{ "code": one, "name": "One" }] }));
    assert_eq!(put_off.status, 200, "{}", put_off.body);
    assert_eq!(put_off.text("/takes_effect_on"), Some("2027-04-01"));
    assert_eq!(put_off.text("/created/0/code"), Some(one.as_str()));
    assert_eq!(operator.create(COUNCILS, &new_council(&old)).status, 201, "it is in force until then");
    let stale = operator.change(&step, &entered, &json!({ "takes_effect_on": "2028-04-01" }));
    assert_eq!(stale.status, 412, "{}", stale.body);
    let repeated = change(&json!({ "created": [{ "code": one, "name": "One" }] }));
    refused_at(&repeated, "/created/0/code", "must not be repeated");
    let many: Vec<Value> = (0..100).map(|n| json!({ "code": format!("E10{n:06}"), "name": "A name" })).collect();
    refused_at(&change(&json!({ "created": many })), "/created", "must be at most 100 codes in all");
    let anothers = change(&json!({ "created": [{ "code": "E06000066", "name": "Somerset" }] }));
    assert_eq!((anothers.status, anothers.text("/errors/0/pointer")), (409, Some("/created")), "{}", anothers.body);

    let new = |abolished: Value, created: Value| {
        let new = json!({ "title": "T", "takes_effect_on": "2027-04-01", "abolished": abolished, "created": created });
        operator.create(REORGANISATIONS, &new)
    };
    let named = |code: &str| json!([{ "code": code, "name": "A name" }]);
    let twice = new(json!([]), named(&one));
    assert_eq!((twice.status, twice.text("/errors/0/pointer")), (409, Some("/created")), "{}", twice.body);
    refused_at(&new(json!([]), json!([])), "", "must abolish or create a code");
    refused_at(&new(named(&another), named(&another)), "/created/0/code", "must not be repeated");
    refused_at(&new(named("E07000001"), json!([])), "/abolished/0/code", "must be the GSS code of an authority");
    let key = fresh_key();
    let key = [("idempotency-key", key.as_str())];
    let body = json!({ "title": "T", "takes_effect_on": "2027-04-01", "created": named(&another) });
    let [first, again] = [(); 2].map(|()| operator.post_with(REORGANISATIONS, &key, &body));
    assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (201, 201, Some("true")));
    assert_eq!(first.body, again.body);
}
