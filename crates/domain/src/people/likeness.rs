//! How alike two people are: a known one, and one in a message.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::people::service_user::ServiceUserDetails;
use crate::words::name_keys::{forms, sounds};

/// A reason why a known person may be the one in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The NHS numbers are the same.
    NhsNumber,
    /// The same council uses the same identifier for both.
    CouncilPersonId,
    /// The dates of birth are the same, as far as both are known.
    DateOfBirth,
    /// The family names are the same, a former one included, and so are the given or preferred names.
    Name,
    /// The names begin or sound alike.
    SimilarName,
    /// The postcodes are the same.
    Postcode,
}

/// Returns how alike two people are, from 0 to 100, with the reasons. An identifier in common weighs most, and a
/// different one speaks against.
pub fn likeness(known: &ServiceUserDetails, other: &ServiceUserDetails) -> (u8, Vec<Likeness>) {
    let mut why = Vec::new();
    let both_numbers = known.nhs_number.is_some() && other.nhs_number.is_some();
    let same_number = both_numbers && known.nhs_number == other.nhs_number;
    if same_number {
        why.push(Likeness::NhsNumber);
    }
    if other.council_person_ids.iter().any(|id| known.council_person_ids.contains(id)) {
        why.push(Likeness::CouncilPersonId);
    }
    if known.birth().may_be(other.birth()) {
        why.push(Likeness::DateOfBirth);
    }
    let (ours, theirs) = (NameForms::with_former(known), NameForms::with_former(other));
    if ours.shares_family(&theirs) && ours.shares_first(&theirs) {
        why.push(Likeness::Name);
    } else if share(&ours.sounds(), &theirs.sounds()) {
        why.push(Likeness::SimilarName);
    }
    let home = known.home_postcode().filter(|postcode| postcode.is_a_place());
    if home.is_some() && home == other.home_postcode() {
        why.push(Likeness::Postcode);
    }
    let weight = |likeness: &Likeness| match likeness {
        Likeness::NhsNumber => 80_u8,
        Likeness::CouncilPersonId => 70,
        Likeness::DateOfBirth => 30,
        Likeness::Name => 35,
        Likeness::SimilarName | Likeness::Postcode => 15,
    };
    let score = why.iter().map(weight).fold(0_u8, u8::saturating_add).min(100);
    let against = if both_numbers && !same_number { 40 } else { 0 };
    (score.saturating_sub(against), why)
}

/// The forms by which a person's names are compared.
pub(super) struct NameForms {
    family: Vec<String>,
    first: Vec<String>,
}

impl NameForms {
    pub(super) fn of(details: &ServiceUserDetails) -> Self {
        let first = [details.given_name.as_ref(), details.preferred_name.as_ref()];
        Self {
            family: forms(details.family_name.as_str()),
            first: first.into_iter().flatten().flat_map(|name| forms(name.as_str())).collect(),
        }
    }

    /// The forms of a person's names, with those of the names that they had before or are known by.
    fn with_former(details: &ServiceUserDetails) -> Self {
        let mut forms_of = Self::of(details);
        for former in &details.former_names {
            forms_of.family.extend(forms(former.family_name.as_str()));
            forms_of.first.extend(former.given_name.iter().flat_map(|name| forms(name.as_str())));
        }
        for known_as in &details.also_known_as {
            forms_of.family.extend(forms(known_as.as_str()));
            forms_of.first.extend(forms(known_as.as_str()));
        }
        forms_of
    }

    /// Whether the family names are the same in one of their forms.
    pub(super) fn shares_family(&self, other: &Self) -> bool {
        share(&self.family, &other.family)
    }

    /// Whether one of the given or preferred names is the same, or neither person has one.
    pub(super) fn shares_first(&self, other: &Self) -> bool {
        (self.first.is_empty() && other.first.is_empty()) || share(&self.first, &other.first)
    }

    fn sounds(&self) -> Vec<String> {
        self.family.iter().chain(&self.first).flat_map(|form| sounds(form)).collect()
    }
}

fn share(ours: &[String], theirs: &[String]) -> bool {
    ours.iter().any(|form| theirs.contains(form))
}

