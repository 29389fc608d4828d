//! Warning notes: an adverse action with grounds of its own, which a visitor sees at once and nothing ends but a review.

use almoner_demo::web::Answer;
use almoner_domain::people::grounds::{AdverseAction, Effect, Ground};
use almoner_tests::callers::{Caller, pointers};
use almoner_tests::{Staff, messages};
use serde_json::{Value, json};

use super::from_referrals::{assert_refused, world};
use super::{exclude, of, put, restrict};
use crate::practice::cases::{both_at_once, column, give, open, pointer, record, twice_at_once};

const DUE: &str = "/v1/practice/warning-notes";
pub(super) const DECISIONS: &str = "/v1/practice/countersignatures";

fn notes_of(person: &str) -> String {
    of(person, "/warning-notes")
}

fn warn(by: &Staff, person: &str, note: &Value) -> Answer {
    by.create(&notes_of(person), note)
}

fn written(by: &Staff, person: &str, note: &Value) -> (String, Answer) {
    let answer = warn(by, person, note);
    assert_eq!(answer.status, 201, "{}", answer.body);
    (answer.header("location").unwrap().to_owned(), answer)
}

fn on(ground: &str) -> Value {
    let mut note = messages::warning_note();
    note["ground"] = ground.into();
    note
}

/// Another danger than the one of the message.
fn of_a_goose(ground: &str) -> Value {
    let mut note = on(ground);
    note["detail"] = "A goose.".into();
    note
}

fn decide(by: &Staff, note: &Answer, answer: &str, body: &Value) -> Answer {
    let request = format!("{DECISIONS}/{}", note.text("/countersignature_id").unwrap());
    by.change(&format!("{request}/{answer}"), &by.get(&request), body)
}

pub(super) fn review(by: &Staff, note: &str, body: &Value) -> Answer {
    by.change(&format!("{note}/review"), &by.get(note), body)
}

fn is_warned(by: &Staff, person: &str) -> bool {
    let seen = by.get(&of(person, ""));
    let flag = seen.body["flags"]["visit_warnings"].as_bool().unwrap();
    assert_eq!(flag, seen.body.get("warnings").is_some(), "{}", seen.body);
    flag
}

#[test]
fn every_ground_warns_waits_or_is_refused_as_the_table_says() {
    let (_world, _council, practice) = world();
    for word in Ground::ALL.iter().map(|ground| ground.as_str()).chain(["aggression", "HAZARD", "", "\0"]) {
        let person = record(&practice, &messages::person());
        let answer = warn(&practice.manager, &person, &on(word));
        let Ok((_, effect)) = AdverseAction::WarningOrRestriction.ground(word) else {
            assert_eq!(pointer(&answer), (422, Some("/ground")), "{word}: {}", answer.body);
            assert!(!is_warned(&practice.manager, &person));
            continue;
        };
        let waits = effect == Effect::Countersigned;
        assert_eq!(answer.text("/status"), Some(if waits { "waiting" } else { "in_force" }), "{}", answer.body);
        assert_eq!(is_warned(&practice.social_worker_2, &person), !waits, "{word}");
        let request = format!("{DECISIONS}/{}", answer.text("/countersignature_id").unwrap());
        let seen = practice.second_manager.get(&request);
        assert_eq!(seen.text("/purpose"), Some(if waits { "countersign" } else { "review" }), "{word}: {}", seen.body);
        assert_eq!((seen.text("/action"), seen.text("/ground")), (Some("warning_or_restriction"), Some(word)));
        assert_eq!(seen.text("/due_on"), Some(if waits { "2026-11-24" } else { "2026-11-25" }));
        assert_eq!(seen.body["warning_note"]["id"], answer.body["id"]);
        assert_eq!(seen.text("/warning_note/detail"), Some("A large dog in the yard: ring from the gate."));
        assert!(seen.text("/reason").unwrap().contains("It bit the district nurse"), "{}", seen.body);
        assert_eq!(practice.records_officer.get(&request).status, 404, "it is not theirs");
        let colleague = practice.social_worker_2.get(answer.header("location").unwrap());
        assert_eq!((colleague.status, colleague.body.get("countersignature_id")), (200, None), "nor tells of it");
    }
}

