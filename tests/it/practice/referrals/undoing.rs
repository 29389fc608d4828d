//! Undoing an acceptance or a decline.

use std::thread;

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, Staff, Web, World, messages};
use serde_json::{Value, json};

use super::{INBOX, accept, as_it_is, assert_refused, council_and_practice, decline, due_first, receive, send, step};

fn undo(staff: &Staff, seen: &Answer) -> Answer {
    staff.change(&step(seen, "/undo"), seen, &json!({}))
}

fn free(world: &World, practice: &Practice) -> Value {
    world.anyone().get(&format!("/v1/public/practices/{}", practice.slug)).body["free_capacity"].clone()
}

fn found(practice: &Practice) -> Value {
    practice.manager.post("/v1/practice/service-users/search", &json!({ "name": "marlow" })).body["items"].clone()
}

#[test]
fn an_acceptance_is_undone_as_if_it_had_not_been() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let sent = send(&council, &messages::referral());
    let request = sent.text("/id").unwrap();
    let received = due_first(&practice.manager);
    let how = json!({ "allocate": { "staff_id": practice.social_worker.id, "reason": "Knows the district." } });
    let accepted = accept(&practice.social_worker, &received, &how);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    let person = format!("/v1/practice/service-users/{}", accepted.text("/service_user_id").unwrap());
    assert_eq!((practice.manager.get(&case).status, practice.manager.get(&person).status), (200, 200));

    world.set_clock("2026-11-20T10:55:00Z");
    practice.social_worker.forget_token();
    practice.manager.forget_token();
    council.system.forget_token();
    let undone = undo(&practice.social_worker, &accepted);
    assert_eq!((undone.status, undone.text("/status")), (200, Some("received")), "{}", undone.body);
    assert_eq!(as_it_is(&undone), as_it_is(&received), "it is as it was, its day among the rest");
    let told = practice.manager.get("/v1/practice/notices?unread=true");
    let newest = &told.body["items"][0];
    assert_eq!((&newest["kind"], &newest["subject_id"]), (&json!("referral.acceptance_undone"), &received.body["id"]));
    assert_eq!(practice.manager.get(INBOX).body["items"][0]["id"], received.body["id"]);
    assert_eq!((practice.manager.get(&case).status, practice.manager.get(&person).status), (404, 404));
    assert_eq!((found(&practice), free(&world, &practice)), (json!([]), json!(99)), "the referral alone has its place");
    let seen = council.system.get(&format!("/v1/council/referrals/{request}"));
    assert_eq!((seen.text("/status"), &seen.body["decided_at"]), (Some("received"), &Value::Null));
    assert_eq!(world.announced(&council, "referral.accepted", request), 1);
    assert_eq!(world.announced(&council, "referral.acceptance_undone", request), 1);
    for action in ["referral.accepted", "referral.acceptance_undone", "case.removed", "service_user.removed"] {
        assert_eq!(world.audited(&practice, action), 1, "{action}");
    }
    let again = accept(&practice.manager, &undone, &json!({}));
    assert_eq!((again.status, again.text("/status")), (200, Some("accepted")), "{}", again.body);
    assert_ne!(again.body["case_id"], accepted.body["case_id"]);
}

#[test]
fn a_decline_is_undone_and_reserves_the_capacity_again() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let sent = send(&council, &messages::referral());
    let request = sent.text("/id").unwrap();
    let received = due_first(&practice.manager);
    let declined =
        decline(&practice.manager, &received, &json!({ "reason": "no_capacity", "note": "The team is full." }));
    assert_eq!(free(&world, &practice), 100);
    let undone = undo(&practice.second_manager, &declined);
    assert_eq!((undone.status, undone.text("/status")), (200, Some("received")), "{}", undone.body);
    assert_eq!((as_it_is(&undone), free(&world, &practice)), (as_it_is(&received), json!(99)));
    assert_eq!(world.announced(&council, "referral.decline_undone", request), 1);
    let seen = council.system.get(&format!("/v1/council/referrals/{request}"));
    assert_eq!((seen.text("/status"), &seen.body["decline_reason"]), (Some("received"), &Value::Null));
}

