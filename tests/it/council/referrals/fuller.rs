//! The members that real referrals carry: taken, shown to both sides, and refused at their places.

use almoner_tests::callers::{Caller, pointers};
use almoner_tests::{World, messages};
use serde_json::{Value, json};

use crate::council::{REFERRALS, at, due_first, in_practice};

/// A message that has every member.
fn full() -> Value {
    let mut message = messages::referral();
    let more = json!({
        "visit_warnings": [
            { "kind": "animal", "detail": "A large dog in the yard.", "told_to_person": true },
            { "kind": "two_to_visit", "detail": "Her nephew shouts at visitors." },
        ],
        "restricted": { "reason": "Her son works for the council.", "not_to_see": ["Rhys Marlow"] },
        "representative": {
            "name": "Gwen Marlow", "kind": "attorney_health", "authority_seen": true, "reference": "LPA 700-1234",
            "phone": "07700 900582", "email": "gwen.marlow@example.org",
        },
        "emergency_contact": { "name": "Gwen Marlow", "relationship": "daughter", "phone": "07700 900582" },
        "existing_services": ["Two calls a day", "Meals at home,\nMonday to Friday"],
        "nhs_continuing_healthcare": "checklist_negative",
        "source": {
            "kind": "gp", "organisation": "Larkspur Surgery", "ods_code": "M82999", "name": "Dr Asha Rao",
            "role": "General practitioner", "phone": "01743 000001", "person_knows": false,
        },
        "cared_for": {
            "name": "Ivor Marlow", "relationship": "husband", "date_of_birth": "1939-05-02", "council_person_id": "P-9",
            "lives_with_person": true,
        },
    });
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    message["consent"] =
        json!({ "basis": "refused", "recorded_on": "2026-11-19", "justification": "She is at risk of serious harm." });
    message["route_of_access"] = "Discharge from Hospital".into();
    message["discharge"] =
        json!({ "hospital": "Royal Infirmary", "hospital_ods_code": "RXW", "expected_on": "2026-12-24" });
    let person = json!({
        "pronouns": "she/her",
        "nhs_number_status": "01",
        "former_names": [{ "given_name": "Edith", "family_name": "Lloyd" }, { "family_name": "Baker" }],
        "language": { "preferred": "cy", "interpreter_needed": true, "sign_language": "BSL" },
        "contacts": [
            { "kind": "mobile", "value": "07700 900582", "note": "After 4 pm; her son answers." },
            { "kind": "textphone", "value": "18001 01743 000000" },
            { "kind": "relay", "value": "Through the relay service" },
            { "kind": "email", "value": "e.marlow@example.org" },
        ],
        "temporary_address": {
            "lines": ["Ward 7", "Royal Infirmary"], "postcode": "SY3 8XQ", "uprn": "100070000001", "until": "2026-12-24",
            "reason": "hospital",
        },
        "accommodation_status": "Owner occupier or shared ownership scheme",
        "communication_needs": ["Large print"],
        "reasonable_adjustments": ["A visit in the afternoon"],
        "safe_contact": { "how": "Letter only", "when": "Weekday mornings", "not_to_tell": "Her nephew" },
        "located_in": "E06000051",
        "held_in": "E06000051",
        "resident_before_detention": "W06000023",
    });
    message["person"].as_object_mut().unwrap().extend(person.as_object().unwrap().clone());
    message
}

#[test]
fn what_real_referrals_carry_is_taken_once_and_shown_to_both() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let message = full();
    let sent = council.system.post(REFERRALS, &message);
    assert_eq!(sent.status, 201, "{}", sent.body);

    let seen_by_council = council.system.get(&at(&sent, ""));
    let seen_by_practice = due_first(&practice.manager);
    for seen in [&seen_by_council, &seen_by_practice] {
        for (member, value) in message.as_object().unwrap() {
            if member != "person" {
                assert_eq!(&seen.body["message"][member], value, "{member}");
            }
        }
        for (member, value) in message["person"].as_object().unwrap() {
            assert_eq!(&seen.body["message"]["person"][member], value, "{member}");
        }
    }
    let first = &seen_by_practice.body["know_first"];
    assert_eq!(first["visit_warnings"], message["visit_warnings"]);
    assert_eq!(first["restricted"], true);
    for member in ["safe_contact", "language", "communication_needs", "reasonable_adjustments"] {
        assert_eq!(first[member], message["person"][member], "{member}");
    }

    let again = council.system.post(REFERRALS, &message);
    assert_eq!((again.status, again.body), (200, sent.body));
    for pointer in ["/person/safe_contact/when", "/visit_warnings/0/detail", "/source/role", "/cared_for/name"] {
        let mut other = message.clone();
        *other.pointer_mut(pointer).unwrap() = "Something else".into();
        let refused = council.system.post(REFERRALS, &other);
        assert_eq!(
            (refused.status, refused.text("/type")),
            (409, Some("/problems/reference-already-used")),
            "{pointer}"
        );
    }
}

