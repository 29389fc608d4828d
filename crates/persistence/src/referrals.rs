//! A practice's inbox: referrals from councils, and the practice's answers.

use almoner_domain::case::Priority;
use almoner_domain::fault::Fault;
use almoner_domain::gss_code::GssCode;
use almoner_domain::ids::{CaseId, CouncilId, CouncilRequestId, KeyId, ReferralId, ServiceUserId, StaffId};
use almoner_domain::referral::message::{Function, ReferralMessage, Urgency};
use almoner_domain::referral::state::{DeclineReason, ReferralStatus};
use almoner_domain::refusal::Refusal;
use almoner_domain::service_user::{CouncilPersonId, ServiceUserDetails};
use almoner_domain::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::{self, Allocate, Opening};
use crate::contracts;
use crate::error::StoreError;
use crate::events::Chain;
use crate::page::{Day, Page, Paging};
use crate::practices::take_place;
use crate::schema::{council_requests, councils, referrals};
use crate::scope::PracticeScope;
use crate::sealing::Place;
use crate::service_users::{self, LikelyMatch, ServiceUser};

/// A referral, as the practice sees it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Referral {
    /// Its identifier.
    pub id: ReferralId,
    /// The council that sent it.
    pub council: CouncilName,
    /// Where it stands.
    pub status: ReferralStatus,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// The day by which the practice answers.
    pub respond_by: NaiveDate,
    /// For an immediate referral: when a human will see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_by: Option<DateTime<Utc>>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// Who decided it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<StaffId>,
    /// Why it was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decline_reason: Option<DeclineReason>,
    /// More about that, for the practice's own record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decline_note: Option<String>,
    /// The person, once they are matched or created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<ServiceUserId>,
    /// The case that it opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// What the council sent.
    pub message: ReferralMessage,
    /// The version, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    council_id: CouncilId,
    #[serde(skip)]
    council_request_id: CouncilRequestId,
    #[serde(skip)]
    guarded: bool,
    #[serde(skip)]
    key_id: KeyId,
}

/// A referral with the people it may be about.
#[derive(Clone, Serialize, ToSchema)]
pub struct ReferralWithMatches {
    /// The referral.
    #[serde(flatten)]
    pub referral: Referral,
    /// The known people who may be meant, the likeliest first; while the practice has not answered.
    #[schema(max_items = 5)]
    pub likely_matches: Vec<LikelyMatch>,
}

/// A referral in the inbox.
#[derive(Clone, Serialize, ToSchema)]
pub struct ReferralSummary {
    /// Its identifier.
    pub id: ReferralId,
    /// The council that sent it.
    pub council: CouncilName,
    /// Where it stands.
    pub status: ReferralStatus,
    /// What is asked for.
    pub function: Function,
    /// How soon.
    pub urgency: Urgency,
    /// The person's name, as it is said.
    pub person: String,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// The day by which the practice answers.
    pub respond_by: NaiveDate,
    /// That day has passed without an answer.
    pub overdue: bool,
}

/// A council by name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilName {
    /// Its code.
    pub gss_code: GssCode,
    /// Its name.
    pub name: String,
}

/// How a referral is accepted.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "priority": "routine",
    "allocate": { "staff_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "reason": "Has room, and works in the district." },
}))]
pub struct AcceptReferral {
    /// The known person who is meant; left out, a record is opened for them.
    #[serde(default)]
    pub service_user_id: Option<ServiceUserId>,
    /// How soon the work is wanted; from the referral's urgency if left out.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// Who is to work on it; nobody yet, if left out.
    #[serde(default)]
    pub allocate: Option<Allocate>,
}

/// How a referral is declined.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "no_capacity" }))]
pub struct DeclineReferral {
    /// Why.
    pub reason: DeclineReason,
    /// More, for the practice's own record.
    #[serde(default)]
    pub note: Option<Passage<1000>>,
}

/// The council's request behind a referral.
pub(crate) struct RequestBehind {
    pub(crate) council_id: CouncilId,
    pub(crate) council_request_id: CouncilRequestId,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = referrals)]