#[test]
fn a_note_that_waits_is_in_force_once_the_second_person_agrees_and_one_that_is_reviewed_ends_if_they_do_not() {
    let (_world, _council, practice) = world();
    let (manager, second) = (&practice.manager, &practice.second_manager);
    let person = record(&practice, &messages::person());
    let (path, waits) = written(manager, &person, &on("other"));
    assert_refused(&review(manager, &path, &json!({ "finding": "over", "text": "Gone." })), 409, "invalid-state");
    let agreed = decide(second, &waits, "approve", &messages::approve());
    assert_eq!(agreed.status, 200, "{}", agreed.body);
    assert_eq!(manager.get(&path).text("/status"), Some("in_force"));
    assert!(is_warned(manager, &person));

    let other = record(&practice, &messages::person());
    let (path, waits) = written(manager, &other, &on("other"));
    let refused = decide(second, &waits, "refuse", &json!({ "reason": "Nobody saw it." }));
    assert_eq!((refused.status, refused.text("/status")), (200, Some("refused")), "{}", refused.body);
    assert_eq!(manager.get(&path).text("/status"), Some("refused"));
    assert!(!is_warned(manager, &other));

    // In force at once, and ended by the second person, who leaves another note alone.
    let (path, at_once) = written(manager, &other, &on("hazard"));
    let (another, _) = written(manager, &other, &of_a_goose("safeguarding_plan"));
    assert_eq!(decide(second, &at_once, "refuse", &json!({ "reason": "It was a puppy." })).status, 200);
    assert_eq!((manager.get(&path).text("/status"), is_warned(manager, &other)), (Some("refused"), true));
    assert_eq!(manager.get(&another).text("/status"), Some("in_force"));
    let listed = manager.get(&notes_of(&other));
    assert_eq!(column(&listed, "/status"), [Some("in_force")]);
    // What a review ended stays ended, whatever the second person says afterwards.
    let (over, at_once) = written(manager, &person, &of_a_goose("hazard"));
    assert_eq!(review(&practice.director, &over, &json!({ "finding": "over", "text": "Gone." })).status, 200);
    assert_refused(&decide(second, &at_once, "approve", &messages::approve()), 409, "invalid-state");
    assert_eq!(decide(second, &at_once, "refuse", &json!({ "reason": "It was a puppy." })).status, 200);
    assert_eq!(manager.get(&over).text("/status"), Some("ended"));
    let all = manager.get(&format!("{}?ended=true", notes_of(&other)));
    assert_eq!(column(&all, "/status"), [Some("in_force"), Some("refused"), Some("refused")], "nothing is gone");
}

