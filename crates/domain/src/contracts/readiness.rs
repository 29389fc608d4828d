//! Whether a practice is ready to be sent referrals.

/// What a practice must have before a referral can be sent to it, today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Whether a social worker has joined whose membership is confirmed, and whom the register, as it was last looked up, lets
    /// practise.
    pub has_worker: bool,
    /// Whether insurance is on record that has not ended.
    pub is_insured: bool,
    /// Whether the agreement on who is controller and who is processor is on record and has not ended.
    pub has_agreement: bool,
}

impl Readiness {
    /// Whether nothing is missing.
    pub const fn is_ready(self) -> bool {
        self.has_worker && self.is_insured && self.has_agreement
    }

    /// Returns what is missing, in words without a subject; `None` if nothing is.
    pub fn missing(self) -> Option<String> {
        let missing: Vec<&str> = [
            (self.has_worker, "no social worker who has joined and whose current registration somebody has looked up"),
            (self.is_insured, "no insurance on record"),
            (self.has_agreement, "no agreement on controller and processor on record"),
        ]
        .into_iter()
        .filter_map(|(is_there, words)| (!is_there).then_some(words))
        .collect();
        (!missing.is_empty()).then(|| missing.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_practice_is_ready_when_nothing_is_missing_and_each_lack_is_said() {
        for bits in 0_u8..8 {
            let [has_worker, is_insured, has_agreement] = [1, 2, 4].map(|bit| bits & bit != 0);
            let readiness = Readiness { has_worker, is_insured, has_agreement };
            assert_eq!(readiness.is_ready(), bits == 7);
            let said = readiness.missing().unwrap_or_default();
            for (is_there, words) in
                [(has_worker, "no social worker"), (is_insured, "no insurance"), (has_agreement, "no agreement")]
            {
                assert_eq!(said.contains(words), !is_there, "{readiness:?}: {said}");
            }
        }
    }
}