struct Row {
    referral_id: ReferralId,
    council_id: CouncilId,
    council_request_id: CouncilRequestId,
    service_user_id: Option<ServiceUserId>,
    guarded: bool,
    status: ReferralStatus,
    function: Function,
    urgency: Urgency,
    key_id: KeyId,
    message: Vec<u8>,
    received_at: DateTime<Utc>,
    respond_by: NaiveDate,
    seen_by: Option<DateTime<Utc>>,
    decided_at: Option<DateTime<Utc>>,
    decided_by: Option<StaffId>,
    decline_reason: Option<DeclineReason>,
    decline_note: Option<Vec<u8>>,
    case_id: Option<CaseId>,
    version: i32,
}

type RowShown = (Row, GssCode, String);

macro_rules! rows {
    ($scope:expr) => {
        referrals::table
            .inner_join(councils::table.on(councils::council_id.eq(referrals::council_id)))
            .filter(referrals::practice_id.eq($scope.practice_id()))
            .select((Row::as_select(), councils::gss_code, councils::name))
    };
}

fn place(scope: &PracticeScope<'_>, column: &'static str, id: ReferralId) -> Place {
    Place { owner: scope.practice_id().uuid(), table: "referrals", column, row: id.uuid() }
}

fn open_message(scope: &mut PracticeScope<'_>, row: &Row) -> Result<ReferralMessage, StoreError> {
    let place = place(scope, "message", row.referral_id);
    scope.key(place.owner, row.key_id)?.open(place, &row.message)
}

/// One referral.
pub fn find(scope: &mut PracticeScope<'_>, id: ReferralId) -> Result<Referral, StoreError> {
    let (row, gss_code, name): RowShown = rows!(scope).filter(referrals::referral_id.eq(id)).first(scope.conn)?;
    let message = open_message(scope, &row)?;
    let decline_note = match &row.decline_note {
        Some(sealed) => {
            let place = place(scope, "decline_note", id);
            Some(scope.key(place.owner, row.key_id)?.open(place, sealed)?)
        }
        None => None,
    };
    Ok(Referral {
        id: row.referral_id,
        council: CouncilName { gss_code, name },
        status: row.status,
        received_at: row.received_at,
        respond_by: row.respond_by,
        seen_by: row.seen_by,
        decided_at: row.decided_at,
        decided_by: row.decided_by,
        decline_reason: row.decline_reason,
        decline_note,
        service_user_id: row.service_user_id,
        case_id: row.case_id,
        message,
        version: row.version,
        council_id: row.council_id,
        council_request_id: row.council_request_id,
        guarded: row.guarded,
        key_id: row.key_id,
    })
}

/// One referral with likely matches, for somebody who reads it: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: ReferralId) -> Result<ReferralWithMatches, StoreError> {
    let referral = find(scope, id)?;
    let likely_matches = if referral.status.waits_for_the_practice() {
        service_users::likely_matches(scope, &referral.details())?
    } else {
        Vec::new()
    };
    scope.audit(Chain::Practice, "referral.read", id.uuid(), referral.service_user_id)?;
    Ok(ReferralWithMatches { referral, likely_matches })
}

/// The inbox: what waits for an answer, or what stands otherwise; what is due first comes first.
pub fn list(
    scope: &mut PracticeScope<'_>,
    status: Option<ReferralStatus>,
    paging: &Paging,
) -> Result<Page<ReferralSummary>, StoreError> {
    let waiting = [ReferralStatus::Received, ReferralStatus::InformationRequested];
    let statuses = status.map_or(waiting.to_vec(), |status| vec![status]);
    let mut query = rows!(scope)
        .filter(referrals::status.eq_any(statuses))
        .order((referrals::respond_by, referrals::referral_id))
        .limit(paging.fetch())
        .into_boxed();
    if let Some((day, id)) = paging.after_key::<Day>()? {
        let Day(day) = day;
        let later = referrals::respond_by.gt(day);
        query =
            query.filter(later.or(referrals::respond_by.eq(day).and(referrals::referral_id.gt(ReferralId::from(id)))));
    }
    let rows: Vec<RowShown> = query.load(scope.conn)?;
    let page = paging.page(rows, |(row, ..)| format!("{}|{}", row.respond_by, row.referral_id));
    let keys: Vec<KeyId> = page.items.iter().map(|(row, ..)| row.key_id).collect();
    let owner = scope.practice_id().uuid();
    scope.load_keys(owner, &keys)?;
    scope.audit(Chain::Practice, "referral.listed", owner, None)?;
    let today = scope.today();
    page.try_map(|(row, gss_code, name)| {
        let person = open_message(scope, &row)?.person;
        let first = person.preferred_name.or(person.given_name).map_or_else(String::new, |name| format!("{name} "));
        Ok(ReferralSummary {
            id: row.referral_id,
            council: CouncilName { gss_code, name },
            status: row.status,
            function: row.function,
            urgency: row.urgency,
            person: format!("{first}{}", person.family_name),
            received_at: row.received_at,
            respond_by: row.respond_by,
            overdue: row.status.waits_for_the_practice() && row.respond_by < today,
        })
    })
}

