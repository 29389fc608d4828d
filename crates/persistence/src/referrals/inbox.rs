//! A practice's inbox: referrals from councils, and the practice's answers.

use almoner_domain::events::{Event, ReferralOf};
use almoner_domain::ids::{CaseId, CouncilRequestId, KeyId, ReferralId, ServiceUserId, StaffId};
use almoner_domain::people::council_person_id::CouncilPersonId;
use almoner_domain::people::from_referrals::RecordDifference;
use almoner_domain::people::language::LanguageNeeds;
use almoner_domain::people::likeness::Likeness;
use almoner_domain::people::mismatch::Mismatch;
use almoner_domain::people::service_user::ServiceUserDetails;
use almoner_domain::referrals::deadlines::answered_by;
use almoner_domain::referrals::message::{Function, ReferralMessage, SafeContact, Urgency, VisitWarning};
use almoner_domain::referrals::responsible::ResponsibleCouncil;
use almoner_domain::referrals::state::{DeclineReason, ReferralColumns, ReferralState, ReferralStatus};
use almoner_domain::referrals::undoing::RecordEffect;
use almoner_domain::referrals::warnings::{ReferralWarning, known_person_born_otherwise, warning_of_a_known_person};
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::answers::Accepted;
use super::other_work::other_open_cases;
use super::restriction::{ReferralRestriction, restriction_of};
use crate::cases::OpenCase;
use crate::ground::error::StoreError;
use crate::ground::keys::WrappedKeys;
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{councils, referrals, service_users as people, staff};
use crate::ground::scope::{PracticeScope, Scope};
use crate::ground::sealing::SealedField;
use crate::people::search::{self, LikelyMatch};
use crate::people::service_users;
use crate::staff::names::Worker;
use crate::tenancy::councils::CouncilName;

/// A referral, as the practice sees it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Referral {
    /// What must be known before anybody visits, contacts or talks about the person; left out if the message has nothing of
    /// the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub know_first: Option<KnowFirst>,
    /// The identifier of the referral.
    pub id: ReferralId,
    /// The council that sent the referral.
    pub council: CouncilName,
    /// The status of the referral.
    pub status: ReferralStatus,
    /// The council that is responsible for what the referral asks.
    pub responsible_council: ResponsibleCouncil,
    /// To whom the referral is open, if it is restricted and was not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restriction: Option<ReferralRestriction>,
    /// What is doubtful about the message or cannot be obeyed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub warnings: Vec<ReferralWarning>,
    /// When the referral arrived at the practice.
    pub received_at: DateTime<Utc>,
    /// When the referral last changed.
    pub changed_at: DateTime<Utc>,
    /// The day by which the practice answers the referral.
    pub response_due_on: NaiveDate,
    /// The time by which a human sees a referral that is urgent or immediate, or about somebody who goes home from hospital.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub human_contact_due_at: Option<DateTime<Utc>>,
    /// When the referral was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// The member of staff who decided the referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Worker>,
    /// The reason why the referral was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decline_reason: Option<DeclineReason>,
    /// A note on the decision to decline, and the evidence where there is some, for the practice's own record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<almoner_domain::words::text::Passage<10000>>)]
    pub decline_note: Option<String>,
    /// The person's record, once the referral is matched to one or opens one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<ServiceUserId>,
    /// The case that the referral opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// The reason for which the referral was accepted onto a record that differs from it, and the differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mismatch: Option<Mismatch>,
    /// The message that the council sent.
    pub message: ReferralMessage,
    /// The version of the referral, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    pub(super) state: ReferralState,
    #[serde(skip)]
    pub(super) council_request_id: CouncilRequestId,
    #[serde(skip)]
    pub(super) access_restricted: bool,
    /// The members of staff to whom a restricted referral is open, until it is accepted.
    #[serde(skip)]
    pub(super) open_to: Option<Vec<StaffId>>,
    /// Whether the council or the practice restricted the referral: the record is then restricted when it is accepted.
    #[serde(skip)]
    pub(super) was_restricted: bool,
    #[serde(skip)]
    pub(super) record_effect: Option<RecordEffect>,
    #[serde(skip)]
    pub(super) key_id: KeyId,
}

