//! Giving a case to a worker, and taking it from the one who had it, which is an adverse action.

use almoner_domain::cases::allocation::{AllocateCase, Allocating};
use almoner_domain::cases::case::{Countersign, CountersignaturePurpose, RefuseCountersignature};
use almoner_domain::events::Event;
use almoner_domain::ids::{InstructionId, StaffId};
use almoner_domain::people::grounds::MovingGround;
use almoner_domain::refusal::Refusal;

use crate::cases::allocation::{NewAllocation, check_worker, end_allocation, insert, resume};
use crate::cases::case::set_version;
use crate::cases::countersignatures::{Asking, Countersignature, ask};
use crate::cases::deciding::{agree, disagree};
use crate::cases::matter::{Matter, Move};
use crate::cases::{self, Case};
use crate::ground::error::StoreError;
use crate::ground::scope::PracticeScope;

/// The ground on which a worker has lost a case, and the council's instruction where it is one.
pub(crate) type Moved = (MovingGround, Option<InstructionId>);

/// Asks to allocate a case to a worker. If another worker loses it, the ground decides whether that takes effect at once, and
/// whether a second person decides or reviews it. Returns the ground on which a worker has lost the case, and the council's instruction
/// where it is one, on which the caller acts.
pub(crate) fn allocate(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    how: &AllocateCase,
) -> Result<Option<Moved>, StoreError> {
    case.state.allocate()?;
    let allocating = how.read(worker_of(case), scope.today())?;
    check_worker(scope, case.service_user.about, allocating.to)?;
    set_version(scope, case)?;
    let purpose = allocating.moved.and_then(|(_, ground)| CountersignaturePurpose::of(ground.effect()));
    let waits = purpose == Some(CountersignaturePurpose::Countersign);
    let ground = allocating.moved.map(|(_, ground)| ground);
    if !waits {
        give(
            scope,
            case,
            &NewAllocation { to: allocating.to, by: scope.staff_id(), words: &allocating.words, ground },
        )?;
        scope.record(Event::CaseAllocated { case: case.key(), worker: allocating.to })?;
    }
    if let (Some(purpose), Some((from, ground))) = (purpose, allocating.moved) {
        ask_second_person(scope, case, &allocating, purpose, from, ground)?;
    }
    let instruction = allocating.instruction;
    Ok(ground.filter(|_| !waits).map(|ground| (ground, instruction)))
}

fn ask_second_person(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    allocating: &Allocating,
    purpose: CountersignaturePurpose,
    from: StaffId,
    ground: MovingGround,
) -> Result<(), StoreError> {
    let key = case.service_user.key(scope)?;
    let asking = Asking {
        purpose,
        ground: ground.ground(),
        matter: &Matter::Moving(Move { case: case.id, from, to: allocating.to }),
        about: case.service_user.about,
        key: &key,
        words: &allocating.words,
        // Whoever is given the case is concerned, and has not worked on it yet.
        kept_out: vec![allocating.to],
    };
    let countersignature = ask(scope, &asking)?;
    scope.record(Event::CaseMoveAsked { case: case.key(), countersignature })
}

fn worker_of(case: &Case) -> Option<StaffId> {
    case.allocated_to.as_ref().map(|worker| worker.id)
}

/// Gives a case to a worker: the one who had it has it no longer.
fn give(scope: &mut PracticeScope<'_>, case: &Case, to: &NewAllocation<'_>) -> Result<(), StoreError> {
    end_allocation(scope, case.id)?;
    let key = case.service_user.key(scope)?;
    insert(scope, case.key(), &key, to)
}

/// Records that the signatory agrees to take the case from its worker. Where that had waited, the other worker has the case.
pub(crate) fn approve(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    Move { case, from, to }: Move,
    answer: &Countersign,
) -> Result<(), StoreError> {
    agree(scope, asked, answer)?;
    if asked.purpose == CountersignaturePurpose::Review {
        return Ok(());
    }
    let case = cases::find(scope, case)?;
    case.state.allocate()?;
    if worker_of(&case) != Some(from) {
        return Err(Refusal::Overtaken("the case has been taken from that worker").into());
    }
    if !may_have(scope, &case, to)? {
        return Err(Refusal::Overtaken("the worker who was to have the case cannot have it any more").into());
    }
    let ground = MovingGround::parse(asked.ground.as_str()).map_err(StoreError::unreadable)?;
    set_version(scope, &case)?;
    let by = asked.asked_by.id;
    give(scope, &case, &NewAllocation { to, by, words: &asked.reason, ground: Some(ground) })?;
    scope.record(Event::CaseAllocatedOnDecision { case: case.key(), worker: to })
}

/// Records that the signatory does not agree to take the case from its worker. The worker keeps it, or has it again, unless
/// they cannot have it any more or it has gone to somebody else since.
pub(crate) fn refuse(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    Move { case, from, to }: Move,
    answer: &RefuseCountersignature,
) -> Result<(), StoreError> {
    disagree(scope, asked, answer)?;
    let case = cases::find(scope, case)?;
    if asked.purpose == CountersignaturePurpose::Countersign {
        return scope.record(Event::CaseMoveRefused { case: case.key() });
    }
    if worker_of(&case) != Some(to) || !may_have(scope, &case, from)? {
        return Ok(());
    }
    set_version(scope, &case)?;
    end_allocation(scope, case.id)?;
    resume(scope, case.id, from, asked.asked_at)?;
    scope.record(Event::CaseAllocatedOnDecision { case: case.key(), worker: from })
}

fn may_have(scope: &mut PracticeScope<'_>, case: &Case, worker: StaffId) -> Result<bool, StoreError> {
    match check_worker(scope, case.service_user.about, worker) {
        Ok(()) => Ok(true),
        Err(StoreError::ValidationFailed(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
