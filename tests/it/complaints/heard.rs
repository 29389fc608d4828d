//! Parts of complaints: the subject is heard on heads, an employer's lead gets a notice, and neither sees anything else.

use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{answer, follow};
use serde_json::{Value, json};

use super::{NOBODYS, Scene, acknowledge, pointers, put, raise, sees};

fn hearing(guest: &Staff, heads: &[&str]) -> Value {
    json!({
        "guest_id": guest.id, "heads": heads,
        "message": "On Thursday we ask your worker about the three visits.",
        "interim": "Mr Bell visits you until this is answered.",
    })
}

#[test]
fn the_subject_sees_and_answers_the_heads_on_which_they_are_heard_three_working_days_after_the_complainant_was_told() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({ "staff": ["Hannah Price"] }));
    acknowledge(officer, &complaint);
    let head = raise(officer, &complaint);
    let other = json!({ "statement": "Her manager laughed at me.", "about": "staff", "theme": "conduct" });
    assert_eq!(officer.create(&format!("{complaint}/heads"), &other).status, 201);
    let subject = scene.world.shown_a_part(&scene.council, officer, &complaint, "Hannah Price", "subject");
    let path = format!("{complaint}/hearings");
    let opened = officer.create(&path, &hearing(&subject, &[&head]));
    assert_eq!(opened.status, 201, "{}", opened.body);
    let told = follow(&scene.world.partner(), &receipt);
    assert!(told.body["messages"].to_string().contains("Mr Bell visits you"), "the complainant is told at once");
    assert_eq!(told.body["has_it"].as_array().unwrap().len(), 1, "she sees nothing yet");
    assert_eq!(subject.get("/v1/complaints/shown").body["items"], json!([]), "nor does she know of it");
    scene.it_is("2026-11-25T23:59:00Z");
    subject.forget_token();
    assert_eq!(subject.get("/v1/complaints/shown").body["items"], json!([]), "the third working day is not over");
    scene.it_is("2026-11-26T00:00:00Z");
    subject.forget_token();
    let shown = subject.get("/v1/complaints/shown");
    assert_eq!(shown.text("/items/0/heads/0/statement"), Some("Three visits were cancelled without a call."));
    let text = shown.body.to_string();
    assert!(!text.contains("laughed") && !text.contains("Marlow") && !text.contains("C-"), "{text}");
    assert!(!sees(&subject, &complaint), "and nothing else");
    for there in ["", "/assignments", "/shown", "/response", "/response/letter.pdf"] {
        assert_eq!(subject.get(&format!("{complaint}{there}")).status, 404, "{there}");
    }
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.body["has_it"][1]["capacity"], "subject", "{}", followed.body);

    let answers = format!("/v1/complaints/shown/{}/answers", shown.text("/items/0/id").unwrap());
    let answer = json!({ "text": "I was ill, and had asked for somebody to ring." });
    let answered = subject.create(&answers, &answer);
    assert_eq!(answered.status, 201, "{}", answered.body);
    let read = officer.get(&format!("{complaint}/shown"));
    assert_eq!(read.text("/items/0/answers/0/text"), Some("I was ill, and had asked for somebody to ring."));
    assert_eq!(officer.create(&answers, &answer).status, 404, "an officer answers nothing for her");
    let stranger = scene.world.shown_a_part(&scene.council, officer, &complaint, "Lucy Freeman", "subject");
    assert_eq!(stranger.create(&answers, &answer).status, 404, "to another subject there is no such thing");
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(almoner_tests::complaints::assign(officer, &complaint, &handler).status, 201);
    assert_eq!(handler.get(&format!("{complaint}/shown")).text("/items/0/answers/0/text"), answer["text"].as_str());
    assert_eq!(handler.create(&answers, &answer).status, 404, "nor does who handles it answer for her");
    assert_eq!(handler.get("/v1/complaints/shown").body["items"], json!([]));

    let assignment = format!("{complaint}/assignments/{}", shown.text("/items/0/id").unwrap());
    assert_eq!(officer.send("DELETE", &assignment, &[], None).status, 204);
    assert_eq!(subject.get("/v1/complaints/shown").body["items"], json!([]), "from the next request on");
    assert_eq!(subject.create(&answers, &answer).status, 404);
}

