//! How a complaint came that somebody took down, an officer of the council or a member of a practice's staff, and the written record of what
//! was said, of which the complainant is given a copy (SI 2009/309 reg 13(2)).

use almoner_domain::complaints::complaint::{Author, ReadingFormat};
use almoner_domain::complaints::response::SentBy;
use almoner_domain::complaints::taking_down::{CameBy, RecordGiven};
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{ComplaintId, OfficerId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Sealed;
use super::changing::{Changes, change_at_once, seal};
use super::following::find_sealed;
use super::reading::{Complaint, find, identity};
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_intakes, councils};
use crate::ground::scope::{ComplaintsScope, PartnerScope, Scope};

const TABLE: &str = "complaint_intakes";

/// How a complaint came that was taken down.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TakenDown {
    /// How it came.
    pub came_by: CameBy,
    /// The officer who took it down. Of a member of a practice's staff nothing is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer_id: Option<OfficerId>,
    /// How and when the complainant was given the written record of what they said. What was written needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_given: Option<RecordGiven>,
}

/// The written record of a complaint that was made by word of mouth.
#[derive(Clone, Serialize, Deserialize)]
pub struct WrittenRecord {
    /// The reference of the complaint.
    pub reference: String,
    /// The council whose the complaint is.
    pub council: String,
    /// The practice that the complaint is about, if it is about one.
    pub practice: Option<String>,
    /// The day on which the complaint was received.
    pub received_on: NaiveDate,
    /// How it came.
    pub came_by: CameBy,
    /// The name of the complainant, if they gave one.
    pub complainant: Option<String>,
    /// The name of the person whose care it is about, if that is somebody else.
    pub person: Option<String>,
    /// What happened, as it was taken down.
    pub narrative: String,
    /// What the complainant wants.
    pub wants: Option<String>,
    /// What was done at once, where it was said at a practice's desk.
    pub settled: Option<String>,
    /// The staff complained about.
    pub staff: Vec<String>,
    /// The format in which the complainant reads what they are sent.
    pub format: ReadingFormat,
}

/// The ways in which a complaint is said and not written.
pub(super) fn oral() -> Vec<CameBy> {
    CameBy::ALL.iter().copied().filter(|by| by.is_oral()).collect()
}

/// Writes how a complaint came, which officer took it down, and that the complainant can be reached from today on if they gave a contact.
pub(super) fn insert(
    scope: &mut Scope<'_>,
    sealed: Sealed,
    (came_by, officer): (CameBy, Option<OfficerId>),
    has_a_contact: bool,
) -> Result<(), StoreError> {
    let reached_on = has_a_contact.then(|| scope.today());
    diesel::insert_into(complaint_intakes::table)
        .values((
            complaint_intakes::council_id.eq(sealed.council),
            complaint_intakes::complaint_id.eq(sealed.id),
            complaint_intakes::came_by.eq(came_by),
            complaint_intakes::taken_down_by.eq(officer),
            complaint_intakes::key_id.eq(sealed.key_id),
            complaint_intakes::reached_on.eq(reached_on),
        ))
        .execute(scope.conn)?;
    Ok(())
}