/// What must be known before anybody visits a person, contacts them or talks about them.
#[derive(Clone, Serialize, ToSchema)]
pub struct KnowFirst {
    /// Whether the referral or the record of the person is restricted: only those to whom it is open may know of it.
    pub restricted: bool,
    /// The warnings to whoever may visit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub visit_warnings: Vec<VisitWarning>,
    /// The instructions for contacting the person safely.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safe_contact: Option<SafeContact>,
    /// The language in which the person is spoken to, and whether an interpreter is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageNeeds>,
    /// The support that the person needs in order to understand and be understood.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub communication_needs: Vec<Line<200>>,
    /// The reasonable adjustments that must be made for the person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub reasonable_adjustments: Vec<Line<200>>,
}

impl KnowFirst {
    fn of(message: &ReferralMessage, closed: bool) -> Option<Self> {
        let person = &message.person;
        let know_first = Self {
            restricted: closed || message.restricted.is_some(),
            visit_warnings: message.visit_warnings.clone(),
            safe_contact: person.safe_contact.clone(),
            language: person.language.clone(),
            communication_needs: person.communication_needs.clone(),
            reasonable_adjustments: person.reasonable_adjustments.clone(),
        };
        let says_something = know_first.restricted
            || !know_first.visit_warnings.is_empty()
            || know_first.safe_contact.is_some()
            || know_first.language.is_some()
            || !know_first.communication_needs.is_empty()
            || !know_first.reasonable_adjustments.is_empty();
        says_something.then_some(know_first)
    }
}

/// A referral with the known people whom it may be about.
#[derive(Clone, Serialize, ToSchema)]
pub struct ReferralWithMatches {
    /// The referral.
    #[serde(flatten)]
    pub referral: Referral,
    /// The known people who may be meant, the likeliest first. Empty once the practice has answered.
    #[schema(max_items = 5)]
    pub likely_matches: Vec<LikelyMatch>,
    /// The person's other cases at this practice that are not closed, the oldest first: in the answer to an acceptance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub other_open_cases: Vec<OpenCase>,
    /// What the referral says of the person and the record does not, field by field: in the answer to an acceptance. It stands
    /// on the person's record too, where it is settled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 60)]
    pub differences: Vec<RecordDifference>,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = referrals)]
pub(super) struct ReferralRow {
    pub(super) referral_id: ReferralId,
    pub(super) council_request_id: CouncilRequestId,
    pub(super) service_user_id: Option<ServiceUserId>,
    pub(super) access_restricted: bool,
    pub(super) open_to: Option<Vec<StaffId>>,
    pub(super) restriction_reason: Option<Vec<u8>>,
    pub(super) status: ReferralStatus,
    pub(super) function: Function,
    pub(super) urgency: Urgency,
    pub(super) key_id: KeyId,
    pub(super) message: Vec<u8>,
    pub(super) received_at: DateTime<Utc>,
    pub(super) changed_at: DateTime<Utc>,
    pub(super) response_due_on: NaiveDate,
    pub(super) human_contact_due_at: Option<DateTime<Utc>>,
    pub(super) inbox_place: i16,
    pub(super) due_at: DateTime<Utc>,
    pub(super) decided_at: Option<DateTime<Utc>>,
    pub(super) decided_by: Option<StaffId>,
    pub(super) decline_reason: Option<DeclineReason>,
    pub(super) decline_note: Option<Vec<u8>>,
    pub(super) case_id: Option<CaseId>,
    pub(super) mismatch: Option<Vec<u8>>,
    pub(super) record_effect: Option<RecordEffect>,
    pub(super) version: i32,
}

