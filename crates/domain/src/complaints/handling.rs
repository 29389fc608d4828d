//! The rules of lodging and handling a complaint: the council that answers for it, its subjects, and the person whose
//! care it is about.

use chrono::NaiveDate;

use crate::fault::Fault;
use crate::ids::{CouncilId, ServiceUserId, StaffId};
use crate::refusal::Refusal;

/// A contract of the practice complained about, with the council that is party to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContractFound {
    /// The council that is party to the contract.
    pub council_id: CouncilId,
    /// The number of working days in which a complaint is answered.
    pub response_working_days: i32,
    /// The first day of the contract, and its last day if it has one.
    pub lasts: (NaiveDate, Option<NaiveDate>),
}

impl ContractFound {
    fn is_in_force(&self, today: NaiveDate) -> bool {
        let (starts, ends) = self.lasts;
        starts <= today && ends.is_none_or(|ends| ends >= today)
    }
}

/// Returns the contract under which a complaint about a practice is answered: the contract with the council of the
/// person's latest case, or else one in force, or else any. The first of several is taken, in their order.
pub fn contract_of(
    contracts: &[ContractFound],
    of_person: Option<CouncilId>,
    today: NaiveDate,
) -> Result<ContractFound, Vec<Fault>> {
    let rank = |contract: &&ContractFound| (Some(contract.council_id) != of_person, !contract.is_in_force(today));
    contracts.iter().min_by_key(rank).copied().ok_or_else(|| {
        vec![Fault::new("/practice", "works for no council with the service; complain to the council itself")]
    })
}

/// Returns the practice that a complaint names, or the fault that there is no such practice.
pub fn practice_named<T>(found: Option<T>) -> Result<T, Vec<Fault>> {
    found.ok_or_else(|| vec![Fault::new("/practice", "is not the name of a practice that uses the service")])
}

/// A member of staff who is proposed as a subject of a complaint.
#[derive(Clone, Copy, Debug)]
pub struct NamedSubject {
    /// The identifier of the membership.
    pub staff_id: StaffId,
    /// Whether the member of staff works at the practice.
    pub is_colleague: bool,
    /// Whether the member of staff is the caller, or the caller stands in their line of management.
    pub is_below_who_says: bool,
}

