//! A person's contact details, address, and the accuracy of their date of birth: the types that a council's message and
//! a practice's record share.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
