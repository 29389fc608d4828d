//! Matters that are dealt with apart from the complaint in which they came.

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{assign, follow};
use serde_json::{Value, json};

use super::{Scene, acknowledge, plan, pointers, put};

fn matter(stream: &str, changes: &Value) -> Value {
    let mut matter =
        json!({ "stream": stream, "owner": "Data protection officer", "words": "That part is dealt with apart." });
    matter.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    matter
}

#[test]
fn a_matter_goes_its_own_way_with_its_own_day_and_the_complaint_goes_on() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let path = format!("{complaint}/matters");
    let apart = officer.create(&path, &matter("data_protection", &json!({})));
    assert_eq!((apart.status, apart.text("/status")), (201, Some("received")), "{}", apart.body);
    assert_eq!(apart.text("/actions/0/due_on"), Some("2026-12-19"), "the thirtieth day, that of receipt among them");
    let enquiry = officer.create(&path, &matter("councillors_enquiry", &json!({ "due_on": "2026-12-04" })));
    assert_eq!(enquiry.text("/actions/1/due_on"), Some("2026-12-04"), "{}", enquiry.body);
    let grievance = officer.create(&path, &matter("grievance", &json!({})));
    assert_eq!(grievance.body["actions"][2]["due_on"], grievance.body["response_due_on"], "with the response");
    let due = officer.get("/v1/complaints/due");
    let days = |clock: &str| -> Vec<&str> {
        let items = due.body["items"].as_array().unwrap().iter().filter(|item| item["clock"] == clock);
        items.map(|item| item["on"].as_str().unwrap()).collect()
    };
    assert_eq!(days("action"), ["2026-12-04", "2026-12-19", "2026-12-29"], "{}", due.body);
    assert_eq!(days("acknowledgement"), ["2026-11-25"], "the complaint's own clocks run on");
    let told = follow(&scene.world.partner(), &receipt);
    assert_eq!(told.body["messages"].as_array().unwrap().len(), 3, "{}", told.body);
    assert_eq!(told.text("/messages/0/text"), Some("That part is dealt with apart."));

    let action = format!("actions/{}/done", apart.text("/actions/0/id").unwrap());
    let done = put(officer, &complaint, &action, &json!({ "on": "2026-11-20", "words": "She has acknowledged it." }));
    assert_eq!(done.text("/actions/0/done_on"), Some("2026-11-20"), "{}", done.body);
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-12-18");
    let drafted = officer.get(&format!("{complaint}/response"));
    assert!(
        !drafted.body.to_string().contains("dealt with apart"),
        "a response promises no other stream: {}",
        drafted.body
    );
}

#[test]
fn to_another_body_a_part_goes_with_consent_alone_and_the_whole_is_then_that_bodys() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let path = format!("{complaint}/matters");
    let exclude = |ground: &str| {
        let body =
            json!({ "ground": ground, "reason": "We sent your complaint to the hospital on Friday, as you agreed." });
        officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &body)
    };
    let hospital = "Royal Shrewsbury Hospital";
    let asked = |request: &Value| {
        let written = officer.create(&format!("{complaint}/requests"), request);
        let all = written.body["requests"].as_array().unwrap_or_else(|| panic!("{}", written.body));
        all.last().unwrap()["id"].as_str().unwrap().to_owned()
    };
    let decided = |request: &str, confirmed: bool| {
        let words =
            json!({ "confirmed": confirmed, "told_by": "phone", "told_on": "2026-11-20", "words": "She said so." });
        let path = format!("{complaint}/requests/{request}/decide");
        assert_eq!(officer.change(&path, &officer.get(&complaint), &words).status, 200);
    };
    let (waits, refused) = (
        asked(&json!({ "kind": "consent", "body": hospital })),
        asked(&json!({ "kind": "consent", "body": hospital })),
    );
    decided(&refused, false);
    let (consent, other) = (
        asked(&json!({ "kind": "consent", "body": hospital })),
        asked(&json!({ "kind": "person", "person": { "family_name": "Marlow" } })),
    );
    decided(&consent, true);
    decided(&other, true);
    let with =
        |owner: &str, request: &str| matter("other_body", &json!({ "owner": owner, "consent_request_id": request }));
    for (request, at) in [
        (matter("other_body", &json!({})), "/consent_request_id"),
        (matter("other_body", &json!({ "consented_on": "2026-11-20" })), "/consented_on"),
        (matter("compliment", &json!({ "consent_request_id": consent })), "/consent_request_id"),
        (with(hospital, super::NOBODYS), "/consent_request_id"),
        (with(hospital, &waits), "/consent_request_id"),
        (with(hospital, &refused), "/consent_request_id"),
        (with(hospital, &other), "/consent_request_id"),
        (with("Somewhere else", &consent), "/owner"),
        (matter("data_protection", &json!({ "due_on": "2026-12-20" })), "/due_on"),
        (matter("grievance", &json!({ "due_on": "2026-11-19" })), "/due_on"),
        (matter("nobodys", &json!({})), "/stream"),
    ] {
        assert_eq!(pointers(&officer.create(&path, &request)), [at], "{request}");
    }
    assert_eq!(pointers(&exclude("for_another_body")), ["/ground"], "nothing was sent anywhere");
    let sent_on = with("Royal Shrewsbury hospital", &consent);
    let apart = officer.create(&path, &sent_on);
    assert_eq!((apart.status, apart.text("/actions/0/consented_on")), (201, Some("2026-11-20")), "{}", apart.body);
    assert_eq!(pointers(&exclude("for_another_body")), ["/ground"], "it waits to be sent");
    let action = format!("actions/{}/done", apart.text("/actions/0/id").unwrap());
    put(officer, &complaint, &action, &json!({ "on": "2026-11-20", "words": "Sent by secure e-mail, and received." }));
    assert_eq!(pointers(&exclude("no_complaint")), ["/ground"], "it is one, though another body's");
    let over = exclude("for_another_body");
    assert_eq!((over.status, over.text("/status")), (200, Some("not_considered")), "{}", over.body);
    let late = officer.create(&path, &sent_on);
    assert_eq!((late.status, late.text("/type")), (409, Some("/problems/invalid-state")), "{}", late.body);
}

