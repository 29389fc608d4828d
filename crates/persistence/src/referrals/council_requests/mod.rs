//! Council requests: the rows about what councils sent. A request is taken once, routed to a practice, followed, withdrawn
//! or routed again.

mod documents;
mod submit;

use almoner_domain::events::{Event, LogOwner, ReferralOf};
use almoner_domain::ids::{CouncilId, CouncilRequestId, KeyId, PracticeId, ReferralId, ServiceUserId};
use almoner_domain::referrals::deadlines::{Whereabouts, answered_by, until_a_human_looks};
use almoner_domain::referrals::message::{Function, ReferralMessage, Urgency};
use almoner_domain::referrals::routing::Strategy;
use almoner_domain::referrals::state::{DeclineReason, ReferralStatus};
use almoner_domain::referrals::warnings::ReferralWarning;
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::codes::EventOutcome;
use almoner_domain::words::gss_code::GssCode;
use almoner_domain::words::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::array;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::callers::CouncilCaller;
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{council_requests, councils, practices, referrals};
use crate::ground::scope::{CouncilScope, OperatorScope, Scope};
use crate::ground::sealing::SealedField;
use crate::tenancy::council_codes::{council_codes, english};
use crate::tenancy::council_contacts::{self, ContactDetails, CouncilContacts};
use crate::tenancy::councils::{self as council_rows, ChangeCouncil, Council};
use crate::tenancy::practices::PracticeName;

pub use documents::{check_document, list_documents, open_document, send_document};
pub(super) use submit::periods_of;
pub(crate) use submit::token_of_nhs_number;
pub use submit::{RouteReferral, Submission, route_to, take, withdraw};

/// A referral, as the council that sent it sees it.
#[derive(Clone, Serialize, ToSchema)]
pub struct CouncilReferral {
    /// The emergency duty team, and what to do until a human looks at a referral that is urgent or immediate or about somebody
    /// who goes home from hospital. Left out once the referral is accepted or withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency_duty_team: Option<EmergencyDutyTeam>,
    /// The identifier of the referral at the council.
    pub id: CouncilRequestId,
    /// The council's own reference.
    #[schema(value_type = almoner_domain::words::identifier::Identifier<64>)]
    pub council_reference: String,
    /// The status of the referral.
    pub status: ReferralStatus,
    /// The function that the council asks for.
    pub function: Function,
    /// The urgency of the referral.
    pub urgency: Urgency,
    /// The practice that has it; left out while unrouted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practice: Option<ReferralPractice>,
    /// The explanation of why the referral is with this practice.
    pub routing: RoutingExplained,
    /// The day by which the practice answers; left out while unrouted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_due_on: Option<NaiveDate>,
    /// When the referral arrived.
    pub received_at: DateTime<Utc>,
    /// When the referral last changed, as the council sees it.
    pub changed_at: DateTime<Utc>,
    /// The time by which a human sees a referral that is urgent or immediate, or about somebody who goes home from hospital.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub human_contact_due_at: Option<DateTime<Utc>>,
    /// When it was reported that nobody had answered by that time. The referral can be sent to another practice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub human_contact_missed_at: Option<DateTime<Utc>>,
    /// When the practice answered the referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// The reason for which the practice declined the referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decline_reason: Option<DeclineReason>,
    /// The details in which the practice's record of the person differs from the message, if it accepted it all the same. The
    /// practice's reason is in its own log.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 5, value_type = Vec<almoner_domain::people::mismatch::Distinction>)]
    pub record_differs_in: Vec<String>,
    /// The outcome of the work, once the case is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<EventOutcome>,
    /// The day on which the case was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<NaiveDate>,
    /// What is doubtful about the message or cannot be obeyed. Only the answers to sending it and to a single read have it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub warnings: Vec<ReferralWarning>,
    /// Since when nobody at the council can read the complaints that come to it. Ask the operator of the service to register a
    /// client with the scope `complaints`. Left out where an enabled one has it. Only lists and the answers to sending have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaints_unread_since: Option<DateTime<Utc>>,
    /// The message that the council sent. Only the answer to a single read has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<ReferralMessage>,
    /// The version of the referral, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    key_id: KeyId,
    #[serde(skip)]
    referral_id: Option<ReferralId>,
}

