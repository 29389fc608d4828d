//! The rules of restricting a record, excluding a member of staff from it, and opening it in an emergency.

use crate::fault::Fault;
use crate::ids::StaffId;
use crate::people::access_restriction::{ExcludeStaff, RestrictionTerms};
use crate::refusal::Refusal;

impl RestrictionTerms {
    /// Whether the restriction can name these members of staff. Each is a colleague and is not excluded, because
    /// nothing overrides an exclusion, and one of them could lift the restriction. `colleagues` are those named who work at
    /// the practice, and `excluded` are those whom an exclusion keeps from the record.
    pub fn check_named(
        &self,
        colleagues: &[StaffId],
        excluded: &[StaffId],
        access_managers: &[StaffId],
    ) -> Result<(), Vec<Fault>> {
        let mut faults: Vec<Fault> = self
            .staff
            .iter()
            .enumerate()
            .filter_map(|(index, one)| {
                let detail = if !colleagues.contains(one) {
                    "names nobody at this practice"
                } else if excluded.contains(one) {
                    "is excluded from this record"
                } else {
                    return None;
                };
                Some(Fault::new(format!("/staff/{index}"), detail))
            })
            .collect();
        if faults.is_empty() && !self.names_one_of(access_managers) {
            faults.push(Fault::new("/staff", "must name an access manager: a manager or a records officer"));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Returns the restriction as it can be put in force now, which is later than it was asked for: without those whom it
    /// cannot name any more. One of the others could lift it.
    pub fn as_of_now(
        mut self,
        colleagues: &[StaffId],
        excluded: &[StaffId],
        access_managers: &[StaffId],
    ) -> Result<Self, Refusal> {
        self.staff.retain(|one| colleagues.contains(one) && !excluded.contains(one));
        if self.names_one_of(access_managers) { Ok(self) } else { Err(Refusal::NobodyToLift) }
    }

    fn names_one_of(&self, access_managers: &[StaffId]) -> bool {
        self.staff.iter().any(|one| access_managers.contains(one))
    }
}

/// Whether a restricted record stays open to an access manager after a change. Every change must leave one.
pub fn keep_somebody_who_lifts(access_managers: &[StaffId], closed_to: &[StaffId]) -> Result<(), Refusal> {
    let somebody = access_managers.iter().any(|manager| !closed_to.contains(manager));
    if somebody { Ok(()) } else { Err(Refusal::NobodyToLift) }
}

/// A member of staff who sees the record only by break-glass access may not change who else sees it, and neither may one who
/// manages only in the stead of somebody to whom it is closed.
pub fn change_access(by: StaffId, stands_in_for: &[StaffId], closed_to: &[StaffId]) -> Result<(), Refusal> {
    if closed_to.contains(&by) {
        return Err(Refusal::OpenForAWhile);
    }
    let for_one_kept_out = stands_in_for.iter().any(|one| closed_to.contains(one));
    if for_one_kept_out { Err(Refusal::StandsInForSomebodyKeptOut) } else { Ok(()) }
}

impl ExcludeStaff {
    /// Whether a colleague can be excluded. Excluding oneself is an operation of its own. `is_colleague` says whether
    /// the member of staff works at the practice.
    pub fn check(&self, by: StaffId, is_colleague: bool) -> Result<(), Vec<Fault>> {
        let detail = if self.staff_id == by {
            "must be a colleague: excluding yourself is an operation of its own"
        } else if !is_colleague {
            "names nothing that is there"
        } else {
            return Ok(());
        };
        Err(vec![Fault::new("/staff_id", detail)])
    }
}

/// A record that matches the identifiers given in an emergency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordFound<T> {
    /// The record that was found.
    pub record: T,
    /// Whether a restriction closes the record to the caller.
    pub closed: bool,
}

/// Returns the one record to open. Matching records that are open to the caller already do not count.
pub fn record_to_open<T>(found: Vec<RecordFound<T>>) -> Result<ToOpen<T>, Vec<Fault>> {
    let nobody = found.is_empty();
    let mut closed = found.into_iter().filter(|one| one.closed).map(|one| one.record);
    match (closed.next(), closed.next()) {
        (Some(record), None) => Ok(ToOpen::This(record)),
        (None, _) if nobody => Ok(ToOpen::Nobody),
        (None, _) => Ok(ToOpen::OpenAlready),
        (Some(_), Some(_)) => {
            let detail = "fits more than one restricted record: ask somebody to whom they are open";
            Err(vec![Fault::new("", detail)])
        }
    }
}

/// The result of looking for the record to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToOpen<T> {
    /// There is one record to open.
    This(T),
    /// The identifiers match nobody known to the practice.
    Nobody,
    /// Every record that matches is open to the caller already.
    OpenAlready,
}

