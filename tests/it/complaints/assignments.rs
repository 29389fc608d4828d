//! Letting people in to a complaint by name, and ending that.

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{assign, follow};
use almoner_tests::messages;
use serde_json::json;

use super::{Scene, sees};
use crate::practice::cases::{give, open, record};
use crate::practice::staff::confirmation::{reset, take_over};

/// The details of the faults of a refused assignment.
fn reasons(refused: &Answer) -> Vec<&str> {
    assert_eq!(refused.status, 422, "{}", refused.body);
    let errors = refused.body["errors"].as_array().unwrap();
    errors.iter().map(|error| error["detail"].as_str().unwrap()).collect()
}

fn head(statement: &str) -> serde_json::Value {
    json!({ "statement": statement, "about": "service", "theme": "delay" })
}

#[test]
fn a_list_pages_through_what_is_assigned_and_a_request_opens_the_complaint_that_it_names_and_no_other() {
    let scene = Scene::new();
    let investigator = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    let mut assigned = Vec::new();
    for _ in 0..3 {
        let (_, officer, complaint) = scene.opened(json!({}));
        let of_colleagues = officer.create(&format!("{complaint}/heads"), &head("Nobody rang."));
        let head = of_colleagues.text("/heads/0/id").unwrap().to_owned();
        assert_eq!(assign(officer, &complaint, &investigator).status, 201);
        assigned.push((complaint, head));
    }
    scene.opened(json!({}));
    let mut listed = Vec::new();
    let mut next = "/v1/complaints?limit=1".to_owned();
    loop {
        let page = investigator.get(&next);
        listed
            .extend(page.body["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page.text("/next_cursor") else { break };
        next = format!("/v1/complaints?limit=1&cursor={cursor}");
    }
    let newest_first: Vec<&str> = assigned.iter().rev().map(|(path, _)| path.rsplit('/').next().unwrap()).collect();
    assert_eq!(listed, newest_first);
    let due = investigator.get("/v1/complaints/due");
    assert_eq!(due.body["items"].as_array().unwrap().len(), 12, "four things in each: {}", due.body);

    let [(first, _), (_, head_of_second), ..] = assigned.as_slice() else { unreachable!() };
    let finding = json!({ "outcome": "well_founded", "finding": "The diary shows it." });
    let found =
        investigator.put(&format!("{first}/heads/{head_of_second}/finding"), &investigator.get(first), &finding);
    assert_eq!(found.status, 404, "a head of another complaint, though that is assigned as well: {}", found.body);
}

#[test]
fn a_guest_reads_what_is_assigned_to_them_and_from_the_end_of_that_nothing() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let handler = scene.world.handler(
        &scene.council,
        &scene.desk,
        &scene.practice,
        &scene.practice.practitioner_2,
        "Bola Adeyemi",
    );
    assert!(!sees(&handler, &complaint), "a guest reads nothing by being one");
    let assigned = assign(officer, &complaint, &handler);
    assert_eq!(assigned.status, 201, "{}", assigned.body);
    assert!(sees(&handler, &complaint));
    let twice = assign(officer, &complaint, &handler);
    assert_eq!((twice.status, twice.text("/type")), (409, Some("/problems/already-exists")), "{}", twice.body);

    let followed = follow(&scene.world.partner(), &receipt);
    let who: Vec<(&str, &str)> = followed.body["has_it"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["capacity"].as_str().unwrap()))
        .collect();
    assert_eq!(
        who,
        [("Beatrice Oyelaran", "officer"), ("Bola Adeyemi", "handler")],
        "the complainant reads who has it"
    );

    // A guest lets nobody in, and ends nothing.
    let id = assigned.text("/items/1/id").unwrap();
    let path = format!("{complaint}/assignments/{id}");
    assert_eq!(handler.send("DELETE", &path, &[], None).status, 403);
    assert_eq!(assign(&handler, &complaint, &handler).status, 403);
    assert_eq!(scene.desk.officers[1].send("DELETE", &path, &[], None).status, 404, "an officer who does not have it");
    assert_eq!(officer.send("DELETE", &path, &[], None).status, 204);
    assert!(!sees(&handler, &complaint));
    assert_eq!(officer.send("DELETE", &path, &[], None).status, 409, "once");
    assert_eq!(reasons(&assign(officer, &complaint, &handler)).len(), 1, "who had it before");
    assert_eq!(follow(&scene.world.partner(), &receipt).body["has_it"].as_array().unwrap().len(), 1);
}

