//! Acting managers: who gives the power, who confirms it, what it opens, and that it ends by itself. And absence.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::leaving::send;
use crate::practice::cases::{self, case_of, pointer};

const STAFF: &str = "/v1/practice/staff";
const ABSENCE: &str = "/v1/practice/absence";

pub(super) fn appoint(by: &Staff, member: &Staff, how: &Value) -> Answer {
    let path = format!("{STAFF}/{}", member.id);
    send(by, "PUT", &format!("{path}/acting"), Some(&by.get(&path)), Some(how))
}

pub(super) fn relieve(by: &Staff, member: &Staff) -> Answer {
    let path = format!("{STAFF}/{}", member.id);
    send(by, "DELETE", &format!("{path}/acting"), Some(&by.get(&path)), None)
}

pub(super) fn confirm(by: &Staff, member: &Staff) -> Answer {
    let path = format!("{STAFF}/{}", member.id);
    by.change(&format!("{path}/confirm"), &by.get(&path), &json!({}))
}

/// Whether somebody has a permission that managers have.
pub(super) fn manages(member: &Staff) -> bool {
    match member.get("/v1/practice/countersignatures").status {
        200 => true,
        403 => false,
        other => panic!("{other}"),
    }
}

fn until(practice: &Practice, day: &str) -> Value {
    json!({ "for_id": practice.manager.id, "until": day })
}

#[test]
fn an_acting_manager_has_the_power_of_one_from_the_confirmation_to_the_end_of_the_day() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (manager, worker) = (&practice.manager, &practice.social_worker);
    let case = case_of(&practice, &council, &practice.social_worker_2);
    let given = appoint(manager, worker, &until(&practice, "2026-12-11"));
    assert_eq!(given.status, 200, "{}", given.body);
    let acting = json!({ "for_id": manager.id, "given_by_id": manager.id, "until": "2026-12-11" });
    assert_eq!((&given.body["acting_manager"], &given.body["roles"]), (&acting, &json!(["social_worker"])));
    assert_eq!(given.text("/awaited_confirmation/by"), Some("members"));
    assert!(!manages(worker), "nobody has confirmed it");
    let told = practice.records_officer.get("/v1/practice/notices");
    assert_eq!(told.text("/items/0/kind"), Some("staff.unconfirmed"), "{}", told.body);
    let path = format!("{STAFF}/{}", worker.id);
    for (who, status) in [(manager, 409), (worker, 403)] {
        let refused = who.change(&format!("{path}/confirm"), &manager.get(&path), &json!({}));
        assert_eq!(refused.status, status, "{}: {}", who.id, refused.body);
    }
    let confirmed = confirm(&practice.records_officer, worker);
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert!(confirmed.body["acting_manager"]["confirmed_at"].is_string(), "{}", confirmed.body);
    assert_eq!(confirmed.body["roles"], json!(["social_worker"]), "it is no role of theirs");
    assert!(manages(worker));
    // What a manager does: allocates a colleague's case, and asks to close it.
    let body = messages::move_on_leaving(worker.id);
    let allocated = worker.change(&format!("{case}/allocate"), &worker.get(&case), &body);
    assert_eq!(allocated.status, 200, "{}", allocated.body);
    let colleagues = practice.practitioner.get(STAFF);
    let own = colleagues.body["items"].as_array().unwrap().iter().find(|item| item["id"] == json!(worker.id)).unwrap();
    assert_eq!(own["acting_manager"]["until"], json!("2026-12-11"), "everybody sees it");
    // Managers' notices come to them too.
    let told =
        |member: &Staff, kind: &str| cases::column(&member.get("/v1/practice/notices"), "/kind").contains(&Some(kind));
    practice.administrator.patch(
        &format!("{STAFF}/{}", practice.practitioner.id),
        &practice.administrator.get(&format!("{STAFF}/{}", practice.practitioner.id)),
        &json!({ "line_manager_id": practice.director.id }),
    );
    assert!(told(worker, "staff.line_changed"));

    world.set_clock("2026-12-11T23:58:00Z");
    worker.forget_token();
    assert!(manages(worker), "the last day counts");
    let token = format!("Bearer {}", worker.token().unwrap());
    world.set_clock("2026-12-12T00:00:00Z");
    let asked = world.anyone().send("GET", "/v1/practice/countersignatures", &[("authorization", &token)], None);
    assert_eq!(asked.status, 403, "the same session, without a job: {}", asked.body);
    worker.forget_token();
    assert_eq!(worker.get("/v1/practice/caseload").status, 200, "what they had works on");
    practice.administrator.forget_token();
    let seen = practice.administrator.get(&format!("{STAFF}/{}", worker.id));
    assert_eq!(seen.body.get("acting_manager"), None, "{}", seen.body);
    assert_eq!(world.audited(&practice, "staff.acting_given"), 1);
}

