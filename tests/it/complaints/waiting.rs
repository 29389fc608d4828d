//! What waits though the complaint itself has its clocks: what the complainant wrote or sent, an objection, a code that was never sent, a
//! complaint that was answered and never closed.

use almoner_tests::callers::Caller;
use almoner_tests::complaints::{answer, assign, follow, send_as_complainant, write_as_complainant};
use almoner_tests::{Staff, messages};
use serde_json::json;

use super::answered::{let_in, ready_to_sign, sign};
use super::clocks::told;
use super::{Scene, acknowledge, plan, put};

/// The days on which something is due to somebody by this clock.
pub(super) fn days(reader: &Staff, clock: &str) -> Vec<String> {
    reader.forget_token();
    let due = reader.get("/v1/complaints/due");
    let items = due.body["items"].as_array().unwrap_or_else(|| panic!("{}", due.body)).iter();
    items.filter(|item| item["clock"] == clock).map(|item| item["on"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_the_complainant_writes_waits_for_an_officer_however_busy_a_handler_is() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2027-01-15");
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    assert!(days(officer, "answer_message").is_empty());
    scene.it_is("2026-11-20T12:00:00Z");
    assert_eq!(write_as_complainant(&scene.world.partner(), &receipt, "when do you ring me?").status, 201);
    assert_eq!(days(officer, "answer_message"), ["2026-11-27"]);
    assert!(days(&handler, "answer_message").is_empty(), "who does not see the message");
    let listed = officer.get("/v1/complaints");
    assert!(listed.body["items"][0]["next_due"].is_object(), "{}", listed.body);
    for day in ["2026-11-24", "2026-11-27"] {
        scene.world.set_clock(&format!("{day}T09:00:00Z"));
        handler.forget_token();
        assert_eq!(handler.get(&complaint).status, 200);
        let said = handler.create(&format!("{complaint}/messages"), &json!({ "text": "I read the diary today." }));
        assert_eq!(said.status, 201, "{}", said.body);
    }
    scene.it_is("2026-11-27T23:59:00Z");
    assert!(scene.desk.offers().is_empty());
    scene.it_is("2026-11-28T00:01:00Z");
    assert_eq!(scene.asked(), ("Helena", "responsible_person".to_owned()), "the officer is ill, and nobody saw it");
    let words = told(&scene, &receipt);
    assert!(words.len() == 1 && words[0].starts_with("Something that you wrote or sent"), "{words:?}");
    assert!(words[0].contains("0300 061 0614"), "{words:?}");
    let said = officer.create(&format!("{complaint}/messages"), &json!({ "text": "I was ill, and ring you today." }));
    assert_eq!(said.status, 201, "{}", said.body);
    assert!(days(officer, "answer_message").is_empty(), "an officer answered it");
}

#[test]
fn passing_it_on_is_enough_and_a_document_waits_like_a_message() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    scene.it_is("2026-11-20T12:00:00Z");
    let sent =
        send_as_complainant(&scene.world.partner(), &receipt, "Visits.txt", ("text/plain", b"As I wrote them down."));
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_eq!(days(officer, "answer_message"), ["2026-11-27"]);
    let path = format!("{complaint}/documents/{}/passed-on", sent.text("/id").unwrap());
    assert_eq!(officer.send("PUT", &path, &[], None).status, 204);
    assert!(days(officer, "answer_message").is_empty());
    assert_eq!(write_as_complainant(&scene.world.partner(), &receipt, "thank you.").status, 201);
    assert_eq!(days(officer, "answer_message"), ["2026-11-27"]);
    let seen = officer.get(&complaint);
    let messages = seen.body["messages"].as_array().unwrap();
    let id = messages.last().unwrap()["id"].as_str().unwrap();
    assert_eq!(officer.send("PUT", &format!("{complaint}/messages/{id}/passed-on"), &[], None).status, 204);
    assert!(days(officer, "answer_message").is_empty());
}

#[test]
fn what_may_name_an_officer_is_not_answered_by_them() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    let_in(officer, &complaint, &scene.desk.officers[1]);
    scene.it_is("2026-11-20T12:00:00Z");
    assert_eq!(write_as_complainant(&scene.world.partner(), &receipt, "Beatrice was at the visit.").status, 201);
    scene.it_is("2026-11-20T13:00:00Z");
    let said = officer.create(&format!("{complaint}/messages"), &json!({ "text": "I ring you on Thursday." }));
    assert_eq!(said.status, 201, "{}", said.body);
    assert!(days(officer, "answer_message").is_empty(), "who does not see it");
    assert_eq!(days(&scene.desk.officers[1], "answer_message"), ["2026-11-27"], "it is closed to who wrote since");
    scene.it_is("2026-11-28T00:01:00Z");
    assert!(told(&scene, &receipt).iter().any(|told| told.starts_with("Something that you wrote")));
}

#[test]
fn whoever_writes_after_the_end_is_answered_too() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    assert_eq!(write_as_complainant(&scene.world.partner(), &receipt, "before the end.").status, 201);
    let over = json!({ "ground": "previously_investigated", "reason": "It was answered in spring.", "heard_on": "2026-03-03" });
    scene.it_is("2026-11-20T12:00:00Z");
    assert_eq!(officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &over).status, 200);
    assert!(days(officer, "answer_message").is_empty(), "the reason answers what came before");
    scene.it_is("2026-11-20T13:00:00Z");
    assert_eq!(write_as_complainant(&scene.world.partner(), &receipt, "that was another matter.").status, 201);
    assert_eq!(days(officer, "answer_message"), ["2026-11-27"]);
    scene.it_is("2026-11-28T00:01:00Z");
    assert_eq!(scene.asked().0, "Helena");
}

