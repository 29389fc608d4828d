//! Telephone numbers, as people write them.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::sql_text::text_value;

/// A telephone number as it was written: 5 to 30 characters of digits, spaces, `+`, `(`, `)` and
/// `-`, with at least five digits, and an extension after `ext`, `ext.` or `x` if there is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Phone(String);

impl Phone {
    /// Reads a number; it is trimmed and otherwise kept as written.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let phone = text.trim();
        let lower = phone.to_ascii_lowercase();
        let (number, extension) = match lower.split_once("ext").or_else(|| lower.split_once('x')) {
            Some((number, extension)) => (number, Some(extension)),
            None => (lower.as_str(), None),
        };
        if (5..=30).contains(&phone.len()) && is_number(number) && extension.is_none_or(is_extension) {
            Ok(Self(phone.to_owned()))
        } else {
            Err(InvalidValue::new(
                "must be a telephone number of 5 to 30 characters: digits, spaces, + ( ) -, and an extension after ext or x",
            ))
        }
    }

    /// Returns the number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b" +()-".contains(&b))
        && text.bytes().filter(u8::is_ascii_digit).count() >= 5
}

fn is_extension(text: &str) -> bool {
    let digits = text.strip_prefix('.').unwrap_or(text).trim();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b' ')
}

text_value!(
    [] Phone, hidden,
    name: "Phone",
    schema: ObjectBuilder::new()
        .description(Some(
            "A telephone number: digits, spaces, + ( ) -, and an extension after ext or x",
        ))
        .pattern(Some(r"^\s*[0-9 +()-]*[0-9][0-9 +()-]*((ext|EXT|Ext|x|X)\.? *[0-9][0-9 ]*)?\s*$"))
        .min_length(Some(5))
        .max_length(Some(30))
        .examples(["07700 900123"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_as_written() {
        for text in [
            "07700 900123",
            "+44 (0)1632 960-123",
            "01632 960123 ext 42",
            "01632 960123 Ext. 42",
            "01632960123x42",
            "12345",
        ] {
            assert_eq!(Phone::parse(&format!(" {text} ")).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_cannot_be_dialled_is_refused() {
        for text in [
            "",
            "1234",
            "((((()",
            "call Ann",
            "01632 960123 ext",
            "01632 960123 x y",
            "01632\n960123",
            "٠١٦٣٢٩٦٠",
            "0163296012301632960123016329601",
            "ext 12345",
        ] {
            assert!(Phone::parse(text).is_err(), "{text}");
        }
    }
}
