//! The people around somebody whom a message names, as relationships of a record.

use serde_json::{Map, Value, json};

use crate::people::facts::members;
use crate::people::relationship::{RelationshipRole, RelationshipSaid};
use crate::referrals::message::ReferralMessage;
use crate::referrals::terms::RepresentativeKind;
use crate::words::written::written;

/// Returns the relationship of which this member of a message tells; `None` if it tells of none, or names nobody. A document that the
/// council has seen was seen by the day on which it asked.
pub fn relationship_in(field: &str, message: &ReferralMessage) -> Option<RelationshipSaid> {
    let Value::Object(mut member) = members(message).remove(field)? else { return None };
    let name = member.remove("name")?;
    let mut other_is = Map::new();
    let mut person_is = Map::new();
    let mut without_record = Map::from_iter([("name".to_owned(), name)]);
    for contact in ["phone", "email"] {
        without_record.extend(member.remove(contact).map(|value| (contact.to_owned(), value)));
    }
    other_is.extend(member.remove("relationship").map(|words| ("in_words".to_owned(), words)));
    match field {
        "cared_for" => {
            person_is.insert("roles".to_owned(), json!(["unpaid_carer"]));
        }
        "carer" => {
            other_is.insert("roles".to_owned(), json!(["unpaid_carer"]));
        }
        "representative" => {
            let representative = message.representative.as_ref()?;
            let role = role_of(representative.kind);
            member.remove("kind");
            other_is.insert("roles".to_owned(), json!([role]));
            let reference = member.remove("reference");
            let was_seen = member.remove("authority_seen") == Some(Value::Bool(true));
            if role.rests_on_a_document() {
                let mut authority = Map::new();
                authority.extend(reference.map(|reference| ("reference".to_owned(), reference)));
                authority.extend(was_seen.then(|| ("seen_on".to_owned(), json!(message.requested_on))));
                other_is.insert("authority".to_owned(), Value::Object(authority));
            } else {
                member.extend(reference.map(|reference| ("reference".to_owned(), reference)));
            }
        }
        "emergency_contact" => {
            other_is.insert("roles".to_owned(), json!(["emergency_contact"]));
        }
        _ => return None,
    }
    let live_together = member.remove("lives_with_person");
    let note = (!member.is_empty()).then(|| written(&Value::Object(member)));
    let said = json!({
        "without_record": without_record,
        "other_is": other_is,
        "person_is": person_is,
        "live_together": live_together,
        "note": note,
    });
    serde_json::from_value(said).ok()
}

const fn role_of(kind: RepresentativeKind) -> RelationshipRole {
    match kind {
        RepresentativeKind::AttorneyHealth => RelationshipRole::AttorneyHealth,
        RepresentativeKind::AttorneyProperty => RelationshipRole::AttorneyProperty,
        RepresentativeKind::Deputy => RelationshipRole::Deputy,
        RepresentativeKind::Appointee => RelationshipRole::Appointee,
        RepresentativeKind::Advocate => RelationshipRole::Advocate,
        RepresentativeKind::NearestRelative => RelationshipRole::NearestRelative,
        RepresentativeKind::Other => RelationshipRole::SpeaksFor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::referrals::example;

    fn in_message(field: &str, member: Value) -> Value {
        let mut message = example::message();
        message[field] = member;
        let said = relationship_in(field, &serde_json::from_value(message).unwrap());
        serde_json::to_value(said).unwrap()
    }

    #[test]
    fn whoever_a_message_names_around_the_person_becomes_a_relationship_with_all_that_is_said_of_them() {
        let carer = json!({ "name": "Gwen Pritchard", "relationship": "daughter", "phone": "07700 900582", "lives_with_person": false });
        assert_eq!(
            in_message("carer", carer),
            json!({
                "without_record": { "name": "Gwen Pritchard", "phone": "07700 900582" },
                "other_is": { "roles": ["unpaid_carer"], "in_words": "daughter" },
                "live_together": false,
            })
        );
        let cared_for = json!({ "name": "Ivor", "relationship": "husband", "date_of_birth": "1939-02-01", "council_person_id": "SHR9" });
        assert_eq!(
            in_message("cared_for", cared_for),
            json!({
                "without_record": { "name": "Ivor" },
                "other_is": { "in_words": "husband" },
                "person_is": { "roles": ["unpaid_carer"] },
                "note": "council person id: SHR9; date of birth: 1939-02-01",
            })
        );
        assert_eq!(
            in_message("emergency_contact", json!({ "name": "Gwen" })),
            json!({ "without_record": { "name": "Gwen" }, "other_is": { "roles": ["emergency_contact"] } })
        );
        for other in ["discharge", "referrer"] {
            assert_eq!(in_message(other, example::message()[other].clone()), Value::Null, "{other}");
        }
    }

    #[test]
    fn a_representative_has_the_role_of_their_authority_and_the_day_on_which_the_document_was_seen() {
        for (kind, seen, other_is) in [
            (
                "attorney_health",
                true,
                json!({ "roles": ["attorney_health"], "authority": { "reference": "R1", "seen_on": "2026-11-19" } }),
            ),
            ("deputy", false, json!({ "roles": ["deputy"], "authority": { "reference": "R1" } })),
            ("other", true, json!({ "roles": ["speaks_for"] })),
            ("nearest_relative", true, json!({ "roles": ["nearest_relative"] })),
        ] {
            let member = json!({ "name": "Gwen", "kind": kind, "authority_seen": seen, "reference": "R1" });
            let said = in_message("representative", member);
            assert_eq!(said["other_is"], other_is, "{kind}");
            let note = (!kind.starts_with("attorney") && kind != "deputy").then_some("reference: R1");
            assert_eq!(said.get("note").and_then(Value::as_str), note, "{kind}");
        }
        assert_eq!(in_message("representative", json!({ "kind": "advocate" })), Value::Null, "nobody is named");
    }
}
