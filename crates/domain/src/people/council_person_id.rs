//! The identifier that a council uses for a person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::gss_code::GssCode;
use crate::words::identifier::Identifier;

/// The identifier that one council uses for a person.
#[derive(Clone, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CouncilPersonId {
    /// The GSS code of the council.
    pub council: GssCode,
    /// The council's identifier for the person.
    pub id: Identifier<32>,
}

impl CouncilPersonId {
    /// Returns the same identifier under each of these codes: those of one council before and after it was reorganised.
    pub fn under<'c>(&'c self, codes: &'c [GssCode]) -> impl Iterator<Item = Self> + 'c {
        codes.iter().map(|code| Self { council: code.clone(), id: self.id.clone() })
    }

    /// Whether the identifiers are the same, whosever they are.
    pub fn is_written_like(&self, other: &Self) -> bool {
        self.id.comparable() == other.id.comparable()
    }
}

/// Two are equal if they mean the same person, without regard to case and punctuation: a restricted record must be
/// recognised however its identifier is written, so recognition errs towards yes.
impl PartialEq for CouncilPersonId {
    fn eq(&self, other: &Self) -> bool {
        self.council == other.council && self.is_written_like(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::search_key::SearchKey;

    #[test]
    fn a_councils_identifier_is_recognised_however_it_is_written() {
        let id = |id: &str| -> CouncilPersonId {
            serde_json::from_value(serde_json::json!({ "council": "E06000051", "id": id })).unwrap()
        };
        for written in ["SHR-1", "shr-1", "SHR1", "SHR\u{200b}-1", "\u{feff}SHR\u{2011}1", "ＳＨＲ－１", "SHR / 1"]
        {
            assert!(id(written) == id("SHR-1"), "{written:?}");
            let (one, other) = (SearchKey::CouncilPersonId(id(written)), SearchKey::CouncilPersonId(id("SHR-1")));
            assert_eq!(one.text(), other.text(), "{written:?}");
        }
        assert!(id("SHR-1") != id("SHR-2"));
    }
}
