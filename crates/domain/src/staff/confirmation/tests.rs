use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::staff::roles::Role::{Administrator, Manager, Practitioner, RecordsOfficer, SocialWorker};

fn account(n: u128) -> AccountId {
    AccountId::from(Uuid::from_u128(n))
}

fn member(n: u128) -> StaffId {
    StaffId::from(Uuid::from_u128(1000 + n))
}

fn minute(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(n)
}

/// The operator's account, which is no member's.
const OPERATOR: u128 = 900;

/// The member with this number, who joined in that minute by the hand of another.
fn standing(n: u128, roles: &[Role], invited_by: u128, joined: i64) -> Standing {
    Standing {
        id: member(n),
        account: Some(account(n)),
        joined_at: Some(minute(joined)),
        is_present: true,
        is_away: false,
        acts_by: None,
        founder: false,
        roles: roles.to_vec(),
        invited_by: vec![account(invited_by)],
        is_confirmed: false,
    }
}

fn confirmed(standing: Standing) -> Standing {
    Standing { is_confirmed: true, ..standing }
}

fn owner(standing: Standing) -> Standing {
    Standing { founder: true, ..standing }
}

/// A heavy role that waits for the member with this number, opened by these in the tenth minute.
fn role_of(n: u128, opened_by: &[u128]) -> Awaited {
    Awaited {
        member: member(n),
        roles: vec![Manager],
        account: false,
        opened_by: opened_by.iter().map(|n| account(*n)).collect(),
        opened_at: minute(10),
    }
}

fn account_of(n: u128, drawn_by: &[u128]) -> Awaited {
    Awaited { roles: Vec::new(), account: true, ..role_of(n, drawn_by) }
}

/// A practice with two whom others have confirmed (1, 2), a hostile administrator (3), two puppets of theirs (4, 5), a
/// puppet of a puppet (6), and an honest administrator whom 2 invited (7). The numbers from 20 on are concerned.
fn practice() -> Vec<Standing> {
    vec![
        owner(confirmed(standing(1, &[Manager], OPERATOR, 1))),
        confirmed(standing(2, &[RecordsOfficer, Administrator], OPERATOR, 2)),
        standing(3, &[Administrator], OPERATOR, 1),
        standing(4, &[Administrator], 3, 3),
        standing(5, &[Administrator], 3, 3),
        standing(6, &[Administrator], 4, 4),
        standing(7, &[Administrator], 2, 5),
        standing(8, &[SocialWorker], 2, 5),
    ]
}

fn confirmers(practice: Vec<Standing>, awaited: &Awaited) -> Vec<u128> {
    Roster::new(practice).confirmers(awaited).into_iter().map(|id| id.uuid().as_u128() - 1000).collect()
}

#[test]
fn whoever_came_by_the_hand_that_opened_it_confirms_nothing() {
    let with = |concerned: Standing| [practice(), vec![concerned]].concat();
    for (what, awaited, by, second) in [
        ("the administrator's own puppet", role_of(20, &[3]), 3, &[1, 2, 7][..]),
        ("a puppet's", role_of(20, &[4]), 4, &[1, 2, 7]),
        ("a puppet's puppet's", role_of(20, &[6]), 6, &[1, 2, 7]),
        ("invited by one, the link drawn by another", role_of(20, &[2, 3]), 2, &[1]),
        ("by somebody who was confirmed", role_of(20, &[2]), 2, &[1, 3, 4, 5, 6]),
        ("an account, the link drawn by the administrator", account_of(20, &[3]), OPERATOR, &[1, 2, 7]),
        ("an account, the link drawn by a puppet", account_of(20, &[5]), OPERATOR, &[1, 2, 7]),
        ("an account, the link drawn elsewhere", account_of(20, &[800]), 7, &[1, 2, 3, 4, 5, 6, 7]),
        ("an account, the link drawn by the operator", account_of(20, &[OPERATOR]), 7, &[1, 2, 7]),
    ] {
        assert_eq!(confirmers(with(standing(20, &[], by, 9)), &awaited), second, "{what}");
    }
}

#[test]
fn nobody_confirms_themselves_or_by_those_whom_they_brought() {
    let concerned = standing(20, &[Administrator], 2, 5);
    let brought = standing(21, &[Administrator], 20, 6);
    let practice = [practice(), vec![concerned, brought]].concat();
    assert_eq!(confirmers(practice, &role_of(20, &[1])), [2, 3, 4, 5, 6, 7]);
}