#[test]
fn a_visitor_sees_nothing_to_know_first_where_nothing_was_said() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    assert_eq!(council.system.post(REFERRALS, &messages::referral()).status, 201);
    let plain = due_first(&practice.manager);
    assert_eq!(plain.body.get("know_first"), None, "{}", plain.body);
    // Each alone is enough, and nothing else is told with it.
    for (pointer, value) in [
        ("/person/communication_needs", json!(["Lip reading"])),
        ("/person/reasonable_adjustments", json!(["A visit in the afternoon"])),
        ("/person/language", json!({ "preferred": "pl", "interpreter_needed": true })),
        ("/person/safe_contact", json!({ "not_to_tell": "Her nephew" })),
        ("/visit_warnings", json!([{ "kind": "two_to_visit", "detail": "Two visit." }])),
    ] {
        let mut message = messages::referral();
        message["respond_by"] = "2026-11-20".into();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        message.pointer_mut(parent).unwrap()[member] = value.clone();
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(sent.status, 201, "{pointer}: {}", sent.body);
        let seen = due_first(&practice.manager);
        assert_eq!(seen.body["know_first"], json!({ "restricted": false, member: value }), "{pointer}");
        let id = seen.text("/id").unwrap();
        let declined =
            practice.manager.change(&in_practice(id, "/decline"), &seen, &json!({ "reason": "no_capacity" }));
        assert_eq!(declined.body["know_first"], seen.body["know_first"], "{pointer}: {}", declined.body);
    }
}

/// The faults: the JSON pointer of each, and the value there; null for nothing at all.
fn faults() -> Vec<(&'static str, Value)> {
    let long = |length: usize| Value::from("x".repeat(length));
    let (nul, invisible) = (Value::from("a\u{0}b"), Value::from("\u{200b}\u{2060}"));
    let many = |item: Value, count: usize| Value::from(vec![item; count]);
    let mut faults = vec![
        ("/consent/justification", Value::Null),
        ("/consent/justification", invisible.clone()),
        ("/consent/justification", long(2001)),
        ("/consent/basis", "maybe".into()),
        ("/person/pronouns", long(41)),
        ("/person/nhs_number_status", "09".into()),
        ("/person/nhs_number_status", 1.into()),
        ("/person/former_names", many(json!({ "family_name": "A" }), 11)),
        ("/person/former_names/0/family_name", invisible.clone()),
        ("/person/language", json!({})),
        ("/person/language/preferred", "Welsh, mostly".into()),
        ("/person/language/sign_language", "ASL".into()),
        ("/person/language/interpreter_needed", "yes".into()),
        ("/person/contacts", many(json!({ "kind": "relay", "value": "A" }), 11)),
        ("/person/contacts/0/kind", "pager".into()),
        ("/person/contacts/0/value", "ring me".into()),
        ("/person/contacts/3/value", "07700 900582".into()),
        ("/person/contacts/2/value", invisible.clone()),
        ("/person/contacts/0/note", long(201)),
        ("/person/temporary_address/lines", json!([])),
        ("/person/temporary_address/postcode", "SY1".into()),
        ("/person/temporary_address/until", "2026-11-18".into()),
        ("/person/temporary_address/until", "1900-01-01".into()),
        ("/person/temporary_address/until", "2999-01-01".into()),
        ("/person/temporary_address/reason", "holiday".into()),
        ("/person/accommodation_status", "A house".into()),
        ("/person/safe_contact", json!({ "how": " ", "when": "\u{200b}" })),
        ("/person/safe_contact/how", long(501)),
        ("/person/located_in", "W06000023".into()),
        ("/person/held_in", "S12000036".into()),
        ("/person/held_in", "E07000001".into()),
        ("/person/held_in", "E10000027".into()),
        ("/person/located_in", "E10000027".into()),
        ("/person/resident_before_detention", "N09000003".into()),
        ("/visit_warnings", many(json!({ "kind": "animal", "detail": "A dog." }), 11)),
        ("/visit_warnings/0/kind", "dog".into()),
        ("/visit_warnings/1/detail", invisible.clone()),
        ("/visit_warnings/1/detail", long(1001)),
        ("/visit_warnings/0/told_to_person", "no".into()),
        ("/restricted/reason", invisible.clone()),
        ("/restricted/reason", long(1001)),
        ("/restricted/not_to_see", many("A".into(), 11)),
        ("/restricted/not_to_see/0", long(201)),
        ("/restricted/staff", json!([])),
        ("/representative/kind", "friend".into()),
        ("/representative/phone", "none".into()),
        ("/representative/email", "none".into()),
        ("/emergency_contact/name", invisible.clone()),
        ("/emergency_contact/phone", "none".into()),
        ("/source/kind", "rumour".into()),
        ("/source/ods_code", "M8".into()),
        ("/source/person_knows", "perhaps".into()),
        ("/discharge/hospital_ods_code", "ROYAL1".into()),
        ("/existing_services", many("Meals".into(), 21)),
        ("/existing_services/0", long(301)),
        ("/nhs_continuing_healthcare", "yes".into()),
        ("/cared_for/name", invisible),
        ("/cared_for/date_of_birth", "2026-11-21".into()),
        ("/cared_for/date_of_birth", "1900-11-20".into()),
        ("/cared_for/council_person_id", long(33)),
        ("/cared_for/ordinary_residence", "X".into()),
        ("/cared_for/ordinary_residence", "E10000027".into()),
        ("/cared_for/age", 87.into()),
        ("/source/fax", "1".into()),
    ];
    for text in [
        "/consent/justification",
        "/person/pronouns",
        "/person/former_names/0/given_name",
        "/person/contacts/0/note",
        "/person/contacts/2/value",
        "/person/safe_contact/how",
        "/person/safe_contact/when",
        "/person/safe_contact/not_to_tell",
        "/visit_warnings/0/detail",
        "/restricted/reason",
        "/restricted/not_to_see/0",
        "/representative/name",
        "/representative/reference",
        "/emergency_contact/name",
        "/source/organisation",
        "/source/role",
        "/existing_services/1",
        "/cared_for/name",
        "/cared_for/relationship",
    ] {
        faults.extend([(text, nul.clone()), (text, long(4001)), (text, 7.into())]);
    }
    faults
}

