//! The person in a referral message, and how to reach them.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::example;
use crate::people::contact::{
    Address, ContactPoint, DateOfBirthAccuracy, FormerName, PreferredContact, TemporaryAddress, TemporaryReason,
};
use crate::people::language::LanguageNeeds;
use crate::people::safety::SafeContact;
use crate::words::codes::{AccommodationStatus, Ethnicity, Gender};
use crate::words::date;
use crate::words::email::ContactEmail;
use crate::words::gp_practice_code::GpPracticeCode;
use crate::words::gss_code::{AuthorityCode, GssCode};
use crate::words::identifier::Identifier;
use crate::words::nhs_number::{NhsNumber, NhsNumberStatus};
use crate::words::phone::Phone;
use crate::words::postcode::Postcode;
use crate::words::text::{self, Line};

/// The person whom a referral is about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::person)]
pub struct Person {
    /// The council's own id of the person.
    pub council_person_id: Identifier<32>,
    /// The person's NHS number.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nhs_number: Option<NhsNumber>,
    /// How far the NHS number has been verified.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nhs_number_status: Option<NhsNumberStatus>,
    /// The person's given name or names, in any script.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<Line<100>>,
    /// The person's family name, in any script; one letter is enough.
    pub family_name: Line<100>,
    /// The name that the person likes to be called by.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_name: Option<Line<100>>,
    /// The names that the person had before; up to 10.
    #[serde(default, deserialize_with = "text::objects::<_, _, 10>")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub former_names: Vec<FormerName>,
    /// The pronouns by which the person is spoken of, such as "she/her".
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pronouns: Option<Line<40>>,
    /// The person's title, such as "Mrs".
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Line<32>>,
    /// The day of birth, as accurate as `date_of_birth_accuracy` says; required unless that is
    /// `unknown`. The person must be an adult on `requested_on`, but for the functions and the route that prepare for
    /// adulthood.
    #[serde(default, deserialize_with = "date::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// The accuracy of the date of birth.
    #[serde(default)]
    #[schema(default = "exact")]
    pub date_of_birth_accuracy: DateOfBirthAccuracy,
    /// The person's gender.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// The person's ethnicity, as they describe it.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<Ethnicity>,
    /// The address at which the person lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The address at which the person is for a time, beside their home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporary_address: Option<TemporaryAddress>,
    /// The accommodation in which the person lives.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accommodation_status: Option<AccommodationStatus>,
    /// The authority of the area where the person is ordinarily resident (Care Act 2014 s39 and schedule 1), where that is
    /// not the sender: in England, Wales or Scotland. Its code is one that is in force. Where it decides who is responsible,
    /// it is in England.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordinary_residence: Option<AuthorityCode>,
    /// The council in whose area the prison or approved premises are where the person is held (Care Act 2014 s76). It is
    /// responsible, wherever the person lived before.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_in: Option<GssCode>,
    /// The council in whose area the person is now, which decides on a safeguarding concern (Care Act 2014 s42), and for
    /// somebody who has no settled residence (s18(1)).
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub located_in: Option<GssCode>,
    /// The authority in whose area the person was ordinarily resident before they were detained (Mental Health Act 1983
    /// s117(3)). A code that was abolished since is taken.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resident_before_detention: Option<AuthorityCode>,
    /// The general practice with which the person is registered.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gp_practice_code: Option<GpPracticeCode>,
    /// The person's telephone number.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The person's email address.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<ContactEmail>,
    /// Further telephone numbers, textphones and email addresses; up to 10.
    #[serde(default, deserialize_with = "text::objects::<_, _, 10>")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub contacts: Vec<ContactPoint>,
    /// The instructions for contacting the person safely. Whoever contacts the person obeys them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe_contact: Option<SafeContact>,
    /// The way in which the person wants to be contacted.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_contact: Option<PreferredContact>,
    /// The language in which the person is spoken to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageNeeds>,
    /// The support that the person needs in order to understand and be understood; up to 10 items.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub communication_needs: Vec<Line<200>>,
    /// The reasonable adjustments that must be made for the person (Equality Act 2010 s20); up to 10 items.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub reasonable_adjustments: Vec<Line<200>>,
}

impl Person {
    /// Whether the message says that the person has no settled residence.
    pub fn has_no_settled_residence(&self) -> bool {
        self.accommodation_status.is_some_and(AccommodationStatus::is_unsettled)
            || self.temporary_address.as_ref().is_some_and(|address| address.reason == Some(TemporaryReason::Homeless))
            || self.address.as_ref().and_then(|home| home.postcode.as_ref()).is_some_and(Postcode::is_no_fixed_abode)
    }
}

/// Prints nothing about the person.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}
