//! A social worker's registration number.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::plain;
use crate::words::sql_text::text_value;

/// A registration number with Social Work England: `SW` and one to seven digits, in capitals.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct SocialWorkEnglandNumber(String);

impl SocialWorkEnglandNumber {
    /// Reads a number in either case. The register is not consulted here.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let number = plain(text).to_ascii_uppercase();
        match number.strip_prefix("SW") {
            Some(digits) if (1..=7).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Self(number))
            }
            _ => Err(InvalidValue::new("must be a Social Work England number: SW and one to seven digits")),
        }
    }

    /// Returns the number, such as `SW1234567`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(
    [] SocialWorkEnglandNumber, shown,
    name: "SocialWorkEnglandNumber",
    schema: ObjectBuilder::new()
        .description(Some("A registration number with Social Work England"))
        .pattern(Some("^SW[0-9]{1,7}$"))
        .max_length(Some(9))
        .examples(["SW1234567"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_sw_and_up_to_seven_digits() {
        for (text, kept) in [
            ("SW1234567", Some("SW1234567")),
            (" sw9 ", Some("SW9")),
            ("SW", None),
            ("SW12345678", None),
            ("1234567", None),
            ("SW12A", None),
        ] {
            let number = SocialWorkEnglandNumber::parse(text).ok();
            assert_eq!(number.as_ref().map(SocialWorkEnglandNumber::as_str), kept, "{text}");
        }
    }
}
