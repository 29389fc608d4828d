//! The complainant objects to somebody who has their complaint.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::World;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{answer, assign, follow};
use serde_json::{Value, json};

use super::{NOBODYS, Scene, pointers, sees};

/// Objects to whoever stands at this place among those who have the complaint.
pub(super) fn object(world: &World, receipt: &Answer, place: usize, words: Option<&str>) -> Answer {
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
fn where_nobody_is_left_the_responsible_person_decides_with_reasons_and_the_complainant_reads_them() {
    let scene = Scene::new();
    let about_council = json!({ "about": ["council"], "must_not_see": ["Idris Rahman", "Beatrice", "Callum"] });
    let (receipt, responsible, complaint) = scene.opened(about_council);
    assert_eq!(responsible.id, scene.desk.responsible.id);
    assert_eq!(object(&scene.world, &receipt, 0, Some("She is the head of those whom I complain about.")).status, 201);
    let list = format!("{complaint}/assignments");
    let keep = || {
        let path = format!("{list}/{}/keep", responsible.get(&list).text("/items/0/id").unwrap());
        responsible.create(&path, &json!({ "reason": "Nobody else at the council answers for complaints." }))
    };
    assert_eq!(keep().status, 409, "others are asked first");
    scene.world.work_for_council(&scene.council);
    assert!(responsible.get(&list).text("/items/0/nobody_left_since").is_some());
    let kept = keep();
    assert_eq!(kept.status, 201, "{}", kept.body);
    assert!(kept.text("/items/0/kept_at").is_some(), "{}", kept.body);
    assert_eq!(keep().status, 409, "once");
    let told = follow(&scene.world.partner(), &receipt);
    let told = told.text("/messages/1/text").unwrap_or_else(|| panic!("{}", told.body));
    assert!(told.starts_with("Nobody else at the council") && told.contains("www.lgo.org.uk"), "{told}");
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.objection_decided"), 1);
    scene.it_is("2026-11-20T13:00:00Z");
    assert!(scene.desk.offers().is_empty() && sees(responsible, &complaint));
    // Whoever objects once more is heard again.
    assert_eq!(object(&scene.world, &receipt, 0, None).status, 201);
    assert!(responsible.get(&list).body["items"][0].get("kept_at").is_none());
    let (_, officer, other) = scene.opened(json!({}));
    let own = officer.get(&format!("{other}/assignments"));
    let path = format!("{other}/assignments/{}/keep", own.text("/items/0/id").unwrap());
    assert_eq!(
        officer.create(&path, &json!({ "reason": "So." })).status,
        403,
        "an officer decides nothing for themselves"
    );
}

#[test]
fn who_comes_back_is_asked_and_the_responsible_person_decides_nothing_meanwhile() {
    let scene = Scene::new();
    let about_council = json!({ "about": ["council"], "must_not_see": ["Beatrice", "Callum"] });
    let (receipt, responsible, complaint) = scene.opened(about_council);
    let alternate = &scene.desk.alternate;
    let elsewhere = scene.world.officer_named(&scene.council, "Nobody Else", &[OfficerRole::Administrator]);
    let leaves = json!({ "last_day": "2026-11-20" });
    let path = format!("/v1/council/officers/{}", alternate.id);
    elsewhere.step_up();
    let leaving = elsewhere.put(&format!("{path}/leaving"), &elsewhere.get(&path), &leaves);
    assert_eq!(leaving.status, 200, "{}", leaving.body);
    scene.world.set_clock("2026-11-21T10:00:00Z");
    scene.desk.forget_tokens();
    assert_eq!(object(&scene.world, &receipt, 0, None).status, 201);
    scene.world.work_for_council(&scene.council);
    let list = format!("{complaint}/assignments");
    assert!(responsible.get(&list).text("/items/0/nobody_left_since").is_some());
    // An alternate is appointed, and asked within the hour.
    let next = scene.world.officer_named(&scene.council, "Amara Quist", &[OfficerRole::Alternate]).at_complaints();
    scene.world.set_clock("2026-11-21T12:00:00Z");
    scene.desk.forget_tokens();
    scene.world.work_for_council(&scene.council);
    assert_eq!(next.get("/v1/complaints/offers").body["items"].as_array().unwrap().len(), 1);
    let listed = responsible.get(&list);
    assert!(listed.body["items"][0].get("nobody_left_since").is_none(), "{}", listed.body);
    let path = format!("{list}/{}/keep", listed.text("/items/0/id").unwrap());
    assert_eq!(responsible.create(&path, &json!({ "reason": "So." })).status, 409);
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
