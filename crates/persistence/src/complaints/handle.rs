//! Handling complaints: acknowledging them, confirming their subjects, identifying the person, writing to the complainant.

use almoner_domain::cases::case::two_years_before;
use almoner_domain::complaints::complaint::{Author, ComplaintStatus, SubjectStanding};
use almoner_domain::complaints::handling::{
    NamedSubject, check_subjects, identify_person, person_concerned, settle_subjects,
};
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, MessageId, ServiceUserId, StaffId, SubjectId};
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Complaint, NewMessage, find, write_message};
use crate::cases::countersignatures::{line_of, workers_of};
use crate::ground::error::StoreError;
use crate::ground::prepared::{insert_rows, update};
use crate::ground::schema::{complaint_subjects, complaints};
use crate::ground::scope::{CouncilScope, PracticeScope, Scope};
use crate::people::service_users;
use crate::staff as members;

/// An acknowledgement, which offers to discuss how the complaint is handled and by when (SI 2009/309 reg 13(7)).
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "message": "Thank you for telling us. May I ring you on Thursday morning to agree how we look into this, and by when?",
}))]
pub struct Acknowledge {
    /// The message that the complainant reads. It offers to discuss the handling and the period.
    pub message: Passage<4000>,
}

/// The confirmed subjects of a complaint.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "staff": ["01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d"] }))]
pub struct ConfirmSubjects {
    /// The members of staff whom the complaint is about. Empty if it is about nobody in particular.
    #[schema(max_items = 50)]
    pub staff: Vec<StaffId>,
}

/// The person whose care a complaint is about.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "service_user_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d" }))]
pub struct IdentifyPerson {
    /// The person's record at the practice.
    pub service_user_id: ServiceUserId,
}

/// Acknowledges a complaint, with a message that the complainant reads.
pub fn acknowledge(scope: &mut PracticeScope<'_>, complaint: &Complaint, with: &Acknowledge) -> Result<(), StoreError> {
    let staff_id = scope.staff_id();
    set_acknowledged(scope, complaint, Some(staff_id))?;
    write_message(scope, &complaint.held, Author::Practice, Some(staff_id), with.message.as_str())?;
    scope.record(Event::ComplaintAcknowledged { complaint: complaint.id })
}

/// Acknowledges a complaint that the council holds.
pub fn acknowledge_at_council(
    scope: &mut CouncilScope<'_>,
    complaint: &Complaint,
    with: &Acknowledge,
) -> Result<(), StoreError> {
    set_acknowledged(scope, complaint, None)?;
    write_message(scope, &complaint.held, Author::Council, None, with.message.as_str())?;
    scope.record(Event::ComplaintAcknowledged { complaint: complaint.id })
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

/// The columns that a change of a complaint may set. `None` leaves a column as it is.
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
    let at = complaint.held;
    let updated = update(complaints::table)
        .filter(complaints::holder_id.eq(at.holder).and(complaints::complaint_id.eq(at.id)))
        .filter(complaints::version.eq(complaint.version))
        .set((changes, complaints::version.eq(complaint.version + 1)))
        .execute(scope.conn)?;
    if updated == 1 {
        return Ok(());
    }
    let current = complaints::table
        .filter(complaints::holder_id.eq(at.holder).and(complaints::complaint_id.eq(at.id)))
        .select(complaints::version)
        .first(scope.conn)?;
    Err(StoreError::VersionMismatch(current))
}

/// Confirms the subjects of a complaint: from now on the wall keeps it from them and their line managers, and nobody else is
/// presumed to be a subject. The caller must still be free of conflict afterwards.
pub fn confirm_subjects(
    scope: &mut PracticeScope<'_>,
    complaint: &Complaint,
    confirmed: &ConfirmSubjects,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let mut named = Vec::with_capacity(confirmed.staff.len());
    for member in &confirmed.staff {
        let line: Vec<StaffId> = diesel::select(line_of(practice, vec![*member])).get_result(scope.conn)?;
        named.push(NamedSubject {
            staff_id: *member,
            is_colleague: members::roles_of(scope, *member)?.is_some(),
            is_below_who_says: line.contains(&scope.staff_id()),
        });
    }
    check_subjects(&named)?;
    settle_subjects(complaint.subjects_confirmed_at.is_some())?;
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
                complaint_subjects::standing.eq(SubjectStanding::Confirmed),
                complaint_subjects::staff_id.eq(*member),
            )
        })
        .collect();
    insert_rows!(scope.conn, complaint_subjects, rows)?;
    scope.record(Event::ComplaintSubjectsConfirmed { complaint: complaint.id })
}

/// Identifies the person whose care a complaint is about, where that was not clear when it was lodged. An identified person
/// cannot be replaced: naming somebody else would show the complaint to those who work with the person. The caller must
/// still be free of conflict afterwards.
pub fn identify(scope: &mut PracticeScope<'_>, complaint: &Complaint, who: &IdentifyPerson) -> Result<(), StoreError> {
    identify_person(complaint.person_known)?;
    let person = match service_users::find(scope, who.service_user_id) {
        Ok(person) => Some(person.id),
        Err(StoreError::NotFound) => None,
        Err(error) => return Err(error),
    };
    let practice = scope.practice_id();
    let since = two_years_before(complaint.received_at);
    let presumed: Vec<StaffId> =
        diesel::select(line_of(practice, workers_of(practice, who.service_user_id, since))).get_result(scope.conn)?;
    let subjects_confirmed = complaint.subjects_confirmed_at.is_some();
    let person = person_concerned(person, scope.staff_id(), &presumed, subjects_confirmed)?;
    save(scope, complaint, &Changes { service_user_id: Some(person.uuid()), ..Changes::default() })?;
    scope.record(Event::ComplaintPersonIdentified { complaint: complaint.id })
}

/// Writes a message to the complainant.
pub fn write(scope: &mut PracticeScope<'_>, id: ComplaintId, new: &NewMessage) -> Result<MessageId, StoreError> {
    let complaint = find(scope, id)?;
    let staff_id = scope.staff_id();
    let message = write_message(scope, &complaint.held, Author::Practice, Some(staff_id), new.text.as_str())?;
    scope.record(Event::ComplaintMessageWritten { complaint: id })?;
    Ok(message)
}