/// The practice that has a referral.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReferralPractice {
    /// The practice.
    #[serde(flatten)]
    pub practice: PracticeName,
    /// Whether it is suspended: it cannot answer, and what waits there can be sent to another.
    pub suspended: bool,
}

/// The rule that routed a referral, and its explanation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoutingExplained {
    /// The rule that decided.
    pub strategy: Strategy,
    /// The explanation, in a sentence.
    #[schema(value_type = almoner_domain::words::text::Line<500>)]
    pub explanation: String,
}

/// The emergency duty team, and what to do until a human at the practice looks at the referral.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EmergencyDutyTeam {
    /// The telephone number of the team.
    #[schema(value_type = almoner_domain::words::phone::Phone)]
    pub phone: String,
    /// Whether to ring it now: the referral is immediate and is not seen on the day on which it was sent; or it is urgent or
    /// immediate, and nobody answered it by the time by which a human was to look, or its practice is suspended, or no practice
    /// has it.
    pub ring_now: bool,
    /// Whether a human looks at the referral on the day on which it was sent to the practice. False once that was missed.
    pub seen_same_day: bool,
    /// What to do, and before when nobody is sure to look, in sentences that begin with the telephone number.
    #[schema(value_type = almoner_domain::words::text::Line<500>)]
    pub detail: String,
}

/// The field in which the message of a council's request is sealed.
pub(crate) fn message_field(council: CouncilId, id: CouncilRequestId) -> SealedField {
    SealedField { owner: council.uuid(), table: "council_requests", column: "message", row: id.uuid() }
}

/// The codes under which the council is or was known.
fn codes_of_sender(scope: &mut CouncilScope<'_>) -> Result<Vec<GssCode>, StoreError> {
    let codes: Vec<String> = councils::table
        .filter(councils::council_id.eq(scope.council_id()))
        .select(council_codes(array((councils::gss_code,))))
        .first(scope.conn)?;
    Ok(english(&codes))
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = council_requests)]
struct CouncilRequestRow {
    council_request_id: CouncilRequestId,
    council_reference: String,
    status: ReferralStatus,
    function: Function,
    urgency: Urgency,
    key_id: KeyId,
    received_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    strategy: Strategy,
    explanation: String,
    referral_id: Option<ReferralId>,
    routed_at: DateTime<Utc>,
    response_due_on: Option<NaiveDate>,
    human_contact_due_at: Option<DateTime<Utc>>,
    human_contact_missed_at: Option<DateTime<Utc>>,
    decided_at: Option<DateTime<Utc>>,
    decline_reason: Option<DeclineReason>,
    record_differs_in: Vec<String>,
    outcome: Option<EventOutcome>,
    closed_on: Option<NaiveDate>,
    version: i32,
}

/// The practice of a request, and whether it is suspended.
type PracticeShown = Option<(PracticeId, Slug, String, bool)>;

/// The number of the council's emergency duty team, and since when the council reads no complaints.
type CouncilShown = (String, Option<DateTime<Utc>>);

type RowShown = (CouncilRequestRow, PracticeShown, CouncilShown);

macro_rules! requests {
    ($scope:expr) => {
        council_requests::table
            .inner_join(councils::table.on(councils::council_id.eq(council_requests::council_id)))
            .left_join(practices::table.on(practices::practice_id.nullable().eq(council_requests::practice_id)))
            .filter(council_requests::council_id.eq($scope.council_id()))
    };
}

macro_rules! columns_shown {
    ($($more:expr),*) => {
        (
            CouncilRequestRow::as_select(),
            (practices::practice_id, practices::slug, practices::name, practices::suspended_at.is_not_null())
                .nullable(),
            (councils::emergency_duty_phone, councils::complaints_unread_since),
            $($more,)*
        )
    };
}

fn show((row, practice, (duty_phone, complaints_unread_since)): RowShown) -> CouncilReferral {
    let is_suspended = practice.as_ref().is_some_and(|(.., suspended)| *suspended);
    CouncilReferral {
        emergency_duty_team: row.emergency_duty_team(is_suspended, duty_phone),
        id: row.council_request_id,
        council_reference: row.council_reference,
        status: row.status,
        function: row.function,
        urgency: row.urgency,
        practice: practice.filter(|_| row.status != ReferralStatus::Unrouted).map(|(id, slug, name, suspended)| {
            ReferralPractice { practice: PracticeName { id, slug, name }, suspended }
        }),
        routing: RoutingExplained { strategy: row.strategy, explanation: row.explanation },
        response_due_on: row.response_due_on,
        received_at: row.received_at,
        changed_at: row.changed_at,
        human_contact_due_at: row.human_contact_due_at,
        human_contact_missed_at: row.human_contact_missed_at,
        decided_at: row.decided_at,
        decline_reason: row.decline_reason,
        record_differs_in: row.record_differs_in,
        outcome: row.outcome,
        closed_on: row.closed_on,
        warnings: Vec::new(),
        complaints_unread_since,
        message: None,
        version: row.version,
        key_id: row.key_id,
        referral_id: row.referral_id,
    }
}

