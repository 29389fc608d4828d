//! The language in which a person is spoken to: the types that a council's message and a practice's record share.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::InvalidValue;
use crate::words::language_tag::LanguageTag;
use crate::words::sql_text::closed_codes;
use crate::words::text;

closed_codes! {
    /// A way of talking in signs.
    pub enum SignLanguage {
        /// British Sign Language.
        Bsl = "BSL",
        /// Sign Supported English.
        Sse = "SSE",
        /// Irish Sign Language.
        Isl = "ISL",
        /// The deafblind manual alphabet.
        DeafblindManual = "deafblind_manual",
        /// Signing into the hands of somebody who is deafblind.
        HandsOnSigning = "hands_on_signing",
    }
}

/// The language in which somebody is spoken to. There is a preferred language, a sign language, or word of an interpreter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "preferred": "cy", "interpreter_needed": true }))]
pub struct LanguageNeeds {
    /// The language that the person prefers.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred: Option<LanguageTag>,
    /// Whether an interpreter is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter_needed: Option<bool>,
    /// The sign language in which the person talks.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_language: Option<SignLanguage>,
}
impl LanguageNeeds {
    /// Checks that something is said.
    pub fn check(&self) -> Result<(), InvalidValue> {
        if self.preferred.is_none() && self.sign_language.is_none() && self.interpreter_needed.is_none() {
            return Err(InvalidValue::new("must have preferred, sign_language or interpreter_needed"));
        }
        Ok(())
    }

    /// Whether whoever talks with the person has to bring somebody who interprets, or to sign.
    pub fn asks_for_help(&self) -> bool {
        self.interpreter_needed == Some(true) || self.sign_language.is_some()
    }
}
