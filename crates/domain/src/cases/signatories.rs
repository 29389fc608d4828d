//! The second person who decides on an adverse action: the rules for drawing a signatory, and for the decision.

use chrono::{DateTime, Utc};

use crate::cases::case::{CountersignaturePurpose, CountersignatureStatus};
use crate::events::Event;
use crate::ids::{CountersignatureId, ServiceUserId, StaffId};
use crate::refusal::Refusal;
use crate::staff::roles::Role;

/// A current member of staff, with the facts that decide whether they may be drawn as a signatory.
#[derive(Clone, Debug)]
pub struct PossibleSignatory {
    /// The identifier of the membership.
    pub id: StaffId,
    /// The roles that the member of staff holds.
    pub roles: Vec<Role>,
    /// Whether the member of staff owns the practice or a share of it.
    pub owner: bool,
    /// Whether the register bars the member of staff.
    pub barred: bool,
    /// Those for whom the member of staff stands in, if they manage only because they act as a manager.
    pub stands_in_for: Vec<StaffId>,
}

impl PossibleSignatory {
    /// Whether the member of staff may sign: a manager who owns no share of the practice, and whom the register does
    /// not bar if they are a social worker.
    fn may_sign(&self) -> bool {
        let is_barred = self.barred && self.roles.contains(&Role::SocialWorker);
        self.roles.contains(&Role::Manager) && !self.owner && !is_barred
    }
}

/// Returns the members of staff who may be drawn: those who may sign and are not among `kept_out`, and do not stand in for
/// anybody among them.
pub fn candidates(staff: &[PossibleSignatory], kept_out: &[StaffId]) -> Vec<StaffId> {
    let is_kept_out = |one: &PossibleSignatory| {
        kept_out.contains(&one.id) || one.stands_in_for.iter().any(|other| kept_out.contains(other))
    };
    staff.iter().filter(|one| one.may_sign() && !is_kept_out(one)).map(|one| one.id).collect()
}

/// Leaves out those who are away, unless everybody is.
pub fn prefer_those_here(candidates: Vec<StaffId>, away: &[StaffId]) -> Vec<StaffId> {
    let here: Vec<StaffId> = candidates.iter().copied().filter(|one| !away.contains(one)).collect();
    if here.is_empty() { candidates } else { here }
}

/// The state of a request for a second person's decision, with the facts that each state has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountersignatureState {
    /// The second person has not decided.
    Waiting {
        /// The member of staff who was drawn; `None` while the request waits for somebody from outside the practice.
        signatory: Option<StaffId>,
    },
    /// The second person agreed.
    Approved {
        /// The member of staff who agreed.
        by: StaffId,
        /// The time at which they agreed.
        at: DateTime<Utc>,
    },
    /// The second person did not agree.
    Refused {
        /// The member of staff who did not agree.
        by: StaffId,
        /// The time at which they refused.
        at: DateTime<Utc>,
    },
    /// The member of staff who asked took the request back, while it waited for somebody from outside.
    TakenBack {
        /// The time at which they took it back.
        at: DateTime<Utc>,
    },
}

impl CountersignatureState {
    /// The event that it is for a request to come into this state; `None` while it waits.
    pub fn event(self, countersignature: CountersignatureId, person: ServiceUserId) -> Option<Event> {
        match self {
            Self::Waiting { .. } => None,
            Self::Approved { .. } => Some(Event::CountersignatureApproved { countersignature, person }),
            Self::Refused { .. } => Some(Event::CountersignatureRefused { countersignature, person }),
            Self::TakenBack { .. } => Some(Event::CountersignatureTakenBack { countersignature, person }),
        }
    }

    /// Returns the word that stands for the state.
    pub const fn status(self) -> CountersignatureStatus {
        match self {
            Self::Waiting { .. } => CountersignatureStatus::Waiting,
            Self::Approved { .. } => CountersignatureStatus::Approved,
            Self::Refused { .. } => CountersignatureStatus::Refused,
            Self::TakenBack { .. } => CountersignatureStatus::TakenBack,
        }
    }

    /// Returns the member of staff who decides, or has decided.
    pub const fn signatory(self) -> Option<StaffId> {
        match self {
            Self::Waiting { signatory } => signatory,
            Self::Approved { by, .. } | Self::Refused { by, .. } => Some(by),
            Self::TakenBack { .. } => None,
        }
    }

    /// Whether the request waits for somebody from outside the practice.
    pub const fn waits_for_outside(self) -> bool {
        matches!(self, Self::Waiting { signatory: None })
    }