#[test]
fn power_with_an_end_is_neither_passed_on_nor_taken_and_it_is_ended_early() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (manager, worker, other) = (&practice.manager, &practice.social_worker, &practice.practitioner);
    let how = until(&practice, "2026-12-11");
    assert_eq!(appoint(&practice.administrator, worker, &how).status, 200);
    assert_eq!(confirm(&practice.second_manager, worker).status, 200);
    for refused in [appoint(worker, other, &how), appoint(worker, worker, &how), relieve(worker, worker)] {
        assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    }
    assert_eq!(appoint(manager, manager, &how).status, 409, "a manager, and themselves");
    assert_eq!(appoint(&practice.records_officer, other, &how).status, 403);
    let path = format!("{STAFF}/{}", worker.id);
    let by_nobody = send(other, "PUT", &format!("{path}/acting"), Some(&manager.get(&path)), Some(&how));
    assert_eq!(by_nobody.status, 403, "{}", by_nobody.body);
    // A change waits anew: the power of before has ended.
    assert_eq!(appoint(manager, worker, &until(&practice, "2026-12-18")).status, 200);
    assert!(!manages(worker));
    assert_eq!(confirm(manager, worker).status, 409, "who opened it");
    assert_eq!(confirm(&practice.records_officer, worker).status, 200);
    assert!(manages(worker));
    let ended = relieve(manager, worker);
    assert_eq!((ended.status, ended.body.get("acting_manager")), (200, None), "{}", ended.body);
    assert!(!manages(worker));
    assert_eq!(relieve(manager, worker).status, 409, "once");
    assert_eq!(confirm(&practice.records_officer, worker).status, 409, "nothing waits");
    // A whole account that waits does not act.
    let link = practice.administrator.create(&format!("{STAFF}/{}/credential-reset", other.id), &json!({}));
    super::confirmation::take_over(&world, &link);
    assert_eq!(appoint(manager, other, &how).status, 409);
}

#[test]
fn what_is_no_power_with_an_end_is_refused_at_its_place() {
    let world = World::new();
    let [practice, elsewhere] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let worker = &practice.social_worker;
    for (how, at) in [
        (json!({}), "/until"),
        (json!({ "until": "2026-11-19" }), "/until"),
        (json!({ "until": "2027-02-21" }), "/until"),
        (json!({ "until": "9999-12-31" }), "/until"),
        (json!({ "until": "2026-12-11\u{0}" }), "/until"),
        (json!({ "until": "2026-12-11", "for_id": elsewhere.manager.id }), "/for_id"),
        (json!({ "until": "2026-12-11", "for_id": practice.practitioner.id }), "/for_id"),
        (json!({ "until": "2026-12-11", "for_id": worker.id }), "/for_id"),
        (json!({ "until": "2026-12-11", "roles": ["manager"] }), "/roles"),
    ] {
        assert_eq!(pointer(&appoint(&practice.manager, worker, &how)), (422, Some(at)), "{how}");
    }
    let path = format!("{STAFF}/{}/acting", worker.id);
    let seen = elsewhere.manager.get(&format!("{STAFF}/{}", elsewhere.practitioner.id));
    let another = send(&elsewhere.manager, "PUT", &path, Some(&seen), Some(&json!({ "until": "2026-12-11" })));
    assert_eq!(another.status, 404, "{}", another.body);
}

#[test]
fn whoever_acted_for_a_manager_signs_nothing_about_those_whom_the_manager_manages() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let email = format!("efua.{}@practice.example", fresh_key());
    let member = json!({ "name": "Efua Mensah", "email": email, "roles": ["practitioner"] });
    let extra = world.staff(practice.id, member);
    assert_eq!(appoint(&practice.administrator, &extra, &until(&practice, "2026-12-11")).status, 200);
    assert_eq!(relieve(&practice.administrator, &extra).status, 200);
    let path = format!("{STAFF}/{}", extra.id);
    let administrator = &practice.administrator;
    let promoted = administrator.patch(&path, &administrator.get(&path), &json!({ "roles": ["manager"] }));
    assert_eq!(promoted.status, 200, "{}", promoted.body);
    assert_eq!(confirm(&practice.records_officer, &extra).status, 200);
    extra.forget_token();
    assert!(manages(&extra));
    // Whoever is here would be drawn before who is away.
    let away = json!({ "from": "2026-11-20", "until": "2026-12-11" });
    assert_eq!(send(&practice.second_manager, "PUT", ABSENCE, None, Some(&away)).status, 204);
    let case = case_of(&practice, &council, &practice.social_worker);
    assert_eq!(cases::close(&practice.social_worker, &case, &messages::close()).status, 200);
    let drawn = |member: &Staff| member.get("/v1/practice/countersignatures").body["items"].as_array().unwrap().len();
    assert_eq!((drawn(&practice.second_manager), drawn(&extra)), (1, 0));
}

