//! Taking a case from the worker who has it, which is an adverse action with grounds of its own.

use almoner_demo::web::Answer;
use almoner_domain::people::grounds::{AdverseAction, Effect, Ground};
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::{at_once, case_of, close, column, open, pointer, record};

const LIST: &str = "/v1/practice/countersignatures";

/// A request to give the case to the second social worker on this ground, with evidence.
fn to_second(practice: &Practice, ground: &str) -> Value {
    let mut how = messages::move_on_leaving(practice.social_worker_2.id);
    how["ground"] = ground.into();
    how
}

/// Asks to take a case from its worker, with its current version.
fn move_case(by: &Staff, case: &str, how: &Value) -> Answer {
    by.change(&format!("{case}/allocate"), &by.get(case), how)
}

/// The request that the last line of this kind on the timeline is about.
fn request_of(reader: &Staff, case: &str) -> String {
    let timeline = reader.get(&format!("{case}/timeline"));
    let items = timeline.body["items"].as_array().unwrap();
    let asked = items.iter().rfind(|item| item["kind"] == "moving_asked").unwrap();
    format!("{LIST}/{}", asked["subject_id"].as_str().unwrap())
}

fn decide(by: &Staff, request: &str, answer: &str, body: &Value) -> Answer {
    by.change(&format!("{request}/{answer}"), &by.get(request), body)
}

fn worker(reader: &Staff, case: &str) -> Option<String> {
    reader.get(case).text("/allocated_to/name").map(str::to_owned)
}

/// Asks on this ground to take a case of the social worker's from them. Returns the case and the request.
fn asked(practice: &Practice, council: &Council, ground: &str) -> (String, String) {
    let case = case_of(practice, council, &practice.social_worker);
    let moved = move_case(&practice.manager, &case, &to_second(practice, ground));
    assert_eq!(moved.status, 200, "{}", moved.body);
    let request = request_of(&practice.manager, &case);
    (case, request)
}

#[test]
fn every_ground_moves_waits_or_is_refused_as_the_table_says() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let manager = &practice.manager;
    for word in Ground::ALL.iter().map(|ground| ground.as_str()).chain(["worker_under_allegation", "HAZARD"]) {
        let case = case_of(&practice, &council, &practice.social_worker);
        let how = to_second(&practice, word);
        let Ok((_, effect)) = AdverseAction::MovingWorkerOff.ground(word) else {
            let refused = move_case(manager, &case, &how);
            assert_eq!(pointer(&refused), (422, Some("/ground")), "{word}: {}", refused.body);
            let detail = refused.text("/errors/0/detail").unwrap();
            assert!(detail.contains("worker_absent") && !detail.contains("died"), "{word}: {detail}");
            continue;
        };
        let mut without = how.clone();
        without.as_object_mut().unwrap().remove("evidence");
        if effect == Effect::AtOnceWithEvidence {
            assert_eq!(pointer(&move_case(manager, &case, &without)), (422, Some("/evidence")), "{word}");
        }
        let how = if effect == Effect::AtOnceWithEvidence { how } else { without };
        let moved = move_case(manager, &case, &how);
        if effect == Effect::AtOnceForTheCouncil {
            assert_eq!(pointer(&moved), (422, Some("/instruction_id")), "only the council gives it: {}", moved.body);
            continue;
        }
        let kinds: &[&str] = match effect {
            Effect::Countersigned => &["moving_asked"],
            Effect::AtOnceThenReviewed => &["allocated", "moving_asked"],
            _ => &["allocated"],
        };
        assert_eq!(moved.status, 200, "{word}: {}", moved.body);
        let second = practice.social_worker_2.id.to_string();
        assert_eq!(moved.text("/allocated_to/id") == Some(second.as_str()), effect != Effect::Countersigned, "{word}");
        let timeline = manager.get(&format!("{case}/timeline"));
        assert_eq!(column(&timeline, "/kind")[2..], kinds.iter().copied().map(Some).collect::<Vec<_>>(), "{word}");
    }
}

