//! What a referral says of its person beside what the record says, field by field. What the record has no place for is found
//! too, so that nothing stays in the message unseen.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use crate::fault::InvalidValue;
use crate::people::facts::members;
use crate::people::from_referrals::{DifferenceStatus, RecordDifference};
use crate::people::safety::VisitWarning;
use crate::people::service_user::ServiceUserDetails;
use crate::people::warning_note::WarningInForce;
use crate::referrals::message::ReferralMessage;
use crate::referrals::people_around::relationship_in;
use crate::words::gss_code::GssCode;
use crate::words::written::written;

/// The details that are one field, and are taken over together. Any other detail is a field of its own.
const FIELDS: [(&str, &[&str]); 3] = [
    ("name", &["title", "given_name", "family_name", "preferred_name"]),
    ("date_of_birth", &["date_of_birth", "date_of_birth_accuracy"]),
    ("nhs_number", &["nhs_number", "nhs_number_status"]),
];

/// The details that are of the record alone: each council has an identifier of its own, and no message says that somebody
/// died.
const OF_THE_RECORD: [&str; 2] = ["council_person_ids", "date_of_death"];

/// The members of a message that are about the request and not about the person. The referral has them, and the case is made
/// from them.
const OF_THE_REQUEST: [&str; 16] = [
    "council_reference",
    "requested_on",
    "function",
    "urgency",
    "route_of_access",
    "reason",
    "safeguarding_concern",
    "chosen_practice",
    "preferred_practice",
    "consent",
    "instruction",
    "person",
    "referrer",
    "respond_by",
    "restricted",
    "source",
];

/// The fields that must be known before anybody visits, contacts or talks to the person: they come first, in this order.
const KNOWN_FIRST: [&str; 5] = [WARNINGS, "safe_contact", "language", "communication_needs", "reasonable_adjustments"];

/// The field of a message that becomes warning notes of the record.
pub const WARNINGS: &str = "visit_warnings";

/// The details of which each part stands by itself, so that what the message does not say of them stays.
const OF_PARTS: [&str; 1] = ["safe_contact"];

/// Returns the fields in which a message differs from a record, or for which the record has no place. A field that the message
/// does not have is not among them, and no list of which the record has every item, and no warning that a warning note in force gives.
pub fn record_differences(
    message: &ReferralMessage,
    sender: &GssCode,
    record: &ServiceUserDetails,
    in_force: &[WarningInForce],
) -> Vec<RecordDifference> {
    let (said, kept) = (members(&message.service_user(sender)), members(record));
    let difference = |field: &str, message: String, record: Option<String>, has_a_place| RecordDifference {
        field: field.to_owned(),
        message,
        record,
        has_a_place,
        status: DifferenceStatus::Open,
        settled_by: None,
        settled_at: None,
    };
    let mut found: Vec<RecordDifference> = Vec::new();
    for detail in said.keys().filter(|detail| !OF_THE_RECORD.contains(&detail.as_str())) {
        let field = field_of(detail);
        let details = details_of(field);
        // The accuracy of a date that is not given says nothing.
        let says = field == "name" || said.contains_key(field);
        let is_known = found.iter().any(|one| one.field == field);
        let differs = details.iter().any(|detail| combined(detail, &said, &kept).as_ref() != kept.get(*detail));
        if !is_known && says && differs {
            let written = |members: &Map<String, Value>| written_together(members, &details);
            found.push(difference(field, written(&said).unwrap_or_default(), written(&kept), true));
        }
    }
    let of_person = members(&message.person).into_iter().filter(|(name, _)| name != "council_person_id");
    let of_message = members(message).into_iter().filter(|(name, _)| !OF_THE_REQUEST.contains(&name.as_str()));
    let new_warnings = new_warnings(message, in_force);
    for (name, value) in of_person.chain(of_message).filter(|(name, _)| !said.contains_key(name)) {
        if name != WARNINGS {
            let has_a_place = relationship_in(&name, message).is_some();
            found.push(difference(&name, written(&value), None, has_a_place));
        } else if !new_warnings.is_empty() {
            let new: Vec<Value> = new_warnings.iter().map(|warning| Value::Object(members(warning))).collect();
            found.push(difference(&name, written(&Value::Array(new)), None, true));
        }
    }
    found.sort_by_key(|one| KNOWN_FIRST.iter().position(|field| *field == one.field).unwrap_or(KNOWN_FIRST.len()));
    found
}

