//! What a council confirms from outside: of the actions that took effect at once on evidence a tenth, and all that took effect
//! on the council's own instruction.
//!
//! Every such action leaves the same row, and nothing about it differs for those that are sampled: which they are is worked out
//! when the council asks, with its own key.

use std::collections::BTreeMap;

use almoner_domain::cases::sampling::{Month, sampled};
use almoner_domain::events::Event;
use almoner_domain::ids::{CaseId, ConfirmationId, CouncilId, CouncilRequestId, PracticeId};
use almoner_domain::people::grounds::{AdverseAction, Effect, Ground};
use almoner_domain::referrals::message::Function;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::Case;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{confirmations, practices};
use crate::ground::scope::{CouncilScope, PracticeScope};
use crate::tenancy::practices::PracticeName;

/// An action that took effect at once, which the council confirms with the person.
#[derive(Clone, Serialize, ToSchema)]
pub struct Confirmation {
    /// The identifier of the entry.
    pub id: ConfirmationId,
    /// The practice that took the action.
    pub practice: PracticeName,
    /// The action: a case was closed, or taken from its worker.
    pub action: AdverseAction,
    /// The ground of the action.
    pub ground: Ground,
    /// The identifier of the case at the practice.
    pub case_id: CaseId,
    /// The council's referral that led to the case; left out for a case that was opened without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<CouncilRequestId>,
    /// The function under which the work is done.
    pub function: Function,
    /// The day on which the action took effect.
    pub done_on: NaiveDate,
}

/// Keeps an action that took effect at once, for the council that is responsible. `request` is the council's request that led
/// to the case, and the council that sent it.
pub(super) fn keep(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    action: AdverseAction,
    ground: Ground,
    request: Option<(CouncilId, CouncilRequestId)>,
) -> Result<(), StoreError> {
    let id: ConfirmationId = scope.next_id();
    let council = case.council.id;
    // Another council may have sent the person than the one that is responsible, which does not know that request.
    let request = request.filter(|(sender, _)| *sender == council).map(|(_, request)| request);
    diesel::insert_into(confirmations::table)
        .values((
            confirmations::council_id.eq(council),
            confirmations::confirmation_id.eq(id),
            confirmations::practice_id.eq(scope.practice_id()),
            confirmations::action.eq(action),
            confirmations::ground.eq(ground),
            confirmations::case_id.eq(case.id),
            confirmations::council_request_id.eq(request),
            confirmations::function.eq(case.function),
            confirmations::done_on.eq(scope.today()),
        ))
        .execute(scope.conn)?;
    Ok(())
}

type Row = (ConfirmationId, PracticeName, AdverseAction, Ground, CaseId, Option<CouncilRequestId>, Function, NaiveDate);

/// Lists what the council confirms of a month that is over, in the order in which it was done.
pub fn list(
    scope: &mut CouncilScope<'_>,
    month: Month,
    paging: &Paging,
) -> Result<OnRecord<Page<Confirmation>>, StoreError> {
    let council = scope.council_id();
    let mut chosen = chosen(scope, month)?;
    chosen.sort_unstable_by_key(|one| one.id);
    let after = ConfirmationId::from(paging.after_id()?.unwrap_or(Uuid::nil()));
    let most = usize::try_from(paging.fetch()).unwrap_or(usize::MAX);
    let from_here = chosen.into_iter().filter(|one| one.id > after).take(most).collect();
    let page = paging.page(from_here, |one: &Confirmation| one.id.uuid());
    scope.list_read(page, Event::ConfirmationsListed { council })
}

/// Draws the sample of each practice's month, by lots under the council's key, and adds all that the council instructed.
fn chosen(scope: &mut CouncilScope<'_>, month: Month) -> Result<Vec<Confirmation>, StoreError> {
    let council = scope.council_id();
    let rows: Vec<Row> = confirmations::table
        .inner_join(practices::table)
        .filter(confirmations::council_id.eq(council))
        .filter(confirmations::done_on.ge(month.first()).and(confirmations::done_on.lt(month.next())))
        .select((
            confirmations::confirmation_id,
            PracticeName::as_select(),
            confirmations::action,
            confirmations::ground,
            confirmations::case_id,
            confirmations::council_request_id,
            confirmations::function,
            confirmations::done_on,
        ))
        .load(scope.conn)?;
    let key = scope.root_key(council.uuid())?;
    let mut instructed = Vec::new();
    let mut lots: BTreeMap<PracticeId, Vec<(Vec<u8>, Confirmation)>> = BTreeMap::new();
    for (id, practice, action, ground, case_id, referral_id, function, done_on) in rows {
        let of = practice.id;
        let done = Confirmation { id, practice, action, ground, case_id, referral_id, function, done_on };
        if action.effect(ground) == Some(Effect::AtOnceForTheCouncil) {
            instructed.push(done);
            continue;
        }
        let lot = key.hash("sample of confirmations", format!("{of}|{month}|{id}").as_bytes());
        lots.entry(of).or_default().push((lot, done));
    }
    Ok(lots.into_values().flat_map(sampled).chain(instructed).collect())
}
