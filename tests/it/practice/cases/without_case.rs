//! Notes about a known person without a case, and notes after a case was closed.

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{World, messages};
use serde_json::{Value, json};

use super::{case_of, close, column, open, pointer, record};
use crate::practice::audit::asked;
use crate::practice::people::{end_exclusion, exclude, lift, restrict};

#[test]
fn a_note_about_a_known_person_needs_no_case() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = record(&practice, &messages::person());
    let notes = format!("/v1/practice/service-users/{person}/notes");
    let new = json!({ "kind": "call", "text": "Rang to ask about a ramp.", "happened_at": "2026-11-19T15:30:00Z" });
    let written = practice.practitioner.create(&notes, &new);
    assert_eq!((written.status, written.text("/text")), (201, Some("Rang to ask about a ramp.")), "{}", written.body);
    assert_eq!(written.body.get("case_id"), None);
    assert_eq!(written.text("/service_user_id"), Some(person.as_str()));
    let read = practice.social_worker.get(written.header("location").unwrap());
    assert_eq!((read.status, &read.body), (200, &written.body));

    // The person's notes are those of their cases too; a case has its own only.
    let case = open(&practice, &council, &person);
    let of_case = practice.social_worker.create(&format!("{case}/notes"), &messages::note("Saw Edith at home."));
    assert_eq!(of_case.text("/case_id"), case.rsplit('/').next());
    let somebody = record(&practice, &messages::person());
    let theirs = format!("/v1/practice/service-users/{somebody}/notes");
    practice.social_worker.create(&theirs, &messages::note("Somebody else."));
    let all = practice.manager.get(&notes);
    assert_eq!(all.body["items"], json!([of_case.body, written.body]));
    assert_eq!(practice.manager.get(&format!("{case}/notes")).body["items"], json!([of_case.body]));
    let first = practice.manager.get(&format!("{notes}?limit=1"));
    let cursor = first.text("/next_cursor").unwrap();
    let second = practice.manager.get(&format!("{notes}?limit=1&cursor={cursor}"));
    assert_eq!((&first.body["items"], &second.body["items"]), (&json!([of_case.body]), &json!([written.body])));

    for (action, caller) in
        [("note.written_without_case", &practice.practitioner), ("note.read", &practice.social_worker)]
    {
        let log = asked(&practice, &format!("?service_user_id={person}&staff_id={}&action={action}", caller.id));
        assert_eq!(column(&log, "/subject_id"), [written.text("/id")], "{action}: {}", log.body);
    }
    let log = asked(&practice, &format!("?service_user_id={person}&action=service_user.notes_read"));
    assert_eq!(column(&log, "/subject_id").first(), Some(&Some(person.as_str())), "{}", log.body);
}

#[test]
fn a_note_without_a_case_that_breaks_a_rule_is_refused_and_one_sent_twice_is_written_once() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    let notes = format!("/v1/practice/service-users/{person}/notes");
    let with = |member: &str, value: Value| {
        let mut note = messages::note("Rang to ask about a ramp.");
        note[member] = value;
        practice.social_worker.create(&notes, &note)
    };
    for (member, value) in [
        ("happened_at", json!("2026-11-20T11:00:00Z")),
        ("happened_at", json!("1899-12-31T23:59:59Z")),
        ("text", json!("x".repeat(10_001))),
        ("text", json!("\u{200b}\u{2060}")),
        ("text", json!("Fell\u{0} twice.")),
        ("kind", json!("rumour")),
        ("case_id", json!(fresh_key())),
    ] {
        let at = format!("/{member}");
        assert_eq!(pointer(&with(member, value)), (422, Some(at.as_str())), "{member}");
    }
    let headers = [("idempotency-key", "a key of this note")];
    let [first, second] =
        [(); 2].map(|()| practice.social_worker.post_with(&notes, &headers, &messages::note("Once.")));
    assert_eq!((first.status, &first.body), (201, &second.body));
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    let other = practice.social_worker.post_with(&notes, &headers, &messages::note("Twice."));
    assert_eq!((other.status, other.text("/type")), (422, Some("/problems/idempotency-key-reused")));
    assert_eq!(column(&practice.social_worker.get(&notes), "/text"), [Some("Once.")]);
}

#[test]
fn row_2_a_note_without_a_case_is_walled_as_its_person_is() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let person = record(&practice, &messages::person());
    let notes = format!("/v1/practice/service-users/{person}/notes");
    let worker = &practice.social_worker;
    let written = worker.create(&notes, &messages::note("Rang to ask about a ramp."));
    let own = written.header("location").unwrap();
    let text = messages::note("Another.");
    for (caller, read, write) in [
        (&practice.records_officer, 200, 403),
        (&practice.administrator, 403, 403),
        (&elsewhere.social_worker, 404, 404),
        (&elsewhere.records_officer, 404, 403),
    ] {
        assert_eq!((caller.get(&notes).status, caller.get(own).status), (read, read), "{}", caller.email);
        assert_eq!(caller.create(&notes, &text).status, write, "{}", caller.email);
    }

    assert_eq!(restrict(&practice.manager, &person, &json!([practice.manager.id])).status, 200);
    let closed = |by: &almoner_tests::Staff| {
        let nobodys = by.get("/v1/practice/notes/01937c5e-2b00-7a41-9d6c-000000000000");
        for answer in [by.get(&notes), by.get(own), by.create(&notes, &text)] {
            assert_eq!((answer.status, &answer.body), (404, &nobodys.body), "{}", by.email);
        }
    };
    for walled in [worker, &practice.second_manager, &practice.records_officer] {
        if walled.id == practice.records_officer.id {
            assert_eq!((walled.get(&notes).status, walled.get(own).status), (404, 404));
        } else {
            closed(walled);
        }
    }
    assert_eq!(practice.manager.get(own).status, 200, "named in the restriction");
    assert_eq!(lift(&practice.manager, &person).status, 204);
    assert_eq!(exclude(&practice.manager, &person, worker).status, 201);
    closed(worker);
    assert_eq!(practice.social_worker_2.get(own).status, 200);
    assert_eq!(end_exclusion(&practice.manager, &person, worker).status, 204);
    assert_eq!(worker.get(own).status, 200);
}

#[test]
fn a_note_can_follow_a_closing() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    assert_eq!(close(&practice.social_worker, &case, &messages::close_on_death()).status, 200);
    let closed = practice.social_worker.get(&case);
    let notes = format!("{case}/notes");
    let after = practice.social_worker.create(&notes, &messages::note("Her daughter rang to thank us."));
    assert_eq!(after.status, 201, "{}", after.body);
    assert_eq!(practice.manager.get(&notes).body["items"][0], after.body);
    let now = practice.social_worker.get(&case);
    assert_eq!((&now.body, now.etag()), (&closed.body, closed.etag()), "the case stays closed");
    let timeline = practice.manager.get(&format!("{case}/timeline"));
    let kinds = column(&timeline, "/kind");
    assert_eq!(kinds[kinds.len() - 1], Some("note_written"), "{kinds:?}");
}
