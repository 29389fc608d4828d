//! Fields that answers leave out: rows 3 and 5 of the access rules, tested on the document and on real answers.

use std::collections::BTreeSet;

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::roles::Role;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::documents::{find_clean, find_council_document_clean, send_in};
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::operations::{Operation, document, operations};
use crate::council::instructions::instruct;
use crate::partner::complaints::lodge;
use crate::practice::cases::{case_of, close, record};
use crate::practice::documents::erased::ask as ask_to_erase;
use crate::practice::people;

/// The names of all schemas that an answer of this operation may contain, at any depth.
fn shown(operation: &Operation, document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut waiting: Vec<Value> = Vec::new();
    for (status, response) in operation.json["responses"].as_object().unwrap() {
        if status.starts_with('2') {
            waiting.push(response.clone());
        }
    }
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => {
                if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                    let name = name.rsplit('/').next().unwrap().to_owned();
                    if names.insert(name.clone()) {
                        waiting.push(document["components"]["schemas"][&name].clone());
                    }
                }
                waiting.extend(members.into_iter().map(|(_, value)| value));
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    names
}

/// Whether an operation answers with a list.
fn is_a_list(operation: &Operation) -> bool {
    let schema = &operation.json["responses"]["200"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str().unwrap_or_default();
    name.contains("Page") || name.ends_with("Caseload")
}

/// Collects every text in an answer except its identifiers.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        // An identifier may have ten digits in a row by chance.
        Value::String(text) if uuid::Uuid::try_parse(text).is_ok() => {}
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}

/// Whether ten digits stand in this text, with or without spaces, as in an NHS number.
fn has_an_nhs_number(text: &str) -> bool {
    let near: String = text.chars().filter(|c| *c != ' ').collect();
    near.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == 10)
}

/// Makes a member of staff with exactly these roles.
fn with_roles(world: &World, practice: &Practice, roles: &[Role]) -> almoner_tests::Staff {
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let email = format!("{}@practice.example", fresh_key());
    let member = json!({ "name": "Robin Hale", "email": email, "roles": words, "social_work_england_number": "SW1" });
    world.staff(practice.id, member)
}

/// Releases to a practice what was learnt, as an officer of the desk.
fn release_learning(world: &World, council: &Council, practice: &Practice) {
    let learning = json!({ "practice": practice.slug, "words": "Whoever takes a visit out rings first." });
    let officer = world.officer(council, &[OfficerRole::Complaints]).at_complaints();
    assert_eq!(officer.create("/v1/complaints/learning", &learning).status, 201);
}

/// Gives an instruction about one of the two referrals in this list, of which one was accepted.
fn instruct_about_one_of(world: &World, council: &Council, sent: &Answer) {
    let officer = world.first_officer(council);
    let instructed = ["/items/0/id", "/items/1/id"].map(|at| instruct(officer, sent.text(at).unwrap()).status);
    assert!(instructed.contains(&201), "{instructed:?}");
}

/// Closes a case on evidence in a month that is over, so that the council has something to confirm. It is November afterwards.
fn close_on_evidence(world: &World, council: &Council, practice: &Practice) {
    let mut died = messages::close_on_death();
    died["evidence"]["on"] = "2026-10-19".into();
    assert_eq!(close(&practice.manager, &case_of(practice, council, &practice.social_worker), &died).status, 200);
    world.set_clock("2026-11-20T10:00:00Z");
    [&practice.manager, &practice.social_worker].into_iter().for_each(Staff::forget_token);
}

/// Writes a relationship with another record, and a warning note.
fn has_an_aunt_and_a_dog(practice: &Practice, person: &str) {
    let aunt = json!({ "service_user_id": record(practice, &messages::person()), "other_is": { "in_words": "aunt" } });
    for (what, body) in [("/relationships", aunt), ("/warning-notes", messages::warning_note())] {
        let written = practice.manager.create(&people::of(person, what), &body);
        assert_eq!(written.status, 201, "{}", written.body);
    }
}

