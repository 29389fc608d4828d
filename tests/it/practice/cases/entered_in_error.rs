//! Notes that should not stand in a record: marked as entered in error, and kept.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, Staff, World, messages, postgres};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::{case_of, close, column, pointer};
use crate::practice::audit::asked;
use crate::practice::people::{exclude, restrict};

/// Writes a note. Returns its address.
fn note(by: &Staff, path: &str, text: &str) -> String {
    let written = by.create(path, &messages::note(text));
    assert_eq!(written.status, 201, "{}", written.body);
    written.header("location").unwrap().to_owned()
}

fn mark(by: &Staff, note: &str, reason: &str) -> Answer {
    by.change(&format!("{note}/entered-in-error"), &by.get(note), &json!({ "reason": reason }))
}

fn person_of(practice: &Practice, case: &str) -> String {
    practice.manager.get(case).text("/service_user/id").unwrap().to_owned()
}

#[test]
fn a_marked_note_is_struck_through_for_those_who_see_why_and_gone_for_others() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let person = person_of(&practice, &case);
    let notes = format!("{case}/notes");
    let right = note(&practice.social_worker, &notes, "Saw Edith at home.");
    let wrong = note(&practice.social_worker, &notes, "Saw Frank at home.");

    let marked = mark(&practice.social_worker, &wrong, "This was Frank Hale.");
    assert_eq!((marked.status, marked.text("/text")), (200, Some("Saw Frank at home.")), "{}", marked.body);
    assert_eq!(marked.text("/entered_in_error/reason"), Some("This was Frank Hale."));
    assert_eq!(marked.text("/entered_in_error/by/name"), Some("Hannah Price"));
    assert!(marked.text("/entered_in_error/at").unwrap().starts_with("2026-11-20T10:0"), "{}", marked.body);

    let lists = [notes, format!("/v1/practice/service-users/{person}/notes")];
    let timeline = format!("{case}/timeline");
    let lines_of = |by: &Staff| -> Vec<Value> {
        let lines = by.get(&timeline).body["items"].as_array().unwrap().clone();
        lines.into_iter().filter(|line| line["kind"] == "note_written").collect()
    };
    for sees in [&practice.social_worker, &practice.manager, &practice.second_manager, &practice.records_officer] {
        for list in &lists {
            let listed = sees.get(list);
            assert_eq!(listed.body["items"][0], marked.body, "{}", sees.email);
            assert_eq!(listed.body["items"][1].get("entered_in_error"), None, "{}", sees.email);
        }
        assert_eq!(sees.get(&wrong).body, marked.body);
        let lines = lines_of(sees);
        let errors: Vec<&Value> = lines.iter().map(|line| &line["entered_in_error"]).collect();
        assert_eq!(errors, [false, true], "{}", sees.email);
        assert_eq!(lines[1]["subject_id"], marked.body["id"]);
    }
    for other in [&practice.social_worker_2, &practice.practitioner] {
        for list in &lists {
            assert_eq!(column(&other.get(list), "/text"), [Some("Saw Edith at home.")], "{}", other.email);
        }
        let nobodys = other.get("/v1/practice/notes/01937c5e-2b00-7a41-9d6c-000000000000");
        assert_eq!((other.get(&wrong).status, other.get(&wrong).body), (404, nobodys.body), "{}", other.email);
        assert_eq!(other.get(&right).status, 200);
        let lines = lines_of(other);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_ne!(lines[0]["subject_id"], marked.body["id"]);
    }

    // The log keeps that it was written and marked, and says the reason, which may name somebody else, to nobody.
    let log = asked(&practice, &format!("?service_user_id={person}&limit=200"));
    let of_note = |action: &str| {
        let events = log.body["items"].as_array().unwrap().iter();
        events.filter(|event| event["action"] == action && event["subject_id"] == marked.body["id"]).count()
    };
    assert_eq!((of_note("note.written"), of_note("note.entered_in_error")), (1, 1), "{}", log.body);
    let readers = practice.records_officer.get(&format!("/v1/practice/service-users/{person}/readers?limit=200"));
    for answer in [&log, &readers] {
        assert!(!answer.body.to_string().contains("Frank"), "{}", answer.body);
    }
    assert!(column(&readers, "/action").contains(&Some("note.entered_in_error")));
}

