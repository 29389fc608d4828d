//! A service user: a person whom a practice serves.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::people::birth::Birth;
use crate::people::contact::{
    Address, ContactPoint, DateOfBirthAccuracy, FormerName, PreferredContact, TemporaryAddress,
};
use crate::people::council_person_id::CouncilPersonId;
use crate::people::language::LanguageNeeds;
use crate::people::residence::OrdinaryResidence;
use crate::people::safety::SafeContact;
use crate::words::codes::{
    AccommodationStatus, ClientFundingStatus, EmploymentStatus, Ethnicity, Gender, HearingImpairment,
    PrimarySupportReason, VisualImpairment, YesNoUnknown,
};
use crate::words::date;
use crate::words::email::ContactEmail;
use crate::words::gp_practice_code::GpPracticeCode;
use crate::words::nhs_number::{NhsNumber, NhsNumberStatus};
use crate::words::phone::Phone;
use crate::words::postcode::Postcode;
use crate::words::text::{self, Line};

/// The longest time for which somebody may be at a temporary address.
pub(crate) const LONGEST_STAY: Months = Months::new(5 * 12);

/// The details of a person in the practice's record. A name may be one word: only the family name is required.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "given_name": "Edith",
    "family_name": "Marlow",
    "date_of_birth": "1941-03-08",
    "nhs_number": "9990548609",
    "address": { "lines": ["4 Wyle Cop"], "postcode": "SY1 1UT" },
    "preferred_contact": "phone",
    "phone": "07700 900461",
    "communication_needs": ["Large print"],
}))]
pub struct ServiceUserDetails {
    /// The person's title, such as Ms or Dr.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub title: Option<Line<32>>,
    /// The person's given name.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub given_name: Option<Line<100>>,
    /// The person's family name, or their only name.
    pub family_name: Line<100>,
    /// The name that the person goes by.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub preferred_name: Option<Line<100>>,
    /// The pronouns by which the person is spoken of, such as "she/her".
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub pronouns: Option<Line<40>>,
    /// The names that the person had before; up to 10.
    #[serde(default, deserialize_with = "text::objects::<_, _, 10>", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub former_names: Vec<FormerName>,
    /// Other names by which the person is known; up to 10.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub also_known_as: Vec<Line<200>>,
    /// The person's date of birth.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// The accuracy of the date of birth.
    #[serde(default)]
    pub date_of_birth_accuracy: DateOfBirthAccuracy,
    /// The day on which the person died.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub date_of_death: Option<NaiveDate>,
    /// The person's NHS number.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub nhs_number: Option<NhsNumber>,
    /// How far the NHS number has been verified. A number that is written anew without it has to be traced (`03`).
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub nhs_number_status: Option<NhsNumberStatus>,
    /// The identifiers that councils use for the person, one for each council.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub council_person_ids: Vec<CouncilPersonId>,
    /// The person's gender, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// The person's ethnicity, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<Ethnicity>,
    /// The address at which the person lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The address at which the person is for a time, beside their home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporary_address: Option<TemporaryAddress>,
    /// Where the person is ordinarily resident, and what fixes that (Care Act 2014 s39).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinary_residence: Option<OrdinaryResidence>,
    /// The accommodation in which the person lives, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub accommodation_status: Option<AccommodationStatus>,
    /// The code of the person's GP practice.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub gp_practice_code: Option<GpPracticeCode>,
    /// The person's telephone number.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The person's email address.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub email: Option<ContactEmail>,
    /// Further telephone numbers, textphones and email addresses; up to 10.
    #[serde(default, deserialize_with = "text::objects::<_, _, 10>", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub contacts: Vec<ContactPoint>,
    /// The instructions for contacting the person safely. Whoever contacts the person obeys them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe_contact: Option<SafeContact>,
    /// The way in which the person likes to be contacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_contact: Option<PreferredContact>,
    /// The language in which the person is spoken to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageNeeds>,
    /// The support that the person needs in order to understand and be understood.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub communication_needs: Vec<Line<200>>,
    /// The reasonable adjustments that must be made for the person (Equality Act 2010 s20).
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub reasonable_adjustments: Vec<Line<200>>,
    /// The main reason why the person needs support, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub primary_support_reason: Option<PrimarySupportReason>,
    /// Whether the person works, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub employment_status: Option<EmploymentStatus>,
    /// Whether somebody cares for the person unpaid.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub has_unpaid_carer: Option<YesNoUnknown>,
    /// Whether the person has an autism spectrum disorder.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub autism: Option<YesNoUnknown>,
    /// How far the person sees, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub visual_impairment: Option<VisualImpairment>,
    /// How far the person hears, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub hearing_impairment: Option<HearingImpairment>,
    /// Whether the person has dementia.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub dementia: Option<YesNoUnknown>,
    /// Who pays for the person's support, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub client_funding_status: Option<ClientFundingStatus>,
}

