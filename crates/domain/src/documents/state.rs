//! The states of a document, from its arrival to its end.

use chrono::TimeDelta;

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

/// Returns the time after which a document is scanned again for which the scanner gave no answer, by the time for which it has
/// waited: a minute at first, and a quarter of an hour in the end, so that one that no scanner can read keeps few others waiting.
pub fn scanned_again_after(waited: TimeDelta) -> TimeDelta {
    waited.clamp(TimeDelta::minutes(1), TimeDelta::minutes(15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_without_an_answer_is_scanned_again_ever_later() {
        for (waited, after) in [(-5, 1), (0, 1), (1, 1), (4, 4), (15, 15), (16, 15), (10_000, 15)] {
            assert_eq!(scanned_again_after(TimeDelta::minutes(waited)), TimeDelta::minutes(after), "{waited}");
        }
    }

    #[test]
    fn no_answer_is_not_clean() {
        assert_eq!(
            [Verdict::Clean, Verdict::Infected, Verdict::Nothing].map(DocumentStatus::after),
            [DocumentStatus::Clean, DocumentStatus::Infected, DocumentStatus::Quarantined]
        );
    }
}
