//! Several complainants about the same: one complaint each, linked by an officer who has both.

use almoner_tests::callers::Caller;
use almoner_tests::complaints::{answer, assign, follow};
use serde_json::json;

use super::Scene;

#[test]
fn an_officer_links_the_complaints_of_two_people_and_neither_complainant_is_told_of_the_other() {
    let scene = Scene::new();
    let (receipt, officer, first) = scene.opened(json!({}));
    let joined =
        json!({ "together_with": receipt.text("/reference").unwrap().to_lowercase(), "must_not_see": ["Callum"] });
    let second = scene.world.lodge(&scene.complaint(joined));
    assert!(!second.body.to_string().contains(receipt.text("/reference").unwrap()), "{}", second.body);
    scene.world.work_for_council(&scene.council);
    let (asked, offer) = scene.offer();
    let opened = answer(asked, &offer, false);
    let other = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap());
    assert!(asked.get(&other).text("/together_with").unwrap().to_uppercase().starts_with("C-"), "as it was given");
    let (id, other_id) = (first.rsplit('/').next().unwrap(), other.rsplit('/').next().unwrap());
    let link = format!("{first}/links/{other_id}");
    let both = if asked.id == officer.id {
        None
    } else {
        Some(json!({ "officer_id": officer.id, "reason": "Has the other." }))
    };
    if let Some(body) = &both {
        assert_eq!(officer.send("PUT", &link, &[], None).status, 404, "who has one of them only");
        assert_eq!(asked.create(&format!("{other}/assignments"), body).status, 201);
    }
    for _ in 0..2 {
        assert_eq!(officer.send("PUT", &link, &[], None).status, 204);
    }
    assert_eq!(officer.get(&first).text("/linked/0/id"), Some(other_id));
    assert_eq!(asked.get(&other).text("/linked/0/reference"), receipt.text("/reference"));
    assert_eq!(asked.get(&other).body["linked"].as_array().unwrap().len(), 1, "once");
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &first, &guest).status, 201);
    assert_eq!(guest.get(&first).body["linked"], json!([]), "a guest is told of none");
    let followed = follow(&scene.world.partner(), &receipt);
    assert!(!followed.body.to_string().contains(other_id), "{}", followed.body);

    assert_eq!(officer.send("PUT", &format!("{first}/links/{id}"), &[], None).status, 422, "with itself");
    for _ in 0..2 {
        assert_eq!(asked.send("DELETE", &format!("{other}/links/{id}"), &[], None).status, 204);
    }
    assert_eq!(officer.get(&first).body["linked"], json!([]), "in both directions");
}
