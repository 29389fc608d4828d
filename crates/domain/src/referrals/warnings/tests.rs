//! A table of what is warned of, and what is not.

use serde_json::{Value, json};

use super::*;
use crate::referrals::example;
use crate::referrals::message::tests::{read, with};

/// Returns the code and the pointer of each warning about the example with these edits. The last day for an answer is
/// 27 November 2026.
fn warned(edits: &[(&str, Value)]) -> Vec<(String, &'static str)> {
    let message = read(&with(edits)).unwrap();
    let warnings = message.warnings("2026-11-27".parse().unwrap());
    warnings.iter().map(|warning| (warning.code.to_string(), warning.pointer)).collect()
}

/// What is changed in the message, and the warnings that come of it.
type Case = (Vec<(&'static str, Value)>, Vec<(&'static str, &'static str)>);

fn cases() -> Vec<Case> {
    let contact = |how: &str| ("/person/preferred_contact", json!(how));
    let contacts = |kind: &str, value: &str| ("/person/contacts", json!([{ "kind": kind, "value": value }]));
    let without = |pointer: &'static str| (pointer, Value::Null);
    let function = |word: &str| ("/function", json!(word));
    let route = |word: &str| ("/route_of_access", json!(word));
    let (no_phone, no_email) = (without("/person/phone"), without("/person/email"));
    let missing = || vec![("contact_missing", "/person/preferred_contact")];
    let presumed = |pointer| vec![("responsible_council_presumed", pointer)];
    let home_on = |day: &str| ("/discharge/expected_on", json!(day));
    let born = |day: &str| ("/person/date_of_birth", json!(day));
    let enquiry = || [function("safeguarding_enquiry"), ("/instruction", example::instruction())];
    let homeless = || ("/person/accommodation_status", json!("Rough sleeper or squatting"));
    let cared_for = |residence: Option<&str>| {
        let mut adult = json!({ "name": "Ivor" });
        if let Some(code) = residence {
            adult["ordinary_residence"] = json!(code);
        }
        ("/cared_for", adult)
    };
    vec![
        (vec![], vec![]),
        (vec![contact("phone"), no_phone.clone()], missing()),
        (vec![contact("phone"), no_phone.clone(), contacts("email", "a@example.org")], missing()),
        (vec![contact("phone"), no_phone.clone(), contacts("home", "01743 000001")], vec![]),
        (vec![contact("phone"), no_phone.clone(), contacts("relay", "Through the relay service")], vec![]),
        (vec![contact("sms")], vec![]),
        (vec![contact("sms"), no_phone.clone(), contacts("home", "01743 000001")], missing()),
        (vec![contact("sms"), no_phone.clone(), contacts("mobile", "07700 900001")], vec![]),
        (vec![contact("email")], vec![]),
        (vec![contact("email"), no_email.clone()], missing()),
        (vec![contact("email"), no_email, contacts("email", "a@example.org")], vec![]),
        (vec![contact("letter"), without("/person/address")], missing()),
        (
            vec![
                contact("letter"),
                without("/person/address"),
                ("/person/temporary_address", json!({ "lines": ["Ward 7"] })),
            ],
            vec![],
        ),
        (vec![contact("in_person"), no_phone], vec![]),
        (vec![contact("via_representative")], vec![("representative_missing", "/person/preferred_contact")]),
        (
            vec![contact("via_representative"), ("/representative", json!({ "kind": "advocate" }))],
            vec![("representative_missing", "/person/preferred_contact")],
        ),
        (vec![contact("via_representative"), ("/representative", example::representative())], vec![]),
        (vec![born("1941-01-01")], vec![("date_of_birth_in_doubt", "/person/date_of_birth")]),
        (vec![born("1941-01-01"), ("/person/date_of_birth_accuracy", json!("year"))], vec![]),
        (vec![born("1941-01-02")], vec![]),
        (vec![home_on("2026-11-26")], vec![("discharge_before_answer", "/discharge/expected_on")]),
        (vec![home_on("2026-11-27")], vec![]),
        (vec![without("/discharge/expected_on")], vec![]),
        (vec![function("carers_assessment")], vec![("cared_for_missing", "/cared_for")]),
        (
            vec![function("carers_assessment"), without("/carer")],
            vec![
                ("responsible_council_presumed", "/cared_for/ordinary_residence"),
                ("cared_for_missing", "/cared_for"),
            ],
        ),
        (vec![function("young_carer_assessment"), cared_for(None)], presumed("/cared_for/ordinary_residence")),
        (vec![function("carers_assessment"), cared_for(Some("E06000051"))], vec![]),
        (vec![function("section_117_aftercare")], presumed("/person/resident_before_detention")),
        (vec![function("section_117_aftercare"), ("/person/resident_before_detention", json!("E06000051"))], vec![]),
        (vec![route("Prison"), without("/discharge")], presumed("/person/held_in")),
        (vec![route("Prison"), without("/discharge"), ("/person/held_in", json!("E06000051"))], vec![]),
        (enquiry().to_vec(), presumed("/person/located_in")),
        ([&enquiry()[..], &[("/person/located_in", json!("E06000051"))]].concat(), vec![]),
        (
            [&enquiry()[..], &[("/person/located_in", json!("E06000051")), route("Prison"), without("/discharge")]]
                .concat(),
            presumed("/person/held_in"),
        ),
        (vec![without("/person/ordinary_residence")], vec![]),
        (vec![without("/person/ordinary_residence"), homeless()], presumed("/person/located_in")),
        (vec![without("/person/ordinary_residence"), homeless(), ("/person/located_in", json!("E06000051"))], vec![]),
        (vec![homeless()], vec![]),
    ]
}

#[test]
fn what_is_doubtful_or_cannot_be_obeyed_is_warned_of_at_its_pointer() {
    for (edits, expected) in cases() {
        let expected: Vec<(String, &str)> =
            expected.into_iter().map(|(code, pointer)| (code.to_owned(), pointer)).collect();
        assert_eq!(warned(&edits), expected, "{edits:?}");
    }
}

#[test]
fn every_code_has_a_case() {
    let warned: std::collections::BTreeSet<String> =
        cases().into_iter().flat_map(|(edits, _)| warned(&edits)).map(|(code, _)| code).collect();
    let all: std::collections::BTreeSet<String> = WarningCode::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(warned, all);
}

#[test]
fn a_known_person_of_the_same_number_is_in_doubt_if_both_dates_are_known_and_cannot_be_the_same() {
    use DateOfBirthAccuracy::{Exact, Unknown, Year};

    let birth = |day: &str, accuracy| Birth::new(day.parse().ok(), accuracy);
    for (known, told, in_doubt) in [
        (birth("1941-03-08", Exact), birth("1941-03-08", Exact), false),
        (birth("1941-03-08", Exact), birth("1941-03-09", Exact), true),
        (birth("1941-03-08", Exact), birth("1941-01-01", Year), false),
        (birth("1941-03-08", Exact), birth("1942-01-01", Year), true),
        (birth("1941-03-08", Unknown), birth("1942-01-01", Exact), false),
        (birth("", Exact), birth("1942-01-01", Exact), false),
        (birth("1941-03-08", Exact), birth("", Unknown), false),
    ] {
        assert_eq!(warning_of_a_known_person(known, told).is_some(), in_doubt, "{known:?} {told:?}");
    }
}
