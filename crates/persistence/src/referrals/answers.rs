//! The practice's answers: it accepts a referral, or declines it.

use almoner_domain::cases::case::Priority;
use almoner_domain::contracts::authority::Authority;
use almoner_domain::contracts::function::Function;
use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ServiceUserId, StaffId};
use almoner_domain::people::access_restriction::RestrictionTerms;
use almoner_domain::people::evidence::{Evidence, evidence_for, with_evidence};
use almoner_domain::people::from_referrals::{FromReferral, RecordDifference};
use almoner_domain::people::grounds::{AdverseAction, RestrictionGround};
use almoner_domain::people::mismatch::{Mismatch, MismatchReason, fault_of_a_reason_for_a_new_record};
use almoner_domain::referrals::answer::person_meant;
use almoner_domain::referrals::state::{DeclineReason, ReferralColumns, ReferralKey, ReferralState};
use almoner_domain::referrals::undoing::RecordEffect;
use almoner_domain::words::text::{self, Passage};
use chrono::{Months, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::inbox::{Referral, find, sealed_field};
use super::other_work::tell_of_other_work;
use super::recognition::{Recognised, hold_with_referrals, recognise};
use super::restriction::ReferralRestriction;
use super::settling::from_referral;
use crate::cases::{self, Allocate, OpenCase, Opening};
use crate::contracts;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{council_requests, referrals};
use crate::ground::scope::PracticeScope;
use crate::people::about::{AboutPerson, about};
use crate::people::access_restrictions;
use crate::people::facts::Provenance;
use crate::people::search;
use crate::people::service_users::{self, Rewritten, ServiceUser};
use crate::staff::roles::colleagues;
use crate::tenancy::capacity::release_capacity;

/// The time after which a restriction that a referral brought is reviewed.
const REVIEWED_AFTER: Months = Months::new(6);

/// The acceptance of a referral.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "priority": "routine",
    "allocate": { "staff_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "reason": "Has room, and works in the district." },
}))]
pub struct AcceptReferral {
    /// The known person whom the referral means. Left out, a new record is opened.
    #[serde(default)]
    pub service_user_id: Option<ServiceUserId>,
    /// The reason for which the referral means this person although their record differs in name, date of birth or identifier.
    /// It is required where that is so, and kept with the differences.
    #[serde(default, deserialize_with = "text::optional")]
    pub mismatch_reason: Option<MismatchReason>,
    /// The priority of the case. Left out, it follows from the urgency of the referral.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// The allocation of the case to a worker. Left out, nobody works on it yet.
    #[serde(default)]
    pub allocate: Option<Allocate>,
}

