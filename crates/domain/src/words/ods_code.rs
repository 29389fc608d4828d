//! The codes of organisations.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::plain;
use crate::words::sql_text::text_value;

/// The Organisation Data Service's code of an organisation: 3 to `MAX` capitals and digits. A hospital trust has up to 5, a
/// general practice 6.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct OdsCode<const MAX: usize>(String);

impl<const MAX: usize> OdsCode<MAX> {
    /// Reads a code in either case. Whether there is such an organisation is not checked here.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let code = plain(text).to_ascii_uppercase();
        if (3..=MAX).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            Ok(Self(code))
        } else {
            Err(InvalidValue::new(format!("must be an organisation's code: 3 to {MAX} letters and digits")))
        }
    }

    /// Returns the code, such as `RXW`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(
    [const MAX: usize] OdsCode<MAX>, shown,
    name: format!("OdsCode{MAX}"),
    schema: ObjectBuilder::new()
        .description(Some("The Organisation Data Service's code of an organisation"))
        .pattern(Some(format!("^[A-Z0-9]{{3,{MAX}}}$")))
        .max_length(Some(MAX))
        .examples(["RXW"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_letters_and_digits_of_the_right_number() {
        for (text, kept) in [
            ("RXW", Some("RXW")),
            (" rxw01 ", Some("RXW01")),
            ("RX", None),
            ("RXW012", None),
            ("RX W", None),
            ("RX-1", None),
            ("ÄRX", None),
            ("RX\0", None),
            ("", None),
        ] {
            let code = OdsCode::<5>::parse(text).ok();
            assert_eq!(code.as_ref().map(OdsCode::as_str), kept, "{text}");
        }
        assert!(OdsCode::<10>::parse("M82999").is_ok());
    }
}
