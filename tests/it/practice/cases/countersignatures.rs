//! Countersignatures: decisions of a second person.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::{case_of, close, column, give, open, pointer, record};

const LIST: &str = "/v1/practice/countersignatures";

/// The address of the one request that is drawn to this member of staff, if there is one.
fn drawn_to(staff: &Staff) -> Option<String> {
    let page = staff.get(LIST);
    match column(&page, "/id").as_slice() {
        [] => None,
        [Some(id)] => Some(format!("{LIST}/{id}")),
        _ => panic!("several: {}", page.body),
    }
}

/// Asks to close a case of the social worker's. The request is drawn to the second manager.
fn asked(practice: &Practice, council: &Council, how: &Value) -> (String, String) {
    let case = case_of(practice, council, &practice.social_worker);
    assert_eq!(close(&practice.social_worker, &case, how).status, 200);
    (case, drawn_to(&practice.second_manager).unwrap())
}

fn decide(by: &Staff, request: &str, answer: &str, body: &Value) -> Answer {
    by.change(&format!("{request}/{answer}"), &by.get(request), body)
}

/// Makes a manager whose only report is this worker.
fn mentor_of_a_worker(world: &World, practice: &Practice) -> (Staff, Staff) {
    let email = |login: &str| format!("{login}@{}.example", practice.slug);
    let mentor = json!({ "name": "Ffion Rees", "email": email("mentor"), "roles": ["manager"] });
    let mentor = world.staff(practice.id, mentor);
    let worker = json!({
        "name": "Ewan Clarke", "email": email("ewan"), "roles": ["practitioner"], "line_manager_id": mentor.id,
    });
    (mentor, world.staff(practice.id, worker))
}

#[test]
fn a_request_is_drawn_to_a_manager_outside_the_workers_line_who_owns_nothing() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    // The draw is repeated so often that chance alone cannot explain the result. Nobody has complained.
    for n in 1..=6 {
        let case = case_of(&practice, &council, &practice.social_worker);
        close(&practice.social_worker, &case, &messages::close());
        assert_eq!(column(&practice.second_manager.get(LIST), "/id").len(), n);
        for other in [&practice.director, &practice.manager] {
            assert_eq!(drawn_to(other), None, "{}", other.email);
        }
    }
    // With nobody else working with the person, the line manager may be drawn too, but never the worker who asks and never
    // an owner.
    for _ in 0..6 {
        let new = messages::case(&council.gss_code, &record(&practice, &messages::person()));
        let opened = practice.second_manager.create("/v1/practice/cases", &new);
        close(&practice.second_manager, opened.header("location").unwrap(), &messages::close());
    }
    assert_eq!(column(&practice.manager.get(LIST), "/id").len(), 6);
    assert_eq!(column(&practice.second_manager.get(LIST), "/id").len(), 6);
    assert_eq!(drawn_to(&practice.director), None);
    assert_eq!(practice.social_worker.get(LIST).status, 403);
}

#[test]
fn whoever_was_in_the_line_of_a_worker_24_months_ago_is_not_drawn() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (mentor, worker) = mentor_of_a_worker(&world, &practice);
    let set = |at: &str| {
        world.set_clock(at);
        [&practice.manager, &practice.second_manager, &mentor].into_iter().for_each(Staff::forget_token);
    };
    set("2024-10-01T10:00:00Z");
    let (long_ago, lately) = (case_of(&practice, &council, &worker), case_of(&practice, &council, &worker));
    set("2024-10-20T10:00:00Z");
    give(&practice, &long_ago, &practice.social_worker);
    set("2024-12-20T10:00:00Z");
    give(&practice, &lately, &practice.social_worker);

    // The second manager asks, so that only the mentor could be drawn.
    set("2026-11-20T10:00:00Z");
    close(&practice.second_manager, &lately, &messages::close());
    assert_eq!(drawn_to(&mentor), None, "23 months are not over");
    close(&practice.second_manager, &long_ago, &messages::close());
    let request = drawn_to(&mentor).expect("25 months are over");
    assert_eq!(mentor.get(&request).text("/case_id"), long_ago.rsplit('/').next());
}

#[test]
fn a_deputy_of_the_line_is_not_drawn_either() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let deputy = world.staff(
        practice.id,
        json!({
            "name": "Ffion Rees", "email": format!("deputy@{}.example", practice.slug), "roles": ["manager"],
            "deputy_for_id": practice.manager.id,
        }),
    );
    for _ in 0..6 {
        let case = case_of(&practice, &council, &practice.social_worker);
        close(&practice.social_worker, &case, &messages::close());
    }
    assert_eq!(column(&practice.second_manager.get(LIST), "/id").len(), 6);
    assert_eq!(drawn_to(&deputy), None);
}

