//! Undoing an answer that was given by mistake: the referral is received again, and what the acceptance made is removed.

use almoner_domain::events::{Event, Task};
use almoner_domain::ids::{CaseId, ReferralId, ServiceUserId, StaffId};
use almoner_domain::people::from_referrals::FromReferral;
use almoner_domain::referrals::deadlines::leaves_at;
use almoner_domain::referrals::state::{ReferralColumns, ReferralState, ReferralStatus};
use almoner_domain::referrals::undoing::{RecordEffect, Undoer, UndoneAnswer, expect_still_declined};
use almoner_domain::refusal::Refusal;
use almoner_domain::staff::roles::Role;
use diesel::prelude::*;

use super::answers::hold;
use super::inbox::{Referral, find};
use super::intake::readers;
use super::recognition::{is_meant, rewrite};
use crate::cases;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{council_requests, referrals};
use crate::ground::scope::PracticeScope;
use crate::people::about::AboutPerson;
use crate::people::facts::Provenance;
use crate::people::service_users::{self, Rewritten};
use crate::tenancy::capacity::reserve_capacity;
use crate::tenancy::teams::everybody;

/// Undoes the practice's answer to a referral.
pub fn undo(scope: &mut PracticeScope<'_>, referral: &Referral) -> Result<(), StoreError> {
    let who = Undoer { staff: scope.staff_id(), is_manager: scope.member().roles.contains(&Role::Manager) };
    let (id, council, request) = (referral.id, referral.council.id, referral.council_request_id);
    // A record that the acceptance opened is removed, and nothing may name it any more.
    let person = referral.service_user_id.filter(|_| referral.record_effect != Some(RecordEffect::Opened));
    match referral.state.undo(who, scope.at())? {
        UndoneAnswer::Acceptance { by, case } => {
            hold(scope, referral)?;
            undo_acceptance(scope, referral, case, by)?;
            let readers = readers_again(scope, referral)?;
            scope.record(Event::ReferralAcceptanceUndone { referral: id, person, council, request, readers })?;
        }
        UndoneAnswer::Decline => {
            // The practice's own answers lock in this order too: capacity, referral, council's request.
            let practice = scope.practice_id();
            reserve_capacity(scope, practice)?;
            receive_again(scope, referral, About::AsBefore)?;
            let readers = readers_again(scope, referral)?;
            scope.record(Event::ReferralDeclineUndone { referral: id, person, council, request, readers })?;
        }
    }
    // The jobs that watch over a referral may have been done while there was an answer.
    let looked_at_by = referral.human_contact_due_at;
    let leaves = leaves_at(referral.response_due_on, looked_at_by);
    let watched = [
        Some((Task::ExpireReferral { referral: id }, leaves)),
        looked_at_by.map(|due_at| (Task::ReportOverdueReferral { referral: id }, due_at)),
    ];
    let (practice, now) = (scope.practice_id(), scope.at());
    for (task, due_at) in watched.into_iter().flatten().filter(|(_, due_at)| *due_at <= now) {
        scope.schedule(practice, task, due_at);
    }
    Ok(())
}

/// The members of staff who are told that a referral waits again, but for the one who undid its answer.
fn readers_again(scope: &mut PracticeScope<'_>, referral: &Referral) -> Result<Vec<StaffId>, StoreError> {
    let (practice, own) = (scope.practice_id(), scope.staff_id());
    let mut told = match &referral.open_to {
        Some(open_to) => open_to.clone(),
        None => readers(scope, practice, referral.message.urgency, referral.access_restricted)?,
    };
    told.retain(|reader| *reader != own);
    Ok(told)
}

