//! Erasing a document. A practice asks for it, and the council that is accountable for the work instructs it or refuses (UK GDPR art 28(3)).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::ids::CouncilId;
use crate::words::sql_text::closed_codes;
use crate::words::text::Passage;

closed_codes! {
    /// Where a request to erase a document is.
    pub enum ErasureStatus {
        /// The practice asked, and the council has not decided.
        Asked = "asked",
        /// The council instructed the practice, and the document was erased.
        Erased = "erased",
        /// The council refused, and the document stays.
        Refused = "refused",
        /// The practice took the request back before the council decided.
        TakenBack = "taken_back",
    }
}

impl ErasureStatus {
    /// Returns the status as a sentence says it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Asked => "asked for",
            Self::Erased => "carried out",
            Self::Refused => "refused",
            Self::TakenBack => "taken back",
        }
    }
}

/// A request to erase a document.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "It is about another person, and was sent in by mistake." }))]
pub struct AskToErase {
    /// The reason why the document should be erased, which the council reads.
    pub reason: Passage<4000>,
    /// The council that is asked. It is left out, unless the document is in a record without a case and several councils are accountable
    /// for work with the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub council_id: Option<CouncilId>,
}

/// The decision of a council on a request to erase a document.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "It belongs to the record of another person, who has a copy of it." }))]
pub struct DecideErasure {
    /// The reason for the decision, which the practice reads.
    pub reason: Passage<4000>,
}

/// Chooses the council that is asked, of those that are accountable for what the document belongs to.
pub fn council_to_ask(named: Option<CouncilId>, accountable: &[CouncilId]) -> Result<CouncilId, Vec<Fault>> {
    let fault = |detail: &str| Err(vec![Fault::new("/council_id", detail)]);
    match (named, accountable) {
        (_, []) => fault(
            "cannot be found: the record has neither a case nor a referral, so no council is accountable for it yet",
        ),
        (None, [one]) => Ok(*one),
        (None, _) => fault("is required: several councils are accountable for work with the person"),
        (Some(named), all) if all.contains(&named) => Ok(named),
        (Some(_), _) => fault("names no council that is accountable for what the document belongs to"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_council_is_the_one_that_is_accountable_and_is_named_where_there_are_several() {
        let [north, south, other] = [1, 2, 3].map(|n| CouncilId::from(uuid::Uuid::from_u128(n)));
        assert_eq!(council_to_ask(None, &[north]), Ok(north));
        assert_eq!(council_to_ask(Some(north), &[north]), Ok(north));
        assert_eq!(council_to_ask(Some(south), &[north, south]), Ok(south));
        for (named, all) in [
            (None, &[][..]),
            (Some(north), &[]),
            (None, &[north, south]),
            (Some(other), &[north, south]),
            (Some(other), &[north]),
        ] {
            let faults = council_to_ask(named, all).unwrap_err();
            assert_eq!(faults[0].pointer, "/council_id", "{named:?} {all:?}");
        }
    }
}
