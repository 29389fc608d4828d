//! Tests of every fault that concerns several members, and of the limits of the rules about dates.

use serde_json::{Value, json};

use super::*;
use crate::referrals::example;
use crate::referrals::message::tests::{read, with};
use crate::words::calendar::tests::england_and_wales;

const TODAY: &str = "2026-11-21";

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Returns the faults of a message, whether reading it or checking it found them.
fn faults(message: &Value) -> Vec<Fault> {
    match read(message) {
        Ok(message) => message.check(date(TODAY), &england_and_wales(), &[]).err().unwrap_or_default(),
        Err(fault) => vec![fault],
    }
}

#[test]
fn what_the_types_cannot_say_is_checked() {
    let enquiry = || ("/function", json!("safeguarding_enquiry"));
    let instruction = |due_by: &str| {
        let mut instruction = example::instruction();
        instruction["due_by"] = json!(due_by);
        ("/instruction", instruction)
    };
    for (edits, pointer, detail) in [
        (vec![("/requested_on", json!("2026-11-22"))], "/requested_on", "must not be in the future"),
        (vec![("/requested_on", json!("2021-11-20"))], "/requested_on", "must not be more than 5 years ago"),
        (vec![("/consent/recorded_on", json!("2026-11-22"))], "/consent/recorded_on", "must not be in the future"),
        (vec![enquiry()], "/instruction", "is required with"),
        (vec![instruction("2026-12-11")], "/instruction", "is allowed only with"),
        (vec![enquiry(), instruction("2026-11-19")], "/instruction/due_by", "must be after requested_on"),
        (vec![("/route_of_access", json!("Prison"))], "/discharge", "is allowed only where"),
        (vec![("/person/date_of_birth", Value::Null)], "/person/date_of_birth", "is required unless"),
        (
            vec![("/person/date_of_birth", json!("2015-01-01"))],
            "/person/date_of_birth",
            "must make the person at least 18",
        ),
        (vec![("/person/date_of_birth", json!("2030-01-01"))], "/person/date_of_birth", "must not be in the future"),
        (
            vec![("/person/date_of_birth", json!("1850-01-01"))],
            "/person/date_of_birth",
            "must not be more than 125 years",
        ),
        (
            vec![("/referrer/phone", Value::Null), ("/referrer/email", Value::Null)],
            "/referrer",
            "must have a phone or an email",
        ),
        (vec![("/respond_by", json!("2026-11-20"))], "/respond_by", "must not be in the past"),
        (vec![("/respond_by", json!("2027-11-22"))], "/respond_by", "must be within a year"),
    ] {
        let found = faults(&with(&edits));
        assert_eq!(found.len(), 1, "{pointer} {detail}: {found:?}");
        assert_eq!(found[0].pointer, pointer, "{}", found[0].detail);
        assert!(found[0].detail.starts_with(detail), "{pointer}: {}", found[0].detail);
    }
}

#[test]
fn the_council_that_is_responsible_is_in_england() {
    let function = |word: &str| ("/function", json!(word));
    let route = |word: &str| ("/route_of_access", json!(word));
    let (wales, scotland) = (json!("W06000023"), json!("S12000036"));
    let residence = |code: &Value| ("/person/ordinary_residence", code.clone());
    let before = |code: &Value| ("/person/resident_before_detention", code.clone());
    let cared_for = |code: &Value| ("/cared_for", json!({ "name": "Ivor", "ordinary_residence": code }));
    let (no_discharge, no_carer) = (("/discharge", Value::Null), ("/carer", Value::Null));
    for (edits, pointer) in [
        (vec![residence(&wales)], Some("/person/ordinary_residence")),
        (vec![residence(&scotland), function("review")], Some("/person/ordinary_residence")),
        // The person is the adult cared for.
        (vec![residence(&wales), function("carers_assessment")], Some("/person/ordinary_residence")),
        (vec![cared_for(&scotland), function("carers_assessment")], Some("/cared_for/ordinary_residence")),
        (vec![before(&wales), function("section_117_aftercare")], Some("/person/resident_before_detention")),
        // What does not decide may be anywhere.
        (vec![residence(&wales), function("carers_assessment"), no_carer], None),
        (vec![residence(&wales), function("section_117_aftercare")], None),
        (vec![residence(&wales), function("urgent_needs")], None),
        (vec![residence(&wales), function("safeguarding_enquiry"), ("/instruction", example::instruction())], None),
        (vec![residence(&wales), route("Prison"), no_discharge], None),
        (vec![before(&wales), cared_for(&wales)], None),
    ] {
        let found: Vec<String> = faults(&with(&edits)).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(found, pointer.into_iter().collect::<Vec<_>>(), "{edits:?}");
    }
}

