//! What runs on though somebody looks at a complaint: word how it goes, the six months of the law, the reason why there is no response, and
//! the answers of those to whom a part is shown.

use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use serde_json::json;

use super::answered::let_in;
use super::clocks::told;
use super::waiting::days;
use super::{Scene, acknowledge, plan, raise};

#[test]
fn a_complaint_that_nobody_plans_comes_up_again_and_again_however_often_the_responsible_person_reads_it() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    assert_eq!(days(officer, "progress"), ["2026-12-18"], "from the acknowledgement on");
    assert_eq!(days(officer, "response_latest"), ["2027-05-19"], "with no plan");
    let mut day: chrono::NaiveDate = "2026-11-27".parse().unwrap();
    let mut number_of = |until: &str, words: &str| {
        while day <= until.parse().unwrap() {
            scene.it_is(&format!("{day}T09:00:00Z"));
            assert_eq!(responsible.get(&complaint).status, 200);
            day += chrono::TimeDelta::days(7);
        }
        told(&scene, &receipt).iter().filter(|told| told.contains(words)).count()
    };
    assert_eq!(number_of("2026-12-18", "how your complaint goes"), 0, "the day is not over");
    assert_eq!(number_of("2026-12-25", "how your complaint goes"), 1, "on Christmas Day");
    assert_eq!(scene.asked(), ("Idris", "alternate".to_owned()), "the responsible person has it");
    assert_eq!(
        number_of("2027-01-15", "how your complaint goes"),
        1,
        "neither Christmas nor New Year is a working day"
    );
    assert_eq!(number_of("2027-01-22", "how your complaint goes"), 2);
    assert_eq!(number_of("2027-01-22", "why your complaint is not answered"), 1, "the contract's day was 29 December");
    assert_eq!(number_of("2027-05-14", "how your complaint goes"), 5);
    assert_eq!(number_of("2027-05-14", "six months"), 0);
    assert_eq!(number_of("2027-05-21", "six months"), 1, "the last day was 19 May");
    assert_eq!(number_of("2027-05-28", "why your complaint is not answered"), 2, "of the six months too");
    assert_eq!(number_of("2027-06-11", "how your complaint goes"), 6);
    assert_eq!(number_of("2027-06-11", "six months"), 1, "once for each day");
    responsible.forget_token();
    let written = responsible.create(&format!("{complaint}/messages"), &json!({ "text": "I plan it today." }));
    assert_eq!(written.status, 201, "{}", written.body);
    assert_eq!(number_of("2027-07-02", "how your complaint goes"), 6, "as soon as they hear, it begins anew");
}

#[test]
fn why_there_is_no_response_is_due_five_working_days_after_its_day_until_it_was_told() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-11-27");
    assert!(days(officer, "delay").is_empty(), "nothing is late");
    scene.it_is("2026-11-28T09:00:00Z");
    assert_eq!(days(officer, "delay"), ["2026-12-04"]);
    for day in ["2026-11-30", "2026-12-04"] {
        scene.it_is(&format!("{day}T09:00:00Z"));
        assert_eq!(officer.get(&complaint).status, 200);
    }
    assert!(!told(&scene, &receipt).iter().any(|told| told.contains("why")), "the day is not over");
    scene.it_is("2026-12-05T00:01:00Z");
    let words = told(&scene, &receipt);
    let why = "You have not been told in time why your complaint is not answered.";
    assert!(words.iter().any(|told| told.starts_with(why) && told.contains("0300 061 0614")), "{words:?}");
    let reason = json!({ "reason": "Your worker is ill, and we want to hear her first." });
    let explained = officer.change(&format!("{complaint}/explain-delay"), &officer.get(&complaint), &reason);
    assert_eq!(explained.status, 200, "{}", explained.body);
    assert_eq!(explained.text("/progress_due_on"), Some("2027-01-06"), "whoever hears why hears how it goes");
    assert!(days(officer, "delay").is_empty());
    scene.it_is("2027-05-19T09:00:00Z");
    assert!(days(officer, "delay").is_empty(), "the six months are not over");
    scene.it_is("2027-05-20T09:00:00Z");
    assert_eq!(days(officer, "delay"), ["2027-05-26"], "why the plan was not kept is not why the law was not");
    assert_eq!(days(officer, "response_latest"), ["2027-05-19"]);
    assert!(told(&scene, &receipt).iter().any(|told| told.contains("the six months that the law gives")));
    let explained = officer.change(&format!("{complaint}/explain-delay"), &officer.get(&complaint), &reason);
    assert_eq!(explained.status, 200, "{}", explained.body);
    assert!(days(officer, "delay").is_empty());
}

/// Has somebody heard on a head, who sees it from 26 November on.
fn heard(scene: &Scene, officer: &Staff, complaint: &str, head: &str, name: &str, answer_by: &str) -> (Staff, String) {
    let subject = scene.world.shown_a_part(&scene.council, officer, complaint, name, "subject");
    let hearing = json!({ "guest_id": subject.id, "heads": [head], "answer_by": answer_by,
        "message": "On Thursday we ask your worker about the three visits.", "interim": "Mr Bell visits you." });
    let opened = officer.create(&format!("{complaint}/hearings"), &hearing);
    assert_eq!(opened.status, 201, "{}", opened.body);
    let items = opened.body["items"].as_array().unwrap_or_else(|| panic!("{}", opened.body));
    let own =
        items.iter().find(|one| one["guest_id"] == json!(subject.id)).unwrap_or_else(|| panic!("{}", opened.body));
    let part = own["id"].as_str().unwrap().to_owned();
    (subject, part)
}

#[test]
fn an_answer_of_a_part_that_does_not_come_is_due_to_the_officers_and_comes_before_the_responsible_person() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2027-01-15");
    let head = raise(officer, &complaint);
    let (subject, part) = heard(&scene, officer, &complaint, &head, "Hannah Price", "2026-12-03");
    let (gone, _) = heard(&scene, officer, &complaint, &head, "Rhys Morgan", "2026-12-02");
    assert_eq!(days(officer, "part"), ["2026-12-02", "2026-12-03"]);
    // Nobody waits for a guest who was let go.
    let path = format!("/v1/complaints/guests/{}", gone.id);
    assert_eq!(officer.change(&format!("{path}/let-go"), &officer.get(&path), &json!({})).status, 200);
    assert_eq!(days(officer, "part"), ["2026-12-03"]);
    for day in ["2026-11-26", "2026-12-03"] {
        scene.it_is(&format!("{day}T09:00:00Z"));
        assert_eq!(officer.get(&complaint).status, 200);
    }
    assert!(scene.desk.offers().is_empty(), "the day is not over");
    scene.it_is("2026-12-04T00:01:00Z");
    assert_eq!(scene.asked(), ("Helena", "responsible_person".to_owned()));
    let words = told(&scene, &receipt);
    assert!(words.len() == 1 && words[0].starts_with("Somebody who was asked about a part"), "{words:?}");
    let due = officer.get("/v1/complaints/due");
    let late = due.body["items"].as_array().unwrap().iter().find(|item| item["clock"] == "part");
    assert_eq!(late.unwrap()["overdue"], json!(true), "{}", due.body);
    subject.forget_token();
    let answer = json!({ "text": "I was ill on the third, and had asked for somebody to ring." });
    assert_eq!(subject.create(&format!("/v1/complaints/shown/{part}/answers"), &answer).status, 201);
    assert!(days(officer, "part").is_empty(), "they have answered");
}