/// The decision to decline a referral.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "no_capacity" }))]
pub struct DeclineReferral {
    /// The reason for declining.
    pub reason: DeclineReason,
    /// More, for the practice's own record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Passage<1000>>,
    /// The evidence, for the practice's own record. The reasons `not_delegated`, `outside_area` and `withdrawn` require it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

impl DeclineReferral {
    /// Reads what is kept with the decision, as of `today`: the note, and the evidence below it.
    fn words(&self, today: NaiveDate) -> Result<Option<String>, Vec<Fault>> {
        let mut faults = Vec::new();
        let effect = AdverseAction::DecliningReferral.effect(self.reason.ground());
        let evidence = evidence_for(effect, self.evidence.as_ref(), today, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(match &self.note {
            Some(note) => Some(with_evidence(note.as_str(), evidence.as_ref())),
            None => evidence.map(|evidence| evidence.to_string()),
        })
    }
}

/// What the answer to an acceptance shows beside the referral.
#[derive(Default)]
pub struct Accepted {
    /// The person's other cases at the practice that are not closed.
    pub(super) other_open_cases: Vec<OpenCase>,
    /// What the referral says of the person and the record does not.
    pub(super) differences: Vec<RecordDifference>,
}

/// Accepts a referral: finds or opens the person's record, opens the case and allocates it to a worker, in one transaction.
pub fn accept(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
    how: &AcceptReferral,
) -> Result<Accepted, StoreError> {
    let (by, at, case_id) = (scope.staff_id(), scope.at(), scope.next_id());
    let state = referral.state.accept(by, at, case_id)?;
    let function = referral.message.function;
    let council_id = match referral.message.responsible().code {
        Some(code) => contracts::responsible_council(scope, code, referral.council.id)?,
        None => Some(referral.council.id),
    };
    // An enquiry that was instructed is never left undone because the council where the adult is does not use the service.
    let council_id = council_id.or((function == Function::SafeguardingEnquiry).then_some(referral.council.id));
    let in_force = match council_id {
        Some(council) => contracts::live_delegation(scope, council, function)?,
        None => None,
    };
    let authority = Authority::of(function, council_id, in_force)?;
    let birth_contradicts = search::born_otherwise(scope, &referral.details())?;
    let reason = how.mismatch_reason.as_ref();
    let meant = person_meant(how.service_user_id, referral.service_user_id, referral.access_restricted)?;
    let known = meant.map(|id| recognise(scope, referral, id, reason)).transpose()?;
    // A known record is locked before its referrals, as by whoever restricts it; nobody waits for one that is new.
    hold(scope, referral)?;
    let recognised = match known {
        Some(known) => known,
        None => open_record(scope, referral, reason)?,
    };
    let Recognised { person, effect, mismatch, said } = recognised;
    let person = match &referral.restriction {
        Some(restriction) if !person.flags.restricted => close_the_record(scope, restriction, &person)?,
        _ => person,
    };
    let priority = how.priority.unwrap_or(referral.message.urgency.priority());
    let about = person.about();
    let opening = Opening { case_id, person: about, authority, referral_id: Some(referral.id), function, priority };
    let case = cases::open(scope, &opening)?;
    if let Some(to) = &how.allocate {
        cases::allocate_first(scope, case, &person, to).map_err(|error| below("/allocate", error))?;
    }
    let mut answer = Answer::new(state);
    answer.about = Some(about);
    answer.birth_contradicts = birth_contradicts;
    answer.record_effect = Some(effect);
    if let Some(mismatch) = &mismatch {
        let sealed_field = sealed_field(scope, "mismatch", referral.id);
        answer.mismatch = Some(scope.key(sealed_field.owner, referral.key_id)?.seal(sealed_field, mismatch)?);
        answer.record_differs_in = mismatch.differences.iter().map(|one| one.field.as_str()).collect();
    }
    save(scope, referral, &answer)?;
    tell_of_differences(scope, referral, person.id, mismatch.as_ref())?;
    let other_open_cases = tell_of_other_work(scope, referral, person.id, case_id)?;
    Ok(Accepted { other_open_cases, differences: said.map_or_else(Vec::new, |said| said.differences) })
}

/// Locks a referral before what names it is written or removed, so that of two who answer it or undo its answer at once the second
/// finds another version, and neither waits for the other.
pub(super) fn hold(scope: &mut PracticeScope<'_>, referral: &Referral) -> Result<(), StoreError> {
    let version: i32 = referrals::table
        .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq(referral.id)))
        .select(referrals::version)
        .for_no_key_update()
        .first(scope.conn)?;
    if version == referral.version { Ok(()) } else { Err(StoreError::VersionMismatch(version)) }
}

/// Opens the record of a person who is not known, with all that the message says of them. A reason for a mismatch has nothing
/// to explain.
fn open_record(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
    reason: Option<&MismatchReason>,
) -> Result<Recognised, StoreError> {
    StoreError::unless_faulty(reason.map(|_| fault_of_a_reason_for_a_new_record()).into_iter().collect())?;
    let details = referral.details();
    let said = from_referral(referral, &details, &[]);
    let from_referrals: Vec<FromReferral> = said.iter().cloned().collect();
    let provenance = Provenance { referral: Some(referral.id), from: referral.message.requested_on };
    let new = Rewritten { details: &details, from_referrals: &from_referrals, provenance };
    let person = service_users::create_for_referral(scope, &new)?;
    Ok(Recognised { person, effect: RecordEffect::Opened, mismatch: None, said })
}

/// Tells the council that its referral was accepted onto a record that differs from it. The log keeps the reason.
fn tell_of_differences(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
    person: ServiceUserId,
    mismatch: Option<&Mismatch>,
) -> Result<(), StoreError> {
    let Some(mismatch) = mismatch.filter(|mismatch| !mismatch.differences.is_empty()) else { return Ok(()) };
    let (council, request) = (referral.council.id, referral.council_request_id);
    let event = Event::ReferralRecordDiffers { referral: referral.id, person: Some(person), council, request };
    scope.record_because(event, &mismatch.words())
}

