//! The faults in a caller's input, in words for the caller.

use std::borrow::Cow;

/// The reason why a text is not a valid value: one sentence without a subject ("must be ten digits"), fit to be
/// shown to the caller. It never repeats the input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(Cow<'static, str>);

impl InvalidValue {
    /// Makes the error from a reason in words, such as "must not be blank".
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }
}

/// One fault in a JSON document that could be read but breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place of the fault: a JSON pointer (RFC 6901), such as `/person/date_of_birth`.
    pub pointer: String,
    /// The expectation at that place, in a sentence without a subject. It never repeats the input.
    pub detail: String,
}

impl Fault {
    /// Makes a fault at `pointer`.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}
