//! Tuesday 24 November. Two answers were wrong, and are undone; and what a message says reaches the record.

use almoner_tests::Practice;
use almoner_tests::callers::Caller;
use serde_json::{Value, json};

use super::cast::{
    Accepted, Fortnight, INBOX, PEOPLE, Waiting, accept, assert_refused, done, evidence, faults, for_myself, id_of,
    step,
};
use crate::practice::cases::{column, give};
use crate::practice::referrals::as_it_is;

/// Hannah takes Ivor's street for one beyond the boundary. Declining him for that wants evidence, which she has; her
/// manager knows the street better, and undoes the decline. Tomasz accepts.
pub(super) fn a_decline_is_undone_by_the_manager(story: &Fortnight, ivor: &Waiting) -> Accepted {
    let Practice { manager: gareth, social_worker: hannah, social_worker_2: tomasz, .. } = &story.practice;
    story.at("2026-11-24T09:05");
    let mut how = json!({ "reason": "outside_area" });
    assert_eq!(faults(&step(hannah, &ivor.at_the_practice, "decline", &how)), ["/evidence"]);
    how["evidence"] = evidence("The street is not on the map of the contract.", "2026-11-24", "The contract's map");
    let declined = done(step(hannah, &ivor.at_the_practice, "decline", &how));
    assert_eq!(declined.text("/decline_reason"), Some("outside_area"), "{}", declined.body);
    let told = story.council_reads(&ivor.at_the_council);
    assert_eq!((told.text("/status"), told.text("/decline_reason")), (Some("declined"), Some("outside_area")));
    assert!(!told.body.to_string().contains("map"), "the evidence is the practice's own: {}", told.body);

    let undone = done(step(gareth, &ivor.at_the_practice, "undo", &json!({})));
    assert_eq!((undone.text("/status"), undone.text("/response_due_on")), (Some("received"), Some("2026-11-24")));
    assert_eq!(story.told_the_council("referral.decline_undone", &ivor.at_the_council), 1);
    accept(tomasz, ivor, &for_myself(tomasz))
}

/// Hannah takes Edith for her late husband's sister Ethel, whom the practice knows. The service shows where the two differ
/// and wants a reason; half an hour later Ethel answers the telephone, and the acceptance is undone. Nothing of it is left
/// on her record.
pub(super) fn a_referral_is_accepted_onto_the_wrong_record_and_undone(story: &Fortnight, edith: &Waiting) -> Accepted {
    let Practice { slug, social_worker: hannah, practitioner: lucy, .. } = &story.practice;
    story.at("2026-11-24T10:00");
    let free = || story.world.anyone().get(&format!("/v1/public/practices/{slug}")).body["free_capacity"].clone();
    let sister = json!({
        "given_name": "Ethel", "family_name": "Marlow", "date_of_birth": "1938-09-12",
        "address": { "lines": ["4 Wyle Cop"], "postcode": "SY1 1UT" },
    });
    let opened = lucy.create(PEOPLE, &sister);
    assert_eq!(opened.status, 201, "{}", opened.body);
    let ethel = opened.header("location").unwrap();
    let councils_ids = || lucy.get(ethel).body["council_person_ids"].clone();
    let (waited, capacity) = (hannah.get(&edith.at_the_practice), free());

    let mut onto = json!({ "service_user_id": opened.body["id"] });
    let refused = step(hannah, &edith.at_the_practice, "accept", &onto);
    assert_refused(&refused, 422, "record-differs");
    assert_eq!(faults(&refused), ["/mismatch_reason"]);
    let (said, known) = (&edith.message["person"], &opened.body);
    let differences = json!([
        { "field": "given_name", "message": said["given_name"], "record": known["given_name"] },
        { "field": "date_of_birth", "message": said["date_of_birth"], "record": known["date_of_birth"] },
    ]);
    assert_eq!(refused.body["differences"], differences, "{}", refused.body);
    assert_eq!(councils_ids(), Value::Null, "the council's identifier goes onto no record without a reason");

    onto["mismatch_reason"] = "She is called Ethel at home; the council has always misspelt her.".into();
    let mistaken = accept(hannah, edith, &onto);
    assert_eq!(mistaken.answer.body["mismatch"]["differences"], differences);
    let of_edith = json!([{ "council": story.council.gss_code, "id": said["council_person_id"] }]);
    assert_eq!(councils_ids(), of_edith);
    let told = story.council_reads(&edith.at_the_council);
    assert_eq!(told.body["record_differs_in"], json!(["given_name", "date_of_birth"]), "{}", told.body);

    story.at("2026-11-24T10:30");
    let undone = done(step(hannah, &edith.at_the_practice, "undo", &json!({})));
    assert_eq!(as_it_is(&undone), as_it_is(&waited), "it waits as it did");
    assert_eq!((councils_ids(), free()), (Value::Null, capacity));
    assert_eq!(lucy.get(ethel).body.get("from_referrals"), None);
    assert_eq!(lucy.get(&mistaken.case).status, 404, "there is no such case");
    assert_eq!(story.told_the_council("referral.acceptance_undone", &edith.at_the_council), 1);
    let told = story.council_reads(&edith.at_the_council);
    assert_eq!((told.text("/status"), told.body.get("record_differs_in")), (Some("received"), None), "{}", told.body);

    let accepted = accept(hannah, edith, &for_myself(hannah));
    assert_ne!(accepted.person, ethel, "Edith has a record of her own");
    assert_eq!(hannah.get(&accepted.person).body["council_person_ids"], of_edith);
    accepted
}