/// Restricts the record of a person whose referral is restricted to those who may see the referral and still work here, whatever
/// they are called by now, and returns the person. Any manager among them can name others. The referral was restricted before,
/// so nobody loses what they saw, and no second person is asked.
fn close_the_record(
    scope: &mut PracticeScope<'_>,
    restriction: &ReferralRestriction,
    person: &ServiceUser,
) -> Result<ServiceUser, StoreError> {
    let practice = scope.practice_id();
    let closed_to = access_restrictions::staff_without_access(scope, practice, person.id)?;
    let open_to: Vec<StaffId> = restriction.staff.iter().map(|worker| worker.id).collect();
    let staff: Vec<StaffId> =
        colleagues(scope, practice, &open_to)?.into_iter().filter(|member| !closed_to.contains(member)).collect();
    let terms = RestrictionTerms {
        ground: RestrictionGround::OTHER,
        words: restriction.reason.clone(),
        staff,
        review_on: scope.today().checked_add_months(REVIEWED_AFTER).unwrap_or(NaiveDate::MAX),
        set_by: scope.staff_id(),
    };
    let held = hold_with_referrals(scope, person.id)?;
    access_restrictions::check_terms(scope, &held, &terms)?;
    access_restrictions::write_terms(scope, &held, &terms)?;
    access_restrictions::close_to_others(scope, &held, &terms)?;
    service_users::find(scope, person.id)
}

fn below(parent: &str, error: StoreError) -> StoreError {
    match error {
        StoreError::ValidationFailed(faults) => StoreError::ValidationFailed(
            faults.into_iter().map(|fault| Fault::new(format!("{parent}{}", fault.pointer), fault.detail)).collect(),
        ),
        other => other,
    }
}

/// Declines a referral: the council may send it to another practice.
pub fn decline(scope: &mut PracticeScope<'_>, referral: &Referral, how: &DeclineReferral) -> Result<(), StoreError> {
    let state = referral.state.decline(scope.staff_id(), scope.at(), how.reason)?;
    let words = how.words(scope.today())?;
    let practice = scope.practice_id();
    release_capacity(scope, practice)?;
    let decline_note = match &words {
        Some(words) => {
            let sealed_field = sealed_field(scope, "decline_note", referral.id);
            Some(scope.key(sealed_field.owner, referral.key_id)?.seal(sealed_field, words)?)
        }
        None => None,
    };
    save(scope, referral, &Answer { decline_note, ..Answer::new(state) })
}

/// The practice's answer to a referral.
struct Answer {
    state: ReferralState,
    /// The person whom the referral is about; as it was, where the answer does not say.
    about: Option<AboutPerson>,
    /// The known person who has the NHS number of the message, and was born on another day.
    birth_contradicts: Option<ServiceUserId>,
    decline_note: Option<Vec<u8>>,
    mismatch: Option<Vec<u8>>,
    record_differs_in: Vec<&'static str>,
    record_effect: Option<RecordEffect>,
}

impl Answer {
    const fn new(state: ReferralState) -> Self {
        Self {
            state,
            about: None,
            decline_note: None,
            birth_contradicts: None,
            mismatch: None,
            record_differs_in: Vec::new(),
            record_effect: None,
        }
    }
}

/// Writes the answer into the practice's row and the council's, and records the event that the new state is.
fn save(scope: &mut PracticeScope<'_>, referral: &Referral, answer: &Answer) -> Result<(), StoreError> {
    let kept = ReferralColumns::from(answer.state);
    let about = answer.about.map(|person| about!(referrals, person));
    // From now on the restriction of the record says who sees the referral.
    let opened = answer.about.map(|_| referrals::open_to.eq(None::<Vec<StaffId>>));
    let changed = update(referrals::table)
        .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq(referral.id)))
        .filter(referrals::version.eq(referral.version))
        .set((
            about,
            opened,
            referrals::birth_contradicts.eq(answer.birth_contradicts),
            referrals::status.eq(kept.status),
            referrals::decided_at.eq(kept.decided_at),
            referrals::decided_by.eq(kept.decided_by),
            referrals::decline_reason.eq(kept.decline_reason),
            referrals::decline_note.eq(&answer.decline_note),
            referrals::case_id.eq(kept.case_id),
            referrals::mismatch.eq(&answer.mismatch),
            referrals::record_effect.eq(answer.record_effect),
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
        .set((
            council_requests::status.eq(kept.status),
            council_requests::decided_at.eq(kept.decided_at),
            council_requests::decline_reason.eq(kept.decline_reason),
            council_requests::record_differs_in.eq(&answer.record_differs_in),
            council_requests::changed_at.eq(scope.at()),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(told, "the council's request")?;
    let key = ReferralKey {
        referral: referral.id,
        person: answer.about.map(|person| person.service_user_id).or(referral.service_user_id),
        council: referral.council.id,
        request: referral.council_request_id,
    };
    answer.state.event(key).map_or(Ok(()), |event| scope.record(event))
}
