//! Who somebody is to a person: family, unpaid carers, representatives and others, seen from both sides.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::ids::{ServiceUserId, StaffId};
use crate::refusal::Refusal;
use crate::words::date;
use crate::words::email::ContactEmail;
use crate::words::phone::Phone;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Line, Passage};

closed_codes! {
    /// What somebody is to another person.
    pub enum RelationshipRole {
        /// They care for the other without pay (Care Act 2014 s10).
        UnpaidCarer = "unpaid_carer",
        /// They are the other's next of kin, as the other names them.
        NextOfKin = "next_of_kin",
        /// They are to be rung in an emergency.
        EmergencyContact = "emergency_contact",
        /// They have a key to the other's home.
        KeyHolder = "key_holder",
        /// They are an attorney for health and welfare (Mental Capacity Act 2005 s9).
        AttorneyHealth = "attorney_health",
        /// They are an attorney for property and affairs (Mental Capacity Act 2005 s9).
        AttorneyProperty = "attorney_property",
        /// They are a deputy of the Court of Protection (Mental Capacity Act 2005 s16).
        Deputy = "deputy",
        /// They receive the other's benefits as appointee (SI 1987/1968 reg 33).
        Appointee = "appointee",
        /// They are the nearest relative (Mental Health Act 1983 s26).
        NearestRelative = "nearest_relative",
        /// They are an independent advocate (Care Act 2014 s67).
        Advocate = "advocate",
        /// They speak for the other, without an authority in law.
        SpeaksFor = "speaks_for",
        /// They are something else to the other, which is said in words.
        Other = "other",
    }
}

impl RelationshipRole {
    /// Whether a document gives the authority, which somebody has to have seen.
    pub const fn rests_on_a_document(self) -> bool {
        matches!(self, Self::AttorneyHealth | Self::AttorneyProperty | Self::Deputy | Self::Appointee)
    }
}

closed_codes! {
    /// The reason why a relationship is shown as ended.
    pub enum RelationshipEnd {
        /// It is over.
        Over = "over",
        /// It was entered in error, and never was.
        EnteredInError = "entered_in_error",
    }
}

/// The authority by which somebody acts for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reference": "LPA 700-1234", "seen_on": "2026-11-18", "scope": "Where she lives, and who visits." }))]
pub struct Authority {
    /// The reference of the document: the Office of the Public Guardian's, the court's, or that of the Department for Work and
    /// Pensions.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub reference: Option<Line<100>>,
    /// The day on which somebody at the practice, or the council, saw the document. Without it nobody has.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub seen_on: Option<NaiveDate>,
    /// What the authority is for, and what it leaves out.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub scope: Option<Passage<1000>>,
    /// The last day on which it is in force, where it has one.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// What one of two people is to the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "roles": ["unpaid_carer", "next_of_kin"], "in_words": "daughter", "caring_hours_a_week": 20 }))]
pub struct Part {
    /// The roles, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 12)]
    pub roles: Vec<RelationshipRole>,
    /// The relationship in words, such as "daughter".
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub in_words: Option<Line<100>>,
    /// The authority of an attorney, a deputy or an appointee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Authority>,
    /// The hours in a week for which an unpaid carer cares, as far as they can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 168)]
    pub caring_hours_a_week: Option<u16>,
}

impl Part {
    fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.in_words.is_none()
    }

    /// Whether the part rests on a document that nobody has seen.
    pub fn is_unproven(&self) -> bool {
        let was_seen = self.authority.as_ref().is_some_and(|authority| authority.seen_on.is_some());
        self.roles.iter().any(|role| role.rests_on_a_document()) && !was_seen
    }

    fn faults(&self, at: &str, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, role) in self.roles.iter().enumerate() {
            if self.roles[..index].contains(role) {
                faults.push(Fault::new(format!("{at}/roles/{index}"), "must not be repeated"));
            }
        }
        if self.roles.contains(&RelationshipRole::Other) && self.in_words.is_none() {
            faults.push(Fault::new(format!("{at}/in_words"), "is required with the role other"));
        }
        let seen_on = self.authority.as_ref().and_then(|authority| authority.seen_on);
        if seen_on.is_some_and(|seen_on| seen_on > today) {
            faults.push(Fault::new(format!("{at}/authority/seen_on"), "must not be in the future"));
        }
        if self.authority.is_some() && !self.roles.iter().any(|role| role.rests_on_a_document()) {
            let detail = "is for an attorney, a deputy or an appointee, and else left out";
            faults.push(Fault::new(format!("{at}/authority"), detail));
        }
        if let Some(hours) = self.caring_hours_a_week {
            if !(1..=168).contains(&hours) {
                faults.push(Fault::new(format!("{at}/caring_hours_a_week"), "must be from 1 to 168"));
            } else if !self.roles.contains(&RelationshipRole::UnpaidCarer) {
                let detail = "is for an unpaid carer, and else left out";
                faults.push(Fault::new(format!("{at}/caring_hours_a_week"), detail));
            }
        }
        faults
    }
}

