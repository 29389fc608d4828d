//! Several complainants about the same: one complaint each, linked by an officer who has both.

use almoner_tests::callers::Caller;
use almoner_tests::complaints::{assign, follow};
use serde_json::json;

use super::Scene;

#[test]
fn an_officer_links_the_complaints_of_two_people_and_nobody_learns_of_one_that_is_not_theirs() {
    let scene = Scene::new();
    let (receipt, has_both, first) = scene.opened(json!({}));
    let reference = receipt.text("/reference").unwrap();
    let (joined, has_one, second) = scene.opened(json!({ "together_with": reference.to_lowercase() }));
    assert_ne!(has_both.id, has_one.id, "the rota asks one after the other");
    assert!(!joined.body.to_string().contains(reference), "{}", joined.body);
    assert_eq!(has_one.get(&second).text("/together_with"), Some(reference.to_lowercase().as_str()), "as it was given");
    let (id, other_id) = (first.rsplit('/').next().unwrap(), second.rsplit('/').next().unwrap());
    let (there, back) = (format!("{first}/links/{other_id}"), format!("{second}/links/{id}"));
    assert_eq!(has_both.send("PUT", &there, &[], None).status, 404, "who has the first alone");
    assert_eq!(has_one.send("PUT", &back, &[], None).status, 404, "who has the second alone");
    assert_eq!(has_one.send("PUT", &format!("{first}/links/{id}"), &[], None).status, 404, "who has neither");
    let let_in = json!({ "officer_id": has_both.id, "reason": "Has the other." });
    assert_eq!(has_one.create(&format!("{second}/assignments"), &let_in).status, 201);
    for _ in 0..2 {
        assert_eq!(has_both.send("PUT", &there, &[], None).status, 204);
    }
    assert_eq!(has_both.send("PUT", &format!("{first}/links/{id}"), &[], None).status, 422, "with itself");

    let linked = |one: &str| has_both.get(one).body["linked"].clone();
    assert_eq!(linked(&first), json!([{ "id": other_id, "reference": joined.text("/reference") }]));
    assert_eq!(linked(&second), json!([{ "id": id, "reference": reference }]));
    assert_eq!(has_one.get(&second).body["linked"], json!([]), "who has one learns nothing of the other");
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(has_both, &first, &guest).status, 201);
    assert_eq!(guest.get(&first).body["linked"], json!([]), "nor does a guest");
    for receipt in [&receipt, &joined] {
        let followed = follow(&scene.world.partner(), receipt).body.to_string();
        assert!(!followed.contains(id) && !followed.contains(other_id), "{followed}");
    }

    assert_eq!(has_one.send("DELETE", &back, &[], None).status, 404);
    for _ in 0..2 {
        assert_eq!(has_both.send("DELETE", &back, &[], None).status, 204);
    }
    assert_eq!((linked(&first), linked(&second)), (json!([]), json!([])), "in both directions");
}