impl Referral {
    fn details(&self) -> ServiceUserDetails {
        ServiceUserDetails::from_message(
            self.message.person.clone(),
            self.council.gss_code.clone(),
            self.message.primary_support_reason,
        )
    }
}

/// Accepts a referral: finds or opens the person's record, opens the case, and gives it to a worker, all or nothing.
pub fn accept(scope: &mut PracticeScope<'_>, referral: &Referral, how: &AcceptReferral) -> Result<(), StoreError> {
    scope.decision()?;
    let status = referral.status.accept()?;
    let function = referral.message.function;
    // The council of ordinary residence is responsible (Care Act 2014 s39), whoever sent the person; an enquiry is made
    // under the sender's instruction (s42(2)).
    let council_id = match &referral.message.person.ordinary_residence {
        Some(code) if function != Function::SafeguardingEnquiry => {
            contracts::council_of(scope, code)?.ok_or(Refusal::NotDelegated(function))?
        }
        _ => referral.council_id,
    };
    let delegation_id = match function {
        Function::SafeguardingEnquiry => None,
        _ => Some(contracts::live_delegation(scope, council_id, function)?.ok_or(Refusal::NotDelegated(function))?),
    };
    if referral.guarded && how.service_user_id.is_some_and(|id| Some(id) != referral.service_user_id) {
        let detail = "must be the person whom the referral was recognised to be about";
        return Err(StoreError::Unfit(vec![Fault::new("/service_user_id", detail)]));
    }
    let person = match how.service_user_id.or(referral.service_user_id) {
        Some(id) => recognise(scope, referral, id)?,
        None => service_users::create(scope, &referral.details())?,
    };
    let priority = how.priority.unwrap_or(match referral.message.urgency {
        Urgency::Standard => Priority::Routine,
        Urgency::Urgent => Priority::Urgent,
        Urgency::Immediate => Priority::Immediate,
    });
    let guarded = service_users::find(scope, person)?.guarded;
    let case_id = cases::open(
        scope,
        &Opening {
            service_user_id: person,
            guarded,
            council_id,
            delegation_id,
            referral_id: Some(referral.id),
            function,
            priority,
        },
    )?;
    if let Some(to) = &how.allocate {
        let case = cases::find(scope, case_id)?;
        cases::allocate(scope, &case, to).map_err(|error| below("/allocate", error))?;
    }
    let decision = Decision {
        service_user_id: Some(person),
        guarded,
        case_id: Some(case_id),
        decline_reason: None,
        decline_note: None,
    };
    save(scope, referral, status, &decision, "referral.accepted")
}

/// The person is one whom the practice knows: the council's own identifier is kept with them.
fn recognise(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
    id: ServiceUserId,
) -> Result<ServiceUserId, StoreError> {
    let known = service_users::find(scope, id).map_err(|error| error.unless_found("/service_user_id"))?;
    let council = &referral.council.gss_code;
    if !known.details.council_person_ids.iter().any(|one| one.council == *council) {
        let mut details = known.details.clone();
        details.council_person_ids.extend(referral.details().council_person_ids);
        service_users::change(scope, &known, &details)?;
    }
    Ok(id)
}

