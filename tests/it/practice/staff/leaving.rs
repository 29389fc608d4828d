//! Leaving: with open work, on a day ahead, and what is left of whoever has gone.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Staff, Web, World, messages};
use serde_json::{Value, json};

use crate::practice::cases::{self, case_of, pointer, record};
use crate::practice::people::restrict;

const STAFF: &str = "/v1/practice/staff";

pub(super) fn send(by: &Staff, method: &str, path: &str, seen: Option<&Answer>, body: Option<&Value>) -> Answer {
    let tag = seen.map(|seen| seen.etag().unwrap_or_else(|| panic!("no tag: {}", seen.body)).to_owned());
    let headers: Vec<(&str, &str)> = tag.iter().map(|tag| ("if-match", tag.as_str())).collect();
    let content = body.map(Value::to_string);
    by.send(method, path, &headers, content.as_ref().map(|body| ("application/json", body.as_bytes())))
}

/// Sends the same change twice at once, with the version that was seen. Returns the statuses, the smaller first.
pub(super) fn twice_at_once(
    world: &World,
    by: &Staff,
    method: &str,
    path: &str,
    seen: &Answer,
    body: &Value,
) -> [u16; 2] {
    let (authorization, content) = (format!("Bearer {}", by.token().unwrap()), body.to_string());
    let etag = seen.etag().unwrap();
    let send = || {
        let headers = [("authorization", authorization.as_str()), ("if-match", etag)];
        Web::new(world.url()).send(method, path, &headers, Some(("application/json", content.as_bytes()))).status
    };
    let mut statuses =
        std::thread::scope(|threads| [threads.spawn(send), threads.spawn(send)].map(|one| one.join().unwrap()));
    statuses.sort_unstable();
    statuses
}

pub(super) fn plan(by: &Staff, member: &Staff, how: &Value) -> Answer {
    let path = format!("{STAFF}/{}", member.id);
    send(by, "PUT", &format!("{path}/leaving"), Some(&by.get(&path)), Some(how))
}

fn leave(by: &Staff, member: &Staff) -> Answer {
    let path = format!("{STAFF}/{}", member.id);
    by.change(&format!("{path}/leave"), &by.get(&path), &json!({}))
}

fn id_of(address: &str) -> &str {
    address.rsplit('/').next().unwrap()
}

fn told(by: &Staff, kind: &str) -> usize {
    by.forget_token();
    cases::column(&by.get("/v1/practice/notices"), "/kind").into_iter().filter(|one| *one == Some(kind)).count()
}

#[test]
fn nobody_leaves_with_open_work_and_the_refusal_lists_it() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (administrator, worker) = (&practice.administrator, &practice.social_worker);
    let case = case_of(&practice, &council, worker);
    let person = record(&practice, &messages::person());
    let hidden = cases::open(&practice, &council, &person);
    assert_eq!(cases::give(&practice, &hidden, worker).status, 200);
    assert_eq!(
        restrict(&practice.manager, &person, &json!([practice.manager.id, worker.id, practice.social_worker_2.id]))
            .status,
        200
    );

    let refused = leave(administrator, worker);
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/open-work")), "{}", refused.body);
    assert_eq!(refused.body["open_work"], json!({ "cases": [id_of(&case)], "other_cases": 1 }));
    for how in [json!({}), json!({ "with_open_work": "refuse", "last_day": "2026-12-11" })] {
        let refused = plan(administrator, worker, &how);
        assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/open-work")), "{}", refused.body);
    }
    assert_eq!(worker.get("/v1/practice/caseload").status, 200, "nothing of it was done");
    let listed = administrator.get(&format!("{STAFF}/{}/open-work", worker.id));
    assert_eq!((listed.status, &listed.body), (200, &refused.body["open_work"]));
    // Who may open the record sees which case it is.
    let to_the_manager = practice.manager.get(&format!("{STAFF}/{}/open-work", worker.id));
    assert_eq!(to_the_manager.body["other_cases"], json!(0), "{}", to_the_manager.body);
    assert!(to_the_manager.body["cases"].as_array().unwrap().contains(&json!(id_of(&hidden))));
    assert_eq!(worker.get(&format!("{STAFF}/{}/open-work", worker.id)).status, 403);

    for case in [&case, &hidden] {
        assert_eq!(cases::give(&practice, case, &practice.social_worker_2).status, 200);
    }
    let left = leave(administrator, worker);
    assert_eq!(left.status, 200, "{}", left.body);
    assert_eq!(worker.get("/v1/practice/caseload").status, 401);
    assert_eq!((told(&practice.second_manager, "staff.left"), told(&practice.manager, "staff.left")), (1, 1));
}

