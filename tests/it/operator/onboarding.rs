//! The onboarding checklist of a practice, and the items that are missing from it.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, Staff, World};
use serde_json::{Value, json};

use super::page_through;

fn path(practice: &Practice) -> String {
    format!("/v1/operator/practices/{}/onboarding", practice.id)
}

/// Records an item, with the version of the checklist.
fn record(operator: &Staff, practice: &Practice, item: &str, body: &Value) -> Answer {
    let seen = operator.get(&path(practice));
    put(operator, &format!("{}/{item}", path(practice)), &seen, body)
}

fn put(caller: &Staff, path: &str, seen: &Answer, body: &Value) -> Answer {
    let headers = [("if-match", seen.etag().unwrap())];
    caller.send("PUT", path, &headers, Some(("application/json", body.to_string().as_bytes())))
}

fn item<'a>(checklist: &'a Answer, item: &str) -> &'a Value {
    let items = checklist.body["items"].as_array().unwrap_or_else(|| panic!("no checklist: {}", checklist.body));
    items.iter().find(|one| one["item"] == item).unwrap_or_else(|| panic!("no {item}"))
}

/// The items in this state.
fn that_are<'a>(checklist: &'a Answer, state: &str) -> Vec<&'a str> {
    let items = checklist.body["items"].as_array().unwrap_or_else(|| panic!("no checklist: {}", checklist.body));
    items.iter().filter(|one| one["state"] == state).filter_map(|one| one["item"].as_str()).collect()
}

fn done() -> Value {
    json!({ "done_on": "2026-11-20", "evidence": "Seen by the contracts team." })
}

#[test]
fn a_new_practice_lacks_this_and_has_everything_step_by_step() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    let begun = operator.get(&path(&practice));
    assert_eq!((begun.status, &begun.body["complete"]), (200, &json!(false)), "{}", begun.body);
    let by_hand = ["processing_agreement", "dpia", "dspt", "insurance", "dbs", "exit_plan"];
    let missing =
        [&["contract", "delegation", "clocks", "complaints_desk", "staff_registration"][..], &by_hand[..]].concat();
    assert_eq!(that_are(&begun, "missing"), missing);
    for one in begun.body["items"].as_array().unwrap() {
        assert_eq!(one["missing"].is_string(), one["state"] != "met", "{one}");
        assert!(["title", "why", "source"].iter().all(|member| one[member].is_string()), "{one}");
    }
    assert_eq!(item(&begun, "staff_registration")["missing"], "2 of 2 social workers were never looked up.");
    // The checklist has numbers of staff, and nobody's name.
    assert!(!begun.body.to_string().contains("Hannah"), "{}", begun.body);

    let council = world.council();
    world.contract_alone(&council, &practice, json!({}));
    let contracted = operator.get(&path(&practice));
    assert_eq!(
        that_are(&contracted, "missing"),
        [&["complaints_desk", "staff_registration"][..], &by_hand[..]].concat()
    );
    let lacks = item(&contracted, "complaints_desk")["missing"].as_str().unwrap();
    for who in ["two complaints officers", "a responsible person", "an alternate"] {
        assert!(lacks.contains(who), "{lacks}");
    }
    let desk = world.desk(&council);
    for officer in desk.everybody() {
        assert_eq!(item(&operator.get(&path(&practice)), "complaints_desk")["state"], "missing", "{}", officer.email);
        officer.token();
    }
    assert_eq!(item(&operator.get(&path(&practice)), "complaints_desk")["state"], "met");

    for one in by_hand {
        let mut body = done();
        if one == "insurance" {
            body["expires_on"] = "2027-10-31".into();
        }
        let recorded = record(&operator, &practice, one, &body);
        assert_eq!((recorded.status, &item(&recorded, one)["state"]), (200, &json!("met")), "{}", recorded.body);
        assert_eq!(item(&recorded, one)["evidence"], "Seen by the contracts team.");
    }
    assert_eq!(item(&operator.get(&path(&practice)), "dspt")["expires_on"], "2027-06-30", "the toolkit's own day");

    for worker in [&practice.social_worker, &practice.social_worker_2] {
        assert_eq!(operator.get(&path(&practice)).body["complete"], json!(false));
        let registration = format!("/v1/practice/staff/{}/registration", worker.id);
        let found = json!({ "status": "registered", "checked_on": "2026-11-20", "registration_ends_on": "2027-11-30" });
        let seen = practice.administrator.get(&registration);
        assert_eq!(put(&practice.administrator, &registration, &seen, &found).status, 200);
    }
    let complete = operator.get(&path(&practice));
    assert_eq!((&complete.body["complete"], that_are(&complete, "missing").len()), (&json!(true), 0));
}

