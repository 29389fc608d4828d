//! Handling complaints: at the practice, by a complaints manager behind the wall; at the council, by its complaints system.

use almoner_domain::case::two_years_before;
use almoner_domain::complaint::{Author, Complainant, ComplaintStatus, ContactWish, PersonConcerned, Standing};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ClientId, ComplaintId, KeyId, MessageId, PracticeId, ServiceUserId, StaffId, SubjectId};
use almoner_domain::refusal::Refusal;
use almoner_domain::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ComplaintMessage, Content, Held, Identity, NewMessage, messages, write_message};
use crate::cases::Worker;
use crate::countersignatures::{line_of, workers_of};
use crate::error::StoreError;
use crate::events::Chain;
use crate::page::{Page, Paging};
use crate::schema::{complaint_subjects, complaints, practices, staff};
use crate::scope::{CouncilScope, PracticeScope, Scope};
use crate::{service_users, staff as members};

/// A complaint, as who handles it sees it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Complaint {
    /// Its identifier.
    pub id: ComplaintId,
    /// The reference that the complainant has.
    pub reference: String,
    /// The practice that it is about.
    pub practice: String,
    /// How far it has come.
    pub status: ComplaintStatus,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// The day by which it is acknowledged.
    pub acknowledge_by: NaiveDate,
    /// When it was acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// The day by which it should be answered under the contract.
    pub respond_by: NaiveDate,
    /// The day by which it is answered at the latest.
    pub respond_at_latest: NaiveDate,
    /// What happened, in the complainant's words.
    pub narrative: String,
    /// What they want.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wants: Option<String>,
    /// The staff complained about, as the complainant names them.
    #[schema(max_items = 10)]
    pub staff_named: Vec<String>,
    /// The staff who must not see it, as the complainant names them.
    #[schema(max_items = 10)]
    pub must_not_see: Vec<String>,
    /// Who complains is sealed: the four members below are left out, until a handler gives a reason to open them.
    pub confidential: bool,
    /// Who complains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complainant: Option<Complainant>,
    /// The person whose care it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonConcerned>,
    /// How to reach the complainant safely.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactWish>,
    /// The person's record at the practice, once it is known; sealed with who complains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<ServiceUserId>,
    /// When it was confirmed who is complained about; until then everyone who worked with the person is presumed to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subjects_confirmed_at: Option<DateTime<Utc>>,
    /// Who is complained about, once it is confirmed.
    #[schema(max_items = 50)]
    pub subjects: Vec<Worker>,
    /// What was written, the oldest first.
    #[schema(max_items = 500)]
    pub messages: Vec<ComplaintMessage>,
    /// The version, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    held: Option<HeldShown>,
    /// The person's record is known, whether or not it is shown.
    #[serde(skip)]
    person_known: bool,
}

/// Where a complaint is kept.
#[derive(Clone, Copy)]
struct HeldShown(Held);

/// A complaint in a list.
#[derive(Clone, Serialize, ToSchema)]
pub struct ComplaintSummary {
    /// Its identifier.
    pub id: ComplaintId,
    /// The reference that the complainant has.
    pub reference: String,
    /// The practice that it is about.
    pub practice: String,
    /// How far it has come.
    pub status: ComplaintStatus,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// The day by which it is acknowledged.
    pub acknowledge_by: NaiveDate,
    /// That day has passed without an acknowledgement.
    pub overdue: bool,
    /// The day by which it should be answered under the contract.
    pub respond_by: NaiveDate,
}

/// An acknowledgement, which offers to discuss how the complaint is handled and by when (SI 2009/309 reg 13(7)).
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "message": "Thank you for telling us. May I ring you on Thursday morning to agree how we look into this, and by when?",
}))]
pub struct Acknowledge {
    /// What the complainant reads: it offers to discuss handling and period.
    pub message: Passage<4000>,
}

/// Who is complained about.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "staff": ["01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d"] }))]
pub struct ConfirmSubjects {
    /// The members of staff; none, if it is about nobody in particular.
    #[schema(max_items = 50)]
    pub staff: Vec<StaffId>,
}

/// Why a handler needs to know who complains.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "To agree with you when it is safe to ring." }))]
pub struct RevealComplainant {
    /// The reason, which the complainant reads.
    pub reason: Passage<1000>,
}

impl RevealComplainant {
    fn notice(&self) -> String {
        format!(
            "Who handles your complaint has looked at who you are and how to reach you. The reason: {}",
            self.reason
        )
    }
}

/// Whose care it is about.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "service_user_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d" }))]
pub struct IdentifyPerson {
    /// The person's record at the practice.
    pub service_user_id: ServiceUserId,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaints)]
