//! The NHS number, with its check digit.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::{dashes, invisible, plain, spaces};
use crate::words::sql_text::{closed_codes, text_value};

/// The pattern of a number: ten digits, and between them whatever divides them.
const PATTERN: &str =
    concat!(r"^[\s", invisible!(), r"]*([0-9０-９][.", spaces!(), dashes!(), invisible!(), r"]*){10}\s*$");

/// An NHS number: ten digits, the last a check digit (NHS Data Model and Dictionary). It is kept without spaces; spaces,
/// dashes and dots are allowed in the input. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct NhsNumber(String);

impl NhsNumber {
    /// Reads ten digits, with or without spaces, dashes or dots between them. A wrong check digit, and ten equal digits (which
    /// the arithmetic would let pass), are [`InvalidValue`].
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let number: String = plain(text).chars().filter(|c| !" -.".contains(*c)).collect();
        if number.len() != 10 || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidValue::new("must be an NHS number: ten digits, with or without spaces"));
        }
        let digits = number.as_bytes();
        let all_equal = digits.iter().all(|digit| *digit == digits[0]);
        if all_equal || check_digit(&digits[..9]) != Some(u32::from(digits[9] - b'0')) {
            return Err(InvalidValue::new(
                "must be a valid NHS number; the check digit of this one does not fit, so a digit is probably wrong",
            ));
        }
        Ok(Self(number))
    }

    /// Returns the ten digits, without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the number in groups for people to read: `943 476 5919`.
    pub fn spaced(&self) -> String {
        format!("{} {} {}", &self.0[..3], &self.0[3..6], &self.0[6..])
    }

    /// Returns the number masked to its last four digits, to show which number is meant: `*** *** 5919`.
    pub fn masked(&self) -> String {
        format!("*** *** {}", &self.0[6..])
    }
}

/// Returns the tenth digit that belongs to nine ASCII digits: weights 10 to 2, modulo 11. `None` if no digit fits.
fn check_digit(nine: &[u8]) -> Option<u32> {
    let sum: u32 = (2..=10).rev().zip(nine).map(|(weight, digit)| weight * u32::from(digit - b'0')).sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        digit => Some(digit),
    }
}

text_value!(
    [] NhsNumber, hidden,
    name: "NhsNumber",
    schema: ObjectBuilder::new()
        .description(Some(
            "An NHS number: ten digits with a valid check digit. Spaces, dashes and dots are allowed on the way in; \
             it is given back without.",
        ))
        .pattern(Some(PATTERN))
        .max_length(Some(40))
        .examples(["9990548609"]),
);

closed_codes! {
    /// How far an NHS number has been verified (NHS data dictionary, NHS number status indicator code).
    pub enum NhsNumberStatus {
        /// The number is present and verified.
        Verified = "01",
        /// The number is present and was not traced.
        NotTraced = "02",
        /// A trace is required.
        TraceRequired = "03",
        /// The trace found no match, or several.
        NoMatch = "04",
        /// The trace needs to be resolved.
        Conflict = "05",
        /// The trace is in progress.
        InProgress = "06",
        /// The number is not present, and no trace is required.
        NotRequired = "07",
        /// The trace was postponed.
        Postponed = "08",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn valid_numbers_are_kept_without_spaces() {
        for (text, kept) in [
            ("9434765919", "9434765919"),
            ("943 476 5919", "9434765919"),
            (" 999 0548609 ", "9990548609"),
            ("9912003888", "9912003888"),
            ("943-476-5919", "9434765919"),
            ("943\u{2011}476\u{2013}5919", "9434765919"),
            ("943\u{a0}476\u{202f}5919", "9434765919"),
            ("\u{202a}943.476.5919\u{202c}", "9434765919"),
            ("９４３ ４７６ ５９１９", "9434765919"),
        ] {
            assert_eq!(NhsNumber::parse(text).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn wrong_check_digits_and_equal_digits_are_refused() {
        for text in ["9912003814", "1234567890", "0000000000", "1111111111", "9434765918"] {
            let error = NhsNumber::parse(text).unwrap_err().to_string();
            assert!(error.starts_with("must be a valid NHS number"), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_not_ten_digits_is_refused() {
        for text in ["", "943476591", "94347659190", "943476591O", "943/476/5919", "NHS 9434765919"] {
            let error = NhsNumber::parse(text).unwrap_err().to_string();
            assert!(error.ends_with("ten digits, with or without spaces"), "{text}: {error}");
        }
    }

    #[test]
    fn people_see_it_spaced_or_masked_and_logs_not_at_all() {
        let number = NhsNumber::parse("9434765919").unwrap();
        assert_eq!(number.spaced(), "943 476 5919");
        assert_eq!(number.masked(), "*** *** 5919");
        assert_eq!(format!("{number:?}"), "NhsNumber(..)");
    }

    proptest! {
        #[test]
        fn at_most_one_last_digit_fits(nine in "[0-9]{9}") {
            let fitting = (0..10).filter(|d| NhsNumber::parse(&format!("{nine}{d}")).is_ok()).count();
            prop_assert!(fitting <= 1);
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(nine in "[0-9]{9}", place in 0_usize..9, shift in 1_u8..10) {
            let Some(last) = check_digit(nine.as_bytes()) else { return Ok(()) };
            let good = format!("{nine}{last}");
            prop_assume!(NhsNumber::parse(&good).is_ok());
            let mut digits = good.into_bytes();
            digits[place] = b'0' + (digits[place] - b'0' + shift) % 10;
            prop_assert!(NhsNumber::parse(std::str::from_utf8(&digits).unwrap()).is_err());
        }
    }
}
