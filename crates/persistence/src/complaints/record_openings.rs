//! Opening the record of a person at a practice for looking into a complaint, and closing it. It is in the complaint's log, and nowhere at
//! the practice.

use almoner_domain::complaints::complaint::{Author, ComplainantBasis};
use almoner_domain::complaints::record::OpenRecord;
use almoner_domain::complaints::representing::RepresentativeOutcome;
use almoner_domain::complaints::requests::RequestKind;
use almoner_domain::complaints::response::Standing;
use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ComplaintId, CouncilId, OfficerId, PracticeId, RecordOpeningId, ServiceUserId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::answering::had_a_contract;
use super::changing::{Changes, change, seal};
use super::reading::Complaint;
use super::rechecking::recognised;
use super::representing::standing;
use super::{Sealed, sealed_of};
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{cases, complaint_record_openings, complaint_requests, complaints};
use crate::ground::scope::{ComplaintsScope, PartnerScope};
use crate::ground::transaction::setting;
use crate::officers::roles::answers_for_the_council;

const TABLE: &str = "complaint_record_openings";

/// A record that is open for looking into a complaint.
#[derive(Clone, Serialize, ToSchema)]
pub struct RecordOpening {
    /// The first day of the period that is looked into.
    pub from: NaiveDate,
    /// The last day of the period.
    pub until: NaiveDate,
    /// Whether the guests who have the complaint whole read the record too.
    pub guests: bool,
    /// Why the record is looked into.
    #[schema(value_type = Passage<1000>)]
    pub reason: String,
    /// The officer who opened it.
    pub opened_by: OfficerId,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    #[serde(skip)]
    pub(super) practice: PracticeId,
    #[serde(skip)]
    pub(super) person: ServiceUserId,
}

/// A time for which the record was open, as the complainant reads it.
#[derive(Clone, Serialize, ToSchema)]
pub struct FollowedRecordOpening {
    /// The first day of the period that is looked into.
    pub from: NaiveDate,
    /// The last day of the period.
    pub until: NaiveDate,
    /// Why the record is looked into.
    #[schema(value_type = Passage<1000>)]
    pub reason: String,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
}

