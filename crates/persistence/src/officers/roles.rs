//! The roles of officers, as the database keeps them, and what the council has by them: an administrator, and somebody who reads
//! complaints.

use almoner_domain::ids::{CouncilId, OfficerId};
use almoner_domain::officers::appointment;
use almoner_domain::officers::roles::OfficerRole;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::{accounts, officers};
use crate::ground::scope::{CouncilScope, Scope};
use crate::officers::CouncilOfficer;
use crate::tenancy::councils;

/// The roles as they are stored.
pub(crate) fn parse_roles(roles: &[String]) -> Result<Vec<OfficerRole>, StoreError> {
    roles.iter().map(|role| OfficerRole::parse(role).map_err(StoreError::unreadable)).collect()
}

/// The words of roles.
pub(super) fn words(roles: &[OfficerRole]) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}

/// The condition that an officer is at the council at a moment: their access has not ended. They need not have joined.
macro_rules! not_gone {
    ($at:expr) => {
        $crate::ground::schema::officers::access_ends_at
            .is_null()
            .or($crate::ground::schema::officers::access_ends_at.gt($at))
    };
}
pub(crate) use not_gone;

/// The condition that what the roles of an officer say works at a moment: they have joined and are not gone, and their account
/// does not wait to be confirmed.
macro_rules! present {
    ($at:expr) => {
        $crate::officers::roles::not_gone!($at)
            .and($crate::ground::schema::officers::account_id.is_not_null())
            .and($crate::ground::schema::officers::unconfirmed_at.is_null())
    };
}
pub(crate) use present;

/// The condition that a role in complaints works for an officer at a moment.
macro_rules! works_on_complaints {
    ($at:expr) => {
        $crate::officers::roles::present!($at)
            .and($crate::ground::schema::officers::roles.overlaps_with($crate::officers::roles::of_complaints()))
    };
}
pub(crate) use works_on_complaints;

/// Whether officers of these roles answer for the council: they are the responsible person, or stand in for them. They sign responses without
/// being authorised.
pub(crate) fn answers_for_the_council(roles: &[OfficerRole]) -> bool {
    roles.iter().any(|role| matches!(role, OfficerRole::ResponsiblePerson | OfficerRole::Alternate))
}

/// The words of the roles in complaints.
pub(crate) fn of_complaints() -> Vec<&'static str> {
    words(&OfficerRole::OF_COMPLAINTS)
}

/// Counts the administrators of a council for whom the role works, except this officer.
pub(crate) fn administrators(
    scope: &mut Scope<'_>,
    council: CouncilId,
    besides: Option<OfficerId>,
) -> Result<usize, StoreError> {
    let counted: Vec<OfficerId> = officers::table
        .filter(officers::council_id.eq(council).and(present!(scope.at())))
        .filter(officers::roles.contains(words(&[OfficerRole::Administrator])))
        .select(officers::officer_id)
        .load(scope.conn)?;
    Ok(counted.into_iter().filter(|id| Some(*id) != besides).count())
}

/// Refuses a change that would leave the council without an administrator, given the roles that this officer has afterwards. An
/// administrator who is leaving does not count. Whoever counts holds the council's row: two who let each other go count one after
/// the other.
pub(super) fn keep_an_administrator(
    scope: &mut CouncilScope<'_>,
    known: &CouncilOfficer,
    after: &[OfficerRole],
) -> Result<(), StoreError> {
    let council = scope.council_id();
    councils::hold(scope, council)?;
    let others: Vec<OfficerId> = officers::table
        .filter(officers::council_id.eq(council).and(present!(scope.at())))
        .filter(officers::access_ends_at.is_null().and(officers::officer_id.ne(known.id)))
        .filter(officers::roles.contains(words(&[OfficerRole::Administrator])))
        .select(officers::officer_id)
        .load(scope.conn)?;
    Ok(appointment::keep_an_administrator(&known.working_roles(), after, others.len())?)
}

/// The names of everybody who has a role in complaints at a council, or had one when they left.
pub(crate) fn at_the_desk(scope: &mut Scope<'_>, council: CouncilId) -> Result<Vec<(OfficerId, String)>, StoreError> {
    Ok(officers::table
        .filter(officers::council_id.eq(council))
        .filter(officers::roles.overlaps_with(of_complaints()))
        .select((officers::officer_id, officers::name))
        .load(scope.conn)?)
}

/// The officers of a council who are there, for whom a role in complaints works, and whose account is not disabled. The scope has the identity
/// role.
pub(crate) fn at_work_on_complaints(scope: &mut Scope<'_>, council: CouncilId) -> Result<Vec<OfficerId>, StoreError> {
    let can_come_in = accounts::table
        .filter(accounts::account_id.nullable().eq(officers::account_id).and(accounts::disabled_at.is_null()))
        .select(accounts::account_id);
    Ok(officers::table
        .filter(officers::council_id.eq(council).and(works_on_complaints!(scope.at())).and(exists(can_come_in)))
        .select(officers::officer_id)
        .load(scope.conn)?)
}

/// Writes at the council whether a complaint can be offered to one of its officers, which is so while a role in complaints works for one
/// who stays.
pub(crate) fn note_readers(scope: &mut Scope<'_>, council: CouncilId) -> Result<(), StoreError> {
    let reader = officers::table
        .filter(officers::council_id.eq(council).and(works_on_complaints!(scope.at())))
        .filter(officers::access_ends_at.is_null())
        .select(officers::officer_id);
    let is_read: bool = diesel::select(exists(reader)).get_result(scope.conn)?;
    councils::set_complaints_read(scope, council, is_read)
}
