//! Appointing officers of councils: inviting them, replacing their lost credentials, and confirming them. Of a council that has
//! fewer than two confirmed officers, two operators confirm.

use std::collections::BTreeSet;

use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{AccountId, CouncilId};
use almoner_domain::officers::appointment::invite_first_officers;
use almoner_domain::officers::confirmation::{OperatorsPart, refuse_to_confirm};
use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::confirmations::lineage;
use crate::access::invitations;
use crate::ground::callers::Seat;
use crate::ground::error::StoreError;
use crate::ground::idempotency::Made;
use crate::ground::schema::officers as rows;
use crate::ground::scope::{CouncilScope, OperatorScope, Scope};
use crate::ground::transaction::setting;
use crate::officers::{self, CouncilOfficer, NewOfficer, leaving, roster, unless_changed_since};
use crate::tenancy::councils;

/// Invites one of the first officers of a council, as an operator. Once the council has a confirmed administrator, only its
/// officers do, so that an operator cannot let themselves in.
pub fn invite_first(scope: &mut OperatorScope<'_>, council: CouncilId, new: &NewOfficer) -> Result<Made, StoreError> {
    councils::find(scope, council)?;
    let by = scope.account();
    invite_first_officers(officers::administrators(scope, council, None)?)?;
    let id = officers::enter(scope, council, new, by)?;
    let token = invitations::invite(scope, Seat::Officer(council, id), new.email.as_str(), new.name.as_str(), by)?;
    record_in_both_logs(scope, council, Event::OfficerInvited { officer: id })?;
    Ok(Made { id: id.uuid(), secret: Some(token) })
}

/// Invites an officer of the caller's council.
pub fn invite(scope: &mut CouncilScope<'_>, new: &NewOfficer) -> Result<Made, StoreError> {
    let (council, (_, by)) = (scope.council_id(), scope.officer()?);
    let id = officers::enter(scope, council, new, by)?;
    let token = invitations::invite(scope, Seat::Officer(council, id), new.email.as_str(), new.name.as_str(), by)?;
    scope.record(Event::OfficerInvited { officer: id })?;
    Ok(Made { id: id.uuid(), secret: Some(token) })
}

/// Invites an officer who has not joined yet once more. The earlier link stops working.
pub fn invite_again(scope: &mut CouncilScope<'_>, known: &CouncilOfficer) -> Result<Made, StoreError> {
    known.state().invite_again()?;
    let (_, by) = scope.officer()?;
    let (email, name) = (known.email.as_str(), known.details.name.as_str());
    let token = invitations::invite(scope, Seat::Officer(known.council_id, known.id), email, name, by)?;
    scope.record(Event::OfficerInvited { officer: known.id })?;
    Ok(Made { id: known.id.uuid(), secret: Some(token) })
}

/// Draws the link with which an officer resets a lost password and second factor. Somebody else has to confirm the account
/// afterwards.
pub fn reset_credentials(scope: &mut CouncilScope<'_>, known: &CouncilOfficer) -> Result<Made, StoreError> {
    known.state().replace_credentials()?;
    let (council, (_, by)) = (scope.council_id(), scope.officer()?);
    let account = rows::table.find((council, known.id)).select(rows::account_id.assume_not_null()).first(scope.conn)?;
    let (email, name) = (known.email.as_str(), known.details.name.as_str());
    let token = invitations::reset_credentials(scope, Seat::Officer(council, known.id), account, email, name, by)?;
    scope.record(Event::OfficerCredentialResetOffered { officer: known.id })?;
    Ok(Made { id: known.id.uuid(), secret: Some(token) })
}

/// Confirms what of an officer waits, as another officer.
pub fn confirm(scope: &mut CouncilScope<'_>, known: &CouncilOfficer) -> Result<(), StoreError> {
    let (council, (own, _)) = (scope.council_id(), scope.officer()?);
    // Two who confirm at once, or one who leaves meanwhile, are counted one after the other.
    councils::hold(scope, council)?;
    let (roster, waiting) = roster::load(scope, council, known.id)?;
    let waiting = waiting.ok_or_else(|| refuse_to_confirm(known.joined))?;
    roster.confirm(&waiting.awaited, own)?;
    let confirmed = officers::confirm(scope, council, known)?;
    unless_changed_since(scope, known, confirmed)?;
    scope.record(Event::OfficerConfirmed { officer: known.id })
}

/// Confirms what of an officer waits, as one of two operators. It works once the second has confirmed it.
pub fn confirm_for_operator(
    scope: &mut OperatorScope<'_>,
    council: CouncilId,
    known: &CouncilOfficer,
) -> Result<(), StoreError> {
    councils::hold(scope, council)?;
    let (roster, waiting) = roster::load(scope, council, known.id)?;
    let waiting = waiting.ok_or_else(|| refuse_to_confirm(known.joined))?;
    let operator = scope.account();
    let (own, first) = scope.as_identity(|scope| {
        let first = waiting.operator_confirmed_by.map(|first| hands_of(scope, first)).transpose()?;
        Ok((hands_of(scope, operator)?, first))
    })?;
    match roster.operator_confirms(&waiting.awaited, &own, first.as_ref())? {
        OperatorsPart::First => {
            let noted = officers::note_operators_part(scope, council, known)?;
            unless_changed_since(scope, known, noted)?;
            record_in_both_logs(scope, council, Event::OfficerConfirmedByOperator { officer: known.id })
        }
        OperatorsPart::Second => {
            scope.execute(&[setting("app.council", council.uuid())])?;
            let confirmed = officers::confirm(scope, council, known)?;
            unless_changed_since(scope, known, confirmed)?;
            record_in_both_logs(scope, council, Event::OfficerConfirmed { officer: known.id })
        }
    }
}

/// The operators by whom an operator came, and the operator. The console, whose account is nil, is a hand of its own.
fn hands_of(scope: &mut Scope<'_>, operator: AccountId) -> Result<BTreeSet<AccountId>, StoreError> {
    let mut hands = lineage(scope, operator)?;
    hands.insert(operator);
    Ok(hands)
}

/// Says that an officer leaves: with the end of this day, or now. Whoever is gone has no link any more.
pub fn plan_leaving(
    scope: &mut CouncilScope<'_>,
    known: &CouncilOfficer,
    last_day: Option<NaiveDate>,
) -> Result<(), StoreError> {
    leaving::plan(scope, known, last_day)?;
    if last_day.is_none() {
        invitations::end_those_of(scope, Seat::Officer(known.council_id, known.id))
    } else {
        Ok(())
    }
}

/// Records what the operator did to a council's officers in the platform's log and in that council's own.
fn record_in_both_logs(scope: &mut OperatorScope<'_>, council: CouncilId, event: Event) -> Result<(), StoreError> {
    scope.record(event.clone())?;
    scope.execute(&[setting("app.council", council.uuid())])?;
    scope.record_in(LogOwner::Council(council), event)?;
    scope.execute(&["SET LOCAL app.council = ''".to_owned()])
}
