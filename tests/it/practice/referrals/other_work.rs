//! A person with whom there is other open work when a referral is accepted.

use almoner_demo::web::Answer;
use almoner_tests::{Council, Practice, World, messages};
use serde_json::{Value, json};

use super::{accept, council_and_practice, due_first, send};
use crate::practice::cases::close;

/// Sends a referral to this practice about the person of `first`, and returns it as it arrives, with the council's id of it.
fn send_again(council: &Council, practice: &Practice, first: &Value, changes: &Value) -> (Answer, String) {
    let mut message = messages::referral();
    message["person"] = first["person"].clone();
    message["chosen_practice"] = practice.slug.as_str().into();
    for (member, value) in changes.as_object().unwrap() {
        message["person"][member] = value.clone();
    }
    let sent = send(council, &message);
    (due_first(&practice.manager), sent.text("/id").unwrap().to_owned())
}

#[test]
fn of_a_second_open_case_the_practice_and_the_council_are_told() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let message = messages::referral();
    let (received, request) = send_again(&council, &practice, &message, &json!({}));
    let first = accept(&practice.manager, &received, &json!({}));
    assert_eq!(first.body.get("other_open_cases"), None, "{}", first.body);
    assert_eq!(world.announced(&council, "referral.second_open_case", &request), 0);

    let whom = json!({ "service_user_id": first.body["service_user_id"] });
    let (received, request) = send_again(&council, &practice, &message, &json!({}));
    let second = accept(&practice.manager, &received, &whom);
    assert_eq!(second.body["other_open_cases"][0]["id"], first.body["case_id"], "{}", second.body);
    assert_eq!(world.announced(&council, "referral.second_open_case", &request), 1);
    assert_eq!(world.announced(&council, "referral.open_elsewhere", &request), 0, "it is one practice");

    for case in [&first, &second] {
        let path = format!("/v1/practice/cases/{}", case.text("/case_id").unwrap());
        assert_eq!(close(&practice.manager, &path, &messages::close_on_death()).status, 200);
    }
    let (received, request) = send_again(&council, &practice, &message, &json!({}));
    let third = accept(&practice.manager, &received, &whom);
    assert_eq!(third.body.get("other_open_cases"), None, "what is closed is not open: {}", third.body);
    assert_eq!(world.announced(&council, "referral.second_open_case", &request), 0);
}

#[test]
fn a_council_is_not_told_of_anothers_case() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let other = world.council();
    world.contract(&other, &practice, json!({}));
    let message = messages::referral();
    let (received, _) = send_again(&council, &practice, &message, &json!({}));
    let first = accept(&practice.manager, &received, &json!({}));
    let (received, request) = send_again(&other, &practice, &message, &json!({}));
    let second = accept(&practice.manager, &received, &json!({ "service_user_id": first.body["service_user_id"] }));
    assert_eq!(second.body["other_open_cases"][0]["id"], first.body["case_id"], "the practice knows its own cases");
    for kind in ["referral.second_open_case", "referral.open_elsewhere"] {
        assert_eq!(world.announced(&other, kind, &request), 0, "{kind}");
    }
}

#[test]
fn of_work_at_another_practice_the_council_alone_is_told() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let second_practice = world.practice(&council);
    let same_id = json!({ "nhs_number": messages::nhs_number(900_000) });
    let same_number = json!({ "council_person_id": "WRITTEN-OTHERWISE" });
    let neither = json!({ "nhs_number": messages::nhs_number(900_030), "council_person_id": "ANOTHER" });
    for (changes, told) in [(same_id, 1), (same_number, 1), (neither, 0)] {
        let message = messages::referral();
        let (received, _) = send_again(&council, &practice, &message, &json!({}));
        let first = accept(&practice.manager, &received, &json!({}));
        assert_eq!(first.status, 200, "{}", first.body);
        let (received, request) = send_again(&council, &second_practice, &message, &changes);
        let second = accept(&second_practice.manager, &received, &json!({}));
        assert_eq!(second.status, 200, "{}", second.body);
        assert_eq!(world.announced(&council, "referral.open_elsewhere", &request), told, "{changes}");
        for hidden in ["elsewhere", practice.slug.as_str()] {
            assert!(!second.body.to_string().contains(hidden), "{}", second.body);
        }
        assert_eq!(world.audited(&second_practice, "referral.open_elsewhere"), 0, "nor does its log say so");
    }
}

#[test]
fn work_that_has_ended_elsewhere_or_another_councils_is_not_open_elsewhere() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let second_practice = world.practice(&council);
    let message = messages::referral();
    let (received, _) = send_again(&council, &practice, &message, &json!({}));
    let first = accept(&practice.manager, &received, &json!({}));
    let path = format!("/v1/practice/cases/{}", first.text("/case_id").unwrap());
    assert_eq!(close(&practice.manager, &path, &messages::close_on_death()).status, 200);
    let (received, request) = send_again(&council, &second_practice, &message, &json!({}));
    assert_eq!(accept(&second_practice.manager, &received, &json!({})).status, 200);
    assert_eq!(world.announced(&council, "referral.open_elsewhere", &request), 0, "its case is closed");

    let other = world.council();
    world.contract(&other, &practice, json!({}));
    let (received, request) = send_again(&other, &practice, &message, &json!({}));
    assert_eq!(accept(&practice.manager, &received, &json!({})).status, 200);
    assert_eq!(
        world.announced(&other, "referral.open_elsewhere", &request),
        0,
        "the other request is another council's"
    );
}