#[test]
fn what_follows_from_what_is_entered_cannot_be_recorded() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    for derived in
        ["contract", "delegation", "clocks", "calendar", "administrator", "complaints_desk", "staff_registration"]
    {
        let refused = record(&operator, &practice, derived, &done());
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("item")), "{}", refused.body);
    }
    assert_eq!(record(&operator, &practice, "astrology", &done()).status, 404);
    for (one, member, value, pointer) in [
        ("dpia", "done_on", json!("2026-11-21"), "/done_on"),
        ("dpia", "done_on", json!("20/11/2026"), "/done_on"),
        ("dpia", "evidence", json!(""), "/evidence"),
        ("dpia", "evidence", json!("x".repeat(2001)), "/evidence"),
        ("dpia", "expires_on", json!("2026-11-19"), "/expires_on"),
        ("dpia", "state", json!("met"), "/state"),
        ("insurance", "expires_on", Value::Null, "/expires_on"),
        ("dspt", "expires_on", json!("2027-07-01"), "/expires_on"),
    ] {
        let mut body = done();
        body[member] = value;
        let refused = record(&operator, &practice, one, &body);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
    assert_eq!(that_are(&operator.get(&path(&practice)), "met").len(), 3, "nothing was recorded");
}

#[test]
fn who_records_has_read_what_the_checklist_says_now() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    let seen = operator.get(&path(&practice));
    let dpia = format!("{}/dpia", path(&practice));
    let without = operator.send("PUT", &dpia, &[], Some(("application/json", done().to_string().as_bytes())));
    assert_eq!(without.status, 428);
    let first = put(&operator, &dpia, &seen, &done());
    assert_eq!(first.status, 200, "{}", first.body);
    let late = put(&operator, &dpia, &seen, &done());
    assert_eq!((late.status, late.etag()), (412, first.etag()), "{}", late.body);
    let mut better = done();
    better["evidence"] = "Reference IG-214.".into();
    let second = put(&operator, &dpia, &first, &better);
    assert_eq!((second.status, &item(&second, "dpia")["evidence"]), (200, &json!("Reference IG-214.")));
    // Items that follow from what is entered change without the version, so the checklist is never answered as unchanged.
    let etag = [("if-none-match", second.etag().unwrap())];
    assert_eq!(operator.send("GET", &path(&practice), &etag, None).status, 200);
}

#[test]
fn an_item_is_expiring_then_holds_on_its_last_day_and_has_then_expired() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    let mut body = done();
    body["expires_on"] = "2027-03-31".into();
    record(&operator, &practice, "insurance", &body);
    for (now, state) in [
        ("2027-01-29T10:00:00Z", "met"),
        ("2027-01-30T10:00:00Z", "expiring"),
        // It is still the last day in London, which is an hour ahead.
        ("2027-03-31T22:59:00Z", "expiring"),
        ("2027-03-31T23:01:00Z", "expired"),
    ] {
        world.set_clock(now);
        operator.forget_token();
        let checklist = operator.get(&path(&practice));
        assert_eq!(item(&checklist, "insurance")["state"], state, "{now}");
    }
}

#[test]
fn the_operator_sees_of_each_practice_how_much_is_missing() {
    let world = World::new();
    let council = world.council();
    let (new, contracted) = (world.practice_with(json!({})), world.practice(&council));
    let operator = world.operator();
    record(&operator, &contracted, "dpia", &done());
    let list = page_through(&operator, "/v1/operator/onboarding");
    let of = |practice: &Practice| list.iter().find(|one| one["practice"]["slug"] == practice.slug.as_str()).unwrap();
    assert_eq!((&of(&new)["missing"], &of(&new)["complete"]), (&json!(11), &json!(false)));
    assert_eq!(of(&contracted)["missing"], json!(4), "what it needs before referrals are sent to it is there");
}
