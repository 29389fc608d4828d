//! What a referral says of a person and the record does not: it is shown with the record, and settled field by field.

use almoner_demo::web::{Answer, Web};
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::exclude;
use crate::practice::cases::column;

const PEOPLE: &str = "/v1/practice/service-users";

/// A message about somebody who has moved, with a carer and a discharge.
fn moved() -> Value {
    let mut message = messages::referral();
    message["route_of_access"] = "Discharge from Hospital".into();
    message["discharge"] =
        json!({ "hospital": "Royal Shrewsbury Hospital", "ward": "Ward 22", "expected_on": "2026-11-27" });
    message["carer"] = json!({ "name": "Owen Marlow", "relationship": "son", "phone": "07700 900123" });
    message["person"]["address"] = json!({ "lines": ["9 Mardol"], "postcode": "SY1 1PU" });
    message["person"]["preferred_name"] = "Edie".into();
    message
}

/// Sends this message, and accepts it onto the record of the known person, or onto a new one.
pub(crate) fn accepted(council: &Council, practice: &Practice, message: &Value, known: Option<&Answer>) -> Answer {
    assert_eq!(council.system.post("/v1/council/referrals", message).status, 201);
    let waiting = practice.manager.get("/v1/practice/referrals");
    let path = format!("/v1/practice/referrals/{}", waiting.text("/items/0/id").unwrap());
    let how = known.map_or(json!({}), |known| json!({ "service_user_id": known.body["id"] }));
    let accepted = practice.manager.change(&format!("{path}/accept"), &practice.manager.get(&path), &how);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    accepted
}

pub(super) fn fields(differences: &Value) -> Vec<&str> {
    differences.as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect()
}

pub(super) fn difference<'a>(differences: &'a Value, field: &str) -> &'a Value {
    differences.as_array().unwrap().iter().find(|one| one["field"] == field).unwrap()
}

pub(crate) fn settle(staff: &Staff, person: &str, field: &str, referral: &Value, settlement: &str) -> Answer {
    let body = json!({ "referral_id": referral, "settlement": settlement });
    staff.change(&format!("{person}/differences/{field}"), &staff.get(person), &body)
}

pub(super) fn assert_refused(answer: &Answer, status: u16, kind: &str) {
    let kind = format!("/problems/{kind}");
    assert_eq!((answer.status, answer.text("/type")), (status, Some(kind.as_str())), "{}", answer.body);
}

pub(super) fn world() -> (World, Council, Practice) {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    (world, council, practice)
}

pub(super) fn known_as_in(practice: &Practice, message: &Value) -> Answer {
    let mut person = json!({
        "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08",
        "address": { "lines": ["4 Wyle Cop"], "postcode": "SY1 1UT" }, "phone": "07700 900461",
    });
    person["nhs_number"] = message["person"]["nhs_number"].clone();
    practice.manager.create(PEOPLE, &person)
}

