//! What an officer decided, and the responsible person looks at again: never the officer whose decision it is.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{answer, assign, follow, write_as_complainant};
use almoner_tests::{Staff, World};
use serde_json::{Value, json};

use super::answered::{let_in, ready_to_sign, sign};
use super::{Scene, acknowledge, plan, pointers, put, sees};

/// Asks for a review with the receipt.
fn ask(world: &World, receipt: &Answer, words: &str) -> Answer {
    let path = format!("/v1/partner/complaints/{}/requests", receipt.text("/reference").unwrap());
    let code = receipt.text("/access_code").unwrap();
    let headers = [("complaint-access-code", code), ("idempotency-key", &fresh_key())];
    world.partner().post_with(&path, &headers, &json!({ "kind": "review", "words": words }))
}

/// Sends a decision on the latest request to this end of its path.
fn decide(officer: &Staff, complaint: &str, end: &str, body: &Value) -> Answer {
    let seen = officer.get(complaint);
    let requests = seen.body["requests"].as_array().unwrap_or_else(|| panic!("{}", seen.body));
    let id = requests.last().unwrap()["id"].as_str().unwrap();
    officer.change(&format!("{complaint}/requests/{id}/{end}"), &seen, body)
}

fn review(officer: &Staff, complaint: &str, upheld: bool) -> Answer {
    let body = json!({ "upheld": upheld, "reasons": "I read what you wrote, and the answer of March." });
    decide(officer, complaint, "review", &body)
}

fn exclude(officer: &Staff, complaint: &str) {
    let body = json!({ "ground": "previously_investigated", "reason": "We answered it.", "heard_on": "2026-02-12" });
    let excluded = officer.change(&format!("{complaint}/exclude"), &officer.get(complaint), &body);
    assert_eq!(excluded.text("/status"), Some("not_considered"), "{}", excluded.body);
}

/// Has whoever is offered the complaint open it. Returns their name.
fn open_what_is_offered(scene: &Scene) -> &'static str {
    scene.world.work_for_council(&scene.council);
    let (name, _) = scene.asked();
    let (officer, offer) = scene.offer();
    assert_eq!(answer(officer, &offer, false).status, 200);
    name
}

#[test]
fn what_is_not_considered_is_considered_again_if_the_responsible_person_finds_so() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-12-18");
    exclude(officer, &complaint);
    scene.it_is("2026-12-01T09:00:00Z");
    handler.forget_token();
    assert_eq!(scene.desk.offers().len(), 0, "nothing is left to do");
    assert_eq!(pointers(&ask(&scene.world, &receipt, " ")), ["/words"]);
    let asked = ask(&scene.world, &receipt, "In March nobody spoke to me.");
    assert_eq!((asked.status, asked.text("/requests/0/kind")), (201, Some("review")), "{}", asked.body);
    assert_eq!(asked.text("/requests/0/decide_by"), Some("2026-12-08"), "five working days");
    let due = officer.get("/v1/complaints/due");
    assert_eq!((due.text("/items/0/clock"), due.text("/items/0/on")), (Some("request"), Some("2026-12-08")));

    assert_eq!(open_what_is_offered(&scene), "Helena", "it comes before the responsible person at once");
    let responsible = &scene.desk.responsible;
    assert_eq!(review(officer, &complaint, true).status, 403, "who decided does not review it");
    assert_eq!(handler.get(&complaint).status, 404, "a guest has it no more");
    let told = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-12-01", "words": "She said so." });
    assert_eq!(decide(responsible, &complaint, "decide", &told).status, 409, "it is not decided like the others");
    let without = json!({ "upheld": true, "reasons": "" });
    assert_eq!(pointers(&decide(responsible, &complaint, "review", &without)), ["/reasons"]);
    let refused = review(responsible, &complaint, false);
    assert_eq!((refused.status, refused.text("/status")), (200, Some("not_considered")), "{}", refused.body);
    assert_eq!(review(responsible, &complaint, true).status, 409, "decided once");
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.body["requests"][0]["upheld"], json!(false), "{}", followed.body);
    let last = followed.body["messages"].as_array().unwrap().last().unwrap()["text"].as_str().unwrap().to_owned();
    assert!(last.starts_with("I read what you wrote") && last.contains("0300 061 0614"), "{last}");

    assert_eq!(ask(&scene.world, &receipt, "They had nobody of that name.").status, 201);
    let upheld = review(responsible, &complaint, true);
    assert_eq!((upheld.status, upheld.text("/status")), (200, Some("received")), "{}", upheld.body);
    for (member, day) in [
        ("/acknowledgement_due_on", "2026-12-04"),
        ("/plan_due_on", "2026-12-15"),
        ("/response_latest_on", "2027-05-31"),
    ] {
        assert_eq!(upheld.text(member), Some(day), "clocks that begin today: {member}");
    }
    for gone in ["exclusion", "acknowledged_at", "handling", "progress_due_on", "closed_at"] {
        assert!(upheld.body.get(gone).is_none(), "{gone}: {}", upheld.body);
    }
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!((followed.text("/status"), &followed.body["requests"][1]["upheld"]), (Some("received"), &json!(true)));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2027-01-15");
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.reviewed"), 2);
}

