//! Letting somebody in to a complaint. Only an officer who has the complaint does it, by name, and the program refuses whom it knows
//! something against. What it does not know, the officer judges, and writes why.

use crate::fault::Fault;
use crate::refusal::Refusal;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// What somebody sees of a complaint that is assigned to them.
    pub enum View {
        /// All of it, but the identity in a confidential complaint, which is opened for a reason.
        Whole = "whole",
        /// The heads on which a subject is heard or which a handler looks into, and nothing else.
        Heads = "heads",
        /// A notice to an employer, in the officer's words, and nothing else.
        Notice = "notice",
    }
}

closed_codes! {
    /// Why an assignment ended. Who loses one is told so in the same words always.
    pub enum AssignmentEnd {
        /// An officer ended it.
        Officer = "officer",
        /// The complainant asked that this person does not see the complaint.
        Complainant = "complainant",
        /// The officer is not there any more, or another has the complaint in their place.
        PassedOn = "passed_on",
        /// The complaint ended.
        Closed = "closed",
    }
}

/// What the program knows against letting somebody in. Each is a fact; none is a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "nine facts, none of which follows from another")]
pub struct KnownAgainst {
    /// A word of their name stands in the complaint.
    pub is_named: bool,
    /// The complainant asked that they do not see it.
    pub must_not_see: bool,
    /// They worked with the person, or acted on their record, in the last 24 months.
    pub worked_with_the_person: bool,
    /// They stand in the line of management, up or down, of somebody who worked with the person or is named.
    pub is_in_the_line: bool,
    /// They own a share of the practice that the complaint is about.
    pub controls_the_practice: bool,
    /// They are an officer who works, or worked in the last 24 months, at the practice that the complaint is about.
    pub works_at_the_practice: bool,
    /// They are an officer who did something with a referral of the person's in the last 24 months.
    pub decided_for_the_person: bool,
    /// They have declared an interest.
    pub has_an_interest: bool,
    /// The complaint was taken from them before, or they said that they know somebody concerned.
    pub is_out: bool,
}

impl KnownAgainst {
    /// Whether anything is known.
    pub fn is_anything(self) -> bool {
        self != Self::default()
    }

    /// Whether anything is known but that a name of theirs stands in what was written.
    pub fn is_more_than_a_name(self) -> bool {
        Self { is_named: false, must_not_see: false, ..self }.is_anything()
    }

    /// Whether something is known of them that depends on which person and which practice the complaint is about: who lets somebody in
    /// before either is known cannot know it yet.
    pub const fn is_about_the_person_or_practice(self) -> bool {
        self.worked_with_the_person
            || self.is_in_the_line
            || self.decided_for_the_person
            || self.controls_the_practice
            || self.works_at_the_practice
            || self.has_an_interest
    }

    /// Returns what is wrong with letting this person in; nothing, if the program knows nothing against it.
    pub fn faults(self, pointer: &str) -> Vec<Fault> {
        let known = [
            (self.is_named, "is somebody whose name stands in the complaint"),
            (self.must_not_see, "is somebody who must not see the complaint"),
            (self.worked_with_the_person, "is somebody who worked with the person in the last 24 months"),
            (self.is_in_the_line, "is somebody in the line of those who worked with the person or are named"),
            (self.controls_the_practice, "is somebody who controls the practice"),
            (self.works_at_the_practice, "is somebody who worked at the practice in the last 24 months"),
            (
                self.decided_for_the_person,
                "is somebody who decided, referred or signed for the person in the last 24 months",
            ),
            (self.has_an_interest, "is somebody who has declared an interest"),
            (self.is_out, "is somebody who had the complaint before and has it no more, or knows somebody concerned"),
        ];
        known.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| Fault::new(pointer, words)).collect()
    }
}

/// Whether an assignment can be ended: it is live, and another officer keeps the complaint, or it is a guest's.
pub fn end(is_live: bool, is_of_an_officer: bool, other_officers: usize) -> Result<(), Refusal> {
    let refusal = |state, step| Err(Refusal::InvalidState { thing: "assignment", state, step });
    match (is_live, is_of_an_officer, other_officers) {
        (false, ..) => refusal("ended", "ended"),
        (true, true, 0) => refusal("the only one of an officer", "ended: let another officer in first"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_that_is_known_is_said() {
        assert!(KnownAgainst::default().faults("/guest_id").is_empty());
        let all = KnownAgainst {
            is_named: true,
            must_not_see: true,
            worked_with_the_person: true,
            is_in_the_line: true,
            controls_the_practice: true,
            works_at_the_practice: true,
            decided_for_the_person: true,
            has_an_interest: true,
            is_out: true,
        };
        let faults = all.faults("/guest_id");
        assert_eq!(faults.len(), 9);
        assert!(faults.iter().all(|fault| fault.pointer == "/guest_id"));
    }

    #[test]
    fn what_depends_on_the_person_or_the_practice_is_looked_at_again() {
        let none = KnownAgainst::default();
        for (known, is_so) in [
            (none, false),
            (KnownAgainst { is_named: true, ..none }, false),
            (KnownAgainst { must_not_see: true, ..none }, false),
            (KnownAgainst { is_out: true, ..none }, false),
            (KnownAgainst { worked_with_the_person: true, ..none }, true),
            (KnownAgainst { is_in_the_line: true, ..none }, true),
            (KnownAgainst { controls_the_practice: true, ..none }, true),
            (KnownAgainst { works_at_the_practice: true, ..none }, true),
            (KnownAgainst { decided_for_the_person: true, ..none }, true),
            (KnownAgainst { has_an_interest: true, ..none }, true),
        ] {
            assert_eq!(known.is_about_the_person_or_practice(), is_so, "{known:?}");
        }
    }

    #[test]
    fn a_complaint_keeps_an_officer() {
        assert!(end(true, true, 1).is_ok());
        assert!(end(true, false, 0).is_ok());
        assert!(end(true, true, 0).is_err());
        assert!(end(false, false, 3).is_err());
    }
}