#[test]
fn what_keeps_the_rules_passes() {
    for edits in [
        vec![],
        vec![("/requested_on", json!("2026-11-21"))],
        vec![("/requested_on", json!("2021-11-21"))],
        vec![("/consent/recorded_on", json!("2026-11-21"))],
        vec![("/function", json!("safeguarding_enquiry")), ("/instruction", example::instruction())],
        vec![("/route_of_access", json!("Diversion from Hospital Services"))],
        vec![("/route_of_access", json!("Prison")), ("/discharge", Value::Null)],
        vec![("/referrer/phone", Value::Null)],
        vec![("/referrer/email", json!(" "))],
        vec![("/respond_by", json!("2026-11-21"))],
        vec![("/person/nhs_number", json!("999 054 8609"))],
        vec![("/person/family_name", json!("X"))],
        vec![("/person/date_of_birth", Value::Null), ("/person/date_of_birth_accuracy", json!("unknown"))],
    ] {
        assert_eq!(faults(&with(&edits)), [], "{edits:?}");
    }
}

#[test]
fn every_fault_is_told_at_once_in_the_order_of_the_members() {
    let found = faults(&with(&[
        ("/respond_by", json!("2020-01-01")),
        ("/person/date_of_birth", json!("2020-01-01")),
        ("/requested_on", json!("2027-01-01")),
    ]));
    let pointers: Vec<&str> = found.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/requested_on", "/person/date_of_birth", "/respond_by"]);
}

#[test]
fn a_person_is_of_age_if_the_date_of_birth_allows_it() {
    const TRANSITION: &str = "Planned Entry (Transition)";
    const COMMUNITY: &str = "Community / Other route";
    for (born, accuracy, route, requested_on, passes) in [
        ("2008-11-19", "exact", COMMUNITY, "2026-11-19", true),
        ("2008-11-20", "exact", COMMUNITY, "2026-11-19", false),
        ("2009-11-19", "exact", TRANSITION, "2026-11-19", true),
        ("2026-11-19", "exact", TRANSITION, "2026-11-19", true),
        ("2026-11-20", "exact", TRANSITION, "2026-11-19", false),
        ("2008-11-28", "month", COMMUNITY, "2026-11-19", true),
        ("2008-12-01", "month", COMMUNITY, "2026-11-19", false),
        ("2008-12-31", "year", COMMUNITY, "2026-11-19", true),
        ("2009-01-01", "year", COMMUNITY, "2026-11-19", false),
        ("2009-12-31", "year", TRANSITION, "2026-11-19", true),
        ("2008-02-29", "exact", COMMUNITY, "2026-02-28", false),
        ("2008-02-29", "exact", COMMUNITY, "2026-03-01", true),
        ("1901-11-21", "exact", COMMUNITY, "2026-11-19", true),
        ("1901-11-20", "exact", COMMUNITY, "2026-11-19", false),
        ("1901-11-01", "month", COMMUNITY, "2026-11-19", true),
        ("1901-01-01", "year", COMMUNITY, "2026-11-19", true),
        ("1900-01-01", "year", COMMUNITY, "2026-11-19", false),
        ("2020-01-01", "unknown", COMMUNITY, "2026-11-19", true),
    ] {
        let found = faults(&with(&[
            ("/person/date_of_birth", json!(born)),
            ("/person/date_of_birth_accuracy", json!(accuracy)),
            ("/route_of_access", json!(route)),
            ("/requested_on", json!(requested_on)),
            ("/discharge", Value::Null),
        ]));
        assert_eq!(found.is_empty(), passes, "{born} {accuracy} {route}: {found:?}");
    }
}

#[test]
fn an_answer_is_asked_for_on_a_day_of_which_the_calendar_knows_whether_it_is_a_holiday() {
    let calendar = england_and_wales();
    let fault = |today: &str, respond_by: &str| {
        let message = read(&with(&[("/respond_by", json!(respond_by))])).unwrap();
        message.fault_of_respond_by(date(today), &calendar).map(|fault| fault.detail)
    };
    assert_eq!(fault("2030-06-03", "2030-12-31"), None);
    let beyond = "must be in a year whose bank holidays are loaded, which are 2024 to 2030";
    assert_eq!(fault("2030-06-03", "2031-01-01").as_deref(), Some(beyond));
    assert_eq!(fault("2029-12-31", "2031-01-01").as_deref(), Some("must be within a year"));
}