#[test]
fn the_councils_identifier_is_taken_off_a_record_if_this_acceptance_put_it_there() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    for has_it in [false, true] {
        let message = messages::referral();
        let mut person = json!({ "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08" });
        if has_it {
            let id = json!({ "council": council.gss_code, "id": message["person"]["council_person_id"] });
            person["council_person_ids"] = json!([id]);
        }
        let known = practice.manager.create("/v1/practice/service-users", &person);
        let received = receive(&council, &practice, &message);
        let accepted = accept(&practice.manager, &received, &json!({ "service_user_id": known.body["id"] }));
        let record = || practice.manager.get(known.header("location").unwrap()).body["council_person_ids"].clone();
        assert_eq!(record().as_array().unwrap().len(), 1);
        // What somebody else writes on the record in the meantime stays.
        let seen = practice.manager.get(known.header("location").unwrap());
        practice.manager.patch(known.header("location").unwrap(), &seen, &json!({ "phone": "07700 900462" }));
        let undone = undo(&practice.manager, &accepted);
        assert_eq!((undone.status, &undone.body["service_user_id"]), (200, &Value::Null), "{}", undone.body);
        assert_eq!(record(), if has_it { person["council_person_ids"].clone() } else { Value::Null });
        assert_eq!(practice.manager.get(known.header("location").unwrap()).text("/phone"), Some("07700 900462"));
        decline(&practice.manager, &undone, &json!({ "reason": "duplicate" }));
    }
}

/// Something that stands under a case or a record, and the act that puts it there.
type Act<'a> = (&'a str, Box<dyn Fn(&str, &Answer) -> Answer + 'a>);

#[test]
fn what_stands_under_the_case_keeps_an_acceptance_from_being_undone() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let manager = &practice.manager;
    let acts: [Act<'_>; 5] = [
        (
            "a note",
            Box::new(|case, _| practice.social_worker.create(&format!("{case}/notes"), &messages::note("Rang."))),
        ),
        (
            "an allocation by somebody else",
            Box::new(|case, _| {
                let to = json!({ "staff_id": practice.social_worker_2.id, "reason": "Has room." });
                let second = &practice.second_manager;
                second.change(&format!("{case}/allocate"), &second.get(case), &to)
            }),
        ),
        (
            "a closing",
            Box::new(|case, _| {
                manager.change(&format!("{case}/close"), &manager.get(case), &messages::close_on_death())
            }),
        ),
        (
            "a change of the record that it opened",
            Box::new(|_, accepted| {
                let path = format!("/v1/practice/service-users/{}", accepted.text("/service_user_id").unwrap());
                manager.patch(&path, &manager.get(&path), &json!({ "phone": "07700 900462" }))
            }),
        ),
        (
            "another record about the person",
            Box::new(|_, accepted| {
                let person = accepted.text("/service_user_id").unwrap();
                manager.create("/v1/practice/cases", &messages::case(&council.gss_code, person))
            }),
        ),
    ];
    for (what, act) in &acts {
        let received = receive(&council, &practice, &messages::referral());
        let accepted = accept(manager, &received, &json!({}));
        let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
        let done = act(&case, &accepted);
        assert!((200..300).contains(&done.status), "{what}: {}", done.body);
        let refused = undo(manager, &accepted);
        assert_refused(&refused, 409, "invalid-state");
        // Closing at once also writes a note: either of the two is named.
        let detail = refused.text("/detail").unwrap();
        assert!(detail.starts_with(what) || (*what == "a closing" && detail.starts_with("a note")), "{what}: {detail}");
        let still = manager.get(&step(&accepted, ""));
        assert_eq!((still.text("/status"), still.etag()), (Some("accepted"), accepted.etag()), "{what}");
        assert_eq!(manager.get(&case).status, 200, "{what}");
    }
}

#[test]
fn an_answer_is_undone_within_an_hour_by_who_gave_it_or_a_manager() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let received = receive(&council, &practice, &messages::referral());
    let accepted = accept(&practice.social_worker, &received, &json!({}));
    for staff in [&practice.social_worker_2, &practice.practitioner, &practice.administrator] {
        assert_refused(&undo(staff, &accepted), 403, "forbidden");
    }
    let other = receive(&council, &practice, &messages::referral());
    let declined = decline(&practice.social_worker, &other, &json!({ "reason": "no_capacity" }));
    let elsewhere = world.practice(&council);
    assert_refused(&undo(&elsewhere.manager, &accepted), 404, "not-found");
    world.set_clock("2026-11-20T10:55:00Z");
    practice.manager.forget_token();
    assert_eq!(undo(&practice.manager, &accepted).status, 200, "a manager, near the end of the hour");
    world.set_clock("2026-11-20T11:05:00Z");
    for staff in [&practice.social_worker, &practice.manager] {
        staff.forget_token();
        let late = undo(staff, &declined);
        assert_refused(&late, 409, "invalid-state");
        assert!(late.text("/detail").unwrap().contains("declined more than an hour ago"), "{}", late.body);
    }
}

