//! What a person is reached by, where they live, and how much of their date of birth is known: the words that a council's
//! message and a practice's record share.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::postcode::Postcode;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Line};
use crate::words::uprn::Uprn;

closed_codes! {
    /// How much of a date of birth is known. What is not known is any day, or any month.
    pub enum DateOfBirthAccuracy {
        /// The whole date.
        Exact = "exact",
        /// The month and the year; the day stands for any day of that month.
        Month = "month",
        /// The year; the rest stands for any day of that year.
        Year = "year",
        /// Nothing.
        Unknown = "unknown",
    }
}

/// `exact`.
impl Default for DateOfBirthAccuracy {
    fn default() -> Self {
        Self::Exact
    }
}

closed_codes! {
    /// How a person wants to be contacted.
    pub enum PreferredContact {
        /// By telephone.
        Phone = "phone",
        /// By email.
        Email = "email",
        /// By post.
        Letter = "letter",
        /// By text message.
        Sms = "sms",
        /// Face to face.
        InPerson = "in_person",
        /// Through somebody who speaks for them.
        ViaRepresentative = "via_representative",
    }
}

/// Where a person lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"lines": ["14 Larkspur Close", "Shrewsbury"], "postcode": "SY1 2LE", "uprn": "100070000001"}))]
pub struct Address {
    /// The lines of the address without the postcode, 1 to 5.
    #[serde(deserialize_with = "text::list::<_, _, 1, 5>")]
    #[schema(min_items = 1, max_items = 5)]
    pub lines: Vec<Line<100>>,
    /// The postcode.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Postcode>,
    /// The address's number in the national gazetteer.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uprn: Option<Uprn>,
}
