//! What must be known before anybody visits or contacts a person: the types that a council's message and a practice's record
//! share.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::InvalidValue;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Passage};

closed_codes! {
    /// The kind of danger of which a visitor is warned.
    pub enum VisitWarningKind {
        /// Somebody there may be aggressive.
        Aggression = "aggression",
        /// There is an animal.
        Animal = "animal",
        /// There is an infection.
        Infection = "infection",
        /// The place is dangerous.
        Environment = "environment",
        /// Nobody visits alone.
        TwoToVisit = "two_to_visit",
        /// There is another danger.
        Other = "other",
    }
}

/// A warning to whoever may visit the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "animal",
    "detail": "A large dog in the yard: ring from the gate.",
    "told_to_person": true,
}))]
pub struct VisitWarning {
    /// The kind of danger.
    pub kind: VisitWarningKind,
    /// What a visitor must know.
    pub detail: Passage<1000>,
    /// Whether the person was told that this is written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_to_person: Option<bool>,
}

/// The instructions for contacting somebody safely. One of them is given at least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "how": "By letter in a plain envelope.",
    "when": "On weekday mornings.",
    "not_to_tell": "Her nephew.",
}))]
pub struct SafeContact {
    /// How the person may be contacted.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<Passage<500>>,
    /// When the person may be contacted.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Passage<500>>,
    /// The people who must not be told, or must not learn that somebody rang.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_to_tell: Option<Passage<500>>,
}

impl SafeContact {
    /// Checks that one of the instructions is given.
    pub fn check(&self) -> Result<(), InvalidValue> {
        if self.how.is_none() && self.when.is_none() && self.not_to_tell.is_none() {
            return Err(InvalidValue::new("must have how, when or not_to_tell"));
        }
        Ok(())
    }
}