#[test]
fn who_asked_reads_their_request_and_does_not_learn_who_was_drawn() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (case, request) = asked(&practice, &council, &messages::close());
    let secret = |what: &str, answer: &Answer| {
        let text = format!("{} {:?}", answer.body, answer.headers);
        assert_eq!(answer.status, 200, "{what}: {text}");
        for word in [practice.second_manager.id.to_string().as_str(), "Irena", "Kowalczyk", "second-manager"] {
            assert!(!text.contains(word), "{what} has {word}: {text}");
        }
    };

    let timeline = practice.social_worker.get(&format!("{case}/timeline"));
    let found = column(&timeline, "/subject_id").last().copied().flatten();
    assert_eq!(found, request.rsplit('/').next(), "who asked finds the request by the timeline");
    let read = practice.social_worker.get(&request);
    secret("the request", &read);
    assert_eq!((read.text("/status"), read.text("/purpose")), (Some("waiting"), Some("countersign")));
    assert_eq!(read.text("/asked_by/name"), Some("Hannah Price"));
    assert_eq!(read.text("/reason"), Some("The review is done and nothing further was asked for."));
    assert_eq!(read.body["waits_for_outside"], false);
    secret("the case", &practice.social_worker.get(&case));

    decide(&practice.second_manager, &request, "refuse", &json!({ "reason": "See her first." }));
    let read = practice.social_worker.get(&request);
    secret("the request, refused", &read);
    assert_eq!((read.text("/status"), read.text("/answer")), (Some("refused"), Some("See her first.")));
    let timeline = practice.social_worker.get(&format!("{case}/timeline"));
    secret("the timeline", &timeline);
    assert_eq!(column(&timeline, "/kind").last(), Some(&Some("closing_refused")));
    assert_eq!(column(&timeline, "/by/name").last(), Some(&None));
    secret("the notes", &practice.social_worker.get(&format!("{case}/notes")));
    secret("the case, open again", &practice.social_worker.get(&case));
}

#[test]
fn to_everyone_else_a_request_is_not_there() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let (_, request) = asked(&practice, &council, &messages::close());
    let seen = practice.second_manager.get(&request);
    let refuse = json!({ "reason": "No." });
    for other in [&practice.manager, &practice.director, &elsewhere.manager, &elsewhere.second_manager] {
        assert_eq!(other.get(&request).status, 404, "{}", other.email);
        let answers = [("approve", &messages::approve()), ("refuse", &refuse)];
        for (answer, body) in answers {
            assert_eq!(other.change(&format!("{request}/{answer}"), &seen, body).status, 404, "{}", other.email);
        }
    }
    for other in [&practice.social_worker_2, &practice.records_officer] {
        assert_eq!(other.get(&request).status, 404, "{}", other.email);
    }
    assert_eq!(practice.administrator.get(&request).status, 403);
    // Those who are not the signatory cannot decide: a social worker lacks the permission, and a manager was not drawn.
    assert_eq!(decide(&practice.social_worker, &request, "approve", &messages::approve()).status, 403);
    let own = open(&practice, &council, &record(&practice, &messages::person()));
    close(&practice.manager, &own, &messages::close());
    let page = practice.second_manager.get(LIST);
    let own = format!("{LIST}/{}", column(&page, "/id")[1].unwrap());
    assert_eq!(practice.manager.get(&own).status, 200);
    assert_eq!(decide(&practice.manager, &own, "approve", &messages::approve()).status, 404);
    assert_eq!(decide(&practice.manager, &own, "refuse", &refuse).status, 404);
    assert_eq!(practice.second_manager.get(&own).text("/status"), Some("waiting"));
}

#[test]
fn only_what_would_be_decided_had_nobody_complained_is_agreed_to() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (case, request) = asked(&practice, &council, &messages::close());
    let mut answer = messages::approve();
    answer["same_had_nobody_complained"] = false.into();
    let refused = decide(&practice.second_manager, &request, "approve", &answer);
    assert_eq!(pointer(&refused), (422, Some("/same_had_nobody_complained")));
    answer.as_object_mut().unwrap().remove("same_had_nobody_complained");
    let refused = decide(&practice.second_manager, &request, "approve", &answer);
    assert_eq!(pointer(&refused), (422, Some("/same_had_nobody_complained")));
    let without_evidence = json!({ "same_had_nobody_complained": true });
    let refused = decide(&practice.second_manager, &request, "approve", &without_evidence);
    assert_eq!(pointer(&refused), (422, Some("/evidence")));
    assert_eq!(practice.social_worker.get(&case).text("/status"), Some("closing"));

    let approve = format!("{request}/approve");
    assert_eq!(practice.second_manager.post(&approve, &messages::approve()).status, 428);
    let stale = practice.second_manager.post_with(&approve, &[("if-match", "\"7\"")], &messages::approve());
    assert_eq!(stale.status, 412);
    let agreed = decide(&practice.second_manager, &request, "approve", &messages::approve());
    assert_eq!((agreed.status, agreed.text("/status")), (200, Some("approved")), "{}", agreed.body);
    assert!(agreed.text("/decided_at").is_some());
    let closed = practice.social_worker.get(&case);
    assert_eq!((closed.text("/status"), closed.text("/ground")), (Some("closed"), Some("work_complete")));
    assert_eq!(drawn_to(&practice.second_manager), None);

    for (answer, body) in [("approve", messages::approve()), ("refuse", json!({ "reason": "After all." }))] {
        let twice = decide(&practice.second_manager, &request, answer, &body);
        assert_eq!((twice.status, twice.text("/type")), (409, Some("/problems/invalid-state")), "{answer}");
    }
}

