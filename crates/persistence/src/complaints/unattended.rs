//! The open complaints that nobody has and nobody is asked to open. There should be none: they are looked for every hour, in all that are
//! open, whatever the job says that watches each of them.

use std::collections::{HashMap, HashSet};

use almoner_domain::events::Task;
use almoner_domain::ids::{ComplaintId, CouncilId, OfficerId};
use diesel::prelude::*;

use super::watching::present;
use crate::ground::error::StoreError;
use crate::ground::schema::{
    complaint_assignments, complaint_documents, complaint_messages, complaint_offers, complaint_requests, complaints,
    councils,
};
use crate::ground::scope::WorkerScope;

/// Lists the councils, each of which has complaints of its own.
pub fn councils(scope: &mut WorkerScope<'_>) -> Result<Vec<CouncilId>, StoreError> {
    scope.as_identity(|scope| {
        Ok(councils::table.order(councils::council_id).select(councils::council_id).load(scope.conn)?)
    })
}

/// Has the worker look now at each open complaint of a council that only officers have who are gone, or that is offered to one who is gone or
/// may not open it. Officers leave, lose a role, wait to be confirmed and have their account disabled in many places, none of which knows whether they
/// have a complaint.
pub fn pass_on_what_the_gone_have(scope: &mut WorkerScope<'_>, council: CouncilId) -> Result<(), StoreError> {
    let at = scope.at();
    for (complaint, held) in all(scope, council)? {
        if held.is_offered_in_vain || (held.is_anybodys && !held.is_attended && !held.is_there) {
            scope.schedule(council, Task::OfferComplaint { complaint }, at);
        }
    }
    Ok(())
}

/// Counts the open complaints of a council that no officer has who is there and to whom nothing of it is closed, and that are offered to no
/// such officer.
pub fn count(scope: &mut WorkerScope<'_>, council: CouncilId) -> Result<usize, StoreError> {
    Ok(all(scope, council)?.values().filter(|held| !held.is_attended).count())
}

/// Who has an open complaint, or is asked to open it.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is found from another row")]
struct Held {
    /// Whether it is assigned or offered to any officer, there or not.
    is_anybodys: bool,
    /// Whether it is assigned to an officer who is there.
    is_there: bool,
    /// Whether it is offered to an officer who is not there.
    is_offered_in_vain: bool,
    /// Whether it is assigned or offered to an officer who is there, and who is named in nothing that waits.
    is_attended: bool,
}

fn all(scope: &mut WorkerScope<'_>, council: CouncilId) -> Result<HashMap<ComplaintId, Held>, StoreError> {
    let present: HashSet<OfficerId> = present(scope, council)?.into_iter().map(|one| one.officer).collect();
    let open = || {
        complaints::table
            .filter(complaints::council_id.eq(council).and(complaints::closed_at.is_null()))
            .select(complaints::complaint_id)
    };
    let ids: Vec<ComplaintId> = open().load(scope.conn)?;
    let messages = complaint_messages::table
        .filter(complaint_messages::council_id.eq(council).and(complaint_messages::complaint_id.eq_any(open())))
        .filter(complaint_messages::passed_on_at.is_null())
        .select((complaint_messages::complaint_id, complaint_messages::names));
    let requests = complaint_requests::table
        .filter(complaint_requests::council_id.eq(council).and(complaint_requests::complaint_id.eq_any(open())))
        .filter(complaint_requests::decided_at.is_null())
        .select((complaint_requests::complaint_id, complaint_requests::names));
    let documents = complaint_documents::table
        .filter(complaint_documents::council_id.eq(council).and(complaint_documents::complaint_id.eq_any(open())))
        .filter(complaint_documents::passed_on_at.is_null())
        .select((complaint_documents::complaint_id, complaint_documents::names));
    let named: Vec<(ComplaintId, Vec<OfficerId>)> =
        messages.union_all(requests).union_all(documents).load(scope.conn)?;
    let named: HashSet<(ComplaintId, OfficerId)> =
        named.into_iter().flat_map(|(id, names)| names.into_iter().map(move |officer| (id, officer))).collect();
    let assigned: Vec<(ComplaintId, OfficerId)> = complaint_assignments::table
        .filter(complaint_assignments::council_id.eq(council).and(complaint_assignments::complaint_id.eq_any(open())))
        .filter(complaint_assignments::ended_at.is_null().and(complaint_assignments::officer_id.is_not_null()))
        .select((complaint_assignments::complaint_id, complaint_assignments::officer_id.assume_not_null()))
        .load(scope.conn)?;
    let offered: Vec<(ComplaintId, OfficerId)> = complaint_offers::table
        .filter(complaint_offers::council_id.eq(council).and(complaint_offers::complaint_id.eq_any(open())))
        .filter(complaint_offers::ended_at.is_null())
        .select((complaint_offers::complaint_id, complaint_offers::officer_id))
        .load(scope.conn)?;
    let mut all: HashMap<ComplaintId, Held> = ids.into_iter().map(|id| (id, Held::default())).collect();
    let assigned = assigned.into_iter().map(|(id, officer)| (id, officer, true));
    for (id, officer, is_assigned) in assigned.chain(offered.into_iter().map(|(id, officer)| (id, officer, false))) {
        let held = all.entry(id).or_default();
        let is_present = present.contains(&officer);
        held.is_anybodys = true;
        held.is_there |= is_assigned && is_present;
        held.is_offered_in_vain |= !is_assigned && !is_present;
        held.is_attended |= is_present && !named.contains(&(id, officer));
    }
    Ok(all)
}
