//! What is due, the list of it, and what happens when a day is over.

use almoner_tests::callers::Caller;
use almoner_tests::complaints::{answer, assign, follow};
use serde_json::json;

use super::{Scene, acknowledge, plan, put, raise};

/// What the complainant was told by the service, in order.
pub(super) fn told(scene: &Scene, receipt: &almoner_demo::web::Answer) -> Vec<String> {
    let followed = follow(&scene.world.partner(), receipt);
    let messages = followed.body["messages"].as_array().unwrap_or_else(|| panic!("{}", followed.body)).clone();
    let of_the_service = messages.iter().filter(|message| message["author"] == "service");
    of_the_service.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_of_those_who_have_a_complaint_has_the_list_of_what_is_due() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(handler.get("/v1/complaints/due").body["items"], json!([]), "who has none");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2027-01-15");
    let head = raise(officer, &complaint);
    let hold = json!({ "reason": "The police ask us to wait.", "until": "2026-12-11" });
    assert_eq!(put(officer, &complaint, &format!("heads/{head}/hold"), &hold).status, 200);
    assert_eq!(officer.create(&format!("{complaint}/requests"), &json!({ "kind": "withdrawal" })).status, 201);
    let action = json!({ "what": "Somebody rings first.", "owner": "The practice", "due_on": "2027-02-01" });
    assert_eq!(officer.create(&format!("{complaint}/actions"), &action).status, 201);
    let clocks = |reader: &almoner_tests::Staff| -> Vec<(String, String)> {
        let due = reader.get("/v1/complaints/due");
        let items = due.body["items"].as_array().unwrap_or_else(|| panic!("{}", due.body)).clone();
        let word = |item: &serde_json::Value, member: &str| item[member].as_str().unwrap().to_owned();
        items.iter().map(|item| (word(item, "clock"), word(item, "on"))).collect()
    };
    let words = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        all.iter().map(|(clock, on)| ((*clock).to_owned(), (*on).to_owned())).collect()
    };
    let for_all = [
        ("held_head", "2026-12-11"),
        ("progress", "2026-12-18"),
        ("response", "2027-01-15"),
        ("action", "2027-02-01"),
        ("response_latest", "2027-05-19"),
    ];
    assert_eq!(clocks(&handler), words(&for_all), "what was asked for is the officers'");
    let for_officers = [&[("request", "2026-11-27")][..], &for_all].concat();
    assert_eq!(clocks(officer), words(&for_officers));
    let listed = officer.get("/v1/complaints");
    assert_eq!(listed.text("/items/0/next_due/clock"), Some("request"), "{}", listed.body);
    assert_eq!(listed.body["items"][0]["overdue"], json!(false));
    scene.world.set_clock("2026-11-28T00:00:00Z");
    scene.desk.forget_tokens();
    assert_eq!(officer.get("/v1/complaints").body["items"][0]["overdue"], json!(true));
    assert_eq!(scene.desk.officers[1].get("/v1/complaints/due").body["items"], json!([]), "a colleague");
}

#[test]
fn a_response_that_is_late_comes_before_the_responsible_person_and_the_complainant_is_told() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-11-26");
    scene.it_is("2026-11-26T23:59:00Z");
    assert!(scene.desk.offers().is_empty() && told(&scene, &receipt).is_empty(), "the day is not over");
    scene.it_is("2026-11-27T00:01:00Z");
    assert_eq!(scene.asked().0, "Helena", "the responsible person");
    let words = told(&scene, &receipt);
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(
        words[0].starts_with("Your complaint has not been answered in time.") && words[0].contains("0300 061 0614")
    );
    scene.world.work_for_council(&scene.council);
    assert_eq!(told(&scene, &receipt).len(), 1, "once");
    let (responsible, offer) = scene.offer();
    assert_eq!(answer(responsible, &offer, false).status, 200);
    scene.it_is("2026-11-30T09:00:00Z");
    assert!(scene.desk.offers().is_empty(), "she has it, beside the officer");
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.escalated"), 1);
}