#[test]
fn the_author_and_managers_mark_a_note_and_nobody_else() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let case = case_of(&practice, &council, &practice.social_worker);
    let person = person_of(&practice, &case);
    let theirs = note(&practice.social_worker, &format!("{case}/notes"), "Saw Frank at home.");
    let reason = json!({ "reason": "This was Frank Hale." });
    let path = format!("{theirs}/entered-in-error");
    let seen = practice.manager.get(&theirs);
    for (caller, status) in [
        (&practice.social_worker_2, 403),
        (&practice.practitioner, 403),
        (&practice.records_officer, 403),
        (&practice.administrator, 403),
        (&elsewhere.manager, 404),
    ] {
        let refused = caller.change(&path, &seen, &reason);
        assert_eq!(refused.status, status, "{}: {}", caller.email, refused.body);
    }
    let log = asked(&practice, &format!("?outcome=refused&service_user_id={person}"));
    assert_eq!(log.body["items"].as_array().unwrap().len(), 4, "a refusal names the person: {}", log.body);

    // A manager from whom the record is closed is told nothing, and neither is its author.
    assert_eq!(exclude(&practice.manager, &person, &practice.second_manager).status, 201);
    assert_eq!(practice.second_manager.change(&path, &seen, &reason).status, 404);
    assert_eq!(practice.second_manager.get(&theirs).status, 404);
    assert_eq!(restrict(&practice.manager, &person, &json!([practice.manager.id])).status, 200);
    assert_eq!(practice.social_worker.change(&path, &seen, &reason).status, 404);

    let marked = practice.manager.change(&path, &seen, &reason);
    assert_eq!((marked.status, marked.text("/author/name")), (200, Some("Hannah Price")), "{}", marked.body);
    assert_eq!(marked.text("/entered_in_error/by/id"), Some(practice.manager.id.to_string().as_str()));
}

#[test]
fn a_mark_needs_a_reason_and_the_version_and_is_made_once() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let notes = format!("{case}/notes");
    let worker = &practice.social_worker;
    let one = note(worker, &notes, "Saw Frank at home.");
    let path = format!("{one}/entered-in-error");
    let seen = worker.get(&one);
    for (body, at) in [
        (json!({}), "/reason"),
        (json!({ "reason": null }), "/reason"),
        (json!({ "reason": "" }), "/reason"),
        (json!({ "reason": " \n\t" }), "/reason"),
        (json!({ "reason": "\u{200b}\u{2060}\u{ad}" }), "/reason"),
        (json!({ "reason": "Frank\u{0}." }), "/reason"),
        (json!({ "reason": "x".repeat(4_001) }), "/reason"),
        (json!({ "reason": ["Frank"] }), "/reason"),
        (json!({ "reason": "Frank.", "by": practice.manager.id }), "/by"),
    ] {
        assert_eq!(pointer(&worker.change(&path, &seen, &body)), (422, Some(at)), "{body}");
    }
    let reason = json!({ "reason": "ŵ".repeat(4_000) });
    assert_eq!(worker.post_with(&path, &[], &reason).status, 428);
    assert_eq!(worker.post_with(&path, &[("if-match", "\"7\"")], &reason).status, 412);
    let marked = worker.change(&path, &seen, &reason);
    assert_eq!(marked.status, 200, "{}", marked.body);
    assert_ne!(marked.etag(), seen.etag());
    assert_eq!(worker.change(&path, &seen, &reason).status, 412, "the same request again");
    let again = worker.change(&path, &marked, &reason);
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/invalid-state")), "{}", again.body);

    // A closed case keeps nobody from setting its record right.
    let other = note(worker, &notes, "Saw Frank at home.");
    assert_eq!(close(worker, &case, &messages::close_on_death()).status, 200);
    assert_eq!(mark(worker, &other, "This was Frank Hale.").status, 200);
}

#[test]
fn row_32_of_two_who_mark_a_note_at_once_one_does() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let wrong = note(&practice.social_worker, &format!("{case}/notes"), "Saw Frank at home.");
    let etag = practice.manager.get(&wrong).etag().unwrap().to_owned();
    let Practice { manager, social_worker, second_manager, .. } = practice;
    let markers = [manager, social_worker, second_manager].map(|marker| {
        marker.sign_in(None);
        let (path, etag) = (format!("{wrong}/entered-in-error"), etag.clone());
        std::thread::spawn(move || {
            marker.post_with(&path, &[("if-match", etag.as_str())], &json!({ "reason": "This was Frank." })).status
        })
    });
    let mut statuses = markers.map(|marker| marker.join().unwrap());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412]);
}

#[test]
fn a_draft_is_its_authors_own() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let notes = format!("{case}/notes");
    let written = note(&practice.social_worker, &notes, "Saw Edith at home.");
    let id = written.rsplit('/').next().unwrap();
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    database.batch_execute(&format!("UPDATE case_notes SET status = 'draft' WHERE note_id = '{id}'")).unwrap();
    assert_eq!(column(&practice.social_worker.get(&notes), "/id"), [Some(id)]);
    for other in [&practice.manager, &practice.social_worker_2, &practice.records_officer] {
        assert!(column(&other.get(&notes), "/id").is_empty(), "{}", other.email);
        assert_eq!(other.get(&written).status, 404, "{}", other.email);
    }
}