#[test]
fn a_manager_or_somebody_who_works_with_the_person_warns_and_never_a_passing_colleague() {
    let (_world, council, practice) = world();
    let person = record(&practice, &messages::person());
    let case = open(&practice, &council, &person);
    for passing in [&practice.social_worker, &practice.practitioner] {
        assert_refused(&warn(passing, &person, &on("hazard")), 403, "forbidden");
    }
    assert_eq!(give(&practice, &case, &practice.practitioner).status, 200);
    assert_refused(&warn(&practice.practitioner, &person, &on("other")), 403, "forbidden");
    let (note, _) = written(&practice.practitioner, &person, &on("hazard"));
    let over = json!({ "finding": "over", "text": "The dog is gone." });
    assert_refused(&review(&practice.social_worker, &note, &over), 403, "forbidden");
    let told = json!({ "on": "2026-11-20" });
    let path = format!("{note}/told");
    let seen = practice.social_worker.get(&note);
    assert_refused(&put(&practice.social_worker, &path, &seen, &told), 403, "forbidden");
    assert_eq!(put(&practice.practitioner, &path, &seen, &told).status, 200);
    assert_eq!(review(&practice.manager, &note, &over).text("/status"), Some("ended"));
    assert_eq!(give(&practice, &case, &practice.social_worker).status, 200);
    assert_refused(&warn(&practice.practitioner, &person, &on("hazard")), 403, "forbidden");
    let (note, waits) = written(&practice.social_worker, &person, &on("other"));
    assert_eq!(decide(&practice.second_manager, &waits, "approve", &messages::approve()).status, 200);
    // A practitioner ends what a second person put in force, and does not prolong it.
    let case = open(&practice, &council, &person);
    assert_eq!(give(&practice, &case, &practice.practitioner).status, 200);
    let stays = json!({ "finding": "stays", "text": "Still there.", "review_on": "2027-06-01" });
    assert_refused(&review(&practice.practitioner, &note, &stays), 403, "forbidden");
    assert_eq!(review(&practice.practitioner, &note, &over).text("/status"), Some("ended"));
    assert_refused(&warn(&practice.administrator, &person, &on("hazard")), 403, "forbidden");
}

#[test]
fn nothing_ends_a_note_but_a_review_however_late() {
    let (world, _council, practice) = world();
    let manager = &practice.manager;
    let person = record(&practice, &messages::person());
    let mut note = messages::warning_note();
    note["review_on"] = "2026-11-27".into();
    let (path, _) = written(manager, &person, &note);
    let (later, _) = written(manager, &person, &of_a_goose("hazard"));
    let due = |by: &Staff, until: &str| ids(&by.get(&format!("{DUE}?review_on_or_before={until}")));
    assert_eq!(due(manager, "2026-11-26"), [""; 0]);
    world.set_clock("2026-12-01T09:00:00Z");
    manager.forget_token();
    let seen = manager.get(&path);
    assert_eq!((seen.text("/status"), &seen.body["review_overdue"]), (Some("in_force"), &json!(true)), "{}", seen.body);
    assert!(is_warned(manager, &person));
    assert_eq!(due(manager, "2026-12-01"), [seen.text("/id").unwrap()]);
    let all = manager.get(DUE);
    assert_eq!(column(&all, "/id"), [seen.text("/id"), manager.get(&later).text("/id")], "the first due comes first");
    assert_eq!(column(&all, "/service_user/name"), [Some("Edith Marlow"); 2], "{}", all.body);

    // Whoever wrote it does not forestall the second person, who has not looked at it yet.
    let stays = json!({ "finding": "stays", "text": "Still there.", "review_on": "2027-06-01" });
    let over = json!({ "finding": "over", "text": "The dog died." });
    assert_refused(&review(manager, &path, &stays), 409, "invalid-state");
    assert_refused(&review(manager, &path, &over), 409, "invalid-state");
    let reviewer = &practice.director;
    reviewer.forget_token();
    let kept = review(reviewer, &path, &stays);
    assert_eq!((kept.status, kept.text("/review_on")), (200, Some("2027-06-01")), "{}", kept.body);
    assert_eq!((kept.text("/reviews/0/due_on"), &kept.body["review_overdue"]), (Some("2026-11-27"), &json!(false)));
    assert_eq!(due(manager, "2026-12-01"), [""; 0]);
    assert_eq!(review(reviewer, &path, &over).text("/status"), Some("ended"));
    assert!(is_warned(manager, &person), "the other note is still in force");
    let error = json!({ "finding": "entered_in_error", "text": "Another person's dog." });
    assert_eq!(review(manager, &later, &error).text("/status"), Some("entered_in_error"));
    assert!(!is_warned(manager, &person));
    assert_refused(&review(manager, &path, &over), 409, "invalid-state");
    let ended = manager.get(&path);
    assert_eq!(ended.body["reviews"].as_array().unwrap().len(), 2, "{}", ended.body);
}