#[test]
fn a_ground_is_for_a_case_that_another_worker_has() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let manager = &practice.manager;
    let case = open(&practice, &council, &record(&practice, &messages::person()));
    let stray = move_case(manager, &case, &to_second(&practice, "worker_absent"));
    assert_eq!(pointer(&stray), (422, Some("/ground")), "{}", stray.body);
    let to = json!({ "staff_id": practice.social_worker.id, "reason": "Has room." });
    assert_eq!(move_case(manager, &case, &to).status, 200);
    assert_eq!(move_case(manager, &case, &to).status, 200, "the same worker loses nothing");
    let to_second = json!({ "staff_id": practice.social_worker_2.id, "reason": "Has room." });
    assert_eq!(pointer(&move_case(manager, &case, &to_second)), (422, Some("/ground")));

    let evidence = json!({ "what": "e", "on": "2026-11-21", "from": "\0" });
    let wrong = json!({
        "staff_id": practice.social_worker_2.id, "reason": "x".repeat(1001), "ground": "died", "evidence": evidence,
    });
    let refused = move_case(manager, &case, &wrong);
    assert_eq!(refused.status, 422, "{}", refused.body);
    let errors = refused.body["errors"].as_array().unwrap();
    let pointers: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/reason", "/ground", "/evidence/what", "/evidence/on", "/evidence/from"]);
    let null = json!({ "staff_id": practice.social_worker_2.id, "reason": "Has room.", "ground": null });
    assert_eq!(pointer(&move_case(manager, &case, &null)), (422, Some("/ground")));
    assert_eq!(worker(manager, &case).as_deref(), Some("Hannah Price"));
}

#[test]
fn a_move_that_waits_takes_effect_once_the_second_person_agrees() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (case, request) = asked(&practice, &council, "other");
    assert_eq!(worker(&practice.manager, &case).as_deref(), Some("Hannah Price"));
    let seen = practice.second_manager.get(&request);
    assert_eq!((seen.text("/action"), seen.text("/purpose")), (Some("moving_worker_off"), Some("countersign")));
    assert_eq!((seen.text("/moved_from/name"), seen.text("/due_on")), (Some("Hannah Price"), Some("2026-11-24")));
    assert_eq!(seen.text("/moved_to/id"), Some(practice.social_worker_2.id.to_string().as_str()));
    assert!(seen.body.get("outcome").is_none() && seen.body.get("restriction").is_none(), "{}", seen.body);
    assert!(seen.text("/reason").unwrap().starts_with("Has room.\n\nEvidence: "), "{}", seen.body);
    for other in [&practice.social_worker, &practice.social_worker_2, &practice.director] {
        assert_eq!(other.get(&request).status, 404, "{}", other.email);
    }
    let again = move_case(&practice.manager, &case, &to_second(&practice, "other"));
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/invalid-state")), "one at a time");

    let agreed = decide(&practice.second_manager, &request, "approve", &messages::approve());
    assert_eq!((agreed.status, agreed.text("/status")), (200, Some("approved")), "{}", agreed.body);
    let allocations = practice.manager.get(&format!("{case}/allocations"));
    assert_eq!(column(&allocations, "/ground"), [None, Some("other")]);
    let by = practice.manager.id.to_string();
    assert_eq!(column(&allocations, "/allocated_by/id"), [Some(by.as_str()); 2], "the second person is not named");
    let timeline = practice.manager.get(&format!("{case}/timeline"));
    assert_eq!(column(&timeline, "/kind")[2..], [Some("moving_asked"), Some("allocated")]);
    assert_eq!(column(&timeline, "/by/name").last(), Some(&None));
    assert_eq!(practice.social_worker_2.get("/v1/practice/caseload").body["open"], 1);
    for (answer, body) in [("approve", messages::approve()), ("refuse", json!({ "reason": "After all." }))] {
        let twice = decide(&practice.second_manager, &request, answer, &body);
        assert_eq!((twice.status, twice.text("/type")), (409, Some("/problems/invalid-state")), "{answer}");
    }
}

