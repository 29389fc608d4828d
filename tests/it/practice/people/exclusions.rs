//! Exclusions of members of staff from a record.

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{World, messages};
use serde_json::json;

use super::{break_glass, end_exclusion, exclude, lift, meets, of, restrict};
use crate::practice::cases::{case_of, close, column, give, open, pointer, record};

#[test]
fn row_2_a_record_that_a_colleague_is_excluded_from_stays_open_to_everyone_else() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    let made = exclude(&practice.manager, &person, &practice.social_worker);
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.text("/staff/name"), Some("Hannah Price"));
    assert_eq!(made.text("/reason"), Some("Is her nephew."));
    assert!(!meets(&practice.social_worker, &person));
    let newcomer = json!({
        "name": "Ffion Rees", "email": format!("ffion@{}.example", practice.slug), "roles": ["practitioner"],
    });
    let newcomer = world.staff(practice.id, newcomer);
    for staff in [&practice.manager, &practice.social_worker_2, &practice.records_officer, &newcomer] {
        assert!(meets(staff, &person), "{}", staff.email);
        let flags = &staff.get(&of(&person, "")).body["flags"];
        assert_eq!(flags["restricted"], false, "nothing says that somebody is excluded");
    }
    assert_eq!(practice.social_worker_2.get(&of(&person, "/exclusions")).status, 403);
    assert_eq!(end_exclusion(&practice.second_manager, &person, &practice.social_worker).status, 204);
    assert!(meets(&practice.social_worker, &person));
    assert_eq!(end_exclusion(&practice.second_manager, &person, &practice.social_worker).status, 404);
}

#[test]
fn an_exclusion_beats_being_named_and_nobody_who_is_excluded_is_named() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    let named = json!([practice.manager.id, practice.social_worker.id]);
    assert_eq!(restrict(&practice.manager, &person, &named).status, 200);
    assert_eq!(exclude(&practice.manager, &person, &practice.social_worker).status, 201);
    assert!(!meets(&practice.social_worker, &person));
    assert_eq!(pointer(&restrict(&practice.manager, &person, &named)), (422, Some("/staff/1")));

    assert_eq!(lift(&practice.manager, &person).status, 204);
    assert!(!meets(&practice.social_worker, &person), "the restriction is lifted, the exclusion is not");
    assert!(meets(&practice.social_worker_2, &person));
}

#[test]
fn nobody_lifts_their_own_exclusion() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    assert_eq!(exclude(&practice.manager, &person, &practice.second_manager).status, 201);
    let excluded = &practice.second_manager;
    assert_eq!(end_exclusion(excluded, &person, excluded).status, 404);
    assert_eq!(excluded.get(&of(&person, "/exclusions")).status, 404);
    assert_eq!(restrict(excluded, &person, &json!([excluded.id])).status, 404);
    assert_eq!(exclude(excluded, &person, &practice.manager).status, 404);
    assert!(!meets(excluded, &person));
    assert_eq!(end_exclusion(&practice.manager, &person, excluded).status, 204);
    assert!(meets(excluded, &person));
}

#[test]
fn a_neighbour_locks_themselves_out_and_only_somebody_else_lets_them_in_again() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    let neighbour = &practice.practitioner;
    let key = [("idempotency-key", "the-neighbours-own-key")];
    let why = json!({ "reason": "Is my neighbour." });
    let path = of(&person, "/exclude-me");
    let first = neighbour.post_with(&path, &key, &why);
    assert_eq!((first.status, &first.body), (201, &json!({ "staff_id": neighbour.id })));
    assert!(!meets(neighbour, &person));
    let again = neighbour.post_with(&path, &key, &why);
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(neighbour.create(&path, &why).status, 404, "there is no such record to them");

    let seen = practice.records_officer.get(&of(&person, "/exclusions"));
    assert_eq!(column(&seen, "/reason"), [Some("Is my neighbour.")]);
    assert_eq!(column(&seen, "/set_by/name"), [Some("Lucy Freeman")]);
    assert_eq!(end_exclusion(&practice.records_officer, &person, neighbour).status, 204);
    assert!(meets(neighbour, &person));
}

#[test]
fn somebody_who_can_lift_it_is_always_left() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    for manager in [&practice.director, &practice.second_manager, &practice.records_officer] {
        assert_eq!(exclude(&practice.manager, &person, manager).status, 201);
    }
    let last = practice.manager.create(&of(&person, "/exclude-me"), &json!({ "reason": "Is my aunt." }));
    assert_eq!((last.status, last.text("/type")), (409, Some("/problems/invalid-state")), "{}", last.body);
    assert!(meets(&practice.manager, &person), "nothing was done");
}

#[test]
fn who_is_to_be_excluded_is_another_colleague_who_is_not_yet() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let elsewhere = world.practice_with(json!({}));
    let person = record(&practice, &messages::person());
    let manager = &practice.manager;
    assert_eq!(pointer(&exclude(manager, &person, manager)), (422, Some("/staff_id")), "by an operation of its own");
    assert_eq!(pointer(&exclude(manager, &person, &elsewhere.manager)), (422, Some("/staff_id")));
    assert_eq!(exclude(manager, &person, &practice.practitioner).status, 201);
    let twice = exclude(manager, &person, &practice.practitioner);
    assert_eq!((twice.status, twice.text("/errors/0/pointer")), (409, Some("/staff_id")));
    let long = json!({ "staff_id": practice.social_worker.id, "reason": "x".repeat(1001) });
    assert_eq!(pointer(&manager.create(&of(&person, "/exclusions"), &long)), (422, Some("/reason")));
    assert!(meets(&practice.social_worker, &person));
}

