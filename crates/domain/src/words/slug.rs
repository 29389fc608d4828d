//! The name of a practice in URLs.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::plain;
use crate::words::sql_text::text_value;

/// A short name for use in URLs: 3 to 40 lower-case letters (a to z), digits and single hyphens, with no hyphen at
/// either end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Slug(String);

impl Slug {
    /// Reads a slug. Capitals are refused, not lowered.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let slug = plain(text);
        let words_are_plain = slug
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        if words_are_plain && (3..=40).contains(&slug.len()) {
            Ok(Self(slug))
        } else {
            Err(InvalidValue::new(
                "must be 3 to 40 lower-case letters, digits and single hyphens, with no hyphen at either end",
            ))
        }
    }

    /// Returns the slug, such as `severn-social-work`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(
    [] Slug, shown,
    name: "Slug",
    schema: ObjectBuilder::new()
        .description(Some("A short name for use in addresses"))
        .pattern(Some("^[a-z0-9]+(-[a-z0-9]+)*$"))
        .min_length(Some(3))
        .max_length(Some(40))
        .examples(["severn-social-work"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_words_joined_by_single_hyphens() {
        for (text, fits) in [
            ("severn-social-work", true),
            ("a1b", true),
            (&"a".repeat(40), true),
            (&"a".repeat(41), false),
            ("ab", false),
            ("Severn", false),
            ("-severn", false),
            ("severn-", false),
            ("severn--work", false),
            ("severn_work", false),
            ("sévern", false),
            ("", false),
        ] {
            assert_eq!(Slug::parse(text).is_ok(), fits, "{text}");
        }
    }
}
