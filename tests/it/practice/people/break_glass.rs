//! Break-glass access.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, Staff, World, messages, postgres};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

use super::{break_glass, break_glass_accesses, end_exclusion, event_of, exclude, lift, meets, of, restrict};
use crate::practice::cases::{case_of, column, give, pointer, record};

const BREAK_GLASS: &str = "/v1/practice/break-glass";
const NOTICES: &str = "/v1/practice/notices";

/// Makes a person whose record is restricted to the second manager. Returns the person and the record's identifier.
fn closed(practice: &Practice) -> (Value, String) {
    let person = messages::person();
    let id = record(practice, &person);
    assert_eq!(restrict(&practice.manager, &id, &json!([practice.second_manager.id])).status, 204);
    (person, id)
}

/// The time for which a break-glass access lasts.
fn stands_open(opened: &Answer) -> TimeDelta {
    let at = |pointer| opened.text(pointer).unwrap().parse::<DateTime<Utc>>().unwrap();
    at("/expires_at") - at("/opened_at")
}

#[test]
fn a_break_glass_access_opens_one_record_to_one_member_of_staff() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let ((person, id), (_, other)) = (closed(&practice), closed(&practice));
    let worker = &practice.social_worker;
    assert!(!meets(worker, &id));
    let opened = break_glass(worker, &person);
    assert_eq!((opened.status, opened.etag()), (201, Some("\"1\"")), "{}", opened.body);
    assert_eq!(opened.text("/service_user_id"), Some(id.as_str()));
    assert_eq!(stands_open(&opened), TimeDelta::hours(1));
    assert!(meets(worker, &id));
    assert!(!meets(worker, &other), "the other record is as closed as it was");
    assert!(!meets(&practice.social_worker_2, &id), "and so is this one to everyone else");
    let again = break_glass(worker, &person);
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/invalid-state")), "it is open already");
}

#[test]
fn a_break_glass_access_closes_when_its_time_is_over() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (person, id) = closed(&practice);
    let worker = &practice.social_worker;
    let body = json!({ "nhs_number": person["nhs_number"], "reason": "Nobody answers.", "minutes": 4 });
    assert_eq!(stands_open(&worker.create(BREAK_GLASS, &body)), TimeDelta::minutes(4));
    world.set_clock("2026-11-20T10:03:00Z");
    assert!(meets(worker, &id));
    world.set_clock("2026-11-20T10:06:00Z");
    assert!(!meets(worker, &id), "in the same session");
}

#[test]
fn a_break_glass_access_is_of_the_session_and_signing_out_ends_it() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (person, id) = closed(&practice);
    let worker = &practice.social_worker;
    assert_eq!(break_glass(worker, &person).status, 201);
    assert!(meets(worker, &id));
    let first = worker.token().unwrap();
    worker.sign_in(None);
    assert!(!meets(worker, &id), "not in another session of the same person");
    let header = format!("Bearer {first}");
    let in_the_first = |method: &str, path: &str| {
        world.anyone().send(method, path, &[("authorization", header.as_str())], None).status
    };
    assert_eq!(in_the_first("GET", &of(&id, "")), 200);
    assert_eq!(in_the_first("DELETE", "/v1/practice/sessions/current"), 204);
    assert_eq!(in_the_first("GET", &of(&id, "")), 401);
    assert!(!meets(worker, &id));
}

#[test]
fn row_22_break_glass_access_is_not_given_without_a_fresh_second_factor() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (person, id) = closed(&practice);
    let worker = &practice.social_worker;
    worker.token();
    world.set_clock("2026-11-20T10:06:00Z");
    let stale = break_glass(worker, &person);
    assert_eq!((stale.status, stale.text("/type")), (401, Some("/problems/step-up-required")));
    let header = stale.header("www-authenticate").unwrap();
    assert!(header.contains("insufficient_user_authentication") && header.contains("max_age"), "{header}");
    assert!(!meets(worker, &id));
    assert!(column(&practice.director.get(NOTICES), "/id").is_empty(), "nothing happened");
    worker.forget_token();
    assert_eq!(break_glass(worker, &person).status, 201);
}