#[test]
fn a_last_day_ahead_ends_access_at_midnight_whether_or_not_the_worker_has_run() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (administrator, worker) = (&practice.administrator, &practice.social_worker);
    let planned = plan(administrator, worker, &json!({ "last_day": "2026-12-11" }));
    assert_eq!(planned.status, 200, "{}", planned.body);
    assert_eq!(planned.body["leaving"]["last_day"], json!("2026-12-11"));
    assert_eq!((&planned.body["leaving"]["access_ended"], planned.body.get("left_at")), (&json!(false), None));
    assert_eq!(told(&practice.manager, "staff.leaving_planned"), 1);
    // Until then they work, and are given work.
    let case = case_of(&practice, &council, worker);
    world.set_clock("2026-12-11T23:59:00Z");
    worker.forget_token();
    assert_eq!(worker.get(&case).status, 200, "the last day counts, in London");
    let token = format!("Bearer {}", worker.token().unwrap());
    world.set_clock("2026-12-12T00:00:00Z");
    let with_the_old_token = world.anyone().send("GET", &case, &[("authorization", &token)], None);
    assert_eq!(with_the_old_token.status, 401, "no job has run");
    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(worker.sign_in(None).status, 401);
    let list = |by: &Staff, query: &str| by.get(&format!("{STAFF}{query}")).body.to_string();
    practice.manager.forget_token();
    assert!(!list(&practice.manager, "").contains(&worker.id.to_string()));
    assert!(list(&practice.manager, "?left=true").contains(&worker.id.to_string()));
    let to = cases::open(&practice, &council, &record(&practice, &messages::person()));
    assert_eq!(pointer(&cases::give(&practice, &to, worker)), (422, Some("/staff_id")), "gone");

    // Work of theirs is open: they have not left, and the managers are told, once.
    world.work(&practice);
    let path = format!("{STAFF}/{}", worker.id);
    administrator.forget_token();
    let seen = administrator.get(&path);
    assert_eq!((&seen.body["leaving"]["access_ended"], seen.body.get("left_at")), (&json!(true), None));
    assert_eq!(told(&practice.second_manager, "staff.access_ended"), 1);
    world.clock.advance(chrono::TimeDelta::hours(1));
    world.work(&practice);
    assert_eq!(told(&practice.second_manager, "staff.access_ended"), 1);
    // A leaver is named in filters all the same.
    practice.manager.forget_token();
    let caseload = practice.manager.get(&format!("/v1/practice/caseload?staff_id={}", worker.id));
    assert_eq!((caseload.status, caseload.text("/staff/name")), (200, Some("Hannah Price")), "{}", caseload.body);
    assert!(caseload.body.to_string().contains(id_of(&case)), "{}", caseload.body);
    administrator.forget_token();
    let stays = send(administrator, "DELETE", &format!("{path}/leaving"), Some(&seen), None);
    assert_eq!(stays.status, 409, "too late: {}", stays.body);
    let longer = plan(administrator, worker, &json!({ "last_day": "2027-01-29", "with_open_work": "wait" }));
    assert_eq!(longer.status, 409, "nobody comes back by a later day: {}", longer.body);

    assert_eq!(cases::give(&practice, &case, &practice.social_worker_2).status, 200);
    world.clock.advance(chrono::TimeDelta::hours(1));
    world.work(&practice);
    administrator.forget_token();
    let left = administrator.get(&path);
    assert_eq!(
        (left.text("/left_at"), left.body.get("leaving")),
        (Some("2026-12-12T00:00:00Z"), None),
        "{}",
        left.body
    );
    assert_eq!(world.audited(&practice, "staff.left"), 1);
    practice.records_officer.forget_token();
    let log = practice.records_officer.get(&format!("/v1/practice/audit?staff_id={}", worker.id));
    assert!(!log.body["items"].as_array().unwrap().is_empty(), "{}", log.body);
    // They may come back.
    let again =
        world.staff(practice.id, json!({ "name": "Hannah Price", "email": worker.email, "roles": ["manager"] }));
    world.clock.advance(chrono::TimeDelta::minutes(2));
    assert_eq!(again.sign_in(None).body["staff_id"], json!(again.id));
}

