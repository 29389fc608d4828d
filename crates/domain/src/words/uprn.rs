//! The Unique Property Reference Number of an address.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::plain;
use crate::words::sql_text::text_value;

/// A Unique Property Reference Number (Ordnance Survey, GeoPlace): one to twelve digits without a check digit. It is
/// kept as sent, leading zeros included.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Uprn(String);

impl Uprn {
    /// Reads one to twelve digits.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let number = plain(text);
        if (1..=12).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(number))
        } else {
            Err(InvalidValue::new("must be a UPRN: one to twelve digits"))
        }
    }

    /// Returns the digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(
    [] Uprn, hidden,
    name: "Uprn",
    schema: ObjectBuilder::new()
        .description(Some("A Unique Property Reference Number"))
        .pattern(Some("^[0-9]{1,12}$"))
        .max_length(Some(12))
        .examples(["100070000001"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uprn_is_one_to_twelve_digits() {
        for (text, fits) in [
            ("1", true),
            ("100070000001", true),
            ("000070000001", true),
            ("1000700000012", false),
            ("", false),
            ("12 34", false),
            ("-12", false),
        ] {
            assert_eq!(Uprn::parse(text).is_ok(), fits, "{text}");
        }
    }
}