#[test]
fn only_an_exact_identifier_finds_somebody_among_restricted_records() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let mut person = messages::person();
    let shropshire = json!({ "council": "E06000051", "id": "SHR-77" });
    person["council_person_ids"] = json!([shropshire]);
    let id = record(&practice, &person);
    restrict(&practice.manager, &id, &json!([practice.second_manager.id]));
    let ask = |body: Value| practice.social_worker.create(BREAK_GLASS, &body);
    for (body, fault) in [
        (json!({ "reason": "x" }), ""),
        (json!({ "reason": "x", "council_person_id": shropshire }), ""),
        (json!({ "reason": "x", "date_of_birth": "1941-03-08" }), ""),
        (json!({ "reason": "x", "name": "Marlow" }), "/name"),
        (json!({ "nhs_number": person["nhs_number"] }), "/reason"),
        (json!({ "nhs_number": person["nhs_number"], "reason": " " }), "/reason"),
        (json!({ "nhs_number": person["nhs_number"], "reason": "x".repeat(1001) }), "/reason"),
        (json!({ "nhs_number": person["nhs_number"], "reason": "x", "minutes": 0 }), "/minutes"),
        (json!({ "nhs_number": person["nhs_number"], "reason": "x", "minutes": 61 }), "/minutes"),
    ] {
        let refused = ask(body.clone());
        assert_eq!(refused.status, 422, "{body}: {}", refused.body);
        if fault != "/reason" || body["reason"].is_string() {
            assert_eq!(refused.text("/errors/0/pointer"), Some(fault), "{body}");
        }
    }
    let with =
        |born: &str| json!({ "council_person_id": shropshire, "date_of_birth": born, "reason": "Nobody answers." });
    assert_eq!(ask(with("1941-03-09")).status, 404, "all of it must fit");
    assert!(!meets(&practice.social_worker, &id));
    assert_eq!(ask(with("1941-03-08")).status, 201);
    assert!(meets(&practice.social_worker, &id));
}

#[test]
fn what_is_open_is_read_in_the_ordinary_way_and_two_who_fit_are_told_apart_by_others() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let worker = &practice.social_worker;
    let person = messages::person();
    let first = record(&practice, &person);
    assert_eq!(break_glass(worker, &person).status, 409, "open to all");
    exclude(&practice.manager, &first, &practice.practitioner);
    assert_eq!(break_glass(worker, &person).status, 409, "open to all but one");
    // A second record with the same number exists, as happens. The request means the restricted one.
    let second = record(&practice, &person);
    let named = json!([practice.second_manager.id]);
    restrict(&practice.manager, &second, &named);
    restrict(&practice.manager, &first, &named);
    let ambiguous = break_glass(worker, &person);
    assert_eq!(pointer(&ambiguous), (422, Some("")), "{}", ambiguous.body);
    assert_eq!(lift(&practice.second_manager, &first).status, 204);
    assert_eq!(break_glass(worker, &person).text("/service_user_id"), Some(second.as_str()));
    assert_eq!(break_glass(&practice.practitioner, &person).status, 403);
}