/// Puts down that the complainant can be reached from today on, of a complaint that was taken down from somebody who could not.
pub(super) fn note_contact(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<(), StoreError> {
    let today = scope.today();
    update(complaint_intakes::table.find((scope.council_id(), id)))
        .filter(complaint_intakes::reached_on.is_null())
        .set(complaint_intakes::reached_on.eq(today))
        .execute(scope.conn)?;
    Ok(())
}

/// Puts down that something was written to the complainant which nobody has recorded as given, of a complaint that was taken down.
pub(super) fn note_written(scope: &mut Scope<'_>, sealed: Sealed) -> Result<(), StoreError> {
    update(complaint_intakes::table.find((sealed.council, sealed.id)))
        .set(complaint_intakes::written_at.eq(scope.at()))
        .execute(scope.conn)?;
    Ok(())
}

/// Puts down that everything that was written to the complainant is given.
pub(super) fn note_all_given(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<(), StoreError> {
    update(complaint_intakes::table.find((scope.council_id(), id)))
        .set(complaint_intakes::written_at.eq(None::<DateTime<Utc>>))
        .execute(scope.conn)?;
    Ok(())
}

/// Reads how a complaint came, if it was taken down.
pub(super) fn of_complaint(scope: &mut ComplaintsScope<'_>, sealed: Sealed) -> Result<Option<TakenDown>, StoreError> {
    type Row = (CameBy, Option<OfficerId>, Option<SentBy>, Option<NaiveDate>);
    let row: Option<Row> = complaint_intakes::table
        .find((sealed.council, sealed.id))
        .select((
            complaint_intakes::came_by,
            complaint_intakes::taken_down_by,
            complaint_intakes::given_by,
            complaint_intakes::given_on,
        ))
        .first(scope.conn)
        .optional()?;
    Ok(row.map(|(came_by, officer_id, by, on)| {
        let record_given = by.zip(on).map(|(by, on)| RecordGiven { by, on });
        TakenDown { came_by, officer_id, record_given }
    }))
}

/// Writes the record of what was said, as it is now. It is refused for what was written, and while the identity in a confidential complaint
/// is sealed for the caller: the record has the names.
fn record_of(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<WrittenRecord, StoreError> {
    let refused = |thing, state| {
        Err(Refusal::InvalidState { thing, state, step: "given to the complainant as a written record" }.into())
    };
    let Some(taken) = complaint.taken_down.as_ref().filter(|taken| taken.came_by.is_oral()) else {
        return refused("complaint", "not made by word of mouth");
    };
    if complaint.confidential && complaint.unsealed_until.is_none() {
        return refused("identity in the complaint", "sealed");
    }
    let person = complaint.person.as_ref().map(|person| {
        let given = person.given_name.as_ref().map_or("", Line::as_str);
        format!("{given} {}", person.family_name).trim().to_owned()
    });
    Ok(WrittenRecord {
        reference: complaint.reference.clone(),
        council: councils::table.find(scope.council_id()).select(councils::name).first(scope.conn)?,
        // What was said named none where an officer put it down.
        practice: complaint
            .practice
            .as_ref()
            .filter(|_| complaint.practice_named_by == Some(Author::Complainant))
            .map(|one| one.name.clone()),
        received_on: london_date(complaint.received_at),
        came_by: taken.came_by,
        complainant: complaint.complainant.as_ref().map(|complainant| complainant.name.to_string()),
        person,
        narrative: complaint.narrative.clone(),
        wants: complaint.wants.clone(),
        settled: complaint.settled.clone(),
        staff: complaint.staff_named.clone(),
        format: complaint.format,
    })
}

/// Gives out the written record of what was said, to be printed or sent: that is on record.
pub fn record_to_give_out(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
) -> Result<OnRecord<WrittenRecord>, StoreError> {
    let complaint = find(scope, id)?;
    let record = record_of(scope, &complaint)?;
    scope.record_read(record, Event::ComplaintLetterGivenOut { complaint: id })
}

/// Records how and when the complainant was given the written record of what they said, once, and keeps it as it was given. Nothing goes
/// electronically without the complainant's consent (reg 15).
pub fn give_record(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    with: &RecordGiven,
) -> Result<(), StoreError> {
    let record = record_of(scope, complaint)?;
    if complaint.taken_down.as_ref().is_some_and(|taken| taken.record_given.is_some()) {
        let refusal = Refusal::InvalidState { thing: "written record", state: "given", step: "given again" };
        return Err(refusal.into());
    }
    let consents = identity(scope, complaint)?.consents_to_electronic_sending();
    StoreError::unless_faulty(with.faults(record.received_on, scope.today(), consents))?;
    let record = seal(scope, complaint, (TABLE, "record"), complaint.id.uuid(), &record)?;
    let given = update(complaint_intakes::table.find((scope.council_id(), complaint.id)))
        .set((
            complaint_intakes::record.eq(record),
            complaint_intakes::given_by.eq(with.by),
            complaint_intakes::given_on.eq(with.on),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(given, "the written record")?;
    change_at_once(scope, complaint, Changes::default())?;
    scope.record(Event::ComplaintRecordGiven { complaint: complaint.id })
}

/// Gives out the written record with the code of the complaint, if it was given in the app: that is on record.
pub fn record_with_code(
    scope: &mut PartnerScope<'_>,
    reference: &str,
    code: &str,
) -> Result<OnRecord<WrittenRecord>, StoreError> {
    let sealed = find_sealed(scope, reference, code)?;
    let record: Option<Vec<u8>> = complaint_intakes::table
        .find((sealed.council, sealed.id))
        .filter(complaint_intakes::given_by.eq(SentBy::App))
        .select(complaint_intakes::record)
        .first(scope.conn)?;
    let record = record.ok_or(StoreError::NotFound)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let record = key.open(sealed.of(TABLE, "record", sealed.id.uuid()), &record)?;
    scope.log = LogOwner::Complaints(sealed.council);
    scope.record_read(record, Event::ComplaintLetterGivenOut { complaint: sealed.id })
}

/// When the complainant was given the written record in the app, in which they follow the complaint. The caller has found it.
pub(super) fn given_in_the_app(scope: &mut PartnerScope<'_>, sealed: Sealed) -> Result<Option<NaiveDate>, StoreError> {
    let given: Option<Option<NaiveDate>> = complaint_intakes::table
        .find((sealed.council, sealed.id))
        .filter(complaint_intakes::given_by.eq(SentBy::App))
        .select(complaint_intakes::given_on)
        .first(scope.conn)
        .optional()?;
    Ok(given.flatten())
}
