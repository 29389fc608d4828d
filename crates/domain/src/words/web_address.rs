//! Addresses on the web.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use super::email::is_domain;
use crate::fault::InvalidValue;
use crate::words::sql_text::text_value;

/// The words with which an address is refused.
const EXPECTED: &str = "must be an https address of at most 200 characters, such as https://www.app.example/complain";

/// The pattern of an address.
const PATTERN: &str = r"^https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/[!-~]*)?$";

/// An https address of a page, with the name of its host: without a port, and without a user's name or a number in the place of the host,
/// which can lead elsewhere than it seems to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct WebAddress(String);

impl WebAddress {
    /// Reads an address. Whether anything answers there is not checked.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let text = text.trim();
        let host = text.strip_prefix("https://").map(|rest| rest.split('/').next().unwrap_or_default());
        let is_named = |host: &str| is_domain(host) && host.chars().any(char::is_alphabetic);
        if text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic()) && host.is_some_and(is_named) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidValue::new(EXPECTED))
        }
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the page lies at this domain, or at a domain below it.
    pub fn is_at(&self, domain: &str) -> bool {
        let host = self.0["https://".len()..].split('/').next().unwrap_or_default().to_lowercase();
        host == domain || host.strip_suffix(domain).is_some_and(|before| before.ends_with('.'))
    }
}

text_value!(
    [] WebAddress, shown,
    name: "WebAddress",
    schema: ObjectBuilder::new()
        .description(Some("An https address"))
        .pattern(Some(PATTERN))
        .max_length(Some(200))
        .examples(["https://www.speak-up.example/complain"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_and_names_its_host() {
        for address in
            ["https://app.example", " https://www.app.example/complain?lang=en ", "https://Speak-Up.example/"]
        {
            assert_eq!(WebAddress::parse(address).unwrap().as_str(), address.trim());
        }
        let long = format!("https://app.example/{}", "a".repeat(181));
        for address in [
            "http://app.example",
            "javascript:alert(1)",
            "https://",
            "https://localhost",
            "https://app.example:8443",
            "https://council.example@app.example",
            "https://10.0.0.1/",
            "https://app.example/ two",
            "app.example",
            &long,
        ] {
            assert!(WebAddress::parse(address).is_err(), "{address}");
        }
    }

    #[test]
    fn a_page_lies_at_its_domain_and_at_those_above_it() {
        let page = WebAddress::parse("https://complain.Severn.example/now").unwrap();
        assert!(page.is_at("severn.example") && page.is_at("complain.severn.example"));
        assert!(!page.is_at("ern.example") && !page.is_at("other.example"));
    }
}
