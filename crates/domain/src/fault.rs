//! What is wrong with what somebody sent, in words for the sender.

use std::borrow::Cow;

/// Why a text is not the value it should be: one sentence without a subject ("must be ten
/// digits"), fit to be shown to the sender. It never repeats what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(Cow<'static, str>);

impl InvalidValue {
    /// The reason in words, such as "must not be blank".
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }
}

/// One fault in a JSON document that could be read but breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: a JSON pointer (RFC 6901), such as `/person/date_of_birth`.
    pub pointer: String,
    /// What is expected there, in a sentence without a subject. It never repeats what was sent.
    pub detail: String,
}

impl Fault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}
