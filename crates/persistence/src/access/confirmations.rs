//! Confirming memberships: a second person says that an account is its member's, and that heavy roles are as they should be.
//! At a new practice the operator and an owner do so together, each at their own door.

use std::collections::{BTreeMap, BTreeSet};

use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{AccountId, PracticeId, StaffId};
use almoner_domain::staff::confirmation::{ConfirmedBy, refuse_to_confirm};
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::accounts;
use crate::ground::scope::{OperatorScope, PracticeScope, Scope};
use crate::ground::transaction::setting;
use crate::staff::{self, Member, roster};
use crate::tenancy::suspensions::record_in_both_logs;

/// Confirms what of a membership waits, or notes the caller's part as the owner of a new practice.
pub fn confirm(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), StoreError> {
    let (practice, by) = (scope.practice_id(), scope.staff_id());
    let (roster, waiting) = roster::load(scope, practice, known.id)?;
    let waiting = waiting.ok_or_else(|| refuse_to_confirm(known.joined))?;
    let confirmed_by = roster.confirm(&waiting.awaited, by)?;
    if confirmed_by == ConfirmedBy::OperatorAndOwner {
        let Some(operator) = waiting.operator_confirmed_by else {
            let noted = staff::note_owners_part(scope, known)?;
            staff::unless_changed_since(scope, known, noted)?;
            return scope.record(Event::StaffConfirmedByOwner { member: known.id });
        };
        let lineage = scope.as_identity(|scope| lineage(scope, operator))?;
        roster.operator_confirms(&waiting.awaited, &lineage, Some(by))?;
    }
    let confirmed = staff::confirm(scope, practice, known.id, known.version)?;
    staff::unless_changed_since(scope, known, confirmed)?;
    scope.record(Event::StaffConfirmed { member: known.id })
}

/// Confirms a membership of a new practice for the operator. It works once an owner has confirmed it too; the owner's own first
/// roles work at once.
pub fn confirm_for_operator(
    scope: &mut OperatorScope<'_>,
    practice: PracticeId,
    known: &Member,
) -> Result<(), StoreError> {
    let (roster, waiting) = roster::load(scope, practice, known.id)?;
    let waiting = waiting.ok_or_else(|| refuse_to_confirm(known.joined))?;
    let operator = scope.account();
    let lineage = scope.as_identity(|scope| lineage(scope, operator))?;
    let owner = roster.owners_part(&waiting.awaited, waiting.owner_confirmed_by);
    roster.operator_confirms(&waiting.awaited, &lineage, owner)?;
    let noted = staff::note_operators_part(scope, practice, known)?;
    unless_changed_since(scope, practice, known, noted)?;
    record_in_both_logs(scope, practice, Event::StaffConfirmedByOperator { member: known.id })?;
    if owner.is_none() {
        return Ok(());
    }
    // What is the practice's is written as the practice.
    scope.become_role("almoner_practice", &[setting("app.practice", practice.uuid())])?;
    let confirmed = staff::confirm(scope, practice, known.id, known.version + 1)?;
    scope.record_in(LogOwner::Practice(practice), Event::StaffConfirmed { member: known.id })?;
    scope.become_role("almoner_operator", &["SET LOCAL app.practice = ''".to_owned()])?;
    unless_changed_since(scope, practice, known, confirmed)
}

fn unless_changed_since(
    scope: &mut OperatorScope<'_>,
    practice: PracticeId,
    known: &Member,
    changed: usize,
) -> Result<(), StoreError> {
    let current =
        |scope: &mut OperatorScope<'_>, id: StaffId| Ok::<_, StoreError>(staff::find(scope, practice, id)?.version);
    if changed == 1 { Ok(()) } else { Err(StoreError::VersionMismatch(current(scope, known.id)?)) }
}

/// The operators by whose hands an operator's account went, and the operator. At the console there is none.
pub(crate) fn lineage(scope: &mut Scope<'_>, operator: AccountId) -> Result<BTreeSet<AccountId>, StoreError> {
    let operators: BTreeMap<AccountId, Vec<AccountId>> = accounts::table
        .filter(accounts::operator)
        .select((accounts::account_id, accounts::invited_by))
        .load::<(AccountId, Vec<AccountId>)>(scope.conn)?
        .into_iter()
        .collect();
    let mut lineage = BTreeSet::new();
    let mut next = vec![operator];
    while let Some(account) = next.pop() {
        if account != roster::console() && lineage.insert(account) {
            next.extend(operators.get(&account).into_iter().flatten());
        }
    }
    Ok(lineage)
}
