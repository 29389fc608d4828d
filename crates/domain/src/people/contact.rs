//! A person's names before, contact details, addresses, and the accuracy of their date of birth: the types that a council's
//! message and a practice's record share.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::InvalidValue;
use crate::words::date;
use crate::words::email::ContactEmail;
use crate::words::phone::Phone;
use crate::words::postcode::Postcode;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Line};
use crate::words::uprn::Uprn;

closed_codes! {
    /// The accuracy of a date of birth. The unknown parts stand for any day, or any month.
    pub enum DateOfBirthAccuracy {
        /// The whole date is known.
        Exact = "exact",
        /// The month and the year are known; the day stands for any day of that month.
        Month = "month",
        /// The year is known; the rest stands for any day of that year.
        Year = "year",
        /// No part of the date is known.
        Unknown = "unknown",
    }
}

/// The default is `exact`.
impl Default for DateOfBirthAccuracy {
    fn default() -> Self {
        Self::Exact
    }
}

closed_codes! {
    /// The way in which a person wants to be contacted.
    pub enum PreferredContact {
        /// The person wants to be contacted by telephone.
        Phone = "phone",
        /// The person wants to be contacted by email.
        Email = "email",
        /// The person wants to be contacted by post.
        Letter = "letter",
        /// The person wants to be contacted by text message.
        Sms = "sms",
        /// The person wants to be contacted face to face.
        InPerson = "in_person",
        /// The person wants to be contacted through somebody who speaks for them.
        ViaRepresentative = "via_representative",
    }
}

/// The address at which a person lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"lines": ["14 Larkspur Close", "Shrewsbury"], "postcode": "SY1 2LE", "uprn": "100070000001"}))]
pub struct Address {
    /// The lines of the address without the postcode, 1 to 5.
    #[serde(deserialize_with = "text::list::<_, _, 1, 5>")]
    #[schema(min_items = 1, max_items = 5)]
    pub lines: Vec<Line<100>>,
    /// The postcode of the address.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Postcode>,
    /// The address's number in the national gazetteer.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uprn: Option<Uprn>,
}

closed_codes! {
    /// The reason why a person is at a temporary address.
    pub enum TemporaryReason {
        /// The person is in hospital.
        Hospital = "hospital",
        /// The person stays with family.
        WithFamily = "with_family",
        /// The person stays in a care home.
        CareHome = "care_home",
        /// The person has no home.
        Homeless = "homeless",
        /// There is another reason.
        Other = "other",
    }
}

/// The address at which a person is for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lines": ["Ward 7", "Severn Vale Hospital"],
    "postcode": "SY3 8XQ",
    "until": "2026-11-27",
    "reason": "hospital",
}))]
pub struct TemporaryAddress {
    /// The lines of the address without the postcode, 1 to 5.
    #[serde(deserialize_with = "text::list::<_, _, 1, 5>")]
    #[schema(min_items = 1, max_items = 5)]
    pub lines: Vec<Line<100>>,
    /// The postcode of the address.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Postcode>,
    /// The address's number in the national gazetteer.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uprn: Option<Uprn>,
    /// The day until which the person is expected to be there. In a message it is not before `requested_on`, and within 5 years
    /// of it.
    #[serde(default, deserialize_with = "date::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The reason why the person is there.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<TemporaryReason>,
}

closed_codes! {
    /// The kind of a telephone number or address of a person.
    pub enum ContactKind {
        /// A telephone at home.
        Home = "home",
        /// A mobile telephone.
        Mobile = "mobile",
        /// A telephone at work.
        Work = "work",
        /// A textphone.
        Textphone = "textphone",
        /// A relay service, by which text is spoken.
        Relay = "relay",
        /// An email address.
        Email = "email",
    }
}

/// A telephone number, a textphone or an email address of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "mobile", "value": "07700 900417", "note": "After 4 pm; her son answers." }))]
pub struct ContactPoint {
    /// The kind of contact.
    pub kind: ContactKind,
    /// The number or address. It is a telephone number, or for `email` an email address; for `relay` it says how the relay
    /// service is reached.
    pub value: Line<200>,
    /// A note on its use, such as the hours.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Line<200>>,
}

impl ContactPoint {
    /// Checks that the value fits the kind.
    pub fn check(&self) -> Result<(), InvalidValue> {
        let value = self.value.as_str();
        match self.kind {
            ContactKind::Home | ContactKind::Mobile | ContactKind::Work | ContactKind::Textphone => {
                Phone::parse(value).map(drop)
            }
            ContactKind::Email => ContactEmail::parse(value).map(drop),
            ContactKind::Relay => Ok(()),
        }
    }
}

/// A name that a person had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "given_name": "Margaret", "family_name": "Lloyd" }))]
pub struct FormerName {
    /// The given name or names.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<Line<100>>,
    /// The family name.
    pub family_name: Line<100>,
}