#[test]
fn a_move_that_is_refused_leaves_the_case_and_may_be_asked_for_again() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (case, request) = asked(&practice, &council, "other");
    let refused = decide(&practice.second_manager, &request, "refuse", &json!({ "reason": "She wants to keep her." }));
    assert_eq!((refused.status, refused.text("/status")), (200, Some("refused")), "{}", refused.body);
    assert_eq!(worker(&practice.manager, &case).as_deref(), Some("Hannah Price"));
    let timeline = practice.manager.get(&format!("{case}/timeline"));
    assert_eq!(column(&timeline, "/kind").last(), Some(&Some("moving_refused")));
    assert_eq!(move_case(&practice.manager, &case, &to_second(&practice, "other")).status, 200);
}

#[test]
fn a_move_at_once_is_reviewed_within_three_working_days_and_a_refusal_gives_the_case_back() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let second = practice.social_worker_2.id.to_string();
    for (answer, body, kept) in
        [("approve", messages::approve(), true), ("refuse", json!({ "reason": "There was no hazard." }), false)]
    {
        let (case, request) = asked(&practice, &council, "hazard");
        assert_eq!(practice.manager.get(&case).text("/allocated_to/id"), Some(second.as_str()), "at once");
        let seen = practice.second_manager.get(&request);
        assert_eq!((seen.text("/purpose"), seen.text("/due_on")), (Some("review"), Some("2026-11-25")));
        assert_eq!(decide(&practice.second_manager, &request, answer, &body).status, 200);
        let now = practice.manager.get(&case);
        assert_eq!(now.text("/allocated_to/id") == Some(second.as_str()), kept, "{answer}: {}", now.body);
        let timeline = practice.manager.get(&format!("{case}/timeline"));
        let kinds: &[_] = if kept { &[] } else { &[Some("allocated")] };
        assert_eq!(&column(&timeline, "/kind")[4..], kinds, "{answer}");
        let ends = practice.manager.get(&format!("{case}/allocations"));
        let open: Vec<bool> = column(&ends, "/ends_at").iter().map(Option::is_none).collect();
        assert_eq!(open, [!kept, kept], "{answer}: {}", ends.body);
    }
}

#[test]
fn a_review_goes_to_the_next_and_never_lapses_and_is_not_taken_back() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (case, request) = asked(&practice, &council, "worker_absent");
    world.set_clock("2026-11-26T00:01:00Z");
    world.work(&practice);
    practice.manager.forget_token();
    let seen = practice.manager.get(&request);
    assert_eq!((seen.text("/status"), &seen.body["waits_for_outside"]), (Some("waiting"), &json!(true)));
    let refused = practice.manager.change(&format!("{request}/take-back"), &seen, &json!({}));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    // What is reviewed does not hold up what comes after it.
    let back = json!({ "staff_id": practice.social_worker.id, "reason": "Is well again.", "ground": "worker_absent" });
    assert_eq!(move_case(&practice.manager, &case, &back).status, 200);
    assert_ne!(request_of(&practice.manager, &case), request);
}

