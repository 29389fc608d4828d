//! Postcodes, and the postcode districts they belong to.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::plain;
use crate::words::sql_text::text_value;

/// The postcode that stands for "no fixed abode" in NHS and social care records.
pub const NO_FIXED_ABODE: &str = "ZZ99 3VZ";
/// The postcode that stands for "address not known" in NHS and social care records.
pub const NOT_KNOWN: &str = "ZZ99 3WZ";

/// The greatest number of characters of a postcode as it is entered: with blanks that were typed or pasted along with it.
const LONGEST: usize = 16;

const EXPECTED: &str = "must be a United Kingdom postcode, such as SY1 2LE";

/// A United Kingdom postcode, or one that stands for no place: [`NO_FIXED_ABODE`], [`NOT_KNOWN`], or a country, such as
/// ZZ99 6CZ. It is kept in capitals with one space before the last three characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Postcode(String);

impl Postcode {
    /// Reads a postcode in any case, with or without the space. Its shape is checked, not whether
    /// Royal Mail has issued it.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let compact = compact(text);
        let (outward, inward) = compact
            .len()
            .checked_sub(3)
            .filter(|_| text.chars().count() <= LONGEST)
            .and_then(|at| compact.split_at_checked(at))
            .ok_or_else(|| InvalidValue::new(EXPECTED))?;
        let postcode = format!("{outward} {inward}");
        let real = match outward {
            "GIR" => inward == "0AA",
            _ => is_outward(outward.as_bytes()) && is_inward(inward.as_bytes()),
        };
        if real || (outward == "ZZ99" && is_inward_of_none(inward.as_bytes())) {
            Ok(Self(postcode))
        } else {
            Err(InvalidValue::new(EXPECTED))
        }
    }

    /// Returns the postcode, such as `SY1 2LE`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the postcode says that somebody has no fixed abode.
    pub fn is_no_fixed_abode(&self) -> bool {
        self.0 == NO_FIXED_ABODE
    }

    /// Whether the postcode is of a place. Those that begin with ZZ99 stand for none, or for a country, and nobody shares
    /// an address by them.
    pub fn is_a_place(&self) -> bool {
        !self.0.starts_with("ZZ99")
    }

    /// Returns the part before the space, such as `SY1`.
    pub fn district(&self) -> District {
        District(self.0[..self.0.len() - 4].to_owned())
    }
}

/// A postcode district: the outward half of a postcode, such as `SY1`. In capitals.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct District(String);

impl District {
    /// Reads a district in any case. What follows it after a blank, in a sector or a whole postcode, is cut: the sector
    /// `SY1 1` is in the district SY1, and not in SY11.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let given = plain(text);
        let outward = given.split_whitespace().collect::<Vec<_>>();
        let district = match outward.as_slice() {
            [outward, sector] if matches!(sector.as_bytes(), [digit] if digit.is_ascii_digit()) => compact(outward),
            [outward, inward] if is_inward(compact(inward).as_bytes()) => compact(outward),
            [outward] => compact(outward),
            _ => String::new(),
        };
        let is_known = is_outward(district.as_bytes()) || matches!(district.as_str(), "GIR" | "ZZ99");
        if is_known && text.chars().count() <= LONGEST {
            Ok(Self(district))
        } else {
            Err(InvalidValue::new("must be a postcode district, such as SY1"))
        }
    }

    /// Returns the district, such as `SY1`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn compact(text: &str) -> String {
    plain(text).chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

/// Whether the code has one of the shapes A9, A99, AA9, AA99, AA9A and A9A, with the letters that each place allows.
fn is_outward(code: &[u8]) -> bool {
    let area = |c: u8| c.is_ascii_uppercase() && !b"QVX".contains(&c);
    let second = |c: u8| (b'A'..=b'Y').contains(&c) && !b"IJ".contains(&c);
    let digit = |c: u8| c.is_ascii_digit();
    match *code {
        [a, d] => area(a) && digit(d),
        [_, b'0', e] | [_, _, b'0', e] if digit(e) => false,
        [a, d, e] if digit(d) => area(a) && (digit(e) || b"ABCDEFGHJKPSTUW".contains(&e)),
        [a, b, d] => area(a) && second(b) && digit(d),
        [a, b, d, e] => area(a) && second(b) && digit(d) && (digit(e) || b"ABEHMNPRVWXY".contains(&e)),
        _ => false,
    }
}

/// Whether the code is one that follows ZZ99: a digit, a letter and another Z.
fn is_inward_of_none(code: &[u8]) -> bool {
    matches!(*code, [d, a, b'Z'] if d.is_ascii_digit() && a.is_ascii_uppercase())
}