#[test]
fn whoever_waits_works_until_the_work_is_moved_and_whoever_is_dismissed_does_not() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let administrator = &practice.administrator;
    let [waits, dismissed] = [&practice.social_worker, &practice.social_worker_2];
    let cases = [waits, dismissed].map(|worker| case_of(&practice, &council, worker));
    assert_eq!(dismissed.get(&cases[1]).status, 200);
    let planned = plan(administrator, waits, &json!({ "with_open_work": "wait" }));
    assert_eq!((planned.status, &planned.body["leaving"]["access_ended"]), (200, &json!(false)), "{}", planned.body);
    let planned = plan(administrator, dismissed, &json!({ "with_open_work": "end_access" }));
    assert_eq!((planned.status, &planned.body["leaving"]["access_ended"]), (200, &json!(true)), "{}", planned.body);
    assert_eq!((waits.get(&cases[0]).status, dismissed.get(&cases[1]).status), (200, 401));
    world.work(&practice);
    assert_eq!(told(&practice.manager, "staff.access_ended"), 1, "of the one who was dismissed");
    world.clock.advance(chrono::TimeDelta::hours(1));
    world.work(&practice);
    waits.forget_token();
    assert_eq!(waits.get(&cases[0]).status, 200, "still");
    for case in &cases {
        practice.manager.forget_token();
        assert_eq!(cases::give(&practice, case, &practice.practitioner).status, 200);
    }
    world.clock.advance(chrono::TimeDelta::hours(1));
    world.work(&practice);
    for worker in [waits, dismissed] {
        administrator.forget_token();
        let left = administrator.get(&format!("{STAFF}/{}", worker.id));
        assert!(left.body["left_at"].is_string(), "{}", left.body);
        worker.forget_token();
        assert_eq!(worker.sign_in(None).status, 401);
    }
    assert_eq!(world.audited(&practice, "staff.left"), 2);
}

