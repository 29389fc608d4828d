//! Messages: to whom each goes, and to whom it is closed.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{answer, assign, follow, write_as_complainant};
use serde_json::{Value, json};

use super::answered::let_in;
use super::{Scene, sees};

/// The texts of the messages in a complaint.
fn texts(complaint: &Answer) -> Vec<&str> {
    let messages = complaint.body["messages"].as_array().unwrap_or_else(|| panic!("{}", complaint.body));
    messages.iter().filter_map(|message| message["text"].as_str()).collect()
}

#[test]
fn what_the_complainant_writes_goes_to_the_officers_alone_until_one_passes_it_on() {
    let scene = Scene::new();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let handler = scene.world.handler(
        &scene.council,
        &scene.desk,
        &scene.practice,
        &scene.practice.practitioner_2,
        "Bola Adeyemi",
    );
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    assert_eq!(write_as_complainant(&app, &receipt, "Please do not ring on Thursday.").status, 201);
    let answered = handler.create(&format!("{complaint}/messages"), &json!({ "text": "May I call on you?" }));
    assert_eq!(answered.status, 201, "{}", answered.body);
    assert_eq!(texts(&officer.get(&complaint)), ["Please do not ring on Thursday.", "May I call on you?"]);
    assert_eq!(texts(&handler.get(&complaint)), ["May I call on you?"]);
    assert_eq!(texts(&follow(&app, &receipt)), ["Please do not ring on Thursday.", "May I call on you?"]);

    let message = officer.get(&complaint).text("/messages/0/id").unwrap().to_owned();
    let path = format!("{complaint}/messages/{message}/passed-on");
    assert_eq!(handler.send("PUT", &path, &[], None).status, 403, "a guest passes nothing on");
    assert_eq!(scene.desk.officers[1].send("PUT", &path, &[], None).status, 404);
    assert_eq!(officer.send("PUT", &path, &[], None).status, 204);
    assert_eq!(officer.send("PUT", &path, &[], None).status, 204, "the same again changes nothing");
    assert_eq!(texts(&handler.get(&complaint)).len(), 2);
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.message_passed_on"), 1);
}

#[test]
fn a_message_that_may_name_an_officer_is_closed_to_them_and_another_is_asked() {
    let scene = Scene::new();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let words = "It was Ms Oyelaran who told me to be quiet.";
    assert_eq!(write_as_complainant(&app, &receipt, words).status, 201);
    assert!(texts(&officer.get(&complaint)).is_empty(), "she does not read it");
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
    let (other, offer) = scene.offer();
    assert_eq!(answer(other, &offer, false).status, 200);
    let seen = other.get(&complaint);
    assert_eq!(texts(&seen), [words]);
    // Nobody can let somebody in who is named where they do not look: the colleague who reads it says so.
    let path = format!("{complaint}/messages/{}/passed-on", seen.text("/messages/0/id").unwrap());
    assert_eq!(officer.send("PUT", &path, &[], None).status, 404, "to her there is no such message");
    assert_eq!(other.send("PUT", &path, &[], None).status, 204);
    assert_eq!(texts(&officer.get(&complaint)), [words], "he has judged that another is meant");
}

#[test]
fn an_offer_to_somebody_whom_a_later_message_names_ends_and_opens_nothing() {
    let scene = Scene::new();
    let app = scene.world.partner();
    let receipt = scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    let (officer, offer) = scene.offer();
    assert_eq!(write_as_complainant(&app, &receipt, "Beatrice shouted at me.").status, 201);
    let answered = answer(officer, &offer, false);
    assert_eq!(answered.text("/outcome"), Some("conflict"), "before the worker comes by: {}", answered.body);
    assert_eq!(officer.get("/v1/complaints").body["items"], json!([]));
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
}

#[test]
fn who_is_named_in_a_message_is_not_let_in_whether_or_not_whoever_lets_them_in_reads_it() {
    let scene = Scene::new();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(write_as_complainant(&app, &receipt, "Mrs Ashby laughed at me.").status, 201);
    let refused = assign(officer, &complaint, &guest);
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.text("/errors/0/detail").unwrap().contains("name stands in the complaint"), "{}", refused.body);
    assert!(!sees(&guest, &complaint));
    // What the council writes names nobody in this sense.
    let (_, officer, complaint) = scene.opened(json!({}));
    let kind = json!({ "text": "Margaret Ashby will ring you on Monday." });
    assert_eq!(officer.create(&format!("{complaint}/messages"), &kind).status, 201);
    assert_eq!(assign(officer, &complaint, &guest).status, 201);
}

