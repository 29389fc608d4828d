//! Reading complaints: at the practice, by a complaints manager behind the wall; at the council, by its complaints system.

use almoner_domain::complaints::complaint::{
    Author, Complainant, ComplaintStatus, ContactWish, PersonConcerned, SubjectStanding,
};
use almoner_domain::events::Event;
use almoner_domain::ids::{ClientId, ComplaintId, KeyId, ServiceUserId, StaffId};
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ComplaintMessage, Content, HeldComplaint, Identity, messages, write_message};
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{complaint_subjects, complaints, practices, staff};
use crate::ground::scope::{CouncilScope, PracticeScope, Scope};
use crate::staff::names::Worker;
use crate::tenancy::practices::PracticeName;

/// A complaint, as its handler sees it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Complaint {
    /// The identifier of the complaint.
    pub id: ComplaintId,
    /// The reference with which the complainant follows the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
    /// The practice that it is about.
    pub practice: PracticeName,
    /// The status of the complaint.
    pub status: ComplaintStatus,
    /// When the complaint arrived.
    pub received_at: DateTime<Utc>,
    /// The day by which the complaint is acknowledged.
    pub acknowledgement_due_on: NaiveDate,
    /// When the complaint was acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// The day by which the complaint should be answered under the contract.
    pub response_due_on: NaiveDate,
    /// The day by which the complaint is answered at the latest.
    pub response_latest_on: NaiveDate,
    /// The complainant's account of the events.
    #[schema(value_type = Passage<10000>)]
    pub narrative: String,
    /// The remedy that the complainant asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub wants: Option<String>,
    /// The members of staff complained about, as the complainant names them.
    #[schema(max_items = 10, value_type = Vec<almoner_domain::words::text::Line<200>>)]
    pub staff_named: Vec<String>,
    /// The members of staff who must not see the complaint, as the complainant names them.
    #[schema(max_items = 10, value_type = Vec<almoner_domain::words::text::Line<200>>)]
    pub must_not_see: Vec<String>,
    /// Whether the complainant asked for confidentiality: the four members below are left out until a handler gives a reason
    /// to open them.
    pub confidential: bool,
    /// The complainant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complainant: Option<Complainant>,
    /// The person whose care the complaint is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonConcerned>,
    /// The complainant's wishes on how to be contacted safely.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactWish>,
    /// The person's record at the practice, once it is known. A confidential complaint leaves it out with the complainant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<ServiceUserId>,
    /// When the subjects were confirmed. Until then everyone who worked with the person is presumed to be a subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subjects_confirmed_at: Option<DateTime<Utc>>,
    /// The confirmed subjects of the complaint.
    #[schema(max_items = 50)]
    pub subjects: Vec<Worker>,
    /// The messages between the complainant and the handler, the oldest first.
    #[schema(max_items = 500)]
    pub messages: Vec<ComplaintMessage>,
    /// The version of the complaint, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    pub(super) held: HeldComplaint,
    /// Whether the person's record is known, shown or not.
    #[serde(skip)]
    pub(super) person_known: bool,
}

/// A complaint in a list.
#[derive(Clone, Serialize, ToSchema)]
pub struct ComplaintSummary {
    /// The identifier of the complaint.
    pub id: ComplaintId,
    /// The reference with which the complainant follows the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
    /// The practice that it is about.
    pub practice: PracticeName,
    /// The status of the complaint.
    pub status: ComplaintStatus,
    /// When the complaint arrived.
    pub received_at: DateTime<Utc>,
    /// The day by which the complaint is acknowledged.
    pub acknowledgement_due_on: NaiveDate,
    /// Whether that day has passed without an acknowledgement.
    pub overdue: bool,
    /// The day by which the complaint should be answered under the contract.
    pub response_due_on: NaiveDate,
}