#[test]
fn a_complaint_keeps_an_officer() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let own = officer.get(&format!("{complaint}/assignments"));
    let path = format!("{complaint}/assignments/{}", own.text("/items/0/id").unwrap());
    assert_eq!(officer.send("DELETE", &path, &[], None).status, 409);
    let colleague = &scene.desk.officers[1];
    let body = json!({ "officer_id": colleague.id, "reason": "I am away from Monday on." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &body).status, 201);
    assert_eq!(officer.send("DELETE", &path, &[], None).status, 204);
    assert!(!sees(officer, &complaint) && sees(colleague, &complaint));
    scene.it_is("2026-11-23T09:00:00Z");
    assert!(scene.desk.offers().is_empty(), "somebody has it");
}

#[test]
fn a_complaint_keeps_an_officer_who_is_there() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let colleague = &scene.desk.officers[1];
    let body = json!({ "officer_id": colleague.id, "reason": "We look into it together." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &body).status, 201);
    let chief = scene.world.first_officer(&scene.council);
    let path = format!("/v1/council/officers/{}", colleague.id);
    assert_eq!(chief.put(&format!("{path}/leaving"), &chief.get(&path), &json!({})).status, 200);
    let listed = officer.get(&format!("{complaint}/assignments"));
    assert!(listed.text("/items/1/ended_at").is_some(), "who has left has it no more: {}", listed.body);
    let own = format!("{complaint}/assignments/{}", listed.text("/items/0/id").unwrap());
    assert_eq!(officer.send("DELETE", &own, &[], None).status, 409, "nobody else is there");
    assert!(sees(officer, &complaint));
}

#[test]
fn nobody_is_let_in_of_whom_something_is_known_and_each_thing_is_said() {
    let scene = Scene::new();
    let practice = &scene.practice;
    let person = messages::person();
    let known = record(practice, &person);
    let case = open(practice, &scene.council, &known);
    assert_eq!(give(practice, &case, &practice.social_worker).status, 200);
    let about = json!({
        "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] },
        "narrative": "Rosalind kept my file from me.", "must_not_see": ["Tomasz"],
    });
    let (_, officer, complaint) = scene.opened(about);
    let refused = |member: &Staff, name: &str| {
        let guest = scene.world.handler(&scene.council, &scene.desk, practice, member, name);
        let refused = assign(officer, &complaint, &guest);
        assert_eq!(refused.text("/errors/0/pointer"), Some("/guest_id"), "{name}: {}", refused.body);
        assert!(!sees(&guest, &complaint), "{name}");
        reasons(&refused).join("; ")
    };
    for (member, name, expected) in [
        (&practice.social_worker, "Hannah Price", "worked with the person"),
        (&practice.manager, "Gareth Pugh", "in the line"),
        (&practice.director, "Amara Okafor", "controls the practice"),
        (&practice.records_officer, "Rosalind Quayle", "name stands in the complaint"),
        (&practice.social_worker_2, "Tomasz Zielinski", "must not see"),
    ] {
        let said = refused(member, name);
        assert!(said.contains(expected), "{name}: {said}");
    }
    let free = scene.world.handler(&scene.council, &scene.desk, practice, &practice.practitioner_2, "Bola Adeyemi");
    assert_eq!(assign(officer, &complaint, &free).status, 201);
    // Nor is somebody let in whose manager is named: neither looks into the other.
    scene.world.clock.advance(chrono::TimeDelta::minutes(1));
    let (_, other, about_the_manager) = scene.opened(json!({ "staff": ["Gareth Pugh"] }));
    let managed = scene.world.handler(&scene.council, &scene.desk, practice, &practice.practitioner, "Lucy Freeman");
    assert!(reasons(&assign(other, &about_the_manager, &managed))[0].contains("in the line"));
    assert_eq!(assign(other, &about_the_manager, &free).status, 201);

    let colleague = &scene.desk.officers[1];
    let to_colleague = || {
        let body = json!({ "officer_id": colleague.id, "reason": "Is free of conflict." });
        officer.create(&format!("{complaint}/assignments"), &body)
    };
    let declared = colleague.create("/v1/complaints/interests", &json!({ "practice": practice.slug }));
    assert_eq!(reasons(&to_colleague()), ["is somebody who has declared an interest"]);
    colleague.send("DELETE", declared.header("location").unwrap(), &[], None);
    assert_eq!(to_colleague().status, 201);

    for (body, pointer) in [
        (json!({ "reason": "x" }), "/guest_id"),
        (json!({ "guest_id": free.id, "officer_id": colleague.id, "reason": "x" }), "/officer_id"),
        (json!({ "guest_id": colleague.id, "reason": "x" }), "/guest_id"),
        (json!({ "officer_id": scene.world.first_officer(&scene.council).id, "reason": "x" }), "/officer_id"),
        (json!({ "guest_id": free.id }), "/reason"),
    ] {
        let refused = officer.create(&format!("{complaint}/assignments"), &body);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
}

#[test]
fn whoever_has_said_that_they_know_somebody_is_not_let_in_by_a_colleague() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    let (first, offer) = scene.offer();
    assert_eq!(almoner_tests::complaints::answer(first, &offer, true).status, 200);
    scene.world.work_for_council(&scene.council);
    let (second, offer) = scene.offer();
    let opened = almoner_tests::complaints::answer(second, &offer, false);
    let path = format!("/v1/complaints/{}/assignments", opened.text("/complaint_id").unwrap());
    let refused = second.create(&path, &json!({ "officer_id": first.id, "reason": "Knows the practice well." }));
    assert!(reasons(&refused)[0].contains("knows somebody concerned"), "{}", refused.body);
}

