//! Several complainants about the same: one complaint each, linked by an officer who has both.

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{assign, follow};
use serde_json::{Value, json};

use super::{Scene, pointers};

#[test]
fn an_officer_links_the_complaints_of_two_people_and_nobody_learns_of_one_that_is_not_theirs() {
    let scene = Scene::new();
    let (receipt, has_both, first) = scene.opened(json!({}));
    let reference = receipt.text("/reference").unwrap();
    let (joined, has_one, second) = scene.opened(json!({ "together_with": reference.to_lowercase() }));
    assert_ne!(has_both.id, has_one.id, "the rota asks one after the other");
    assert!(!joined.body.to_string().contains(reference), "{}", joined.body);
    assert_eq!(has_one.get(&second).text("/together_with"), Some(reference), "as a receipt has it");
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

fn propose(officer: &Staff, complaint: &str, reference: &str) -> Answer {
    officer.create(&format!("{complaint}/link-proposals"), &json!({ "reference": reference }))
}

/// Answers the first proposal that waits in a complaint.
fn answer(officer: &Staff, complaint: &str, agreed: bool) -> Answer {
    let seen = officer.get(complaint);
    let id = seen.text("/link_proposals/0/id").unwrap_or_else(|| panic!("{}", seen.body));
    officer.change(&format!("{complaint}/link-proposals/{id}/answer"), &seen, &json!({ "agreed": agreed }))
}

fn proposals(officer: &Staff, complaint: &str) -> Value {
    officer.get(complaint).body["link_proposals"].clone()
}

#[test]
fn what_no_receipt_could_have_is_no_reference_to_link_with() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    for wrong in ["zzz", "C-AAAAA", "C-AAAAA-AAAA1", "D-AAAAA-AAAAA", "my sister's"] {
        assert_eq!(pointers(&propose(officer, &complaint, wrong)), ["/reference"], "{wrong}");
    }
    assert_eq!(proposals(officer, &complaint), json!([]));
    assert_eq!(propose(officer, &complaint, "c aaaaa aaaaa").status, 201, "whether there is one, nobody is told");
}

#[test]
fn two_officers_link_what_each_has_and_see_no_more_than_the_reference() {
    let scene = Scene::new();
    let (receipt, one, first) = scene.opened(json!({ "narrative": "My visits were cancelled." }));
    let (joined, other, second) = scene.opened(json!({ "narrative": "His visits were cancelled." }));
    assert_ne!(one.id, other.id, "the rota asks one after the other");
    let (reference, others) = (receipt.text("/reference").unwrap(), joined.text("/reference").unwrap());
    let typed = others.to_lowercase().replace('-', " ");
    let asked = propose(one, &first, &typed);
    assert_eq!(asked.status, 201, "{}", asked.body);
    assert_eq!(propose(one, &first, others).status, 409, "it waits");
    assert_eq!(pointers(&propose(one, &first, reference)), ["/reference"], "with itself");
    assert_eq!(propose(other, &first, others).status, 404, "who does not have it");
    let waits = &proposals(one, &first)[0];
    assert_eq!((&waits["reference"], &waits["to_answer"]), (&json!(others), &json!(false)), "{waits}");

    // The same is answered, and nothing follows, where there is no such complaint.
    let none = propose(one, &first, "C-AAAAA-AAAAA");
    let of_nobody = none.body["link_proposals"][1].clone();
    assert_eq!((none.status, &of_nobody["to_answer"]), (201, &json!(false)), "{}", none.body);
    let keys = |one: &Value| one.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(waits), keys(&of_nobody), "nothing tells the two apart");

    let seen = other.get(&second);
    let proposal = &seen.body["link_proposals"][0];
    assert_eq!((&proposal["reference"], &proposal["to_answer"]), (&json!(reference), &json!(true)), "{proposal}");
    let text = seen.body.to_string();
    assert!(!text.contains("My visits") && !text.contains(first.rsplit('/').next().unwrap()), "{text}");
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(other, &second, &guest).status, 201);
    assert_eq!(proposals(&guest, &second), json!([]), "a guest is told of none");
    let own = waits["id"].as_str().unwrap();
    let path = format!("{first}/link-proposals/{own}/answer");
    assert_eq!(one.change(&path, &one.get(&first), &json!({ "agreed": true })).status, 409, "who asks does not answer");

    let path = format!("{second}/link-proposals/{}/answer", proposal["id"].as_str().unwrap());
    let agreed = answer(other, &second, true);
    let again = other.change(&path, &other.get(&second), &json!({ "agreed": false }));
    assert_eq!(again.status, 409, "once: {}", again.body);
    assert_eq!((agreed.status, &agreed.body["linked"]), (200, &json!([{ "reference": reference }])), "{}", agreed.body);
    let linked = one.get(&first);
    assert_eq!(linked.body["linked"], json!([{ "reference": others }]), "{}", linked.body);
    assert_eq!(linked.body["link_proposals"].as_array().unwrap().len(), 1, "that of nobody waits on");
    assert!(!linked.body.to_string().contains("His visits"), "{}", linked.body);
    assert_eq!((one.get(&second).status, other.get(&first).status), (404, 404), "neither has the other by it");
    assert_eq!(guest.get(&second).body["linked"], json!([]));
    let audited = |kind: &str| scene.world.audited_of(scene.council.id.uuid(), kind);
    assert_eq!((audited("complaint.link_proposed"), audited("complaint.link_answered")), (2, 1));
}

#[test]
fn what_a_complainant_gives_is_a_proposal_and_tells_the_app_nothing() {
    let scene = Scene::new();
    let (receipt, has_it, first) = scene.opened(json!({}));
    let reference = receipt.text("/reference").unwrap();
    let app = scene.world.partner();
    let lodged = |together_with: &str| {
        let complaint = scene.complaint(json!({ "together_with": together_with }));
        let answered = app.create("/v1/partner/complaints", &complaint);
        assert_eq!(answered.status, 201, "{}", answered.body);
        answered
    };
    let members = |answer: &Answer| answer.body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (known, unknown) = (lodged(&reference.to_lowercase().replace('-', "")), lodged("C-AAAAA-AAAAA"));
    assert_eq!(members(&known), members(&unknown), "the same answer");
    let followed = |receipt: &Answer| follow(&app, receipt).body.to_string();
    assert!(!followed(&known).contains(reference) && !followed(&receipt).contains("link"), "{}", followed(&known));

    let proposal = &proposals(has_it, &first)[0];
    assert_eq!(proposals(has_it, &first).as_array().unwrap().len(), 1);
    assert_eq!((&proposal["proposed_by"], &proposal["to_answer"]), (&json!("complainant"), &json!(true)), "{proposal}");
    assert_eq!(proposal["reference"], known.body["reference"]);
    let declined = answer(has_it, &first, false);
    assert_eq!((declined.status, &declined.body["linked"]), (200, &json!([])), "{}", declined.body);
    assert_eq!(declined.body["link_proposals"], json!([]));

    // Another council's complaint of this reference is nobody's here.
    let elsewhere = Scene::of(almoner_tests::World::new());
    let (_, officer, theirs) = elsewhere.opened(json!({ "together_with": reference }));
    assert_eq!(officer.get(&theirs).text("/link_proposals/0/reference"), Some(reference));
    assert_eq!(proposals(has_it, &first), json!([]));
}