/// A handler's reason for opening the identity of a confidential complainant.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "To agree with you when it is safe to ring." }))]
pub struct RevealComplainant {
    /// The reason for opening the identity. The complainant reads it.
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

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaints)]
struct ComplaintRow {
    holder_id: Uuid,
    complaint_id: ComplaintId,
    client_id: ClientId,
    reference: String,
    status: ComplaintStatus,
    key_id: KeyId,
    content: Vec<u8>,
    complainant: Vec<u8>,
    confidential: bool,
    received_at: DateTime<Utc>,
    acknowledgement_due_on: NaiveDate,
    response_due_on: NaiveDate,
    response_latest_on: NaiveDate,
    acknowledged_at: Option<DateTime<Utc>>,
    subjects_confirmed_at: Option<DateTime<Utc>>,
    version: i32,
}

/// A complaint's row with the keys that open it, and the practice that it is about.
type SealedComplaint = (ComplaintRow, PracticeName, WrappedKeys);

/// Selects the complaints that this holder has.
macro_rules! rows {
    ($holder:expr) => {
        complaints::table
            .inner_join(practices::table.on(practices::practice_id.eq(complaints::practice_id)))
            .filter(complaints::holder_id.eq($holder))
            .select((ComplaintRow::as_select(), PracticeName::as_select(), wrapped_keys!(complaints, $holder)))
    };
}

fn open(scope: &mut Scope<'_>, (row, practice, keys): SealedComplaint, reveal: bool) -> Result<Complaint, StoreError> {
    let held =
        HeldComplaint { holder: row.holder_id, id: row.complaint_id, client_id: row.client_id, key_id: row.key_id };
    let key = scope.unwrap(held.holder, held.key_id, &keys)?;
    let content: Content = key.open(held.sealed_field("content"), &row.content)?;
    let Identity { complainant, person, contact } = if row.confidential && !reveal {
        Identity { complainant: None, person: None, contact: None }
    } else {
        key.open(held.sealed_field("complainant"), &row.complainant)?
    };
    Ok(Complaint {
        id: row.complaint_id,
        reference: row.reference,
        practice,
        status: row.status,
        received_at: row.received_at,
        acknowledgement_due_on: row.acknowledgement_due_on,
        acknowledged_at: row.acknowledged_at,
        response_due_on: row.response_due_on,
        response_latest_on: row.response_latest_on,
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
        held,
        person_known: false,
    })
}

/// Finds one complaint that the practice holds.
pub fn find(scope: &mut PracticeScope<'_>, id: ComplaintId) -> Result<Complaint, StoreError> {
    open_at_practice(scope, id, false)
}

fn open_at_practice(scope: &mut PracticeScope<'_>, id: ComplaintId, reveal: bool) -> Result<Complaint, StoreError> {
    let practice = scope.practice_id();
    let filter = complaints::holder_id.eq(practice.uuid()).and(complaints::complaint_id.eq(id));
    let row = rows!(practice.uuid()).filter(complaints::complaint_id.eq(id)).first(scope.conn)?;
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
        .filter(complaint_subjects::standing.eq(SubjectStanding::Confirmed))
        .order(complaint_subjects::subject_id)
        .select((staff::staff_id, staff::name))
        .load(scope.conn)?;
    complaint.subjects = subjects.into_iter().map(|(id, name)| Worker { id, name }).collect();
    Ok(complaint)
}

/// One complaint, for a complaints manager who reads it: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: ComplaintId) -> Result<OnRecord<Complaint>, StoreError> {
    let complaint = find(scope, id)?;
    scope.record_read(complaint, Event::ComplaintRead { complaint: id })
}

/// Finds one complaint that the council holds.
pub fn find_at_council(scope: &mut CouncilScope<'_>, id: ComplaintId) -> Result<Complaint, StoreError> {
    open_at_council(scope, id, false)
}

