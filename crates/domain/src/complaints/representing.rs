//! Checking a representative: whether somebody may complain for another person, and acts in their best interests (SI 2009/309 reg 5).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint::RepresentationReason;
use crate::fault::Fault;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::Passage;

closed_codes! {
    /// What was seen of a representative.
    pub enum SeenOfRepresentative {
        /// The person's own consent, in writing or by word of mouth.
        Consent = "consent",
        /// A document that gives them authority: a power of attorney, an order of a court, a grant of probate, a birth certificate.
        Authority = "authority",
        /// What shows whether they act in the person's best interests.
        BestInterests = "best_interests",
    }
}

closed_codes! {
    /// What came of the check of a representative.
    pub enum RepresentativeOutcome {
        /// They may complain for the person.
        Satisfied = "satisfied",
        /// They may not: the person did not ask them to, and nothing gives them authority.
        NoAuthority = "no_authority",
        /// There are no reasonable grounds for which this child does not complain themself (reg 5(3)).
        ChildNeedsNone = "child_needs_none",
        /// They do not act in the best interests of a child, or of a person who lacks capacity (reg 5(5)).
        NotInBestInterests = "not_in_best_interests",
    }
}

/// The check of a representative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "seen": ["consent"],
    "words": "I rang Mrs Marlow. She asked her son to write to us, and says that it is her own complaint.",
    "checked_on": "2026-11-20",
    "outcome": "satisfied",
}))]
pub struct CheckRepresentative {
    /// What was seen, each once.
    #[schema(max_items = 3)]
    pub seen: Vec<SeenOfRepresentative>,
    /// What was seen and said, in words.
    pub words: Passage<2000>,
    /// The day of the check.
    #[serde(deserialize_with = "date::required")]
    pub checked_on: NaiveDate,
    /// What came of it.
    pub outcome: RepresentativeOutcome,
}

impl CheckRepresentative {
    /// Returns what is wrong with this today, of a representative who acts for this reason.
    pub fn faults(&self, reason: RepresentationReason, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.checked_on > today {
            faults.push(Fault::new("/checked_on", "must not be after today"));
        }
        if self.seen.iter().enumerate().any(|(n, one)| self.seen[..n].contains(one)) {
            faults.push(Fault::new("/seen", "must name each thing once"));
        }
        let is_childs = reason == RepresentationReason::Child;
        let has_interests = is_childs || reason == RepresentationReason::LacksCapacity;
        match self.outcome {
            RepresentativeOutcome::Satisfied => faults.extend(self.lacks(reason)),
            RepresentativeOutcome::ChildNeedsNone if !is_childs => {
                faults.push(Fault::new("/outcome", "is for the representative of a child"));
            }
            RepresentativeOutcome::NotInBestInterests if !has_interests => {
                let words = "is for the representative of a child, or of a person who lacks capacity";
                faults.push(Fault::new("/outcome", words));
            }
            RepresentativeOutcome::NotInBestInterests if !self.seen.contains(&SeenOfRepresentative::BestInterests) => {
                faults.push(Fault::new(
                    "/seen",
                    "must have what shows whether they act in the person\u{2019}s best interests",
                ));
            }
            _ => {}
        }
        faults
    }

    /// What must be seen before somebody may complain for this reason, if it was not.
    fn lacks(&self, reason: RepresentationReason) -> Option<Fault> {
        let (any_of, words): (&[SeenOfRepresentative], _) = match reason {
            RepresentationReason::Requested => {
                (&[SeenOfRepresentative::Consent], "must have the person\u{2019}s consent")
            }
            RepresentationReason::Child | RepresentationReason::LacksCapacity => (
                &[SeenOfRepresentative::BestInterests],
                "must have what shows whether they act in the person\u{2019}s best interests",
            ),
            RepresentationReason::Deceased | RepresentationReason::PhysicalIncapacity => (
                &[SeenOfRepresentative::Consent, SeenOfRepresentative::Authority],
                "must have the person\u{2019}s consent, or what gives authority",
            ),
        };
        let is_seen = self.seen.iter().any(|one| any_of.contains(one));
        (!is_seen).then(|| Fault::new("/seen", words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_has_what_its_outcome_rests_on() {
        use RepresentationReason as Reason;
        for (reason, seen, outcome, at) in [
            (Reason::Requested, &["consent"][..], "satisfied", &[][..]),
            (Reason::Requested, &["authority"], "satisfied", &["/seen"]),
            (Reason::Requested, &[], "no_authority", &[]),
            (Reason::Requested, &["best_interests"], "not_in_best_interests", &["/outcome"]),
            (Reason::Child, &["authority"], "satisfied", &["/seen"]),
            (Reason::Child, &["best_interests"], "satisfied", &[]),
            (Reason::Child, &[], "child_needs_none", &[]),
            (Reason::LacksCapacity, &[], "child_needs_none", &["/outcome"]),
            (Reason::LacksCapacity, &[], "not_in_best_interests", &["/seen"]),
            (Reason::LacksCapacity, &["best_interests"], "not_in_best_interests", &[]),
            (Reason::Deceased, &["authority"], "satisfied", &[]),
            (Reason::Deceased, &[], "satisfied", &["/seen"]),
            (Reason::PhysicalIncapacity, &["consent", "consent"], "satisfied", &["/seen"]),
        ] {
            let check =
                serde_json::json!({ "seen": seen, "words": "I rang.", "checked_on": "2026-11-20", "outcome": outcome });
            let check: CheckRepresentative = serde_json::from_value(check).unwrap();
            let faults = check.faults(reason, "2026-11-20".parse().unwrap());
            let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(pointers, at, "{reason:?} {seen:?} {outcome}");
            let tomorrow = check.faults(reason, "2026-11-19".parse().unwrap());
            assert!(tomorrow.iter().any(|fault| fault.pointer == "/checked_on"));
        }
    }
}