/// Removes what an acceptance made: the case, and the record or the council's identifier on it. The capacity that the case
/// reserved is the referral's again.
fn undo_acceptance(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
    case: CaseId,
    by: StaffId,
) -> Result<(), StoreError> {
    let case = cases::find(scope, case)?;
    let mut person = service_users::find(scope, case.service_user.id)?;
    let opened = referral.record_effect == Some(RecordEffect::Opened);
    if referral.was_restricted || opened && person.access_restricted {
        return Err(Refusal::StandsUnder("the restriction of the record").into());
    }
    if opened && person.was_changed() {
        return Err(Refusal::StandsUnder("a change of the record that it opened").into());
    }
    let said = person.from_referrals.iter().find(|said| said.referral_id == referral.id);
    if said.is_some_and(FromReferral::was_looked_at) {
        return Err(Refusal::StandsUnder("a decision on what the referral says").into());
    }
    let is_said = said.is_some();
    let identifier_added = referral.record_effect == Some(RecordEffect::IdentifierAdded);
    if !opened && (identifier_added || is_said) {
        let theirs = referral.council_person_id();
        let mut details = person.details.clone();
        details.council_person_ids.retain(|one| !identifier_added || *one != theirs);
        let mut from_referrals = person.from_referrals.clone();
        from_referrals.retain(|said| said.referral_id != referral.id);
        let provenance = Provenance { referral: None, from: scope.today() };
        rewrite(scope, &person, &Rewritten { details: &details, from_referrals: &from_referrals, provenance })?;
        person = service_users::find(scope, person.id)?;
    }
    // As on arrival: a referral that means an access-restricted person is access-restricted with them.
    let still_meant = !opened && person.access_restricted && is_meant(scope, referral, &person.details)?;
    receive_again(scope, referral, if still_meant { About::Person(person.about()) } else { About::Nobody })?;
    cases::remove(scope, &case, by)?;
    if opened { service_users::remove(scope, &person) } else { Ok(()) }
}

/// Whom a referral is known to be about once it waits again.
#[derive(Clone, Copy)]
enum About {
    /// Whoever it was before.
    AsBefore,
    /// Nobody who is known.
    Nobody,
    /// This person.
    Person(AboutPerson),
}

/// Writes into the practice's row and the council's that the referral waits again.
fn receive_again(scope: &mut PracticeScope<'_>, referral: &Referral, about: About) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let kept = ReferralColumns::from(ReferralState::Received);
    let person = match about {
        About::Person(person) => Some(person),
        About::AsBefore | About::Nobody => None,
    };
    let known = (!matches!(about, About::AsBefore)).then(|| {
        (
            referrals::service_user_id.eq(person.map(|person| person.service_user_id)),
            referrals::access_restricted.eq(person.is_some_and(|person| person.access_restricted)),
            referrals::team_id.eq(person.map_or(everybody(practice), |person| person.team_id)),
        )
    });
    let changed = update(referrals::table)
        .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(referral.id)))
        .filter(referrals::version.eq(referral.version))
        .set((
            known,
            referrals::status.eq(kept.status),
            referrals::decided_at.eq(kept.decided_at),
            referrals::decided_by.eq(kept.decided_by),
            referrals::decline_reason.eq(kept.decline_reason),
            referrals::decline_note.eq(None::<Vec<u8>>),
            referrals::case_id.eq(kept.case_id),
            referrals::birth_contradicts.eq(None::<ServiceUserId>),
            referrals::mismatch.eq(None::<Vec<u8>>),
            referrals::record_effect.eq(None::<RecordEffect>),
            referrals::changed_at.eq(scope.at()),
            referrals::version.eq(referral.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, referral.id)?.version));
    }
    let told = update(council_requests::table)
        .filter(council_requests::council_id.eq(referral.council.id))
        .filter(council_requests::council_request_id.eq(referral.council_request_id))
        .filter(council_requests::referral_id.eq(referral.id).and(council_requests::status.eq(referral.status)))
        .set((
            council_requests::status.eq(kept.status),
            council_requests::decided_at.eq(kept.decided_at),
            council_requests::decline_reason.eq(kept.decline_reason),
            council_requests::record_differs_in.eq(Vec::<String>::new()),
            council_requests::changed_at.eq(scope.at()),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    if told == 1 { Ok(()) } else { refuse_what_went_on(scope, referral) }
}

/// Refuses to undo an answer after which the council went on with its request.
fn refuse_what_went_on(scope: &mut PracticeScope<'_>, referral: &Referral) -> Result<(), StoreError> {
    let found: Option<(ReferralStatus, Option<ReferralId>)> = council_requests::table
        .filter(council_requests::practice_id.eq(scope.practice_id()))
        .filter(council_requests::council_id.eq(referral.council.id))
        .filter(council_requests::council_request_id.eq(referral.council_request_id))
        .select((council_requests::status, council_requests::referral_id))
        .first(scope.conn)
        .optional()?;
    let is_here = found.is_some_and(|(_, routing)| routing == Some(referral.id));
    expect_still_declined(found.map(|(status, _)| status), is_here)?;
    Err(StoreError::InProgress)
}
