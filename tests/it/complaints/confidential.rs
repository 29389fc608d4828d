//! Confidential complaints: the identity is sealed apart, and is opened for a reason that the complainant reads.

use almoner_tests::callers::Caller;
use almoner_tests::complaints::{assign, follow};
use chrono::TimeDelta;
use serde_json::json;

use super::Scene;

#[test]
fn the_identity_is_opened_for_one_person_for_an_hour_and_the_complainant_reads_why() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({ "confidential": true }));
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &guest).status, 201);
    let shows = |answer: &almoner_demo::web::Answer| answer.body.to_string().contains("Marlow");
    let sealed = officer.get(&complaint);
    assert_eq!((sealed.status, shows(&sealed)), (200, false), "{}", sealed.body);
    assert!(["complainant", "person", "contact"].iter().all(|member| sealed.body.get(*member).is_none()));

    let path = format!("{complaint}/unsealings");
    let why = json!({ "reason": "To agree with you when it is safe to ring." });
    let unsealed = officer.create(&path, &why);
    assert_eq!((unsealed.status, shows(&unsealed)), (201, true), "{}", unsealed.body);
    assert!(unsealed.text("/unsealed_until").unwrap().starts_with("2026-11-20T11:00"), "{}", unsealed.body);
    assert!(shows(&officer.get(&complaint)));
    assert!(!shows(&guest.get(&complaint)), "for one person");
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/unsealings/0/reason"), Some("To agree with you when it is safe to ring."));

    scene.world.clock.advance(TimeDelta::minutes(6));
    let late = officer.create(&path, &why);
    assert_eq!((late.status, late.text("/type")), (401, Some("/problems/step-up-required")), "{}", late.body);
    scene.world.clock.advance(TimeDelta::minutes(55));
    officer.forget_token();
    assert!(!shows(&officer.get(&complaint)), "after sixty minutes");
    scene.desk.officers[1].forget_token();
    assert_eq!(scene.desk.officers[1].create(&path, &why).status, 404, "who does not have it");
    assert_eq!(officer.create(&path, &json!({ "reason": " " })).status, 422);
}

#[test]
fn what_is_not_confidential_is_not_unsealed() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    assert_eq!(officer.get(&complaint).text("/complainant/name"), Some("Edith Marlow"));
    let refused = officer.create(&format!("{complaint}/unsealings"), &json!({ "reason": "To ring you." }));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    assert_eq!(follow(&scene.world.partner(), &receipt).body["unsealings"], json!([]), "nothing is said of it");
}

#[test]
fn an_offer_of_a_confidential_complaint_names_whom_it_is_about_and_nobody_else() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({ "confidential": true, "staff": ["Hannah Price"] })));
    scene.world.work_for_council(&scene.council);
    let (officer, offer) = scene.offer();
    let read = officer.get(&format!("/v1/complaints/offers/{offer}"));
    assert_eq!(read.body["concerned"], json!(["Hannah Price"]), "{}", read.body);
}
