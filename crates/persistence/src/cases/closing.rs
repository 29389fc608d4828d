//! Closing a case: asking for it, and what follows from a second person's decision.

use almoner_domain::cases::asking::{Asker, Standing};
use almoner_domain::cases::case::{Closure, Countersign, CountersignaturePurpose, RefuseCountersignature};
use almoner_domain::events::Event;
use almoner_domain::ids::{CaseId, ReferralId};
use almoner_domain::words::codes::EventOutcome;

use crate::cases::allocation::{end_allocation, spend_agreement};
use crate::cases::countersignatures::{Asking, Countersignature, ask};
use crate::cases::deciding::{agree, disagree};
use crate::cases::matter::Matter;
use crate::cases::{self, Case};
use crate::ground::error::StoreError;
use crate::ground::scope::PracticeScope;
use crate::tenancy::capacity::release_capacity;

/// What the referring council has to learn of: the case has ended with this outcome.
#[must_use = "the council is told by `referrals::outcomes`"]
pub(crate) struct Ended {
    pub(crate) referral: Option<ReferralId>,
    pub(crate) outcome: EventOutcome,
}

/// Asks to close a case, as its worker or a manager. The ground decides whether the case closes at once, or a second person
/// decides.
pub(crate) fn close(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    request: &Closure,
) -> Result<Option<Ended>, StoreError> {
    // A case that is closed already says so to everybody: nobody works on it any more.
    let state = case.state.close(request, scope.at())?;
    let caller = Asker {
        id: scope.staff_id(),
        roles: &scope.member().roles,
        worker: case.allocated_to.as_ref().map(|worker| worker.id),
        agreed_ground: case.closing_agreed_ground,
    };
    let standing = caller.may_close(request.ground)?;
    // Who agreed to the request is not drawn to decide on it.
    let agreed_by = case.closing_agreed_by.filter(|_| standing == Standing::Agreed);
    if agreed_by.is_some() {
        spend_agreement(scope, case)?;
    }
    cases::save_state(scope, case, state)?;
    if state.is_closed() {
        let ended = end(scope, case, request.outcome)?;
        scope.record(Event::CaseClosed { case: case.key() })?;
        // The evidence for the event is kept as a note of the case, which is part of the person's own record.
        cases::notes::write_closing(scope, case, &request.in_words())?;
        return Ok(Some(ended));
    }
    let key = case.service_user.key(scope)?;
    let asking = Asking {
        purpose: CountersignaturePurpose::Countersign,
        ground: request.ground.ground(),
        matter: &Matter::Closing(case.id, request.outcome),
        about: case.service_user.about,
        key: &key,
        words: &request.in_words(),
        kept_out: agreed_by.into_iter().collect(),
    };
    let countersignature = ask(scope, &asking)?;
    scope.record(Event::CaseCloseAsked { case: case.key(), countersignature })?;
    Ok(None)
}

/// Ends the allocation of a case that is closed, and releases its capacity.
fn end(scope: &mut PracticeScope<'_>, case: &Case, outcome: EventOutcome) -> Result<Ended, StoreError> {
    end_allocation(scope, case.id)?;
    let practice = scope.practice_id();
    release_capacity(scope, practice)?;
    Ok(Ended { referral: case.referral_id, outcome })
}

/// Records that the signatory agrees to close the case: it is closed.
pub(crate) fn approve(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    case: CaseId,
    answer: &Countersign,
) -> Result<Ended, StoreError> {
    agree(scope, asked, answer)?;
    let case = cases::find(scope, case)?;
    let state = case.state.approve(scope.at())?;
    let outcome = state.final_outcome().ok_or(StoreError::NotFound)?;
    cases::save_state(scope, &case, state)?;
    let ended = end(scope, &case, outcome)?;
    scope.record(Event::CaseClosedOnApproval { case: case.key() })?;
    Ok(ended)
}

/// Records that the signatory does not agree to close the case: it stays open.
pub(crate) fn refuse(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    case: CaseId,
    answer: &RefuseCountersignature,
) -> Result<(), StoreError> {
    disagree(scope, asked, answer)?;
    let case = cases::find(scope, case)?;
    let state = case.state.refuse()?;
    cases::save_state(scope, &case, state)?;
    scope.record(Event::CaseClosingRefused { case: case.key() })
}
