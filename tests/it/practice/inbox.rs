//! The inbox of a practice: immediate referrals, and then what is due first.

use std::collections::BTreeSet;

use almoner_tests::callers::Caller;
use almoner_tests::{Council, Staff, World, messages};
use serde_json::{Value, json};

use crate::council::access::{URL_SAFE, encode};

const INBOX: &str = "/v1/practice/referrals";

fn send(council: &Council, members: &[(&str, Value)]) -> String {
    let mut message = messages::referral();
    for (pointer, value) in members {
        match message.pointer_mut(pointer) {
            Some(place) => *place = value.clone(),
            None => match pointer.strip_prefix("/person/") {
                Some(member) => message["person"][member] = value.clone(),
                None => message[&pointer[1..]] = value.clone(),
            },
        }
    }
    let sent = council.system.post("/v1/council/referrals", &message);
    assert_eq!(sent.text("/status"), Some("received"), "{}", sent.body);
    message["council_reference"].as_str().unwrap().to_owned()
}

fn hospital(home_on: &str) -> [(&'static str, Value); 2] {
    let discharge = json!({ "hospital": "Royal Infirmary", "ward": "9", "expected_on": home_on, "pathway": "P1" });
    [("/route_of_access", json!("Discharge from Hospital")), ("/discharge", discharge)]
}

/// The councils' references of what is on the pages of the inbox, in order.
fn references(by: &Staff, query: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = by.get(&format!("{INBOX}?limit=2{query}{cursor}"));
        assert_eq!(page.status, 200, "{}", page.body);
        for item in page.body["items"].as_array().unwrap() {
            let referral = by.get(&format!("{INBOX}/{}", item["id"].as_str().unwrap()));
            seen.push(referral.text("/message/council_reference").unwrap().to_owned());
        }
        let Some(next) = page.text("/next_cursor") else { return seen };
        cursor = format!("&cursor={next}");
    }
}

#[test]
fn immediate_referrals_stand_first_and_then_what_is_due_first() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let urgency = |word: &str| ("/urgency", json!(word));
    let standard = send(&council, &[]);
    let today = send(&council, &[("/respond_by", json!("2026-11-20"))]);
    let urgent = send(&council, &[urgency("urgent")]);
    let goes_home = send(&council, &hospital("2026-11-20"));
    let later = send(&council, &[("/respond_by", json!("2026-12-31"))]);
    let immediate = send(&council, &[urgency("immediate")]);
    world.set_clock("2026-11-20T10:05:00Z");
    let next = send(&council, &[urgency("immediate")]);
    let same_day = send(&council, &[]);
    let urgent_too = send(&council, &[urgency("urgent")]);
    let expected =
        [&immediate, &next, &today, &goes_home, &urgent, &urgent_too, &standard, &same_day, &later].map(String::clone);
    for query in ["", "&status=received"] {
        let seen = references(&practice.manager, query);
        assert_eq!(seen, expected, "{query}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 9);
    }

    // An immediate one that arrives on Monday is due later than all that is late already, and stands before it.
    world.set_clock("2026-11-23T10:00:00Z");
    council.system.forget_token();
    practice.manager.forget_token();
    let late = send(&council, &[urgency("immediate")]);
    assert_eq!(references(&practice.manager, "")[..4], [immediate, next, late, today]);
}

#[test]
fn a_line_shows_what_decides_who_is_rung_first() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let mut members = hospital("2026-11-23").to_vec();
    members.extend([
        ("/urgency", json!("immediate")),
        ("/safeguarding_concern", json!(true)),
        ("/person/address/postcode", json!("SY2 6AB")),
    ]);
    let dog = json!([{ "kind": "animal", "detail": "An unfriendly dog.", "told_to_person": true }]);
    members.extend([
        ("/person/communication_needs", json!(["Deaf; lip-reads"])),
        ("/person/safe_contact", json!({ "when": "Mornings only." })),
        ("/visit_warnings", dog),
    ]);
    send(&council, &members);
    let line = practice.manager.get(INBOX);
    assert_eq!(line.text("/items/0/urgency"), Some("immediate"));
    assert_eq!(&line.text("/items/0/human_contact_due_at").unwrap()[..16], "2026-11-20T12:00");
    assert_eq!(line.text("/items/0/place"), Some("SY2"));
    assert_eq!(line.body["items"][0]["discharge"], members[1].1);
    assert_eq!(
        line.body["items"][0]["flags"],
        json!({
            "safeguarding": true, "visit_warnings": true, "safe_contact": true, "communication_needs": true,
            "reasonable_adjustments": false,
        })
    );
    assert_eq!(line.body["items"][0]["overdue"], false);
    for hidden in ["1941-03-08", "lip-reads", "dog", "Mornings", "Wyle Cop", "07700 900461"] {
        assert!(!line.body.to_string().contains(hidden), "a list shows no more than it must: {hidden}");
    }

    let plain = messages::referral();
    let mut person = plain["person"].clone();
    person.as_object_mut().unwrap().remove("address");
    send(&council, &[("/person", person), ("/chosen_practice", json!(practice.slug))]);
    let line = practice.manager.get(INBOX);
    for absent in ["place", "discharge", "human_contact_due_at"] {
        assert_eq!(line.body["items"][1][absent], Value::Null, "{absent}");
    }
    world.set_clock("2026-11-20T12:01:00Z");
    practice.manager.forget_token();
    let overdue = practice.manager.get(INBOX);
    assert_eq!(
        (&overdue.body["items"][0]["overdue"], &overdue.body["items"][1]["overdue"]),
        (&json!(true), &json!(false))
    );
}

#[test]
fn an_enquiry_that_the_council_instructs_is_flagged_as_safeguarding() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let officer = json!({ "id": "O-1", "name": "Ada Cole", "role": "Safeguarding manager" });
    send(
        &council,
        &[
            ("/function", json!("safeguarding_enquiry")),
            ("/instruction", json!({ "officer": officer, "due_by": "2026-12-18" })),
        ],
    );
    let line = practice.manager.get(INBOX);
    assert_eq!(line.body["items"][0]["flags"]["safeguarding"], true, "{}", line.body);
}

#[test]
fn a_cursor_that_no_page_gave_is_refused() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let id = uuid::Uuid::nil();
    for cursor in [
        format!("2026-11-20|{id}"),
        format!("1|{id}"),
        format!("1.|{id}"),
        format!("99999.1|{id}"),
        format!("0.-99999999999999999|{id}"),
        format!("0.999999999999999999|{id}"),
        "0.1".to_owned(),
        "0.1|x".to_owned(),
    ] {
        let sent = encode(URL_SAFE, &cursor);
        let refused = practice.manager.get(&format!("{INBOX}?cursor={sent}"));
        assert_eq!(
            (refused.status, refused.text("/errors/0/pointer")),
            (422, Some("cursor")),
            "{cursor}: {}",
            refused.body
        );
    }
}