#[test]
fn only_an_answer_is_undone_and_only_once() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let received = receive(&council, &practice, &messages::referral());
    let refused = undo(&practice.manager, &received);
    assert_refused(&refused, 409, "invalid-state");
    assert_eq!(refused.text("/detail"), Some("the referral is received and cannot be undone."));
    let accepted = accept(&practice.manager, &received, &json!({}));
    assert_refused(&undo(&practice.manager, &received), 412, "version-mismatch");
    let path = step(&accepted, "/undo");
    assert_refused(
        &practice.manager.post_with(&path, &[("idempotency-key", &fresh_key())], &json!({})),
        428,
        "if-match-missing",
    );
    let etag = [("if-match", accepted.etag().unwrap())];
    assert_refused(&practice.manager.post_with(&path, &etag, &json!({})), 400, "idempotency-key-missing");
    let key = fresh_key();
    let keyed = [("if-match", accepted.etag().unwrap()), ("idempotency-key", key.as_str())];
    let undone = practice.manager.post_with(&path, &keyed, &json!({}));
    assert_eq!(undone.status, 200, "{}", undone.body);
    let again = practice.manager.post_with(&path, &keyed, &json!({}));
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")), "{}", again.body);
    assert_eq!((again.etag(), &again.body), (undone.etag(), &undone.body));
    assert_refused(&undo(&practice.manager, &accepted), 412, "version-mismatch");
    assert_refused(&undo(&practice.manager, &undone), 409, "invalid-state");
}

#[test]
fn a_decline_that_the_council_took_up_is_not_undone() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let other = world.practice(&council);
    let no = json!({ "reason": "no_capacity" });
    for (how, to, state) in [
        ("route", other.slug.as_str(), "sent on by the council"),
        ("route", practice.slug.as_str(), "sent on by the council"),
        ("withdraw", "", "withdrawn"),
    ] {
        let mut message = messages::referral();
        message["chosen_practice"] = practice.slug.as_str().into();
        let sent = send(&council, &message);
        let received = due_first(&practice.manager);
        let declined = decline(&practice.manager, &received, &no);
        let request = format!("/v1/council/referrals/{}", sent.text("/id").unwrap());
        let body = if to.is_empty() { json!({}) } else { json!({ "practice": to }) };
        let officer = world.first_officer(&council);
        let done = officer.change(&format!("{request}/{how}"), &officer.get(&request), &body);
        assert_eq!(done.status, 200, "{}", done.body);
        let before = free(&world, &practice);
        let refused = undo(&practice.manager, &declined);
        assert_refused(&refused, 409, "invalid-state");
        assert!(refused.text("/detail").unwrap().contains(state), "{}", refused.body);
        assert_eq!(free(&world, &practice), before, "nothing is reserved");
        let seen = council.system.get(&request);
        assert_eq!(seen.etag(), done.etag(), "the council's request is as it was");
        for waiting in practice.manager.get(INBOX).body["items"].as_array().unwrap() {
            let path = format!("{INBOX}/{}", waiting["id"].as_str().unwrap());
            practice.manager.change(&format!("{path}/decline"), &practice.manager.get(&path), &no);
        }
    }
}

#[test]
fn of_two_who_undo_at_once_one_does() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    for declines in [true, false, true, false] {
        let received = receive(&council, &practice, &messages::referral());
        let answered = if declines {
            decline(&practice.manager, &received, &json!({ "reason": "no_capacity" }))
        } else {
            accept(&practice.manager, &received, &json!({}))
        };
        let (path, etag) = (step(&answered, "/undo"), answered.etag().unwrap());
        let undo = |authorization: String, key: String| {
            let headers = [("authorization", &*authorization), ("if-match", etag), ("idempotency-key", &*key)];
            Web::new(world.url()).send("POST", &path, &headers, None)
        };
        let callers = [&practice.manager, &practice.second_manager]
            .map(|staff| (format!("Bearer {}", staff.token().unwrap()), fresh_key()));
        let answers = thread::scope(|scope| {
            callers.map(|(token, key)| scope.spawn(|| undo(token, key))).map(|one| one.join().unwrap())
        });
        let mut statuses = answers.each_ref().map(|answer| answer.status);
        statuses.sort_unstable();
        assert!(matches!(statuses, [200, 409 | 412]), "{statuses:?} {} {}", answers[0].body, answers[1].body);
        assert_eq!(free(&world, &practice), 99);
        let seen = practice.manager.get(&step(&received, ""));
        decline(&practice.manager, &seen, &json!({ "reason": "duplicate" }));
        assert_eq!(free(&world, &practice), 100);
    }
}

