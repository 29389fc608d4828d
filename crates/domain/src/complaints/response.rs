//! The response to a complaint: what it must say (SI 2009/309 reg 14(2)), and how it reached the complainant.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint::ComplainantBasis;
use super::heads::ComplaintOutcome;
use super::representing::RepresentativeOutcome;
use crate::fault::Fault;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Passage};

/// A draft of the response. It may be kept with parts missing; it is signed with all of them. The heads with what was found, the
/// signature, and the way to the Ombudsman are put in by the service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DraftResponse, example = json!({
    "considered": "I read the diary of November, and spoke to you, to your worker and to her manager.",
    "conclusions": "You were left without a call three times. That must not happen.",
    "action": "I am satisfied that the practice now rings before it takes out a visit. I will look again in January.",
}))]
pub struct Draft {
    /// How the complaint was considered (reg 14(2)(a)(i)).
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub considered: Option<Passage<10000>>,
    /// The conclusions, with any matter for which remedial action is needed (reg 14(2)(a)(ii)).
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub conclusions: Option<Passage<10000>>,
    /// Whether the council is satisfied that what has to be done was done or will be (reg 14(2)(b)).
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub action: Option<Passage<4000>>,
}

/// A head as a response needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadFound {
    /// What was found.
    pub outcome: Option<ComplaintOutcome>,
    /// Whether it is held.
    pub is_held: bool,
    /// Whether it is said when the person was heard on it, or why they were not.
    pub says_who_was_heard: bool,
}

/// Who complains, as far as a response depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The basis on which somebody complains; `None` if nobody is named.
    pub basis: Option<ComplainantBasis>,
    /// What came of the last check of the representative, if they were checked.
    pub check: Option<RepresentativeOutcome>,
}

impl Standing {
    /// Returns what speaks against an answer: whoever acts for another person is answered once a check found that they may (reg 5).
    fn fault(self) -> Option<Fault> {
        let detail = match (self.basis, self.check) {
            (Some(ComplainantBasis::Representative), None) => {
                "must be recorded: whoever acts for another person is answered once it is checked that they may (reg 5)"
            }
            (Some(ComplainantBasis::Representative), Some(check)) if check != RepresentativeOutcome::Satisfied => {
                "must be satisfied: the last check found that they may not complain for the person (reg 5)"
            }
            _ => return None,
        };
        Some(Fault::new("/representative_check", detail))
    }
}

/// Returns what a response lacks before it can be signed, each at its place. A complaint that came late is answered once it is said why it is
/// looked into all the same (reg 12(2)).
pub fn missing(draft: &Draft, heads: &[HeadFound], standing: Standing, is_late_without_reasons: bool) -> Vec<Fault> {
    let mut missing: Vec<Fault> = standing.fault().into_iter().collect();
    if is_late_without_reasons {
        let detail =
            "must say why it is looked into although it came late (reg 12(2)), or it is excluded as out of time";
        missing.push(Fault::new("/timeliness/accepted_because", detail));
    }
    let parts = [
        (draft.considered.is_none(), "/considered", "must say how the complaint was considered (reg 14(2)(a)(i))"),
        (draft.conclusions.is_none(), "/conclusions", "must say the conclusions (reg 14(2)(a)(ii))"),
        (
            draft.action.is_none(),
            "/action",
            "must say whether the council is satisfied that what has to be done was done or will be (reg 14(2)(b))",
        ),
        (heads.is_empty(), "/heads", "must have at least one head"),
    ];
    missing.extend(parts.into_iter().filter(|(is_so, ..)| *is_so).map(|(_, at, words)| Fault::new(at, words)));
    for (place, head) in heads.iter().enumerate() {
        if head.is_held {
            missing.push(Fault::new(format!("/heads/{place}/held"), "must not be held any more"));
        } else if head.outcome.is_none() {
            missing.push(Fault::new(format!("/heads/{place}/outcome"), "must have a finding"));
        } else if !head.says_who_was_heard {
            let detail = "must say when the person themself was heard, or why not: only then was it investigated";
            missing.push(Fault::new(format!("/heads/{place}/heard_on"), detail));
        }
    }
    missing
}