#[test]
fn between_practice_and_council_nothing_is_forwarded() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let app = scene.world.partner();
    let requests = format!("/v1/partner/complaints/{}/requests", receipt.text("/reference").unwrap());
    let council = follow(&app, &receipt).text("/council/name").unwrap().to_owned();
    let practice = officer.get(&complaint).text("/practice/name").unwrap().to_owned();
    for own in [council.to_uppercase(), format!(" {} ", practice.replace(' ', "  "))] {
        let consent = json!({ "kind": "consent", "body": own });
        let key = fresh_key();
        let headers = [("complaint-access-code", receipt.text("/access_code").unwrap()), ("idempotency-key", &key)];
        assert_eq!(pointers(&app.post_with(&requests, &headers, &consent)), ["/body"], "{own}");
        assert_eq!(pointers(&officer.create(&format!("{complaint}/requests"), &consent)), ["/body"], "{own}");
        let apart = matter("other_body", &json!({ "owner": own, "consent_request_id": super::NOBODYS }));
        assert_eq!(pointers(&officer.create(&format!("{complaint}/matters"), &apart)), ["/owner"], "{own}");
        let thanks = matter("compliment", &json!({ "owner": own }));
        assert_eq!(officer.create(&format!("{complaint}/matters"), &thanks).status, 201, "it is not sent on: {own}");
    }
}

#[test]
fn what_is_no_complaint_counts_among_none() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({ "narrative": "Thank you. The visits are a great help." }));
    scene.opened(json!({}));
    let exclude = || {
        let body = json!({ "ground": "no_complaint", "reason": "We passed your thanks on." });
        officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &body)
    };
    assert_eq!(pointers(&exclude()), ["/ground"]);
    let thanks = matter("compliment", &json!({ "owner": "Practice manager" }));
    assert_eq!(officer.create(&format!("{complaint}/matters"), &thanks).status, 201);
    assert_eq!(exclude().text("/exclusion"), Some("no_complaint"));
    let report = scene.desk.responsible.get("/v1/complaints/annual-report?ending=2027");
    assert_eq!(report.body["received"], 1, "{}", report.body);
    assert!(report.body.to_string().contains("no_complaint"), "it is told how many were none: {}", report.body);
}

#[test]
fn only_an_officer_who_has_the_complaint_sets_a_matter_apart() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let path = format!("{complaint}/matters");
    let investigator = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &investigator).status, 201);
    assert_eq!(investigator.create(&path, &matter("grievance", &json!({}))).status, 403);
    let colleague = scene.desk.officers.iter().find(|one| one.id != officer.id).unwrap();
    assert_eq!(colleague.create(&path, &matter("grievance", &json!({}))).status, 404);
}