/// The least score with which a known person is offered as a likely match.
pub const LIKELY: u8 = 40;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::search_key::SearchKey;
    use crate::people::service_user::tests::{edith, person};

    #[test]
    fn the_same_number_is_as_good_as_certain_and_another_speaks_against() {
        let same = person(
            serde_json::json!({ "family_name": "Marlowe", "date_of_birth": "1941-03-08", "nhs_number": "9990548609" }),
        );
        let (score, why) = likeness(&edith(), &same);
        assert_eq!(score, 100);
        assert_eq!(why, [Likeness::NhsNumber, Likeness::DateOfBirth, Likeness::SimilarName]);
        let other = person(serde_json::json!({
            "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08", "nhs_number": "9434765919",
        }));
        assert!(likeness(&edith(), &other).0 < LIKELY);
    }

    #[test]
    fn a_name_and_a_birthday_are_likely_and_a_name_alone_is_not() {
        let twin = person(
            serde_json::json!({ "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08" }),
        );
        assert!(likeness(&edith(), &twin).0 >= LIKELY);
        let namesake = person(
            serde_json::json!({ "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1990-01-01" }),
        );
        assert!(likeness(&edith(), &namesake).0 < LIKELY);
    }

    #[test]
    fn people_with_one_name_are_compared_by_it() {
        let one = person(serde_json::json!({ "family_name": "Ó", "date_of_birth": "1950-01-01" }));
        assert_eq!(likeness(&one, &one).1, [Likeness::DateOfBirth, Likeness::Name]);
    }

    #[test]
    fn a_person_is_found_and_likely_by_a_name_that_they_had_before() {
        let married = person(serde_json::json!({
            "given_name": "Edith", "family_name": "Marlow", "former_names": [{ "family_name": "Lloyd" }],
            "temporary_address": { "lines": ["Ward 7"], "postcode": "SY3 8XQ" }, "date_of_birth": "1941-03-08",
        }));
        let before =
            person(serde_json::json!({ "given_name": "Edith", "family_name": "Lloyd", "date_of_birth": "1941-03-08" }));
        assert_eq!(likeness(&married, &before).1, [Likeness::DateOfBirth, Likeness::Name]);
        assert_eq!(likeness(&before, &married).1, [Likeness::DateOfBirth, Likeness::Name]);
        let texts = |keys: Vec<SearchKey>| keys.iter().map(SearchKey::text).collect::<Vec<_>>();
        let (kept, alike) = (texts(married.search_keys()), texts(married.keys_of_alike()));
        for key in ["name marlow", "name lloyd", "postcode SY3 8XQ"] {
            assert!(kept.contains(&key.to_owned()), "{key}");
        }
        assert!(!alike.contains(&"postcode SY3 8XQ".to_owned()), "everybody on the ward has it");
    }

    #[test]
    fn a_name_is_the_same_however_it_is_divided() {
        let divided = person(serde_json::json!({ "given_name": "Mary Ann", "family_name": "Mc Donald" }));
        let joined = person(serde_json::json!({ "given_name": "Maryann", "family_name": "McDonald" }));
        assert_eq!(likeness(&divided, &joined).1, [Likeness::Name]);
        assert_eq!(likeness(&joined, &divided).1, [Likeness::Name]);
        let found = |name: &str, details: &ServiceUserDetails| {
            let kept: Vec<String> = details.search_keys().iter().map(SearchKey::text).collect();
            SearchKey::of_name(name, true).iter().all(|any| any.iter().any(|key| kept.contains(&key.text())))
        };
        for name in ["Mc Donald", "McDonald", "mc-don", "Mary Ann McDonald", "maryann mc donald", "Mc Donald Mary"] {
            assert!(found(name, &divided) && found(name, &joined), "{name}");
        }
        for name in ["Mc Gregor", "Hannah McDonald", "MacDonald Hannah", "McDonald Hannah", "Maryannmcdonald Hannah"] {
            assert!(!found(name, &joined) && !found(name, &divided), "{name}");
        }
        let featherstone = person(serde_json::json!({ "given_name": "Anna", "family_name": "Featherstone" }));
        assert!(found("Feather Stone", &featherstone) && found("Featherstone Anna", &featherstone));
        assert!(
            !found("Featherstone Hugh", &featherstone),
            "a beginning that is cut off says nothing of the next word"
        );
    }
}