/// Returns the warnings of a message that none of these notes gives, each once.
pub fn new_warnings<'m>(message: &'m ReferralMessage, in_force: &[WarningInForce]) -> Vec<&'m VisitWarning> {
    let mut new: Vec<&VisitWarning> = Vec::new();
    for warning in &message.visit_warnings {
        let is_given = in_force.iter().any(|note| note.warns_of(warning.kind, &warning.detail));
        let is_said_twice = new.iter().any(|one| one.kind == warning.kind && one.detail == warning.detail);
        if !is_given && !is_said_twice {
            new.push(warning);
        }
    }
    new
}

/// Returns the record with one field of the message in it, as of `today`. A list gets the items that it lacks. `Err` says why
/// the record would not be one.
pub fn taken_over(
    field: &str,
    message: &ReferralMessage,
    sender: &GssCode,
    record: &ServiceUserDetails,
    today: NaiveDate,
) -> Result<ServiceUserDetails, InvalidValue> {
    let (said, mut kept) = (members(&message.service_user(sender)), members(record));
    for detail in details_of(field) {
        if let Some(value) = combined(detail, &said, &kept) {
            kept.insert(detail.to_owned(), value);
        }
    }
    let longer = "cannot be taken over, because the record would have more of it than it may: change the record itself";
    let details: ServiceUserDetails =
        serde_json::from_value(Value::Object(kept)).map_err(|_| InvalidValue::new(longer))?;
    details.check(today).map_err(|faults| {
        let faults: Vec<String> =
            faults.iter().map(|fault| format!("{} {}", fault.pointer.trim_start_matches('/'), fault.detail)).collect();
        InvalidValue::new(format!("cannot be taken over, because of the record {}", faults.join("; ")))
    })?;
    Ok(details)
}

/// Returns a detail as it is once what the message says of it is taken over.
fn combined(detail: &str, said: &Map<String, Value>, kept: &Map<String, Value>) -> Option<Value> {
    match (said.get(detail), kept.get(detail)) {
        (Some(Value::Array(said)), Some(Value::Array(kept))) => {
            let lacking = said.iter().filter(|item| !kept.contains(item));
            Some(Value::Array(kept.iter().chain(lacking).cloned().collect()))
        }
        (Some(Value::Object(said)), Some(Value::Object(kept))) if OF_PARTS.contains(&detail) => {
            Some(Value::Object(kept.iter().chain(said).map(|(part, value)| (part.clone(), value.clone())).collect()))
        }
        // A message has the authority alone, which says nothing of the ground on which the person is resident there.
        (Some(said), Some(kept)) if detail == "ordinary_residence" && said["authority"] == kept["authority"] => {
            Some(kept.clone())
        }
        (said, kept) => said.or(kept).cloned(),
    }
}

fn field_of(detail: &str) -> &str {
    FIELDS.iter().find(|(_, details)| details.contains(&detail)).map_or(detail, |(field, _)| *field)
}

fn details_of(field: &str) -> Vec<&str> {
    FIELDS.iter().find(|(name, _)| *name == field).map_or_else(|| vec![field], |(_, details)| details.to_vec())
}

