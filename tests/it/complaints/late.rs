//! A complaint that was not answered in six months is answered all the same. What the Ombudsman decides is done, and what has a stream of its
//! own goes on, though the complaint is over.

use almoner_tests::callers::Caller;
use almoner_tests::complaints::follow;
use serde_json::json;

use super::answered::{draft, let_in, ready_to_sign, sign};
use super::{Scene, acknowledge, found, plan, pointers, put, raise};

#[test]
fn a_complaint_without_a_plan_after_six_months_is_explained_planned_and_answered() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    scene.it_is("2027-05-19T12:00:00Z");
    acknowledge(officer, &complaint);
    let plan_for = |day: &str| {
        let body = json!({ "handling": "I read the diary.", "respond_by": day, "period": "determined" });
        put(officer, &complaint, "plan", &body)
    };
    let explain = || {
        let body = json!({ "reason": "Nobody looked at your complaint. We are sorry." });
        officer.change(&format!("{complaint}/explain-delay"), &officer.get(&complaint), &body).status
    };
    assert_eq!(explain(), 200, "the day of the contract is over");
    assert_eq!(pointers(&plan_for("2027-06-04")), ["/respond_by"], "on the last day it is an extension");
    scene.it_is("2027-05-20T09:00:00Z");
    let refused = plan_for("2027-06-04");
    assert_eq!(pointers(&refused), ["/respond_by"]);
    assert!(refused.body.to_string().contains("tell the complainant first"), "{}", refused.body);
    assert_eq!(explain(), 200);
    assert_eq!(pointers(&plan_for("2027-05-19")), ["/respond_by"], "in the past");
    let planned = plan_for("2027-06-04");
    assert_eq!((planned.status, planned.text("/status")), (200, Some("investigating")), "{}", planned.body);
    assert_eq!(pointers(&plan_for("2027-06-05")), ["/respond_by"], "once planned, a later day is an extension");
    let head = raise(officer, &complaint);
    found(officer, &complaint, &head);
    assert_eq!(put(officer, &complaint, "response", &draft()).status, 200);
    let_in(officer, &complaint, &scene.desk.responsible);
    assert_eq!(sign(&scene.desk.responsible, &complaint).status, 200);
    assert_eq!(put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2027-05-20" })).status, 200);
    assert_eq!(follow(&scene.world.partner(), &receipt).text("/status"), Some("answered"));
}

#[test]
fn a_complaint_that_came_late_is_answered_once_it_is_said_why_it_is_looked_into() {
    let scene = Scene::new();
    let (_, officer, complaint) = ready_to_sign(&scene, json!({ "happened_on": "2026-10-01" }));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    let late = json!({ "happened_on": "2025-06-30" });
    assert_eq!(put(officer, &complaint, "timeliness", &late).body["late"], json!(true));
    let missing = officer.get(&format!("{complaint}/response"));
    assert_eq!(missing.text("/missing/0/pointer"), Some("/timeliness/accepted_because"), "{}", missing.body);
    assert_eq!(pointers(&sign(responsible, &complaint)), ["/timeliness/accepted_because"]);
    let accepted = json!({ "happened_on": "2025-06-30", "accepted_because": "She was in hospital until October." });
    assert_eq!(put(officer, &complaint, "timeliness", &accepted).status, 200);
    let signed = sign(responsible, &complaint);
    assert_eq!(signed.status, 200, "{}", signed.body);
}

#[test]
fn what_was_received_longer_ago_than_a_year_is_a_slip_of_the_pen() {
    let scene = Scene::new();
    let officer = &scene.desk.officers[0];
    for (day, status) in [("2025-11-20", 201), ("2025-11-19", 422), ("2016-11-20", 422)] {
        let taken = officer.create("/v1/complaints", &scene.telephoned(json!({ "received_on": day })));
        assert_eq!(taken.status, status, "{day}: {}", taken.body);
    }
    let desk = scene.complaint(json!({ "received_on": "2016-11-20" }));
    assert_eq!(pointers(&scene.practice.manager.create("/v1/practice/complaints", &desk)), ["/received_on"]);
}

