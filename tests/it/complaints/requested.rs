//! What takes away from a complaint or turns it: it counts once the contact given at lodging has confirmed it.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{answer, assign, follow};
use almoner_tests::{Staff, World};
use serde_json::{Value, json};

use super::{Scene, acknowledge, plan, pointers, sees};

/// Asks for something with the receipt.
fn ask(world: &World, receipt: &Answer, request: &Value) -> Answer {
    let path = format!("/v1/partner/complaints/{}/requests", receipt.text("/reference").unwrap());
    let code = receipt.text("/access_code").unwrap();
    world.partner().post_with(&path, &[("complaint-access-code", code), ("idempotency-key", &fresh_key())], request)
}

/// Decides on the latest request.
fn decide(officer: &Staff, complaint: &str, confirmed: bool) -> Answer {
    let seen = officer.get(complaint);
    let requests = seen.body["requests"].as_array().unwrap_or_else(|| panic!("{}", seen.body));
    let id = requests.last().unwrap()["id"].as_str().unwrap();
    let words = json!({
        "confirmed": confirmed, "told_by": "phone", "told_on": seen_on(requests.last().unwrap()),
        "words": "She said so herself.",
    });
    officer.change(&format!("{complaint}/requests/{id}/decide"), &seen, &words)
}

fn seen_on(request: &Value) -> &str {
    &request["made_at"].as_str().unwrap()[..10]
}

#[test]
fn a_complaint_is_withdrawn_by_the_contact_given_at_lodging_and_not_by_whoever_photographed_the_receipt() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    let asked = ask(&scene.world, &receipt, &json!({ "kind": "withdrawal", "words": "I do not want it any more." }));
    assert_eq!((asked.status, asked.text("/status")), (201, Some("received")), "{}", asked.body);
    assert_eq!(asked.text("/requests/0/decide_by"), Some("2026-11-27"), "five working days");
    assert_eq!(handler.get(&complaint).body["requests"], json!([]), "what is asked for goes to the officers");
    let id = officer.get(&complaint).text("/requests/0/id").unwrap().to_owned();
    let path = format!("{complaint}/requests/{id}/decide");
    let yes = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-11-20", "words": "She said so." });
    assert_eq!(handler.change(&path, &handler.get(&complaint), &yes).status, 403, "a guest confirms nothing");

    let refused = decide(officer, &complaint, false);
    assert_eq!((refused.status, refused.text("/status")), (200, Some("received")), "{}", refused.body);
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.body["requests"][0]["confirmed"], json!(false));
    assert_eq!(followed.text("/requests/0/told_by"), Some("phone"), "that contact is told in any case");
    assert_eq!(officer.change(&path, &officer.get(&complaint), &yes).status, 409, "decided once");

    ask(&scene.world, &receipt, &json!({ "kind": "withdrawal" }));
    let withdrawn = decide(officer, &complaint, true);
    assert_eq!((withdrawn.status, withdrawn.text("/status")), (200, Some("withdrawn")), "{}", withdrawn.body);
    ask(&scene.world, &receipt, &json!({ "kind": "withdrawal" }));
    assert_eq!(decide(officer, &complaint, true).status, 409, "out of order");
}

#[test]
fn a_period_is_extended_with_agreement_and_before_it_expires() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let later = json!({ "kind": "extension", "respond_by": "2027-06-30" });
    assert_eq!(officer.create(&format!("{complaint}/requests"), &later).status, 201, "an officer proposes it");
    assert_eq!(decide(officer, &complaint, true).status, 409, "nothing is planned yet");
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-12-18");
    let extended = decide(officer, &complaint, true);
    assert_eq!(extended.text("/response_due_on"), Some("2027-06-30"), "{}", extended.body);
    assert_eq!(extended.text("/response_latest_on"), Some("2027-06-30"), "beyond six months, because she agreed");
    assert_eq!(follow(&scene.world.partner(), &receipt).text("/response_latest_on"), Some("2027-06-30"));
    ask(&scene.world, &receipt, &json!({ "kind": "extension", "respond_by": "2027-06-01" }));
    assert_eq!(pointers(&decide(officer, &complaint, true)), ["/confirmed"], "an earlier day extends nothing");

    ask(&scene.world, &receipt, &json!({ "kind": "extension", "respond_by": "2027-08-31" }));
    scene.it_is("2027-07-01T09:00:00Z");
    assert_eq!(pointers(&decide(officer, &complaint, true)), ["/confirmed"], "it has expired");
    assert_eq!(decide(officer, &complaint, false).status, 200);
}