/// A referral with its council, who decided on it, the person whom its date of birth contradicts, if the reader may see them,
/// and its keys.
pub(super) type RowShown = (ReferralRow, CouncilName, Option<Worker>, Option<ServiceUserId>, WrappedKeys);

macro_rules! rows {
    ($scope:expr) => {
        referrals::table
            .inner_join(councils::table.on(councils::council_id.eq(referrals::council_id)))
            .left_join(staff::table.on(
                staff::practice_id.eq(referrals::practice_id).and(staff::staff_id.nullable().eq(referrals::decided_by)),
            ))
            .filter(referrals::practice_id.eq($scope.practice_id()))
            .select((
                ReferralRow::as_select(),
                CouncilName::as_select(),
                Option::<Worker>::as_select(),
                people::table
                    .filter(people::practice_id.eq(referrals::practice_id))
                    .filter(people::service_user_id.nullable().eq(referrals::birth_contradicts))
                    .select(people::service_user_id)
                    .single_value(),
                $crate::ground::keys::wrapped_keys!(referrals, $scope.practice_id().uuid()),
            ))
    };
}
pub(super) use rows;

pub(super) fn sealed_field(scope: &PracticeScope<'_>, column: &'static str, id: ReferralId) -> SealedField {
    SealedField { owner: scope.practice_id().uuid(), table: "referrals", column, row: id.uuid() }
}

pub(super) fn open_message(
    scope: &mut PracticeScope<'_>,
    row: &ReferralRow,
    keys: &WrappedKeys,
) -> Result<ReferralMessage, StoreError> {
    let sealed_field = sealed_field(scope, "message", row.referral_id);
    scope.unwrap(sealed_field.owner, row.key_id, keys)?.open(sealed_field, &row.message)
}

impl ReferralRow {
    fn state(&self) -> Result<ReferralState, StoreError> {
        let kept = ReferralColumns {
            status: self.status,
            decided_at: self.decided_at,
            decided_by: self.decided_by,
            decline_reason: self.decline_reason,
            case_id: self.case_id,
        };
        kept.try_into().map_err(StoreError::unreadable)
    }

    /// Opens what is sealed in a column of this row, if there is something.
    pub(super) fn open<T: DeserializeOwned>(
        &self,
        scope: &mut PracticeScope<'_>,
        column: &'static str,
        sealed: Option<&[u8]>,
    ) -> Result<Option<T>, StoreError> {
        let Some(sealed) = sealed else { return Ok(None) };
        let field = sealed_field(scope, column, self.referral_id);
        Ok(Some(scope.key(field.owner, self.key_id)?.open(field, sealed)?))
    }
}

/// Finds one referral.
pub fn find(scope: &mut PracticeScope<'_>, id: ReferralId) -> Result<Referral, StoreError> {
    let (row, council, decided_by, contradicted, keys): RowShown =
        rows!(scope).filter(referrals::referral_id.eq(id)).first(scope.conn)?;
    let message = open_message(scope, &row, &keys)?;
    let decline_note = row.open(scope, "decline_note", row.decline_note.as_deref())?;
    let councils_reason = message.restricted.as_ref().map(|mark| mark.reason.as_str());
    let restriction = restriction_of(scope, &row, councils_reason)?;
    let mut warnings = message.warnings(answered_by(row.response_due_on, row.human_contact_due_at));
    warnings.extend(contradicted.map(|_| known_person_born_otherwise()));
    let mismatch = row.open(scope, "mismatch", row.mismatch.as_deref())?;
    Ok(Referral {
        id: row.referral_id,
        state: row.state()?,
        status: row.status,
        know_first: KnowFirst::of(&message, restriction.is_some() || row.access_restricted),
        restriction,
        responsible_council: message.responsible().shown(&council.gss_code),
        warnings,
        council,
        received_at: row.received_at,
        changed_at: row.changed_at,
        response_due_on: row.response_due_on,
        human_contact_due_at: row.human_contact_due_at,
        decided_at: row.decided_at,
        decided_by,
        decline_reason: row.decline_reason,
        decline_note,
        service_user_id: row.service_user_id,
        case_id: row.case_id,
        mismatch,
        was_restricted: message.restricted.is_some() || row.restriction_reason.is_some(),
        record_effect: row.record_effect,
        message,
        version: row.version,
        council_request_id: row.council_request_id,
        access_restricted: row.access_restricted,
        open_to: row.open_to,
        key_id: row.key_id,
    })
}

