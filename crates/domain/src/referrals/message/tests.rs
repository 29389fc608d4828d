//! Tests of reading the example message, with members set and removed.

use serde_json::{Value, json};

use super::*;
use crate::fault::Fault;

/// Returns the example message with members set, by JSON pointer; `null` removes a member.
pub(in crate::referrals) fn with(edits: &[(&str, Value)]) -> Value {
    let mut message = example::message();
    for (pointer, value) in edits {
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let object = message.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if value.is_null() {
            object.remove(member);
        } else {
            object.insert(member.to_owned(), value.clone());
        }
    }
    message
}

/// Reads a message. The fault has the path as a pointer, and the reader's own words.
pub(in crate::referrals) fn read(message: &Value) -> Result<ReferralMessage, Fault> {
    let text = message.to_string();
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(&text)).map_err(|error| {
        let path = error.path().to_string();
        let pointer = if path == "." { String::new() } else { format!("/{}", path.replace('.', "/")) };
        Fault::new(pointer, error.inner().to_string())
    })
}

/// Asserts that the example with one edit is refused at `pointer`, in words that begin with `detail`.
fn assert_refused(edit: &(&str, Value), pointer: &str, detail: &str) {
    let found = read(&with(std::slice::from_ref(edit))).err().unwrap();
    assert_eq!(found.pointer, pointer, "{}", found.detail);
    assert!(found.detail.starts_with(detail), "{pointer}: {}", found.detail);
}

#[test]
fn the_example_is_sound_and_stays_as_it_is() {
    let message = read(&example::message()).unwrap();
    assert_eq!(serde_json::to_value(&message).unwrap(), example::message());
}

#[test]
fn a_value_that_is_not_fit_is_refused_at_its_pointer() {
    for (pointer, value, detail) in [
        ("/council_reference", json!("a".repeat(65)), "must be at most 64 characters"),
        ("/requested_on", json!("2026-02-30"), "must be a day that exists"),
        ("/requested_on", json!("19/11/2026"), "must be a date written YYYY-MM-DD"),
        ("/function", json!("day_trip"), "must be one of: needs_assessment, "),
        ("/route_of_access", json!("By bus"), "must be one of: Planned Entry (Transition); "),
        ("/reason", json!(""), "must not be blank"),
        ("/reason", json!("a".repeat(4001)), "must be at most 4000 characters"),
        ("/reason", json!("a\0b"), "must not contain the control character NUL"),
        ("/safeguarding_concern", json!("yes"), "invalid type: string"),
        ("/discharge/pathway", json!("P4"), "must be one of: P0, P1, P2, P3"),
    ] {
        assert_refused(&(pointer, value), pointer, detail);
    }
}

#[test]
fn a_value_about_the_person_that_is_not_fit_is_refused_at_its_pointer() {
    for (member, value, detail) in [
        ("nhs_number", json!("9990548608"), "must be a valid NHS number"),
        ("nhs_number", json!("9999999999"), "must be a valid NHS number"),
        ("nhs_number", json!("999O548609"), "must be an NHS number"),
        ("family_name", json!("  "), "must not be blank"),
        ("address/postcode", json!("SY1"), "must be a United Kingdom postcode"),
        ("address/uprn", json!("1234567890123"), "must be a UPRN"),
        ("address/lines", json!([" "]), "must be a list of 1 to 5 texts"),
        ("gp_practice_code", json!("82999"), "must be a GP practice code"),
        ("communication_needs", json!(vec!["a"; 11]), "must be a list of 0 to 10"),
    ] {
        let pointer = format!("/person/{member}");
        assert_refused(&(&pointer, value), &pointer, detail);
    }
    assert_refused(
        &("/person/communication_needs", json!(["a", "b\tc"])),
        "/person/communication_needs[1]",
        "must be one line",
    );
}

#[test]
fn a_missing_member_is_named_at_the_object_that_misses_it() {
    for (pointer, parent, detail) in [
        ("/urgency", "", "missing field `urgency`"),
        ("/consent", "", "missing field `consent`"),
        ("/person/council_person_id", "/person", "missing field `council_person_id`"),
        ("/person/address/lines", "/person/address", "missing field `lines`"),
    ] {
        assert_refused(&(pointer, Value::Null), parent, detail);
    }
}

#[test]
fn an_unknown_member_is_refused_wherever_it_is() {
    for (pointer, detail) in [
        ("/practice_id", "unknown field `practice_id`"),
        ("/person/fist_name", "unknown field `fist_name`"),
        ("/person/address/county", "unknown field `county`"),
        ("/consent/by", "unknown field `by`"),
        ("/discharge/bed", "unknown field `bed`"),
        ("/carer/email", "unknown field `email`"),
        ("/referrer/fax", "unknown field `fax`"),
    ] {
        assert_refused(&(pointer, json!("x")), pointer, detail);
    }
}

#[test]
fn a_member_given_twice_is_refused() {
    let twice = example::message().to_string().replacen('{', r#"{"urgency":"urgent","#, 1);
    let error = serde_json::from_str::<ReferralMessage>(&twice).unwrap_err();
    assert!(error.to_string().starts_with("duplicate field `urgency`"), "{error}");
}

#[test]
fn blank_and_null_and_absent_are_the_same_message() {
    let absent = read(&with(&[("/person/email", Value::Null)])).unwrap();
    let mut null = example::message();
    null["person"]["email"] = Value::Null;
    for message in [null, with(&[("/person/email", json!(" "))])] {
        let message = read(&message).unwrap();
        assert!(message == absent);
        assert_eq!(serde_json::to_string(&message).unwrap(), serde_json::to_string(&absent).unwrap());
    }
}

#[test]
fn debug_prints_nothing_about_anybody() {
    let message = read(&example::message()).unwrap();
    assert_eq!(format!("{message:?}"), "ReferralMessage { function: NeedsAssessment, urgency: Standard, .. }");
    let parts = format!("{:?}{:?}{:?}", message.person, message.carer, message.referrer);
    for personal in ["Pritchard", "Margaret", "1941", "9990548609", "07700", "example.org", "Marsh", "SHR418820"] {
        assert!(!parts.contains(personal), "{personal}");
    }
}

#[test]
fn the_schema_has_the_example_and_takes_nothing_unknown() {
    use utoipa::PartialSchema as _;

    let schema = serde_json::to_value(ReferralMessage::schema()).unwrap();
    assert_eq!(schema["example"], example::message());
    assert_eq!(schema["additionalProperties"], json!(false));
    let required: Vec<&str> = schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(
        required,
        [
            "council_reference",
            "requested_on",
            "function",
            "urgency",
            "route_of_access",
            "reason",
            "consent",
            "person",
            "referrer"
        ]
    );
}
