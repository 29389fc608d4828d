//! A referral that the council marked as restricted: from the first moment it is for managers alone, and for none who may be
//! meant.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, Staff, World, messages};
use serde_json::{Value, json};

use crate::council::{REFERRALS, at, due_first, in_practice};
use crate::practice::cases::column;
use crate::practice::people::{of, restrict};
use crate::practice::staff::confirmation::{reset, take_over};

const INBOX: &str = "/v1/practice/referrals";

fn restricted(not_to_see: &[&str]) -> Value {
    let mut message = messages::referral();
    message["restricted"] = json!({ "reason": "Her son works for the practice.", "not_to_see": not_to_see });
    message
}

/// Those who read referrals, and may not see one that is closed to all but the director and the second manager.
fn shut_out(practice: &Practice) -> [&Staff; 4] {
    [&practice.manager, &practice.social_worker, &practice.social_worker_2, &practice.practitioner]
}

fn assert_hidden(by: &Staff, referral: &str) {
    let inbox = by.get(INBOX);
    assert!(!inbox.body.to_string().contains(referral), "{}: {}", by.email, inbox.body);
    let read = by.get(&in_practice(referral, ""));
    assert_eq!((read.status, read.body.get("message")), (404, None), "{}", by.email);
}

fn step(by: &Staff, seen: &Answer, step: &str, how: &Value) -> Answer {
    by.change(&in_practice(seen.text("/id").unwrap(), step), seen, how)
}

#[test]
fn a_restricted_referral_and_the_record_that_it_opens_are_for_managers_who_are_not_meant() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    // The manager's name is written as it was heard.
    let sent = council.system.post(REFERRALS, &restricted(&["Mr Pew", "Gareth Pew"]));
    assert_eq!((sent.status, sent.text("/status")), (201, Some("received")), "{}", sent.body);
    let seen = due_first(&practice.director);
    assert_eq!(due_first(&practice.second_manager).body["id"], seen.body["id"]);
    let referral = seen.text("/id").unwrap();
    for by in shut_out(&practice) {
        assert_hidden(by, referral);
        for (path, how) in [("/accept", json!({})), ("/decline", json!({ "reason": "duplicate" }))] {
            let refused = step(by, &seen, path, &how);
            assert!(matches!(refused.status, 403 | 404), "{} {path}: {}", by.email, refused.body);
        }
    }

    let accepted = step(&practice.second_manager, &seen, "/accept", &json!({}));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let person = accepted.text("/service_user_id").unwrap();
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    for by in shut_out(&practice) {
        assert_hidden(by, referral);
        assert_eq!(by.get(&of(person, "")).status, 404, "{}", by.email);
        assert_eq!(by.get(&case).status, 404, "{}", by.email);
    }
    let restriction = practice.director.get(&of(person, "/restriction"));
    assert_eq!(
        restriction.text("/restriction/reason"),
        Some("Her son works for the practice."),
        "{}",
        restriction.body
    );
    assert_eq!(practice.director.get(&case).status, 200);

    // From then on whoever is named sees the record, and the referral with it.
    let named = json!([practice.director.id, practice.social_worker.id]);
    assert_eq!(restrict(&practice.director, person, &named).status, 200);
    assert_eq!(practice.social_worker.get(&in_practice(referral, "")).status, 200);
    assert_eq!(practice.social_worker.get(&case).status, 200);
    assert_eq!(practice.second_manager.get(&in_practice(referral, "")).status, 404);
}

#[test]
fn nobody_who_is_meant_is_told_that_a_restricted_referral_is_late_or_has_come_back() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let mut message = restricted(&["Gareth Pugh"]);
    message["urgency"] = "immediate".into();
    assert_eq!(council.system.post(REFERRALS, &message).text("/status"), Some("received"));
    for at in ["2026-11-20T12:01:00Z", "2026-11-21T00:01:00Z"] {
        world.set_clock(at);
        world.work(&practice);
    }
    let kinds = |staff: &Staff| {
        staff.forget_token();
        let told = staff.get("/v1/practice/notices?limit=200");
        let kinds: Vec<String> = column(&told, "/kind").into_iter().flatten().map(str::to_owned).collect();
        kinds.into_iter().filter(|kind| kind.starts_with("referral.")).collect::<Vec<_>>()
    };
    for manager in [&practice.second_manager, &practice.director] {
        assert_eq!(kinds(manager), ["referral.came_back", "referral.overdue", "referral.received"]);
    }
    assert_eq!(kinds(&practice.manager), Vec::<String>::new());
    assert_eq!(world.audited(&practice, "referral.came_back"), 1);
}