#[test]
fn all_who_manage_access_are_told_at_once_but_who_broke_it_and_who_is_locked_out() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (person, id) = closed(&practice);
    exclude(&practice.second_manager, &id, &practice.director);
    let opened = break_glass(&practice.manager, &person);
    assert_eq!(opened.status, 201, "{}", opened.body);
    let break_glass_access = opened.text("/id");
    for (staff, told) in [
        (&practice.second_manager, true),
        (&practice.records_officer, true),
        (&practice.manager, false),
        (&practice.director, false),
        (&practice.social_worker, false),
        (&practice.practitioner_2, false),
        (&practice.administrator, false),
    ] {
        let notices = staff.get(&format!("{NOTICES}?unread=true"));
        let subjects = column(&notices, "/subject_id");
        assert_eq!(subjects, if told { vec![break_glass_access] } else { vec![] }, "{}", staff.email);
        if told {
            assert_eq!(column(&notices, "/kind"), [Some("break_glass.opened")]);
            assert_eq!(staff.get(&format!("{BREAK_GLASS}/{}", break_glass_access.unwrap())).status, 200);
        }
    }
    assert_eq!(practice.director.get(opened.header("location").unwrap()).status, 404);
    let log = practice.records_officer.get("/v1/practice/audit?action=break_glass.opened");
    assert_eq!(log.text("/items/0/reason"), Some("She rang, and then nothing more."), "why is on record: {}", log.body);
    // The reviewer was excluded since, and finds neither the notice nor the break-glass access any more.
    exclude(&practice.second_manager, &id, &practice.records_officer);
    assert!(column(&practice.records_officer.get(NOTICES), "/id").is_empty());
    assert!(break_glass_accesses(&practice.records_officer).is_empty());
}

#[test]
fn a_notice_is_read_by_whom_it_was_written_for() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    for _ in 0..2 {
        break_glass(&practice.social_worker, &closed(&practice).0);
    }
    let (reader, other) = (&practice.director, &practice.records_officer);
    let ids: Vec<String> = column(&reader.get(NOTICES), "/id").into_iter().flatten().map(str::to_owned).collect();
    let read =
        |staff: &Staff, ids: &[String]| staff.post(&format!("{NOTICES}/read"), &json!({ "notices": ids })).status;
    assert_eq!(ids.len(), 2);
    assert_eq!(read(other, &ids[..1]), 404, "another's");
    assert_eq!(read(reader, &[ids[0].clone(), fresh_key()]), 404, "one that is not there");
    assert_eq!(column(&reader.get(&format!("{NOTICES}?unread=true")), "/id").len(), 2);
    assert_eq!((read(reader, &ids[..1]), read(reader, &ids[..1])), (204, 204));
    let unread = reader.get(&format!("{NOTICES}?unread=true"));
    assert_eq!(column(&unread, "/id"), [Some(ids[1].as_str())]);
    assert_eq!(column(&reader.get(NOTICES), "/read_at").iter().map(Option::is_some).collect::<Vec<_>>(), [true, false]);
    assert_eq!(column(&other.get(&format!("{NOTICES}?unread=true")), "/id").len(), 2);
    let many: Vec<String> = (0..201).map(|_| fresh_key()).collect();
    assert_eq!(read(reader, &many), 422);
}

#[test]
fn where_nobody_would_know_break_glass_access_is_refused() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (person, id) = closed(&practice);
    // Every other access manager has left.
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    database
        .batch_execute(&format!(
            "UPDATE staff SET left_at = now() WHERE practice_id = '{}' AND staff_id <> '{}' AND roles && '{{manager,records_officer}}'",
            practice.id, practice.manager.id
        ))
        .unwrap();
    let refused = break_glass(&practice.manager, &person);
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    assert!(!meets(&practice.manager, &id));
    assert_eq!(break_glass(&practice.social_worker, &person).status, 201, "the manager would know");
}