#[test]
fn a_close_that_is_refused_leaves_the_case_open_and_may_be_asked_again() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (case, request) = asked(&practice, &council, &messages::close());
    let again = close(&practice.social_worker, &case, &messages::close());
    assert_eq!(again.status, 409, "one at a time: {}", again.body);
    let refused = decide(&practice.second_manager, &request, "refuse", &json!({ "reason": "See her first." }));
    assert_eq!((refused.status, refused.text("/status")), (200, Some("refused")), "{}", refused.body);
    let case_now = practice.social_worker.get(&case);
    assert_eq!(case_now.text("/status"), Some("open"));
    assert!(case_now.text("/ground").is_none() && case_now.text("/outcome").is_none(), "{}", case_now.body);
    let twice = decide(&practice.second_manager, &request, "approve", &messages::approve());
    assert_eq!(twice.status, 409);
    let again = close(&practice.social_worker, &case, &messages::close());
    assert_eq!((again.status, again.text("/status")), (200, Some("closing")));
}

#[test]
fn a_request_undecided_after_two_working_days_goes_to_the_next_and_then_waits_for_outside() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let third = json!({
        "name": "Ffion Rees", "email": format!("third@{}.example", practice.slug), "roles": ["manager"],
    });
    let third = world.staff(practice.id, third);
    let at = |time: &str| {
        world.set_clock(time);
        [&practice.second_manager, &practice.social_worker, &third].into_iter().for_each(Staff::forget_token);
        world.work(&practice);
    };
    let case = case_of(&practice, &council, &practice.social_worker);
    close(&practice.social_worker, &case, &messages::close());
    let (first, next) = if drawn_to(&third).is_some() {
        (&third, &practice.second_manager)
    } else {
        (&practice.second_manager, &third)
    };
    let request = drawn_to(first).unwrap();
    assert_eq!(drawn_to(next), None);
    let read = || practice.social_worker.get(&request);
    assert_eq!(read().text("/due_on"), Some("2026-11-24"));

    at("2026-11-24T23:59:00Z");
    assert_eq!((drawn_to(first).as_ref(), drawn_to(next)), (Some(&request), None), "the day is not over");
    let seen = first.get(&request);

    at("2026-11-25T00:01:00Z");
    assert_eq!((drawn_to(first), drawn_to(next).as_ref()), (None, Some(&request)));
    assert_eq!(first.get(&request).status, 404);
    assert_eq!(first.change(&format!("{request}/approve"), &seen, &messages::approve()).status, 404);
    assert_eq!((read().text("/due_on"), &read().body["waits_for_outside"]), (Some("2026-11-27"), &json!(false)));

    at("2026-11-28T00:01:00Z");
    assert_eq!((drawn_to(first), drawn_to(next)), (None, None));
    assert_eq!((read().text("/status"), &read().body["waits_for_outside"]), (Some("waiting"), &json!(true)));

    // The request never lapses.
    at("2027-06-01T00:01:00Z");
    assert_eq!((read().text("/status"), &read().body["waits_for_outside"]), (Some("waiting"), &json!(true)));
    assert_eq!(practice.social_worker.get(&case).text("/status"), Some("closing"));
}

#[test]
fn row_30_a_decided_request_goes_nowhere() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (_, request) = asked(&practice, &council, &messages::close());
    let agreed = decide(&practice.second_manager, &request, "approve", &messages::approve());
    world.set_clock("2026-12-01T10:00:00Z");
    world.work(&practice);
    practice.second_manager.forget_token();
    assert_eq!(practice.second_manager.get(&request).body, agreed.body);
}

#[test]
fn where_no_manager_is_left_it_waits_for_outside() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    // The only manager outside the line of management asks themselves.
    assert_eq!(close(&practice.second_manager, &case, &messages::close()).text("/status"), Some("closing"));
    for manager in [&practice.director, &practice.manager, &practice.second_manager] {
        assert_eq!(drawn_to(manager), None, "{}", manager.email);
    }
    let timeline = practice.social_worker.get(&format!("{case}/timeline"));
    assert_eq!(column(&timeline, "/kind").last(), Some(&Some("closing_asked")));
    assert_eq!(close(&practice.social_worker, &case, &messages::close_on_death()).status, 409);
}

#[test]
fn two_working_days_from_the_day_before_good_friday_end_after_easter() {
    let world = World::new();
    world.set_clock("2026-04-02T10:00:00Z");
    let council = world.council();
    let practice = world.practice(&council);
    let (_, request) = asked(&practice, &council, &messages::close());
    assert_eq!(practice.social_worker.get(&request).text("/due_on"), Some("2026-04-08"));
}
