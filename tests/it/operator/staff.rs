use almoner::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, World};
use serde_json::{Value, json};

use super::times_listed;

fn staff_of(practice: &Practice) -> String {
    format!("/v1/operator/practices/{}/staff", practice.id)
}

fn member(email: &str) -> Value {
    json!({
        "name": "Hannah Price", "email": email, "roles": ["social_worker"], "social_work_england_number": "SW123456",
    })
}

fn somebody_new() -> Value {
    member(&format!("hannah.price@{}.example", fresh_key()))
}

fn sign_in(world: &World, member: &Value, password: &str) -> Answer {
    world.anyone().post("/v1/practice/sessions", &json!({ "email": member["email"], "password": password }))
}

#[test]
fn a_first_password_is_drawn_shown_once_and_signs_in() {
    let world = World::new();
    let operator = world.operator();
    let practice = world.practice_with(json!({}));
    let mut new = somebody_new();
    new["line_manager_id"] = json!(practice.manager.id);
    let made = operator.create(&staff_of(&practice), &new);
    assert_eq!(made.status, 201, "{}", made.body);
    for (member, value) in new.as_object().unwrap() {
        assert_eq!(&made.body[member], value);
    }
    let password = made.text("/first_password").unwrap();
    assert!(password.len() >= 32, "160 bits");
    let signed_in = sign_in(&world, &new, password);
    assert_eq!((signed_in.status, &signed_in.body["staff_id"]), (201, &made.body["id"]), "{}", signed_in.body);

    assert_eq!(times_listed(&operator, &staff_of(&practice), &made.body["id"]), 1);
    let list = operator.get(&staff_of(&practice)).body.to_string();
    assert!(!list.contains("password") && !list.contains("argon2"), "{list}");
}

#[test]
fn the_same_request_with_its_key_shows_the_same_first_password() {
    let world = World::new();
    let operator = world.operator();
    let practice = world.practice_with(json!({}));
    let (new, key) = (somebody_new(), fresh_key());
    let [first, again] = [(); 2].map(|()| operator.post_with(&staff_of(&practice), &[("idempotency-key", &key)], &new));
    assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (201, 201, Some("true")));
    assert_eq!(first.body, again.body);
    assert_eq!(sign_in(&world, &new, again.text("/first_password").unwrap()).status, 201);

    let twice = operator.create(&staff_of(&practice), &new);
    assert_eq!((twice.status, twice.text("/errors/0/pointer")), (409, Some("/email")), "{}", twice.body);
}

#[test]
fn somebody_with_an_account_keeps_it_and_its_password() {
    let world = World::new();
    let operator = world.operator();
    let [one, other] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let new = member(&one.social_worker.email.to_uppercase());
    let made = operator.create(&staff_of(&other), &new);
    assert_eq!((made.status, made.text("/first_password")), (201, None), "{}", made.body);
    assert_eq!(made.text("/email"), Some(one.social_worker.email.as_str()));
    let entered = one.social_worker.sign_in(Some(&other.slug));
    assert_eq!((entered.status, &entered.body["staff_id"]), (201, &made.body["id"]), "{}", entered.body);
    assert_eq!(one.social_worker.sign_in(Some(&one.slug)).status, 201, "and the first membership");
}

#[test]
fn what_is_no_member_is_refused_at_its_place() {
    let world = World::new();
    let operator = world.operator();
    let [practice, elsewhere] = [world.practice_with(json!({})), world.practice_with(json!({}))];
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
        let refused = operator.create(&staff_of(&practice), &new);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
        assert_eq!(sign_in(&world, &new, "of my own choosing").status, 401, "nobody was entered");
    }
    let nowhere = format!("/v1/operator/practices/{}/staff", uuid::Uuid::nil());
    assert_eq!(operator.create(&nowhere, &somebody_new()).status, 404);
    assert_eq!(operator.get(&nowhere).status, 404);
}
