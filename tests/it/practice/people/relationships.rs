//! What people are to one another, from both sides, and who sees it.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, pointers};
use almoner_tests::{Practice, Staff, messages};
use serde_json::{Value, json};

use super::from_referrals::{accepted, assert_refused, settle, world};
use super::restrict;
use crate::practice::cases::pointer;

const PEOPLE: &str = "/v1/practice/service-users";

fn new_person(practice: &Practice, given_name: &str) -> String {
    let mut person = messages::person();
    person["given_name"] = given_name.into();
    let created = practice.manager.create(PEOPLE, &person);
    created.text("/id").unwrap_or_else(|| panic!("{}", created.body)).to_owned()
}

fn of(person: &str) -> String {
    format!("{PEOPLE}/{person}/relationships")
}

fn daughter(of: &str) -> Value {
    json!({
        "service_user_id": of,
        "other_is": { "roles": ["unpaid_carer", "next_of_kin"], "in_words": "daughter", "caring_hours_a_week": 20 },
        "person_is": { "in_words": "mother" },
        "live_together": true,
    })
}

fn gwen() -> Value {
    json!({
        "without_record": { "name": "Gwen Pritchard", "phone": "07700 900582" },
        "other_is": { "roles": ["attorney_health"], "authority": { "reference": "LPA 700-1234", "scope": "Where she lives." } },
    })
}

fn write(staff: &Staff, person: &str, said: &Value) -> Answer {
    let written = staff.create(&of(person), said);
    assert_eq!(written.status, 201, "{}", written.body);
    written
}

