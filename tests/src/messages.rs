//! Valid messages, for tests to send or to spoil.

use almoner_domain::ids::StaffId;
use serde_json::{Value, json};

use crate::world::number;

/// A referral that is valid on the day of the tests, with a reference and a person of its own.
pub fn referral() -> Value {
    let n = number();
    json!({
        "council_reference": format!("REF-{n}"),
        "requested_on": "2026-11-19",
        "function": "needs_assessment",
        "urgency": "standard",
        "route_of_access": "Community / Other route",
        "reason": "She has fallen twice this month and no longer goes upstairs.",
        "consent": { "basis": "consent_given", "recorded_on": "2026-11-19" },
        "person": {
            "council_person_id": format!("P{n}"),
            "given_name": "Edith",
            "family_name": "Marlow",
            "date_of_birth": "1941-03-08",
            "nhs_number": nhs_number(3 * n),
            "address": { "lines": ["4 Wyle Cop"], "postcode": "SY1 1UT" },
            "phone": "07700 900461",
        },
        "referrer": { "name": "Duty Officer", "team": "First Point of Contact", "email": "duty@council.example" },
    })
}

/// A person with valid details.
pub fn person() -> Value {
    json!({
        "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08", "nhs_number": nhs_number(3 * number()),
        "address": { "lines": ["4 Wyle Cop"], "postcode": "SY1 1UT" },
    })
}

/// A number of the test range with a valid check digit: the next one after `n` that has one. A test that needs several
/// numbers asks in steps of three, so that no two are equal.
pub fn nhs_number(n: u32) -> String {
    (n..)
        .find_map(|n| {
            let nine = format!("999{n:06}");
            let sum: u32 =
                nine.chars().zip((2..=10).rev()).filter_map(|(digit, weight)| Some(digit.to_digit(10)? * weight)).sum();
            match 11 - sum % 11 {
                10 => None,
                11 => Some(format!("{nine}0")),
                check => Some(format!("{nine}{check}")),
            }
        })
        .expect("every second number or so has one")
}

/// A complaint about this practice.
pub fn complaint(practice: &str) -> Value {
    json!({
        "practice": practice,
        "narrative": "Three visits were cancelled and nobody rang.",
        "wants": "An apology, and visits that happen.",
        "complainant": { "name": "Edith Marlow", "basis": "recipient" },
        "contact": { "preferred": "phone", "phone": "07700 900461", "instructions": "Mornings only." },
        "danger": { "now": "no" },
    })
}

/// A request to close a case that waits for a second person.
pub fn close() -> Value {
    json!({
        "ground": "work_complete", "reason": "The review is done and nothing further was asked for.",
        "outcome": "NFA: Support ended as planned",
    })
}

/// Evidence of a death.
pub fn evidence() -> Value {
    json!({ "what": "The surgery wrote that she died in hospital.", "on": "2026-11-19", "from": "Letter of the surgery" })
}

/// A request to close a case that takes effect at once, on evidence.
pub fn close_on_death() -> Value {
    json!({
        "ground": "died", "reason": "Her daughter rang on Thursday.", "outcome": "NFA: Deceased",
        "evidence": evidence(),
    })
}

/// A request to take a case from a worker who left, and to allocate it to this one.
pub fn move_on_leaving(to: StaffId) -> Value {
    json!({
        "staff_id": to, "reason": "Has room.", "ground": "worker_left",
        "evidence": { "what": "Her letter, with her last day.", "on": "2023-06-01", "from": "Hannah Price" },
    })
}

/// A case of review to open with this person, without a referral.
pub fn case(council: &str, service_user: &str) -> Value {
    json!({ "service_user_id": service_user, "council": council, "function": "review" })
}

/// A note of a visit.
pub fn note(text: &str) -> Value {
    json!({ "kind": "visit", "text": text })
}

/// A warning note on a ground that is reviewed.
pub fn warning_note() -> Value {
    json!({
        "kind": "animal", "detail": "A large dog in the yard: ring from the gate.", "ground": "hazard",
        "evidence": { "what": "It bit the district nurse at the gate.", "on": "2026-11-18", "from": "District nurses" },
        "told": { "on": "2026-11-19" }, "review_on": "2027-05-20",
    })
}

/// A second person's agreement.
pub fn approve() -> Value {
    json!({ "same_had_nobody_complained": true, "evidence": "The review of 3 March and the plan signed on 10 March." })
}