/// Somebody who has no record at the practice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Gwen Pritchard", "phone": "07700 900582" }))]
pub struct WithoutRecord {
    /// Their name.
    pub name: Line<200>,
    /// The organisation for which they act, such as that of an advocate.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Line<200>>,
    /// Their telephone number.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Their e-mail address.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub email: Option<ContactEmail>,
}

/// What is said of a relationship, seen from one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "without_record": { "name": "Gwen Pritchard", "phone": "07700 900582" },
    "other_is": { "roles": ["unpaid_carer", "next_of_kin"], "in_words": "daughter" },
    "person_is": { "in_words": "mother" },
    "live_together": false,
}))]
pub struct RelationshipSaid {
    /// The record of the other, if they have one at the practice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<ServiceUserId>,
    /// The other, if they have no record at the practice. It is left out if they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_record: Option<WithoutRecord>,
    /// What the other is to the person.
    #[serde(default, skip_serializing_if = "Part::is_empty")]
    pub other_is: Part,
    /// What the person is to the other.
    #[serde(default, skip_serializing_if = "Part::is_empty")]
    pub person_is: Part,
    /// Whether the two live together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_together: Option<bool>,
    /// The day from which it is so, as far as is known.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// What else is to be known of it.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub note: Option<Passage<1000>>,
}

impl RelationshipSaid {
    /// Returns what is sealed: the record of the other stands beside it, where it follows them.
    #[must_use]
    pub fn without_other(mut self) -> Self {
        self.service_user_id = None;
        self
    }

    /// Returns the same, seen from the other.
    #[must_use]
    pub fn from_the_other(mut self) -> Self {
        std::mem::swap(&mut self.other_is, &mut self.person_is);
        self
    }

    /// Returns what is wrong with it in the record of `person`, as of `today`.
    pub fn faults(&self, person: ServiceUserId, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        match (self.service_user_id, &self.without_record) {
            (None, None) => faults.push(Fault::new("", "must have service_user_id or without_record")),
            (Some(_), Some(_)) => {
                faults.push(Fault::new("/without_record", "is left out where the other has a record"));
            }
            (Some(other), None) if other == person => {
                faults.push(Fault::new("/service_user_id", "must be another person"));
            }
            _ => {}
        }
        if self.other_is.is_empty() && self.person_is.is_empty() {
            faults.push(Fault::new("/other_is", "must have roles, or the relationship in words"));
        }
        faults.extend(self.other_is.faults("/other_is", today));
        faults.extend(self.person_is.faults("/person_is", today));
        if self.from.is_some_and(|from| from > today) {
            faults.push(Fault::new("/from", "must not be in the future"));
        }
        faults
    }
}

/// What was said of a relationship until somebody changed it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SaidBefore {
    /// What was said.
    pub said: RelationshipSaid,
    /// When it was changed.
    pub changed_at: DateTime<Utc>,
    /// The member of staff who changed it.
    pub changed_by: StaffId,
}

/// The most changes that a relationship keeps. Who wants to change it once more ends it, and writes another.
const MOST_CHANGES: usize = 100;

/// A relationship as it is kept: what holds, and what was said before.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationshipKept {
    /// What is said of it, seen from the person in whose record it was written.
    pub said: RelationshipSaid,
    /// What was said before, the newest first.
    pub before: Vec<SaidBefore>,
}

impl RelationshipKept {
    /// Says it anew, and keeps what was said.
    pub fn say(&mut self, said: RelationshipSaid, by: StaffId, at: DateTime<Utc>) -> Result<(), Refusal> {
        if said == self.said {
            return Ok(());
        }
        if self.before.len() >= MOST_CHANGES {
            let state = "changed a hundred times";
            return Err(Refusal::InvalidState { thing: "relationship", state, step: "changed" });
        }
        let said = std::mem::replace(&mut self.said, said);
        self.before.insert(0, SaidBefore { said, changed_at: at, changed_by: by });
        Ok(())
    }

