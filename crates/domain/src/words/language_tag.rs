//! The tags of languages.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::plain;
use crate::words::sql_text::text_value;

/// The most characters of a tag, which implementations must take (RFC 5646 s4.4.1).
const LONGEST: usize = 35;

/// The tag of a language (BCP 47): 2 or 3 letters, and then parts of 1 to 8 letters and digits, each after a hyphen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct LanguageTag(String);

impl LanguageTag {
    /// Reads a tag. Case has no meaning in a tag, so it is kept in lower case. Whether there is such a language is not checked
    /// here.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let tag = plain(text).to_ascii_lowercase();
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default();
        let fits = tag.len() <= LONGEST
            && (2..=3).contains(&language.len())
            && language.bytes().all(|b| b.is_ascii_lowercase())
            && parts.all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            });
        if fits {
            Ok(Self(tag))
        } else {
            Err(InvalidValue::new("must be the tag of a language (BCP 47), such as pl, syl or en-gb"))
        }
    }

    /// Returns the tag, such as `pl`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(
    [] LanguageTag, shown,
    name: "LanguageTag",
    schema: ObjectBuilder::new()
        .description(Some("The tag of a language (BCP 47), given back in lower case"))
        .pattern(Some("^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"))
        .min_length(Some(2))
        .max_length(Some(LONGEST))
        .examples(["pl"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_language_and_what_narrows_it() {
        for (text, kept) in [
            ("pl", Some("pl")),
            (" SYL ", Some("syl")),
            ("en-GB", Some("en-gb")),
            ("zh-Hant-TW", Some("zh-hant-tw")),
            ("Polish", None),
            ("p", None),
            ("12", None),
            ("en-", None),
            ("en_GB", None),
            ("en-abcdefghi", None),
            ("en-a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q", None),
            ("", None),
        ] {
            let tag = LanguageTag::parse(text).ok();
            assert_eq!(tag.as_ref().map(LanguageTag::as_str), kept, "{text}");
        }
    }
}