fn ids(page: &Answer) -> Vec<String> {
    column(page, "/id").into_iter().flatten().map(str::to_owned).collect()
}

#[test]
fn whoever_meets_the_person_sees_the_note_first_and_whoever_may_not_see_them_sees_nothing_of_it() {
    let (world, council, practice) = world();
    let elsewhere = world.practice(&council);
    let person = record(&practice, &messages::person());
    let case = open(&practice, &council, &person);
    let before = practice.manager.get(&of(&person, ""));
    let (note, answer) = written(&practice.manager, &person, &messages::warning_note());
    let seen = practice.social_worker.get(&of(&person, ""));
    assert_ne!(seen.etag(), before.etag(), "the record has changed");
    assert_eq!(
        seen.body["warnings"],
        json!([{
            "id": answer.body["id"], "kind": "animal", "detail": "A large dog in the yard: ring from the gate.",
            "review_on": "2027-05-20",
        }])
    );
    let patched = practice.manager.patch(&of(&person, ""), &seen, &json!({ "phone": "07700 900461" }));
    assert_eq!(patched.body["warnings"], seen.body["warnings"], "another change leaves it");
    assert_eq!(practice.social_worker.get(&case).body["service_user"]["flags"]["visit_warnings"], true);
    let search = json!({ "nhs_number": seen.body["nhs_number"] });
    let found = practice.social_worker.post("/v1/practice/service-users/search", &search);
    assert_eq!(found.body["items"][0]["flags"]["visit_warnings"], true, "{}", found.body);

    for path in [&note, &notes_of(&person)] {
        assert_refused(&elsewhere.manager.get(path), 404, "not-found");
        assert_refused(&practice.administrator.get(path), 403, "forbidden");
    }
    let other = record(&practice, &messages::person());
    let id = answer.text("/id").unwrap();
    assert_refused(&practice.manager.get(&format!("{}/{id}", notes_of(&other))), 404, "not-found");
    exclude(&practice.manager, &person, &practice.social_worker_2);
    assert_eq!(restrict(&practice.manager, &person, &json!([practice.manager.id])).status, 200);
    for walled in [&practice.social_worker_2, &practice.social_worker] {
        for path in [&note, &notes_of(&person)] {
            assert_refused(&walled.get(path), 404, "not-found");
        }
        assert_refused(&warn(walled, &person, &messages::warning_note()), 404, "not-found");
        let over = json!({ "finding": "over", "text": "Gone." });
        assert_refused(&walled.change(&format!("{note}/review"), &answer, &over), 404, "not-found");
        assert_refused(
            &put(walled, &format!("{note}/told"), &answer, &json!({ "on": "2026-11-20" })),
            404,
            "not-found",
        );
        assert_eq!(ids(&walled.get(DUE)), [""; 0]);
    }
    assert_eq!(ids(&practice.manager.get(DUE)), [id]);
    assert_eq!(ids(&elsewhere.manager.get(DUE)), [""; 0]);
}

#[test]
fn whether_the_person_was_told_is_recorded_and_what_was_known_before_is_kept() {
    let (_world, _council, practice) = world();
    let manager = &practice.manager;
    let person = record(&practice, &messages::person());
    let mut note = messages::warning_note();
    note["told"] = json!({ "not_because": "His son reads his letters." });
    let (path, seen) = written(manager, &person, &note);
    let told = format!("{path}/told");
    for (body, at) in [
        (json!({}), ""),
        (json!({ "on": "2026-11-21" }), "/on"),
        (json!({ "not_because": "\u{200b}" }), ""),
        (json!({ "on": "2026-11-20", "not_because": "No." }), ""),
    ] {
        assert_eq!(pointer(&put(manager, &told, &seen, &body)), (422, Some(at)), "{body}");
    }
    let record = manager.get(&of(&person, ""));
    let now = put(manager, &told, &seen, &json!({ "on": "2026-11-20" }));
    assert_eq!(manager.get(&of(&person, "")).etag(), record.etag(), "the record shows nothing of it");
    assert_eq!((now.status, now.text("/told/on")), (200, Some("2026-11-20")), "{}", now.body);
    assert_eq!(now.text("/told_before/0/told/not_because"), Some("His son reads his letters."));
    assert_refused(&put(manager, &told, &seen, &json!({ "on": "2026-11-19" })), 412, "version-mismatch");
    let again = put(manager, &told, &now, &json!({ "on": "2026-11-20" }));
    assert_eq!((again.status, again.etag()), (200, now.etag()), "the same again changes nothing");
    let error = review(manager, &path, &json!({ "finding": "entered_in_error", "text": "Another person's dog." }));
    assert_refused(&put(manager, &told, &error, &json!({ "on": "2026-11-19" })), 409, "invalid-state");
}