#[test]
fn row_5_no_list_shows_a_whole_nhs_number() {
    let world = World::new();
    world.set_clock("2026-10-20T10:00:00Z");
    let council = world.council();
    let practice = world.practice(&council);
    close_on_evidence(&world, &council, &practice);
    let mut person = messages::person();
    person["nhs_number"] = "943 476 5919".into();
    let known = record(&practice, &person);
    let mut referral = messages::referral();
    referral["person"]["nhs_number"] = "9434765919".into();
    // Another referral waits, so that the inbox is not empty.
    for reference in ["ROW-5-A", "ROW-5-B"] {
        referral["council_reference"] = reference.into();
        assert_eq!(council.system.post("/v1/council/referrals", &referral).status, 201);
    }
    let manager = &practice.second_manager;
    let inbox = manager.get("/v1/practice/referrals");
    let arrived = inbox.text("/items/0/id").unwrap();
    let waiting = format!("/v1/practice/referrals/{arrived}");
    let sent = council.system.get("/v1/council/referrals");
    for id in [sent.text("/items/0/id").unwrap(), sent.text("/items/1/id").unwrap()] {
        let at = format!("/v1/council/referrals/{id}");
        let letter = send_in(&council.system, &at, "note.txt", "text/plain", b"Saw her at home.");
        find_council_document_clean(letter.text("/id").unwrap());
    }
    manager.change(&format!("{waiting}/accept"), &manager.get(&waiting), &json!({ "service_user_id": known }));
    instruct_about_one_of(&world, &council, &sent);
    let sent = sent.text("/items/0/id").unwrap();
    let case = case_of(&practice, &council, &practice.social_worker);
    assert_eq!(close(&practice.social_worker, &case, &messages::close()).status, 200);
    for notes in [format!("{case}/notes"), people::of(&known, "/notes")] {
        assert_eq!(practice.social_worker.create(&notes, &messages::note("Saw her at home.")).status, 201);
    }
    for holder in [case.clone(), people::of(&known, "")] {
        // The hash of this content has no ten digits in a row.
        let sent = send_in(&practice.social_worker, &holder, "note.txt", "text/plain", b"Saw her at home.");
        find_clean(sent.text("/id").unwrap());
    }
    let mut complaint = messages::complaint(&practice.slug);
    complaint["person"] = json!({ "family_name": "Marlow", "nhs_number": "9434765919" });
    complaint["danger"] = json!({ "now": "yes" });
    lodge(&world.partner(), &complaint);
    release_learning(&world, &council, &practice);
    complaint["staff"] = json!(["Bola Adeyemi"]);
    lodge(&world.partner(), &complaint);

    let whole = manager.get(&format!("/v1/practice/service-users/{known}"));
    let mut found = Vec::new();
    texts(&whole.body, &mut found);
    assert!(found.iter().any(|text| has_an_nhs_number(text)), "a record that is read whole has it: {}", whole.body);

    let everything = with_roles(&world, &practice, Role::ALL);
    let listed = practice.manager.get(&format!("{case}/documents"));
    let asked = ask_to_erase(&everything, &format!("/v1/practice/documents/{}", listed.text("/items/0/id").unwrap()));
    assert_eq!(asked.status, 201, "{}", asked.body);
    // One person's record is restricted and opened by break-glass access; from another a neighbour is excluded.
    let closed = messages::person();
    let restricted = record(&practice, &closed);
    let named = json!([everything.id, practice.records_officer.id]);
    assert_eq!(people::restrict(&everything, &restricted, &named).status, 200);
    assert_eq!(people::break_glass(&practice.social_worker, &closed).status, 201);
    let neighbour = json!({ "staff_id": practice.practitioner.id, "reason": "Lives next door." });
    assert_eq!(everything.create(&people::of(&known, "/exclusions"), &neighbour).status, 201);
    has_an_aunt_and_a_dog(&practice, &known);
    let case_id = case.rsplit('/').next().unwrap();
    let (mut covered, mut filled) = (Vec::new(), 0);
    for operation in operations() {
        let door = operation.security().map(|(door, _)| door).unwrap_or_default();
        if !is_a_list(&operation) || !["practice", "council"].contains(&door.as_str()) {
            continue;
        }
        let of_a_person = operation.path.starts_with("/v1/practice/service-users/{id}");
        let path = operation.path_with(match operation.path.as_str() {
            "/v1/practice/referrals/{id}/documents" => arrived,
            "/v1/council/referrals/{id}/documents" => sent,
            _ if of_a_person => &known,
            _ => case_id,
        });
        let ask = |caller: &dyn Fn(&str) -> Answer| caller(&path);
        let answer = match (door.as_str(), operation.path.as_str()) {
            ("practice", "/v1/practice/service-users/search") => manager.post(&path, &json!({ "name": "marlow" })),
            ("practice", "/v1/practice/countersignatures") => ask(&|path| manager.get(path)),
            ("practice", "/v1/practice/caseload") => ask(&|path| practice.social_worker.get(path)),
            ("practice", _) => ask(&|path| everything.get(path)),
            _ => ask(&|path| world.first_officer(&council).get(path)),
        };
        let name = operation.name();
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        let items = answer.body["items"].as_array().or_else(|| answer.body["cases"].as_array());
        filled += usize::from(items.is_some_and(|items| !items.is_empty()));
        let mut found = Vec::new();
        texts(&answer.body, &mut found);
        for text in found {
            assert!(!has_an_nhs_number(&text), "{name} shows {text}");
        }
        // A council's list has the type of the single read, without the message that was sent.
        let whole_only_alone = items.is_some_and(|items| items.iter().all(|item| item.get("message").is_none()));
        let may_show_one = shown(&operation, &document()).contains("NhsNumber");
        assert_eq!(may_show_one, name == "GET /v1/council/referrals", "{name} may show an NHS number");
        assert!(whole_only_alone, "{name} shows what was sent: {}", answer.body);
        covered.push(name);
    }
    assert!(covered.len() >= 10, "{covered:?}");
    assert_eq!(filled, covered.len(), "an empty list shows nothing: {covered:?}");
    let search = manager.post("/v1/practice/service-users/search", &json!({ "nhs_number": "9434765919" }));
    assert_eq!(search.text("/items/0/nhs_number"), Some("*** *** 5919"), "{}", search.body);
}

