//! The code of a general practice.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::plain;
use crate::words::sql_text::text_value;

/// A general practice's code (Organisation Data Service): one letter and five digits, in capitals.
/// `V81997` stands for "not registered", `V81998` for "not applicable", `V81999` for "not known".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct GpPracticeCode(String);

impl GpPracticeCode {
    /// Reads a code in either case. Whether there is such a practice is not checked here.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let code = plain(text).to_ascii_uppercase();
        match code.as_bytes() {
            [letter, digits @ ..]
                if letter.is_ascii_uppercase() && digits.len() == 5 && digits.iter().all(u8::is_ascii_digit) =>
            {
                Ok(Self(code))
            }
            _ => Err(InvalidValue::new("must be a GP practice code: one letter and five digits")),
        }
    }

    /// Returns the code, such as `M82999`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(
    [] GpPracticeCode, shown,
    name: "GpPracticeCode",
    schema: ObjectBuilder::new()
        .description(Some("The Organisation Data Service's code of a general practice"))
        .pattern(Some("^[A-Z][0-9]{5}$"))
        .max_length(Some(6))
        .examples(["M82999"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_letter_and_five_digits() {
        for (text, kept) in [
            ("M82999", Some("M82999")),
            (" v81997 ", Some("V81997")),
            ("M8200", None),
            ("M829991", None),
            ("882001", None),
            ("MM2001", None),
            ("Ñ82001", None),
            ("", None),
        ] {
            let code = GpPracticeCode::parse(text).ok();
            assert_eq!(code.as_ref().map(GpPracticeCode::as_str), kept, "{text}");
        }
    }
}