#[test]
fn a_second_person_was_there_before_is_there_now_and_has_a_role_to_confirm_by() {
    let mut practice = practice();
    practice.push(confirmed(standing(9, &[Manager], OPERATOR, 11)));
    assert_eq!(confirmers(practice.clone(), &role_of(20, &[3])), [1, 2, 7], "9 came later");
    practice[1].is_present = false;
    assert_eq!(confirmers(practice.clone(), &role_of(20, &[3])), [1, 7], "2 has left; 9 has been confirmed");
    practice[0].roles = vec![Practitioner];
    practice.push(confirmed(standing(10, &[RecordsOfficer], OPERATOR, 11)));
    assert_eq!(confirmers(practice, &role_of(20, &[3])), [7]);
}

#[test]
fn somebody_who_leaves_and_comes_back_is_who_they_were() {
    // 3 left, and 2 lets them in again with a new membership; or a puppet left, and 2 lets it in again.
    for (n, opened_by) in [(3, 3), (4, 3), (4, 5)] {
        let mut practice = practice();
        practice[n - 1].is_present = false;
        practice.push(Standing { id: member(30), ..standing(n as u128, &[Administrator], 2, 6) });
        let second = confirmers(practice, &role_of(20, &[opened_by]));
        assert_eq!(second, if n == 3 { vec![1] } else { vec![1, 2, 7] }, "{n} {opened_by}");
    }
}

#[test]
fn a_new_practice_is_confirmed_by_the_operator_and_an_owner_until_two_are() {
    let first = || vec![owner(standing(1, &[Administrator], OPERATOR, 1)), standing(2, &[Administrator], OPERATOR, 1)];
    let roster = |practice: Vec<Standing>| Roster::new(practice);
    let lineage = |accounts: &[u128]| accounts.iter().map(|n| account(*n)).collect::<BTreeSet<_>>();
    let concerned = standing(20, &[], 2, 11);
    let new = roster([first(), vec![concerned.clone()]].concat());
    let awaited = role_of(20, &[2]);
    assert_eq!(new.confirmed_by(&awaited), ConfirmedBy::OperatorAndOwner);
    assert_eq!(new.confirmers(&awaited), [member(1)]);
    assert!(new.confirm(&awaited, member(2)).is_err(), "no owner");
    assert!(new.operator_confirms(&awaited, &lineage(&[901]), Some(member(1))).is_ok());
    assert!(new.operator_confirms(&awaited, &lineage(&[OPERATOR]), Some(member(1))).is_err(), "invited the owner");
    assert!(new.operator_confirms(&awaited, &lineage(&[901, OPERATOR]), Some(member(1))).is_err(), "came by them");
    assert!(new.operator_confirms(&awaited, &lineage(&[]), Some(member(1))).is_ok(), "the console");

    // The owner who gave the role has done their part; one through whose link a colleague may have joined does none.
    assert_eq!(new.owners_part(&awaited, None), None);
    assert_eq!(new.owners_part(&awaited, Some(member(1))), Some(member(1)));
    assert_eq!(new.owners_part(&role_of(20, &[1]), None), Some(member(1)));
    let mut redrawn = first();
    redrawn[0].invited_by.push(account(2));
    let redrawn = roster([redrawn, vec![concerned.clone()]].concat());
    assert!(redrawn.confirmers(&awaited).is_empty());
    assert_eq!(redrawn.owners_part(&role_of(20, &[1]), None), None);

    // The owner's own first roles: their joining is their part, unless a colleague gave the role.
    let own = roster(first());
    assert_eq!(own.owners_part(&role_of(1, &[OPERATOR]), None), Some(member(1)));
    assert_eq!(own.owners_part(&role_of(1, &[2]), None), None);
    assert_eq!(own.owners_part(&role_of(1, &[2]), Some(member(1))), Some(member(1)));
    assert_eq!(own.owners_part(&account_of(1, &[OPERATOR]), None), None, "who took the account is not known");
    assert_eq!(own.owners_part(&account_of(2, &[1]), Some(member(1))), None, "the owner drew the link");
    assert_eq!(own.owners_part(&account_of(2, &[OPERATOR]), Some(member(1))), Some(member(1)));
    assert_eq!(own.owners_part(&role_of(2, &[OPERATOR]), None), None);

    let with = |n: usize| {
        let heavy = (0..n as u128).map(|n| confirmed(standing(10 + n, &[Manager], OPERATOR, 2)));
        roster([first(), heavy.collect(), vec![concerned.clone()]].concat())
    };
    assert_eq!(with(1).confirmed_by(&awaited), ConfirmedBy::OperatorAndOwner);
    assert_eq!(with(2).confirmed_by(&awaited), ConfirmedBy::Members);
    assert_eq!(with(2).confirm(&awaited, member(10)), Ok(ConfirmedBy::Members));
    assert!(with(2).confirm(&awaited, member(1)).is_err(), "of the hand that invited the opener");
    let refused = with(2).operator_confirms(&awaited, &lineage(&[901]), Some(member(1)));
    assert!(refused.is_err(), "from then on the operator confirms nobody");
    // An account is confirmed by a member as soon as there is one who may.
    assert_eq!(with(0).confirmed_by(&account_of(20, &[2])), ConfirmedBy::OperatorAndOwner);
    assert_eq!(with(1).confirmers(&account_of(20, &[2])), [member(10)]);
    assert!(with(0).operator_confirms(&account_of(20, &[901]), &lineage(&[901]), None).is_err(), "drew the link");
}