#[test]
fn row_3_only_operations_about_complaints_may_show_one() {
    let document = document();
    let about_complaints = [
        "Complaint",
        "ComplaintSummary",
        "ComplaintMessage",
        "ComplaintDocument",
        "SentDocument",
        "Followed",
        "Receipt",
        "Offer",
        "OfferWithNames",
        "Assignment",
    ];
    let mut showing = BTreeSet::new();
    for operation in operations() {
        if shown(&operation, &document).iter().any(|name| about_complaints.contains(&name.as_str())) {
            let (door, permissions) = operation.security().expect("not for everybody");
            // Whoever lodges gets the receipt, and with it they follow.
            let is_the_complainants = ["partner", "council"].contains(&door.as_str()) && permissions == ["complaints"];
            assert!(
                door == "complaints" && !permissions.is_empty() || is_the_complainants,
                "{} shows a complaint to {permissions:?} at the door {door}",
                operation.name()
            );
            showing.insert(operation.name());
        }
    }
    assert!(showing.len() >= 12, "the document is read: {showing:?}");
}

#[test]
fn row_3_nobody_of_a_practice_and_no_officer_is_answered_with_anything_of_a_complaint() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let desk = world.desk(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    close(&practice.social_worker, &case, &messages::close());
    council.system.post("/v1/council/referrals", &messages::referral());
    let mut complaint = messages::complaint(&practice.slug);
    let words = ["Quixotic", "Zephyrine", "Wolframite"];
    complaint["narrative"] = format!("{} visits were cancelled.", words[0]).into();
    complaint["wants"] = format!("An apology for {}.", words[1]).into();
    complaint["complainant"]["name"] = format!("Edith {}", words[2]).into();
    let (_, officer, path) = world.opened(&council, &desk, &complaint);
    let whole = officer.get(&path).body.to_string();
    assert!(words.iter().all(|word| whole.contains(word)), "who has it reads it: {whole}");

    let id = path.rsplit('/').next().unwrap();
    let caller = with_roles(&world, &practice, Role::ALL);
    let staff = practice.social_worker.id.to_string();
    let person = practice.manager.get(&case).text("/service_user/id").unwrap().to_owned();
    let referral = practice.manager.get("/v1/practice/referrals").text("/items/0/id").unwrap().to_owned();
    let mut answered = 0;
    for operation in operations().iter().filter(|operation| operation.method == "GET") {
        let door = operation.security().map(|(door, _)| door).unwrap_or_default();
        let value = match operation.path.split('/').nth(3) {
            Some("cases") => case.rsplit('/').next().unwrap(),
            Some("service-users") => &person,
            Some("referrals") => &referral,
            Some("staff") => &staff,
            _ => id,
        };
        let answer = match door.as_str() {
            "practice" => caller.get(&operation.path_with(value)),
            "council" => world.first_officer(&council).get(&operation.path_with(value)),
            "complaints" => desk.officers[1].get(&operation.path_with(value)),
            _ => continue,
        };
        let body = answer.body.to_string();
        let name = operation.name();
        assert!(!words.iter().any(|word| body.contains(word)) && !body.contains(id), "{name}: {body}");
        answered += usize::from(answer.status == 200);
    }
    assert!(answered >= 40, "{answered}");
}
