//! Email addresses.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::{is_invisible, plain};
use crate::words::sql_text::text_value;

/// The words with which an address is refused.
const EXPECTED: &str = "must be an email address of at most 254 characters, such as duty@council.example";

/// An email address in the form in which it is compared: in lower case, its domain as the domain name system has it, of at
/// most 254 characters (RFC 5321 §4.5.3.1.3). Only the everyday form is taken: no quoted names, no comments, no address
/// literals. A domain in other letters is taken (RFC 5891), a name before the `@` is ASCII.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Email(String);

impl Email {
    /// Reads an address in any case. Whether the mailbox exists is not checked here.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let address = plain(text).to_lowercase();
        let Some((name, domain)) = address.rsplit_once('@') else { return Err(InvalidValue::new(EXPECTED)) };
        let domain = idna::domain_to_ascii(domain).unwrap_or_default();
        let address = format!("{name}@{domain}");
        if address.len() <= 254 && is_name(name) && is_domain(&domain) {
            Ok(Self(address))
        } else {
            Err(InvalidValue::new(EXPECTED))
        }
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An email address at which somebody is reached, kept as it was written but for white space at its ends and invisible
/// characters. Two are equal if they are the same [`Email`].
#[derive(Clone, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct ContactEmail(String);

impl ContactEmail {
    /// Reads what [`Email`] reads.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        Email::parse(text)?;
        let written: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        Ok(Self(written.trim().to_owned()))
    }

    /// Returns the address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for ContactEmail {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || Email::parse(&self.0).ok() == Email::parse(&other.0).ok()
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.split('.').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
        })
}

pub(super) fn is_domain(domain: &str) -> bool {
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

text_value!(
    [] ContactEmail, hidden,
    name: "ContactEmail",
    schema: ObjectBuilder::new()
        .description(Some("An email address; kept as it was written, without invisible characters"))
        .format(Some(utoipa::openapi::SchemaFormat::Custom("idn-email".to_owned())))
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
            ("\u{202a}duty@council.example\u{202c}\u{a0}", "duty@council.example"),
            ("duty@council\u{2011}north.example", "duty@council-north.example"),
            ("duty@Bücher.example", "duty@xn--bcher-kva.example"),
            ("duty@xn--bcher-kva.example", "duty@xn--bcher-kva.example"),
            ("ｄｕｔｙ＠council。example", "duty@council.example"),
        ] {
            assert_eq!(Email::parse(text).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn a_contact_is_kept_as_written_and_compared_as_an_address() {
        let contact = |text| ContactEmail::parse(text).unwrap();
        assert_eq!(contact(" \u{200e}Edith@Bücher.example ").as_str(), "Edith@Bücher.example");
        assert!(contact("Edith@Bücher.example") == contact("edith@xn--bcher-kva.example"));
        assert!(contact("edith@council.example") != contact("edith@council2.example"));
        assert!(ContactEmail::parse("ring me").is_err());
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
            "duty@xn--zzzzzzz-.example",
            "düty@council.example",
            &long,
            &longer,
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }
}