fn written_together(members: &Map<String, Value>, details: &[&str]) -> Option<String> {
    let parts: Vec<String> = details
        .iter()
        .filter_map(|detail| members.get(*detail))
        // What is exact needs no word.
        .filter(|value| value.as_str() != Some("exact"))
        .map(written)
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::WarningNoteId;
    use crate::referrals::example;

    fn message() -> ReferralMessage {
        serde_json::from_value(example::message()).unwrap()
    }

    fn sender() -> GssCode {
        GssCode::parse("E06000051").unwrap()
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
    }

    /// The example message with these members instead, and the record of the one without them.
    fn with(changes: &Value) -> (ReferralMessage, ServiceUserDetails) {
        let mut said = example::message();
        for (pointer, value) in changes.as_object().unwrap() {
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            said.pointer_mut(parent).unwrap()[member] = value.clone();
        }
        (serde_json::from_value(said).unwrap(), message().service_user(&sender()))
    }

    fn fields(found: &[RecordDifference], has_a_place: bool) -> Vec<&str> {
        found.iter().filter(|one| one.has_a_place == has_a_place).map(|one| one.field.as_str()).collect()
    }

    #[test]
    fn a_record_that_was_opened_from_the_message_lacks_who_is_around_the_person_and_what_it_has_no_place_for() {
        let found = record_differences(&message(), &sender(), &message().service_user(&sender()), &[]);
        assert_eq!(fields(&found, true), ["carer"], "whom somebody at the practice takes over as a relationship");
        for one in &found {
            assert!(!one.message.is_empty() && one.record.is_none() && one.status == DifferenceStatus::Open);
        }
    }

    #[test]
    fn nothing_that_a_message_says_of_a_person_is_left_in_it() {
        let message = message();
        let found = record_differences(&message, &sender(), &message.service_user(&sender()), &[]);
        let on_record = members(&message.service_user(&sender()));
        let shown: Vec<&str> = found.iter().map(|one| one.field.as_str()).collect();
        for name in members(&message.person).keys().filter(|name| *name != "council_person_id") {
            assert!(on_record.contains_key(name) || shown.contains(&name.as_str()), "{name} is shown nowhere");
        }
        for name in members(&message).keys().filter(|name| !OF_THE_REQUEST.contains(&name.as_str())) {
            assert!(on_record.contains_key(name) || shown.contains(&name.as_str()), "{name} is shown nowhere");
        }
    }

    #[test]
    fn what_differs_is_found_field_by_field_and_taken_over_as_a_whole() {
        let mut message = message();
        let record = message.service_user(&sender());
        message.person.family_name = crate::words::text::Line::parse("Price").unwrap();
        message.person.phone = Some(crate::words::phone::Phone::parse("07700 900999").unwrap());
        message.person.preferred_name = None;
        let found = record_differences(&message, &sender(), &record, &[]);
        let mut with_a_place = fields(&found, true);
        with_a_place.sort_unstable();
        assert_eq!(with_a_place, ["carer", "name", "phone"]);
        let name = found.iter().find(|one| one.field == "name").unwrap();
        assert!(name.message.ends_with("Price") && name.record.as_deref() != Some(name.message.as_str()));
        let taken = taken_over("name", &message, &sender(), &record, today()).unwrap();
        assert_eq!(taken.family_name.as_str(), "Price");
        assert_eq!(taken.preferred_name, record.preferred_name, "what the message does not say stays");
        assert_eq!(taken.phone, record.phone);
        let again = record_differences(&message, &sender(), &taken, &[]);
        assert_eq!(fields(&again, true), ["phone", "carer"]);
    }

    #[test]
    fn a_date_of_birth_that_is_not_given_differs_from_none() {
        let mut said = example::message();
        said["person"]["date_of_birth_accuracy"] = json!("unknown");
        said["person"].as_object_mut().unwrap().remove("date_of_birth");
        let unknown: ReferralMessage = serde_json::from_value(said).unwrap();
        let record = message().service_user(&sender());
        assert!(!fields(&record_differences(&unknown, &sender(), &record, &[]), true).contains(&"date_of_birth"));
    }

    #[test]
    fn what_must_be_known_before_a_visit_comes_first() {
        let (message, record) = with(&json!({
            "/visit_warnings": [{ "kind": "animal", "detail": "A dog." }],
            "/person/language": { "preferred": "cy" },
            "/person/safe_contact": { "how": "By letter." },
            "/person/contacts": [{ "kind": "mobile", "value": "07700 900417" }],
            "/person/temporary_address": { "lines": ["Ward 7"] },
            "/person/former_names": [{ "family_name": "Lloyd" }],
        }));
        let found = record_differences(&message, &sender(), &record, &[]);
        let all: Vec<&str> = found.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(all[..3], ["visit_warnings", "safe_contact", "language"]);
        let mut with_a_place = fields(&found, true);
        with_a_place.sort_unstable();
        let all =
            ["carer", "contacts", "former_names", "language", "safe_contact", "temporary_address", "visit_warnings"];
        assert_eq!(with_a_place, all);
    }

    #[test]
    fn a_list_gets_what_it_lacks_and_safe_contact_keeps_the_parts_that_are_not_said() {
        let ten: Vec<String> = (0..10).map(|n| format!("Need {n}")).collect();
        for (detail, kept, said, after) in [
            ("communication_needs", json!(null), json!(["Large print"]), Some(json!(["Large print"]))),
            ("communication_needs", json!(["Makaton", "Large print"]), json!(["Large print"]), None),
            (
                "communication_needs",
                json!(["Makaton"]),
                json!(["Large print"]),
                Some(json!(["Makaton", "Large print"])),
            ),
            (
                "safe_contact",
                json!({ "how": "By telephone.", "not_to_tell": "Her nephew." }),
                json!({ "how": "By letter." }),
                Some(json!({ "how": "By letter.", "not_to_tell": "Her nephew." })),
            ),
            ("safe_contact", json!({ "how": "By letter.", "when": "At noon." }), json!({ "how": "By letter." }), None),
            (
                "temporary_address",
                json!({ "lines": ["Ward 7"], "reason": "hospital" }),
                json!({ "lines": ["9 Mardol"] }),
                Some(json!({ "lines": ["9 Mardol"] })),
            ),
        ] {
            let (message, record) = with(&json!({ format!("/person/{detail}"): said }));
            let mut record = serde_json::to_value(record).unwrap();
            record[detail] = kept;
            let record: ServiceUserDetails = serde_json::from_value(record).unwrap();
            let found = record_differences(&message, &sender(), &record, &[]);
            assert_eq!(fields(&found, true).contains(&detail), after.is_some(), "{detail} {said}");
            let taken = members(&taken_over(detail, &message, &sender(), &record, today()).unwrap());
            assert_eq!(taken.get(detail), Some(&after.unwrap_or_else(|| members(&record)[detail].clone())));
        }
        let (message, record) = with(&json!({ "/person/communication_needs": ["Large print"] }));
        let mut full = serde_json::to_value(record).unwrap();
        full["communication_needs"] = json!(ten);
        let full: ServiceUserDetails = serde_json::from_value(full).unwrap();
        let refused = taken_over("communication_needs", &message, &sender(), &full, today()).err().unwrap();
        assert!(refused.to_string().contains("more of it than it may"), "{refused}");
    }

    #[test]
    fn a_warning_is_left_to_be_settled_until_a_warning_note_in_force_gives_it() {
        let warning = |detail: &str| json!({ "kind": "animal", "detail": detail });
        let (message, record) =
            with(&json!({ "/visit_warnings": [warning("A dog."), warning("A goose."), warning("A dog.")] }));
        let note = |index: usize| {
            let VisitWarning { kind, detail, .. } = message.visit_warnings[index].clone();
            WarningInForce { id: WarningNoteId::from(uuid::Uuid::nil()), kind, detail, review_on: today() }
        };
        for (in_force, new) in [(vec![], 2), (vec![note(0)], 1), (vec![note(1), note(0)], 0)] {
            assert_eq!(new_warnings(&message, &in_force).len(), new);
            let found = record_differences(&message, &sender(), &record, &in_force);
            assert_eq!(fields(&found, true).contains(&WARNINGS), new > 0);
        }
    }

    #[test]
    fn what_would_contradict_the_record_is_not_taken_over() {
        let (message, record) = with(&json!({ "/person/date_of_birth": "1950-01-01" }));
        let mut dead = serde_json::to_value(record).unwrap();
        dead["date_of_death"] = "1949-12-31".into();
        let dead: ServiceUserDetails = serde_json::from_value(dead).unwrap();
        let refused = taken_over("date_of_birth", &message, &sender(), &dead, today()).err().unwrap();
        assert_eq!(
            refused.to_string(),
            "cannot be taken over, because of the record date_of_death must not be before the date of birth"
        );
    }
}
