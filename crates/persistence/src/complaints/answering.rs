//! The council that answers for a complaint: the one that the complainant chose, or else that of the practice's contracts.

use almoner_domain::complaints::complaint::LodgeComplaint;
use almoner_domain::complaints::responsibility::{ContractFound, councils_possible, responsible_council};
use almoner_domain::ids::{CouncilId, PracticeId, ServiceUserId};
use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::{cases, contracts, councils};
use crate::ground::scope::Scope;

/// Finds the council that the complainant chose. One that does not use the service chooses nothing, nor does one at the desk of a
/// practice, `desk`, with which it never had a contract: no practice chooses who answers for it.
pub(super) fn chosen_council(
    scope: &mut Scope<'_>,
    new: &LodgeComplaint,
    desk: Option<PracticeId>,
) -> Result<Option<CouncilId>, StoreError> {
    let Some(code) = &new.council else { return Ok(None) };
    let named = councils::table.filter(councils::gss_code.eq(code.as_str())).select(councils::council_id);
    let named: Option<CouncilId> = named.first(scope.conn).optional()?;
    let (Some(council), Some(practice)) = (named, desk) else { return Ok(named) };
    Ok(had_a_contract(scope, practice, council)?.then_some(council))
}

/// Whether the council has a contract with the practice, or had one.
pub(super) fn had_a_contract(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    council: CouncilId,
) -> Result<bool, StoreError> {
    let own = contracts::table.filter(contracts::practice_id.eq(practice).and(contracts::council_id.eq(council)));
    Ok(diesel::select(exists(own)).get_result(scope.conn)?)
}

/// The council that answers for a complaint.
pub(super) struct Answering {
    pub(super) council: CouncilId,
    /// The working days in which its contract has complaints answered.
    pub(super) days: u32,
    /// The councils of which it is one, as far as whoever lodges the complaint is told.
    pub(super) possible: Vec<CouncilId>,
}

/// Finds the council that answers for the complaint (SI 2009/309 reg 6): the one that was chosen, that of the person's latest case, or the
/// one whose contract is the oldest in force.
pub(super) fn answering_council(
    scope: &mut Scope<'_>,
    practice: Option<PracticeId>,
    person: Option<ServiceUserId>,
    chosen: Option<CouncilId>,
) -> Result<Answering, StoreError> {
    let of_person: Option<CouncilId> = match (practice, person) {
        (Some(practice), Some(person)) => cases::table
            .filter(cases::practice_id.eq(practice).and(cases::service_user_id.eq(person)))
            .order(cases::opened_at.desc())
            .select(cases::council_id)
            .first(scope.conn)
            .optional()?,
        _ => None,
    };
    let rows: Vec<(CouncilId, i32, NaiveDate, Option<NaiveDate>)> = match practice {
        None => Vec::new(),
        Some(practice) => contracts::table
            .filter(contracts::practice_id.eq(practice))
            .order((contracts::starts_on, contracts::contract_id))
            .select((
                contracts::council_id,
                contracts::complaint_response_working_days,
                contracts::starts_on,
                contracts::ends_on,
            ))
            .load(scope.conn)?,
    };
    let found = |(council_id, response_working_days, starts_on, ends_on)| ContractFound {
        council_id,
        response_working_days,
        lasts: (starts_on, ends_on),
    };
    let contracts: Vec<ContractFound> = rows.into_iter().map(found).collect();
    let (council, days) = responsible_council(chosen, &contracts, of_person, scope.today())?;
    Ok(Answering { council, days, possible: councils_possible(chosen, &contracts) })
}
