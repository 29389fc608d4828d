//! Closing a case.

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, World, messages};
use serde_json::json;

use super::{case_of, close, column, give};

#[test]
fn row_30_a_closed_case_takes_no_note_no_worker_and_no_other_close() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    assert_eq!(close(&practice.social_worker, &case, &messages::close_on_death()).status, 200);

    let note = practice.social_worker.create(&format!("{case}/notes"), &messages::note("Too late."));
    for refused in [
        note,
        give(&practice, &case, &practice.social_worker_2),
        close(&practice.social_worker, &case, &messages::close()),
        close(&practice.social_worker, &case, &messages::close_on_death()),
    ] {
        assert_eq!(refused.status, 409, "{}", refused.body);
        assert_eq!(refused.text("/type"), Some("/problems/invalid-state"));
    }
}

#[test]
fn an_event_closes_a_case_at_once_on_evidence_that_stays_with_its_notes() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for ground in ["died", "agreed_with_person", "taken_over"] {
        let case = case_of(&practice, &council, &practice.social_worker);
        let mut how = messages::close_on_death();
        how["ground"] = ground.into();
        let closed = close(&practice.social_worker, &case, &how);
        assert_eq!((closed.status, closed.text("/status")), (200, Some("closed")), "{ground}: {}", closed.body);
        assert_eq!((closed.text("/ground"), closed.text("/outcome")), (Some(ground), Some("NFA: Deceased")));
        assert!(closed.text("/closed_at").is_some());
        let notes = practice.social_worker.get(&format!("{case}/notes"));
        assert_eq!(
            notes.text("/items/0/text"),
            Some(
                "Her daughter rang on Thursday.\n\nEvidence: The surgery wrote that she died in hospital.\n\n\
                 Of 2026-11-19, from: Letter of the surgery"
            )
        );
    }
    assert!(column(&practice.second_manager.get("/v1/practice/countersignatures"), "/id").is_empty());
}

#[test]
fn any_other_ground_waits_for_a_second_person_who_reads_the_evidence_that_was_given() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for ground in
        ["work_complete", "contested", "no_contact", "not_eligible", "services_affected", "capacity_in_doubt", "other"]
    {
        let case = case_of(&practice, &council, &practice.social_worker);
        let mut how = messages::close();
        how["ground"] = ground.into();
        how["evidence"] = messages::evidence();
        let answer = close(&practice.social_worker, &case, &how);
        assert_eq!((answer.status, answer.text("/status")), (200, Some("closing")), "{ground}: {}", answer.body);
        assert!(answer.text("/closed_at").is_none(), "{ground}");
        let asked = practice.second_manager.get("/v1/practice/countersignatures?limit=200");
        let last = asked.body["items"].as_array().unwrap().last().cloned().unwrap();
        assert_eq!(last["ground"], ground);
        assert_eq!((&last["purpose"], &last["due_on"]), (&json!("countersign"), &json!("2026-11-24")), "{ground}");
        assert!(last["reason"].as_str().unwrap().ends_with("from: Letter of the surgery"), "{ground}: {last}");
    }
}

#[test]
fn a_request_sent_twice_is_done_once() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let path = format!("{case}/close");
    let etag = practice.social_worker.get(&case).etag().unwrap().to_owned();
    let key = fresh_key();
    let headers = [("if-match", etag.as_str()), ("idempotency-key", key.as_str())];

    let first = practice.social_worker.post_with(&path, &headers, &messages::close());
    let second = practice.social_worker.post_with(&path, &headers, &messages::close());
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, None));
    assert_eq!((second.status, second.header("idempotency-replayed")), (200, Some("true")));
    assert_eq!(first.body, second.body);
    assert_eq!(column(&practice.second_manager.get("/v1/practice/countersignatures"), "/id").len(), 1);

    let mut other = messages::close();
    other["reason"] = "Something else.".into();
    let reused = practice.social_worker.post_with(&path, &headers, &other);
    assert_eq!((reused.status, reused.text("/type")), (422, Some("/problems/idempotency-key-reused")));
    let keyless = practice.social_worker.post_with(&path, &headers[..1], &messages::close());
    assert_eq!((keyless.status, keyless.text("/type")), (400, Some("/problems/idempotency-key-missing")));
    // The same key of another caller is a different key.
    let mine = practice.manager.post_with(&path, &headers, &messages::close());
    assert_eq!((mine.status, mine.header("idempotency-replayed")), (412, None));
}

#[test]
fn row_32_of_two_who_close_at_once_one_closes() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let etag = practice.manager.get(&case).etag().unwrap().to_owned();
    let Practice { manager, social_worker, director, records_officer, .. } = practice;
    let closers = [manager, social_worker, director].map(|closer| {
        closer.sign_in(None);
        let (path, etag) = (format!("{case}/close"), etag.clone());
        std::thread::spawn(move || {
            let headers = [("if-match", etag.as_str()), ("idempotency-key", &fresh_key())];
            closer.post_with(&path, &headers, &messages::close_on_death()).status
        })
    });
    let mut statuses = closers.map(|closer| closer.join().unwrap());
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200, "{statuses:?}");
    assert!(statuses[1..].iter().all(|status| *status == 412), "{statuses:?}");
    let kinds = records_officer.get(&format!("{case}/timeline"));
    assert_eq!(column(&kinds, "/kind").iter().filter(|kind| **kind == Some("closed")).count(), 1);
}

#[test]
fn the_council_that_referred_the_person_reads_the_outcome() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let sent = council.system.post("/v1/council/referrals", &messages::referral());
    let inbox = practice.manager.get("/v1/practice/referrals");
    let referral = format!("/v1/practice/referrals/{}", inbox.text("/items/0/id").unwrap());
    let how = json!({ "allocate": { "staff_id": practice.social_worker.id, "reason": "Has room." } });
    let accepted = practice.manager.change(&format!("{referral}/accept"), &practice.manager.get(&referral), &how);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    let read = || council.system.get(&format!("/v1/council/referrals/{}", sent.text("/id").unwrap()));

    // A closing that waits for a second person gives no outcome yet.
    close(&practice.social_worker, &case, &messages::close());
    assert_eq!((read().text("/status"), read().text("/outcome")), (Some("accepted"), None));
    let request = practice.second_manager.get("/v1/practice/countersignatures");
    let request = format!("/v1/practice/countersignatures/{}", request.text("/items/0/id").unwrap());
    let seen = practice.second_manager.get(&request);
    practice.second_manager.change(&format!("{request}/approve"), &seen, &messages::approve());
    assert_eq!(read().text("/outcome"), Some("NFA: Support ended as planned"));
    assert_eq!(read().text("/closed_on"), Some("2026-11-20"));
}