#[test]
fn what_a_referral_says_otherwise_is_shown_and_taken_over_field_by_field() {
    let (_world, council, practice) = world();
    let message = moved();
    let known = known_as_in(&practice, &message);
    let person = known.header("location").unwrap();
    let accepted = accepted(&council, &practice, &message, Some(&known));
    let shown = &accepted.body["differences"];
    let mut found = fields(shown);
    found.sort_unstable();
    assert_eq!(found, ["address", "carer", "discharge", "name"], "{shown}");
    let address = difference(shown, "address");
    assert_eq!(address["message"], "lines: 9 Mardol; postcode: SY1 1PU");
    assert_eq!(address["record"], "lines: 4 Wyle Cop; postcode: SY1 1UT");
    assert_eq!((&address["has_a_place"], &address["status"]), (&json!(true), &json!("open")));
    let discharge = difference(shown, "discharge");
    assert_eq!((&discharge["has_a_place"], discharge.get("record")), (&json!(false), None));
    let record = practice.social_worker.get(person);
    assert_eq!(record.body["from_referrals"][0]["referral_id"], accepted.body["id"]);
    assert_eq!(&record.body["from_referrals"][0]["differences"], shown);
    assert_eq!(record.body["address"], known.body["address"], "nothing is overwritten");

    let taken = settle(&practice.social_worker, person, "address", &accepted.body["id"], "take_over");
    assert_eq!((taken.status, &taken.body["address"]), (200, &message["person"]["address"]), "{}", taken.body);
    let settled = difference(&taken.body["from_referrals"][0]["differences"], "address");
    assert_eq!((&settled["status"], &settled["settled_by"]), (&json!("taken_over"), &json!(practice.social_worker.id)));
    let named = settle(&practice.manager, person, "name", &accepted.body["id"], "take_over");
    assert_eq!((named.text("/preferred_name"), named.text("/given_name")), (Some("Edie"), Some("Edith")));

    let history = practice.manager.get(&format!("{person}/history"));
    let of = |kind: &str| -> Vec<&Value> {
        history.body["items"].as_array().unwrap().iter().filter(|item| item["kind"] == kind).collect()
    };
    let [new, old] = of("address")[..] else { panic!("{}", history.body) };
    assert_eq!((&new["source"], &new["referral_id"]), (&json!("referral"), &accepted.body["id"]));
    assert_eq!((&new["holds_from"], new.get("ended_at")), (&message["requested_on"], None));
    assert_eq!((&old["source"], &old["ended_by"]["id"]), (&json!("practice"), &json!(practice.social_worker.id)));
    assert_eq!(of("name").len(), 2);
    assert_eq!(of("phone").len(), 1);
    let readers = practice.records_officer.get(&format!("{person}/readers"));
    let actions: Vec<_> = column(&readers, "/action").into_iter().flatten().collect();
    for action in ["service_user.history_read", "service_user.difference_settled"] {
        assert!(actions.contains(&action), "{action} {actions:?}");
    }
    let found = practice.manager.post(&format!("{PEOPLE}/search"), &json!({ "postcode": "SY1 1PU" }));
    assert_eq!(found.body["items"][0]["id"], known.body["id"], "the search knows what was taken over");
}

#[test]
fn a_detail_is_kept_or_asked_about_and_settled_once() {
    let (world, council, practice) = world();
    let message = moved();
    let known = known_as_in(&practice, &message);
    let person = known.header("location").unwrap();
    let referral = accepted(&council, &practice, &message, Some(&known)).body["id"].clone();
    let manager = &practice.manager;
    for (field, settlement, status) in [
        ("address", "ask", Some("asked")),
        ("address", "ask", None),
        ("address", "keep", Some("kept")),
        ("address", "take_over", None),
        ("address", "ask", None),
        ("discharge", "take_over", None),
        ("discharge", "keep", Some("kept")),
        ("carer", "ask", Some("asked")),
        ("carer", "keep", Some("kept")),
        ("carer", "take_over", None),
        ("name", "take_over", Some("taken_over")),
        ("name", "keep", None),
    ] {
        let answer = settle(manager, person, field, &referral, settlement);
        match status {
            Some(status) => {
                let now = difference(&answer.body["from_referrals"][0]["differences"], field);
                assert_eq!((answer.status, now["status"].as_str()), (200, Some(status)), "{}", answer.body);
            }
            None => assert_refused(&answer, 409, "invalid-state"),
        }
    }
    assert_eq!(manager.get(person).body["address"], known.body["address"], "what was kept stays");
    assert_refused(&settle(manager, person, "phone", &referral, "keep"), 404, "not-found");
    assert_refused(&settle(manager, person, "ADDRESS", &referral, "keep"), 404, "not-found");
    let nobody = settle(manager, person, "discharge", &json!(uuid::Uuid::nil()), "keep");
    assert_refused(&nobody, 422, "validation-failed");
    assert_eq!(nobody.text("/errors/0/pointer"), Some("/referral_id"));
    let wrong = settle(manager, person, "discharge", &referral, "forget");
    assert_eq!((wrong.status, wrong.text("/errors/0/pointer")), (422, Some("/settlement")), "{}", wrong.body);
    let stale = manager.change(
        &format!("{person}/differences/discharge"),
        &known,
        &json!({ "referral_id": referral, "settlement": "keep" }),
    );
    assert_refused(&stale, 412, "version-mismatch");
    let bare = json!({ "referral_id": referral, "settlement": "keep" });
    let unversioned = manager.create(&format!("{person}/differences/discharge"), &bare);
    assert_refused(&unversioned, 428, "if-match-missing");
    let other_council = world.council();
    let elsewhere = world.practice(&other_council);
    let seen = manager.get(person);
    let body = json!({ "referral_id": referral, "settlement": "keep" });
    let theirs = elsewhere.manager.change(&format!("{person}/differences/discharge"), &seen, &body);
    assert_refused(&theirs, 404, "not-found");
    assert_refused(&elsewhere.manager.get(&format!("{person}/history")), 404, "not-found");
    let theirs = accepted(&other_council, &elsewhere, &moved(), None).body["id"].clone();
    let nothing_said = settle(manager, person, "discharge", &theirs, "keep");
    assert_eq!((nothing_said.status, nothing_said.text("/errors/0/pointer")), (422, Some("/referral_id")));
    assert_eq!(nothing_said.body["errors"], nobody.body["errors"], "another practice's referral is like none");
    assert_refused(&settle(&practice.records_officer, person, "discharge", &referral, "keep"), 403, "forbidden");
    exclude(manager, known.text("/id").unwrap(), &practice.social_worker);
    let body = json!({ "referral_id": referral, "settlement": "keep" });
    let excluded = practice.social_worker.change(&format!("{person}/differences/discharge"), &seen, &body);
    assert_refused(&excluded, 404, "not-found");
    assert_refused(&practice.social_worker.get(&format!("{person}/history")), 404, "not-found");
}