#[test]
fn a_repetition_is_answered_by_what_its_caller_may_see_now() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = messages::person();
    let (key, case_key) = (fresh_key(), fresh_key());
    let send = || {
        let headers = [("idempotency-key", key.as_str())];
        practice.social_worker.post_with("/v1/practice/service-users", &headers, &person)
    };
    let made = send();
    let id = made.text("/id").unwrap().to_owned();
    let new_case = messages::case(&council.gss_code, &id);
    let open = || {
        let headers = [("idempotency-key", case_key.as_str())];
        practice.social_worker.post_with("/v1/practice/cases", &headers, &new_case)
    };
    assert_eq!((made.status, open().status), (201, 201));
    let lock_key = fresh_key();
    let whom = json!({ "staff_id": practice.practitioner.id, "reason": "Is her nephew." });
    let lock = || {
        let headers = [("idempotency-key", lock_key.as_str())];
        practice.second_manager.post_with(&of(&id, "/exclusions"), &headers, &whom)
    };
    assert_eq!(lock().status, 201);
    assert_eq!(lock().header("idempotency-replayed"), Some("true"));
    exclude(&practice.manager, &id, &practice.social_worker);
    exclude(&practice.manager, &id, &practice.second_manager);
    assert_eq!((send().status, open().status, lock().status), (404, 404, 404));
}

#[test]
fn a_case_is_not_given_to_somebody_to_whom_the_record_is_closed() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let worker = &practice.social_worker;
    let case = case_of(&practice, &council, worker);
    let person = practice.manager.get(&case).text("/service_user/id").unwrap().to_owned();
    let in_hand = || worker.get("/v1/practice/caseload").body["cases"].as_array().unwrap().len();
    assert_eq!(in_hand(), 1);
    exclude(&practice.manager, &person, worker);
    assert_eq!(in_hand(), 0, "their caseload shows it no longer");
    let refused = give(&practice, &case, worker);
    assert_eq!(pointer(&refused), (422, Some("/staff_id")), "{}", refused.body);
    assert_eq!(give(&practice, &case, &practice.social_worker_2).status, 200);

    // Nor can the case of a restricted record be allocated to a worker whom the restriction does not name.
    let named = json!([practice.manager.id, practice.social_worker_2.id]);
    restrict(&practice.manager, &person, &named);
    assert_eq!(pointer(&give(&practice, &case, &practice.practitioner)), (422, Some("/staff_id")));
    assert_eq!(give(&practice, &case, &practice.social_worker_2).status, 200);
}

#[test]
fn nobody_is_drawn_to_decide_about_a_person_who_is_closed_to_them() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let requests = "/v1/practice/countersignatures";
    // Only the second manager could be drawn, and is excluded. The worker who asked follows the request.
    let person = record(&practice, &messages::person());
    let case = open(&practice, &council, &person);
    give(&practice, &case, &practice.social_worker);
    exclude(&practice.manager, &person, &practice.second_manager);
    assert_eq!(close(&practice.social_worker, &case, &messages::close()).status, 200);
    for manager in [&practice.second_manager, &practice.manager, &practice.director] {
        assert!(column(&manager.get(requests), "/id").is_empty(), "{}", manager.email);
    }
    // The same with a record that is restricted to others; then with a request from before the restriction: it goes on to nobody.
    let restricted = record(&practice, &messages::person());
    let case = open(&practice, &council, &restricted);
    give(&practice, &case, &practice.social_worker);
    let named = json!([practice.manager.id, practice.social_worker.id]);
    assert_eq!(restrict(&practice.manager, &restricted, &named).status, 200);
    close(&practice.social_worker, &case, &messages::close());
    assert!(column(&practice.second_manager.get(requests), "/id").is_empty());
    let asked_before = record(&practice, &messages::person());
    let case = open(&practice, &council, &asked_before);
    give(&practice, &case, &practice.social_worker);
    close(&practice.social_worker, &case, &messages::close());
    let request = column(&practice.second_manager.get(requests), "/id")[0].unwrap().to_owned();
    restrict(&practice.manager, &asked_before, &named);
    assert_eq!(practice.second_manager.get(&format!("{requests}/{request}")).status, 404);
    world.set_clock("2026-11-27T00:01:00Z");
    world.work(&practice);
    practice.social_worker.forget_token();
    let waiting = practice.social_worker.get(&format!("{requests}/{request}"));
    assert_eq!(waiting.body["waits_for_outside"], true, "{}", waiting.body);
}

#[test]
fn to_who_is_excluded_the_record_is_unknown_by_break_glass_too() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = messages::person();
    let id = record(&practice, &person);
    restrict(&practice.manager, &id, &json!([practice.manager.id]));
    exclude(&practice.manager, &id, &practice.social_worker);
    let refused = break_glass(&practice.social_worker, &person);
    let unknown = break_glass(&practice.social_worker, &messages::person());
    assert_eq!((refused.status, &refused.body), (404, &unknown.body), "like the number of nobody");
    assert!(!meets(&practice.social_worker, &id));

    // The member is excluded while the access is open. It closes at once, and what was done is not shown any more.
    let opened = break_glass(&practice.social_worker_2, &person);
    assert_eq!(opened.status, 201, "{}", opened.body);
    assert!(meets(&practice.social_worker_2, &id));
    exclude(&practice.manager, &id, &practice.social_worker_2);
    assert!(!meets(&practice.social_worker_2, &id));
    assert_eq!(practice.social_worker_2.get(opened.header("location").unwrap()).status, 404);
}
