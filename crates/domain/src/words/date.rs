//! Reads dates in the one form that they have in JSON: `YYYY-MM-DD`, ten characters.
//!
//! The date type's own reader is lenient (`2026-1-5`, `+2026-01-05`). These readers are strict, so that a mistyped date
//! is refused and not guessed at.

use chrono::NaiveDate;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::fault::InvalidValue;

/// Reads `YYYY-MM-DD`; any other form, and a day that does not exist, is [`InvalidValue`].
pub fn parse(text: &str) -> Result<NaiveDate, InvalidValue> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        return Err(InvalidValue::new("must be a date written YYYY-MM-DD"));
    }
    text.parse().map_err(|_| InvalidValue::new("must be a day that exists, written YYYY-MM-DD"))
}

/// Reads a required date, for `#[serde(deserialize_with = "date::required")]`.
pub fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// Reads an optional date, for `#[serde(default, deserialize_with = "date::optional")]`: `null`
/// and blank are `None`.
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        Some(text) if !text.trim().is_empty() => parse(&text).map(Some).map_err(D::Error::custom),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_one_way() {
        assert_eq!(parse("2028-02-29").unwrap().to_string(), "2028-02-29");
        for text in ["2026-1-5", "05/01/2026", "2026-01-05T00:00", "+026-01-05", " 2026-01-05", "20260105", ""] {
            assert_eq!(parse(text).unwrap_err().to_string(), "must be a date written YYYY-MM-DD", "{text}");
        }
        for text in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31"] {
            assert!(parse(text).unwrap_err().to_string().starts_with("must be a day that exists"), "{text}");
        }
    }

    #[test]
    fn a_blank_optional_date_is_missing() {
        #[derive(Deserialize)]
        struct Form {
            #[serde(deserialize_with = "required")]
            from: NaiveDate,
            #[serde(default, deserialize_with = "optional")]
            until: Option<NaiveDate>,
        }
        let form: Form = serde_json::from_str(r#"{"from": "2026-01-05", "until": " "}"#).unwrap();
        assert_eq!((form.from.to_string().as_str(), form.until), ("2026-01-05", None));
        assert!(serde_json::from_str::<Form>(r#"{"from": ""}"#).is_err());
        assert!(serde_json::from_str::<Form>(r#"{"from": "2026-01-05", "until": "soon"}"#).is_err());
    }
}