#[test]
fn a_leaving_is_changed_and_withdrawn_and_bad_input_is_refused() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (administrator, worker) = (&practice.administrator, &practice.practitioner);
    let path = format!("{STAFF}/{}", worker.id);
    for (how, at) in [
        (json!({ "last_day": "2026-11-19" }), "/last_day"),
        (json!({ "last_day": "1900-01-01" }), "/last_day"),
        (json!({ "last_day": "2027-11-22" }), "/last_day"),
        (json!({ "last_day": "soon" }), "/last_day"),
        (json!({ "last_day": "9999-12-31" }), "/last_day"),
        (json!({ "with_open_work": "ignore" }), "/with_open_work"),
        (json!({ "reason": "Retires." }), "/reason"),
    ] {
        assert_eq!(pointer(&plan(administrator, worker, &how)), (422, Some(at)), "{how}");
    }
    let stays = send(administrator, "DELETE", &format!("{path}/leaving"), Some(&administrator.get(&path)), None);
    assert_eq!(stays.status, 409, "{}", stays.body);
    let seen = administrator.get(&path);
    assert_eq!(plan(administrator, worker, &json!({ "last_day": "2026-12-11" })).status, 200);
    let how = json!({ "last_day": "2026-12-18" });
    let stale = send(administrator, "PUT", &format!("{path}/leaving"), Some(&seen), Some(&how));
    assert_eq!(stale.status, 412, "{}", stale.body);
    assert_eq!(plan(administrator, worker, &how).body["leaving"]["last_day"], json!("2026-12-18"));
    world.set_clock("2026-12-14T10:00:00Z");
    world.work(&practice);
    for member in [administrator, worker] {
        member.forget_token();
    }
    assert_eq!(worker.get("/v1/practice/caseload").status, 200, "the day was changed");
    let stays = send(administrator, "DELETE", &format!("{path}/leaving"), Some(&administrator.get(&path)), None);
    assert_eq!((stays.status, stays.body.get("leaving")), (200, None), "{}", stays.body);
    world.set_clock("2026-12-21T10:00:00Z");
    world.work(&practice);
    worker.forget_token();
    assert_eq!(worker.get("/v1/practice/caseload").status, 200, "they stay");
    practice.manager.forget_token();
    let by_a_manager = plan(&practice.manager, worker, &json!({ "last_day": "2026-12-22" }));
    assert_eq!(by_a_manager.status, 403, "{}", by_a_manager.body);
    administrator.forget_token();
    assert_eq!(leave(administrator, worker).status, 200);
    assert_eq!(plan(administrator, worker, &json!({ "last_day": "2026-12-22" })).status, 409, "gone");
    let twice = send(administrator, "DELETE", &format!("{path}/leaving"), Some(&administrator.get(&path)), None);
    assert_eq!(twice.status, 409, "{}", twice.body);
}

#[test]
fn an_administrator_or_a_lifter_who_leaves_on_a_day_ahead_does_not_count_among_those_who_stay() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let administrator = &practice.administrator;
    let ahead = json!({ "last_day": "2026-12-11" });
    assert_eq!(plan(administrator, administrator, &ahead).status, 409, "the only administrator");
    let second = world.staff(
        practice.id,
        json!({ "name": "Robin Hale", "email": format!("second@{}.example", practice.slug), "roles": ["administrator"] }),
    );
    assert_eq!(plan(&second, administrator, &ahead).status, 200);
    assert_eq!(plan(administrator, &second, &ahead).status, 409, "the other leaves already");
    assert_eq!(leave(administrator, &second).status, 409);

    let person = record(&practice, &messages::person());
    let both = json!([practice.manager.id, practice.records_officer.id]);
    assert_eq!(restrict(&practice.manager, &person, &both).status, 200);
    assert_eq!(plan(administrator, &practice.manager, &ahead).status, 200);
    let refused = plan(administrator, &practice.records_officer, &ahead);
    assert_eq!(refused.status, 409, "nobody would lift the restriction: {}", refused.body);
}

#[test]
fn an_invitation_is_not_taken_up_after_the_last_day() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let email = format!("late@{}.example", practice.slug);
    let new = json!({ "name": "Robin Hale", "email": email, "roles": ["practitioner"] });
    let invited = practice.administrator.create(STAFF, &new);
    let path = format!("{STAFF}/{}", invited.text("/id").unwrap());
    let seen = practice.administrator.get(&path);
    let how = json!({ "last_day": "2026-11-20" });
    let planned = send(&practice.administrator, "PUT", &format!("{path}/leaving"), Some(&seen), Some(&how));
    assert_eq!(planned.status, 200, "{}", planned.body);
    world.set_clock("2026-11-21T09:00:00Z");
    let token = invited.body["link"]["token"].clone();
    let opened = world.anyone().post("/v1/practice/invitations/open", &json!({ "token": token }));
    let secret = opened
        .text("/authenticator/secret")
        .map(|secret| almoner_persistence::access::second_factor::TotpSecret::from_base32(secret).unwrap());
    let code = secret.map_or("000000".to_owned(), |secret| secret.code(world.clock.now()));
    let body = json!({ "token": token, "password": "a green bicycle in the rain", "code": code });
    let accepted = world.anyone().post("/v1/practice/invitations/accept", &body);
    assert!([404, 410].contains(&accepted.status), "{}: {}", accepted.status, accepted.body);
}
