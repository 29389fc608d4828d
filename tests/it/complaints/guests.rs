//! The guests of a council: who knows of them, who lets them go, and as what they come in.

use almoner_tests::callers::Caller;
use almoner_tests::complaints::{assign, follow};
use serde_json::{Value, json};

use super::{NOBODYS, Scene, pointers, raise, sees};

const GUESTS: &str = "/v1/complaints/guests";

fn names(listed: &Value) -> Vec<&str> {
    listed["items"].as_array().unwrap().iter().map(|guest| guest["name"].as_str().unwrap()).collect()
}

#[test]
fn who_is_heard_is_known_to_those_who_have_the_complaint_and_to_nobody_else_at_the_desk() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({ "staff": ["Hannah Price"] }));
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    let subject = scene.world.shown_a_part(&scene.council, officer, &complaint, "Hannah Price", "subject");
    let colleague = scene.desk.officers.iter().find(|one| one.id != officer.id).unwrap();
    assert_eq!(names(&officer.get(GUESTS).body), ["Margaret Ashby", "Hannah Price"]);
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    let path = format!("{GUESTS}/{}", subject.id);
    for other in [colleague, &scene.desk.responsible, &scene.desk.alternate] {
        assert_eq!(names(&other.get(GUESTS).body), ["Margaret Ashby"], "{}", other.email);
        assert_eq!(other.get(&path).status, 404);
        assert_eq!(other.post_with(&format!("{path}/let-go"), &[("if-match", "\"1\"")], &json!({})).status, 404);
    }
    // Nor does her address tell: a colleague invites her to handle complaints, or to be heard in another.
    let (_, next, other) = scene.opened(json!({}));
    let again = |email: &str, complaint: &str| json!({ "name": "Hannah Price", "email": email, "capacity": "subject", "complaint_id": complaint.rsplit('/').next() });
    assert_eq!(next.create(GUESTS, &again(&subject.email, &other)).status, 201);
    let invite = json!({ "name": "Hannah Price", "email": subject.email, "capacity": "investigator" });
    assert_eq!(next.create(GUESTS, &invite).status, 201);
    assert_eq!(officer.create(GUESTS, &again(&subject.email, &complaint)).status, 409, "in one complaint once");
    assert_eq!(pointers(&next.create(GUESTS, &again("other@x.example", &complaint))), ["/complaint_id"], "another's");
    assert_eq!(pointers(&next.create(GUESTS, &again("other@x.example", NOBODYS))), ["/complaint_id"]);
    let without = json!({ "name": "Hannah Price", "email": "other@x.example", "capacity": "employers_lead" });
    assert_eq!(pointers(&next.create(GUESTS, &without)), ["/practice", "/complaint_id"]);
    let needless = json!({
        "name": "Ann Other", "email": "other@x.example", "capacity": "investigator",
        "complaint_id": other.rsplit('/').next(),
    });
    assert_eq!(pointers(&next.create(GUESTS, &needless)), ["/complaint_id"]);
    let gone = officer.change(&format!("{path}/let-go"), &officer.get(&path), &json!({}));
    assert_eq!(gone.status, 200, "who has the complaint lets her go: {}", gone.body);
}

#[test]
fn who_handles_complaints_is_let_go_by_the_responsible_person_alone() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    let path = format!("{GUESTS}/{}", handler.id);
    for other in &scene.desk.officers {
        let refused = other.change(&format!("{path}/let-go"), &other.get(&path), &json!({}));
        assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    }
    assert!(sees(&handler, &complaint));
    let alternate = &scene.desk.alternate;
    assert_eq!(alternate.change(&format!("{path}/let-go"), &alternate.get(&path), &json!({})).status, 200);
    assert_eq!(handler.get(&complaint).status, 401);
}

#[test]
fn whoever_handles_complaints_is_heard_in_another_with_the_same_account() {
    let scene = Scene::new();
    let member = &scene.practice.practitioner_2;
    let handler = scene.world.handler(&scene.council, &scene.desk, &scene.practice, member, "Bola Adeyemi");
    let (_, officer, own) = scene.opened(json!({}));
    assert_eq!(assign(officer, &own, &handler).status, 201);
    scene.world.clock.advance(chrono::TimeDelta::minutes(1));
    let (receipt, next, about_them) = scene.opened(json!({ "staff": ["Bola Adeyemi"] }));
    let head = raise(next, &about_them);
    let as_subject = ("Bola Adeyemi", member.email.as_str(), "subject");
    let subject = scene.world.shown_another_part(&scene.council, next, &about_them, as_subject);
    let hearing = json!({
        "guest_id": subject.id, "heads": [head], "message": "We ask your worker.", "interim": "Mr Bell visits you.",
    });
    assert_eq!(next.create(&format!("{about_them}/hearings"), &hearing).status, 201);
    scene.it_is("2026-11-26T10:00:00Z");
    handler.forget_token();
    let shown = handler.get("/v1/complaints/shown");
    assert_eq!(shown.text("/items/0/heads/0/statement"), Some("Three visits were cancelled without a call."));
    assert!(sees(&handler, &own) && !sees(&handler, &about_them), "each as what they are there");
    let answers = format!("/v1/complaints/shown/{}/answers", shown.text("/items/0/id").unwrap());
    assert_eq!(handler.create(&answers, &json!({ "text": "I rang twice." })).status, 201);
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/has_it/1/capacity"), Some("subject"), "{}", followed.body);
}

#[test]
fn the_subject_is_told_nothing_before_the_complainant_is() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({ "staff": ["Hannah Price"] }));
    let head = raise(officer, &complaint);
    let invite = json!({
        "name": "Hannah Price", "email": "hannah@home.example", "capacity": "subject",
        "complaint_id": complaint.rsplit('/').next(),
    });
    let invited = officer.create(GUESTS, &invite);
    let hearing = json!({
        "guest_id": invited.text("/id"), "heads": [head], "message": "We ask your worker.", "interim": "Mr Bell visits.",
    });
    let opened = officer.create(&format!("{complaint}/hearings"), &hearing);
    assert_eq!(opened.status, 201, "she has not joined, and knows nothing: {}", opened.body);
    let told = follow(&scene.world.partner(), &receipt);
    assert!(told.body["messages"].to_string().contains("We ask your worker"), "{}", told.body);
}
