use almoner_tests::World;
use almoner_tests::callers::Caller;
use serde_json::{Value, json};

const STAFF: &str = "/v1/practice/staff";

#[test]
fn the_administrator_changes_what_a_colleague_may_do() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let path = format!("{STAFF}/{}", practice.practitioner.id);
    let seen = practice.administrator.get(&path);
    assert_eq!(seen.text("/email"), Some(practice.practitioner.email.as_str()), "{}", seen.body);
    let wanted = json!({ "roles": ["practitioner", "manager"], "line_manager_id": practice.director.id });
    let changed = practice.administrator.patch(&path, &seen, &wanted);
    assert_eq!(changed.body["roles"], json!(["practitioner", "manager"]), "{}", changed.body);
    assert_eq!(changed.body["line_manager_id"], json!(practice.director.id));
    let stale = practice.administrator.patch(&path, &seen, &wanted);
    assert_eq!(stale.status, 412, "{}", stale.body);
    assert_eq!(world.audited(&practice, "staff.changed"), 1);
}

#[test]
fn row_6_nobody_changes_their_own_roles() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let path = format!("{STAFF}/{}", practice.administrator.id);
    for (changes, pointer) in [
        (json!({ "roles": ["administrator", "records_officer"] }), "/roles"),
        (json!({ "owner": true }), "/owner"),
        (json!({ "line_manager_id": practice.director.id }), "/line_manager_id"),
        (json!({ "deputy_for_id": practice.director.id }), "/deputy_for_id"),
    ] {
        let refused = practice.administrator.patch(&path, &practice.administrator.get(&path), &changes);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
    let name =
        practice.administrator.patch(&path, &practice.administrator.get(&path), &json!({ "name": "Kit Duffy-Lee" }));
    assert_eq!(name.status, 200, "{}", name.body);
}

#[test]
fn what_is_no_member_is_refused_at_its_place() {
    let world = World::new();
    let [practice, elsewhere] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    for (member, value, pointer) in [
        ("email", json!("hannah at severn"), "/email"),
        ("email", json!(practice.manager.email), "/email"),
        ("roles", json!([]), "/roles"),
        ("roles", json!(["manager", "manager"]), "/roles"),
        ("roles", json!(["operator"]), "/roles/0"),
        ("roles", json!(["social_worker"]), "/social_work_england_number"),
        ("line_manager_id", json!(elsewhere.manager.id), "/line_manager_id"),
        ("deputy_for_id", json!(uuid::Uuid::nil()), "/deputy_for_id"),
        ("password", json!("of somebody's choosing"), "/password"),
        ("practice_id", json!(elsewhere.id), "/practice_id"),
    ] {
        let mut new = json!({ "name": "Robin Hale", "email": "robin@practice.example", "roles": ["manager"] });
        new[member] = value;
        let refused = practice.administrator.create(STAFF, &new);
        assert_eq!(refused.text("/errors/0/pointer"), Some(pointer), "{}", refused.body);
        assert!([409, 422].contains(&refused.status), "{}", refused.body);
    }
}

#[test]
fn row_7_whoever_leaves_is_nobody_here_from_the_next_request_on() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let worker = &practice.social_worker;
    assert_eq!(worker.get("/v1/practice/caseload").status, 200);
    let path = format!("{STAFF}/{}", worker.id);
    let left = practice.administrator.change(&format!("{path}/leave"), &practice.administrator.get(&path), &json!({}));
    assert_eq!(left.status, 200, "{}", left.body);
    assert!(left.body["left_at"].is_string());
    assert_eq!(worker.get("/v1/practice/caseload").status, 401);
    assert_eq!(worker.sign_in(None).status, 401);
    let colleagues = practice.manager.get(STAFF).body.to_string();
    assert!(!colleagues.contains(&worker.id.to_string()));

    // A member who comes back is invited anew, and joins with the account that they have.
    let again =
        world.staff(practice.id, json!({ "name": "Hannah Price", "email": worker.email, "roles": ["manager"] }));
    world.clock.advance(chrono::TimeDelta::minutes(2));
    assert_eq!(again.sign_in(None).body["staff_id"], json!(again.id));
}

#[test]
fn a_practice_keeps_an_administrator() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let path = format!("{STAFF}/{}", practice.administrator.id);
    let seen = practice.administrator.get(&path);
    let left = practice.administrator.change(&format!("{path}/leave"), &seen, &json!({}));
    assert_eq!((left.status, left.text("/type")), (409, Some("/problems/invalid-state")), "{}", left.body);
    let second = world.staff(
        practice.id,
        json!({ "name": "Robin Hale", "email": format!("second@{}.example", practice.slug), "roles": ["administrator"] }),
    );
    let changed = second.patch(&path, &second.get(&path), &json!({ "roles": ["manager"] }));
    assert_eq!(changed.status, 200, "{}", changed.body);
    let own = format!("{STAFF}/{}", second.id);
    assert_eq!(second.change(&format!("{own}/leave"), &second.get(&own), &json!({})).status, 409);
}

