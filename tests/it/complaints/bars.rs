//! Who is not asked to open a complaint: each reason that the program knows.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::answer;
use almoner_tests::messages;
use serde_json::{Value, json};

use super::Scene;
use crate::practice::cases::record;

#[test]
fn whoever_has_a_word_of_their_name_in_the_complaint_or_must_not_see_it_is_not_asked() {
    for (changes, asked) in [
        (json!({ "must_not_see": ["Beatrice"] }), "Callum"),
        (json!({ "must_not_see": ["Mrs Oyelaran at the council"] }), "Callum"),
        (json!({ "narrative": "I told beatrice, and nothing was done." }), "Callum"),
        (json!({ "narrative": "O Yelaran did not ring." }), "Callum"),
        (json!({ "wants": "An apology from Ms Oye\u{200b}laran." }), "Callum"),
        (json!({ "together_with": "Beatrice has the other" }), "Callum"),
        (json!({ "language": "Ask Beatrice" }), "Callum"),
        (json!({ "staff": ["Beatrice Oyelaran", "Callum"] }), "Helena"),
        (json!({ "complainant": { "name": "Adebayo Oyelaran", "basis": "recipient" } }), "Callum"),
        (json!({ "staff": ["Beatrice", "Whitfield", "Vance"] }), "Idris"),
        (json!({ "narrative": "Nobody of these is meant." }), "Beatrice"),
    ] {
        let scene = Scene::new();
        scene.world.lodge(&scene.complaint(changes.clone()));
        scene.world.work_for_council(&scene.council);
        assert_eq!(scene.asked().0, asked, "{changes}");
    }
}

#[test]
fn whoever_has_declared_an_interest_is_not_asked() {
    let scene = Scene::new();
    let [first, second] = &scene.desk.officers;
    let declared = first.create("/v1/complaints/interests", &json!({ "practice": scene.practice.slug }));
    assert_eq!(declared.status, 201, "{}", declared.body);
    let family = second.create("/v1/complaints/interests", &json!({ "name": "Edith Marlow" }));
    assert_eq!(family.status, 201, "{}", family.body);
    assert_eq!(second.get("/v1/complaints/interests").body["items"].as_array().unwrap().len(), 1, "one's own");
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Helena");
    let (officer, offer) = scene.offer();
    answer(officer, &offer, false);

    let path = family.header("location").unwrap();
    assert_eq!(first.send("DELETE", path, &[], None).status, 404, "another's");
    assert_eq!(second.send("DELETE", path, &[], None).status, 204);
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum", "who has withdrawn it");
    for wrong in [json!({}), json!({ "name": "A", "practice": scene.practice.slug }), json!({ "practice": "nobodys" })]
    {
        assert_eq!(first.create("/v1/complaints/interests", &wrong).status, 422, "{wrong}");
    }
}

#[test]
fn whoever_works_or_worked_at_the_practice_is_not_asked() {
    let scene = Scene::new();
    let member = json!({
        "name": "Beatrice Oyelaran", "email": scene.desk.officers[0].email, "roles": ["practitioner"],
    });
    scene.world.staff(scene.practice.id, member);
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
}

/// Has somebody of this name refer a person, whom the practice takes on. Returns what the council sent.
fn referred(scene: &Scene, person: &Value, referrer: &str) -> Answer {
    let practice = &scene.practice;
    let mut referral = messages::referral();
    referral["person"]["nhs_number"] = person["nhs_number"].clone();
    referral["referrer"]["name"] = json!(referrer);
    let sent = scene.council.system.post("/v1/council/referrals", &referral);
    assert_eq!(sent.status, 201, "{}", sent.body);
    let known = record(practice, person);
    let arrived = practice.manager.get("/v1/practice/referrals");
    let path = format!("/v1/practice/referrals/{}", arrived.text("/items/0/id").unwrap());
    let onto = json!({ "service_user_id": known });
    let accepted = practice.manager.change(&format!("{path}/accept"), &practice.manager.get(&path), &onto);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    sent
}

#[test]
fn whoever_referred_the_person_by_name_is_neither_asked_nor_let_in() {
    let scene = Scene::new();
    let person = messages::person();
    referred(&scene, &person, "Beatrice Oyelaran");
    let about = json!({ "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] } });
    scene.world.lodge(&scene.complaint(about));
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
    let (officer, offer) = scene.offer();
    let opened = answer(officer, &offer, false);
    let complaint = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap());
    let body = json!({ "officer_id": scene.desk.officers[0].id, "reason": "Is free of conflict." });
    let refused = officer.create(&format!("{complaint}/assignments"), &body);
    assert!(refused.text("/errors/0/detail").unwrap_or_default().contains("referred"), "{}", refused.body);
}

#[test]
fn whoever_did_something_with_a_referral_of_the_persons_is_not_asked() {
    let scene = Scene::new();
    let council = &scene.council;
    let decided =
        scene.world.officer_named(council, "Tamsin Ogilvie", &[OfficerRole::Complaints, OfficerRole::Referrals]);
    let person = messages::person();
    let sent = referred(&scene, &person, "Paul Vane");
    assert_eq!(decided.get(&format!("/v1/council/referrals/{}", sent.text("/id").unwrap())).status, 200);

    let about = json!({ "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] } });
    scene.world.lodge(&scene.complaint(about.clone()));
    scene.world.work_for_council(council);
    let (officer, offer) = scene.offer();
    let opened = answer(officer, &offer, false);
    let complaint = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap());
    // Of the three on the rota two are asked, and then the responsible person.
    for asked in ["Callum", "Beatrice", "Callum"] {
        scene.world.clock.advance(chrono::TimeDelta::minutes(1));
        scene.world.lodge(&scene.complaint(about.clone()));
        scene.world.work_for_council(council);
        assert_eq!(scene.asked().0, asked);
        let (officer, offer) = scene.offer();
        answer(officer, &offer, false);
    }
    let body = json!({ "officer_id": decided.id, "reason": "Is free of conflict." });
    let refused = officer.create(&format!("{complaint}/assignments"), &body);
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/officer_id")), "{}", refused.body);
    assert!(refused.text("/errors/0/detail").unwrap().contains("decided"), "{}", refused.body);
}