#[test]
fn what_was_answered_is_closed_within_ten_working_days_after_everything_is_done() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = ready_to_sign(&scene, json!({}));
    let_in(officer, &complaint, &scene.desk.responsible);
    let action = json!({ "what": "Somebody rings first.", "owner": "The practice", "due_on": "2026-12-02" });
    let added = officer.create(&format!("{complaint}/actions"), &action);
    assert_eq!(sign(&scene.desk.responsible, &complaint).status, 200);
    assert_eq!(put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" })).status, 200);
    assert!(days(officer, "close").is_empty(), "something is to be done");
    scene.it_is("2026-12-01T09:00:00Z");
    let done = format!("actions/{}/done", added.text("/actions/0/id").unwrap());
    assert_eq!(put(officer, &complaint, &done, &json!({ "on": "2026-11-30", "words": "I saw it." })).status, 200);
    assert_eq!(days(officer, "close"), ["2026-12-14"]);
    scene.it_is("2026-12-15T00:01:00Z");
    assert_eq!(scene.asked(), ("Idris", "alternate".to_owned()), "the responsible person had it all the time");
    assert!(told(&scene, &receipt).is_empty(), "the complainant has their answer");
    assert_eq!(officer.change(&format!("{complaint}/close"), &officer.get(&complaint), &json!({})).status, 200);
    assert!(days(officer, "close").is_empty());
}

#[test]
fn the_code_of_a_complaint_from_a_practices_desk_is_sent_within_three_working_days() {
    let scene = Scene::new();
    let contact = json!({ "preferred": "phone", "phone": "07700 900461" });
    let desk = |contact: serde_json::Value| {
        let mut complaint = messages::complaint(&scene.practice.slug);
        complaint["contact"] = contact;
        scene.practice.practitioner.create("/v1/practice/complaints", &complaint)
    };
    assert_eq!(desk(contact.clone()).status, 202);
    scene.world.work_for_council(&scene.council);
    let (officer, offer) = scene.offer();
    let id = answer(officer, &offer, false).text("/complaint_id").unwrap().to_owned();
    let complaint = format!("/v1/complaints/{id}");
    acknowledge(officer, &complaint);
    assert_eq!(days(officer, "receipt"), ["2026-11-25"]);
    scene.it_is("2026-11-26T00:01:00Z");
    assert_eq!(scene.asked(), ("Helena", "responsible_person".to_owned()));
    let drawn = officer.create(&format!("{complaint}/code"), &json!({ "reason": "Nobody has seen one." }));
    assert_eq!(drawn.status, 201, "{}", drawn.body);
    assert!(days(officer, "receipt").is_empty());
    let words = told(&scene, &drawn);
    assert!(words.iter().any(|told| told.starts_with("The code with which you follow")), "{words:?}");

    // An app has given the code, and whoever leaves no contact cannot be sent one.
    let (_, officer, _) = scene.opened(json!({}));
    assert!(days(officer, "receipt").is_empty());
    let practice = &scene.practice;
    practice.practitioner.forget_token();
    let mut nobody = messages::complaint(&practice.slug);
    let members = nobody.as_object_mut().unwrap();
    members.remove("complainant");
    members.remove("contact");
    nobody["anonymous"] = true.into();
    assert_eq!(practice.practitioner.create("/v1/practice/complaints", &nobody).status, 202);
    scene.world.work_for_council(&scene.council);
    let offers = scene.desk.offers();
    for (officer, offer) in offers.iter().filter(|(officer, _)| officer.id != scene.desk.responsible.id) {
        assert_eq!(answer(officer, offer, false).status, 200);
        assert!(days(officer, "receipt").is_empty());
    }
}

#[test]
fn an_objection_on_which_nobody_decides_is_due_after_five_working_days() {
    let scene = Scene::new();
    let named = json!({ "must_not_see": ["Callum Whitfield", "Idris Rahman"] });
    let (receipt, officer, complaint) = scene.opened(named);
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2027-01-15");
    let object = |place: usize| {
        let followed = follow(&scene.world.partner(), &receipt);
        let id = followed.text(&format!("/has_it/{place}/id")).unwrap().to_owned();
        let path = format!("/v1/partner/complaints/{}/objections", receipt.text("/reference").unwrap());
        let key = almoner_tests::callers::fresh_key();
        let headers =
            [("complaint-access-code", receipt.text("/access_code").unwrap()), ("idempotency-key", key.as_str())];
        scene.world.partner().post_with(&path, &headers, &json!({ "assignment_id": id })).status
    };
    assert_eq!(object(0), 201);
    assert!(days(officer, "objection").is_empty(), "others are asked");
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Helena");
    let (responsible, offer) = scene.offer();
    assert_eq!(answer(responsible, &offer, true).status, 200, "she knows somebody");
    scene.world.work_for_council(&scene.council);
    assert_eq!(days(officer, "objection"), ["2026-11-27"]);
    for day in ["2026-11-24", "2026-11-27"] {
        scene.it_is(&format!("{day}T09:00:00Z"));
        assert_eq!(officer.get(&complaint).status, 200);
    }
    assert!(told(&scene, &receipt).is_empty());
    scene.it_is("2026-11-28T00:01:00Z");
    let words = told(&scene, &receipt);
    assert!(words.len() == 1 && words[0].starts_with("Your objection to an officer"), "{words:?}");
}