#[test]
fn what_the_responsible_person_decided_is_reviewed_by_who_stands_in_for_them() {
    let scene = Scene::new();
    let (receipt, responsible, complaint) = scene.opened(json!({ "about": ["council"] }));
    assert_eq!(responsible.id, scene.desk.responsible.id);
    exclude(responsible, &complaint);
    assert_eq!(ask(&scene.world, &receipt, "She is who I complained about.").status, 201);
    assert_eq!(review(responsible, &complaint, false).status, 403, "nobody reviews themself");
    assert_eq!(open_what_is_offered(&scene), "Idris");
    let upheld = review(&scene.desk.alternate, &complaint, true);
    assert_eq!((upheld.status, upheld.text("/status")), (200, Some("received")), "{}", upheld.body);
}

/// Limits how the complainant complains.
fn limit(officer: &Staff, complaint: &str) {
    let limits = json!({ "how": "Write to us here.", "reasons": "You rang nineteen times.", "until": "2027-01-15" });
    let limited = put(officer, complaint, "limits", &limits);
    assert_eq!(limited.status, 200, "{}", limited.body);
}

#[test]
fn who_decided_first_reviews_nothing_although_another_decided_something_later() {
    let scene = Scene::new();
    let (receipt, responsible, complaint) = scene.opened(json!({ "about": ["council"] }));
    assert_eq!(responsible.id, scene.desk.responsible.id);
    let officer = &scene.desk.officers[0];
    let_in(responsible, &complaint, officer);
    limit(responsible, &complaint);
    assert_eq!(ask(&scene.world, &receipt, "She is who I complained about.").status, 201);
    scene.world.set_clock("2026-11-20T12:00:00Z");
    scene.desk.forget_tokens();
    exclude(officer, &complaint);
    assert_eq!(review(responsible, &complaint, false).status, 403, "the limits are their own");
    assert_eq!(open_what_is_offered(&scene), "Idris", "the responsible person is no reviewer of it");
    let upheld = review(&scene.desk.alternate, &complaint, true);
    assert_eq!((upheld.status, upheld.text("/status")), (200, Some("received")), "{}", upheld.body);
    assert_eq!(ask(&scene.world, &receipt, "It was I who rang.").status, 201);
    assert_eq!(review(officer, &complaint, false).status, 403, "an officer reviews nothing");
    assert_eq!(review(responsible, &complaint, false).status, 403, "what was decided once stays decided by them");
}

#[test]
fn what_the_responsible_person_decides_after_a_review_was_asked_for_keeps_them_from_none_of_it() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    limit(officer, &complaint);
    assert_eq!(ask(&scene.world, &receipt, "I rang twice.").status, 201);
    scene.world.set_clock("2026-11-20T12:00:00Z");
    scene.desk.forget_tokens();
    exclude(responsible, &complaint);
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.desk.offers().len(), 0, "the review is of what another decided, and needs nobody else");
    assert_eq!(review(responsible, &complaint, false).status, 200);
    assert_eq!(ask(&scene.world, &receipt, "In March nobody spoke to me.").status, 201);
    assert_eq!(review(responsible, &complaint, false).status, 403, "the exclusion came before that was asked for");
}

#[test]
fn who_is_not_considered_is_told_that_they_can_ask_for_a_review() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    exclude(officer, &complaint);
    let followed = follow(&scene.world.partner(), &receipt);
    let told = followed.text("/messages/0/text").unwrap();
    for words in ["ask for a review", "The responsible person of the council", "0300 061 0614"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn a_review_that_nobody_decides_runs_out_and_the_complainant_is_told() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    exclude(officer, &complaint);
    let asked = json!({ "kind": "review", "words": "She rang and said that this is wrong." });
    assert_eq!(officer.create(&format!("{complaint}/requests"), &asked).status, 201, "an officer writes it down");
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Helena");
    scene.it_is("2026-11-28T00:00:00Z");
    let told = follow(&scene.world.partner(), &receipt).body["messages"].to_string();
    assert!(told.contains("What you asked for has not been decided in time."), "{told}");
}