#[test]
fn who_joins_later_does_not_see_it_and_a_decline_does_not_open_it() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    assert_eq!(council.system.post(REFERRALS, &restricted(&["Pugh"])).status, 201);
    let seen = due_first(&practice.director);
    let newcomer = json!({
        "name": "Ffion Rees", "email": format!("ffion@{}.example", practice.slug), "roles": ["manager"],
        "line_manager_id": practice.director.id,
    });
    let newcomer = world.staff(practice.id, newcomer);
    assert_hidden(&newcomer, seen.text("/id").unwrap());
    let declined = step(&practice.director, &seen, "/decline", &json!({ "reason": "no_capacity" }));
    assert_eq!(declined.status, 200, "{}", declined.body);
    assert_hidden(&practice.manager, seen.text("/id").unwrap());
    assert_eq!(practice.director.get(&in_practice(seen.text("/id").unwrap(), "")).status, 200);
}

fn patch(by: &Staff, path: &str, body: &Value) -> Answer {
    by.patch(path, &by.get(path), body)
}

fn restrict_referral(by: &Staff, seen: &Answer, staff: &Value) -> Answer {
    let path = in_practice(seen.text("/id").unwrap(), "/restriction");
    let how = json!({ "reason": "Her sister works at the front desk.", "staff": staff });
    let headers = [("if-match", seen.etag().unwrap_or("\"1\""))];
    by.send("PUT", &path, &headers, Some(("application/json", how.to_string().as_bytes())))
}

#[test]
fn a_manager_gives_a_waiting_referral_to_a_screener_by_name() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    assert_eq!(council.system.post(REFERRALS, &restricted(&["Pugh"])).status, 201);
    let seen = due_first(&practice.director);
    let id = seen.text("/id").unwrap();
    assert_eq!(seen.text("/restriction/reason"), Some("Her son works for the practice."), "{}", seen.body);
    let screener = &practice.social_worker;
    assert_hidden(screener, id);
    let given = restrict_referral(&practice.director, &seen, &json!([practice.director.id, screener.id]));
    assert_eq!(given.status, 200, "{}", given.body);
    let names: Vec<&str> =
        given.body["restriction"]["staff"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2, "{}", given.body);
    assert_eq!(given.text("/restriction/reason"), Some("Her sister works at the front desk."));
    for by in [&practice.second_manager, &practice.social_worker_2, &practice.practitioner] {
        assert_hidden(by, id);
    }
    let stale = restrict_referral(&practice.director, &seen, &json!([practice.director.id]));
    assert_eq!(stale.status, 412, "{}", stale.body);
    // The screener decides, and the record is theirs and the manager's.
    let accepted = step(screener, &due_first(screener), "/accept", &json!({}));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let person = accepted.text("/service_user_id").unwrap();
    let restriction = practice.director.get(&of(person, "/restriction"));
    assert_eq!(restriction.text("/restriction/reason"), Some("Her sister works at the front desk."));
    assert_eq!(screener.get(&of(person, "")).status, 200);
    assert_eq!(practice.second_manager.get(&of(person, "")).status, 404);
    let seen = practice.director.get(&in_practice(id, ""));
    let late = restrict_referral(&practice.director, &seen, &json!([practice.director.id]));
    assert_eq!((late.status, late.text("/type")), (409, Some("/problems/invalid-state")), "{}", late.body);
}