struct Row {
    holder_id: Uuid,
    complaint_id: ComplaintId,
    practice_id: PracticeId,
    client_id: ClientId,
    reference: String,
    status: ComplaintStatus,
    key_id: KeyId,
    content: Vec<u8>,
    complainant: Vec<u8>,
    confidential: bool,
    received_at: DateTime<Utc>,
    acknowledge_by: NaiveDate,
    respond_by: NaiveDate,
    respond_at_latest: NaiveDate,
    acknowledged_at: Option<DateTime<Utc>>,
    subjects_confirmed_at: Option<DateTime<Utc>>,
    version: i32,
}

fn open(scope: &mut Scope<'_>, row: Row, reveal: bool) -> Result<Complaint, StoreError> {
    let held = Held { holder: row.holder_id, id: row.complaint_id, client_id: row.client_id, key_id: row.key_id };
    let key = scope.key(held.holder, held.key_id)?;
    let content: Content = key.open(held.place("content"), &row.content)?;
    let Identity { complainant, person, contact } = if row.confidential && !reveal {
        Identity { complainant: None, person: None, contact: None }
    } else {
        key.open(held.place("complainant"), &row.complainant)?
    };
    let practice = practices::table
        .filter(practices::practice_id.eq(row.practice_id))
        .select(practices::name)
        .first(scope.conn)?;
    Ok(Complaint {
        id: row.complaint_id,
        reference: row.reference,
        practice,
        status: row.status,
        received_at: row.received_at,
        acknowledge_by: row.acknowledge_by,
        acknowledged_at: row.acknowledged_at,
        respond_by: row.respond_by,
        respond_at_latest: row.respond_at_latest,
        narrative: content.narrative.to_string(),
        wants: content.wants.map(String::from),
        staff_named: content.staff.into_iter().map(String::from).collect(),
        must_not_see: content.must_not_see.into_iter().map(String::from).collect(),
        confidential: row.confidential,
        complainant,
        person,
        contact,
        service_user_id: None,
        subjects_confirmed_at: row.subjects_confirmed_at,
        subjects: Vec::new(),
        messages: messages(scope, &held)?,
        version: row.version,
        held: Some(HeldShown(held)),
        person_known: false,
    })
}

fn held(complaint: &Complaint) -> Result<Held, StoreError> {
    complaint.held.map(|HeldShown(held)| held).ok_or(StoreError::NotFound)
}

/// One complaint, at the practice.
pub fn find(scope: &mut PracticeScope<'_>, id: ComplaintId) -> Result<Complaint, StoreError> {
    open_at_practice(scope, id, false)
}

fn open_at_practice(scope: &mut PracticeScope<'_>, id: ComplaintId, reveal: bool) -> Result<Complaint, StoreError> {
    let practice = scope.practice_id();
    let filter = complaints::holder_id.eq(practice.uuid()).and(complaints::complaint_id.eq(id));
    let row = complaints::table.filter(filter).select(Row::as_select()).first(scope.conn)?;
    let mut complaint = open(scope, row, reveal)?;
    let person: Option<Uuid> =
        complaints::table.filter(filter).select(complaints::service_user_id).first(scope.conn)?;
    complaint.person_known = person.is_some();
    complaint.service_user_id = person.filter(|_| reveal || !complaint.confidential).map(ServiceUserId::from);
    let subjects: Vec<(StaffId, String)> = complaint_subjects::table
        .inner_join(staff::table.on(
            staff::practice_id.eq(complaint_subjects::holder_id).and(staff::staff_id.eq(complaint_subjects::staff_id)),
        ))
        .filter(complaint_subjects::holder_id.eq(practice.uuid()).and(complaint_subjects::complaint_id.eq(id)))
        .filter(complaint_subjects::standing.eq(Standing::Confirmed))
        .order(complaint_subjects::subject_id)
        .select((staff::staff_id, staff::name))
        .load(scope.conn)?;
    complaint.subjects = subjects.into_iter().map(|(id, name)| Worker { id, name }).collect();
    Ok(complaint)
}

/// One complaint, for a complaints manager who reads it: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: ComplaintId) -> Result<Complaint, StoreError> {
    let complaint = find(scope, id)?;
    scope.audit(Chain::Complaints, "complaint.read", id.uuid(), None)?;
    Ok(complaint)
}

/// One complaint, at the council.
pub fn find_at_council(scope: &mut CouncilScope<'_>, id: ComplaintId) -> Result<Complaint, StoreError> {
    open_at_council(scope, id, false)
}

fn open_at_council(scope: &mut CouncilScope<'_>, id: ComplaintId, reveal: bool) -> Result<Complaint, StoreError> {
    let row = complaints::table
        .filter(complaints::holder_id.eq(scope.council_id().uuid()).and(complaints::complaint_id.eq(id)))
        .select(Row::as_select())
        .first(scope.conn)?;
    open(scope, row, reveal)
}