/// A referral that the caller has changed in this scope: nobody needs to be matched any more.
pub fn answered(scope: &mut PracticeScope<'_>, id: ReferralId) -> Result<ReferralWithMatches, StoreError> {
    accepted(scope, id, Accepted::default())
}

/// A referral that the caller has accepted in this scope, with what was found in accepting it.
pub fn accepted(
    scope: &mut PracticeScope<'_>,
    id: ReferralId,
    found: Accepted,
) -> Result<ReferralWithMatches, StoreError> {
    let Accepted { other_open_cases, differences } = found;
    let referral = find(scope, id)?;
    Ok(ReferralWithMatches { referral, likely_matches: Vec::new(), other_open_cases, differences })
}

/// A referral that the caller had accepted before, with what is found now: the reading is on record too.
pub fn read_accepted(
    scope: &mut PracticeScope<'_>,
    id: ReferralId,
) -> Result<OnRecord<ReferralWithMatches>, StoreError> {
    let referral = find(scope, id)?;
    let other_open_cases = other_open_cases(scope, &referral)?;
    let differences = match referral.service_user_id {
        Some(person) => {
            let from_referrals = service_users::find(scope, person)?.from_referrals;
            let said = from_referrals.into_iter().find(|said| said.referral_id == id);
            said.map_or_else(Vec::new, |said| said.differences)
        }
        None => Vec::new(),
    };
    let event = Event::ReferralRead { referral: ReferralOf::Practice(id), person: referral.service_user_id };
    scope
        .record_read(ReferralWithMatches { referral, likely_matches: Vec::new(), other_open_cases, differences }, event)
}

/// One referral with likely matches, for somebody who reads it: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: ReferralId) -> Result<OnRecord<ReferralWithMatches>, StoreError> {
    let mut referral = find(scope, id)?;
    let likely_matches = if referral.status.waits_for_the_practice() {
        search::likely_matches(scope, &referral.details())?
    } else {
        Vec::new()
    };
    let told = referral.details().birth();
    let numbered = likely_matches.iter().filter(|known| known.why.contains(&Likeness::NhsNumber));
    referral.warnings.extend(numbered.filter_map(|known| warning_of_a_known_person(known.birth, told)).take(1));
    let event = Event::ReferralRead { referral: ReferralOf::Practice(id), person: referral.service_user_id };
    scope.record_read(
        ReferralWithMatches { referral, likely_matches, other_open_cases: Vec::new(), differences: Vec::new() },
        event,
    )
}

impl Referral {
    pub(super) fn details(&self) -> ServiceUserDetails {
        self.message.service_user(&self.council.gss_code)
    }

    /// The identifier that the council uses for the person.
    pub(super) fn council_person_id(&self) -> CouncilPersonId {
        CouncilPersonId { council: self.council.gss_code.clone(), id: self.message.person.council_person_id.clone() }
    }
}

impl Scope<'_> {
    /// Finds the person whom a referral is known to be about, open to the caller or not: for the record of a refusal.
    pub fn person_of_referral(&mut self, referral: ReferralId) -> Result<Option<ServiceUserId>, StoreError> {
        self.as_role("almoner_intake", |scope| {
            Ok(referrals::table
                .filter(referrals::practice_id.eq(scope.log.uuid()).and(referrals::referral_id.eq(referral)))
                .select(referrals::service_user_id)
                .first::<Option<ServiceUserId>>(scope.conn)
                .optional()?
                .flatten())
        })
    }
}