    /// Returns the same, seen from the other.
    #[must_use]
    pub fn from_the_other(mut self) -> Self {
        self.said = self.said.from_the_other();
        for before in &mut self.before {
            before.said = before.said.clone().from_the_other();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> ServiceUserId {
        ServiceUserId::from(Uuid::from_u128(number))
    }

    fn today() -> NaiveDate {
        "2026-11-20".parse().unwrap()
    }

    fn said(json: Value) -> RelationshipSaid {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_relationship_has_another_person_and_says_what_one_is_to_the_other() {
        let gwen = json!({ "name": "Gwen Pritchard" });
        for (body, other, expected) in [
            (json!({ "without_record": gwen, "other_is": { "in_words": "daughter" } }), None, vec![]),
            (json!({ "other_is": { "roles": ["key_holder"] } }), Some(2), vec![]),
            (json!({ "person_is": { "roles": ["unpaid_carer"], "caring_hours_a_week": 168 } }), Some(2), vec![]),
            (json!({}), None, vec!["", "/other_is"]),
            (json!({ "other_is": { "roles": ["key_holder"] } }), Some(1), vec!["/service_user_id"]),
            (
                json!({ "without_record": gwen, "other_is": { "roles": ["advocate"] } }),
                Some(2),
                vec!["/without_record"],
            ),
            (json!({ "other_is": { "roles": ["other"] } }), Some(2), vec!["/other_is/in_words"]),
            (json!({ "other_is": { "roles": ["advocate", "advocate"] } }), Some(2), vec!["/other_is/roles/1"]),
            (json!({ "other_is": { "roles": ["advocate"], "authority": {} } }), Some(2), vec!["/other_is/authority"]),
            (
                json!({ "person_is": { "roles": ["deputy"], "authority": { "seen_on": "2026-11-21" } } }),
                Some(2),
                vec!["/person_is/authority/seen_on"],
            ),
            (
                json!({ "other_is": { "roles": ["unpaid_carer"], "caring_hours_a_week": 169 } }),
                Some(2),
                vec!["/other_is/caring_hours_a_week"],
            ),
            (
                json!({ "other_is": { "roles": ["next_of_kin"], "caring_hours_a_week": 1 }, "from": "2026-11-21" }),
                Some(2),
                vec!["/other_is/caring_hours_a_week", "/from"],
            ),
        ] {
            let mut said = said(body.clone());
            said.service_user_id = other.map(id);
            let faults = said.faults(id(1), today());
            let found: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, expected, "{body}");
        }
    }

    #[test]
    fn who_claims_an_authority_has_not_proven_it_until_somebody_saw_the_document() {
        for (part, is_unproven) in [
            (json!({ "roles": ["attorney_health"] }), true),
            (json!({ "roles": ["appointee"], "authority": { "reference": "AP 1" } }), true),
            (json!({ "roles": ["deputy"], "authority": { "seen_on": "2026-11-18" } }), false),
            (json!({ "roles": ["next_of_kin", "nearest_relative"] }), false),
        ] {
            let part: Part = serde_json::from_value(part.clone()).unwrap();
            assert_eq!(part.is_unproven(), is_unproven, "{part:?}");
        }
    }

    #[test]
    fn what_was_said_before_is_kept_and_both_sides_say_the_same() {
        let by = StaffId::from(Uuid::from_u128(9));
        let at: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let first = said(json!({ "other_is": { "in_words": "daughter" }, "person_is": { "in_words": "mother" } }));
        let mut second = first.clone();
        second.live_together = Some(true);
        let mut kept = RelationshipKept { said: first.clone(), before: Vec::new() };
        kept.say(first.clone(), by, at).unwrap();
        assert!(kept.before.is_empty(), "the same again changes nothing");
        kept.say(second.clone(), by, at).unwrap();
        assert!(kept.said == second && kept.before[0].said == first);
        let seen = kept.clone().from_the_other();
        assert_eq!(seen.before[0].said.other_is.in_words.as_ref().unwrap().as_str(), "mother");
        assert!(seen.from_the_other() == kept);
        for number in 1..100 {
            kept.say(said(json!({ "note": format!("Change {number}.") })), by, at).unwrap();
        }
        assert!(matches!(kept.say(first, by, at), Err(Refusal::InvalidState { .. })));
        assert_eq!(kept.before.len(), 100);
    }
}