#[test]
fn each_fault_is_refused_at_its_place() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    for (pointer, value) in faults() {
        let mut message = full();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        match message.pointer_mut(parent).unwrap() {
            Value::Array(items) => items[member.parse::<usize>().unwrap()] = value.clone(),
            parent if value.is_null() => drop(parent.as_object_mut().unwrap().remove(member)),
            parent => drop(parent.as_object_mut().unwrap().insert(member.to_owned(), value.clone())),
        }
        let refused = council.system.post(REFERRALS, &message);
        assert_eq!(refused.status, 422, "{pointer} {value}: {}", refused.body);
        assert_eq!(pointers(&refused), [pointer], "{value}: {}", refused.body);
        assert!(!refused.body.to_string().contains("xxxx"), "{pointer}: nothing that was sent is repeated");
    }
    assert_eq!(council.system.get(REFERRALS).body, json!({ "items": [] }));
}

#[test]
fn all_faults_are_told_at_once() {
    let world = World::new();
    let council = world.council();
    let mut message = full();
    message["consent"].as_object_mut().unwrap().remove("justification");
    message["person"]["safe_contact"] = json!({ "how": " " });
    message["person"]["contacts"][0]["value"] = "ring me".into();
    message["person"]["temporary_address"]["until"] = "2026-11-01".into();
    message["cared_for"]["date_of_birth"] = "2027-01-01".into();
    message["respond_by"] = "2026-11-19".into();
    let refused = council.system.post(REFERRALS, &message);
    assert_eq!(
        pointers(&refused),
        [
            "/consent/justification",
            "/person/temporary_address/until",
            "/person/safe_contact",
            "/person/contacts/0/value",
            "/cared_for/date_of_birth",
            "/respond_by",
        ],
        "{}",
        refused.body
    );
    let mut message = full();
    message["visit_warnings"][0]["kind"] = "dog".into();
    message["person"]["held_in"] = "W06000023".into();
    message["source"]["kind"] = "rumour".into();
    let refused = council.system.post(REFERRALS, &message);
    let mut told = pointers(&refused);
    told.sort_unstable();
    assert_eq!(told, ["/person/held_in", "/source/kind", "/visit_warnings/0/kind"], "{}", refused.body);
}

#[test]
fn what_prepares_for_adulthood_may_be_about_a_child() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    for (function, route, born, taken) in [
        ("transition_assessment", "Community / Other route", "2015-03-01", true),
        ("childs_carer_assessment", "Community / Other route", "2015-03-01", true),
        ("young_carer_assessment", "Community / Other route", "2015-03-01", true),
        ("needs_assessment", "Planned Entry (Transition)", "2015-03-01", true),
        ("needs_assessment", "Community / Other route", "2015-03-01", false),
        ("section_117_aftercare", "Community / Other route", "2015-03-01", false),
        ("transition_assessment", "Community / Other route", "2026-11-20", false),
    ] {
        let mut message = messages::referral();
        message["function"] = function.into();
        message["route_of_access"] = route.into();
        message["person"]["date_of_birth"] = born.into();
        let sent = council.system.post(REFERRALS, &message);
        if taken {
            assert_eq!(sent.status, 201, "{function} {route} {born}: {}", sent.body);
        } else {
            assert_eq!(pointers(&sent), ["/person/date_of_birth"], "{function} {route} {born}");
        }
    }
}