impl CouncilRequestRow {
    fn emergency_duty_team(&self, is_suspended: bool, phone: String) -> Option<EmergencyDutyTeam> {
        if matches!(self.status, ReferralStatus::Accepted | ReferralStatus::Withdrawn) {
            return None;
        }
        let whereabouts = if !self.status.waits_for_the_practice() {
            Whereabouts::Nowhere
        } else if is_suspended {
            Whereabouts::AtASuspendedPractice
        } else if self.human_contact_missed_at.is_some() {
            Whereabouts::Missed
        } else {
            Whereabouts::AtAPractice
        };
        let due_at = self.human_contact_due_at;
        let until = until_a_human_looks(self.urgency, self.routed_at, due_at, whereabouts, &phone)?;
        Some(EmergencyDutyTeam {
            phone,
            ring_now: until.ring_now,
            seen_same_day: until.seen_same_day,
            detail: until.words,
        })
    }
}

impl CouncilReferral {
    /// Whether the council may send a referral on that waits at this practice, which cannot answer or has not done so by the
    /// time by which a human was to look.
    fn may_go_elsewhere(&self, at: &ReferralPractice) -> bool {
        self.status.waits_for_the_practice() && (at.suspended || self.human_contact_missed_at.is_some())
    }
}

/// Counts up the version of every request at a practice that is suspended or resumed, since a request shows that.
pub fn touch_at(scope: &mut OperatorScope<'_>, practice: PracticeId) -> Result<(), StoreError> {
    scope.at_intake(practice, |intake| {
        update(council_requests::table)
            .filter(council_requests::practice_id.eq(practice))
            .set((
                council_requests::changed_at.eq(intake.scope.at()),
                council_requests::version.eq(council_requests::version + 1),
            ))
            .execute(intake.scope.conn)?;
        Ok(())
    })
}

/// Changes a council's code, name or number, as [`council_rows::change`] does, and counts up the version of its requests, since they
/// show the number.
pub fn change_council(scope: &mut OperatorScope<'_>, seen: &Council, how: &ChangeCouncil) -> Result<(), StoreError> {
    council_rows::change(scope, seen, how)?;
    scope.at_intake_of(seen.id, |scope| touch_all_of(scope, seen.id))
}

/// Changes the council's contacts, as `council_contacts::change` does, and counts up the version of its requests. What is as it was
/// changes nothing.
pub fn change_contacts(
    scope: &mut CouncilScope<'_>,
    known: &CouncilContacts,
    details: &ContactDetails,
) -> Result<(), StoreError> {
    if *details == known.details {
        return Ok(());
    }
    council_contacts::change(scope, known, details)?;
    let council = scope.council_id();
    touch_all_of(scope, council)
}

fn touch_all_of(scope: &mut Scope<'_>, council: CouncilId) -> Result<(), StoreError> {
    update(council_requests::table)
        .filter(council_requests::council_id.eq(council))
        .set((council_requests::changed_at.eq(scope.at()), council_requests::version.eq(council_requests::version + 1)))
        .execute(scope.conn)?;
    Ok(())
}

/// Finds one referral of the council's, without what is said to whoever sends or lists.
pub fn find(scope: &mut CouncilScope<'_>, id: CouncilRequestId) -> Result<CouncilReferral, StoreError> {
    Ok(CouncilReferral { complaints_unread_since: None, ..find_as_listed(scope, id)? })
}

fn find_as_listed(scope: &mut CouncilScope<'_>, id: CouncilRequestId) -> Result<CouncilReferral, StoreError> {
    let row: RowShown = requests!(scope)
        .filter(council_requests::council_request_id.eq(id))
        .select(columns_shown!())
        .first(scope.conn)?;
    Ok(show(row))
}