#[test]
fn a_handler_is_let_in_to_some_heads_of_a_complaint_at_once_and_answers_these_and_sees_nothing_else() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let head = raise(officer, &complaint);
    let of_the_council =
        json!({ "statement": "The council lost my letter.", "about": "council", "theme": "communication" });
    assert_eq!(officer.create(&format!("{complaint}/heads"), &of_the_council).status, 201);
    let practitioner = &scene.practice.practitioner_2;
    let handler = scene.world.handler(&scene.council, &scene.desk, &scene.practice, practitioner, "Bola Adeyemi");
    let path = format!("{complaint}/assignments");
    let by_heads =
        |heads: &[&str]| json!({ "guest_id": handler.id, "heads": heads, "reason": "She has never met him." });
    assert_eq!(pointers(&officer.create(&path, &by_heads(&[&head, NOBODYS, &head]))), ["/heads/1", "/heads/2"]);
    assert_eq!(pointers(&officer.create(&path, &by_heads(&[]))), ["/heads"], "no heads are not the whole");
    let to_an_officer =
        json!({ "officer_id": scene.desk.responsible.id, "heads": [head], "reason": "She answers for it." });
    assert_eq!(pointers(&officer.create(&path, &to_an_officer)), ["/heads"]);
    let assigned = officer.create(&path, &by_heads(&[&head]));
    assert_eq!(assigned.status, 201, "{}", assigned.body);
    assert_eq!(assigned.text("/items/1/view"), Some("heads"), "{}", assigned.body);

    let shown = handler.get("/v1/complaints/shown");
    assert_eq!(shown.text("/items/0/heads/0/statement"), Some("Three visits were cancelled without a call."));
    assert!(!shown.body.to_string().contains("lost my letter"), "{}", shown.body);
    assert!(!sees(&handler, &complaint));
    let message = json!({ "text": "May I ring you?" });
    for (there, body) in [("/messages", &message), ("/heads", &of_the_council)] {
        assert_eq!(handler.create(&format!("{complaint}{there}"), body).status, 404, "{there}");
    }
    let answers = format!("/v1/complaints/shown/{}/answers", shown.text("/items/0/id").unwrap());
    let answer = json!({ "text": "The diary shows three cancellations, and no call. We should apologise." });
    assert_eq!(handler.create(&answers, &answer).status, 201);
    let read = officer.get(&format!("{complaint}/shown"));
    assert_eq!(read.text("/items/0/answers/0/text"), answer["text"].as_str());
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/has_it/1/capacity"), Some("handler"), "the complainant is told: {}", followed.body);

    let whole = almoner_tests::complaints::assign(officer, &complaint, &handler);
    assert_eq!(whole.status, 409, "what they have is ended before they have it whole: {}", whole.body);
    let assignment = format!("{path}/{}", shown.text("/items/0/id").unwrap());
    assert_eq!(officer.send("DELETE", &assignment, &[], None).status, 204);
    assert_eq!(almoner_tests::complaints::assign(officer, &complaint, &handler).status, 201);
    assert!(sees(&handler, &complaint));
}

