//! Taking the person in a message for somebody who is known: where the two differ in what tells people apart, it is done for
//! a reason alone, and reason and differences are kept.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::ObjectBuilder;

use crate::fault::{Fault, InvalidValue};
use crate::people::birth::Birth;
use crate::people::likeness::NameForms;
use crate::people::service_user::ServiceUserDetails;
use crate::words::sql_text::{closed_codes, text_value};
use crate::words::text::{Line, Passage, SEVERAL_LINES, at_least};

/// The smallest number of characters that give a reason.
const REASON_AT_LEAST: usize = 20;

/// The reason for which somebody is taken for a person whose record differs: 20 to 4,000 characters that may run over several
/// lines.
#[derive(
    Clone, PartialEq, Eq, Serialize, Deserialize, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct MismatchReason(Passage<4000>);

impl MismatchReason {
    /// Reads the reason. White space and invisible characters do not count towards its length.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let passage = Passage::parse(text)?;
        at_least(passage.as_str(), REASON_AT_LEAST)?;
        Ok(Self(passage))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

text_value!(
    [] MismatchReason, hidden,
    name: "MismatchReason",
    schema: ObjectBuilder::new()
        .description(Some("A reason of several lines. White space and invisible characters do not count towards its length."))
        .pattern(Some(SEVERAL_LINES))
        .min_length(Some(REASON_AT_LEAST))
        .max_length(Some(4000)),
);

closed_codes! {
    /// A detail that tells people apart.
    pub enum Distinction {
        /// The family names have no form in common.
        FamilyName = "family_name",
        /// The given and preferred names have no form in common.
        GivenName = "given_name",
        /// The dates of birth cannot be the same day.
        DateOfBirth = "date_of_birth",
        /// The NHS numbers are different.
        NhsNumber = "nhs_number",
        /// The same council uses different identifiers for the two.
        CouncilPersonId = "council_person_id",
    }
}

/// A detail in which a message and a record differ.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// The detail.
    pub field: Distinction,
    /// The value in the message; left out if the message has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<250>>)]
    pub message: Option<String>,
    /// The value in the record; left out if the record has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<250>>)]
    pub record: Option<String>,
}

/// Prints the detail and neither value.
impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Difference").field("field", &self.field).finish_non_exhaustive()
    }
}

/// The reason for which a referral was accepted onto a record that differs from it, and the differences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mismatch {
    /// The reason that was given.
    pub reason: MismatchReason,
    /// The details in which the message and the record differed at that moment.
    #[schema(max_items = 5)]
    pub differences: Vec<Difference>,
}

impl Mismatch {
    /// Returns the words for the audit log: the details that differed, and the reason.
    pub fn words(&self) -> String {
        let fields: Vec<&str> = self.differences.iter().map(|difference| difference.field.as_str()).collect();
        let words = format!("{}: {}", fields.join(", "), self.reason);
        words.chars().take(4000).collect()
    }
}

/// Returns the details that tell a known person and the person in a message apart; none if the message may be taken to mean
/// the known person without a reason. A detail that one of the two does not have tells nothing, but for the names: a message
/// without a given name does not name somebody who has one.
pub fn differences(known: &ServiceUserDetails, message: &ServiceUserDetails) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |field, message: Option<String>, record: Option<String>| {
        found.push(Difference { field, message, record });
    };
    // Present names alone: whoever says that a name is a former one gives a reason to believe it, and no more.
    let (ours, theirs) = (NameForms::of(known), NameForms::of(message));
    if !ours.shares_family(&theirs) {
        differ(Distinction::FamilyName, Some(message.family_name.to_string()), Some(known.family_name.to_string()));
    }
    if !ours.shares_first(&theirs) {
        differ(Distinction::GivenName, first_names(message), first_names(known));
    }
    let (ours, theirs) = (known.birth(), message.birth());
    if ours.possible().is_some() && theirs.possible().is_some() && !ours.may_be(theirs) {
        differ(Distinction::DateOfBirth, written(theirs), written(ours));
    }
    if let (Some(ours), Some(theirs)) = (&known.nhs_number, &message.nhs_number)
        && ours != theirs
    {
        differ(Distinction::NhsNumber, Some(theirs.to_string()), Some(ours.to_string()));
    }
    for theirs in &message.council_person_ids {
        let other = known
            .council_person_ids
            .iter()
            .find(|ours| ours.council == theirs.council && !ours.is_written_like(theirs));
        if let Some(ours) = other {
            differ(Distinction::CouncilPersonId, Some(theirs.id.to_string()), Some(ours.id.to_string()));
        }
    }
    found
}