/// One referral of the council's, with what the council sent.
pub fn read(scope: &mut CouncilScope<'_>, id: CouncilRequestId) -> Result<OnRecord<CouncilReferral>, StoreError> {
    let found = find_with_message(scope, id)?;
    record_at_the_practice(scope, &found)?;
    scope.record_read(found, Event::ReferralRead { referral: ReferralOf::Council(id), person: None })
}

/// Records in the log of the practice where a referral is that an officer read it. The person has a right to know who does
/// (UK GDPR art 15); that the council's systems read what they sent says nothing of anybody.
fn record_at_the_practice(scope: &mut CouncilScope<'_>, read: &CouncilReferral) -> Result<(), StoreError> {
    let (CouncilCaller::Officer(_), Some(at), Some(referral)) = (scope.caller(), &read.practice, read.referral_id)
    else {
        return Ok(());
    };
    let practice = at.practice.id;
    scope.at_intake(practice, |intake| {
        let person: Option<ServiceUserId> = referrals::table
            .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(referral)))
            .select(referrals::service_user_id)
            .first(intake.scope.conn)?;
        let event = Event::ReferralReadByCouncil { referral, person };
        intake.scope.record_in(LogOwner::Practice(practice), event)
    })
}

fn find_with_message(scope: &mut CouncilScope<'_>, id: CouncilRequestId) -> Result<CouncilReferral, StoreError> {
    type RowWithMessage = (CouncilRequestRow, PracticeShown, CouncilShown, Vec<u8>, WrappedKeys);
    let owner = scope.council_id().uuid();
    let (row, practice, council, sealed, keys): RowWithMessage = requests!(scope)
        .filter(council_requests::council_request_id.eq(id))
        .select(columns_shown!(council_requests::message, wrapped_keys!(council_requests, owner)))
        .first(scope.conn)?;
    let mut found = CouncilReferral { complaints_unread_since: None, ..show((row, practice, council)) };
    let message = scope.unwrap(owner, found.key_id, &keys)?.open(message_field(scope.council_id(), id), &sealed)?;
    found.warn(&message);
    found.message = Some(message);
    Ok(found)
}

/// Finds a referral whose content was sent in this request, with the warnings about it.
pub fn find_sent(
    scope: &mut CouncilScope<'_>,
    id: CouncilRequestId,
    message: &ReferralMessage,
) -> Result<CouncilReferral, StoreError> {
    let mut found = find_as_listed(scope, id)?;
    found.warn(message);
    Ok(found)
}

impl CouncilReferral {
    fn warn(&mut self, message: &ReferralMessage) {
        let arrived_on = || london_date(self.received_at);
        let last_day = self.response_due_on.map_or_else(arrived_on, |day| answered_by(day, self.human_contact_due_at));
        self.warnings = message.warnings(last_day);
    }
}

/// One referral of the council's that was sent before, without what the council sent: the reading is on record too.
pub fn read_again(
    scope: &mut CouncilScope<'_>,
    id: CouncilRequestId,
    message: &ReferralMessage,
) -> Result<OnRecord<CouncilReferral>, StoreError> {
    let found = find_sent(scope, id, message)?;
    scope.record_read(found, Event::ReferralRead { referral: ReferralOf::Council(id), person: None })
}

/// Lists the council's referrals, the newest first.
pub fn list(
    scope: &mut CouncilScope<'_>,
    status: Option<ReferralStatus>,
    reference: Option<&str>,
    changed_since: Option<DateTime<Utc>>,
    paging: &Paging,
) -> Result<OnRecord<Page<CouncilReferral>>, StoreError> {
    let mut query = requests!(scope)
        .select(columns_shown!())
        .filter(
            council_requests::council_request_id.lt(CouncilRequestId::from(paging.after_id()?.unwrap_or(Uuid::max()))),
        )
        .order(council_requests::council_request_id.desc())
        .limit(paging.fetch())
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(council_requests::status.eq(status));
    }
    if let Some(reference) = reference {
        query = query.filter(council_requests::council_reference.eq(reference.to_owned()));
    }
    if let Some(since) = changed_since {
        query = query.filter(council_requests::changed_at.ge(since));
    }
    let rows: Vec<RowShown> = query.load(scope.conn)?;
    let page = paging.page(rows, |(row, ..)| row.council_request_id.uuid()).try_map(|row| Ok(show(row)))?;
    let owner = scope.log;
    scope.list_read(page, Event::ReferralListed { owner })
}