#[test]
fn what_has_been_overtaken_is_refused_and_not_approved() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let no = json!({ "reason": "It is overtaken." });
    let (moved, its) = asked(&practice, &council, "other");
    let mut leaving = messages::move_on_leaving(practice.practitioner.id);
    leaving["ground"] = "worker_left".into();
    assert_eq!(move_case(&practice.manager, &moved, &leaving).text("/allocated_to/name"), Some("Lucy Freeman"));
    let (closed, that) = asked(&practice, &council, "other");
    assert_eq!(close(&practice.manager, &closed, &messages::close_on_death()).text("/status"), Some("closed"));
    let (excluded, of) = asked(&practice, &council, "other");
    let person = practice.manager.get(&excluded).text("/service_user/id").unwrap().to_owned();
    let done = crate::practice::people::exclude(&practice.manager, &person, &practice.social_worker_2);
    assert_eq!(done.status, 201, "{}", done.body);
    for request in [its, that, of] {
        let approved = decide(&practice.second_manager, &request, "approve", &messages::approve());
        assert_eq!(
            (approved.status, approved.text("/type")),
            (409, Some("/problems/invalid-state")),
            "{}",
            approved.body
        );
        assert_eq!(practice.second_manager.get(&request).text("/status"), Some("waiting"), "all or nothing");
        assert_eq!(decide(&practice.second_manager, &request, "refuse", &no).text("/status"), Some("refused"));
    }
    assert_eq!(worker(&practice.manager, &moved).as_deref(), Some("Lucy Freeman"));

    // A review that is refused after the case has gone on gives nothing back.
    let (case, review) = asked(&practice, &council, "hazard");
    assert_eq!(move_case(&practice.manager, &case, &leaving).status, 200);
    assert_eq!(decide(&practice.second_manager, &review, "refuse", &no).text("/status"), Some("refused"));
    assert_eq!(worker(&practice.manager, &case).as_deref(), Some("Lucy Freeman"));
}

#[test]
fn a_manager_asks_and_of_two_at_once_one_does() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let case = case_of(&practice, &council, &practice.social_worker);
    let how = to_second(&practice, "other");
    for other in [&practice.social_worker, &practice.social_worker_2, &practice.records_officer] {
        assert_eq!(move_case(other, &case, &how).status, 403, "{}", other.email);
    }
    let seen = practice.manager.get(&case);
    assert_eq!(elsewhere.manager.change(&format!("{case}/allocate"), &seen, &how).status, 404);
    assert_eq!(at_once(&world, &practice.manager, &format!("{case}/allocate"), &seen, &how), [200, 412]);
    assert_eq!(column(&practice.second_manager.get(LIST), "/id").len(), 1);
}

#[test]
fn whoever_is_to_have_the_case_does_not_decide_on_it() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let third = json!({
        "name": "Ffion Rees", "email": format!("third@{}.example", practice.slug), "roles": ["manager", "practitioner"],
    });
    let third = world.staff(practice.id, third);
    let how = json!({ "staff_id": third.id, "reason": "Has room.", "ground": "other" });
    // The draw is repeated so often that chance alone cannot explain the result.
    for n in 1..=6 {
        let case = case_of(&practice, &council, &practice.social_worker);
        assert_eq!(move_case(&practice.manager, &case, &how).status, 200);
        assert_eq!(column(&practice.second_manager.get(LIST), "/id").len(), n);
        assert!(column(&third.get(LIST), "/id").is_empty());
    }
    world.set_clock("2026-11-25T00:01:00Z");
    world.work(&practice);
    third.forget_token();
    assert!(column(&third.get(LIST), "/id").is_empty(), "nor is it passed on to them");
}

#[test]
fn a_move_that_nobody_is_left_to_sign_is_taken_back() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    // The only manager outside the worker's line asks.
    let asker = &practice.second_manager;
    assert_eq!(move_case(asker, &case, &to_second(&practice, "other")).status, 200);
    let request = request_of(asker, &case);
    let taken_back = asker.change(&format!("{request}/take-back"), &asker.get(&request), &json!({}));
    assert_eq!((taken_back.status, taken_back.text("/status")), (200, Some("taken_back")), "{}", taken_back.body);
    assert_eq!(worker(asker, &case).as_deref(), Some("Hannah Price"));
    let timeline = asker.get(&format!("{case}/timeline"));
    assert_eq!(column(&timeline, "/kind")[2..], [Some("moving_asked"), Some("moving_taken_back")]);
    assert_eq!(move_case(asker, &case, &to_second(&practice, "other")).status, 200, "asked for again");
}
