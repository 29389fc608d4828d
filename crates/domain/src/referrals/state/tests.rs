//! Tests of the steps of a referral, and of the columns that keep its state.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::ReferralStatus::{Accepted, Declined, Expired, InformationRequested, Received, Unrouted, Withdrawn};
use super::*;
use crate::events::EventKind;
use crate::people::grounds::{AdverseAction, Effect};

type Step = fn(ReferralStatus) -> Result<ReferralStatus, Refusal>;

#[test]
fn each_step_is_possible_from_these_states_and_no_other() {
    let steps: [(Step, ReferralStatus, &[ReferralStatus]); 9] = [
        (ReferralStatus::accept, Accepted, &[Received, InformationRequested]),
        (ReferralStatus::decline, Declined, &[Received, InformationRequested]),
        (ReferralStatus::expire, Expired, &[Received, InformationRequested]),
        (ReferralStatus::request_information, InformationRequested, &[Received]),
        (ReferralStatus::give_information, Received, &[InformationRequested]),
        (ReferralStatus::withdraw, Withdrawn, &[Unrouted, Received, InformationRequested, Declined, Expired]),
        (ReferralStatus::route, Received, &[Unrouted, Declined, Expired]),
        (ReferralStatus::route_elsewhere, Received, &[Received, InformationRequested]),
        (ReferralStatus::come_back, Unrouted, &[Received, InformationRequested]),
    ];
    for (step, result, from) in steps {
        for state in ReferralStatus::ALL {
            assert_eq!(step(*state).ok(), from.contains(state).then_some(result), "{state:?} to {result:?}");
        }
    }
}

#[test]
fn a_council_adds_documents_until_it_withdraws_and_a_practice_while_it_has_the_referral() {
    for state in ReferralStatus::ALL {
        let of_practice = [Received, InformationRequested, Accepted].contains(state);
        assert_eq!(state.take_document_of_practice().is_ok(), of_practice, "{state:?}");
        assert_eq!(state.is_with_a_practice(), of_practice, "{state:?}");
        assert_eq!(state.take_document_of_council().is_ok(), *state != Withdrawn, "{state:?}");
    }
}

#[test]
fn a_refusal_says_where_it_stands() {
    let refusal = Accepted.withdraw().unwrap_err();
    assert_eq!(refusal.to_string(), "the referral is accepted and cannot be withdrawn");
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Returns one state of each kind.
fn states() -> [ReferralState; 6] {
    let (by, at) = (StaffId::from(uuid::Uuid::from_u128(1)), at("2026-11-20T10:00:00Z"));
    [
        ReferralState::Received,
        ReferralState::InformationRequested,
        ReferralState::Accepted { by, at, case: CaseId::from(uuid::Uuid::from_u128(2)) },
        ReferralState::Declined { by, at, reason: DeclineReason::NoCapacity },
        ReferralState::Withdrawn { at },
        ReferralState::Expired { at },
    ]
}

#[test]
fn an_answer_carries_who_gave_it_when_and_what_came_of_it_and_is_given_once() {
    let (by, now) = (StaffId::from(uuid::Uuid::from_u128(7)), at("2026-11-21T09:00:00Z"));
    let case = CaseId::from(uuid::Uuid::from_u128(8));
    let reason = DeclineReason::Duplicate;
    for state in states() {
        let waits = state.status().waits_for_the_practice();
        let (accepted, declined) = (state.accept(by, now, case), state.decline(by, now, reason));
        assert_eq!(accepted.ok(), waits.then_some(ReferralState::Accepted { by, at: now, case }), "{state:?}");
        assert_eq!(declined.ok(), waits.then_some(ReferralState::Declined { by, at: now, reason }), "{state:?}");
        assert_eq!(state.expire(now).ok(), waits.then_some(ReferralState::Expired { at: now }), "{state:?}");
    }
}

#[test]
fn every_state_is_read_back_as_what_was_kept() {
    for state in states() {
        assert_eq!(ReferralState::try_from(ReferralColumns::from(state)), Ok(state));
    }
}

proptest! {
    #[test]
    fn what_is_kept_is_one_state_or_an_error_and_nothing_is_lost(
        status in prop::sample::select(ReferralStatus::ALL),
        decided_at in prop::option::of(Just(at("2026-11-20T10:00:00Z"))),
        decided_by in prop::option::of(Just(StaffId::from(uuid::Uuid::from_u128(1)))),
        decline_reason in prop::option::of(prop::sample::select(DeclineReason::ALL)),
        case_id in prop::option::of(Just(CaseId::from(uuid::Uuid::from_u128(2)))),
    ) {
        let kept = ReferralColumns { status, decided_at, decided_by, decline_reason, case_id };
        let known = (decided_at.is_some(), decided_by.is_some(), decline_reason.is_some(), case_id.is_some());
        let whole = match status {
            Unrouted => false,
            Received | InformationRequested => known == (false, false, false, false),
            Accepted => known == (true, true, false, true),
            Declined => known == (true, true, true, false),
            Withdrawn | Expired => known == (true, false, false, false),
        };
        match ReferralState::try_from(kept) {
            Ok(state) => {
                prop_assert!(whole);
                prop_assert_eq!(ReferralColumns::from(state), kept);
            }
            Err(error) => {
                prop_assert!(!whole);
                prop_assert_eq!(error, MiskeptReferral(status));
            }
        }
    }
}

#[test]
fn each_answer_is_one_event_and_waiting_is_none() {
    let id = |n: u128| uuid::Uuid::from_u128(n);
    let (by, at, case) = (id(1).into(), DateTime::UNIX_EPOCH, id(2).into());
    let key = ReferralKey {
        referral: id(3).into(),
        person: Some(id(4).into()),
        council: id(5).into(),
        request: id(6).into(),
    };
    for (state, kind) in [
        (ReferralState::Received, None),
        (ReferralState::InformationRequested, None),
        (ReferralState::Accepted { by, at, case }, Some(EventKind::ReferralAccepted)),
        (ReferralState::Declined { by, at, reason: DeclineReason::NoCapacity }, Some(EventKind::ReferralDeclined)),
        (ReferralState::Withdrawn { at }, Some(EventKind::ReferralWithdrawn)),
        (ReferralState::Expired { at }, Some(EventKind::ReferralExpired)),
    ] {
        assert_eq!(state.event(key).map(|event| event.kind()), kind, "{state:?}");
    }
}

#[test]
fn a_reason_to_decline_is_a_ground_of_declining_and_those_that_can_be_shown_take_evidence() {
    let effect = |reason: DeclineReason| AdverseAction::DecliningReferral.effect(reason.ground());
    for reason in DeclineReason::ALL {
        let shown = matches!(reason.as_str(), "not_delegated" | "outside_area" | "withdrawn");
        let expected = if shown { Effect::AtOnceWithEvidence } else { Effect::AsContracted };
        assert_eq!(effect(*reason), Some(expected), "{reason}");
    }
    let grounds: BTreeSet<_> = DeclineReason::ALL.iter().map(|reason| reason.ground()).collect();
    assert_eq!(grounds, AdverseAction::DecliningReferral.grounds().collect());
}
