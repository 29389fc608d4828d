//! Telephone numbers, as people write and paste them.

use std::hash::{Hash, Hasher};

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::{dashes, invisible, is_invisible, plain, spaces};
use crate::words::sql_text::text_value;

/// The most characters that a number has as it was written.
const LONGEST: usize = 40;

/// The digits that a number may have without its extension: a country code may be dialled before fifteen (ITU-T E.164).
const DIGITS: std::ops::RangeInclusive<usize> = 5..=20;

/// The words that begin an extension, the longest of each beginning first.
const EXTENSIONS: [&str; 5] = ["extension", "extn", "ext", "x", "#"];

/// The pattern of a number. It stands for every letter in both cases.
const PATTERN: &str = concat!(
    r"^[\s",
    invisible!(),
    r"]*([Tt][Ee][Ll][.:]?)?[().+/\[\]（）．＋／",
    spaces!(),
    dashes!(),
    invisible!(),
    r"]*([0-9０-９][().+/\[\]（）．＋／",
    spaces!(),
    dashes!(),
    invisible!(),
    r"]*){5,20}([;,]?[",
    spaces!(),
    invisible!(),
    r"]*([Ee][Xx][Tt]([Nn]|[Ee][Nn][Ss][Ii][Oo][Nn])?|[Xx]|#)[.:=",
    spaces!(),
    invisible!(),
    r"]*([0-9０-９][",
    spaces!(),
    invisible!(),
    r"]*)+)?\s*$"
);

/// A telephone number as it was written: up to 40 characters of digits, spaces, dashes, dots, `+`, `(`, `)` and `/`, with 5
/// to 20 digits; `tel:` before it and an extension after it if there are any. Two are equal if they dial the same.
#[derive(Clone, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Phone(String);

impl Phone {
    /// Reads a number; it is trimmed, loses its invisible characters, and is otherwise kept as written.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let written: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        let written = written.trim();
        if written.chars().count() <= LONGEST && dialled(written).is_some() {
            Ok(Self(written.to_owned()))
        } else {
            Err(InvalidValue::new(
                "must be a telephone number of 5 to 20 digits, with spaces, dashes, dots, + ( ) /, and an extension after ext or x",
            ))
        }
    }

    /// Returns the number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the digits that are dialled within the United Kingdom, and the extension after an `x`.
    pub fn comparable(&self) -> String {
        dialled(&self.0).unwrap_or_default()
    }
}

impl PartialEq for Phone {
    fn eq(&self, other: &Self) -> bool {
        self.comparable() == other.comparable()
    }
}

impl Hash for Phone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.comparable().hash(state);
    }
}

/// Reads what is dialled; `None` if the text is no number.
fn dialled(text: &str) -> Option<String> {
    let text = plain(text).to_lowercase();
    let number = text.strip_prefix("tel").map_or(text.as_str(), |rest| rest.trim_start_matches([':', '.']));
    let at = number.find(['e', 'x', '#']).unwrap_or(number.len());
    let (number, extension) = number.split_at(at);
    let number = number.trim_end_matches([' ', ';', ',']);
    let digits_of = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let digits = digits_of(number);
    if !DIGITS.contains(&digits.len()) || !number.chars().all(|c| c.is_ascii_digit() || " +().-/[]".contains(c)) {
        return None;
    }
    let abroad =
        digits.strip_prefix("00").or_else(|| number.trim_start_matches([' ', '(']).starts_with('+').then_some(&digits));
    let national = match abroad.and_then(|digits| digits.strip_prefix("44")) {
        Some(national) => format!("0{}", national.trim_start_matches('0')),
        None => abroad.map_or_else(|| digits.clone(), |digits| format!("+{digits}")),
    };
    if extension.is_empty() {
        return Some(national);
    }
    let rest =
        EXTENSIONS.iter().find_map(|word| extension.strip_prefix(word))?.trim_start_matches([' ', '.', ':', '=']);
    let inner = digits_of(rest);
    let fits = !inner.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == ' ');
    fits.then(|| format!("{national}x{inner}"))
}

text_value!(
    [] Phone, hidden,
    name: "Phone",
    schema: ObjectBuilder::new()
        .description(Some(
            "A telephone number: digits, spaces, dashes, dots, + ( ) /, with tel: before it and an extension after ext or x if \
             there are any. It is kept as it was written, without invisible characters",
        ))
        .pattern(Some(PATTERN))
        .min_length(Some(5))
        .max_length(Some(60))
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
            "01632.960.123",
            "01632\u{a0}960\u{2011}123",
            "01632–960123 / 4",
            "tel:+44-1632-960123;ext=42",
            "Tel. 01632 960123, extension 42",
            "０１６３２ ９６０１２３",
            "12345",
        ] {
            assert_eq!(Phone::parse(&format!(" {text} ")).unwrap().as_str(), text);
        }
        assert_eq!(Phone::parse("\u{202a}07700\u{200b} 900123\u{202c}").unwrap().as_str(), "07700 900123");
    }

    #[test]
    fn numbers_are_equal_if_they_dial_the_same() {
        for text in [
            "01632 960123",
            "+44 1632 960123",
            "+44 (0)1632 960-123",
            "0044 1632.960.123",
            "tel:+441632960123",
            "(01632)\u{a0}960123",
        ] {
            assert!(Phone::parse(text).unwrap() == Phone::parse("01632960123").unwrap(), "{text}");
        }
        for (one, other) in
            [("01632 960123", "01632 960124"), ("01632 960123", "01632 960123 x4"), ("+33 1632 960123", "01632 960123")]
        {
            assert!(Phone::parse(one).unwrap() != Phone::parse(other).unwrap(), "{one} / {other}");
        }
        assert!(Phone::parse("01632 960123 ext. 4 2").unwrap() == Phone::parse("01632960123#42").unwrap());
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
            "016329601230163296012",
            "01632 960123 e 4",
            "ext 12345",
        ] {
            assert!(Phone::parse(text).is_err(), "{text}");
        }
    }
}