    /// Returns the time of the decision, or of the taking back, if there is one.
    pub const fn decided_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Waiting { .. } => None,
            Self::Approved { at, .. } | Self::Refused { at, .. } | Self::TakenBack { at } => Some(at),
        }
    }

    /// The state after the signatory agrees.
    pub fn approve(self, by: StaffId, at: DateTime<Utc>) -> Result<Self, Refusal> {
        self.undecided().map(|()| Self::Approved { by, at })
    }

    /// The state after the signatory does not agree.
    pub fn refuse(self, by: StaffId, at: DateTime<Utc>) -> Result<Self, Refusal> {
        self.undecided().map(|()| Self::Refused { by, at })
    }

    /// The state after the member of staff who asked takes the request back. While somebody is drawn it is theirs to decide:
    /// nobody draws again by asking again.
    pub fn take_back(self, purpose: CountersignaturePurpose, at: DateTime<Utc>) -> Result<Self, Refusal> {
        match (self, purpose) {
            (Self::Waiting { .. }, CountersignaturePurpose::Review) => Err(Refusal::UnderReview),
            (Self::Waiting { signatory: None }, CountersignaturePurpose::Countersign) => Ok(Self::TakenBack { at }),
            (Self::Waiting { signatory: Some(_) }, CountersignaturePurpose::Countersign) => {
                Err(Refusal::SignatoryDrawn)
            }
            _ => Err(self.refusal("taken back")),
        }
    }

    fn undecided(self) -> Result<(), Refusal> {
        if matches!(self, Self::Waiting { .. }) { Ok(()) } else { Err(self.refusal("decided")) }
    }

    fn refusal(self, step: &'static str) -> Refusal {
        Refusal::InvalidState { thing: "countersignature", state: self.status().as_str(), step }
    }
}

/// The state of a request for a second person's decision, as the columns of its row hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountersignatureColumns {
    /// The word that stands for the state.
    pub status: CountersignatureStatus,
    /// The member of staff who decides, or has decided.
    pub signatory_id: Option<StaffId>,
    /// The time of the decision.
    pub decided_at: Option<DateTime<Utc>>,
}

/// The columns of a request do not fit its state: a value is missing, or there is one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a countersignature is kept as {} without all that is known of such a one, or with more", .0.as_str())]
pub struct MiskeptCountersignature(CountersignatureStatus);

impl TryFrom<CountersignatureColumns> for CountersignatureState {
    type Error = MiskeptCountersignature;