#[test]
fn an_acknowledgement_is_a_message_and_is_given_once() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let path = format!("{complaint}/acknowledge");
    let body = json!({ "message": "May I ring you to agree how we look into this?" });
    let seen = officer.get(&complaint);
    let done = officer.change(&path, &seen, &body);
    assert_eq!((done.status, done.text("/status")), (200, Some("acknowledged")), "{}", done.body);
    assert_eq!(officer.change(&path, &seen, &body).status, 412, "what was read has changed");
    assert_eq!(officer.change(&path, &officer.get(&complaint), &body).status, 409, "once");
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/status"), Some("acknowledged"));
    assert!(followed.text("/acknowledged_at").is_some() && followed.text("/council/name").is_some());
    assert_eq!(texts(&followed).len(), 1);
    for text in [Value::Null, "".into(), " ".into(), "x".repeat(4001).into()] {
        let refused = officer.change(&path, &officer.get(&complaint), &json!({ "message": text }));
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/message")), "{}", refused.body);
    }
}

#[test]
fn an_acknowledgement_says_how_and_when_it_was_given_by_word_of_mouth_too() {
    let scene = Scene::new();
    let telephoned = || {
        let taken = scene.desk.officers[0].create("/v1/complaints", &scene.telephoned(json!({})));
        assert_eq!(taken.status, 201, "{}", taken.body);
        scene.world.work_for_council(&scene.council);
        let (officer, offer) = scene.offer();
        let opened = answer(officer, &offer, false);
        (taken, officer, format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap()))
    };
    let acknowledges = |officer: &almoner_tests::Staff, complaint: &str, how: Value| {
        let mut body = json!({ "message": "May I ring you on Thursday to agree how we look into this?" });
        body.as_object_mut().unwrap().extend(how.as_object().unwrap().clone());
        officer.change(&format!("{complaint}/acknowledge"), &officer.get(complaint), &body)
    };
    let (receipt, officer, complaint) = telephoned();
    scene.world.set_clock("2026-11-24T09:00:00Z");
    officer.forget_token();
    for (how, at) in [
        (json!({ "by": "app" }), "/by"),
        (json!({ "by": "email" }), "/by"),
        (json!({ "by": "sms" }), "/by"),
        (json!({ "by": "phone", "on": "2026-11-19" }), "/on"),
        (json!({ "by": "phone", "on": "2026-11-25" }), "/on"),
    ] {
        let refused = acknowledges(officer, &complaint, how.clone());
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(at)), "{how}: {}", refused.body);
    }
    let done = acknowledges(officer, &complaint, json!({ "by": "phone", "on": "2026-11-20" }));
    assert_eq!((done.status, done.text("/acknowledged_by")), (200, Some("phone")), "{}", done.body);
    assert_eq!(done.text("/acknowledged_at"), Some("2026-11-20T12:00:00Z"), "that was in time");
    assert_eq!(done.text("/progress_due_on"), Some("2026-12-18"), "twenty working days after they heard");
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/acknowledged_by"), Some("phone"), "{}", followed.body);
    assert_eq!(followed.text("/acknowledged_at"), Some("2026-11-20T12:00:00Z"));

    // Whoever follows it with the code reads it there.
    scene.desk.forget_tokens();
    let (receipt, officer, complaint) = telephoned();
    follow(&scene.world.partner(), &receipt);
    let done = acknowledges(officer, &complaint, json!({ "by": "app" }));
    assert_eq!((done.status, done.text("/acknowledged_by")), (200, Some("app")), "{}", done.body);
    // So does whoever complained with an app, and a client that says nothing means that.
    for how in [json!({ "by": "app" }), json!({})] {
        let (_, officer, complaint) = scene.opened(json!({}));
        let done = acknowledges(officer, &complaint, how);
        assert_eq!((done.status, done.text("/acknowledged_by")), (200, Some("app")), "{}", done.body);
        assert!(done.text("/acknowledged_at").unwrap().starts_with("2026-11-24T09:"), "today: {}", done.body);
    }
    // By electronic mail it goes to whoever consented.
    let contact = json!({ "preferred": "email", "email": "edith@marlow.example", "electronic": true });
    let (_, officer, complaint) = scene.opened(json!({ "contact": contact }));
    assert_eq!(acknowledges(officer, &complaint, json!({ "by": "email" })).text("/acknowledged_by"), Some("email"));
}

#[test]
fn who_has_no_role_in_complaints_any_more_is_not_said_to_have_it() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let_in(officer, &complaint, &scene.desk.responsible);
    let who_has_it = || -> Vec<String> {
        let followed = follow(&scene.world.partner(), &receipt);
        let has_it = followed.body["has_it"].as_array().unwrap();
        has_it.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(who_has_it(), ["Beatrice Oyelaran", "Helena Vance"]);
    let keeper = scene.world.officer_named(&scene.council, "Nobody Else", &[OfficerRole::Administrator]);
    let path = format!("/v1/council/officers/{}", officer.id);
    keeper.step_up();
    let changed = keeper.patch(&path, &keeper.get(&path), &json!({ "roles": ["duty"] }));
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(who_has_it(), ["Helena Vance"]);
}