/// Whether these members of staff can be confirmed as the subjects of a complaint. Each is a colleague and is named
/// once, and none is somebody whose being a subject would put the caller behind the wall.
pub fn check_subjects(named: &[NamedSubject]) -> Result<(), Vec<Fault>> {
    let fault = |(index, one): (usize, &NamedSubject)| {
        let detail = if !one.is_colleague {
            "names nothing that is there"
        } else if one.is_below_who_says {
            "would put you behind the wall yourself: somebody free of conflict must confirm this"
        } else if named[..index].iter().any(|before| before.staff_id == one.staff_id) {
            "must not be repeated"
        } else {
            return None;
        };
        Some(Fault::new(format!("/staff/{index}"), detail))
    };
    let faults: Vec<Fault> = named.iter().enumerate().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Whether the subjects of a complaint can be confirmed. They are confirmed once.
pub fn settle_subjects(is_settled: bool) -> Result<(), Refusal> {
    if is_settled { Err(refusal("already about confirmed subjects", "given other subjects")) } else { Ok(()) }
}

/// Whether the person whose care a complaint is about can be identified. This is done once, because naming somebody
/// else would lift the wall for the staff who work with the first person.
pub fn identify_person(is_known: bool) -> Result<(), Refusal> {
    if is_known { Err(refusal("already about an identified person", "given another person")) } else { Ok(()) }
}

/// Returns the person whose care a complaint is about. `person` is their record, if it is open to the caller.
/// `presumed` are the members of staff who could then be presumed subjects, which counts while the subjects are not
/// confirmed.
pub fn person_concerned(
    person: Option<ServiceUserId>,
    by: StaffId,
    presumed: &[StaffId],
    subjects_confirmed: bool,
) -> Result<ServiceUserId, Vec<Fault>> {
    let fault = |detail: &str| vec![Fault::new("/service_user_id", detail)];
    let person = person.ok_or_else(|| fault("names nothing that is there"))?;
    if !subjects_confirmed && presumed.contains(&by) {
        return Err(fault("would put you behind the wall yourself: somebody free of conflict must say this"));
    }
    Ok(person)
}

fn refusal(state: &'static str, step: &'static str) -> Refusal {
    Refusal::InvalidState { thing: "complaint", state, step }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staff(n: u128) -> StaffId {
        StaffId::from(uuid::Uuid::from_u128(n))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_council_of_the_persons_case_answers_else_one_whose_contract_is_in_force() {
        let council = |n| CouncilId::from(uuid::Uuid::from_u128(n));
        let contract = |n, starts: &str, ends: Option<&str>| ContractFound {
            council_id: council(n),
            response_working_days: 25,
            lasts: (day(starts), ends.map(day)),
        };
        let (ended, first, second, future) = (
            contract(1, "2020-01-01", Some("2026-11-19")),
            contract(2, "2021-01-01", Some("2026-11-20")),
            contract(3, "2022-01-01", None),
            contract(4, "2026-11-21", None),
        );
        for (contracts, of_person, found) in [
            (&[ended, first, second][..], None, Some(first)),
            (&[ended, future, second], None, Some(second)),
            (&[ended, first, second], Some(council(3)), Some(second)),
            (&[ended, first, second], Some(council(1)), Some(ended)),
            (&[ended, contract(1, "2025-01-01", None), first], Some(council(1)), Some(contract(1, "2025-01-01", None))),
            (&[ended, first], Some(council(9)), Some(first)),
            (&[ended, future], None, Some(ended)),
            (&[], None, None),
        ] {
            assert_eq!(contract_of(contracts, of_person, day("2026-11-20")).ok(), found, "{contracts:?} {of_person:?}");
        }
    }

    #[test]
    fn subjects_are_colleagues_each_named_once_and_free_of_who_confirms() {
        let named =
            |n, is_colleague, is_below_who_says| NamedSubject { staff_id: staff(n), is_colleague, is_below_who_says };
        for (named, faults) in [
            (vec![], vec![]),
            (vec![named(1, true, false), named(2, true, false)], vec![]),
            (vec![named(1, true, false), named(2, false, false)], vec!["/staff/1"]),
            (vec![named(1, true, true)], vec!["/staff/0"]),
            (vec![named(1, true, false), named(2, true, false), named(1, true, false)], vec!["/staff/2"]),
            (
                vec![named(1, false, false), named(2, true, true), named(3, true, false), named(3, true, false)],
                vec!["/staff/0", "/staff/1", "/staff/3"],
            ),
        ] {
            let found = check_subjects(&named).err().unwrap_or_default();
            assert_eq!(found.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>(), faults, "{named:?}");
        }
    }

    #[test]
    fn whoever_says_whose_care_it_is_about_stays_free_of_conflict() {
        let person = ServiceUserId::from(uuid::Uuid::from_u128(5));
        for (found, presumed, confirmed, allowed) in [
            (Some(person), &[2][..], false, true),
            (Some(person), &[2, 1], false, false),
            (Some(person), &[2, 1], true, true),
            (None, &[2], false, false),
        ] {
            let presumed: Vec<StaffId> = presumed.iter().copied().map(staff).collect();
            let said = person_concerned(found, staff(1), &presumed, confirmed);
            assert_eq!(said.is_ok(), allowed, "{found:?} {presumed:?} {confirmed}");
        }
    }

    #[test]
    fn what_a_complaint_is_about_is_said_once() {
        assert_eq!((settle_subjects(false), identify_person(false)), (Ok(()), Ok(())));
        for (refused, words) in [
            (
                settle_subjects(true),
                "the complaint is already about confirmed subjects and cannot be given other subjects",
            ),
            (
                identify_person(true),
                "the complaint is already about an identified person and cannot be given another person",
            ),
        ] {
            assert_eq!(refused.unwrap_err().to_string(), words);
        }
        assert_eq!(practice_named(Some(1)), Ok(1));
        assert_eq!(practice_named(None::<i32>).unwrap_err()[0].pointer, "/practice");
    }
}