/// Whether the code is a digit and two letters, none of C, I, K, M, O and V.
fn is_inward(code: &[u8]) -> bool {
    let letter = |c: u8| c.is_ascii_uppercase() && !b"CIKMOV".contains(&c);
    matches!(*code, [d, a, b] if d.is_ascii_digit() && letter(a) && letter(b))
}

text_value!(
    [] Postcode, hidden,
    name: "Postcode",
    schema: ObjectBuilder::new()
        .description(Some(
            "A United Kingdom postcode; ZZ99 3VZ for no fixed abode, ZZ99 3WZ for not known. \
             Given back in capitals with one space.",
        ))
        .pattern(Some(r"^\s*[A-Za-z]{1,2}[0-9Rr][0-9A-Za-z]?\s*[0-9][A-Za-z]{2}\s*$"))
        .max_length(Some(LONGEST))
        .examples(["SY1 2LE"]),
);

text_value!(
    [] District, shown,
    name: "District",
    schema: ObjectBuilder::new()
        .description(Some("A postcode district: the part of a postcode before the space"))
        .pattern(Some(r"^\s*[A-Za-z]{1,2}[0-9Rr][0-9A-Za-z]?\s*$"))
        .min_length(Some(2))
        .max_length(Some(LONGEST))
        .examples(["SY1"]),
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn postcodes_are_written_one_way() {
        for (text, kept, district) in [
            ("SY1 2LE", "SY1 2LE", "SY1"),
            ("sy12le", "SY1 2LE", "SY1"),
            (" wv16  8gb ", "WV16 8GB", "WV16"),
            ("M1 1AE", "M1 1AE", "M1"),
            ("B33 8TH", "B33 8TH", "B33"),
            ("CR2 6XH", "CR2 6XH", "CR2"),
            ("DN55 1PT", "DN55 1PT", "DN55"),
            ("SY1         2LE ", "SY1 2LE", "SY1"),
            ("W1A 0AX", "W1A 0AX", "W1A"),
            ("EC1A 1BB", "EC1A 1BB", "EC1A"),
            ("gir0aa", "GIR 0AA", "GIR"),
            ("zz99 3vz", NO_FIXED_ABODE, "ZZ99"),
            ("ZZ993WZ", NOT_KNOWN, "ZZ99"),
            ("zz99 6cz", "ZZ99 6CZ", "ZZ99"),
        ] {
            let postcode = Postcode::parse(text).unwrap();
            assert_eq!((postcode.as_str(), postcode.district().as_str()), (kept, district));
            assert_eq!(District::parse(district).unwrap(), postcode.district());
            assert_eq!(postcode.is_a_place(), district != "ZZ99", "{text}");
        }
    }

    #[test]
    fn a_district_is_cut_from_a_sector_and_a_postcode() {
        for text in ["SY1", " sy1 ", "SY1 1", "SY1 1UT", "sy1\u{a0}1"] {
            assert_eq!(District::parse(text).unwrap().as_str(), "SY1", "{text}");
        }
        assert_eq!(District::parse("SY11").unwrap().as_str(), "SY11");
    }

    #[test]
    fn what_has_not_the_shape_is_refused() {
        for text in [
            "",
            "SY1",
            "2LE",
            "SY 2LE",
            "QY1 2LE",
            "SI1 2LE",
            "SY1 2CE",
            "SY1 LE2",
            "SY123 2LE",
            "SY1-2LE",
            "ZZ99 3AA",
            "GIR 1AA",
            "SY01 2LE",
            "EC1C 1BB",
            "W1I 0AX",
            "É1 1AE",
            "1SY 2LE",
            "SY1 2LEé",
            "SY1          2LE ",
        ] {
            assert_eq!(Postcode::parse(text).unwrap_err().to_string(), EXPECTED, "{text}");
        }
        for text in ["", "S", "SY01", "S01", "SY 1", "S Y1", "SY1 UT", "SY1 1CI", "SY1 1 1", "1", "SY", "É1"] {
            assert!(District::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_postcode_reads_back_what_it_prints(
            outward in "[A-PR-UWYZ]([1-9]?[0-9]|[A-HK-Y]([1-9]?[0-9]|[0-9][ABEHMNPRV-Y])|[0-9][A-HJKPSTUW])",
            inward in "[0-9][ABD-HJLNP-UW-Z]{2}",
            space in " {0,2}",
        ) {
            let postcode = Postcode::parse(&format!("{outward}{space}{inward}").to_lowercase()).unwrap();
            prop_assert_eq!(postcode.as_str(), format!("{outward} {inward}"));
            prop_assert!(Postcode::parse(postcode.as_str()).unwrap() == postcode);
            prop_assert_eq!(postcode.district().to_string(), outward);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,9}") {
            let _ = Postcode::parse(&text).map(|postcode| postcode.district());
        }
    }
}