#[test]
fn a_note_and_an_undoing_at_once_leave_a_note_on_a_case_or_neither() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    for _ in 0..6 {
        let received = receive(&council, &practice, &messages::referral());
        let accepted = accept(&practice.manager, &received, &json!({}));
        let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
        let (undo, note) = (step(&accepted, "/undo"), format!("{case}/notes"));
        let etag = accepted.etag().unwrap();
        let written = messages::note("Rang her.").to_string();
        let [manager, worker] =
            [&practice.manager, &practice.social_worker].map(|staff| format!("Bearer {}", staff.token().unwrap()));
        let keys = [fresh_key(), fresh_key()];
        let send = |path: &str, authorization: &str, key: &str, content: Option<(&str, &[u8])>| {
            let headers = [("authorization", authorization), ("if-match", etag), ("idempotency-key", key)];
            Web::new(world.url()).send("POST", path, &headers, content)
        };
        let (undone, noted) = thread::scope(|scope| {
            let undone = scope.spawn(|| send(&undo, &manager, &keys[0], None));
            let noted = scope.spawn(|| send(&note, &worker, &keys[1], Some(("application/json", written.as_bytes()))));
            (undone.join().unwrap(), noted.join().unwrap())
        });
        let both = (undone.status, noted.status);
        assert!(matches!(both, (409, 201) | (200, 404 | 409)), "{both:?} {} {}", undone.body, noted.body);
        let seen = practice.manager.get(&step(&received, ""));
        let status = if both.0 == 200 { "received" } else { "accepted" };
        assert_eq!(seen.text("/status"), Some(status));
        if status == "received" {
            decline(&practice.manager, &seen, &json!({ "reason": "duplicate" }));
        }
    }
}

#[test]
fn the_clock_of_a_referral_goes_on_while_there_is_an_answer() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let mut message = messages::referral();
    message["respond_by"] = "2026-11-20".into();
    let received = receive(&council, &practice, &message);
    world.set_clock("2026-11-20T23:30:00Z");
    practice.manager.forget_token();
    let accepted = accept(&practice.manager, &received, &json!({}));
    world.set_clock("2026-11-21T00:20:00Z");
    world.work(&practice);
    practice.manager.forget_token();
    let undone = undo(&practice.manager, &accepted);
    assert_eq!((undone.status, undone.text("/status")), (200, Some("received")), "{}", undone.body);
    world.work(&practice);
    assert_eq!(practice.manager.get(&step(&received, "")).text("/status"), Some("expired"), "its day has passed");
}

#[test]
fn a_restricted_referral_that_was_accepted_onto_a_known_record_is_not_undone() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let mut message = messages::referral();
    message["restricted"] = json!({ "reason": "Her son works for the practice.", "not_to_see": [] });
    let mut person = messages::person();
    person["nhs_number"] = message["person"]["nhs_number"].clone();
    let known = practice.director.create("/v1/practice/service-users", &person);
    let received = receive(&council, &practice, &message);
    let accepted = accept(&practice.director, &received, &json!({ "service_user_id": known.body["id"] }));
    assert_eq!((accepted.status, &accepted.body["service_user_id"]), (200, &known.body["id"]), "{}", accepted.body);
    let refused = undo(&practice.director, &accepted);
    assert_refused(&refused, 409, "invalid-state");
    let detail = refused.text("/detail").unwrap();
    assert!(detail.starts_with("the restriction of the record"), "{detail}");
    let still = practice.director.get(&step(&accepted, ""));
    assert_eq!((still.text("/status"), still.etag()), (Some("accepted"), accepted.etag()));
}

#[test]
fn a_referral_about_a_restricted_person_stays_so_when_its_acceptance_is_undone() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let message = messages::referral();
    let mut person = messages::person();
    person["nhs_number"] = message["person"]["nhs_number"].clone();
    let known = practice.manager.create("/v1/practice/service-users", &person);
    let received = receive(&council, &practice, &message);
    let accepted = accept(&practice.manager, &received, &json!({ "service_user_id": known.body["id"] }));
    let id = known.text("/id").unwrap();
    let named = json!([practice.manager.id]);
    assert_eq!(crate::practice::people::restrict(&practice.manager, id, &named).status, 200);
    let undone = undo(&practice.manager, &accepted);
    assert_eq!((undone.status, &undone.body["service_user_id"]), (200, &known.body["id"]), "{}", undone.body);
    assert_refused(&practice.social_worker.get(&step(&received, "")), 404, "not-found");
}
