use chrono::TimeDelta;
use uuid::Uuid;

use super::*;

fn account(n: u128) -> AccountId {
    AccountId::from(Uuid::from_u128(n))
}

fn officer(n: u128) -> OfficerId {
    OfficerId::from(Uuid::from_u128(1000 + n))
}

fn minute(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(n)
}

const OPERATOR: u128 = 900;

/// The officer with this number, whom a second person has confirmed and who joined in the first minute.
fn stands(n: u128) -> OfficerStanding {
    OfficerStanding {
        id: officer(n),
        account: Some(account(n)),
        joined_at: Some(minute(1)),
        is_present: true,
        is_away: false,
        works: true,
        is_confirmed: true,
        invited_by: vec![account(OPERATOR)],
    }
}

/// The officer with this number, who came by the hand of another and whom nobody has confirmed.
fn waits(n: u128, invited_by: u128) -> OfficerStanding {
    OfficerStanding { works: false, is_confirmed: false, invited_by: vec![account(invited_by)], ..stands(n) }
}

fn roles_of(n: u128, opened_by: &[u128]) -> AwaitedOfficer {
    AwaitedOfficer {
        officer: officer(n),
        has_roles: true,
        opened_by: opened_by.iter().map(|n| account(*n)).collect(),
        opened_at: minute(10),
    }
}

fn account_of(n: u128, drawn_by: &[u128]) -> AwaitedOfficer {
    AwaitedOfficer { has_roles: false, ..roles_of(n, drawn_by) }
}

fn confirmers(officers: &[OfficerStanding], awaited: &AwaitedOfficer) -> Vec<u128> {
    let officers = Officers::new(officers.to_vec());
    officers.confirmers(awaited).into_iter().map(|id| id.uuid().as_u128() - 1000).collect()
}

fn by(officers: &[OfficerStanding], awaited: &AwaitedOfficer) -> OfficerConfirmedBy {
    Officers::new(officers.to_vec()).confirmed_by(awaited)
}

#[test]
fn the_first_two_are_confirmed_by_two_operators_and_the_third_by_an_officer() {
    use OfficerConfirmedBy::{Officer, TwoOperators};
    assert_eq!(by(&[waits(1, OPERATOR)], &roles_of(1, &[OPERATOR])), TwoOperators);
    // The second, whom the first has invited.
    assert_eq!(by(&[stands(1), waits(2, 1)], &roles_of(2, &[1])), TwoOperators);
    assert_eq!(confirmers(&[stands(1), waits(2, OPERATOR)], &roles_of(2, &[OPERATOR])), [0; 0]);
    assert_eq!(by(&[stands(1), stands(2), waits(3, 1)], &roles_of(3, &[1])), Officer);
    // One of the two has left, or lost their credentials: there are not two who stand.
    let gone = OfficerStanding { is_present: false, ..stands(2) };
    assert_eq!(by(&[stands(1), gone, waits(3, 1)], &roles_of(3, &[1])), TwoOperators);
}

#[test]
fn nobody_confirms_whom_they_invited_or_who_was_there_first_or_themselves() {
    let here = [stands(1), stands(2), waits(3, 1)];
    assert_eq!(confirmers(&here, &roles_of(3, &[1])), [2]);
    assert_eq!(confirmers(&here, &roles_of(3, &[1, OPERATOR])), [2]);
    // Both have drawn a link: nobody there is a second person, and so the operators are asked.
    assert_eq!(by(&here, &roles_of(3, &[1, 2])), OfficerConfirmedBy::TwoOperators);
    // Whoever joined after it was opened may be the opener's own puppet.
    let late = OfficerStanding { joined_at: Some(minute(10)), ..stands(2) };
    assert_eq!(confirmers(&[stands(1), late, stands(4), waits(3, 1)], &roles_of(3, &[1])), [4]);
    assert_eq!(confirmers(&[stands(1), stands(2), stands(4)], &roles_of(1, &[2])), [4]);
    // A puppet of the opener's, whom nobody has confirmed yet but who has a role from before.
    let puppet = OfficerStanding { works: true, ..waits(5, 1) };
    assert_eq!(confirmers(&[stands(1), stands(2), puppet, waits(3, 1)], &roles_of(3, &[1])), [2]);
    let brought = OfficerStanding { works: true, ..waits(6, 3) };
    assert_eq!(confirmers(&[stands(1), stands(2), brought, stands(3)], &roles_of(3, &[1])), [2]);
}