/// The practice has known Arthur for years. The message has him elsewhere, by another name, with a son and a dog. The dog
/// is seen at once; each detail is taken over, kept or asked about; and what the record has no place for stands with it.
pub(super) fn what_the_message_says_is_settled_field_by_field(story: &Fortnight, arthur: &Waiting) -> Accepted {
    let Practice { manager: gareth, social_worker: hannah, practitioner: lucy, .. } = &story.practice;
    story.at("2026-11-24T11:00");
    let known = json!({
        "given_name": "Arthur", "family_name": "Price", "date_of_birth": "1939-11-02",
        "nhs_number": arthur.message["person"]["nhs_number"], "phone": "07700 900461",
        "address": { "lines": ["Flat 3", "1 Abbey Foregate"], "postcode": "SY2 6AE" },
    });
    let known = lucy.create(PEOPLE, &known);
    let meant = hannah.get(&arthur.at_the_practice).body["likely_matches"][0].clone();
    assert_eq!((&meant["service_user"]["id"], &meant["why"][0]), (&known.body["id"], &json!("nhs_number")), "{meant}");
    let accepted = accept(gareth, arthur, &json!({ "service_user_id": known.body["id"] }));
    assert_eq!(give(&story.practice, &accepted.case, lucy).status, 200);

    let record = lucy.get(&accepted.person);
    assert_eq!(record.body["address"], known.body["address"], "nothing is overwritten");
    assert_eq!(record.body["flags"]["visit_warnings"], true, "whoever visits is warned before anybody has decided");
    let shown = &record.body["from_referrals"][0]["differences"];
    assert_eq!(shown, &accepted.answer.body["differences"]);
    let of = |differences: &Value, field: &str| -> Value {
        let all = differences.as_array().unwrap();
        all.iter().find(|one| one["field"] == field).unwrap_or_else(|| panic!("{field}: {differences}")).clone()
    };
    assert_eq!(shown.as_array().unwrap().len(), 4, "{shown}");
    assert_eq!(shown[0]["field"], "visit_warnings", "what must be known first stands first");
    let address = of(shown, "address");
    assert_eq!(address["message"], "lines: 9 Mardol; postcode: SY1 1PU");
    assert_eq!(address["record"], "lines: Flat 3, 1 Abbey Foregate; postcode: SY2 6AE", "{address}");
    assert_eq!(of(shown, "carer")["has_a_place"], true, "as a relationship");

    for (field, settlement, status) in [
        ("visit_warnings", "take_over", "taken_over"),
        ("address", "take_over", "taken_over"),
        ("name", "keep", "kept"),
        ("carer", "ask", "asked"),
    ] {
        let how = json!({ "referral_id": id_of(&accepted.at_the_practice), "settlement": settlement });
        let settled = done(step(lucy, &accepted.person, &format!("differences/{field}"), &how));
        let now = of(&settled.body["from_referrals"][0]["differences"], field);
        assert_eq!((&now["status"], &now["settled_by"]), (&json!(status), &json!(lucy.id)), "{now}");
    }
    let settled = lucy.get(&accepted.person);
    assert_eq!(settled.body["address"], arthur.message["person"]["address"]);
    let (warning, said) = (&settled.body["warnings"][0], &arthur.message["visit_warnings"][0]);
    assert_eq!((&warning["kind"], &warning["detail"]), (&said["kind"], &said["detail"]), "{}", settled.body);
    assert_eq!(settled.body.get("preferred_name"), None, "he is not called Art here");
    let carer = of(&settled.body["from_referrals"][0]["differences"], "carer");
    assert!(carer["message"].as_str().unwrap().contains("Owen Price"), "nothing is left in the message alone: {carer}");

    // A decision has been taken on it: now the acceptance stands.
    let refused = step(gareth, &accepted.at_the_practice, "undo", &json!({}));
    assert_refused(&refused, 409, "invalid-state");
    assert!(refused.text("/detail").unwrap().starts_with("a decision on what the referral says"), "{}", refused.body);

    // The history says from where each address is, and from when.
    let history = lucy.get(&format!("{}/history", accepted.person));
    let items = history.body["items"].as_array().unwrap();
    let addresses: Vec<&Value> = items.iter().filter(|item| item["kind"] == "address").collect();
    let [now, before] = addresses[..] else { panic!("{}", history.body) };
    assert_eq!((&now["source"], &now["referral_id"]), (&json!("referral"), &json!(id_of(&accepted.at_the_practice))));
    assert_eq!((&now["holds_from"], now.get("ended_at")), (&arthur.message["requested_on"], None));
    assert_eq!((&before["source"], &before["ended_by"]["name"]), (&json!("practice"), &json!("Lucy Freeman")));
    assert_eq!(column(&hannah.get(INBOX), "/id"), [None; 0], "the inbox is empty by noon");
    accepted
}