/// What is due to an officer, by clock and day.
fn due(officer: &almoner_tests::Staff) -> Vec<(String, String)> {
    officer.forget_token();
    let due = officer.get("/v1/complaints/due");
    let items = due.body["items"].as_array().unwrap_or_else(|| panic!("{}", due.body)).iter();
    let word = |item: &serde_json::Value, member: &str| item[member].as_str().unwrap().to_owned();
    items.map(|item| (word(item, "clock"), word(item, "on"))).collect()
}

#[test]
fn after_a_decision_of_the_ombudsmans_an_exclusion_is_put_right_and_the_clock_of_the_remedy_runs() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let over = json!({ "ground": "previously_investigated", "reason": "It was answered in spring.", "heard_on": "2026-03-03" });
    assert_eq!(officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &over).status, 200);
    let remedy =
        json!({ "what": "Apologise.", "owner": "Head of service", "due_on": "2026-12-18", "for_ombudsman": true });
    let own = json!({ "what": "Apologise.", "owner": "Head of service", "due_on": "2026-12-18" });
    let add = |action: &serde_json::Value| officer.create(&format!("{complaint}/actions"), action).status;
    let reopen = || {
        let why = json!({ "reason": "The Ombudsman asked us to look into it." });
        officer.change(&format!("{complaint}/reopen"), &officer.get(&complaint), &why)
    };
    assert_eq!((add(&remedy), reopen().status), (409, 409), "nobody decided on it");
    assert_eq!(put(officer, &complaint, "ombudsman", &json!({ "asked_on": "2026-11-20" })).status, 200);
    assert_eq!((add(&remedy), reopen().status), (409, 409), "nobody has decided yet");
    let decided = json!({ "asked_on": "2026-11-20", "decision": "upheld", "decided_on": "2026-11-20" });
    assert_eq!(put(officer, &complaint, "ombudsman", &decided).status, 200);
    assert_eq!(add(&own), 409, "the Ombudsman did not ask for it");
    assert_eq!(add(&remedy), 201);
    assert_eq!(due(officer), [("remedy".to_owned(), "2026-12-18".to_owned())]);
    scene.it_is("2026-12-19T00:01:00Z");
    assert_eq!(scene.asked(), ("Helena", "responsible_person".to_owned()));
    let told = follow(&scene.world.partner(), &receipt).body["messages"].to_string();
    assert!(told.contains("the Ombudsman asked for has not been done"), "{told}");

    let reopened = reopen();
    assert_eq!((reopened.status, reopened.text("/status")), (200, Some("acknowledged")), "{}", reopened.body);
    assert!(reopened.body.get("exclusion").is_none() && reopened.body.get("closed_at").is_none());
    assert!(reopened.text("/acknowledged_at").is_some(), "the complainant reads that it is looked into");
    assert_eq!(reopened.text("/response_latest_on"), Some("2027-06-18"), "clocks that begin today");
    plan(officer, &complaint, "2027-01-29");
    let later = json!({ "what": "Somebody rings.", "owner": "The practice", "due_on": "2027-01-29" });
    assert_eq!(add(&later), 201, "it is a complaint like any other");
}

#[test]
fn a_matter_that_is_dealt_with_apart_keeps_its_day_when_the_complaint_is_over() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let matter = json!({ "stream": "data_protection", "owner": "Data protection officer", "words": "That part is dealt with apart." });
    assert_eq!(officer.create(&format!("{complaint}/matters"), &matter).status, 201);
    let own = json!({ "what": "Somebody rings.", "owner": "The practice", "due_on": "2026-12-01" });
    assert_eq!(officer.create(&format!("{complaint}/actions"), &own).status, 201);
    let over = json!({ "ground": "no_complaint", "reason": "The rest is for our data protection officer." });
    assert_eq!(officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &over).status, 200);
    assert_eq!(due(officer), [("action".to_owned(), "2026-12-19".to_owned())], "and what was promised besides is not");
    let listed = officer.get("/v1/complaints");
    assert_eq!(listed.text("/items/0/next_due/on"), Some("2026-12-19"), "{}", listed.body);
    scene.it_is("2026-12-20T00:01:00Z");
    assert_eq!(scene.asked(), ("Helena", "responsible_person".to_owned()), "the day of the statute passes seen");
    let told = follow(&scene.world.partner(), &receipt).body["messages"].to_string();
    assert!(told.contains("promised to you has not been done"), "{told}");
}