#[test]
fn an_officer_without_a_role_that_works_confirms_nobody() {
    let idle = OfficerStanding { works: false, ..stands(2) };
    assert_eq!(confirmers(&[stands(1), stands(4), idle, waits(3, 1)], &roles_of(3, &[1])), [4]);
}

#[test]
fn replaced_credentials_are_confirmed_by_another_officer_or_if_none_is_there_by_two_operators() {
    use OfficerConfirmedBy::{Officer, TwoOperators};
    let lost = OfficerStanding { is_present: false, ..stands(2) };
    // One other is enough, unless they drew the link.
    assert_eq!(by(&[stands(1), lost.clone()], &account_of(2, &[OPERATOR])), Officer);
    assert_eq!(by(&[stands(1), lost.clone()], &account_of(2, &[1])), TwoOperators);
    assert_eq!(confirmers(&[stands(1), lost.clone()], &account_of(2, &[1])), [0; 0]);
    // Who is away may be there after all, but the operators need not wait for them.
    let away = OfficerStanding { is_away: true, ..stands(1) };
    assert_eq!(by(&[away.clone(), lost.clone()], &account_of(2, &[OPERATOR])), TwoOperators);
    assert_eq!(confirmers(&[away.clone(), lost], &account_of(2, &[OPERATOR])), [1]);
    // Roles wait for who is away: nobody is shut out meanwhile.
    assert_eq!(by(&[away.clone(), stands(3), waits(4, 3)], &roles_of(4, &[3])), Officer);
}

#[test]
fn the_two_operators_did_not_come_by_one_hand() {
    let officers = Officers::new(vec![waits(1, OPERATOR)]);
    let lineage = |of: &[u128]| of.iter().map(|n| account(*n)).collect::<BTreeSet<_>>();
    let awaited = roles_of(1, &[OPERATOR]);
    assert_eq!(officers.operator_confirms(&awaited, &lineage(&[OPERATOR]), None), Ok(OperatorsPart::First));
    let first = lineage(&[OPERATOR]);
    for (second, may) in [(&[901][..], true), (&[OPERATOR], false), (&[902, OPERATOR], false), (&[903, 901], true)] {
        let confirmed = officers.operator_confirms(&awaited, &lineage(second), Some(&first));
        assert_eq!(confirmed.is_ok(), may, "{second:?}");
    }
    // Two whom a third one invited are one hand.
    let first = lineage(&[904, 901]);
    assert!(officers.operator_confirms(&awaited, &lineage(&[903, 901]), Some(&first)).is_err());
    let settled = Officers::new(vec![stands(1), stands(2), waits(3, 1)]);
    assert!(settled.operator_confirms(&roles_of(3, &[1]), &lineage(&[901]), None).is_err());
}

#[test]
fn a_refusal_says_whom_it_waits_for() {
    let settled = Officers::new(vec![stands(1), stands(2), waits(3, 1)]);
    assert!(settled.confirm(&roles_of(3, &[1]), officer(2)).is_ok());
    assert!(settled.confirm(&roles_of(3, &[1]), officer(1)).is_err());
    assert!(settled.confirm(&roles_of(3, &[1]), officer(3)).is_err());
    let new = Officers::new(vec![stands(1), waits(2, 1)]);
    let refused = new.confirm(&roles_of(2, &[1]), officer(1)).unwrap_err();
    assert!(format!("{refused:?}").contains("two operators"), "{refused:?}");
}