#[test]
fn what_cannot_be_of_a_note_is_refused_all_at_once_and_nothing_is_written() {
    let (world, _council, practice) = world();
    let manager = &practice.manager;
    let person = record(&practice, &messages::person());
    for (member, value, at) in [
        ("detail", json!("a".repeat(1001)), "/detail"),
        ("detail", json!("a\u{0}b"), "/detail"),
        ("detail", json!("\u{200b}\u{2060}"), "/detail"),
        ("kind", json!("ghost"), "/kind"),
        ("evidence", Value::Null, "/evidence"),
        ("evidence", json!({ "what": "It bit.", "on": "2026-11-18", "from": "A nurse" }), "/evidence/what"),
        ("evidence", json!({ "what": "a".repeat(4001), "on": "2026-11-18", "from": "A nurse" }), "/evidence/what"),
        ("told", Value::Null, "/told"),
        ("review_on", json!("2026-11-20"), "/review_on"),
        ("review_on", json!("2027-11-21"), "/review_on"),
        ("review_on", json!("2026-02-30"), "/review_on"),
        ("by", json!("me"), "/by"),
    ] {
        let mut note = messages::warning_note();
        note[member] = value;
        assert_eq!(pointer(&warn(manager, &person, &note)), (422, Some(at)), "{member} {}", note[member]);
    }
    let mut note = on("worker_absent");
    note["review_on"] = "2026-11-20".into();
    note["told"] = json!({});
    note["evidence"] = json!({ "what": "e", "on": "2026-11-21", "from": "\0" });
    assert_eq!(
        pointers(&warn(manager, &person, &note)),
        ["/ground", "/evidence/what", "/evidence/on", "/evidence/from", "/told", "/review_on"]
    );
    assert_eq!(manager.get(&format!("{}?ended=true", notes_of(&person))).body["items"], json!([]));

    let numbered = |number: usize| {
        let mut note = messages::warning_note();
        note["detail"] = format!("Dog {number}.").into();
        note
    };
    for number in 0..20 {
        written(manager, &person, &numbered(number));
    }
    assert_refused(&warn(manager, &person, &numbered(20)), 409, "invalid-state");
    let listed = manager.get(&notes_of(&person));
    let path = format!("{}/{}", notes_of(&person), listed.text("/items/0/id").unwrap());
    let over = json!({ "finding": "over", "text": "Gone." });
    let director = &practice.director;
    let both = twice_at_once(&world, director, ("POST", &format!("{path}/review")), &director.get(&path), &over);
    assert_eq!(both, [200, 412]);
    written(manager, &person, &numbered(20));
}

