use almoner_tests::World;
use almoner_tests::callers::{Caller, fresh_key};
use serde_json::{Value, json};

use super::times_listed;

fn member(email: &str) -> Value {
    json!({
        "name": "Hannah Price", "email": email, "roles": ["social_worker"], "social_work_england_number": "SW123456",
    })
}

fn somebody_new() -> Value {
    member(&format!("hannah.price@{}.example", fresh_key()))
}

#[test]
fn the_first_people_of_a_practice_are_invited_from_here_and_shown_a_link_once() {
    let world = World::new();
    let operator = world.operator();
    let practice = world.bare_practice();
    let staff_of = format!("/v1/operator/practices/{practice}/staff");
    let (new, key) = (somebody_new(), fresh_key());
    let [first, again] = [(); 2].map(|()| operator.post_with(&staff_of, &[("idempotency-key", &key)], &new));
    assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (201, 201, Some("true")));
    assert_eq!(first.body, again.body);
    for (member, value) in new.as_object().unwrap() {
        assert_eq!(&first.body[member], value);
    }
    assert!(first.text("/link/token").unwrap().len() > 60, "256 bits and more");
    assert_eq!(times_listed(&operator, &staff_of, &first.body["id"]), 1);
    let list = operator.get(&staff_of).body.to_string();
    assert!(!list.contains("token") && !list.contains("password"), "{list}");

    let twice = operator.create(&staff_of, &new);
    assert_eq!((twice.status, twice.text("/errors/0/pointer")), (409, Some("/email")), "{}", twice.body);
}

#[test]
fn once_a_practice_has_an_administrator_they_and_nobody_else_invite() {
    let world = World::new();
    let operator = world.operator();
    let practice = world.bare_practice();
    let staff_of = format!("/v1/operator/practices/{practice}/staff");
    let mut administrator = somebody_new();
    administrator["roles"] = json!(["administrator"]);
    let invited = operator.create(&staff_of, &administrator);
    assert_eq!(operator.create(&staff_of, &somebody_new()).status, 201, "nobody has joined yet");
    world.accept(invited.text("/link/token").unwrap());
    let refused = operator.create(&staff_of, &somebody_new());
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
}

#[test]
fn what_is_no_member_is_refused_at_its_place() {
    let world = World::new();
    let operator = world.operator();
    let (practice, elsewhere) = (world.bare_practice(), world.practice_with(json!({})));
    let staff_of = format!("/v1/operator/practices/{practice}/staff");
    for (member, value, pointer) in [
        ("email", json!("hannah at severn"), "/email"),
        ("roles", json!([]), "/roles"),
        ("roles", json!(["social_worker", "director"]), "/roles/1"),
        ("roles", json!(["operator"]), "/roles/0"),
        ("social_work_england_number", Value::Null, "/social_work_england_number"),
        ("social_work_england_number", json!("123"), "/social_work_england_number"),
        ("line_manager_id", json!(elsewhere.manager.id), "/line_manager_id"),
        ("deputy_for_id", json!(uuid::Uuid::nil()), "/deputy_for_id"),
        ("password", json!("of my own choosing"), "/password"),
        ("operator", json!(true), "/operator"),
    ] {
        let mut new = somebody_new();
        new[member] = value;
        let refused = operator.create(&staff_of, &new);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
    let nowhere = format!("/v1/operator/practices/{}/staff", uuid::Uuid::nil());
    assert_eq!(operator.create(&nowhere, &somebody_new()).status, 404);
    assert_eq!(operator.get(&nowhere).status, 404);
}
