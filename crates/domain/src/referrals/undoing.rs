//! Undoing an answer: a referral that was accepted or declined by mistake is received again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::events::TimelineKind;
use crate::ids::{CaseId, StaffId};
use crate::referrals::state::{ReferralState, ReferralStatus};
use crate::refusal::Refusal;
use crate::words::sql_text::closed_codes;

/// The time for which an answer can be undone.
const UNDONE_WITHIN: TimeDelta = TimeDelta::hours(1);

closed_codes! {
    /// What an acceptance did to the record of the person, so that it can be undone.
    pub enum RecordEffect {
        /// The person was known, and nothing was changed.
        Unchanged = "unchanged",
        /// The council's identifier was added to the record of a known person.
        IdentifierAdded = "identifier_added",
        /// The record was opened.
        Opened = "opened",
    }
}

/// The member of staff who would undo an answer.
#[derive(Clone, Copy, Debug)]
pub struct Undoer {
    /// The member of staff.
    pub staff: StaffId,
    /// Whether they are a manager.
    pub is_manager: bool,
}

/// The answer that is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoneAnswer {
    /// The acceptance that opened this case.
    Acceptance {
        /// The member of staff who accepted the referral.
        by: StaffId,
        /// The case that was opened.
        case: CaseId,
    },
    /// The decision to decline.
    Decline,
}

impl ReferralState {
    /// The answer that `who` undoes at this time. Only an acceptance or a decline is undone, within an hour, by the member of
    /// staff who made it or by a manager.
    pub fn undo(self, who: Undoer, at: DateTime<Utc>) -> Result<UndoneAnswer, Refusal> {
        let (by, answered_at, answer) = match self {
            Self::Accepted { by, at, case } => (by, at, UndoneAnswer::Acceptance { by, case }),
            Self::Declined { by, at, .. } => (by, at, UndoneAnswer::Decline),
            Self::Received | Self::InformationRequested | Self::Withdrawn { .. } | Self::Expired { .. } => {
                return Err(not_undone(self.status()));
            }
        };
        if by != who.staff && !who.is_manager {
            return Err(Refusal::AnotherAnswered);
        }
        if at - answered_at > UNDONE_WITHIN {
            return Err(Refusal::AnsweredTooLongAgo(self.status().as_str()));
        }
        Ok(answer)
    }
}

/// The refusal to undo the answer to a referral in this state.
pub const fn not_undone(status: ReferralStatus) -> Refusal {
    Refusal::InvalidState { thing: "referral", state: status.as_str(), step: "undone" }
}

/// The refusal to undo a decline after which the council sent the referral on, or took it back. `status` is that of the
/// council's request, and `is_here` says whether the request is still with this routing.
pub fn expect_still_declined(status: Option<ReferralStatus>, is_here: bool) -> Result<(), Refusal> {
    match status {
        Some(ReferralStatus::Declined) if is_here => Ok(()),
        Some(ReferralStatus::Withdrawn) if is_here => Err(not_undone(ReferralStatus::Withdrawn)),
        _ => Err(Refusal::InvalidState { thing: "referral", state: "sent on by the council", step: "undone" }),
    }
}

/// Returns what an entry on the timeline of a case stands for, if it is more than an acceptance made.
pub const fn stands_under_the_case(kind: TimelineKind) -> Option<&'static str> {
    match kind {
        TimelineKind::Opened | TimelineKind::Allocated => None,
        TimelineKind::NoteWritten => Some("a note"),
        TimelineKind::ClosingAgreed => Some("an agreement to close it"),
        TimelineKind::ClosingAsked | TimelineKind::ClosingRefused | TimelineKind::ClosingTakenBack => {
            Some("a request to close it")
        }
        TimelineKind::Closed => Some("a closing"),
        TimelineKind::MovingAsked | TimelineKind::MovingRefused | TimelineKind::MovingTakenBack => {
            Some("a request to take it from its worker")
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::referrals::state::DeclineReason;

    fn id<Id: From<Uuid>>(number: u128) -> Id {
        Uuid::from_u128(number).into()
    }

    #[test]
    fn an_answer_is_undone_within_an_hour_by_who_made_it_or_by_a_manager() {
        let at: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let (by, case) = (id(1), id(9));
        let accepted = ReferralState::Accepted { by, at, case };
        let declined = ReferralState::Declined { by, at, reason: DeclineReason::NoCapacity };
        let acceptance = Ok(UndoneAnswer::Acceptance { by, case });
        let decline = Ok(UndoneAnswer::Decline);
        let late = |state| Err(Refusal::AnsweredTooLongAgo(state));
        let (own, other, manager) = ((1, false), (2, false), (2, true));
        for (state, (staff, is_manager), seconds, expected) in [
            (accepted, own, 0, acceptance.clone()),
            (accepted, own, 3600, acceptance.clone()),
            (accepted, own, 3601, late("accepted")),
            (accepted, manager, 3600, acceptance),
            (accepted, manager, 3601, late("accepted")),
            (accepted, other, 0, Err(Refusal::AnotherAnswered)),
            (declined, own, 3600, decline.clone()),
            (declined, manager, 60, decline),
            (declined, other, 60, Err(Refusal::AnotherAnswered)),
            (declined, own, 3601, late("declined")),
            (ReferralState::Received, manager, 0, Err(not_undone(ReferralStatus::Received))),
            (ReferralState::InformationRequested, own, 0, Err(not_undone(ReferralStatus::InformationRequested))),
            (ReferralState::Withdrawn { at }, manager, 0, Err(not_undone(ReferralStatus::Withdrawn))),
            (ReferralState::Expired { at }, manager, 0, Err(not_undone(ReferralStatus::Expired))),
        ] {
            let who = Undoer { staff: id(staff), is_manager };
            assert_eq!(state.undo(who, at + TimeDelta::seconds(seconds)), expected, "{state:?} {staff} {seconds}");
        }
    }

    #[test]
    fn a_decline_is_undone_while_the_council_has_done_nothing() {
        for status in ReferralStatus::ALL {
            let still = expect_still_declined(Some(*status), true);
            assert_eq!(still.is_ok(), *status == ReferralStatus::Declined, "{status:?}");
            assert!(expect_still_declined(Some(*status), false).is_err(), "{status:?}");
        }
        assert!(expect_still_declined(None, false).is_err());
    }

    #[test]
    fn what_an_acceptance_makes_stands_in_nobodys_way() {
        let harmless: Vec<_> =
            TimelineKind::ALL.iter().filter(|kind| stands_under_the_case(**kind).is_none()).collect();
        assert_eq!(harmless, [&TimelineKind::Opened, &TimelineKind::Allocated]);
    }
}
