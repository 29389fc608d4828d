//! The states of a document, from its arrival to its end.

use crate::words::sql_text::closed_codes;

closed_codes! {
    /// The state of a document.
    pub enum DocumentStatus {
        /// The document waits for the scanner. Only its sender's lists show it, and nobody is given its content.
        Quarantined = "quarantined",
        /// The scanner found nothing in the document.
        Clean = "clean",
        /// The scanner found something in the document. Its content was destroyed, and only its sender's lists show it.
        Infected = "infected",
    }
}

/// The answer of a scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The scanner read the whole content and found nothing.
    Clean,
    /// The scanner found something.
    Infected,
    /// The scanner gave no answer: it hung, died, or said neither.
    Nothing,
}

impl DocumentStatus {
    /// Returns the state after the scanner's answer. No answer is not clean: the document goes on waiting.
    pub const fn after(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Clean => Self::Clean,
            Verdict::Infected => Self::Infected,
            Verdict::Nothing => Self::Quarantined,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_answer_is_not_clean() {
        assert_eq!(
            [Verdict::Clean, Verdict::Infected, Verdict::Nothing].map(DocumentStatus::after),
            [DocumentStatus::Clean, DocumentStatus::Infected, DocumentStatus::Quarantined]
        );
    }
}