#[test]
fn where_the_responsible_person_knows_somebody_concerned_who_stands_in_is_asked() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-11-27");
    scene.it_is("2026-11-28T00:01:00Z");
    let (responsible, offer) = scene.offer();
    assert_eq!(answer(responsible, &offer, true).status, 200);
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Idris");
    let (alternate, offer) = scene.offer();
    assert_eq!(answer(alternate, &offer, true).status, 200);
    scene.world.work_for_council(&scene.council);
    assert!(scene.desk.offers().is_empty(), "nobody is left, and the officer has it still");
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.stranded"), 0);
}

#[test]
fn every_clock_that_runs_out_is_told_once_each() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    scene.it_is("2026-11-26T00:01:00Z");
    let words = told(&scene, &receipt);
    assert!(words.len() == 1 && words[0].contains("acknowledged in time"), "{words:?}");
    acknowledge(officer, &complaint);
    scene.it_is("2026-12-05T00:01:00Z");
    let words = told(&scene, &receipt);
    assert!(words.len() == 3, "the plan, and nobody has looked: {words:?}");
    assert!(words.iter().any(|told| told.contains("agreed with you")), "{words:?}");
    assert!(words.iter().any(|told| told.contains("Nobody who has your complaint")), "{words:?}");
    plan(officer, &complaint, "2027-03-26");
    let head = raise(officer, &complaint);
    let hold = json!({ "reason": "The police ask us to wait.", "until": "2026-12-08" });
    assert_eq!(put(officer, &complaint, &format!("heads/{head}/hold"), &hold).status, 200);
    // Two heads until the same day are told once.
    let second = raise(officer, &complaint);
    assert_eq!(put(officer, &complaint, &format!("heads/{second}/hold"), &hold).status, 200);
    let action = |due_on: &str, for_ombudsman: bool| {
        let new = json!({ "what": "Somebody rings.", "owner": "The practice", "due_on": due_on, "for_ombudsman": for_ombudsman });
        assert_eq!(officer.create(&format!("{complaint}/actions"), &new).status, 201);
    };
    action("2026-12-09", false);
    action("2026-12-10", true);
    assert_eq!(officer.create(&format!("{complaint}/requests"), &json!({ "kind": "withdrawal" })).status, 201);
    scene.it_is("2026-12-12T00:01:00Z");
    let words = told(&scene, &receipt);
    for expected in ["was held", "promised to you", "the Ombudsman asked for", "What you asked for"] {
        assert_eq!(words.iter().filter(|told| told.contains(expected)).count(), 1, "{expected}: {words:?}");
    }
    scene.it_is("2027-01-08T00:01:00Z");
    assert!(told(&scene, &receipt).iter().any(|told| told.contains("how your complaint goes")));
}

#[test]
fn nobody_is_silent_who_looks_at_the_complaint_every_few_days() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2027-01-15");
    for day in ["2026-11-27", "2026-12-04", "2026-12-11"] {
        scene.it_is(&format!("{day}T09:00:00Z"));
        assert_eq!(officer.get(&complaint).status, 200);
    }
    assert!(told(&scene, &receipt).is_empty());
    scene.it_is("2026-12-19T00:01:00Z");
    let words = told(&scene, &receipt);
    assert!(words.iter().any(|told| told.contains("Nobody who has your complaint")), "{words:?}");
    assert_eq!(scene.asked().0, "Helena");
    // As soon as somebody has looked, nobody else is wanted.
    assert_eq!(officer.get(&complaint).status, 200);
    let told_how = officer.create(&format!("{complaint}/messages"), &json!({ "text": "I am back, and go on." }));
    assert_eq!(told_how.status, 201);
    scene.it_is("2026-12-22T00:01:00Z");
    assert!(scene.desk.offers().is_empty(), "the offer has lapsed, and none follows");
}