#[test]
fn whoever_acts_as_a_manager_confirms_as_one_but_nothing_of_the_hand_that_gave_the_power() {
    for (giver, awaited, expected) in [
        (2, account_of(20, &[3]), &[1, 2, 7, 8][..]),
        // 8 came by the hand that opened it.
        (1, role_of(20, &[2]), &[1, 3, 4, 5, 6]),
        // 8 has the power from the one who opened it, from a puppet of theirs, and from somebody else.
        (3, account_of(20, &[3]), &[1, 2, 7]),
        (4, account_of(20, &[3]), &[1, 2, 7]),
        (1, account_of(20, &[3]), &[1, 2, 7, 8]),
        // Whoever gave the power is not confirmed by it.
        (1, account_of(1, &[3]), &[2, 7]),
    ] {
        let mut practice = practice();
        practice[7].acts_by = Some(member(giver));
        assert_eq!(confirmers(practice, &awaited), expected, "given by {giver}: {awaited:?}");
    }
    // A role of their own counts beside the power.
    let mut practice = practice();
    practice[7] = Standing { acts_by: Some(member(3)), ..standing(8, &[Administrator], 2, 5) };
    assert_eq!(confirmers(practice, &account_of(20, &[3])), [1, 2, 7, 8]);
}

#[test]
fn where_all_who_could_confirm_an_account_are_away_the_operator_and_an_owner_do() {
    let lineage = BTreeSet::from([account(901)]);
    let mut practice = practice();
    for n in [0, 1, 6] {
        assert_eq!(Roster::new(practice.clone()).confirmed_by(&account_of(20, &[3])), ConfirmedBy::Members);
        practice[n].is_away = true;
    }
    // The first, who is away, is the owner: another is here.
    practice.push(owner(standing(9, &[SocialWorker], 901, 1)));
    let away = Roster::new(practice);
    let awaited = account_of(20, &[3]);
    assert_eq!(away.confirmed_by(&awaited), ConfirmedBy::OperatorAndOwner);
    assert!(away.operator_confirms(&awaited, &BTreeSet::from([account(902)]), Some(member(9))).is_ok());
    assert!(away.operator_confirms(&awaited, &lineage, Some(member(9))).is_err(), "they invited the owner");
    assert_eq!(away.confirm(&awaited, member(9)), Ok(ConfirmedBy::OperatorAndOwner), "the owner's part");
    assert_eq!(away.confirm(&awaited, member(2)), Ok(ConfirmedBy::Members), "somebody who is back confirms alone");
    assert!(away.confirm(&awaited, member(4)).is_err(), "of the hand that drew the link");
    // What reads records waits for members.
    assert_eq!(away.confirmed_by(&role_of(20, &[3])), ConfirmedBy::Members);
    assert!(away.operator_confirms(&role_of(20, &[3]), &lineage, Some(member(9))).is_err());
}

#[test]
fn heavy_roles_wait_and_those_that_work_go_on() {
    let wanted = [SocialWorker, Manager, RecordsOfficer, Administrator];
    assert_eq!(split(&wanted, &[RecordsOfficer]), (vec![SocialWorker, RecordsOfficer, Administrator], vec![Manager]));
    assert_eq!(split(&[SocialWorker], &[Manager]), (vec![SocialWorker], vec![]), "a role that is taken works no more");
    let heavy: Vec<Role> = Role::ALL.iter().copied().filter(|role| role.is_heavy()).collect();
    assert_eq!(heavy, [Manager, RecordsOfficer]);
}

proptest! {
    /// However a hostile administrator arranges their puppets, none of them confirms what another opened.
    #[test]
    fn no_tree_of_puppets_confirms_itself(parents in prop::collection::vec(0_u128..8, 7), opener in 0_usize..8, by in 0_usize..8) {
        let mut practice = practice();
        practice[2] = standing(40, &[Administrator], OPERATOR, 1);
        // Each puppet came by the administrator or by an earlier puppet.
        for (n, parent) in (1_u128..).zip(parents) {
            practice.push(standing(40 + n, &[Administrator], 40 + parent % n, 3));
        }
        let awaited = role_of(20, &[40 + opener as u128]);
        prop_assert!(Roster::new(practice).confirm(&awaited, member(40 + by as u128)).is_err());
    }
}
