//! What is written in another way is the same: references, identifiers, numbers, the words of national lists, and members that
//! say nothing.

use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use serde_json::{Value, json};

use crate::council::at;

const REFERRALS: &str = "/v1/council/referrals";

#[test]
fn a_reference_that_looks_the_same_is_the_same() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    let mut message = messages::referral();
    message["council_reference"] = "REF-2026 / 1".into();
    let sent = council.system.post(REFERRALS, &message);
    assert_eq!(sent.status, 201, "{}", sent.body);
    for written in [
        "REF-2026 / 1\u{200b}",
        "\u{feff}REF-2026 / 1",
        "REF\u{2011}2026 / 1",
        "REF\u{2013}2026\u{a0}/\u{2003}1",
        "ＲＥＦ－２０２６ ／ １",
        "R\u{ad}EF-2026 \u{2060} / 1",
        "\u{202a}REF-2026 / 1\u{202c}",
        "REF-2026 / 1\u{e0041}",
    ] {
        message["council_reference"] = written.into();
        let again = council.system.post(REFERRALS, &message);
        assert_eq!((again.status, again.text("/id")), (200, sent.text("/id")), "{written:?}: {}", again.body);
        assert_eq!(again.text("/council_reference"), Some("REF-2026 / 1"));
    }
    message["reason"] = "Another reason.".into();
    let other = council.system.post(REFERRALS, &message);
    assert_eq!((other.status, other.text("/type")), (409, Some("/problems/reference-already-used")), "{}", other.body);
    assert_eq!(council.system.get(REFERRALS).body["items"].as_array().unwrap().len(), 1);
    let searched = format!("{REFERRALS}?council_reference=REF%E2%80%912026%C2%A0/%201%E2%80%8B");
    assert_eq!(council.system.get(&searched).text("/items/0/id"), sent.text("/id"));
    for refused in ["REF\u{0}1", "REF\n1", "REF\u{2028}1", "\u{200b}", "\u{3164}"] {
        message["council_reference"] = refused.into();
        let refused = council.system.post(REFERRALS, &message);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/council_reference")));
    }
}

#[test]
fn contacts_and_numbers_are_taken_as_people_paste_them() {
    let world = World::new();
    let council = world.council();
    for (pointer, written, kept) in [
        ("/person/nhs_number", "999\u{a0}054\u{a0}8609", "9990548609"),
        ("/person/nhs_number", "999-054-8609", "9990548609"),
        ("/person/nhs_number", "\u{200e}999\u{2011}054\u{2013}8609", "9990548609"),
        ("/person/nhs_number", "999.054.8609", "9990548609"),
        ("/person/nhs_number", "９９９０５４８６０９", "9990548609"),
        ("/person/phone", "\u{202a}01632\u{a0}960\u{2011}123\u{202c}", "01632\u{a0}960\u{2011}123"),
        ("/person/phone", "01632.960.123 Ext. 4", "01632.960.123 Ext. 4"),
        ("/person/phone", "tel:+44-1632-960123", "tel:+44-1632-960123"),
        ("/person/phone", "(01632) 960123 – extn 12", ""),
        ("/person/email", "\u{200b}Edith.Marlow@Bücher.example\u{a0}", "Edith.Marlow@Bücher.example"),
        ("/person/email", "edith@xn--bcher-kva.example", "edith@xn--bcher-kva.example"),
        ("/person/address/postcode", "\u{feff}SY1\u{a0}1UT", "SY1 1UT"),
        ("/person/address/uprn", "１０００７\u{200b}", "10007"),
        ("/person/gp_practice_code", "m82999\u{200b}", "M82999"),
    ] {
        let mut message = messages::referral();
        message["person"]["address"]["uprn"] = "1".into();
        message["person"]["email"] = "x@y.example".into();
        message["person"]["gp_practice_code"] = "M82999".into();
        *message.pointer_mut(pointer).unwrap() = written.into();
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(sent.status, 201, "{written}: {}", sent.body);
        let kept = if kept.is_empty() { written } else { kept };
        assert_eq!(council.system.get(&at(&sent, "")).text(&format!("/message{pointer}")), Some(kept));
    }
}

#[test]
fn a_passage_is_taken_as_it_was_pasted_and_only_a_nul_is_refused() {
    let world = World::new();
    let council = world.council();
    for (written, kept) in [
        ("Meals:\tnone\nWashing:\tdaily", "Meals: none\nWashing: daily"),
        ("One.\u{b}Two.\u{c}Three.\u{85}Four.\u{2029}Five.", "One.\nTwo.\nThree.\nFour.\nFive."),
        ("\u{feff}She fell.\u{7}\u{1b}[0m\u{200b}", "She fell.[0m"),
        ("She said \u{2067}שלום\u{2069}.", "She said \u{2067}שלום\u{2069}."),
    ] {
        let mut message = messages::referral();
        message["reason"] = written.into();
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(sent.status, 201, "{written:?}: {}", sent.body);
        assert_eq!(council.system.get(&at(&sent, "")).text("/message/reason"), Some(kept));
    }
    for nothing in ["\u{200b}", "\t\u{feff}\n", "\u{1b}", "\u{2800}"] {
        let mut message = messages::referral();
        message["reason"] = nothing.into();
        let refused = council.system.post(REFERRALS, &message);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/reason")), "{nothing:?}");
        assert_eq!(refused.text("/errors/0/detail"), Some("must not be blank"), "{nothing:?}");
    }
}