#[test]
fn of_two_who_settle_a_detail_at_once_one_has_to_read_again() {
    let (world, council, practice) = world();
    let known = known_as_in(&practice, &messages::referral());
    let person = known.header("location").unwrap();
    for n in 0..4 {
        let mut message = moved();
        message["person"]["nhs_number"] = known.body["nhs_number"].clone();
        message["person"]["council_person_id"] = "SHR418820".into();
        message["person"]["address"]["lines"] = json!([format!("{n} Mardol")]);
        let referral = accepted(&council, &practice, &message, Some(&known)).body["id"].clone();
        let seen = practice.manager.get(person);
        let etag = seen.etag().unwrap();
        let tokens = [&practice.manager, &practice.social_worker].map(|member| member.token().unwrap());
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let both: Vec<_> = tokens
                .iter()
                .zip(["take_over", "keep"])
                .map(|(token, settlement)| {
                    let body = json!({ "referral_id": referral, "settlement": settlement }).to_string();
                    let (path, bearer) = (format!("{person}/differences/address"), format!("Bearer {token}"));
                    let url = world.url().to_owned();
                    scope.spawn(move || {
                        let headers = [("authorization", bearer.as_str()), ("if-match", etag)];
                        let content = Some(("application/json", body.as_bytes()));
                        Web::new(&url).send("POST", &path, &headers, content).unwrap().status
                    })
                })
                .collect();
            both.into_iter().map(|one| one.join().unwrap()).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        let said = practice.manager.get(person).body["from_referrals"][0]["differences"].clone();
        assert_ne!(difference(&said, "address")["status"], "open");
    }
}

#[test]
fn what_a_new_record_has_no_place_for_stands_with_it() {
    let (_world, council, practice) = world();
    let accepted = accepted(&council, &practice, &moved(), None);
    let mut shown = fields(&accepted.body["differences"]);
    shown.sort_unstable();
    assert_eq!(shown, ["carer", "discharge"], "{}", accepted.body);
    let person = format!("{PEOPLE}/{}", accepted.text("/service_user_id").unwrap());
    let record = practice.social_worker.get(&person);
    assert_eq!(record.body["from_referrals"][0]["differences"], accepted.body["differences"]);
    let history = practice.manager.get(&format!("{person}/history"));
    let mut kinds: Vec<_> = column(&history, "/kind").into_iter().flatten().collect();
    kinds.sort_unstable();
    let all = ["address", "council_person_id", "date_of_birth", "name", "nhs_number", "phone"];
    assert_eq!(kinds, all, "{}", history.body);
    for item in history.body["items"].as_array().unwrap() {
        assert_eq!((&item["source"], &item["referral_id"]), (&json!("referral"), &accepted.body["id"]));
    }
}

