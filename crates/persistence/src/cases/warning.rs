//! Writing a warning note, which is an adverse action: on some grounds a second person reviews it, on others they decide first. And what
//! becomes of a note: it is reviewed, and ends by nothing else.

use almoner_domain::cases::case::{Countersign, CountersignaturePurpose, RefuseCountersignature};
use almoner_domain::events::Event;
use almoner_domain::ids::{ReferralId, ServiceUserId, WarningNoteId};
use almoner_domain::people::grounds::WarningGround;
use almoner_domain::people::warning_note::{Told, WarningNoteStatus, WarningTerms, WriteWarningNote, may_warn};
use almoner_domain::people::warning_review::ReviewWarningNote;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::cases::countersignatures::{Asking, Countersignature, ask};
use crate::cases::deciding::{agree, disagree};
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
    let id = write(scope, &known, &terms, None)?;
    warning_notes::find(scope, person, id)
}

/// Writes a note, as somebody at the practice found it out or a referral said it, and puts it before a second person.
pub(crate) fn write(
    scope: &mut PracticeScope<'_>,
    person: &ServiceUser,
    terms: &WarningTerms,
    referral: Option<ReferralId>,
) -> Result<WarningNoteId, StoreError> {
    check_may_warn(scope, person.id, Some(terms.ground))?;
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

/// Whether the caller may write a warning note on this ground, or review one.
fn check_may_warn(
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
    check_may_warn(scope, person, None)?;
    warning_notes::hold(scope, person)?;
    let mut kept = known.kept.clone();
    let status = kept.review(known.status, how, scope.staff_id(), scope.at())?;
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
    agree(scope, asked, answer)?;
    if asked.purpose == CountersignaturePurpose::Review {
        return Ok(());
    }
    let person = asked.service_user.id;
    become_of(scope, person, note, WarningNoteStatus::InForce)?;
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
    disagree(scope, asked, answer)?;
    let person = asked.service_user.id;
    if become_of(scope, person, note, WarningNoteStatus::Refused)? {
        scope.record(Event::WarningNoteRefused { warning_note: note, person })?;
    }
    Ok(())
}

/// Takes a note back that waits for a countersigner from outside.
pub(super) fn take_back(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    note: WarningNoteId,
) -> Result<(), StoreError> {
    become_of(scope, person, note, WarningNoteStatus::TakenBack)?;
    scope.record(Event::WarningNoteTakenBack { warning_note: note, person })
}

/// Writes what a decision makes of a note that waits or is in force. Returns whether it was one.
fn become_of(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    note: WarningNoteId,
    status: WarningNoteStatus,
) -> Result<bool, StoreError> {
    warning_notes::hold(scope, person)?;
    let known = warning_notes::find(scope, person, note)?;
    if !matches!(known.status, WarningNoteStatus::Waiting | WarningNoteStatus::InForce) {
        return Ok(false);
    }
    warning_notes::save(scope, person, &known, &known.kept, status)?;
    Ok(true)
}
