//! Email addresses.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::sql_text::text_value;

/// An email address in lower case, of at most 254 characters (RFC 5321 §4.5.3.1.3). Only the
/// everyday form is taken: no quoted names, no comments, no address literals, ASCII only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Email(String);

impl Email {
    /// Reads an address in any case. Whether the mailbox exists is not checked here.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let address = text.trim().to_ascii_lowercase();
        match address.split_once('@') {
            Some((name, domain)) if address.len() <= 254 && is_name(name) && is_domain(domain) => Ok(Self(address)),
            _ => Err(InvalidValue::new(
                "must be an email address of at most 254 characters, such as duty@council.example",
            )),
        }
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.split('.').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
        })
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.')
        && domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

text_value!(
    [] Email, hidden,
    name: "Email",
    schema: ObjectBuilder::new()
        .description(Some("An email address; given back in lower case"))
        .format(Some(utoipa::openapi::SchemaFormat::Custom("email".to_owned())))
        .max_length(Some(254))
        .examples(["duty@council.example"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_addresses_are_kept_in_lower_case() {
        for (text, kept) in [
            ("duty@council.example", "duty@council.example"),
            (" Renee.O'Brien+duty@Council.Example.Org ", "renee.o'brien+duty@council.example.org"),
            ("a@b-c.example", "a@b-c.example"),
        ] {
            assert_eq!(Email::parse(text).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_cannot_be_written_to_is_refused() {
        let long = format!("{}@council.example", "a".repeat(65));
        let longer = format!("a@{}example", "abcdefgh.".repeat(30));
        for text in [
            "",
            "duty",
            "duty@",
            "@council.example",
            "duty@council",
            "a@b@council.example",
            "du ty@council.example",
            "duty@-council.example",
            "duty@council..example",
            ".duty@council.example",
            "du..ty@council.example",
            "<duty@council.example>",
            "duty@council.example\nbcc: x@y.example",
            &long,
            &longer,
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }
}