    fn try_from(kept: CountersignatureColumns) -> Result<Self, MiskeptCountersignature> {
        match (kept.status, kept.signatory_id, kept.decided_at) {
            (CountersignatureStatus::Waiting, signatory, None) => Ok(Self::Waiting { signatory }),
            (CountersignatureStatus::Approved, Some(by), Some(at)) => Ok(Self::Approved { by, at }),
            (CountersignatureStatus::Refused, Some(by), Some(at)) => Ok(Self::Refused { by, at }),
            (CountersignatureStatus::TakenBack, None, Some(at)) => Ok(Self::TakenBack { at }),
            (status, ..) => Err(MiskeptCountersignature(status)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(n: u128) -> StaffId {
        StaffId::from(uuid::Uuid::from_u128(n))
    }

    fn at() -> DateTime<Utc> {
        "2026-11-20T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn whoever_is_drawn_manages_owns_nothing_and_may_practise() {
        use Role::{Administrator, Manager, SocialWorker};
        for (roles, owner, barred, may) in [
            (vec![Manager], false, false, true),
            (vec![Manager, SocialWorker], false, false, true),
            (vec![Manager, SocialWorker], false, true, false),
            (vec![Manager], false, true, true),
            (vec![Manager], true, false, false),
            (vec![SocialWorker, Administrator], false, false, false),
            (vec![], false, false, false),
        ] {
            let one = PossibleSignatory { id: id(1), roles, owner, barred, stands_in_for: Vec::new() };
            assert_eq!(
                candidates(std::slice::from_ref(&one), &[id(2)]),
                if may { vec![id(1)] } else { vec![] },
                "{one:?}"
            );
            assert_eq!(candidates(std::slice::from_ref(&one), &[id(2), id(1)]), [], "{one:?}");
        }
    }

    #[test]
    fn whoever_stands_in_for_somebody_kept_out_is_not_drawn_and_whoever_is_away_only_where_all_are() {
        let acting = |n, stands_in_for: &[u128]| PossibleSignatory {
            id: id(n),
            roles: vec![Role::Manager],
            owner: false,
            barred: false,
            stands_in_for: stands_in_for.iter().map(|n| id(*n)).collect(),
        };
        let staff = [acting(1, &[]), acting(2, &[1]), acting(3, &[4, 5]), acting(6, &[])];
        for (kept_out, away, expected) in [
            (&[][..], &[][..], &[1, 2, 3, 6][..]),
            (&[1], &[], &[3, 6]),
            (&[5], &[], &[1, 2, 6]),
            (&[4, 6], &[], &[1, 2]),
            // The manager for whom somebody acts is away: that is what they act for.
            (&[], &[1, 4], &[2, 3, 6]),
            (&[1, 4], &[6], &[6]),
            (&[1, 4, 6], &[], &[]),
        ] {
            let ids = |of: &[u128]| of.iter().map(|n| id(*n)).collect::<Vec<_>>();
            let drawn = prefer_those_here(candidates(&staff, &ids(kept_out)), &ids(away));
            assert_eq!(drawn, ids(expected), "{kept_out:?} {away:?}");
        }
    }

    #[test]
    fn a_request_is_decided_once() {
        let waiting = CountersignatureState::Waiting { signatory: Some(id(1)) };
        let (approved, refused) = (waiting.approve(id(1), at()).unwrap(), waiting.refuse(id(1), at()).unwrap());
        assert_eq!(approved, CountersignatureState::Approved { by: id(1), at: at() });
        assert_eq!(refused, CountersignatureState::Refused { by: id(1), at: at() });
        for (decided, word) in [(approved, "approved"), (refused, "refused")] {
            let twice = [decided.approve(id(1), at()), decided.refuse(id(1), at())];
            for step in twice {
                let said = step.unwrap_err().to_string();
                assert_eq!(said, format!("the countersignature is {word} and cannot be decided"));
            }
        }
    }

    #[test]
    fn a_request_is_taken_back_while_nobody_is_left_to_decide_and_once() {
        use CountersignaturePurpose::{Countersign, Review};
        let outside = CountersignatureState::Waiting { signatory: None };
        let taken_back = outside.take_back(Countersign, at()).unwrap();
        assert_eq!(taken_back, CountersignatureState::TakenBack { at: at() });
        assert_eq!((outside.waits_for_outside(), taken_back.waits_for_outside()), (true, false));
        let drawn = CountersignatureState::Waiting { signatory: Some(id(1)) };
        assert_eq!(drawn.take_back(Countersign, at()), Err(Refusal::SignatoryDrawn));
        for waiting in [outside, drawn] {
            assert_eq!(waiting.take_back(Review, at()), Err(Refusal::UnderReview), "what is reviewed has taken effect");
        }
        for state in [taken_back, drawn.approve(id(1), at()).unwrap(), drawn.refuse(id(1), at()).unwrap()] {
            assert!(
                matches!(state.take_back(Countersign, at()), Err(Refusal::InvalidState { step: "taken back", .. })),
                "{state:?}"
            );
        }
        assert!(taken_back.approve(id(1), at()).is_err() && taken_back.refuse(id(1), at()).is_err());
    }

    proptest! {
        #[test]
        fn what_is_kept_is_one_state_or_an_error_and_nothing_is_lost(
            status in prop::sample::select(CountersignatureStatus::ALL),
            signatory_id in prop::option::of(Just(id(1))),
            decided_at in prop::option::of(Just(at())),
        ) {
            let kept = CountersignatureColumns { status, signatory_id, decided_at };
            let whole = match status {
                CountersignatureStatus::Waiting => decided_at.is_none(),
                CountersignatureStatus::Approved | CountersignatureStatus::Refused => {
                    decided_at.is_some() && signatory_id.is_some()
                }
                CountersignatureStatus::TakenBack => decided_at.is_some() && signatory_id.is_none(),
            };
            match CountersignatureState::try_from(kept) {
                Ok(state) => {
                    prop_assert!(whole);
                    prop_assert_eq!((state.status(), state.signatory(), state.decided_at()), (status, signatory_id, decided_at));
                }
                Err(error) => {
                    prop_assert!(!whole);
                    prop_assert_eq!(error, MiskeptCountersignature(status));
                }
            }
        }

        #[test]
        fn nobody_who_is_kept_out_is_ever_drawn(staff in 1_u128..20, kept_out in prop::collection::vec(1_u128..20, 0..10)) {
            let staff: Vec<PossibleSignatory> = (1..=staff)
                .map(|n| PossibleSignatory {
                    id: id(n),
                    roles: vec![Role::Manager],
                    owner: false,
                    barred: false,
                    stands_in_for: Vec::new(),
                })
                .collect();
            let kept_out: Vec<StaffId> = kept_out.into_iter().map(id).collect();
            let drawn = candidates(&staff, &kept_out);
            prop_assert!(drawn.iter().all(|one| !kept_out.contains(one)));
            prop_assert!(staff.iter().all(|one| drawn.contains(&one.id) || kept_out.contains(&one.id)));
        }
    }
}