/// Those who are told of a break-glass access and may review it: all who manage access, but who broke it and whoever is
/// excluded, and those who manage only in the stead of one of these. Each manager comes with those for whom they stand in.
pub fn reviewers(
    access_managers: &[(StaffId, Vec<StaffId>)],
    broken_by: StaffId,
    excluded: &[StaffId],
) -> Result<Vec<StaffId>, Refusal> {
    let kept_out = |one: &StaffId| *one == broken_by || excluded.contains(one);
    let reviewers: Vec<StaffId> = access_managers
        .iter()
        .filter(|(manager, stands_in_for)| !kept_out(manager) && !stands_in_for.iter().any(kept_out))
        .map(|(manager, _)| *manager)
        .collect();
    if reviewers.is_empty() { Err(Refusal::NobodyToTell) } else { Ok(reviewers) }
}

/// Whether a break-glass access can be reviewed. It is reviewed once.
pub fn review(is_reviewed: bool) -> Result<(), Refusal> {
    if !is_reviewed {
        return Ok(());
    }
    Err(Refusal::InvalidState { thing: "break-glass access", state: "reviewed", step: "reviewed again" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::people::grounds::RestrictionGround;
    use crate::words::text::Passage;

    fn id(n: u128) -> StaffId {
        StaffId::from(uuid::Uuid::from_u128(n))
    }

    fn ids(of: &[u128]) -> Vec<StaffId> {
        of.iter().copied().map(id).collect()
    }

    fn terms(named: &[u128]) -> RestrictionTerms {
        RestrictionTerms {
            ground: RestrictionGround::parse("hazard").unwrap(),
            words: "Her son works here.".to_owned(),
            staff: ids(named),
            review_on: "2027-05-20".parse().unwrap(),
            set_by: id(1),
        }
    }

    #[test]
    fn a_restriction_names_somebody_who_can_lift_it_when_it_is_asked_for_and_when_it_is_put_in_force() {
        let (colleagues, excluded, managers) = (ids(&[1, 2, 3]), ids(&[3]), ids(&[1, 3]));
        for (named, is_named, in_force) in [
            (&[1, 2][..], true, Some(&[1, 2][..])),
            (&[2], false, None),
            (&[3, 2], false, None),
            (&[1, 3, 9], false, Some(&[1])),
            (&[9], false, None),
        ] {
            assert_eq!(terms(named).check_named(&colleagues, &excluded, &managers).is_ok(), is_named, "{named:?}");
            let now = terms(named).as_of_now(&colleagues, &excluded, &managers);
            assert_eq!(now.map(|terms| terms.staff), in_force.map(ids).ok_or(Refusal::NobodyToLift), "{named:?}");
        }
        let fault = terms(&[2]).check_named(&colleagues, &excluded, &managers).unwrap_err();
        assert_eq!(fault[0].pointer, "/staff");
    }

    #[test]
    fn whoever_a_restriction_names_works_here_and_is_not_locked_out() {
        let (colleagues, excluded) = (ids(&[1, 2, 3]), ids(&[3, 4]));
        for (named, faults) in [
            (&[1, 2][..], vec![]),
            (&[1, 9], vec![("/staff/1", "names nobody at this practice")]),
            (&[3, 1], vec![("/staff/0", "is excluded from this record")]),
            // Whether somebody who has left was excluded is not disclosed.
            (&[4], vec![("/staff/0", "names nobody at this practice")]),
            (
                &[9, 3],
                vec![("/staff/0", "names nobody at this practice"), ("/staff/1", "is excluded from this record")],
            ),
        ] {
            let found = terms(named).check_named(&colleagues, &excluded, &colleagues).err().unwrap_or_default();
            let expected: Vec<Fault> = faults.iter().map(|(pointer, detail)| Fault::new(*pointer, *detail)).collect();
            assert_eq!(found, expected, "{named:?}");
        }
    }

    #[test]
    fn a_colleague_is_excluded_and_nobody_else() {
        let exclude = |n| ExcludeStaff { staff_id: id(n), reason: Passage::parse("Is her nephew.").unwrap() };
        for (whom, is_colleague, allowed) in [(2, true, true), (2, false, false), (1, true, false)] {
            assert_eq!(exclude(whom).check(id(1), is_colleague).is_ok(), allowed, "{whom} {is_colleague}");
        }
    }

    #[test]
    fn a_record_stays_open_to_somebody_who_can_lift_what_closes_it() {
        for (managers, closed_to, kept) in
            [(&[1, 2][..], &[1][..], true), (&[1, 2], &[], true), (&[1, 2], &[2, 1, 3], false), (&[], &[], false)]
        {
            let (managers, closed_to) = (ids(managers), ids(closed_to));
            assert_eq!(keep_somebody_who_lifts(&managers, &closed_to).is_ok(), kept, "{managers:?} {closed_to:?}");
        }
    }

    #[test]
    fn whoever_broke_the_glass_or_acts_for_one_kept_out_does_not_change_who_else_may_see() {
        for (stands_in_for, closed_to, expected) in [
            (&[][..], &[2][..], Ok(())),
            (&[], &[2, 1], Err(Refusal::OpenForAWhile)),
            (&[3, 4], &[2], Ok(())),
            (&[3, 4], &[2, 4], Err(Refusal::StandsInForSomebodyKeptOut)),
            (&[3], &[3, 1], Err(Refusal::OpenForAWhile)),
        ] {
            let said = change_access(id(1), &ids(stands_in_for), &ids(closed_to));
            assert_eq!(said, expected, "for {stands_in_for:?}, closed to {closed_to:?}");
        }
    }

    #[test]
    fn one_restricted_record_is_opened_and_what_is_open_already_does_not_count() {
        let found = |closed: &[bool]| {
            closed
                .iter()
                .enumerate()
                .map(|(record, closed)| RecordFound { record, closed: *closed })
                .collect::<Vec<_>>()
        };
        for (closed, to_open) in [
            (&[][..], Some(ToOpen::Nobody)),
            (&[false], Some(ToOpen::OpenAlready)),
            (&[true], Some(ToOpen::This(0))),
            (&[false, true], Some(ToOpen::This(1))),
            (&[true, true], None),
            (&[true, false, true], None),
        ] {
            assert_eq!(record_to_open(found(closed)).ok(), to_open, "{closed:?}");
        }
    }

    #[test]
    fn a_break_glass_access_is_reviewed_once_and_by_somebody_else() {
        let managers = |of: &[(u128, &[u128])]| of.iter().map(|(n, others)| (id(*n), ids(others))).collect::<Vec<_>>();
        for (all, expected) in [
            (managers(&[(1, &[]), (2, &[]), (3, &[])]), Ok(ids(&[2]))),
            (managers(&[(1, &[]), (3, &[])]), Err(Refusal::NobodyToTell)),
            // 4 acts as a manager for the one who broke the glass, 5 for the one who is excluded, 6 for somebody else.
            (managers(&[(4, &[1, 2]), (5, &[3]), (6, &[2])]), Ok(ids(&[6]))),
            (managers(&[(4, &[1])]), Err(Refusal::NobodyToTell)),
        ] {
            assert_eq!(reviewers(&all, id(1), &ids(&[3])), expected, "{all:?}");
        }
        assert_eq!(review(false), Ok(()));
        assert!(review(true).is_err());
    }

    proptest! {
        #[test]
        fn nobody_reviews_what_they_broke_or_are_excluded_from(
            managers in prop::collection::vec(1_u128..10, 0..6),
            breaker in 1_u128..10,
            excluded in prop::collection::vec(1_u128..10, 0..6),
        ) {
            let excluded = ids(&excluded);
            let managers: Vec<_> = managers.into_iter().map(|manager| (id(manager), Vec::new())).collect();
            if let Ok(reviewers) = reviewers(&managers, id(breaker), &excluded) {
                prop_assert!(!reviewers.is_empty());
                prop_assert!(reviewers.iter().all(|one| *one != id(breaker) && !excluded.contains(one)));
            }
        }
    }
}