/// Opens the record of one person at the practice, in one period, for those who have the complaint whole. One that was open is closed. Of
/// somebody to whom what was written does not lead, the responsible person alone opens it: nobody reads whom they please.
pub fn open(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, with: &OpenRecord) -> Result<(), StoreError> {
    let officer = scope.officer()?;
    let Some(practice) = complaint.practice_id else {
        return Err(Refusal::InvalidState {
            thing: "complaint",
            state: "about no practice",
            step: "looked into in a record",
        }
        .into());
    };
    if complaint.confidential && complaint.unsealed_until.is_none() {
        let (thing, state) = ("identity in the complaint", "sealed");
        return Err(Refusal::InvalidState { thing, state, step: "looked for in a record" }.into());
    }
    let mut faults = with.faults(scope.today());
    if with.person.is_some() && !answers_for_the_council(&scope.worker().roles) {
        faults.push(Fault::new("/person", "is for the responsible person to name, and else left out"));
    }
    StoreError::unless_faulty(faults)?;
    let own: Option<ServiceUserId> = complaints::table
        .find((scope.council_id(), complaint.id))
        .select(complaints::service_user_id)
        .first(scope.conn)?;
    if with.person.is_none() && has_said_whom_it_is_about(scope, complaint.id, officer)? {
        let detail =
            "is for the responsible person to name: you wrote down and confirmed yourself whom the complaint is about";
        return Err(vec![Fault::new("/person", detail)].into());
    }
    // Where it was said anew whom the complaint is about, whoever was recognised before is kept to bar people, and may be somebody else.
    let is_said_anew = complaint.requests.iter().any(|request| {
        request.asked.kind == RequestKind::Person
            && request.decision.as_ref().is_some_and(|decision| decision.confirmed)
    });
    let described = with.person.as_ref().or_else(|| complaint.person.as_ref().filter(|_| is_said_anew));
    let person = match described {
        Some(person) => recognised(scope, complaint, person)?,
        None => own,
    };
    let person = match person {
        Some(person) if is_of_the_council(scope, practice, person)? => person,
        _ => {
            let detail = "is nobody of whom this practice has exactly one record, in work for your council";
            return Err(vec![Fault::new("/person", detail)].into());
        }
    };
    // The complainant is told where it is their own record, or that of the person for whom they were found to act, however that was named:
    // whoever says that they act for somebody does not learn by it that a practice has a record of them.
    let is_theirs = match standing(scope, complaint)? {
        Standing { basis: Some(ComplainantBasis::Recipient), .. } => true,
        Standing { basis: Some(ComplainantBasis::Representative), check } => {
            check == Some(RepresentativeOutcome::Satisfied)
        }
        _ => false,
    };
    let told = own == Some(person) && is_theirs;
    close_open(scope, complaint.id)?;
    let opening: RecordOpeningId = scope.next_id();
    let reason = seal(scope, complaint, (TABLE, "reason"), opening.uuid(), with.reason.as_str())?;
    diesel::insert_into(complaint_record_openings::table)
        .values((
            complaint_record_openings::council_id.eq(scope.council_id()),
            complaint_record_openings::complaint_id.eq(complaint.id),
            complaint_record_openings::opening_id.eq(opening),
            complaint_record_openings::practice_id.eq(practice),
            complaint_record_openings::service_user_id.eq(person),
            complaint_record_openings::from_on.eq(with.from),
            complaint_record_openings::until_on.eq(with.until),
            complaint_record_openings::for_guests.eq(with.guests),
            complaint_record_openings::told.eq(told),
            complaint_record_openings::key_id.eq(complaint.sealed.key_id),
            complaint_record_openings::reason.eq(reason),
            complaint_record_openings::opened_by.eq(officer),
            complaint_record_openings::opened_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    change(scope, complaint, Changes::default())?;
    scope.record_because(Event::ComplaintRecordOpened { complaint: complaint.id }, with.reason.as_str())
}

/// Whether somebody's record at a practice is one for this council to look into: a case there is or was its own, or there is nobody's and the
/// council has or had a contract with the practice. A referral alone does not make it so: whoever sends one would open what another council
/// had done. Which other council's it is, nobody is told.
fn is_of_the_council(
    scope: &mut ComplaintsScope<'_>,
    practice: PracticeId,
    person: ServiceUserId,
) -> Result<bool, StoreError> {
    let council = scope.council_id();
    let settings = [setting("app.practice", practice.uuid())];
    scope.at_intake_with(Some(Tenant::Council(council)), &settings, |scope| {
        let councils: Vec<CouncilId> = cases::table
            .filter(cases::practice_id.eq(practice).and(cases::service_user_id.eq(person)))
            .select(cases::council_id)
            .distinct()
            .load(scope.conn)?;
        if councils.is_empty() { had_a_contract(scope, practice, council) } else { Ok(councils.contains(&council)) }
    })
}

/// Whether this officer confirmed whom the complaint is about, as somebody at the desk had put it down: then one person alone would say whose
/// record is read, and read it.
fn has_said_whom_it_is_about(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    officer: OfficerId,
) -> Result<bool, StoreError> {
    let said = complaint_requests::table
        .filter(complaint_requests::council_id.eq(scope.council_id()).and(complaint_requests::complaint_id.eq(id)))
        .filter(complaint_requests::kind.eq(RequestKind::Person).and(complaint_requests::author.eq(Author::Council)))
        .filter(complaint_requests::decided_by.eq(officer).and(complaint_requests::confirmed));
    Ok(diesel::select(exists(said)).get_result(scope.conn)?)
}

/// Closes the record that is open. The same again changes nothing.
pub fn close(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<(), StoreError> {
    scope.officer()?;
    sealed_of(scope, id)?;
    close_open(scope, id)
}

pub(super) fn close_open(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<(), StoreError> {
    let closed = update(complaint_record_openings::table)
        .filter(complaint_record_openings::council_id.eq(scope.council_id()))
        .filter(complaint_record_openings::complaint_id.eq(id).and(complaint_record_openings::closed_at.is_null()))
        .set(complaint_record_openings::closed_at.eq(scope.at()))
        .execute(scope.conn)?;
    if closed == 0 { Ok(()) } else { scope.record(Event::ComplaintRecordClosed { complaint: id }) }
}

/// Reads which record is open for looking into a complaint, if the caller may know: a guest is told of one that is open to guests. The caller
/// has found the complaint.
pub(super) fn of_complaint(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
) -> Result<Option<RecordOpening>, StoreError> {
    type Row = (
        (RecordOpeningId, PracticeId, ServiceUserId),
        (NaiveDate, NaiveDate),
        bool,
        Vec<u8>,
        (OfficerId, DateTime<Utc>),
    );
    let row: Option<Row> = complaint_record_openings::table
        .filter(complaint_record_openings::council_id.eq(sealed.council))
        .filter(
            complaint_record_openings::complaint_id.eq(sealed.id).and(complaint_record_openings::closed_at.is_null()),
        )
        .select((
            (
                complaint_record_openings::opening_id,
                complaint_record_openings::practice_id,
                complaint_record_openings::service_user_id,
            ),
            (complaint_record_openings::from_on, complaint_record_openings::until_on),
            complaint_record_openings::for_guests,
            complaint_record_openings::reason,
            (complaint_record_openings::opened_by, complaint_record_openings::opened_at),
        ))
        .first(scope.conn)
        .optional()?;
    let is_guest = scope.worker().person.guest().is_some();
    let row = row.filter(|(_, _, for_guests, ..)| *for_guests || !is_guest);
    let Some(((id, practice, person), (from, until), guests, reason, (opened_by, opened_at))) = row else {
        return Ok(None);
    };
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let reason = key.open(sealed.of(TABLE, "reason", id.uuid()), &reason)?;
    Ok(Some(RecordOpening { from, until, guests, reason, opened_by, opened_at, practice, person }))
}

/// Reads for which records and times a complaint was looked into, of which the complainant is told. The caller has found the complaint.
pub(super) fn followed(scope: &mut PartnerScope<'_>, sealed: Sealed) -> Result<Vec<FollowedRecordOpening>, StoreError> {
    type Row = (RecordOpeningId, NaiveDate, NaiveDate, Vec<u8>, DateTime<Utc>, Option<DateTime<Utc>>);
    let rows: Vec<Row> = complaint_record_openings::table
        .filter(complaint_record_openings::council_id.eq(sealed.council))
        .filter(complaint_record_openings::complaint_id.eq(sealed.id).and(complaint_record_openings::told))
        .order(complaint_record_openings::opening_id)
        .limit(200)
        .select((
            complaint_record_openings::opening_id,
            complaint_record_openings::from_on,
            complaint_record_openings::until_on,
            complaint_record_openings::reason,
            complaint_record_openings::opened_at,
            complaint_record_openings::closed_at,
        ))
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    rows.into_iter()
        .map(|(id, from, until, reason, opened_at, closed_at)| {
            let reason = key.open(sealed.of(TABLE, "reason", id.uuid()), &reason)?;
            Ok(FollowedRecordOpening { from, until, reason, opened_at, closed_at })
        })
        .collect()
}
