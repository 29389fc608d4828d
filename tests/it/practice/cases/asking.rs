//! Who may ask for a case to be closed: its worker, a practitioner with the agreement of a registrant, or a manager.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::{case_of, close, column, give, open, pointer, record};

fn agree(by: &Staff, case: &str, ground: &str) -> Answer {
    by.change(&format!("{case}/agree-to-closing"), &by.get(case), &json!({ "ground": ground }))
}

fn is_forbidden(answer: &Answer) -> bool {
    (answer.status, answer.text("/type")) == (403, Some("/problems/forbidden"))
}

#[test]
fn the_worker_or_a_manager_closes_a_case_and_never_a_passing_colleague() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let case = case_of(&practice, &council, &practice.social_worker);
    for how in [messages::close(), messages::close_on_death()] {
        for other in [&practice.social_worker_2, &practice.practitioner] {
            let refused = close(other, &case, &how);
            assert!(is_forbidden(&refused), "{}: {}", other.email, refused.body);
        }
        let seen = practice.manager.get(&case);
        let close = format!("{case}/close");
        assert_eq!(elsewhere.social_worker.change(&close, &seen, &how).status, 404);
        assert_eq!(elsewhere.manager.change(&close, &seen, &how).status, 404);
    }
    assert_eq!(world.audited(&practice, "case.closed"), 0);

    // A case that nobody works on is a manager's to close, and so is one that went to another worker.
    let nobodys = open(&practice, &council, &record(&practice, &messages::person()));
    assert!(is_forbidden(&close(&practice.social_worker, &nobodys, &messages::close())));
    assert_eq!(close(&practice.manager, &nobodys, &messages::close()).text("/status"), Some("closing"));
    assert_eq!(give(&practice, &case, &practice.social_worker_2).status, 200);
    assert!(is_forbidden(&close(&practice.social_worker, &case, &messages::close_on_death())));
    assert_eq!(close(&practice.social_worker_2, &case, &messages::close_on_death()).text("/status"), Some("closed"));
}

#[test]
fn a_colleague_who_is_kept_from_the_record_learns_nothing_of_the_case() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = record(&practice, &messages::person());
    let case = open(&practice, &council, &person);
    give(&practice, &case, &practice.practitioner);
    let seen = practice.social_worker_2.get(&case);
    let body = json!({ "staff_id": practice.social_worker_2.id, "reason": "Is her nephew." });
    let excluded = practice.manager.create(&format!("/v1/practice/service-users/{person}/exclusions"), &body);
    assert!(excluded.status < 300, "{}", excluded.body);
    for (step, body) in [("agree-to-closing", json!({ "ground": "other" })), ("close", messages::close())] {
        let refused = practice.social_worker_2.change(&format!("{case}/{step}"), &seen, &body);
        assert_eq!((refused.status, refused.text("/type")), (404, Some("/problems/not-found")), "{step}");
    }
}

#[test]
fn a_practitioner_closes_with_the_agreement_of_a_registrant_once_and_on_that_ground() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (practitioner, registrant) = (&practice.practitioner, &practice.social_worker);
    let case = case_of(&practice, &council, practitioner);
    assert!(is_forbidden(&close(practitioner, &case, &messages::close())));
    // Neither the practitioner nor a manager who is no social worker gives the agreement.
    for other in [practitioner, &practice.manager, &practice.records_officer] {
        assert_eq!(agree(other, &case, "work_complete").status, 403, "{}", other.email);
    }
    let agreed = agree(registrant, &case, "died");
    assert_eq!((agreed.status, agreed.text("/closing_agreed_ground")), (200, Some("died")), "{}", agreed.body);
    assert!(is_forbidden(&close(practitioner, &case, &messages::close())), "agreed on another ground");
    // The last agreement counts.
    assert_eq!(agree(&practice.social_worker_2, &case, "work_complete").status, 200);
    assert!(is_forbidden(&close(practitioner, &case, &messages::close_on_death())));
    let asked = close(practitioner, &case, &messages::close());
    assert_eq!((asked.status, asked.text("/status")), (200, Some("closing")), "{}", asked.body);
    assert!(asked.text("/closing_agreed_ground").is_none(), "it serves once: {}", asked.body);
    let timeline = practitioner.get(&format!("{case}/timeline"));
    let kinds =
        [Some("opened"), Some("allocated"), Some("closing_agreed"), Some("closing_agreed"), Some("closing_asked")];
    assert_eq!(column(&timeline, "/kind"), kinds);
    assert_eq!(column(&timeline, "/by/name")[2..4], [Some("Hannah Price"), Some("Tomasz Zielinski")]);
    assert_eq!(world.audited(&practice, "case.closing_agreed"), 2);

    let request = practice.second_manager.get("/v1/practice/countersignatures");
    let request = format!("/v1/practice/countersignatures/{}", request.text("/items/0/id").unwrap());
    let seen = practice.second_manager.get(&request);
    practice.second_manager.change(&format!("{request}/refuse"), &seen, &json!({ "reason": "See her first." }));
    assert!(is_forbidden(&close(practitioner, &case, &messages::close())), "a second request wants another agreement");
    assert_eq!(agree(registrant, &case, "died").status, 200);
    assert_eq!(close(practitioner, &case, &messages::close_on_death()).text("/status"), Some("closed"));
}