#[test]
fn a_withdrawal_that_somebody_else_confirmed_is_reviewed_and_so_is_an_answer() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let asked = json!({ "kind": "withdrawal" });
    assert_eq!(officer.create(&format!("{complaint}/requests"), &asked).status, 201);
    let yes = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-11-20", "words": "So she said." });
    assert_eq!(decide(officer, &complaint, "decide", &yes).text("/status"), Some("withdrawn"));
    ask(&scene.world, &receipt, "That was my son, who has my telephone.");
    assert_eq!(open_what_is_offered(&scene), "Helena");
    assert_eq!(review(&scene.desk.responsible, &complaint, true).text("/status"), Some("received"));

    // The contract's period counts anew, not the usual one.
    let practice = scene.world.practice_with(json!({}));
    scene.world.contract(&scene.council, &practice, json!({ "complaint_response_working_days": 10 }));
    let (receipt, officer, complaint) = ready_to_sign(&scene, json!({ "practice": practice.slug }));
    let_in(officer, &complaint, &scene.desk.responsible);
    assert_eq!(sign(&scene.desk.responsible, &complaint).status, 200);
    put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" }));
    ask(&scene.world, &receipt, "You did not ask my neighbour.");
    assert_eq!(open_what_is_offered(&scene), "Idris", "whose signature it is does not review it");
    assert!(sees(&scene.desk.alternate, &complaint));
    let again = review(&scene.desk.alternate, &complaint, true);
    assert_eq!((again.text("/status"), again.text("/response_due_on")), (Some("acknowledged"), Some("2026-12-04")));
    assert!(again.body.get("outcome").is_none() && again.body.get("answered_at").is_none(), "{}", again.body);
}

#[test]
fn a_request_of_another_kind_is_not_reviewed_and_while_it_goes_on_a_review_changes_no_stage() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let_in(officer, &complaint, &scene.desk.responsible);
    let responsible = &scene.desk.responsible;
    let asked = json!({ "kind": "extension", "respond_by": "2027-06-30" });
    assert_eq!(officer.create(&format!("{complaint}/requests"), &asked).status, 201);
    assert_eq!(review(responsible, &complaint, true).status, 404);
    ask(&scene.world, &receipt, "She will not ring me in the evening.");
    let upheld = review(responsible, &complaint, true);
    assert_eq!((upheld.status, upheld.text("/status")), (200, Some("received")), "{}", upheld.body);
    assert_eq!(upheld.text("/acknowledgement_due_on"), Some("2026-11-25"), "the clocks run on");
    assert!(upheld.body.get("reopened_at").is_none(), "{}", upheld.body);
}

#[test]
fn how_somebody_complains_is_limited_with_reasons_for_a_while_and_what_they_write_arrives_all_the_same() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    let limits =
        |until: &str| json!({ "how": "Write to us here.", "reasons": "You rang nineteen times.", "until": until });
    for until in ["2026-11-19", "2027-05-21"] {
        assert_eq!(pointers(&put(officer, &complaint, "limits", &limits(until))), ["/until"], "{until}");
    }
    let bare = json!({ "how": "Write to us here.", "until": "2027-01-15" });
    assert_eq!(pointers(&put(officer, &complaint, "limits", &bare)), ["/reasons"], "it has reasons in writing");
    assert_eq!(put(&handler, &complaint, "limits", &limits("2027-01-15")).status, 403, "a guest limits nobody");
    let limited = put(officer, &complaint, "limits", &limits("2027-01-15"));
    assert_eq!(limited.text("/limits/how"), Some("Write to us here."), "{}", limited.body);
    let app = scene.world.partner();
    let followed = follow(&app, &receipt);
    assert_eq!(followed.text("/limits/until"), Some("2027-01-15"), "{}", followed.body);
    let told = followed.text("/messages/0/text").unwrap();
    for words in ["You rang nineteen times.", "15 January 2027", "ask for a review", "0300 061 0614"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    // It takes nothing from the complainant: they write, and complain about something else.
    assert_eq!(write_as_complainant(&app, &receipt, "It happened again.").status, 201);
    scene.world.lodge(&scene.complaint(json!({})));

    assert_eq!(ask(&scene.world, &receipt, "Nobody answered, so I rang again.").status, 201);
    scene.world.work_for_council(&scene.council);
    let asked = scene.desk.offers().into_iter().filter(|(one, _)| one.id == scene.desk.responsible.id);
    let (responsible, offer) = asked.last().unwrap();
    assert_eq!(answer(responsible, &offer, false).status, 200);
    assert_eq!(review(officer, &complaint, true).status, 403);
    assert!(review(responsible, &complaint, true).body.get("limits").is_none(), "the review finds for them");
    assert!(follow(&app, &receipt).body.get("limits").is_none());

    let seen = put(officer, &complaint, "limits", &limits("2027-01-15"));
    let path = format!("{complaint}/limits");
    assert_eq!(officer.send("DELETE", &path, &[], None).status, 204);
    let late = officer.put(&path, &seen, &limits("2027-01-15"));
    assert_eq!(late.status, 412, "that they ended is a change: {}", late.body);
    let read = officer.get(&complaint);
    assert_eq!(officer.send("DELETE", &path, &[], None).status, 204, "the same again changes nothing");
    let again = officer.get(&complaint);
    assert_eq!((again.etag(), &again.body["messages"]), (read.etag(), &read.body["messages"]));
    put(officer, &complaint, "limits", &limits("2026-11-30"));
    scene.it_is("2026-12-01T00:00:00Z");
    assert!(follow(&app, &receipt).body.get("limits").is_none(), "they end by themselves");
}