#[test]
fn a_review_closes_it_once_and_never_by_who_broke_it() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (person, _) = closed(&practice);
    let breaker = &practice.manager;
    let opened = break_glass(breaker, &person);
    let path = opened.header("location").unwrap();
    let review = json!({ "finding": "not_justified", "text": "The second manager was in the next room." });
    let by = |staff: &Staff, review: &Value| staff.change(&format!("{path}/review"), &opened, review);
    assert_eq!(by(breaker, &review).status, 404);
    assert_eq!(by(&practice.social_worker, &review).status, 403);
    for (review, fault) in [
        (json!({ "finding": "perhaps", "text": "x" }), "/finding"),
        (json!({ "finding": "justified", "text": "x".repeat(4001) }), "/text"),
    ] {
        assert_eq!(pointer(&by(&practice.director, &review)), (422, Some(fault)));
    }
    assert_eq!(break_glass_accesses(&practice.director).len(), 1);
    let open = |staff: &Staff| column(&staff.get(&format!("{BREAK_GLASS}?reviewed=false")), "/id").len();
    assert_eq!(open(&practice.director), 1);
    let done = by(&practice.director, &review);
    assert_eq!((done.status, done.etag()), (200, Some("\"2\"")), "{}", done.body);
    assert_eq!(done.text("/review/by/name"), Some("Amara Okafor"));
    assert_eq!(open(&practice.director), 0);
    assert_eq!(by(&practice.records_officer, &review).status, 412, "it has changed since");
    let seen = practice.records_officer.get(path);
    let again = practice.records_officer.change(&format!("{path}/review"), &seen, &review);
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/invalid-state")));
    assert_eq!(column(&breaker.get(NOTICES), "/kind"), [Some("break_glass.reviewed")]);
    assert_eq!(breaker.get(path).text("/review/finding"), Some("not_justified"));
}

#[test]
fn who_has_break_glass_access_reads_and_does_not_change_who_else_may() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker_2);
    let id = practice.manager.get(&case).text("/service_user/id").unwrap().to_owned();
    let person = practice.manager.get(&of(&id, "")).body;
    let named = json!([practice.second_manager.id]);
    restrict(&practice.manager, &id, &named);
    let manager = &practice.manager;
    assert_eq!(break_glass(manager, &person).status, 201);
    assert!(meets(manager, &id));
    assert_eq!(restrict(manager, &id, &json!([manager.id, practice.second_manager.id])).status, 409);
    assert_eq!(lift(manager, &id).status, 409);
    assert_eq!(exclude(manager, &id, &practice.second_manager).status, 409);
    assert_eq!(end_exclusion(manager, &id, &practice.second_manager).status, 409);
    let refused = give(&practice, &case, &practice.social_worker);
    assert_eq!(pointer(&refused), (422, Some("/staff_id")), "nor is a case given to who is not named");
    let why = json!({ "reason": "It is my neighbour after all." });
    assert_eq!(manager.create(&of(&id, "/exclude-me"), &why).status, 201);
    assert!(!meets(manager, &id), "but they may say that they should not have");
}

#[test]
fn row_43_whoever_reads_of_a_broken_glass_is_on_record() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (person, id) = closed(&practice);
    let opened = break_glass(&practice.social_worker, &person);
    let path = opened.header("location").unwrap();
    let reviewer = &practice.director;

    let listed = event_of(&practice, "break_glass.openings_listed", &reviewer.get(BREAK_GLASS));
    assert_eq!((&listed["staff"]["id"], &listed["subject_id"]), (&json!(reviewer.id), &json!(practice.id)));
    assert_eq!(listed["service_user_id"], Value::Null, "a list is one event, about nobody");

    let read = event_of(&practice, "break_glass.opening_read", &reviewer.get(path));
    assert_eq!((&read["staff"]["id"], &read["subject_id"]), (&json!(reviewer.id), &opened.body["id"]));
    assert_eq!(read["service_user_id"], json!(id), "she may ask who read it");
}

#[test]
fn a_repetition_with_the_same_key_breaks_it_once() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (person, id) = closed(&practice);
    let key = fresh_key();
    let body = json!({ "nhs_number": person["nhs_number"], "reason": "Nobody answers." });
    let send = || practice.social_worker.post_with(BREAK_GLASS, &[("idempotency-key", key.as_str())], &body);
    let (first, second) = (send(), send());
    assert_eq!((first.status, second.status, &first.body), (201, 201, &second.body));
    assert_eq!(column(&practice.director.get(NOTICES), "/id").len(), 1);
    exclude(&practice.second_manager, &id, &practice.social_worker);
    assert_eq!(send().status, 404);
}