fn first_names(details: &ServiceUserDetails) -> Option<String> {
    let names = [details.given_name.as_ref(), details.preferred_name.as_ref()];
    let names: Vec<&str> = names.into_iter().flatten().map(Line::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Writes a date of birth as far as it is known.
fn written(birth: Birth) -> Option<String> {
    let (from, until) = birth.possible()?;
    let form = match (until - from).num_days() {
        0 => "%Y-%m-%d",
        1..=31 => "%Y-%m",
        _ => "%Y",
    };
    Some(from.format(form).to_string())
}

/// Returns the mismatch of a person whom a message is taken to mean: `None` if nothing differs and no reason is given.
/// `Err` holds the differences of which no reason is given.
pub fn explained(
    differences: Vec<Difference>,
    reason: Option<&MismatchReason>,
) -> Result<Option<Mismatch>, Vec<Difference>> {
    match reason {
        Some(reason) => Ok(Some(Mismatch { reason: reason.clone(), differences })),
        None if differences.is_empty() => Ok(None),
        None => Err(differences),
    }
}

/// Returns the fault of a reason that explains nothing, because no known person is meant.
pub fn fault_of_a_reason_for_a_new_record() -> Fault {
    Fault::new("/mismatch_reason", "is for the record of a known person, whom service_user_id names")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::people::service_user::tests::{edith, person};

    fn changed(changes: Value) -> ServiceUserDetails {
        let mut details = serde_json::to_value(edith()).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(details.as_object_mut().unwrap().remove(name)),
                value => details[name] = value.clone(),
            }
        }
        person(details)
    }

    #[test]
    fn another_name_birth_number_or_identifier_tells_people_apart() {
        for (changes, expected) in [
            (json!({}), vec![]),
            (json!({ "given_name": "Édith", "family_name": "MARLOW" }), vec![]),
            (json!({ "given_name": "Peggy", "preferred_name": "Edith" }), vec![]),
            (json!({ "family_name": "Price-Marlow" }), vec![]),
            (json!({ "family_name": "Price" }), vec!["family_name"]),
            (json!({ "family_name": "Marlowe" }), vec!["family_name"]),
            (json!({ "family_name": "Price", "former_names": [{ "family_name": "Marlow" }] }), vec!["family_name"]),
            (json!({ "given_name": "Arthur" }), vec!["given_name"]),
            (json!({ "given_name": null }), vec!["given_name"]),
            (json!({ "given_name": "Arthur", "family_name": "Price" }), vec!["family_name", "given_name"]),
            (json!({ "date_of_birth": "1941-03-09" }), vec!["date_of_birth"]),
            (json!({ "date_of_birth": "1941-01-01", "date_of_birth_accuracy": "year" }), vec![]),
            (json!({ "date_of_birth": "1942-01-01", "date_of_birth_accuracy": "year" }), vec!["date_of_birth"]),
            (json!({ "date_of_birth": null, "date_of_birth_accuracy": "unknown" }), vec![]),
            (json!({ "nhs_number": "9434765919" }), vec!["nhs_number"]),
            (json!({ "nhs_number": null }), vec![]),
            (json!({ "council_person_ids": [{ "council": "E06000051", "id": "shr/1" }] }), vec![]),
            (json!({ "council_person_ids": [{ "council": "E06000051", "id": "SHR2" }] }), vec!["council_person_id"]),
            (json!({ "council_person_ids": [{ "council": "E10000030", "id": "SHR2" }] }), vec![]),
            (json!({ "address": null, "gender": null }), vec![]),
        ] {
            let message = changed(changes.clone());
            let fields = |found: Vec<Difference>| found.iter().map(|one| one.field.as_str()).collect::<Vec<_>>();
            assert_eq!(fields(differences(&edith(), &message)), expected, "{changes}");
            let mut other_way: Vec<&str> = fields(differences(&message, &edith()));
            other_way.sort_unstable();
            let mut expected = expected.clone();
            expected.sort_unstable();
            assert_eq!(other_way, expected, "{changes} the other way about");
        }
    }

    #[test]
    fn twins_and_couples_whose_names_sound_alike_are_told_apart() {
        let of =
            |given: &str| person(json!({ "given_name": given, "family_name": "Smith", "date_of_birth": "1950-05-05" }));
        assert_eq!(differences(&of("John"), &of("Jane"))[0].field, Distinction::GivenName);
    }

    #[test]
    fn a_difference_has_both_values_as_far_as_they_are_known() {
        let message =
            changed(json!({ "given_name": null, "date_of_birth": "1942-05-01", "date_of_birth_accuracy": "month" }));
        let values: Vec<_> = differences(&edith(), &message).into_iter().map(|one| (one.message, one.record)).collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(values, [(None, text("Edith")), (text("1942-05"), text("1941-03-08"))]);
    }

    #[test]
    fn what_differs_wants_a_reason_that_says_something() {
        let differing = || differences(&edith(), &changed(json!({ "family_name": "Price" })));
        let reason = MismatchReason::parse("She married in June; her card is on file.").unwrap();
        assert_eq!(explained(Vec::new(), None), Ok(None));
        assert_eq!(explained(differing(), None), Err(differing()));
        let mismatch = explained(differing(), Some(&reason)).unwrap().unwrap();
        assert_eq!(mismatch.differences, differing());
        assert_eq!(mismatch.words(), "family_name: She married in June; her card is on file.");
        let nineteen = "a".repeat(19);
        for (text, why) in [
            (nineteen.as_str(), "must have at least 20 characters that can be seen"),
            (format!("{nineteen}\u{200b}\u{200b}").as_str(), "must have at least 20 characters that can be seen"),
            (format!("a{}b", " ".repeat(40)).as_str(), "must have at least 20 characters that can be seen"),
            ("\u{200b}", "must not be blank"),
            ("She married\0 in June, says her card", "must not contain the control character NUL"),
            ("a".repeat(4001).as_str(), "must be at most 4000 characters"),
        ] {
            assert_eq!(MismatchReason::parse(text).unwrap_err().to_string(), why);
        }
        assert!(MismatchReason::parse(&format!("{nineteen}b")).is_ok());
    }
}