#[test]
fn a_referral_that_the_council_did_not_mark_is_restricted_by_a_manager_too() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    assert_eq!(council.system.post(REFERRALS, &messages::referral()).status, 201);
    let seen = due_first(&practice.director);
    let id = seen.text("/id").unwrap().to_owned();
    assert_eq!(seen.body.get("restriction"), None, "{}", seen.body);
    let manager = practice.second_manager.id;
    for by in [&practice.social_worker, &practice.practitioner] {
        assert_eq!(restrict_referral(by, &seen, &json!([manager])).status, 403, "{}", by.email);
    }
    let other = world.practice(&council);
    assert_eq!(restrict_referral(&other.manager, &seen, &json!([other.manager.id])).status, 404);
    let stranger = other.manager.id;
    for (staff, pointer) in [
        (json!([]), "/staff"),
        (json!([practice.social_worker.id]), "/staff"),
        (json!([manager, manager]), "/staff/1"),
        (json!([manager, stranger]), "/staff/1"),
        (json!([manager, practice.records_officer.id]), "/staff/1"),
        (json!([manager, "nobody"]), "/staff/1"),
    ] {
        let refused = restrict_referral(&practice.director, &seen, &staff);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{staff}");
    }
    for reason in ["a\u{0}b".to_owned(), "x".repeat(4001), "\u{200b}\u{2060}".to_owned()] {
        let path = in_practice(&id, "/restriction");
        let how = json!({ "reason": reason, "staff": [manager] }).to_string();
        let headers = [("if-match", seen.etag().unwrap())];
        let refused = practice.director.send("PUT", &path, &headers, Some(("application/json", how.as_bytes())));
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/reason")), "{}", refused.body);
    }
    // The director leaves themselves out, and learns nothing more.
    let closed = restrict_referral(&practice.director, &seen, &json!([manager]));
    assert_eq!((closed.status, closed.body), (204, Value::Null));
    assert_hidden(&practice.director, &id);
    let seen = due_first(&practice.second_manager);
    assert_eq!(seen.body["know_first"]["restricted"], true, "{}", seen.body);
}

#[test]
fn who_is_meant_is_not_named_and_a_manager_who_is_renamed_goes_on() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    // Two of the three managers are meant.
    assert_eq!(council.system.post(REFERRALS, &restricted(&["Pugh", "Kowalczyk"])).status, 201);
    let seen = due_first(&practice.director);
    let director = &practice.director;
    let refused = restrict_referral(director, &seen, &json!([director.id, practice.manager.id]));
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/staff/1")), "{}", refused.body);
    let path = format!("/v1/practice/staff/{}", director.id);
    let renamed = patch(&practice.administrator, &path, &json!({ "name": "Nia Pugh" }));
    assert_eq!(renamed.status, 200, "{}", renamed.body);
    let seen = due_first(director);
    let given = restrict_referral(director, &seen, &json!([director.id, practice.social_worker.id]));
    assert_eq!(given.status, 200, "{}", given.body);
    let accepted = step(director, &due_first(director), "/accept", &json!({}));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
}

#[test]
fn the_only_manager_who_sees_a_waiting_referral_does_not_leave_or_lose_the_role_before_it_is_answered() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    assert_eq!(council.system.post(REFERRALS, &restricted(&["Pugh", "Okafor"])).status, 201);
    let second = &practice.second_manager;
    let path = format!("/v1/practice/staff/{}", second.id);
    let leave = || {
        let seen = practice.administrator.get(&path);
        practice.administrator.change(&format!("{path}/leave"), &seen, &json!({}))
    };
    for refused in [leave(), patch(&practice.administrator, &path, &json!({ "roles": ["practitioner"] }))] {
        assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
        assert!(refused.text("/detail").unwrap().contains("restricted referral"), "{}", refused.body);
    }
    let seen = due_first(second);
    let declined = step(second, &seen, "/decline", &json!({ "reason": "no_capacity" }));
    assert_eq!(declined.status, 200, "{}", declined.body);
    let left = leave();
    assert_eq!(left.status, 200, "{}", left.body);
}

