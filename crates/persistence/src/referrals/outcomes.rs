//! The end of a case that a referral led to, of which the referring council is told, and the decisions of second persons, which
//! may end one.

use almoner_domain::cases::allocation::AllocateCase;
use almoner_domain::cases::case::{Closure, Countersign, RefuseCountersignature};
use almoner_domain::events::Event;
use almoner_domain::ids::{CouncilId, CouncilRequestId, InstructionId, ReferralId};
use almoner_domain::people::grounds::{AdverseAction, Effect, Ground};
use almoner_domain::referrals::instructing::InstructionKind;
use diesel::prelude::*;

use crate::cases::closing::{self, Ended};
use crate::cases::countersignatures::Countersignature;
use crate::cases::matter::Matter;
use crate::cases::{Case, moving, restricting, warning};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{council_requests, referrals};
use crate::ground::scope::PracticeScope;
use crate::referrals::{confirmations, hold_with_referrals, instructions};

/// Asks to close a case. The ground decides whether the case closes at once, or a second person decides.
pub fn close(scope: &mut PracticeScope<'_>, case: &Case, request: &Closure) -> Result<(), StoreError> {
    match closing::close(scope, case, request)? {
        Some(ended) => {
            keep_for_council(scope, case, (AdverseAction::Closing, request.ground.ground()), None)?;
            tell_council(scope, ended)
        }
        None => Ok(()),
    }
}

/// Asks to allocate a case to a worker. If another worker loses it, the ground decides whether that takes effect at once, and
/// whether a second person decides or reviews it.
pub fn allocate(scope: &mut PracticeScope<'_>, case: &Case, how: &AllocateCase) -> Result<(), StoreError> {
    let Some((ground, instruction)) = moving::allocate(scope, case, how)? else { return Ok(()) };
    if let Some(instruction) = instruction {
        instructions::follow(scope, case, InstructionKind::MoveWorkerOff, instruction)?;
    }
    keep_for_council(scope, case, (AdverseAction::MovingWorkerOff, ground.ground()), instruction)
}

/// Keeps for the council what it confirms of the actions that took effect at once.
fn keep_for_council(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    (action, ground): (AdverseAction, Ground),
    instruction: Option<InstructionId>,
) -> Result<(), StoreError> {
    if !action.effect(ground).is_some_and(Effect::is_confirmed) {
        return Ok(());
    }
    let request = case.referral_id.map(|referral| request_behind(scope, referral)).transpose()?;
    confirmations::keep(scope, case, (action, ground), request, instruction)
}

/// Records that the signatory agrees: what waited for them takes effect.
pub fn approve(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    answer: &Countersign,
) -> Result<(), StoreError> {
    match &asked.matter {
        Matter::Closing(case, _) => {
            let ended = closing::approve(scope, asked, *case, answer)?;
            tell_council(scope, ended)
        }
        Matter::Moving(moved) => moving::approve(scope, asked, *moved, answer),
        Matter::Restricting { terms, .. } => {
            let held = hold_with_referrals(scope, asked.service_user.id)?;
            restricting::approve(scope, asked, &held, terms, answer)
        }
        Matter::Warning(note, _) => warning::approve(scope, asked, *note, answer),
    }
}

/// Records that the signatory does not agree: what waited for them does not happen, and what had taken effect is undone.
pub fn refuse(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    answer: &RefuseCountersignature,
) -> Result<(), StoreError> {
    match &asked.matter {
        Matter::Closing(case, _) => closing::refuse(scope, asked, *case, answer),
        Matter::Moving(moved) => moving::refuse(scope, asked, *moved, answer),
        Matter::Restricting { before, .. } => {
            let held = hold_with_referrals(scope, asked.service_user.id)?;
            restricting::refuse(scope, asked, &held, before.as_ref(), answer)
        }
        Matter::Warning(note, _) => warning::refuse(scope, asked, *note, answer),
    }
}

/// Writes the outcome of a case that has ended into the request of the council that referred the person.
fn tell_council(scope: &mut PracticeScope<'_>, ended: Ended) -> Result<(), StoreError> {
    let Some(referral) = ended.referral else { return Ok(()) };
    let (council, request) = request_behind(scope, referral)?;
    let told = update(council_requests::table)
        .filter(council_requests::council_id.eq(council).and(council_requests::council_request_id.eq(request)))
        .set((
            council_requests::outcome.eq(Some(ended.outcome)),
            council_requests::closed_on.eq(Some(scope.today())),
            council_requests::changed_at.eq(scope.at()),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(told, "the council's request")?;
    scope.record(Event::ReferralClosed { request, council })
}

/// Finds the council's request from which a referral was made.
fn request_behind(scope: &mut PracticeScope<'_>, id: ReferralId) -> Result<(CouncilId, CouncilRequestId), StoreError> {
    Ok(referrals::table
        .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq(id)))
        .select((referrals::council_id, referrals::council_request_id))
        .first(scope.conn)?)
}
