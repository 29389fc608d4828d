//! An example of a referral message, for the OpenAPI document. Everybody in it is made up.

use std::sync::LazyLock;

use serde_json::{Value, json};

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
static MESSAGE: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/example-referral.json")).expect("data/example-referral.json is sound")
});

/// Returns the whole message: a needs assessment on discharge from hospital, sent on 19 November 2026.
pub(super) fn message() -> Value {
    MESSAGE.clone()
}

pub(super) fn consent() -> Value {
    MESSAGE["consent"].clone()
}

pub(super) fn discharge() -> Value {
    MESSAGE["discharge"].clone()
}

pub(super) fn person() -> Value {
    MESSAGE["person"].clone()
}

pub(super) fn carer() -> Value {
    MESSAGE["carer"].clone()
}

pub(super) fn referrer() -> Value {
    MESSAGE["referrer"].clone()
}

/// Returns an instruction, which the example message lacks, because it is not a safeguarding enquiry.
pub(super) fn instruction() -> Value {
    json!({ "officer": officer(), "due_by": "2026-12-11" })
}

pub(super) fn officer() -> Value {
    json!({ "id": "SHR1320", "name": "Fatima Marsh", "role": "Safeguarding Adults Manager" })
}

macro_rules! examples {
    ($($name:ident = $value:tt;)+) => {$(
        pub(super) fn $name() -> Value {
            json!($value)
        }
    )+};
}

// The parts that the example message lacks: most messages have few of them.
examples! {
    restricted = { "reason": "Her son works for the practice.", "not_to_see": ["Rhys Pritchard"] };
    cared_for = { "name": "Ivor Pritchard", "relationship": "husband", "ordinary_residence": "E06000051", "lives_with_person": true };
    representative = {
        "name": "Gwen Pritchard", "kind": "attorney_health", "authority_seen": true, "reference": "LPA 700-1234", "phone": "07700 900582",
    };
    emergency_contact = { "name": "Gwen Pritchard", "relationship": "daughter", "phone": "07700 900582" };
    source = {
        "kind": "gp", "organisation": "Larkspur Surgery", "ods_code": "M82999", "name": "Dr Asha Rao", "role": "General practitioner",
        "person_knows": true,
    };
    warning = {
        "code": "contact_missing", "pointer": "/person/preferred_contact", "detail": "wants to be telephoned, and no number is given",
    };
    responsible = { "code": "E06000051", "by": "ordinary_residence", "presumed": false };
}
