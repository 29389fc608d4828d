//! The practice that a complaint is about, and the council that answers for it (SI 2009/309 reg 6).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::ids::CouncilId;
use crate::words::slug::Slug;

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

/// The practice that a complaint is about, as an officer puts it down where whoever complains named none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "practice": "severn-social-work" }))]
pub struct PracticeConcerned {
    /// The short name of a practice with which the council has or had a contract.
    pub practice: Slug,
}

impl PracticeConcerned {
    /// What the complainant is told of it: how the practice is called, and what to do if it is another.
    pub fn told(called: &str) -> String {
        format!("We understand that your complaint is about {called}. If it is about somebody else, tell us.")
    }
}

/// The number of working days in which a complaint is answered where no contract says another.
pub const USUAL_RESPONSE: u32 = 25;

/// Returns the council that answers for a complaint, and the working days in which it is to be answered: the council that the
/// complainant chose, or else that of the practice's contract. A council that was meant and does not use the service chooses nothing.
pub fn responsible_council(
    chosen: Option<CouncilId>,
    contracts: &[ContractFound],
    of_person: Option<CouncilId>,
    today: NaiveDate,
) -> Result<(CouncilId, u32), Vec<Fault>> {
    let days = |contract: &ContractFound| contract.response_working_days.unsigned_abs();
    let Some(council) = chosen else {
        let contract = contract_of(contracts, of_person, today)?;
        return Ok((contract.council_id, days(&contract)));
    };
    let own = contracts.iter().find(|contract| contract.council_id == council);
    Ok((council, own.map_or(USUAL_RESPONSE, days)))
}

/// Returns the councils of which one answers, as far as what was sent and the public directory say: the one that was chosen, or each with
/// which the practice has or had a contract. Nothing else is told to whoever lodges a complaint: which of several councils answers may
/// follow from the record of the person.
pub fn councils_possible(chosen: Option<CouncilId>, contracts: &[ContractFound]) -> Vec<CouncilId> {
    let mut councils: Vec<CouncilId> = Vec::new();
    for council in
        chosen.into_iter().chain(contracts.iter().map(|contract| contract.council_id).filter(|_| chosen.is_none()))
    {
        if !councils.contains(&council) {
            councils.push(council);
        }
    }
    councils
}

/// Returns the contract under which a complaint about a practice is answered: the contract with the council of the
/// person's latest case, or else one in force, or else any. The first of several is taken, in their order.
fn contract_of(
    contracts: &[ContractFound],
    of_person: Option<CouncilId>,
    today: NaiveDate,
) -> Result<ContractFound, Vec<Fault>> {
    let rank = |contract: &&ContractFound| (Some(contract.council_id) != of_person, !contract.is_in_force(today));
    contracts.iter().min_by_key(rank).copied().ok_or_else(|| {
        vec![Fault::new("/council", "must name a council that uses the service: none is known to answer for this")]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_complainants_choice_of_a_council_comes_first() {
        let council = |n| CouncilId::from(uuid::Uuid::from_u128(n));
        let contract = |n, days| ContractFound {
            council_id: council(n),
            response_working_days: days,
            lasts: (day("2020-01-01"), None),
        };
        let both = [contract(1, 20), contract(2, 30)];
        let chosen = |chosen: Option<u128>, contracts: &[ContractFound]| {
            responsible_council(chosen.map(council), contracts, Some(council(1)), day("2026-11-20")).ok()
        };
        assert_eq!(chosen(Some(2), &both), Some((council(2), 30)));
        assert_eq!(chosen(Some(3), &both), Some((council(3), 25)));
        assert_eq!(chosen(None, &both), Some((council(1), 20)));
        assert_eq!(chosen(None, &[]), None);
    }
}