#[test]
fn two_administrators_who_let_each_other_go_at_once_leave_one() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let second = world.staff(
        practice.id,
        json!({ "name": "Robin Hale", "email": format!("second@{}.example", practice.slug), "roles": ["administrator"] }),
    );
    let both = [&practice.administrator, &second];
    let authorizations = both.map(|one| format!("Bearer {}", one.token().unwrap()));
    let paths: [String; 2] = [0, 1].map(|who| format!("{STAFF}/{}/leave", both[1 - who].id));
    let tags = [0, 1].map(|who| both[who].get(&format!("{STAFF}/{}", both[1 - who].id)).etag().unwrap().to_owned());
    let web = world.url().to_owned();
    let statuses: Vec<u16> = std::thread::scope(|threads| {
        let sent: Vec<_> = [0, 1]
            .into_iter()
            .map(|who| {
                let (web, path, tag) = (web.clone(), paths[who].clone(), tags[who].clone());
                let authorization = authorizations[who].clone();
                threads.spawn(move || {
                    let headers = [("authorization", authorization.as_str()), ("if-match", tag.as_str())];
                    let content = Some(("application/json", b"{}".as_slice()));
                    almoner_tests::Web::new(&web).send("POST", &path, &headers, content).status
                })
            })
            .collect();
        sent.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[test]
fn of_two_who_let_somebody_go_at_once_the_loser_gets_the_current_version_and_nobody_changes_whoever_is_gone() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let authorization = format!("Bearer {}", practice.administrator.token().unwrap());
    let leaving = [&practice.social_worker, &practice.manager, &practice.director, &practice.records_officer];
    for path in leaving.map(|member| format!("{STAFF}/{}", member.id)) {
        let seen = practice.administrator.get(&path);
        let leave = || {
            let headers = [("authorization", authorization.as_str()), ("if-match", seen.etag().unwrap())];
            let content = Some(("application/json", b"{}".as_slice()));
            almoner_tests::Web::new(world.url()).send("POST", &format!("{path}/leave"), &headers, content)
        };
        let mut answers = std::thread::scope(|threads| {
            [threads.spawn(leave), threads.spawn(leave)].map(|thread| thread.join().unwrap())
        });
        answers.sort_by_key(|answer| answer.status);
        assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 412], "{}", answers[1].body);
        let gone = practice.administrator.get(&path);
        assert_eq!((answers[1].etag(), gone.etag()), (answers[0].etag(), answers[0].etag()));

        let changed = practice.administrator.patch(&path, &gone, &json!({ "name": "Somebody Else" }));
        assert_eq!(changed.status, 409, "{}", changed.body);
        let twice = practice.administrator.change(&format!("{path}/leave"), &gone, &json!({}));
        let detail = Some("the member of staff is gone and cannot be let go.");
        assert_eq!((twice.status, twice.text("/detail")), (409, detail));
    }
}

#[test]
fn a_change_of_line_is_told_to_the_other_managers() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let path = format!("{STAFF}/{}", practice.practitioner.id);
    let administrator = &practice.administrator;
    let changed = administrator.patch(&path, &administrator.get(&path), &json!({ "line_manager_id": null }));
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(world.audited(&practice, "staff.line_changed"), 1);
    let told = practice.manager.get("/v1/practice/notices");
    assert_eq!(told.text("/items/0/kind"), Some("staff.line_changed"), "{}", told.body);
}

#[test]
fn nobody_leaves_who_is_the_last_to_lift_a_restriction() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = crate::practice::cases::record(&practice, &almoner_tests::messages::person());
    let alone = json!([practice.manager.id]);
    assert_eq!(crate::practice::people::restrict(&practice.manager, &person, &alone).status, 200);
    let administrator = &practice.administrator;
    let path = format!("{STAFF}/{}", practice.manager.id);
    let left = administrator.change(&format!("{path}/leave"), &administrator.get(&path), &json!({}));
    assert_eq!(left.status, 409, "{}", left.body);
    let changed = administrator.patch(&path, &administrator.get(&path), &json!({ "roles": ["practitioner"] }));
    assert_eq!(changed.status, 409, "{}", changed.body);
    assert_eq!(administrator.get(&path).body["roles"], json!(["manager"]), "nothing of it was done");
}

#[test]
fn a_link_is_shown_to_whoever_asked_for_it_and_to_nobody_else() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let new =
        json!({ "name": "Robin Hale", "email": format!("robin@{}.example", practice.slug), "roles": ["manager"] });
    let key = almoner_tests::callers::fresh_key();
    let [first, again] = [(); 2].map(|()| practice.administrator.post_with(STAFF, &[("idempotency-key", &key)], &new));
    assert_eq!((first.status, again.header("idempotency-replayed")), (201, Some("true")), "{}", again.body);
    assert_eq!(first.body, again.body);
    let read = practice.administrator.get(&format!("{STAFF}/{}", first.text("/id").unwrap()));
    assert_eq!(read.body.get("link"), None, "{}", read.body);
    assert_eq!(
        practice.manager.get(STAFF).body.pointer("/items/0/email"),
        None::<&Value>,
        "colleagues see no addresses"
    );
}