fn open_at_council(scope: &mut CouncilScope<'_>, id: ComplaintId, reveal: bool) -> Result<Complaint, StoreError> {
    let row = rows!(scope.council_id().uuid()).filter(complaints::complaint_id.eq(id)).first(scope.conn)?;
    open(scope, row, reveal)
}

/// One complaint, for the council's complaints system: the reading is on record too.
pub fn read_at_council(scope: &mut CouncilScope<'_>, id: ComplaintId) -> Result<OnRecord<Complaint>, StoreError> {
    let complaint = find_at_council(scope, id)?;
    scope.record_read(complaint, Event::ComplaintRead { complaint: id })
}

/// Opens the complainant's identity in a confidential complaint, for a reason. The complainant sees that it was opened, and why.
pub fn reveal(
    scope: &mut PracticeScope<'_>,
    id: ComplaintId,
    asked: &RevealComplainant,
) -> Result<OnRecord<Complaint>, StoreError> {
    let complaint = find(scope, id)?;
    let staff_id = scope.staff_id();
    if complaint.confidential {
        write_message(scope, &complaint.held, Author::Practice, Some(staff_id), &asked.notice())?;
    }
    let revealed = open_at_practice(scope, id, true)?;
    scope.record_read_because(revealed, Event::ComplainantRevealed { complaint: id }, asked.reason.as_str())
}

/// Opens the complainant's identity for the council's complaints system, as [`reveal`] does at the practice.
pub fn reveal_at_council(
    scope: &mut CouncilScope<'_>,
    id: ComplaintId,
    asked: &RevealComplainant,
) -> Result<OnRecord<Complaint>, StoreError> {
    let complaint = find_at_council(scope, id)?;
    if complaint.confidential {
        write_message(scope, &complaint.held, Author::Council, None, &asked.notice())?;
    }
    let revealed = open_at_council(scope, id, true)?;
    scope.record_read_because(revealed, Event::ComplainantRevealed { complaint: id }, asked.reason.as_str())
}

/// The complaints that the caller may see, the newest first.
pub fn list(scope: &mut PracticeScope<'_>, paging: &Paging) -> Result<OnRecord<Page<ComplaintSummary>>, StoreError> {
    let holder = scope.practice_id().uuid();
    list_held(scope, holder, paging)
}

/// The complaints that the council holds, the newest first.
pub fn list_at_council(
    scope: &mut CouncilScope<'_>,
    paging: &Paging,
) -> Result<OnRecord<Page<ComplaintSummary>>, StoreError> {
    let holder = scope.council_id().uuid();
    list_held(scope, holder, paging)
}

fn list_held(
    scope: &mut Scope<'_>,
    holder: Uuid,
    paging: &Paging,
) -> Result<OnRecord<Page<ComplaintSummary>>, StoreError> {
    type Summary = (ComplaintId, String, PracticeName, ComplaintStatus, DateTime<Utc>, NaiveDate, NaiveDate);
    let rows: Vec<Summary> = complaints::table
        .inner_join(practices::table)
        .filter(complaints::holder_id.eq(holder))
        .filter(complaints::complaint_id.lt(ComplaintId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(complaints::complaint_id.desc())
        .limit(paging.fetch())
        .select((
            complaints::complaint_id,
            complaints::reference,
            PracticeName::as_select(),
            complaints::status,
            complaints::received_at,
            complaints::acknowledgement_due_on,
            complaints::response_due_on,
        ))
        .load(scope.conn)?;
    let today = scope.today();
    let page = paging.page(rows, |row| row.0.uuid()).try_map(
        |(id, reference, practice, status, received_at, acknowledgement_due_on, response_due_on)| {
            let overdue = status == ComplaintStatus::Received && acknowledgement_due_on < today;
            Ok(ComplaintSummary {
                id,
                reference,
                practice,
                status,
                received_at,
                acknowledgement_due_on,
                overdue,
                response_due_on,
            })
        },
    )?;
    scope.list_read(page, Event::ComplaintListed { holder: scope.log })
}