impl ServiceUserDetails {
    /// Checks the rules that hold between members, as of `today`.
    pub fn check(&self, today: NaiveDate) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if self.date_of_birth.is_none() && self.date_of_birth_accuracy != DateOfBirthAccuracy::Unknown {
            faults.push(Fault::new("/date_of_birth", "is required unless date_of_birth_accuracy is unknown"));
        }
        if let Some(fault) = self.birth().fault(today) {
            faults.push(Fault::new("/date_of_birth", fault));
        }
        let born = self.birth().possible().map(|(earliest, _)| earliest);
        match (born, self.date_of_death) {
            (_, Some(died)) if died > today => faults.push(Fault::new("/date_of_death", "must not be in the future")),
            (Some(born), Some(died)) if died < born => {
                faults.push(Fault::new("/date_of_death", "must not be before the date of birth"));
            }
            _ => {}
        }
        let until = self.temporary_address.as_ref().and_then(|address| address.until);
        if let Some(fault) = until.and_then(|until| fault_of_a_stay(until, born, today)) {
            faults.push(Fault::new("/temporary_address/until", fault));
        }
        for (index, contact) in self.contacts.iter().enumerate() {
            if let Err(invalid) = contact.check() {
                faults.push(Fault::new(format!("/contacts/{index}/value"), invalid.to_string()));
            }
        }
        if let Some(Err(invalid)) = self.safe_contact.as_ref().map(SafeContact::check) {
            faults.push(Fault::new("/safe_contact", invalid.to_string()));
        }
        if let Some(Err(invalid)) = self.language.as_ref().map(LanguageNeeds::check) {
            faults.push(Fault::new("/language", invalid.to_string()));
        }
        faults.extend(self.ordinary_residence.as_ref().and_then(|residence| residence.fault(born, today)));
        for (index, one) in self.council_person_ids.iter().enumerate() {
            if self.council_person_ids[..index].iter().any(|other| other.council == one.council) {
                faults.push(Fault::new(format!("/council_person_ids/{index}/council"), "must not be repeated"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Returns the details as they are kept where somebody changes a record: whether a number was traced says nothing of another.
    #[must_use]
    pub fn changed_from(mut self, before: &Self) -> Self {
        if self.nhs_number != before.nhs_number && self.nhs_number_status == before.nhs_number_status {
            self.nhs_number_status = self.nhs_number.as_ref().map(|_| NhsNumberStatus::TraceRequired);
        }
        self
    }

    /// Returns the date of birth as far as it is known.
    pub const fn birth(&self) -> Birth {
        Birth::new(self.date_of_birth, self.date_of_birth_accuracy)
    }

    /// Returns the postcode at which the person lives.
    pub fn home_postcode(&self) -> Option<&Postcode> {
        self.address.as_ref()?.postcode.as_ref()
    }

    /// Returns the name as it is said aloud: preferred or given name, then family name.
    pub fn spoken_name(&self) -> String {
        match self.preferred_name.as_ref().or(self.given_name.as_ref()) {
            Some(first) => format!("{first} {}", self.family_name),
            None => self.family_name.to_string(),
        }
    }
}

/// Returns what is wrong with the day until which somebody is expected to be at a temporary address. A day that has passed
/// stays as it was written.
fn fault_of_a_stay(until: NaiveDate, born: Option<NaiveDate>, today: NaiveDate) -> Option<&'static str> {
    if born.is_some_and(|born| until < born) {
        Some("must not be before the date of birth")
    } else if until > today.checked_add_months(LONGEST_STAY).unwrap_or(NaiveDate::MAX) {
        Some("must be within 5 years")
    } else {
        None
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::people::search_key::SearchKey;

    pub(crate) fn person(json: serde_json::Value) -> ServiceUserDetails {
        serde_json::from_value(json).unwrap()
    }

    pub(crate) fn edith() -> ServiceUserDetails {
        person(serde_json::json!({
            "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08", "nhs_number": "9990548609",
            "address": { "lines": ["4 Wyle Cop"], "postcode": "SY1 1UT" },
            "council_person_ids": [{ "council": "E06000051", "id": "SHR1" }],
        }))
    }

    #[test]
    fn a_person_is_found_by_beginnings_sounds_and_identifiers() {
        let keys: Vec<String> = edith().search_keys().iter().map(SearchKey::text).collect();
        for key in [
            "name ed",
            "name marlow",
            "born 1941-03-08",
            "nhs 9990548609",
            "postcode SY1 1UT",
            "council E06000051 shr1",
        ] {
            assert!(keys.iter().any(|k| k == key), "{key} in {keys:?}");
        }
    }

    #[test]
    fn one_council_has_one_name_for_a_person() {
        let mut twice = edith();
        twice.council_person_ids.push(twice.council_person_ids[0].clone());
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        assert_eq!(twice.check(today).unwrap_err()[0].pointer, "/council_person_ids/1/council");
        assert!(edith().check(today).is_ok());
    }

    #[test]
    fn what_cannot_be_of_a_person_is_refused_at_its_place() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let at = |until: &str| serde_json::json!({ "lines": ["Ward 7"], "until": until });
        let contact = |kind: &str, value: &str| serde_json::json!([{ "kind": kind, "value": value }]);
        for (member, value, pointer) in [
            ("temporary_address", at("2031-11-20"), None),
            ("temporary_address", at("2031-11-21"), Some("/temporary_address/until")),
            ("temporary_address", at("2020-01-01"), None),
            ("temporary_address", at("1941-03-07"), Some("/temporary_address/until")),
            ("contacts", contact("mobile", "07700 900417"), None),
            ("contacts", contact("textphone", "e@example.org"), Some("/contacts/0/value")),
            ("contacts", contact("email", "e@example.org"), None),
            ("contacts", contact("email", "07700 900417"), Some("/contacts/0/value")),
            ("contacts", contact("relay", "18002, then the number"), None),
            ("safe_contact", serde_json::json!({ "when": "On weekday mornings." }), None),
            ("safe_contact", serde_json::json!({}), Some("/safe_contact")),
            ("safe_contact", serde_json::json!({ "how": "\u{200b}" }), Some("/safe_contact")),
        ] {
            let mut details = serde_json::to_value(edith()).unwrap();
            details[member] = value.clone();
            let faults = person(details).check(today).err().unwrap_or_default();
            let found: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, pointer.into_iter().collect::<Vec<_>>(), "{member} {value}");
        }
    }
}