#[test]
fn whoever_has_heads_alone_sees_what_is_due_of_them_and_nothing_else_of_the_complaint() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let (head, other) = (raise(officer, &complaint), raise(officer, &complaint));
    let practitioner = &scene.practice.practitioner_2;
    let handler = scene.world.handler(&scene.council, &scene.desk, &scene.practice, practitioner, "Bola Adeyemi");
    let path = format!("{complaint}/assignments");
    let wanted = |changes: Value| {
        let mut with = json!({ "guest_id": handler.id, "heads": [head], "reason": "She has never met him." });
        with.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        with
    };
    assert_eq!(pointers(&officer.create(&path, &wanted(json!({ "answer_by": "2026-11-19" })))), ["/answer_by"]);
    let whole = json!({ "heads": null, "answer_by": "2026-11-24" });
    assert_eq!(pointers(&officer.create(&path, &wanted(whole))), ["/answer_by"], "who has it whole answers no heads");
    let assigned = officer.create(&path, &wanted(json!({ "answer_by": "2026-11-24" })));
    let part = assigned.text("/items/1/id").unwrap_or_else(|| panic!("{}", assigned.body)).to_owned();
    let mine = assigned.text("/items/0/id").unwrap().to_owned();
    let action = |assignment: &str| json!({ "what": "Show us the diary of November.", "owner": "Bola Adeyemi", "due_on": "2026-11-23", "assignment_id": assignment });
    let actions = format!("{complaint}/actions");
    for nobodys in [NOBODYS, &mine] {
        assert_eq!(pointers(&officer.create(&actions, &action(nobodys))), ["/assignment_id"], "{nobodys}");
    }
    let added = officer.create(&actions, &action(&part));
    let done = format!("actions/{}/done", added.text("/actions/0/id").unwrap_or_else(|| panic!("{}", added.body)));
    assert_eq!(added.text("/actions/0/assignment_id"), Some(part.as_str()));
    let of_others = json!({ "what": "Write to the regulator.", "owner": "The council", "due_on": "2026-11-23" });
    assert_eq!(officer.create(&actions, &of_others).status, 201);

    let due = handler.get("/v1/complaints/due");
    let expected = json!({ "items": [], "parts": [
        { "part_id": part, "action_id": added.body["actions"][0]["id"], "on": "2026-11-23", "overdue": false },
        { "part_id": part, "head_id": head, "on": "2026-11-24", "overdue": false },
    ]});
    assert_eq!(due.body, expected, "neither the complaint nor its reference");
    let shown = handler.get("/v1/complaints/shown");
    assert_eq!(shown.text("/items/0/actions/0/what"), Some("Show us the diary of November."), "{}", shown.body);
    assert_eq!(shown.text("/items/0/heads/0/answer_by"), Some("2026-11-24"));
    let text = shown.body.to_string();
    assert!(!text.contains("regulator") && !text.contains("Marlow") && !text.contains(&other), "{text}");
    assert_eq!(officer.get("/v1/complaints/due").body["parts"], json!([]), "an officer has it whole");
    let stranger = scene.world.shown_a_part(&scene.council, officer, &complaint, "Lucy Freeman", "subject");
    assert_eq!(stranger.get("/v1/complaints/due").body, json!({ "items": [], "parts": [] }));

    scene.it_is("2026-11-25T09:00:00Z");
    handler.forget_token();
    let late = handler.get("/v1/complaints/due");
    assert_eq!(
        (late.body["parts"][0]["overdue"].clone(), late.body["parts"][1]["overdue"].clone()),
        (json!(true), json!(true))
    );
    let answer = json!({ "text": "The diary shows three cancellations, and no call." });
    assert_eq!(handler.create(&format!("/v1/complaints/shown/{part}/answers"), &answer).status, 201);
    let parts = handler.get("/v1/complaints/due").body["parts"].clone();
    assert_eq!(parts.as_array().unwrap().len(), 1, "what was answered is not due: {parts}");
    let words = json!({ "on": "2026-11-25", "words": "We have seen the diary." });
    assert_eq!(put(officer, &complaint, &done, &words).status, 200);
    assert_eq!(handler.get("/v1/complaints/due").body["parts"], json!([]));
    assert_eq!(handler.get("/v1/complaints/shown").text("/items/0/actions/0/done_on"), Some("2026-11-25"));
    // Where the officer names no day, it is five working days after the day from which a subject sees the heads.
    let subject = scene.world.shown_a_part(&scene.council, officer, &complaint, "Hannah Price", "subject");
    let mut early = hearing(&subject, &[&head]);
    early["answer_by"] = json!("2026-11-28");
    let hearings = format!("{complaint}/hearings");
    assert_eq!(pointers(&officer.create(&hearings, &early)), ["/answer_by"], "they see it on 1 December");
    assert_eq!(officer.create(&hearings, &hearing(&subject, &[&head])).status, 201);
    assert_eq!(subject.get("/v1/complaints/due").body["parts"], json!([]), "nor do they know of it before");
    scene.it_is("2026-12-01T09:00:00Z");
    subject.forget_token();
    assert_eq!(subject.get("/v1/complaints/due").text("/parts/0/on"), Some("2026-12-08"));
}