#[test]
fn an_agreement_ends_with_the_allocation_and_is_given_to_somebody_else_about_an_open_case() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let (practitioner, registrant) = (&practice.practitioner, &practice.social_worker);
    let case = case_of(&practice, &council, practitioner);
    assert_eq!(agree(registrant, &case, "died").status, 200);
    for worker in [registrant, practitioner] {
        assert!(give(&practice, &case, worker).text("/closing_agreed_ground").is_none());
    }
    assert!(is_forbidden(&close(practitioner, &case, &messages::close_on_death())));

    let seen = practice.manager.get(&case);
    let path = format!("{case}/agree-to-closing");
    let body = json!({ "ground": "died" });
    assert_eq!(elsewhere.social_worker.change(&path, &seen, &body).status, 404);
    for ground in ["worker_absent", "moved_away", "\0", ""] {
        assert_eq!(pointer(&agree(registrant, &case, ground)), (422, Some("/ground")), "{ground:?}");
    }
    assert_eq!(registrant.post(&path, &body).status, 428);
    let stale = [("if-match", "\"1\"")];
    assert_eq!(registrant.post_with(&path, &stale, &body).status, 412);

    let own = case_of(&practice, &council, registrant);
    let nobodys = open(&practice, &council, &record(&practice, &messages::person()));
    assert_eq!(close(&practice.manager, &case, &messages::close()).status, 200);
    for refused in
        [agree(registrant, &own, "died"), agree(registrant, &nobodys, "died"), agree(registrant, &case, "died")]
    {
        assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    }
}

#[test]
fn of_two_who_agree_at_once_one_does() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.practitioner);
    let etag = practice.social_worker.get(&case).etag().unwrap().to_owned();
    let Practice { social_worker, social_worker_2, .. } = practice;
    let registrants = [social_worker, social_worker_2].map(|registrant| {
        registrant.sign_in(None);
        let (path, etag) = (format!("{case}/agree-to-closing"), etag.clone());
        std::thread::spawn(move || {
            registrant.post_with(&path, &[("if-match", etag.as_str())], &json!({ "ground": "died" })).status
        })
    });
    let mut statuses = registrants.map(|registrant| registrant.join().unwrap());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[test]
fn whoever_agreed_is_not_drawn_to_decide_nor_when_the_request_goes_on() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let both = json!({
        "name": "Ffion Rees", "email": format!("both@{}.example", practice.slug), "roles": ["manager", "social_worker"],
        "social_work_england_number": "SW777",
    });
    let both = world.staff(practice.id, both);
    let list = "/v1/practice/countersignatures";
    for _ in 0..6 {
        let case = case_of(&practice, &council, &practice.practitioner);
        assert_eq!(agree(&both, &case, "work_complete").status, 200);
        assert_eq!(close(&practice.practitioner, &case, &messages::close()).status, 200);
    }
    let drawn = |staff: &Staff| column(&staff.get(list), "/id").len();
    assert_eq!((drawn(&practice.second_manager), drawn(&both)), (6, 0));
    world.set_clock("2026-11-25T00:01:00Z");
    [&practice.second_manager, &both].into_iter().for_each(Staff::forget_token);
    world.work(&practice);
    assert_eq!((drawn(&practice.second_manager), drawn(&both)), (0, 0), "it waits for somebody from outside");
}

#[test]
fn a_refused_request_is_tried_again_with_the_same_key() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let etag = practice.social_worker.get(&case).etag().unwrap().to_owned();
    let key = fresh_key();
    let headers = [("if-match", etag.as_str()), ("idempotency-key", key.as_str())];
    let path = format!("{case}/close");
    let send = |by: &Staff, how: &Value| by.post_with(&path, &headers, how).status;
    assert_eq!(send(&practice.social_worker_2, &messages::close()), 403);
    assert_eq!(send(&practice.social_worker_2, &messages::close()), 403, "a refusal uses no key up");
    let mut wrong = messages::close();
    wrong["ground"] = "worker_absent".into();
    assert_eq!(send(&practice.social_worker, &wrong), 422);
    assert_eq!(send(&practice.social_worker, &messages::close()), 200);
    assert_eq!(send(&practice.social_worker, &messages::close_on_death()), 422, "the key is of other content");
}
