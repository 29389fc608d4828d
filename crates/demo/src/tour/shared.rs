//! What one step of the tour finds for later ones.

use super::callers::StepFailure;

/// A text that one step finds and later steps need, such as an id.
pub(super) struct Shared {
    /// The name of the text, for the message if it is missing.
    what: &'static str,
    text: Option<String>,
}

impl Shared {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, text: None }
    }

    pub(super) fn set(&mut self, text: String) {
        self.text = Some(text);
    }

    pub(super) fn get(&self) -> Result<&str, StepFailure> {
        self.text.as_deref().ok_or_else(|| StepFailure::new(format!("an earlier step should have found {}", self.what)))
    }
}