/// The names of those to whom a person is something, as a reader sees them.
fn names(reader: &Staff, person: &str) -> Vec<String> {
    let list = reader.get(&of(person));
    let items = list.body["items"].as_array().unwrap_or_else(|| panic!("{}", list.body));
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_relationship_is_the_same_from_both_sides() {
    let (_world, _council, practice) = world();
    let (edith, nora) = (new_person(&practice, "Edith"), new_person(&practice, "Nora"));
    let written = write(&practice.social_worker, &edith, &daughter(&nora));
    assert_eq!((written.text("/name"), &written.body["unproven"]), (Some("Nora Marlow"), &json!(false)));
    let id = written.text("/id").unwrap();
    let from_nora = practice.social_worker.get(&format!("{}/{id}", of(&nora)));
    assert_eq!(from_nora.text("/name"), Some("Edith Marlow"), "{}", from_nora.body);
    assert_eq!(from_nora.body["service_user_id"], edith.as_str());
    assert_eq!(from_nora.body["person_is"], written.body["other_is"]);
    assert_eq!(from_nora.body["other_is"], json!({ "in_words": "mother" }));
    assert_eq!(from_nora.body["flags"], practice.manager.get(&format!("{PEOPLE}/{edith}")).body["flags"]);

    // Changed from the one side, it is changed on the other, and what was said stays.
    let path = format!("{}/{id}", of(&nora));
    let changed = practice.social_worker.patch(&path, &from_nora, &json!({ "live_together": false }));
    assert_eq!(changed.status, 200, "{}", changed.body);
    let from_edith = practice.manager.get(&format!("{}/{id}", of(&edith)));
    assert_eq!(from_edith.body["live_together"], false);
    let before = &from_edith.body["before"][0]["said"];
    assert_eq!((&before["live_together"], &before["other_is"]), (&json!(true), &written.body["other_is"]));
    let late = practice.manager.patch(&path, &from_nora, &json!({ "note": "They fell out." }));
    assert_eq!(late.status, 412, "{}", late.body);

    // Two people have one relationship; ended, it gives way to another.
    let again = practice.manager.create(&of(&nora), &daughter(&edith));
    assert_eq!(pointer(&again), (409, Some("/service_user_id")), "{}", again.body);
    let ended = practice.manager.change(&format!("{path}/end"), &changed, &json!({ "because": "over" }));
    assert_eq!(ended.body["ended"]["on"], "2026-11-20", "{}", ended.body);
    assert_refused(
        &practice.manager.change(&format!("{path}/end"), &ended, &json!({ "because": "over" })),
        409,
        "invalid-state",
    );
    assert_refused(&practice.manager.patch(&path, &ended, &json!({ "note": "No." })), 409, "invalid-state");
    assert_eq!(names(&practice.manager, &edith), [""; 0]);
    let all = practice.manager.get(&format!("{}?ended=true", of(&edith)));
    assert_eq!(all.body["items"].as_array().unwrap().len(), 1, "it stays in the record");
    write(&practice.manager, &nora, &daughter(&edith));
}

#[test]
fn who_may_not_see_one_of_two_sees_nothing_of_what_they_are_to_one_another() {
    let (_world, _council, practice) = world();
    let [edith, nora, ivor] = ["Edith", "Nora", "Ivor"].map(|name| new_person(&practice, name));
    write(&practice.manager, &edith, &daughter(&nora));
    let husband = json!({ "service_user_id": ivor, "other_is": { "in_words": "husband" } });
    let tie = write(&practice.manager, &edith, &husband);
    let father = json!({ "service_user_id": ivor, "other_is": { "in_words": "father" } });
    write(&practice.manager, &nora, &father);
    assert_eq!(restrict(&practice.manager, &ivor, &json!([practice.manager.id])).status, 200);

    let (manager, worker) = (&practice.manager, &practice.social_worker);
    assert_eq!(names(manager, &edith), ["Ivor Marlow", "Nora Marlow"]);
    assert_eq!(names(worker, &edith), ["Nora Marlow"]);
    let path = format!("{}/{}", of(&edith), tie.text("/id").unwrap());
    assert_eq!((manager.get(&path).status, worker.get(&path).status), (200, 404));
    assert_refused(&worker.get(&of(&ivor)), 404, "not-found");
    let network = |reader: &Staff| {
        let network = reader.get(&format!("{PEOPLE}/{edith}/network"));
        let count = |part: &str| network.body[part].as_array().unwrap_or_else(|| panic!("{}", network.body)).len();
        (count("people"), count("ties"))
    };
    assert_eq!((network(manager), network(worker)), ((3, 3), (2, 1)));
    let told = json!({ "service_user_id": ivor, "other_is": { "in_words": "uncle" } });
    let refused = worker.create(&of(&nora), &told);
    assert_eq!(pointer(&refused), (422, Some("/service_user_id")), "as if there were nobody: {}", refused.body);
    let unknown = json!({ "service_user_id": uuid::Uuid::nil(), "other_is": { "in_words": "uncle" } });
    assert_eq!(worker.create(&of(&nora), &unknown).body, refused.body);
}

#[test]
fn the_network_shows_who_is_around_a_person_and_what_these_are_to_one_another() {
    let (world, _council, practice) = world();
    let [edith, nora, ivor, stranger] = ["Edith", "Nora", "Ivor", "Olga"].map(|name| new_person(&practice, name));
    write(&practice.manager, &edith, &daughter(&nora));
    write(&practice.manager, &edith, &json!({ "service_user_id": ivor, "person_is": { "roles": ["unpaid_carer"] } }));
    write(&practice.manager, &nora, &json!({ "service_user_id": ivor, "other_is": { "in_words": "father" } }));
    write(&practice.manager, &nora, &json!({ "service_user_id": stranger, "other_is": { "in_words": "friend" } }));
    write(&practice.manager, &edith, &gwen());
    let network = practice.social_worker.get(&format!("{PEOPLE}/{edith}/network"));
    let people: Vec<&str> =
        network.body["people"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(people[0], "Edith Marlow");
    let mut sorted = people.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["Edith Marlow", "Gwen Pritchard", "Ivor Marlow", "Nora Marlow"], "{}", network.body);
    let ties = network.body["ties"].as_array().unwrap();
    assert_eq!(ties.len(), 4, "{}", network.body);
    let between = ties.iter().find(|tie| tie["one"] == nora.as_str() && tie["other"] == ivor.as_str()).unwrap();
    assert_eq!(between["other_is"]["in_words"], "father");
    assert!(ties.iter().any(|tie| tie["other_is"]["roles"] == json!(["attorney_health"])));
    assert_eq!(world.audited_of(practice.id.uuid(), "service_user.relationships_read"), 1);
}

#[test]
fn what_does_not_fit_is_refused_at_its_place_and_an_authority_is_unproven_until_it_was_seen() {
    let (_world, _council, practice) = world();
    let (edith, nora) = (new_person(&practice, "Edith"), new_person(&practice, "Nora"));
    let body = json!({
        "other_is": { "roles": ["next_of_kin", "next_of_kin", "other"], "authority": {}, "caring_hours_a_week": 200 },
        "from": "2027-01-01",
    });
    let refused = practice.manager.create(&of(&edith), &body);
    let expected = [
        "",
        "/other_is/roles/1",
        "/other_is/in_words",
        "/other_is/authority",
        "/other_is/caring_hours_a_week",
        "/from",
    ];
    assert_eq!(pointers(&refused), expected, "{}", refused.body);
    let itself = practice.manager.create(&of(&edith), &daughter(&edith));
    assert_eq!(pointer(&itself), (422, Some("/service_user_id")));

    let written = write(&practice.manager, &edith, &gwen());
    assert_eq!(written.body["unproven"], true);
    let path = written.header("location").unwrap();
    let other = practice.manager.patch(path, &written, &json!({ "service_user_id": nora, "without_record": null }));
    assert_eq!(pointer(&other), (422, Some("/service_user_id")), "{}", other.body);
    let seen = json!({ "other_is": { "authority": { "seen_on": "2026-11-19" } } });
    let proven = practice.manager.patch(path, &written, &seen);
    assert_eq!((proven.status, &proven.body["unproven"]), (200, &json!(false)), "{}", proven.body);
    assert_eq!(proven.body["other_is"]["authority"]["reference"], "LPA 700-1234");
    let id = written.text("/id").unwrap();
    assert_refused(&practice.manager.get(&format!("{}/{id}", of(&nora))), 404, "not-found");
    let early = json!({ "because": "entered_in_error", "on": "2026-11-21" });
    assert_eq!(pointer(&practice.manager.change(&format!("{path}/end"), &proven, &early)), (422, Some("/on")));
}

#[test]
fn whom_a_message_names_around_the_person_is_taken_over_as_a_relationship_once() {
    let (_world, council, practice) = world();
    let mut message = messages::referral();
    message["carer"] = json!({ "name": "Owen Marlow", "relationship": "son", "phone": "07700 900123" });
    let accepted = accepted(&council, &practice, &message, None);
    let person = accepted.text("/service_user_id").unwrap();
    assert_eq!(names(&practice.manager, person), [""; 0]);
    let path = format!("{PEOPLE}/{person}");
    let taken = settle(&practice.manager, &path, "carer", &accepted.body["id"], "take_over");
    assert_eq!(taken.status, 200, "{}", taken.body);
    let list = practice.manager.get(&of(person));
    let carer = &list.body["items"][0];
    assert_eq!(carer["name"], message["carer"]["name"], "{}", list.body);
    assert_eq!((&carer["source"], &carer["referral_id"]), (&json!("referral"), &accepted.body["id"]));
    assert_eq!(carer["other_is"]["roles"], json!(["unpaid_carer"]));
    let again = settle(&practice.manager, &path, "carer", &accepted.body["id"], "take_over");
    assert_refused(&again, 409, "invalid-state");
    assert_eq!(names(&practice.manager, person).len(), 1);
}
