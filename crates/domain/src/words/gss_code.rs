//! The code of a council with adult social care duties.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::plain;
use crate::words::sql_text::text_value;

/// The Office for National Statistics' code of an English council with adult social services:
/// a unitary authority (`E06`), metropolitan district (`E08`), London borough (`E09`) or county
/// (`E10`), and six digits. District councils (`E07`) have no such duties.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct GssCode(String);

impl GssCode {
    /// Reads a code in either case. Whether there is such a council is not checked here.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let code = plain(text).to_ascii_uppercase();
        let digits = ["E06", "E08", "E09", "E10"].iter().find_map(|kind| code.strip_prefix(kind));
        match digits {
            Some(digits) if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) => Ok(Self(code)),
            _ => Err(InvalidValue::new(
                "must be the GSS code of a council with adult social services: E06, E08, E09 or E10, then six digits",
            )),
        }
    }

    /// Returns the code, such as `E06000051`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(
    [] GssCode, shown,
    name: "GssCode",
    schema: ObjectBuilder::new()
        .description(Some("The GSS code of a council in England with adult social services"))
        .pattern(Some("^E(06|08|09|10)[0-9]{6}$"))
        .max_length(Some(9))
        .examples(["E06000051"]),
);

/// The Office for National Statistics' code of an authority with adult social services in England, Wales (`W06`) or
/// Scotland (`S12`): where a person can be ordinarily resident (Care Act 2014 s39 and schedule 1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct AuthorityCode(String);

impl AuthorityCode {
    /// Reads a code in either case. Whether there is such an authority is not checked here.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        if let Ok(GssCode(code)) = GssCode::parse(text) {
            return Ok(Self(code));
        }
        let code = plain(text).to_ascii_uppercase();
        let digits = ["W06", "S12"].iter().find_map(|kind| code.strip_prefix(kind));
        match digits {
            Some(digits) if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) => Ok(Self(code)),
            _ => Err(InvalidValue::new(
                "must be the GSS code of an authority with adult social services: E06, E08, E09, E10, W06 or S12, then six digits",
            )),
        }
    }

    /// Returns the code, such as `W06000023`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the authority is in England, where the Care Act 2014 applies.
    pub fn is_in_england(&self) -> bool {
        self.0.starts_with('E')
    }
}

text_value!(
    [] AuthorityCode, shown,
    name: "AuthorityCode",
    schema: ObjectBuilder::new()
        .description(Some("The GSS code of an authority in England, Wales or Scotland with adult social services"))
        .pattern(Some("^(E(06|08|09|10)|W06|S12)[0-9]{6}$"))
        .max_length(Some(9))
        .examples(["W06000023"]),
);

/// The Office for National Statistics' code of a council in England as somebody names it: `E` and eight digits. It may be that of a council
/// that has no adult social services, or of none: whoever names it need not know.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct CouncilNamed(String);

impl CouncilNamed {
    /// Reads a code in either case. Whether there is such a council is not checked here.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let code = plain(text).to_ascii_uppercase();
        match code.strip_prefix('E') {
            Some(digits) if digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit()) => Ok(Self(code)),
            _ => Err(InvalidValue::new("must be the GSS code of a council in England: E, then eight digits")),
        }
    }

    /// Returns the code, such as `E06000051`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<GssCode> for CouncilNamed {
    fn from(code: GssCode) -> Self {
        Self(code.0)
    }
}

text_value!(
    [] CouncilNamed, shown,
    name: "CouncilNamed",
    schema: ObjectBuilder::new()
        .description(Some("The GSS code of a council in England, with adult social services or without"))
        .pattern(Some("^E[0-9]{8}$"))
        .max_length(Some(9))
        .examples(["E06000051"]),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_council_in_england_can_be_named() {
        for (text, fits) in [
            ("E06000051", true),
            (" e07000001 ", true),
            ("E99999999", true),
            ("W06000023", false),
            ("E0600005", false),
            ("E060000511", false),
            ("Shropshire", false),
        ] {
            assert_eq!(CouncilNamed::parse(text).is_ok(), fits, "{text}");
        }
        let code = GssCode::parse("E06000051").unwrap();
        assert_eq!(CouncilNamed::from(code).as_str(), "E06000051");
    }

    #[test]
    fn somebody_can_be_resident_in_wales_and_scotland() {
        for (text, fits) in [
            ("E06000051", true),
            ("W06000023", true),
            (" s12000036 ", true),
            ("E07000001", false),
            ("N09000003", false),
            ("W07000001", false),
            ("W0600002", false),
        ] {
            assert_eq!(AuthorityCode::parse(text).is_ok(), fits, "{text}");
        }
    }

    #[test]
    fn only_councils_with_adult_social_services_have_one() {
        for (text, fits) in [
            ("E06000051", true),
            (" e10000030 ", true),
            ("E08000001", true),
            ("E09000022", true),
            ("E07000001", false),
            ("W06000001", false),
            ("E0600005", false),
            ("E060000511", false),
            ("E06OOOO51", false),
            ("", false),
        ] {
            assert_eq!(GssCode::parse(text).is_ok(), fits, "{text}");
        }
    }
}