/// One complaint, for the council's complaints system: the reading is on record too.
pub fn read_at_council(scope: &mut CouncilScope<'_>, id: ComplaintId) -> Result<Complaint, StoreError> {
    let complaint = find_at_council(scope, id)?;
    scope.audit(Chain::Complaints, "complaint.read", id.uuid(), None)?;
    Ok(complaint)
}

/// Opens who complains in a confidential complaint, for a reason. The complainant sees that it was done, and why.
pub fn reveal(
    scope: &mut PracticeScope<'_>,
    id: ComplaintId,
    asked: &RevealComplainant,
) -> Result<Complaint, StoreError> {
    let complaint = find(scope, id)?;
    let staff_id = scope.staff_id();
    if complaint.confidential {
        write_message(scope, &held(&complaint)?, Author::Practice, Some(staff_id), &asked.notice())?;
    }
    scope.audit(Chain::Complaints, "complaint.complainant_revealed", id.uuid(), None)?;
    open_at_practice(scope, id, true)
}

/// The same, for the council's complaints system.
pub fn reveal_at_council(
    scope: &mut CouncilScope<'_>,
    id: ComplaintId,
    asked: &RevealComplainant,
) -> Result<Complaint, StoreError> {
    let complaint = find_at_council(scope, id)?;
    if complaint.confidential {
        write_message(scope, &held(&complaint)?, Author::Council, None, &asked.notice())?;
    }
    scope.audit(Chain::Complaints, "complaint.complainant_revealed", id.uuid(), None)?;
    open_at_council(scope, id, true)
}

/// The complaints that the caller may see, the newest first.
pub fn list(scope: &mut PracticeScope<'_>, paging: &Paging) -> Result<Page<ComplaintSummary>, StoreError> {
    let holder = scope.practice_id().uuid();
    list_held(scope, holder, paging)
}

/// The complaints that the council holds, the newest first.
pub fn list_at_council(scope: &mut CouncilScope<'_>, paging: &Paging) -> Result<Page<ComplaintSummary>, StoreError> {
    let holder = scope.council_id().uuid();
    list_held(scope, holder, paging)
}

