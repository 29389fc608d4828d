//! The complainant objects to somebody who has their complaint.

use almoner_demo::web::Answer;
use almoner_tests::World;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{answer, assign, follow};
use serde_json::{Value, json};

use super::{NOBODYS, Scene, pointers, sees};

/// Objects to whoever stands at this place among those who have the complaint.
fn object(world: &World, receipt: &Answer, place: usize, words: Option<&str>) -> Answer {
    let followed = follow(&world.partner(), receipt);
    let mut body = json!({ "assignment_id": followed.body["has_it"][place]["id"] });
    if let Some(words) = words {
        body["words"] = words.into();
    }
    send(world, receipt, &body)
}

fn send(world: &World, receipt: &Answer, body: &Value) -> Answer {
    let path = format!("/v1/partner/complaints/{}/objections", receipt.text("/reference").unwrap());
    let code = receipt.text("/access_code").unwrap();
    world.partner().post_with(&path, &[("complaint-access-code", code), ("idempotency-key", &fresh_key())], body)
}

#[test]
fn a_guest_has_it_no_more_from_the_next_request_on_and_is_not_let_in_again() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &guest).status, 201);
    assert!(sees(&guest, &complaint));
    let objected = object(&scene.world, &receipt, 1, Some("She is my neighbour's sister."));
    assert_eq!(objected.status, 201, "{}", objected.body);
    assert_eq!(objected.body["has_it"].as_array().unwrap().len(), 1, "{}", objected.body);
    assert!(!sees(&guest, &complaint));
    assert_eq!(assign(officer, &complaint, &guest).status, 422, "who had it before");
    assert_eq!(officer.get(&complaint).text("/messages/0/text"), Some("She is my neighbour's sister."));
    scene.world.work_for_council(&scene.council);
    assert!(scene.desk.offers().is_empty(), "the officer has it");
}

#[test]
fn an_officer_has_it_until_the_next_has_opened_it() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    assert_eq!(object(&scene.world, &receipt, 0, None).status, 201);
    assert_eq!(object(&scene.world, &receipt, 0, None).status, 201, "the same again changes nothing");
    scene.world.work_for_council(&scene.council);
    assert!(sees(officer, &complaint), "no complaint is nobody's");
    assert_eq!(scene.asked().0, "Callum");
    let (next, offer) = scene.offer();
    assert_eq!(answer(next, &offer, false).status, 200);
    scene.world.work_for_council(&scene.council);
    assert!(!sees(officer, &complaint) && sees(next, &complaint), "within seconds");
    scene.it_is("2026-11-22T12:00:00Z");
    assert!(scene.desk.offers().is_empty(), "somebody has it");
}

#[test]
fn where_nobody_is_left_who_could_open_it_the_officer_keeps_it() {
    let scene = Scene::new();
    let named = json!({ "must_not_see": ["Callum Whitfield", "Helena Vance", "Idris Rahman"] });
    let (receipt, officer, complaint) = scene.opened(named);
    assert_eq!(object(&scene.world, &receipt, 0, None).status, 201);
    scene.world.work_for_council(&scene.council);
    assert!(scene.desk.offers().is_empty() && sees(officer, &complaint));
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.stranded"), 0, "somebody has it");
}

#[test]
fn nobody_objects_to_whom_the_complaint_is_not_assigned() {
    let scene = Scene::new();
    let (receipt, _, _) = scene.opened(json!({}));
    let (other, _, _) = scene.opened(json!({}));
    let elsewhere = follow(&scene.world.partner(), &other).body["has_it"][0]["id"].clone();
    for id in [json!(NOBODYS), elsewhere] {
        assert_eq!(pointers(&send(&scene.world, &receipt, &json!({ "assignment_id": id }))), ["/assignment_id"]);
    }
    let mut wrong = receipt.clone();
    wrong.body["access_code"] = "a".repeat(32).into();
    assert_eq!(send(&scene.world, &wrong, &json!({ "assignment_id": NOBODYS })).status, 404);
}