#[test]
fn an_absence_is_said_by_oneself_seen_by_colleagues_and_has_an_end() {
    let world = World::new();
    let [practice, elsewhere] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let (manager, stand_in) = (&practice.manager, &practice.practitioner);
    assert_eq!(send(manager, "DELETE", ABSENCE, None, None).status, 204, "there is none");
    assert_eq!(world.audited(&practice, "staff.absence_ended"), 0);
    for (how, at) in [
        (json!({ "from": "2026-11-23" }), "/until"),
        (json!({ "from": "2026-11-23", "until": "2026-11-20" }), "/from"),
        (json!({ "from": "1900-01-01", "until": "2026-11-27" }), "/from"),
        (json!({ "from": "2026-11-01", "until": "2026-11-19" }), "/until"),
        (json!({ "from": "9999-12-30", "until": "9999-12-31" }), "/until"),
        (json!({ "from": "2026-11-23", "until": "2026-11-27", "stand_in_id": manager.id }), "/stand_in_id"),
        (json!({ "from": "2026-11-23", "until": "2026-11-27", "stand_in_id": elsewhere.manager.id }), "/stand_in_id"),
        (json!({ "from": "2026-11-23", "until": "2026-11-27", "staff_id": stand_in.id }), "/staff_id"),
    ] {
        let refused = send(manager, "PUT", ABSENCE, None, Some(&how));
        assert_eq!(pointer(&refused), (422, Some(at)), "{how}");
    }
    let how = json!({ "from": "2026-11-23", "until": "2026-11-27", "stand_in_id": stand_in.id });
    assert_eq!(send(manager, "PUT", ABSENCE, None, Some(&how)).status, 204);
    let colleague = || {
        practice.social_worker.forget_token();
        let list = practice.social_worker.get(STAFF);
        let items = list.body["items"].as_array().unwrap().clone();
        items.into_iter().find(|item| item["id"] == json!(manager.id)).unwrap()
    };
    assert_eq!(colleague()["absence"], how);
    for member in [stand_in, &practice.second_manager] {
        let told = member.get("/v1/practice/notices");
        assert_eq!(told.text("/items/0/kind"), Some("staff.absence_said"), "{}", told.body);
    }
    assert!(!manages(stand_in), "a stand-in gets no power");
    world.set_clock("2026-11-27T23:00:00Z");
    assert_eq!(colleague()["absence"], how);
    world.set_clock("2026-11-28T00:00:00Z");
    assert_eq!(colleague().get("absence"), None);
    let how = json!({ "from": "2026-11-30", "until": "2026-12-04" });
    manager.forget_token();
    assert_eq!(send(manager, "PUT", ABSENCE, None, Some(&how)).status, 204);
    assert_eq!(send(manager, "DELETE", ABSENCE, None, None).status, 204);
    assert_eq!((world.audited(&practice, "staff.absence_ended"), colleague().get("absence")), (1, None));
}

#[test]
fn whoever_is_away_is_drawn_only_where_nobody_else_can_be() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    // The managers who may sign: the manager manages the worker, the director owns the practice.
    let extra = world.staff(
        practice.id,
        json!({ "name": "Efua Mensah", "email": format!("efua.{}@practice.example", fresh_key()), "roles": ["manager"] }),
    );
    let away = json!({ "from": "2026-11-20", "until": "2026-12-11" });
    assert_eq!(send(&extra, "PUT", ABSENCE, None, Some(&away)).status, 204);
    let drawn = |member: &Staff| member.get("/v1/practice/countersignatures").body["items"].as_array().unwrap().len();
    let how = messages::close();
    for n in 1..=4 {
        let case = case_of(&practice, &council, &practice.social_worker);
        let asked = cases::close(&practice.social_worker, &case, &how);
        assert_eq!(asked.status, 200, "{}", asked.body);
        assert_eq!((drawn(&practice.second_manager), drawn(&extra)), (n, 0));
    }
    assert_eq!(send(&practice.second_manager, "PUT", ABSENCE, None, Some(&away)).status, 204);
    let case = case_of(&practice, &council, &practice.social_worker);
    let asked = cases::close(&practice.social_worker, &case, &how);
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert_eq!(drawn(&practice.second_manager) + drawn(&extra), 5, "all are away: one of them is drawn all the same");
}