#[test]
fn nobody_is_asked_for_more_than_two_years() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    for (day, status) in [("9999-12-31", 422), ("2028-11-21", 422), ("2028-11-20", 201)] {
        let later = json!({ "kind": "extension", "respond_by": day });
        for asked in [ask(&scene.world, &receipt, &later), officer.create(&format!("{complaint}/requests"), &later)] {
            assert_eq!(asked.status, status, "{day}: {}", asked.body);
            assert!(status == 201 || pointers(&asked) == ["/respond_by"], "{day}: {}", asked.body);
        }
    }
}

#[test]
fn an_extension_that_was_agreed_on_the_last_day_is_recorded_the_next_day_and_one_agreed_later_is_not() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    scene.it_is("2026-11-24T09:00:00Z");
    plan(officer, &complaint, "2026-12-18");
    scene.it_is("2026-12-19T09:00:00Z");
    let later = json!({ "kind": "extension", "respond_by": "2027-01-29" });
    let asked = officer.create(&format!("{complaint}/requests"), &later);
    let path = format!("{complaint}/requests/{}/decide", asked.text("/requests/0/id").unwrap());
    let decides = |changes: Value| {
        let mut with =
            json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-12-19", "words": "She agreed." });
        with.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        officer.change(&path, &officer.get(&complaint), &with)
    };
    for (changes, at) in [
        (json!({}), "/confirmed"),
        (json!({ "agreed_on": "2026-12-19" }), "/confirmed"),
        (json!({ "agreed_on": "2026-12-20" }), "/agreed_on"),
        (json!({ "agreed_on": "2026-11-23" }), "/agreed_on"),
        (json!({ "agreed_on": "2026-12-18", "confirmed": false }), "/agreed_on"),
        (json!({ "agreed_on": "2026-12-18", "told_on": "2026-12-17" }), "/told_on"),
        (json!({ "told_on": "2026-12-18" }), "/told_on"),
    ] {
        assert_eq!(pointers(&decides(changes.clone())), [at], "{changes}");
    }
    assert_eq!(officer.get(&complaint).text("/response_due_on"), Some("2026-12-18"));
    let extended = decides(json!({ "agreed_on": "2026-12-18", "told_on": "2026-12-18" }));
    assert_eq!(extended.text("/response_due_on"), Some("2027-01-29"), "{}", extended.body);
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(
        followed.text("/requests/0/agreed_on"),
        Some("2026-12-18"),
        "she reads on which day she is said to have agreed"
    );
    // What takes something away in another way has no such day.
    ask(&scene.world, &receipt, &json!({ "kind": "withdrawal" }));
    let path = format!("{complaint}/requests/{}/decide", officer.get(&complaint).text("/requests/1/id").unwrap());
    let with = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-12-19", "agreed_on": "2026-12-18", "words": "So." });
    assert_eq!(pointers(&officer.change(&path, &officer.get(&complaint), &with)), ["/agreed_on"]);
}