closed_codes! {
    /// How a response reached the complainant.
    pub enum SentBy {
        /// By post.
        Post = "post",
        /// From hand to hand.
        Hand = "hand",
        /// Read or signed to the complainant, who has it in writing besides.
        Read = "read",
        /// By electronic mail, to which the complainant consented (reg 15).
        Email = "email",
        /// In the app with which they follow the complaint, to which they consented (reg 15).
        App = "app",
    }
}

impl SentBy {
    /// Whether the complainant must have consented to this way (reg 15).
    pub const fn is_electronic(self) -> bool {
        matches!(self, Self::Email | Self::App)
    }
}

/// How and when a signed response was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "by": "post", "on": "2026-11-20" }))]
pub struct Sent {
    /// The way by which it was sent.
    pub by: SentBy,
    /// The day on which it was sent.
    #[serde(deserialize_with = "date::required")]
    pub on: NaiveDate,
}

impl Sent {
    /// Returns what is wrong with this today, for a response that was signed on a day. `consents` says whether the complainant
    /// consented to be sent documents electronically.
    pub fn faults(&self, signed: NaiveDate, today: NaiveDate, consents: bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.on < signed || self.on > today {
            faults.push(Fault::new("/on", format!("must be from {signed}, the day of the signature, to today")));
        }
        if self.by.is_electronic() && !consents {
            faults.push(Fault::new("/by", "needs the complainant's consent to electronic sending (reg 15)"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(faults: &[Fault]) -> Vec<&str> {
        faults.iter().map(|fault| fault.pointer.as_str()).collect()
    }

    #[test]
    fn a_response_is_signed_with_all_that_the_regulations_ask_for() {
        let whole = Draft {
            considered: Passage::parse("I read the diary.").ok(),
            conclusions: Passage::parse("You were left without a call.").ok(),
            action: Passage::parse("I am satisfied.").ok(),
        };
        let outcome = Some(ComplaintOutcome::WellFounded);
        let found = HeadFound { outcome, is_held: false, says_who_was_heard: true };
        let missing =
            |draft: &Draft, heads: &[HeadFound]| missing(draft, heads, Standing { basis: None, check: None }, false);
        assert!(missing(&whole, &[found]).is_empty());
        assert_eq!(pointers(&missing(&Draft::default(), &[])), ["/considered", "/conclusions", "/action", "/heads"]);
        let heads = [found, HeadFound { outcome: None, ..found }, HeadFound { is_held: true, ..found }];
        assert_eq!(pointers(&missing(&whole, &heads)), ["/heads/1/outcome", "/heads/2/held"]);
        let unheard = HeadFound { says_who_was_heard: false, ..found };
        assert_eq!(pointers(&missing(&whole, &[found, unheard])), ["/heads/1/heard_on"]);
        assert_eq!(pointers(&missing(&Draft { action: None, ..whole.clone() }, &[found])), ["/action"]);
        let late = super::missing(&whole, &[found], Standing { basis: None, check: None }, true);
        assert_eq!(pointers(&late), ["/timeliness/accepted_because"]);
    }

    #[test]
    fn a_representative_is_answered_once_their_last_check_found_that_they_may_complain() {
        for basis in ComplainantBasis::ALL.iter().copied().map(Some).chain([None]) {
            for check in RepresentativeOutcome::ALL.iter().copied().map(Some).chain([None]) {
                let may =
                    basis != Some(ComplainantBasis::Representative) || check == Some(RepresentativeOutcome::Satisfied);
                let fault = Standing { basis, check }.fault();
                assert_eq!(fault.is_none(), may, "{basis:?} {check:?}");
                assert!(fault.is_none_or(|fault| fault.pointer == "/representative_check"));
            }
        }
    }

    #[test]
    fn nothing_is_sent_electronically_without_consent_nor_before_it_is_signed() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (signed, today) = (day("2026-11-18"), day("2026-11-20"));
        for by in SentBy::ALL {
            let sent = Sent { by: *by, on: today };
            assert!(sent.faults(signed, today, true).is_empty());
            assert_eq!(sent.faults(signed, today, false).is_empty(), !by.is_electronic(), "{by:?}");
        }
        for (on, is_right) in [("2026-11-17", false), ("2026-11-18", true), ("2026-11-20", true), ("2026-11-21", false)]
        {
            assert_eq!(
                Sent { by: SentBy::Post, on: day(on) }.faults(signed, today, false).is_empty(),
                is_right,
                "{on}"
            );
        }
    }
}