#[test]
fn who_never_had_the_code_is_told_by_an_officer_before_the_subject_is_heard_and_reads_from_which_day_that_is() {
    let scene = Scene::new();
    let receipt = scene.desk.officers[0].create("/v1/complaints", &scene.telephoned(json!({})));
    assert_eq!(receipt.status, 201, "{}", receipt.body);
    scene.world.work_for_council(&scene.council);
    let (officer, offer) = scene.offer();
    let opened = answer(officer, &offer, false);
    let complaint = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap());
    let head = raise(officer, &complaint);
    let subject = scene.world.shown_a_part(&scene.council, officer, &complaint, "Hannah Price", "subject");
    scene.it_is("2026-11-24T09:00:00Z");
    let hearings = format!("{complaint}/hearings");
    let told = |by: &str, on: &str| {
        let mut hearing = hearing(&subject, &[&head]);
        hearing["told_by"] = by.into();
        hearing["told_on"] = on.into();
        hearing
    };
    let untold = officer.create(&hearings, &hearing(&subject, &[&head]));
    assert_eq!(pointers(&untold), ["/told_by", "/told_on"], "nobody told them");
    assert_eq!(pointers(&officer.create(&hearings, &told("phone", "2026-11-25"))), ["/told_on"], "tomorrow");
    assert_eq!(pointers(&officer.create(&hearings, &told("app", "2026-11-24"))), ["/told_by"], "they have no code");
    let opened = officer.create(&hearings, &told("phone", "2026-11-23"));
    assert_eq!(opened.status, 201, "{}", opened.body);
    let read = follow(&scene.world.partner(), &receipt).body["messages"].to_string();
    let words = "from 27 November 2026 on. You were told of this by telephone on 23 November 2026.";
    assert!(read.contains("Mr Bell visits you") && read.contains(words), "{read}");
    for (at, seen) in [("2026-11-26T23:59:00Z", 0), ("2026-11-27T00:00:00Z", 1)] {
        scene.it_is(at);
        subject.forget_token();
        let shown = subject.get("/v1/complaints/shown");
        assert_eq!(shown.body["items"].as_array().unwrap().len(), seen, "{at}: {}", shown.body);
    }
    // Whoever has followed the complaint reads it there.
    let another = scene.world.shown_a_part(&scene.council, officer, &complaint, "Lucy Freeman", "subject");
    assert_eq!(officer.create(&hearings, &hearing(&another, &[&head])).status, 201);
}

#[test]
fn only_an_officer_opens_a_hearing_for_a_subject_on_heads_that_are_there() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let head = raise(officer, &complaint);
    let subject = scene.world.shown_a_part(&scene.council, officer, &complaint, "Hannah Price", "subject");
    let investigator = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    let path = format!("{complaint}/hearings");
    for (request, at) in [
        (hearing(&subject, &[]), &["/heads"][..]),
        (hearing(&subject, &[NOBODYS, &head, &head]), &["/heads/0", "/heads/2"]),
        (hearing(&investigator, &[&head]), &["/guest_id"]),
    ] {
        assert_eq!(pointers(&officer.create(&path, &request)), at, "{request}");
    }
    assert_eq!(almoner_tests::complaints::assign(officer, &complaint, &investigator).status, 201);
    assert_eq!(investigator.create(&path, &hearing(&subject, &[&head])).status, 403, "a guest");
    let whole = almoner_tests::complaints::assign(officer, &complaint, &subject);
    assert_eq!(pointers(&whole), ["/guest_id"], "a subject never has the whole");
    assert_eq!(officer.create(&path, &hearing(&subject, &[&head])).status, 201);
    assert_eq!(officer.create(&path, &hearing(&subject, &[&head])).status, 409, "once at a time");
}