/// Puts down whom the referrals are about that mean this person, by an identifier of theirs, and that nobody has put down:
/// what is about a guarded person follows its guard. The same test as the intake's, when the referral came first.
pub(crate) fn recognise_all(
    scope: &mut PracticeScope<'_>,
    person: &ServiceUser,
    details: &ServiceUserDetails,
) -> Result<(), StoreError> {
    let mut last = ReferralId::from(Uuid::nil());
    loop {
        let unknown: Vec<RowShown> = rows!(scope)
            .filter(referrals::service_user_id.is_null().and(referrals::referral_id.gt(last)))
            .order(referrals::referral_id)
            .limit(200)
            .load(scope.conn)?;
        let Some((newest, ..)) = unknown.last() else { return Ok(()) };
        last = newest.referral_id;
        let keys: Vec<KeyId> = unknown.iter().map(|(row, ..)| row.key_id).collect();
        let owner = scope.practice_id().uuid();
        scope.load_keys(owner, &keys)?;
        let mut meant = Vec::new();
        for (row, council, _) in unknown {
            let other = open_message(scope, &row)?.person;
            let id = CouncilPersonId { council, id: other.council_person_id };
            let same_number = other.nhs_number.is_some() && other.nhs_number == details.nhs_number;
            if same_number || details.council_person_ids.contains(&id) {
                meant.push(row.referral_id);
            }
        }
        diesel::update(referrals::table)
            .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq_any(meant)))
            .set((referrals::service_user_id.eq(person.id), referrals::guarded.eq(person.guarded)))
            .execute(scope.conn)?;
    }
}

fn below(parent: &str, error: StoreError) -> StoreError {
    match error {
        StoreError::Unfit(faults) => StoreError::Unfit(
            faults.into_iter().map(|fault| Fault::new(format!("{parent}{}", fault.pointer), fault.detail)).collect(),
        ),
        other => other,
    }
}

/// Declines a referral: the council may send it to another practice.
pub fn decline(scope: &mut PracticeScope<'_>, referral: &Referral, how: &DeclineReferral) -> Result<(), StoreError> {
    scope.decision()?;
    let status = referral.status.decline()?;
    let practice = scope.practice_id();
    take_place(scope, practice, -1)?;
    let decline_note = match &how.note {
        Some(note) => {
            let place = place(scope, "decline_note", referral.id);
            Some(scope.key(place.owner, referral.key_id)?.seal(place, note)?)
        }
        None => None,
    };
    let decision = Decision {
        service_user_id: referral.service_user_id,
        guarded: referral.guarded,
        case_id: None,
        decline_reason: Some(how.reason),
        decline_note,
    };
    save(scope, referral, status, &decision, "referral.declined")
}

#[derive(AsChangeset)]
#[diesel(table_name = referrals)]
struct Decision {
    service_user_id: Option<ServiceUserId>,
    guarded: bool,
    case_id: Option<CaseId>,
    decline_reason: Option<DeclineReason>,
    decline_note: Option<Vec<u8>>,
}

/// Writes the decision here and at the council, with its audit row and its event.
fn save(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
    status: ReferralStatus,
    decision: &Decision,
    event: &'static str,
) -> Result<(), StoreError> {
    let at = scope.at();
    let changed = diesel::update(referrals::table)
        .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq(referral.id)))
        .filter(referrals::version.eq(referral.version))
        .set((
            decision,
            referrals::status.eq(status),
            referrals::decided_at.eq(at),
            referrals::decided_by.eq(scope.staff_id()),
            referrals::version.eq(referral.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::Changed(find(scope, referral.id)?.version));
    }
    diesel::update(council_requests::table)
        .filter(council_requests::council_id.eq(referral.council_id))
        .filter(council_requests::council_request_id.eq(referral.council_request_id))
        .set((
            council_requests::status.eq(status),
            council_requests::decided_at.eq(at),
            council_requests::decline_reason.eq(decision.decline_reason),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    scope.announce(referral.council_id.uuid(), event, referral.council_request_id.uuid())?;
    scope.audit(Chain::Practice, event, referral.id.uuid(), decision.service_user_id)
}

/// The council's request behind a referral.
pub(crate) fn request_behind(scope: &mut PracticeScope<'_>, id: ReferralId) -> Result<RequestBehind, StoreError> {
    let (council_id, council_request_id) = referrals::table
        .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq(id)))
        .select((referrals::council_id, referrals::council_request_id))
        .first(scope.conn)?;
    Ok(RequestBehind { council_id, council_request_id })
}
