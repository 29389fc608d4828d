//! The end of a request for a second person's decision: the signatory agrees or does not, or whoever asked takes it back.

use almoner_domain::cases::case::{Countersign, RefuseCountersignature};
use almoner_domain::cases::signatories::CountersignatureState;
use almoner_domain::events::Event;
use almoner_domain::ids::StaffId;
use diesel::prelude::*;

use crate::cases::countersignatures::{Countersignature, find, sealed_field};
use crate::cases::matter::{Matter, Move};
use crate::cases::{self, outside, warning};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::countersignatures;
use crate::ground::scope::PracticeScope;

/// Records that the caller, who was drawn, agrees.
pub(super) fn agree(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    answer: &Countersign,
) -> Result<(), StoreError> {
    answer.check()?;
    let by = signatory(scope, asked)?;
    let approved = asked.state.approve(by, scope.at())?;
    decide(scope, asked, approved, Some(answer.evidence.as_str()))
}

/// Records that the caller, who was drawn, does not agree.
pub(super) fn disagree(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    answer: &RefuseCountersignature,
) -> Result<(), StoreError> {
    let by = signatory(scope, asked)?;
    let refused = asked.state.refuse(by, scope.at())?;
    decide(scope, asked, refused, Some(answer.reason.as_str()))
}

/// The caller, if they are the signatory. Who asked may look at the request, and no more: to them there is
/// nothing here to be decided.
fn signatory(scope: &mut PracticeScope<'_>, asked: &Countersignature) -> Result<StaffId, StoreError> {
    let caller = scope.staff_id();
    if asked.state.signatory() != Some(caller) {
        return Err(StoreError::NotFound);
    }
    Ok(caller)
}

/// Takes a request of the caller's back, which nobody is left to decide. What waited for it does not happen; what has taken
/// effect stands, so a review is not taken back.
pub fn take_back(scope: &mut PracticeScope<'_>, asked: &Countersignature) -> Result<(), StoreError> {
    // To everybody else, and to a signatory too, there is nothing here to be taken back.
    if asked.asked_by.id != scope.staff_id() {
        return Err(StoreError::NotFound);
    }
    match &asked.matter {
        Matter::Closing(case, _) => {
            end_asking(scope, asked)?;
            let case = cases::find(scope, *case)?;
            let state = case.state.take_back()?;
            cases::save_state(scope, &case, state)?;
            scope.record(Event::CaseClosingTakenBack { case: case.key() })
        }
        Matter::Moving(Move { case, .. }) => {
            end_asking(scope, asked)?;
            let case = cases::find(scope, *case)?.key();
            scope.record(Event::CaseMoveTakenBack { case })
        }
        Matter::Restricting { .. } => end_asking(scope, asked),
        Matter::Warning(note, _) => warning::take_back(scope, asked, *note),
    }
}

/// Ends a request that whoever asked takes back.
pub(super) fn end_asking(scope: &mut PracticeScope<'_>, asked: &Countersignature) -> Result<(), StoreError> {
    let taken_back = asked.state.take_back(asked.purpose, scope.at())?;
    decide(scope, asked, taken_back, None)?;
    outside::end_waiting(scope, asked.id)
}

/// Writes the state in which a request ends, with the second person's answer if they gave one.
fn decide(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    decided: CountersignatureState,
    answer: Option<&str>,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let key = asked.service_user.key(scope)?;
    let sealed = answer.map(|answer| key.seal(sealed_field(practice, "answer", asked.id), answer)).transpose()?;
    let changed = update(countersignatures::table)
        .filter(countersignatures::practice_id.eq(practice).and(countersignatures::countersignature_id.eq(asked.id)))
        .filter(countersignatures::version.eq(asked.version))
        .set((
            countersignatures::status.eq(decided.status()),
            countersignatures::decided_at.eq(decided.decided_at()),
            countersignatures::answer.eq(sealed),
            countersignatures::version.eq(asked.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, asked.id)?.version));
    }
    decided.event(asked.id, asked.service_user.id).map_or(Ok(()), |event| scope.record(event))
}