#[test]
fn a_guest_who_is_let_go_has_nothing_and_comes_back_to_nothing() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let member = &scene.practice.practitioner_2;
    let handler = scene.world.handler(&scene.council, &scene.desk, &scene.practice, member, "Bola Adeyemi");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    assert!(sees(&handler, &complaint));
    let path = format!("/v1/complaints/guests/{}", handler.id);
    let seen = officer.get(&path);
    assert_eq!(officer.change(&format!("{path}/confirm"), &seen, &json!({})).status, 409, "nothing waits");
    let responsible = &scene.desk.responsible;
    let gone = responsible.change(&format!("{path}/let-go"), &seen, &json!({}));
    assert_eq!(gone.status, 200, "{}", gone.body);
    assert_eq!(responsible.change(&format!("{path}/let-go"), &gone, &json!({})).status, 409, "once");
    assert_eq!(handler.get(&complaint).status, 401, "from the next request on");
    assert_eq!(handler.sign_in(None).status, 401);
    assert_eq!(follow(&scene.world.partner(), &receipt).body["has_it"].as_array().unwrap().len(), 1);
    let listed = officer.get(&format!("{complaint}/assignments"));
    assert!(listed.body["items"][1]["ended_at"].is_string(), "{}", listed.body);

    scene.world.clock.advance(chrono::TimeDelta::minutes(1));
    officer.forget_token();
    let again = scene.world.handler(&scene.council, &scene.desk, &scene.practice, member, "Bola Adeyemi");
    assert!(!sees(&again, &complaint), "what they had is not theirs again");
    assert!(reasons(&assign(officer, &complaint, &again))[0].contains("had the complaint before"));
}

#[test]
fn a_practice_that_replaces_a_guests_credentials_opens_nothing_by_it() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let member = &scene.practice.practitioner_2;
    let handler = scene.world.handler(&scene.council, &scene.desk, &scene.practice, member, "Bola Adeyemi");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    assert!(sees(&handler, &complaint));
    let secret = take_over(&scene.world, &reset(&scene.practice.administrator, member));
    assert_eq!(handler.get(&complaint).status, 401, "their sessions have ended");
    let sign_in = || {
        scene.world.clock.advance(chrono::TimeDelta::minutes(1));
        let code = secret.code(scene.world.clock.now());
        let body = json!({ "email": member.email, "password": "a green bicycle in the rain", "code": code });
        scene.world.anyone().post("/v1/complaints/sessions", &body)
    };
    assert_eq!(sign_in().status, 401, "whoever holds the link now is not let in");
    let path = format!("/v1/complaints/guests/{}", handler.id);
    officer.forget_token();
    let seen = officer.get(&path);
    assert!(seen.body["unconfirmed_at"].is_string(), "{}", seen.body);
    let confirmed = officer.change(&format!("{path}/confirm"), &seen, &json!({}));
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert_eq!(sign_in().status, 201, "once an officer has seen them");
}