#[test]
fn nobody_draws_again_by_asking_again_nor_writes_what_is_in_force_already() {
    let (_world, _council, practice) = world();
    let manager = &practice.manager;
    let person = record(&practice, &messages::person());
    let (path, waits) = written(manager, &person, &on("other"));
    for again in [on("other"), of_a_goose("other")] {
        assert_refused(&warn(manager, &person, &again), 409, "invalid-state");
    }
    let restricted = restrict(manager, &person, &json!([manager.id, practice.second_manager.id]));
    assert_eq!(restricted.status, 200, "a restriction is another thing: {}", restricted.body);
    assert_eq!(decide(&practice.second_manager, &waits, "approve", &messages::approve()).status, 200);
    assert_refused(&warn(manager, &person, &on("hazard")), 409, "invalid-state");
    assert_eq!(review(manager, &path, &json!({ "finding": "over", "text": "Gone." })).status, 200);
    written(manager, &person, &on("hazard"));
}

#[test]
fn a_record_that_is_closed_to_the_second_person_is_closed_to_the_request_and_keeps_the_note() {
    let (_world, _council, practice) = world();
    let manager = &practice.manager;
    let person = record(&practice, &messages::person());
    let (path, waits) = written(manager, &person, &on("hazard"));
    let request = format!("{DECISIONS}/{}", waits.text("/countersignature_id").unwrap());
    let seen = practice.second_manager.get(&request);
    exclude(manager, &person, &practice.second_manager);
    let reason = json!({ "reason": "It was a puppy." });
    let refused = practice.second_manager.change(&format!("{request}/refuse"), &seen, &reason);
    assert_refused(&refused, 404, "not-found");
    assert_eq!((manager.get(&path).text("/status"), is_warned(manager, &person)), (Some("in_force"), true));
}

#[test]
fn of_two_notes_that_end_at_once_the_record_shows_neither() {
    let (world, _council, practice) = world();
    let manager = &practice.manager;
    let person = record(&practice, &messages::person());
    let error = json!({ "finding": "entered_in_error", "text": "Another person's." });
    for _ in 0..10 {
        let notes = [messages::warning_note(), of_a_goose("hazard")];
        let [(one, seen), (other, seen_too)] = notes.map(|note| written(manager, &person, &note));
        assert!(is_warned(manager, &person));
        let [one, other] = [one, other].map(|path| format!("{path}/review"));
        let both = both_at_once(&world, manager, [("POST", &one, &seen), ("POST", &other, &seen_too)], &error);
        assert_eq!(both, [200, 200]);
        assert!(!is_warned(manager, &person));
    }
}

#[test]
fn a_note_that_waits_for_somebody_from_outside_is_taken_back_by_whoever_asked() {
    let (_world, council, practice) = world();
    let person = record(&practice, &messages::person());
    let case = open(&practice, &council, &person);
    assert_eq!(give(&practice, &case, &practice.social_worker).status, 200);
    // Nobody is left: one manager asks, another is in the line of the worker, and the director owns the practice.
    let (path, waits) = written(&practice.second_manager, &person, &on("other"));
    let taken = decide(&practice.second_manager, &waits, "take-back", &json!({}));
    assert_eq!((taken.status, taken.text("/status")), (200, Some("taken_back")), "{}", taken.body);
    assert_eq!(practice.manager.get(&path).text("/status"), Some("taken_back"));
    assert!(!is_warned(&practice.manager, &person));
    written(&practice.second_manager, &person, &on("other"));
}

#[test]
fn the_same_request_twice_writes_one_note_and_another_content_under_the_key_is_refused() {
    let (_world, _council, practice) = world();
    let manager = &practice.manager;
    let person = record(&practice, &messages::person());
    let send = |note: &Value| {
        let headers = [("idempotency-key", "7d1d5a6e-5a5e-4a52-9c1e-3a4f5b6c7d8e")];
        manager.send("POST", &notes_of(&person), &headers, Some(("application/json", note.to_string().as_bytes())))
    };
    let (first, again) = (send(&messages::warning_note()), send(&messages::warning_note()));
    assert_eq!((first.status, again.status, &again.body), (201, 201, &first.body), "{}", again.body);
    assert_eq!(send(&on("court_direction")).status, 422);
    assert_eq!(column(&manager.get(&notes_of(&person)), "/id").len(), 1);
}