#[test]
fn a_known_person_is_closed_by_it_and_one_whose_record_is_restricted_stays_as_they_are() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = practice.director.create("/v1/practice/service-users", &messages::person());
    let id = person.text("/id").unwrap().to_owned();
    assert_eq!(council.system.post(REFERRALS, &restricted(&["Pugh"])).status, 201);
    let seen = due_first(&practice.director);
    let how = json!({ "service_user_id": id, "mismatch_reason": "She said that the older number is wrong." });
    let accepted = step(&practice.director, &seen, "/accept", &how);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    assert_eq!(practice.manager.get(&of(&id, "")).status, 404);

    assert_eq!(restrict(&practice.director, &id, &json!([practice.director.id])).status, 200);
    assert_eq!(council.system.post(REFERRALS, &restricted(&["Pugh"])).status, 201);
    let seen = due_first(&practice.director);
    let how = json!({ "service_user_id": id, "mismatch_reason": "She said that the older number is wrong." });
    let accepted = step(&practice.director, &seen, "/accept", &how);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    assert_eq!(practice.second_manager.get(&of(&id, "")).status, 404, "nobody is let in by another referral");
}

#[test]
fn an_acceptance_that_restricted_the_record_is_not_undone() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    assert_eq!(council.system.post(REFERRALS, &restricted(&["Pugh"])).status, 201);
    let seen = due_first(&practice.director);
    let accepted = step(&practice.director, &seen, "/accept", &json!({}));
    let undone = step(&practice.director, &accepted, "/undo", &json!({}));
    let said = undone.text("/detail").unwrap_or_default().contains("restriction");
    assert_eq!((undone.status, said), (409, true), "{}", undone.body);
    for by in shut_out(&practice) {
        assert_hidden(by, seen.text("/id").unwrap());
    }

    // Nor one of a referral that the practice restricted itself, before or after it was accepted.
    for before in [true, false] {
        assert_eq!(council.system.post(REFERRALS, &messages::referral()).status, 201);
        let mut seen = due_first(&practice.director);
        let staff = json!([practice.director.id]);
        if before {
            seen = restrict_referral(&practice.director, &seen, &staff);
            assert_eq!(seen.status, 200, "{}", seen.body);
        }
        let accepted = step(&practice.director, &seen, "/accept", &json!({}));
        if !before {
            let person = accepted.text("/service_user_id").unwrap();
            assert_eq!(restrict(&practice.director, person, &staff).status, 200);
        }
        let read = practice.director.get(&in_practice(seen.text("/id").unwrap(), ""));
        assert_eq!(step(&practice.director, &read, "/undo", &json!({})).status, 409);
    }
}

#[test]
fn a_referral_that_no_manager_could_read_goes_nowhere() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let everybody = ["Okafor", "Pugh", "Kowalczyk"];
    let refused = council.system.post(REFERRALS, &restricted(&everybody));
    let pointer = refused.text("/errors/0/pointer");
    assert_eq!((refused.status, pointer), (422, Some("/restricted/not_to_see")), "{}", refused.body);
    assert_eq!(council.system.get(REFERRALS).body, json!({ "items": [] }));
    assert_eq!(practice.director.get(INBOX).body, json!({ "items": [] }));

    // A manager whose account was replaced reads nothing until a colleague confirms it.
    take_over(&world, &reset(&practice.administrator, &practice.second_manager));
    let refused = council.system.post(REFERRALS, &restricted(&["Okafor", "Pugh"]));
    let pointer = refused.text("/errors/0/pointer");
    assert_eq!((refused.status, pointer), (422, Some("/restricted/not_to_see")), "{}", refused.body);

    // The same where the council names the practice later.
    let mut message = restricted(&everybody);
    message["person"]["address"]["postcode"] = "ZZ99 3VZ".into();
    let sent = council.system.post(REFERRALS, &message);
    assert_eq!((sent.status, sent.text("/status")), (201, Some("unrouted")), "{}", sent.body);
    let routed =
        world.first_officer(&council).change(&at(&sent, "/route"), &sent, &json!({ "practice": practice.slug }));
    assert_eq!((routed.status, routed.text("/errors/0/pointer")), (422, Some("/practice")), "{}", routed.body);
    assert_eq!(council.system.get(&at(&sent, "")).text("/status"), Some("unrouted"));
}