#[test]
fn a_name_that_shows_nothing_is_none_and_marks_of_direction_are_no_part_of_one() {
    let world = World::new();
    let council = world.council();
    for nothing in ["\u{200b}", "\u{2060}\u{feff}", "\u{202e}", "\u{3164}", "\u{ad}", "\u{2800}", "\u{e0020}"] {
        let mut message = messages::referral();
        message["person"]["family_name"] = nothing.into();
        let refused = council.system.post(REFERRALS, &message);
        assert_eq!(
            (refused.status, refused.text("/errors/0/pointer"), refused.text("/errors/0/detail")),
            (422, Some("/person/family_name"), Some("must not be blank")),
            "{nothing:?}"
        );
    }
    for (written, kept) in [
        ("\u{202e}Marlow\u{202c}", "Marlow"),
        ("Mar\u{200b}low", "Marlow"),
        ("Mar\u{200d}low", "Marlow"),
        ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ("ක්\u{200d}ය", "ක්\u{200d}ය"),
    ] {
        let mut message = messages::referral();
        message["person"]["family_name"] = written.into();
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(sent.status, 201, "{written:?}: {}", sent.body);
        assert_eq!(council.system.get(&at(&sent, "")).text("/message/person/family_name"), Some(kept));
    }
}

#[test]
fn the_words_of_a_national_list_are_taken_however_a_system_writes_them() {
    let world = World::new();
    let council = world.council();
    for (pointer, written, kept) in [
        ("/route_of_access", "community/other route", "Community / Other route"),
        ("/route_of_access", "Discharge From Hospital", "Discharge from Hospital"),
        ("/person/gender", "FEMALE", "Female"),
        (
            "/person/ethnicity",
            "English / Welsh / Scottish / Northern Irish / British",
            "White: English, Welsh, Scottish, Northern Irish or British",
        ),
        ("/person/ethnicity", "Undeclared/Not known", "No data: Undeclared or not known"),
        (
            "/primary_support_reason",
            "Physical Support - Access & Mobility Only",
            "Physical support: Access and mobility only",
        ),
        (
            "/primary_support_reason",
            "Social Support: Support for Social Isolation / Other",
            "Social support: Support for social isolation or other",
        ),
        ("/primary_support_reason", "Social Support: Support to Carer", "Social support: Support to unpaid carer"),
    ] {
        let mut message = messages::referral();
        message["person"]["gender"] = "Male".into();
        message["person"]["ethnicity"] = "White: Irish".into();
        message["primary_support_reason"] = "Unknown".into();
        *message.pointer_mut(pointer).unwrap() = written.into();
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(sent.status, 201, "{written}: {}", sent.body);
        assert_eq!(council.system.get(&at(&sent, "")).text(&format!("/message{pointer}")), Some(kept));
    }
    let mut message = messages::referral();
    message["person"]["gender"] = "Woman".into();
    let refused = council.system.post(REFERRALS, &message);
    assert_eq!(
        refused.text("/errors/0/detail"),
        Some("must be one of: Male; Female; Other; Unknown"),
        "{}",
        refused.body
    );
}

/// Every member of the message that may be left out, and its parents.
const OPTIONAL: [&str; 30] = [
    "/primary_support_reason",
    "/safeguarding_concern",
    "/chosen_practice",
    "/preferred_practice",
    "/instruction",
    "/discharge",
    "/carer",
    "/respond_by",
    "/person/nhs_number",
    "/person/given_name",
    "/person/preferred_name",
    "/person/title",
    "/person/date_of_birth_accuracy",
    "/person/gender",
    "/person/ethnicity",
    "/person/address",
    "/person/address/postcode",
    "/person/address/uprn",
    "/person/ordinary_residence",
    "/person/gp_practice_code",
    "/person/phone",
    "/person/email",
    "/person/preferred_contact",
    "/person/communication_needs",
    "/person/reasonable_adjustments",
    "/carer/relationship",
    "/carer/phone",
    "/carer/lives_with_person",
    "/referrer/phone",
    "/person/date_of_birth",
];

#[test]
fn an_optional_member_that_is_null_or_shows_nothing_is_left_out_whatever_its_type() {
    let world = World::new();
    let council = world.council();
    for pointer in OPTIONAL {
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let mut without = messages::referral();
        if parent == "/carer" {
            without["carer"] = json!({ "name": "Ann Marlow" });
        }
        if member == "date_of_birth" {
            without["person"]["date_of_birth_accuracy"] = "unknown".into();
        }
        without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(member);
        let sent = council.system.post(REFERRALS, &without);
        assert_eq!(sent.status, 201, "{pointer}: {}", sent.body);
        for nothing in [Value::Null, "".into(), " \t\n".into(), "\u{200b}".into()] {
            let mut with = without.clone();
            with.pointer_mut(parent).unwrap()[member] = nothing.clone();
            let again = council.system.post(REFERRALS, &with);
            assert_eq!(again.status, 200, "the same content: {pointer} {nothing:?}: {}", again.body);
        }
    }
}

#[test]
fn what_is_taken_alone_is_no_fault_beside_another() {
    let world = World::new();
    let council = world.council();
    let mut message = messages::referral();
    message["urgency"] = "yesterday".into();
    message["route_of_access"] = "community/other route".into();
    message["respond_by"] = " ".into();
    message["chosen_practice"] = "\u{200b}".into();
    message["primary_support_reason"] = "Support with Memory & Cognition".into();
    message["safeguarding_concern"] = "".into();
    let person = message["person"].as_object_mut().unwrap();
    for (member, value) in [
        ("gender", "FEMALE"),
        ("ethnicity", ""),
        ("gp_practice_code", "m82999\u{200b}"),
        ("email", "edith@B\u{fc}cher.example"),
        ("nhs_number", "999/054"),
    ] {
        person.insert(member.to_owned(), value.into());
    }
    let refused = council.system.post(REFERRALS, &message);
    let pointers: Vec<&str> =
        refused.body["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/person/nhs_number", "/urgency"], "{}", refused.body);
}