#[test]
fn what_somebody_writes_has_the_practice_as_its_source() {
    let (_world, _council, practice) = world();
    let known = known_as_in(&practice, &messages::referral());
    let person = known.header("location").unwrap();
    let changed =
        practice.social_worker.patch(person, &known, &json!({ "phone": "07700 900462", "email": "e@example.org" }));
    let emptied = practice.social_worker.patch(person, &changed, &json!({ "address": null }));
    assert_eq!(emptied.status, 200, "{}", emptied.body);
    let history = practice.practitioner.get(&format!("{person}/history"));
    let entries: Vec<(&str, bool)> = history.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["kind"].as_str().unwrap(), item.get("ended_at").is_none()))
        .collect();
    let mut sorted = entries.clone();
    sorted.sort_unstable();
    let all = [
        ("address", false),
        ("date_of_birth", true),
        ("email", true),
        ("name", true),
        ("nhs_number", true),
        ("phone", false),
        ("phone", true),
    ];
    assert_eq!(sorted, all);
    for item in history.body["items"].as_array().unwrap() {
        assert_eq!((&item["source"], item.get("referral_id")), (&json!("practice"), None));
    }
}

#[test]
fn an_undone_acceptance_takes_what_it_said_with_it_unless_something_was_decided() {
    let (_world, council, practice) = world();
    let message = moved();
    let known = known_as_in(&practice, &message);
    let person = known.header("location").unwrap();
    let undo = |accepted: &Answer| {
        let path = format!("/v1/practice/referrals/{}/undo", accepted.text("/id").unwrap());
        practice.manager.change(&path, accepted, &json!({}))
    };
    let first = accepted(&council, &practice, &message, Some(&known));
    let undone = undo(&first);
    assert_eq!(undone.status, 200, "{}", undone.body);
    let record = practice.manager.get(person);
    assert_eq!((record.body.get("from_referrals"), record.body.get("council_person_ids")), (None, None));
    let path = format!("/v1/practice/referrals/{}/accept", undone.text("/id").unwrap());
    let again = practice.manager.change(&path, &undone, &json!({ "service_user_id": known.body["id"] }));
    assert_eq!(fields(&again.body["differences"]), fields(&first.body["differences"]), "they are found anew");
    assert_eq!(settle(&practice.manager, person, "address", &again.body["id"], "take_over").status, 200);
    let refused = undo(&again);
    assert_refused(&refused, 409, "invalid-state");
    assert!(refused.text("/detail").unwrap().starts_with("a decision on what the referral says"), "{}", refused.body);
    assert_eq!(practice.manager.get(person).body["address"], message["person"]["address"], "nothing was undone");

    let second = accepted(&council, &practice, &moved(), None);
    let opened = format!("{PEOPLE}/{}", second.text("/service_user_id").unwrap());
    assert_eq!(settle(&practice.manager, &opened, "carer", &second.body["id"], "ask").status, 200);
    assert_refused(&undo(&second), 409, "invalid-state");
    let third = accepted(&council, &practice, &moved(), None);
    let opened = format!("{PEOPLE}/{}", third.text("/service_user_id").unwrap());
    assert_eq!(undo(&third).status, 200);
    assert_refused(&practice.manager.get(&format!("{opened}/history")), 404, "not-found");
}

#[test]
fn the_history_of_a_restricted_record_is_closed_with_it() {
    let (_world, _council, practice) = world();
    let known = known_as_in(&practice, &messages::referral());
    let person = known.header("location").unwrap();
    let named = json!([practice.manager.id]);
    assert_eq!(super::restrict(&practice.manager, known.text("/id").unwrap(), &named).status, 200);
    assert_refused(&practice.social_worker.get(&format!("{person}/history")), 404, "not-found");
    let history = practice.manager.get(&format!("{person}/history"));
    assert_eq!((history.status, history.body["items"].as_array().unwrap().len()), (200, 5), "{}", history.body);
}
