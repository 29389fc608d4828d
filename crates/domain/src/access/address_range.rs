//! Ranges of network addresses, to which a client's requests can be limited.

use std::net::IpAddr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::sql_text::text_value;

/// A range of addresses in the notation of RFC 4632 or RFC 4291, such as `203.0.113.0/24`; one address is a range with a
/// prefix of 32 (128 in IPv6).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct AddressRange {
    text: String,
    net: IpNet,
}

impl AddressRange {
    /// Reads a range. An address with bits beyond its prefix is refused, because it is ambiguous.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        match text.trim().parse::<IpNet>() {
            Ok(net) if net.addr() == net.network() && net.prefix_len() > 0 => Ok(Self { text: net.to_string(), net }),
            _ => Err(InvalidValue::new(
                "must be a range of addresses with its prefix and no bits beyond it, such as 203.0.113.0/24",
            )),
        }
    }

    /// Returns the range as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether an address lies in the range. An IPv4 address that arrives as an IPv6 one (`::ffff:203.0.113.7`) counts
    /// as the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.net.contains(&address.to_canonical())
    }
}

text_value!(
    [] AddressRange, shown,
    name: "AddressRange",
    schema: ObjectBuilder::new()
        .description(Some("A range of addresses with its prefix, in CIDR notation"))
        .pattern(Some("^ *[0-9A-Fa-f:.]+/[0-9]{1,3} *$"))
        .max_length(Some(43))
        .examples(["203.0.113.0/24"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_lies_in_its_range_however_it_arrives() {
        let range = AddressRange::parse(" 203.0.113.0/24 ").unwrap();
        assert_eq!(range.as_str(), "203.0.113.0/24");
        for (address, inside) in [
            ("203.0.113.0", true),
            ("203.0.113.255", true),
            ("::ffff:203.0.113.9", true),
            ("203.0.114.0", false),
            ("203.0.112.255", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(range.contains(address.parse().unwrap()), inside, "{address}");
        }
        let range = AddressRange::parse("2001:DB8::/32").unwrap();
        assert_eq!(range.as_str(), "2001:db8::/32");
        assert!(range.contains("2001:db8:ffff::1".parse().unwrap()));
        assert!(!range.contains("203.0.113.9".parse().unwrap()));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in
            ["", "203.0.113.7", "203.0.113.7/24", "203.0.113.0/33", "0.0.0.0/0", "::/0", "council.example/24", "/8"]
        {
            assert!(AddressRange::parse(text).is_err(), "{text}");
        }
    }
}
