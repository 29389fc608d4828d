//! Identifiers that others give: a council's reference of a request, its number of a person or of an officer.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::{comparable, is_blank, is_line_break, plain};
use crate::words::sql_text::text_value;
use crate::words::text::{ONE_LINE, of_length};

/// An identifier of 1 to `MAX` characters, written in one way: NFKC, without invisible characters, with plain hyphens and
/// with single plain spaces. So two identifiers that look the same are the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Identifier<const MAX: usize>(String);

impl<const MAX: usize> Identifier<MAX> {
    /// Reads an identifier. A text that shows nothing, is too long, or has a line break or control character, is
    /// [`InvalidValue`].
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let identifier = plain(text);
        if identifier.chars().any(|c| c.is_control() || is_line_break(c)) {
            return Err(InvalidValue::new(
                "must be one line, without control characters such as NUL, tabs or line breaks",
            ));
        }
        if is_blank(&identifier) {
            return Err(InvalidValue::new("must not be blank"));
        }
        of_length::<MAX>(identifier).map(Self)
    }

    /// Returns the identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form by which somebody is recognised, in which case and punctuation do not count.
    pub fn comparable(&self) -> String {
        comparable(&self.0)
    }
}

text_value!(
    [const MAX: usize] Identifier<MAX>, hidden,
    name: format!("Identifier{MAX}"),
    schema: ObjectBuilder::new()
        .description(Some(
            "An identifier, given back in one way of writing: NFKC, without invisible characters, with plain hyphens and \
             single spaces",
        ))
        .pattern(Some(ONE_LINE))
        .min_length(Some(1))
        .max_length(Some(MAX)),
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Short = Identifier<9>;

    #[test]
    fn identifiers_that_look_the_same_are_the_same() {
        for text in [
            "SHR-1",
            "\u{feff}SHR-1",
            "SHR\u{200b}-1",
            "SHR\u{2011}1",
            "ＳＨＲ－１",
            "SHR\u{2013}1\u{200e}",
            "S\u{ad}HR-1 ",
        ] {
            assert!(Short::parse(text).unwrap() == Short::parse("SHR-1").unwrap(), "{text:?}");
        }
        assert_eq!(Short::parse("A \u{a0} 1").unwrap().as_str(), "A 1");
        assert!(Short::parse("shr-1").unwrap() != Short::parse("SHR-1").unwrap());
        assert_eq!(Short::parse("shr 1").unwrap().comparable(), Short::parse("SHR-1").unwrap().comparable());
    }

    #[test]
    fn what_shows_nothing_or_is_not_one_line_is_refused() {
        for text in ["", "\u{200b}", " \u{2060}\n", "a\tb", "a\nb", "a\u{2028}b", "a\0b", "a\u{1b}b", "1234567890"] {
            assert!(Short::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_an_identifier_prints_it_reads_back(text in ".{0,12}") {
            if let Ok(identifier) = Identifier::<24>::parse(&text) {
                prop_assert!(Identifier::<24>::parse(identifier.as_str()).unwrap() == identifier);
            }
        }
    }
}
