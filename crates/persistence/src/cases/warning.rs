//! Writing a warning note, which is an adverse action: on some grounds a second person reviews it, on others they decide first. And what
//! becomes of a note: it ends by a review or by the second person, and by no day.

use almoner_domain::cases::case::{Countersign, CountersignaturePurpose, RefuseCountersignature};
use almoner_domain::events::Event;
use almoner_domain::ids::{CouncilId, ReferralId, ServiceUserId, WarningNoteId};
use almoner_domain::people::grounds::WarningGround;
use almoner_domain::people::warning_note::{Told, WarningNoteStatus, WarningTerms, WriteWarningNote, may_warn};
use almoner_domain::people::warning_review::{ReviewWarningNote, WarningFinding};
use almoner_domain::refusal::Refusal;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::cases::countersignatures::{Asking, Countersignature, ask};
use crate::cases::deciding::{agree, disagree, end_asking};
use crate::cases::matter::Matter;
use crate::ground::error::StoreError;
use crate::ground::schema::allocations;
use crate::ground::scope::PracticeScope;
use crate::people::service_users::{self, ServiceUser};
use crate::people::warning_notes::{self, WarningNote};

/// Writes a warning note about a person. Returns it as it stands: in force, or waiting for a second person.
pub fn warn(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    how: &WriteWarningNote,
) -> Result<WarningNote, StoreError> {
    warning_notes::hold(scope, person)?;
    let terms = how.read(scope.today())?;
    let known = service_users::find(scope, person)?;
    check_may_warn(scope, person, Some(terms.ground))?;
    let id = write(scope, &known, &terms, None)?;
    warning_notes::find(scope, person, id)
}

/// Writes a note for somebody who may warn, as they found it out or a referral said it, and puts it before a second person.
pub(crate) fn write(
    scope: &mut PracticeScope<'_>,
    person: &ServiceUser,
    terms: &WarningTerms,
    referral: Option<(ReferralId, CouncilId)>,
) -> Result<WarningNoteId, StoreError> {
    let id = warning_notes::insert(scope, person, terms, referral)?;
    let Some(purpose) = CountersignaturePurpose::of(terms.ground.effect()) else { return Ok(id) };
    let practice = scope.practice_id();
    let key = person.key(scope, practice.uuid())?;
    let asking = Asking {
        purpose,
        ground: terms.ground.ground(),
        matter: &Matter::Warning(id, terms.clone()),
        about: person.about(),
        key: &key,
        words: &terms.evidence,
        kept_out: Vec::new(),
    };
    ask(scope, &asking)?;
    Ok(id)
}

/// Whether the caller may write a warning note on this ground, keep one in force, or else end one.
pub(crate) fn check_may_warn(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    ground: Option<WarningGround>,
) -> Result<(), StoreError> {
    let own = allocations::table
        .filter(allocations::practice_id.eq(scope.practice_id()).and(allocations::service_user_id.eq(person)))
        .filter(allocations::staff_id.eq(scope.staff_id()).and(allocations::ends_at.is_null()));
    let works_with_person: bool = diesel::select(exists(own)).get_result(scope.conn)?;
    Ok(may_warn(&scope.member().roles, works_with_person, ground)?)
}

/// Reviews a note in force: it stays, with another day of review, or ends.
pub fn review_warning_note(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    known: &WarningNote,
    how: &ReviewWarningNote,
) -> Result<(), StoreError> {
    StoreError::unless_faulty(how.fault(scope.today()).into_iter().collect())?;
    let stays = how.finding == WarningFinding::Stays;
    check_may_warn(scope, person, stays.then_some(known.ground))?;
    warning_notes::hold(scope, person)?;
    let own_waits = known.decision_waits && known.written_by.id == scope.staff_id();
    let mut kept = known.kept.clone();
    let status = kept.review((known.status, own_waits), how, scope.staff_id(), scope.at())?;
    warning_notes::save(scope, person, known, &kept, status)?;
    let warning_note = known.id;
    scope.record(if status == WarningNoteStatus::InForce {
        Event::WarningNoteReviewed { warning_note, person }
    } else {
        Event::WarningNoteEnded { warning_note, person }
    })
}

/// Records whether the person was told of a note, or why not.
pub fn record_telling(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    known: &WarningNote,
    told: &Told,
) -> Result<(), StoreError> {
    StoreError::unless_faulty(told.fault("", scope.today()).into_iter().collect())?;
    check_may_warn(scope, person, None)?;
    if known.status == WarningNoteStatus::EnteredInError {
        let state = known.status.as_str();
        return Err(Refusal::InvalidState { thing: "warning note", state, step: "told of" }.into());
    }
    let mut kept = known.kept.clone();
    kept.tell(told.clone(), scope.staff_id(), scope.at())?;
    if kept == known.kept {
        return Ok(());
    }
    warning_notes::hold(scope, person)?;
    warning_notes::save(scope, person, known, &kept, known.status)?;
    scope.record(Event::WarningNoteTold { warning_note: known.id, person })
}

/// Records that the signatory agrees to a note. Where it had waited, it is in force now.
pub(crate) fn approve(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    note: WarningNoteId,
    answer: &Countersign,
) -> Result<(), StoreError> {
    let (person, known) = held(scope, asked, note)?;
    agree(scope, asked, answer)?;
    if asked.purpose == CountersignaturePurpose::Review {
        return Ok(known.status.upheld()?);
    }
    let status = known.status.countersigned()?;
    warning_notes::save(scope, person, &known, &known.kept, status)?;
    scope.record(Event::WarningNoteApproved { warning_note: note, person })
}

/// Records that the signatory does not agree to a note. It is not put in force, or is in force no longer; what a review has ended since
/// stays ended.
pub(crate) fn refuse(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    note: WarningNoteId,
    answer: &RefuseCountersignature,
) -> Result<(), StoreError> {
    let (person, known) = held(scope, asked, note)?;
    disagree(scope, asked, answer)?;
    let status = known.status.refused();
    if status == known.status {
        return Ok(());
    }
    warning_notes::save(scope, person, &known, &known.kept, status)?;
    scope.record(Event::WarningNoteRefused { warning_note: note, person })
}

/// Takes a note back that waits for a countersigner from outside.
pub(super) fn take_back(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    note: WarningNoteId,
) -> Result<(), StoreError> {
    let (person, known) = held(scope, asked, note)?;
    end_asking(scope, asked)?;
    known.status.unless(WarningNoteStatus::Waiting, "taken back")?;
    warning_notes::save(scope, person, &known, &known.kept, WarningNoteStatus::TakenBack)?;
    scope.record(Event::WarningNoteTakenBack { warning_note: note, person })
}

/// Holds the person's row before the request changes, as a restriction does, and finds the note.
fn held(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    note: WarningNoteId,
) -> Result<(ServiceUserId, WarningNote), StoreError> {
    let person = asked.service_user.id;
    warning_notes::hold(scope, person)?;
    Ok((person, warning_notes::find(scope, person, note)?))
}