#[test]
fn an_employers_lead_reads_the_notice_and_nothing_else_and_is_nobody_implicated() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({ "staff": ["Hannah Price"] }));
    let lead = scene.world.shown_a_part(&scene.council, officer, &complaint, "Rosalind Quayle", "employers_lead");
    let named = scene.world.shown_a_part(&scene.council, officer, &complaint, "Hannah Price", "employers_lead");
    let notice = |guest: &Staff| json!({ "guest_id": guest.id, "text": "One of your staff visits nobody alone.", "reason": "She leads another team." });
    let path = format!("{complaint}/notices");
    let refused = officer.create(&path, &notice(&named));
    assert_eq!(pointers(&refused)[0], "/guest_id", "whose name stands in the complaint");
    assert!(refused.body.to_string().contains("name stands in the complaint"), "{}", refused.body);
    let given = officer.create(&path, &notice(&lead));
    assert_eq!(given.status, 201, "{}", given.body);
    assert_eq!(officer.create(&path, &notice(&lead)).status, 409, "once at a time");
    let shown = lead.get("/v1/complaints/shown");
    assert_eq!(shown.text("/items/0/notice"), Some("One of your staff visits nobody alone."), "{}", shown.body);
    assert!(!shown.body.to_string().contains("Price") && !sees(&lead, &complaint));
    let answers = format!("/v1/complaints/shown/{}/answers", shown.text("/items/0/id").unwrap());
    assert_eq!(lead.create(&answers, &json!({ "text": "Two of us go from tomorrow." })).status, 201);
    let read = officer.get(&format!("{complaint}/shown"));
    assert_eq!(read.text("/items/0/answers/0/text"), Some("Two of us go from tomorrow."), "{}", read.body);
    assert_eq!(lead.create(&answers, &json!({ "text": " " })).status, 422);
    for _ in 1..100 {
        assert_eq!(lead.create(&answers, &json!({ "text": "And once more." })).status, 201);
    }
    assert_eq!(lead.create(&answers, &json!({ "text": "And once more." })).status, 409, "as many as there may be");
}

#[test]
fn a_notice_goes_to_one_named_person_of_the_practice_that_the_complaint_is_about() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let elsewhere = scene.world.practice(&scene.council);
    let id = complaint.rsplit('/').next();
    let invite = |practice: Option<&str>| {
        json!({ "name": "Laura Leadbetter", "email": "laura@elsewhere.example", "capacity": "employers_lead",
            "complaint_id": id, "practice": practice })
    };
    for practice in [None, Some("no-such-practice")] {
        assert_eq!(pointers(&officer.create("/v1/complaints/guests", &invite(practice))), ["/practice"]);
    }
    let invited = officer.create("/v1/complaints/guests", &invite(Some(&elsewhere.slug)));
    assert_eq!(invited.text("/practice/slug"), Some(elsewhere.slug.as_str()), "{}", invited.body);
    let path = format!("{complaint}/notices");
    let notice = |guest: Value| json!({ "guest_id": guest, "text": "Nobody visits alone.", "reason": "She leads another team." });
    let refused = officer.create(&path, &notice(invited.body["id"].clone()));
    assert_eq!(pointers(&refused), ["/guest_id"]);
    assert!(refused.body.to_string().contains("another practice"), "{}", refused.body);

    let part = |name| scene.world.shown_a_part(&scene.council, officer, &complaint, name, "employers_lead");
    let (first, second) = (part("Rosalind Quayle"), part("Owen Tranter"));
    assert_eq!(officer.create(&path, &notice(json!(first.id))).status, 201);
    let refused = officer.create(&path, &notice(json!(second.id)));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    assert_eq!(second.get("/v1/complaints/shown").body["items"], json!([]));
    let assignments = officer.get(&format!("{complaint}/assignments"));
    let last = assignments.body["items"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(officer.send("DELETE", &format!("{complaint}/assignments/{last}"), &[], None).status, 204);
    assert_eq!(officer.create(&path, &notice(json!(second.id))).status, 201, "once the first has it no more");
}
