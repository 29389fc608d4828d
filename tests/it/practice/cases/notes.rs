//! Case notes.

use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use serde_json::json;

use super::{case_of, column, pointer};

#[test]
fn a_note_shows_who_wrote_it_and_when_what_it_records_happened() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let notes = format!("{}/notes", case_of(&practice, &council, &practice.social_worker));
    let new = json!({ "kind": "call", "text": "Rang twice.\r\nNo answer.", "happened_at": "2026-11-19T15:30:00Z" });

    let written = practice.social_worker.create(&notes, &new);
    assert_eq!(written.status, 201, "{}", written.body);
    let own = written.header("location").unwrap();
    assert_eq!(own, format!("/v1/practice/notes/{}", written.text("/id").unwrap()));
    let read = practice.manager.get(own);
    assert_eq!((read.status, &read.body, read.etag()), (200, &written.body, written.etag()));
    assert_eq!((written.text("/kind"), written.text("/text")), (Some("call"), Some("Rang twice.\nNo answer.")));
    assert_eq!(written.text("/author/name"), Some("Hannah Price"));
    assert_eq!(written.text("/author/id"), Some(practice.social_worker.id.to_string().as_str()));
    assert_eq!(written.text("/happened_at"), Some("2026-11-19T15:30:00Z"));
    assert!(written.text("/written_at").unwrap().starts_with("2026-11-20T10:0"), "{}", written.body);

    let listed = practice.manager.get(&notes);
    assert_eq!(listed.body["items"], json!([written.body]));

    // Without a time of its own the event happened when the note was written.
    let now = practice.practitioner.create(&notes, &messages::note("Saw Edith at home."));
    assert_eq!(now.text("/happened_at"), now.text("/written_at"));
}

#[test]
fn notes_are_listed_newest_first_in_pages() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let notes = format!("{}/notes", case_of(&practice, &council, &practice.social_worker));
    for text in ["One.", "Two.", "Three.", "Four.", "Five."] {
        assert_eq!(practice.social_worker.create(&notes, &messages::note(text)).status, 201);
    }
    let mut pages = Vec::new();
    let mut path = format!("{notes}?limit=2");
    loop {
        let page = practice.social_worker.get(&path);
        pages.push(column(&page, "/text").into_iter().flatten().map(str::to_owned).collect::<Vec<_>>());
        let Some(cursor) = page.text("/next_cursor") else { break };
        path = format!("{notes}?limit=2&cursor={cursor}");
    }
    assert_eq!(pages, [vec!["Five.", "Four."], vec!["Three.", "Two."], vec!["One."]]);
}

#[test]
fn a_note_that_breaks_a_rule_is_refused_and_points_at_what_does() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let notes = format!("{}/notes", case_of(&practice, &council, &practice.social_worker));
    let with = |member: &str, value: serde_json::Value| {
        let mut note = messages::note("Saw Edith at home.");
        note[member] = value;
        practice.social_worker.create(&notes, &note)
    };
    for (member, value, at) in [
        ("happened_at", json!("2026-11-20T11:00:00Z"), "/happened_at"),
        ("happened_at", json!("yesterday"), "/happened_at"),
        ("text", json!("x".repeat(10_001)), "/text"),
        ("text", json!(" \n "), "/text"),
        ("text", json!("Fell\u{0} twice."), "/text"),
        ("kind", json!("rumour"), "/kind"),
        ("author", json!("somebody else"), "/author"),
    ] {
        assert_eq!(pointer(&with(member, value)), (422, Some(at)), "{member}");
    }
    // The limit counts characters, not bytes.
    assert_eq!(with("text", json!("ŵ".repeat(10_000))).status, 201);
    assert_eq!(column(&practice.social_worker.get(&notes), "/id").len(), 1);
}

#[test]
fn a_note_sent_twice_is_written_once() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let notes = format!("{}/notes", case_of(&practice, &council, &practice.social_worker));
    let headers = [("idempotency-key", "a key of this note")];
    let first = practice.social_worker.post_with(&notes, &headers, &messages::note("Saw Edith at home."));
    let second = practice.social_worker.post_with(&notes, &headers, &messages::note("Saw Edith at home."));
    assert_eq!((first.status, &first.body), (201, &second.body));
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(column(&practice.social_worker.get(&notes), "/id").len(), 1);
}

#[test]
fn a_records_officer_reads_notes_and_writes_none_and_others_do_neither() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let notes = format!("{}/notes", case_of(&practice, &council, &practice.social_worker));
    practice.social_worker.create(&notes, &messages::note("Saw Edith at home."));
    for (caller, read, written) in [
        (&practice.records_officer, 200, 403),
        (&practice.administrator, 403, 403),
        (&elsewhere.records_officer, 404, 403),
        (&elsewhere.social_worker, 404, 404),
    ] {
        assert_eq!(caller.get(&notes).status, read, "{}", caller.email);
        assert_eq!(caller.create(&notes, &messages::note("A visit.")).status, written, "{}", caller.email);
    }
    assert_eq!(column(&practice.records_officer.get(&notes), "/text"), [Some("Saw Edith at home.")]);
}