#[test]
fn contact_complainant_and_who_must_not_see_it_change_once_they_are_confirmed() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({ "must_not_see": ["Margaret Ashby"] }));
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &guest).status, 422);
    let other = json!({ "kind": "contact", "contact": { "preferred": "phone", "phone": "07700 900999" } });
    ask(&scene.world, &receipt, &other);
    assert_eq!(officer.get(&complaint).text("/contact/phone"), Some("07700 900461"), "nothing changes by asking");
    let changed = decide(officer, &complaint, true);
    assert_eq!(changed.text("/contact/phone"), Some("07700 900999"), "{}", changed.body);
    assert_eq!(
        changed.text("/contact_at_lodging/phone"),
        Some("07700 900461"),
        "what comes next is confirmed there too"
    );

    let son = json!({ "name": "Peter Marlow", "basis": "representative", "representation_reason": "requested" });
    ask(&scene.world, &receipt, &json!({ "kind": "complainant", "complainant": son }));
    assert_eq!(decide(officer, &complaint, true).text("/complainant/name"), Some("Peter Marlow"));
    ask(&scene.world, &receipt, &json!({ "kind": "person", "person": { "family_name": "Marlowe" } }));
    assert_eq!(decide(officer, &complaint, true).text("/person/family_name"), Some("Marlowe"));
    ask(&scene.world, &receipt, &json!({ "kind": "consent", "body": "Severn Care Ltd" }));
    assert_eq!(decide(officer, &complaint, true).status, 200);
    ask(&scene.world, &receipt, &json!({ "kind": "may_see", "name": "Somebody Else" }));
    assert_eq!(pointers(&decide(officer, &complaint, true)), ["/confirmed"], "nobody of that name");
    assert_eq!(decide(officer, &complaint, false).status, 200);
    ask(&scene.world, &receipt, &json!({ "kind": "may_see", "name": "margaret  ASHBY" }));
    assert_eq!(decide(officer, &complaint, true).body["must_not_see"], json!([]));
    assert_eq!(assign(officer, &complaint, &guest).status, 201);
}

#[test]
fn in_a_confidential_complaint_a_request_says_who_somebody_is_once_that_is_unsealed() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({ "confidential": true }));
    let son = json!({ "name": "Peter Oakden", "basis": "representative", "representation_reason": "requested" });
    ask(&scene.world, &receipt, &json!({ "kind": "complainant", "complainant": son }));
    ask(
        &scene.world,
        &receipt,
        &json!({ "kind": "contact", "contact": { "preferred": "phone", "phone": "07700 900999" } }),
    );
    ask(&scene.world, &receipt, &json!({ "kind": "person", "person": { "family_name": "Oakden" } }));
    let sealed = officer.get(&complaint);
    assert_eq!(sealed.body["requests"].as_array().unwrap().len(), 3, "{}", sealed.body);
    let text = sealed.body.to_string();
    assert!(!text.contains("Oakden") && !text.contains("900999"), "{text}");
    let confirmed = decide(officer, &complaint, true);
    assert!(!confirmed.body.to_string().contains("Oakden"), "{}", confirmed.body);
    let why = json!({ "reason": "To ring you." });
    let unsealed = officer.create(&format!("{complaint}/unsealings"), &why);
    assert_eq!(unsealed.text("/person/family_name"), Some("Oakden"), "what was confirmed counts: {}", unsealed.body);
    assert_eq!(unsealed.text("/requests/0/complainant/name"), Some("Peter Oakden"));
}

#[test]
fn a_request_that_may_name_an_officer_is_closed_to_them_and_another_is_asked() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let words = json!({ "kind": "withdrawal", "words": "Ms Oyelaran told me that I had better." });
    assert_eq!(ask(&scene.world, &receipt, &words).status, 201);
    assert_eq!(officer.get(&complaint).body["requests"], json!([]), "she decides nothing on it");
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
    let (other, offer) = scene.offer();
    assert_eq!(answer(other, &offer, false).status, 200);
    assert!(sees(other, &complaint));
    let refused = decide(other, &complaint, false);
    assert_eq!(refused.status, 200, "{}", refused.body);
    assert_eq!(officer.get(&complaint).body["requests"].as_array().unwrap().len(), 1, "once it is decided");
    // Whoever is named in a request is not let in.
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    ask(&scene.world, &receipt, &json!({ "kind": "consent", "body": "Mrs Ashby's agency" }));
    assert_eq!(assign(other, &complaint, &guest).status, 422);
}