fn list_held(scope: &mut Scope<'_>, holder: Uuid, paging: &Paging) -> Result<Page<ComplaintSummary>, StoreError> {
    type Summary = (ComplaintId, String, String, ComplaintStatus, DateTime<Utc>, NaiveDate, NaiveDate);
    let rows: Vec<Summary> = complaints::table
        .inner_join(practices::table)
        .filter(complaints::holder_id.eq(holder))
        .filter(complaints::complaint_id.lt(ComplaintId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(complaints::complaint_id.desc())
        .limit(paging.fetch())
        .select((
            complaints::complaint_id,
            complaints::reference,
            practices::name,
            complaints::status,
            complaints::received_at,
            complaints::acknowledge_by,
            complaints::respond_by,
        ))
        .load(scope.conn)?;
    let today = scope.today();
    paging.page(rows, |row| row.0.uuid()).try_map(
        |(id, reference, practice, status, received_at, acknowledge_by, respond_by)| {
            let overdue = status == ComplaintStatus::Received && acknowledge_by < today;
            Ok(ComplaintSummary { id, reference, practice, status, received_at, acknowledge_by, overdue, respond_by })
        },
    )
}

/// Acknowledges a complaint, in words that the complainant reads.
pub fn acknowledge(scope: &mut PracticeScope<'_>, complaint: &Complaint, with: &Acknowledge) -> Result<(), StoreError> {
    let staff_id = scope.staff_id();
    set_acknowledged(scope, complaint, Some(staff_id))?;
    write_message(scope, &held(complaint)?, Author::Practice, Some(staff_id), with.message.as_str())?;
    scope.audit(Chain::Complaints, "complaint.acknowledged", complaint.id.uuid(), None)
}

/// Acknowledges a complaint that the council holds.
pub fn acknowledge_at_council(
    scope: &mut CouncilScope<'_>,
    complaint: &Complaint,
    with: &Acknowledge,
) -> Result<(), StoreError> {
    set_acknowledged(scope, complaint, None)?;
    write_message(scope, &held(complaint)?, Author::Council, None, with.message.as_str())?;
    scope.audit(Chain::Complaints, "complaint.acknowledged", complaint.id.uuid(), None)
}

fn set_acknowledged(scope: &mut Scope<'_>, complaint: &Complaint, by: Option<StaffId>) -> Result<(), StoreError> {
    let status = complaint.status.acknowledge()?;
    let changes = Changes {
        status: Some(status),
        acknowledged_at: Some(scope.at()),
        acknowledged_by: by.map(StaffId::uuid),
        ..Changes::default()
    };
    save(scope, complaint, &changes)
}

/// What may change in a complaint; what is `None` stays.
#[derive(AsChangeset, Default)]
#[diesel(table_name = complaints)]
struct Changes {
    status: Option<ComplaintStatus>,
    acknowledged_at: Option<DateTime<Utc>>,
    acknowledged_by: Option<Uuid>,
    service_user_id: Option<Uuid>,
    subjects_confirmed_at: Option<DateTime<Utc>>,
}

fn save(scope: &mut Scope<'_>, complaint: &Complaint, changes: &Changes) -> Result<(), StoreError> {
    let at = held(complaint)?;
    let updated = diesel::update(complaints::table)
        .filter(complaints::holder_id.eq(at.holder).and(complaints::complaint_id.eq(at.id)))
        .filter(complaints::version.eq(complaint.version))
        .set((changes, complaints::version.eq(complaint.version + 1)))
        .execute(scope.conn)?;
    if updated == 1 { Ok(()) } else { Err(StoreError::UnderWay) }
}

/// Confirms who is complained about: from now on they and their line managers are behind the wall, and nobody else is
/// presumed to be. Whoever confirms must still be free of conflict.
pub fn confirm_subjects(
    scope: &mut PracticeScope<'_>,
    complaint: &Complaint,
    confirmed: &ConfirmSubjects,
) -> Result<(), StoreError> {
    let unfit = |index: usize, detail: &str| StoreError::Unfit(vec![Fault::new(format!("/staff/{index}"), detail)]);
    let practice = scope.practice_id();
    for (index, member) in confirmed.staff.iter().enumerate() {
        members::colleague(scope, *member).map_err(|error| error.unless_found(&format!("/staff/{index}")))?;
        let line: Vec<StaffId> = diesel::select(line_of(practice, vec![*member])).get_result(scope.conn)?;
        if line.contains(&scope.staff_id()) {
            return Err(unfit(
                index,
                "would put you behind the wall yourself: somebody free of conflict must confirm this",
            ));
        }
        if confirmed.staff[..index].contains(member) {
            return Err(unfit(index, "must not be repeated"));
        }
    }
    if complaint.subjects_confirmed_at.is_some() {
        let state = "already settled as to whom it is about";
        return Err(Refusal::WrongState { thing: "complaint", state, step: "settled again" }.into());
    }
    let at = scope.at();
    save(scope, complaint, &Changes { subjects_confirmed_at: Some(at), ..Changes::default() })?;
    let rows: Vec<_> = confirmed
        .staff
        .iter()
        .map(|member| {
            (
                complaint_subjects::holder_id.eq(practice.uuid()),
                complaint_subjects::complaint_id.eq(complaint.id),
                complaint_subjects::subject_id.eq(scope.next_id::<SubjectId>()),
                complaint_subjects::standing.eq(Standing::Confirmed),
                complaint_subjects::staff_id.eq(*member),
            )
        })
        .collect();
    diesel::insert_into(complaint_subjects::table).values(rows).execute(scope.conn)?;
    scope.audit(Chain::Complaints, "complaint.subjects_confirmed", complaint.id.uuid(), None)
}

/// Says whose care a complaint is about, where that was not clear when it was lodged. Once it is clear it stays: naming
/// somebody else would lift the wall for whoever works with the person. Whoever says so must still be free of conflict.
pub fn identify(scope: &mut PracticeScope<'_>, complaint: &Complaint, who: &IdentifyPerson) -> Result<(), StoreError> {
    if complaint.person_known {
        let state = "already known to be about somebody";
        return Err(Refusal::WrongState { thing: "complaint", state, step: "said to be about another" }.into());
    }
    service_users::find(scope, who.service_user_id).map_err(|error| error.unless_found("/service_user_id"))?;
    let practice = scope.practice_id();
    let since = two_years_before(complaint.received_at);
    let presumed: Vec<StaffId> =
        diesel::select(line_of(practice, workers_of(practice, who.service_user_id, since))).get_result(scope.conn)?;
    if complaint.subjects_confirmed_at.is_none() && presumed.contains(&scope.staff_id()) {
        let detail = "would put you behind the wall yourself: somebody free of conflict must say this";
        return Err(StoreError::Unfit(vec![Fault::new("/service_user_id", detail)]));
    }
    save(scope, complaint, &Changes { service_user_id: Some(who.service_user_id.uuid()), ..Changes::default() })?;
    scope.audit(Chain::Complaints, "complaint.person_identified", complaint.id.uuid(), None)
}

/// Writes to the complainant.
pub fn write(scope: &mut PracticeScope<'_>, id: ComplaintId, new: &NewMessage) -> Result<MessageId, StoreError> {
    let complaint = find(scope, id)?;
    let staff_id = scope.staff_id();
    let message = write_message(scope, &held(&complaint)?, Author::Practice, Some(staff_id), new.text.as_str())?;
    scope.audit(Chain::Complaints, "complaint.message_written", id.uuid(), None)?;
    Ok(message)
}