#[test]
fn an_offer_to_somebody_whom_a_later_request_names_ends_and_opens_nothing() {
    let scene = Scene::new();
    let receipt = scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    let (officer, offer) = scene.offer();
    let words = json!({ "kind": "withdrawal", "words": "Beatrice told me that I had better." });
    assert_eq!(ask(&scene.world, &receipt, &words).status, 201);
    let answered = answer(officer, &offer, false);
    assert_eq!(answered.text("/outcome"), Some("conflict"), "before the worker comes by: {}", answered.body);
    assert_eq!(officer.get("/v1/complaints").body["items"], json!([]));
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
}

#[test]
fn a_request_has_the_member_that_its_kind_needs() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    for (request, at) in [
        (json!({ "kind": "extension" }), "/respond_by"),
        (json!({ "kind": "extension", "respond_by": "2026-11-20" }), "/respond_by"),
        (json!({ "kind": "withdrawal", "name": "Hannah Price" }), "/name"),
        (
            json!({ "kind": "person", "person": { "family_name": "Marlow", "date_of_birth": "2026-11-21" } }),
            "/person/date_of_birth",
        ),
        (json!({ "kind": "forgetting" }), "/kind"),
        (json!({ "kind": "withdrawal", "words": "x".repeat(2001) }), "/words"),
    ] {
        assert_eq!(pointers(&ask(&scene.world, &receipt, &request)), [at], "{request}");
    }
    let wrong = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-11-19", "words": "She said so." });
    ask(&scene.world, &receipt, &json!({ "kind": "withdrawal" }));
    let seen = officer.get(&complaint);
    let path = format!("{complaint}/requests/{}/decide", seen.text("/requests/0/id").unwrap());
    assert_eq!(pointers(&officer.change(&path, &seen, &wrong)), ["/told_on"], "nobody is told before it is asked for");
    for _ in 0..19 {
        ask(&scene.world, &receipt, &json!({ "kind": "withdrawal" }));
    }
    assert_eq!(ask(&scene.world, &receipt, &json!({ "kind": "withdrawal" })).status, 409, "as many as may wait");
    let one_more = officer.create(&format!("{complaint}/requests"), &json!({ "kind": "withdrawal" }));
    assert_eq!(one_more.status, 409, "{}", one_more.body);
}

#[test]
fn it_is_confirmed_in_a_way_that_was_given_at_lodging_or_face_to_face() {
    let scene = Scene::new();
    // Whoever photographed the receipt of an anonymous complaint asks to withdraw it, and rings.
    let nobody = json!({ "anonymous": true, "complainant": null, "contact": null });
    let (receipt, officer, complaint) = scene.opened(nobody);
    let decides = |confirmed: bool, told_by: &str| {
        let seen = officer.get(&complaint);
        let id = seen.body["requests"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
        let words =
            json!({ "confirmed": confirmed, "told_by": told_by, "told_on": "2026-11-20", "words": "So he said." });
        officer.change(&format!("{complaint}/requests/{id}/decide"), &seen, &words)
    };
    ask(&scene.world, &receipt, &json!({ "kind": "withdrawal" }));
    for told_by in ["phone", "letter", "email", "complaint"] {
        assert_eq!(pointers(&decides(true, told_by)), ["/told_by"], "{told_by}");
    }
    assert_eq!(pointers(&decides(false, "phone")), ["/told_by"], "nobody gave a number");
    assert_eq!(decides(false, "complaint").text("/status"), Some("received"), "it is said in the complaint alone");
    // A contact that came later is none that was given at lodging.
    let his = json!({ "kind": "contact", "contact": { "preferred": "phone", "phone": "07700 900999" } });
    ask(&scene.world, &receipt, &his);
    assert_eq!(decides(true, "in_person").text("/contact/phone"), Some("07700 900999"));
    ask(&scene.world, &receipt, &json!({ "kind": "withdrawal" }));
    assert_eq!(pointers(&decides(true, "phone")), ["/told_by"]);
    assert_eq!(decides(true, "in_person").text("/status"), Some("withdrawn"));
}
