//! Reading the record that was opened for looking into a complaint. It is read in a role of its own, which sees one person at one practice
//! and what was done for this council, past the practice's restrictions and exclusions. Nothing is written there; the complaint's log has
//! who read it.

use almoner_domain::cases::case::{CaseStatus, NoteKind, Priority};
use almoner_domain::documents::kind::DocumentKind;
use almoner_domain::events::Event;
use almoner_domain::ids::{CaseId, ComplaintId, CouncilRequestId, DocumentId, KeyId, NoteId, ReferralId};
use almoner_domain::people::grounds::ClosingGround;
use almoner_domain::people::service_user::ServiceUserDetails;
use almoner_domain::referrals::message::Function;
use almoner_domain::referrals::state::{DeclineReason, ReferralStatus};
use almoner_domain::referrals::terms::Urgency;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::end_of_day;
use almoner_domain::words::codes::EventOutcome;
use almoner_domain::words::gss_code::GssCode;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::record_openings::{self, RecordOpening};
use super::record_warnings::{self, WarningLookedInto};
use super::sealed_of;
use super::unsealing::unsealed_until;
use crate::cases::notes;
use crate::documents;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{
    case_notes, cases, complaints, councils, documents as document_rows, referrals, service_users, staff,
};
use crate::ground::scope::{ComplaintsScope, Scope};
use crate::people::service_users as people;

/// The most of each that a record shows.
pub(super) const MOST: i64 = 200;

/// The record of a person at a practice, in the period that is looked into.
#[derive(Clone, Serialize, ToSchema)]
pub struct RecordLookedInto {
    /// The first day of the period.
    pub from: NaiveDate,
    /// The last day of the period.
    pub until: NaiveDate,
    /// The details of the person, as they are now, without the numbers that other councils have for them.
    pub person: ServiceUserDetails,
    /// The warning notes that were written until the end of the period and did not come from another council, the newest first.
    #[schema(max_items = 200)]
    pub warning_notes: Vec<WarningLookedInto>,
    /// The cases under this council that were open at some time in the period, the oldest first.
    #[schema(max_items = 200)]
    pub cases: Vec<CaseLookedInto>,
    /// The referrals of this council that arrived in the period, the oldest first.
    #[schema(max_items = 200)]
    pub referrals: Vec<ReferralLookedInto>,
    /// The documents that came into the record in the period, the oldest first. Ask the practice for what is in one.
    #[schema(max_items = 200)]
    pub documents: Vec<DocumentLookedInto>,
}

/// A case in a record that is looked into.
#[derive(Clone, Serialize, ToSchema)]
pub struct CaseLookedInto {
    /// The case.
    pub id: CaseId,
    /// The function under which the work is or was done.
    pub function: Function,
    /// The priority of the work.
    pub priority: Priority,
    /// The status of the case.
    pub status: CaseStatus,
    /// When the case was opened.
    pub opened_at: DateTime<Utc>,
    /// Who opened the case.
    #[schema(value_type = Line<200>)]
    pub opened_by: String,
    /// When the case was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// The ground on which it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<ClosingGround>,
    /// The outcome of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<EventOutcome>,
}

/// A referral in a record that is looked into.
#[derive(Clone, Serialize, ToSchema)]
pub struct ReferralLookedInto {
    /// The identifier of the referral at the practice.
    pub id: ReferralId,
    /// The identifier of the council's own referral, which an instruction to the practice names.
    pub council_referral_id: CouncilRequestId,
    /// The function that it asks for.
    pub function: Function,
    /// The urgency that the council gave it.
    pub urgency: Urgency,
    /// The status of the referral.
    pub status: ReferralStatus,
    /// When it arrived at the practice.
    pub received_at: DateTime<Utc>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// Who decided the referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<200>>)]
    pub decided_by: Option<String>,
    /// The reason why it was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decline_reason: Option<DeclineReason>,
}

/// A document in a record that is looked into.
#[derive(Clone, Serialize, ToSchema)]
pub struct DocumentLookedInto {
    /// The version of the document.
    pub id: DocumentId,
    /// The name of the document; left out for one that was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<200>>)]
    pub name: Option<String>,
    /// The kind of the document.
    pub kind: DocumentKind,
    /// When it was sent in.
    pub sent_at: DateTime<Utc>,
    /// Who sent the document in; left out for one that a council sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<200>>)]
    pub sent_by: Option<String>,
    /// When it was erased, on the council's instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<DateTime<Utc>>,
    /// Who at the practice asked to have it erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<200>>)]
    pub erasure_asked_by: Option<String>,
}

/// A note in a record that is looked into.
#[derive(Clone, Serialize, ToSchema)]
pub struct NoteLookedInto {
    /// The note.
    pub id: NoteId,
    /// The case on which it was written; left out for a note without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// The kind of contact or event that it records.
    pub kind: NoteKind,
    /// The text of the note.
    #[schema(value_type = Passage<10000>)]
    pub text: String,
    /// Who wrote the note.
    #[schema(value_type = Line<200>)]
    pub author: String,
    /// When the contact or the event happened.
    pub happened_at: DateTime<Utc>,
    /// When the note was written.
    pub written_at: DateTime<Utc>,
    /// When it was marked as entered in error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_error_at: Option<DateTime<Utc>>,
    /// Why it was marked so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub in_error_because: Option<String>,
}

/// Finds the record that is open for looking into a complaint, if the caller may read it now.
fn opened(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<RecordOpening, StoreError> {
    let (sealed, _) = sealed_of(scope, id)?;
    let opening = record_openings::of_complaint(scope, sealed)?.ok_or(StoreError::NotFound)?;
    let confidential: bool =
        complaints::table.find((sealed.council, id)).select(complaints::confidential).first(scope.conn)?;
    if confidential && unsealed_until(scope, id)?.is_none() {
        let refusal =
            Refusal::InvalidState { thing: "record", state: "sealed, as the complaint is confidential", step: "read" };
        return Err(refusal.into());
    }
    Ok(opening)
}

/// The moments at which the period begins and ends.
pub(super) fn period(opening: &RecordOpening) -> (DateTime<Utc>, DateTime<Utc>) {
    let before = opening.from.pred_opt().unwrap_or(opening.from);
    (end_of_day(before), end_of_day(opening.until))
}

/// Reads the details of the person, and the key of the record.
fn key_of(scope: &mut Scope<'_>, opening: &RecordOpening) -> Result<(KeyId, Vec<u8>), StoreError> {
    Ok(service_users::table
        .find((opening.practice, opening.person))
        .select((service_users::key_id, service_users::details))
        .first(scope.conn)?)
}

/// Reads the record that was opened for looking into a complaint, but its notes: the reading is in the complaint's log alone.
pub fn read(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<OnRecord<RecordLookedInto>, StoreError> {
    let opening = opened(scope, id)?;
    let council: GssCode = councils::table.find(scope.council_id()).select(councils::gss_code).first(scope.conn)?;
    let record = scope.at_record(opening.practice, opening.person, |scope| {
        let (key_id, details) = key_of(scope, &opening)?;
        let practice = opening.practice.uuid();
        let field = people::sealed_field(opening.practice, "details", opening.person);
        let mut person: ServiceUserDetails = scope.key(practice, key_id)?.open(field, &details)?;
        // That another council has a number for the person tells of its work with them.
        person.council_person_ids.retain(|one| one.council == council);
        Ok(RecordLookedInto {
            from: opening.from,
            until: opening.until,
            person,
            warning_notes: record_warnings::of(scope, &opening)?,
            cases: cases_of(scope, &opening)?,
            referrals: referrals_of(scope, &opening)?,
            documents: documents_of(scope, &opening)?,
        })
    })?;
    scope.record_read(record, Event::ComplaintRecordRead { complaint: id })
}

fn cases_of(scope: &mut Scope<'_>, opening: &RecordOpening) -> Result<Vec<CaseLookedInto>, StoreError> {
    type Row = (CaseId, Function, Priority, CaseStatus, DateTime<Utc>, String, Ended);
    type Ended = (Option<DateTime<Utc>>, Option<ClosingGround>, Option<EventOutcome>);
    let (begins, ends) = period(opening);
    let rows: Vec<Row> = cases::table
        .inner_join(
            staff::table.on(staff::practice_id.eq(cases::practice_id).and(staff::staff_id.eq(cases::opened_by))),
        )
        .filter(cases::practice_id.eq(opening.practice).and(cases::service_user_id.eq(opening.person)))
        .filter(cases::opened_at.lt(ends).and(cases::closed_at.is_null().or(cases::closed_at.ge(begins))))
        .order(cases::case_id)
        .limit(MOST)
        .select((
            cases::case_id,
            cases::function,
            cases::priority,
            cases::status,
            cases::opened_at,
            staff::name,
            (cases::closed_at, cases::ground, cases::outcome),
        ))
        .load(scope.conn)?;
    let shown = |(id, function, priority, status, opened_at, opened_by, (closed_at, ground, outcome)): Row| {
        CaseLookedInto { id, function, priority, status, opened_at, opened_by, closed_at, ground, outcome }
    };
    Ok(rows.into_iter().map(shown).collect())
}

fn referrals_of(scope: &mut Scope<'_>, opening: &RecordOpening) -> Result<Vec<ReferralLookedInto>, StoreError> {
    type Row = ((ReferralId, CouncilRequestId), Function, Urgency, ReferralStatus, DateTime<Utc>, Decided);
    type Decided = (Option<DateTime<Utc>>, Option<String>, Option<DeclineReason>);
    let (begins, ends) = period(opening);
    let rows: Vec<Row> = referrals::table
        .left_join(staff::table.on(
            staff::practice_id.eq(referrals::practice_id).and(staff::staff_id.nullable().eq(referrals::decided_by)),
        ))
        .filter(referrals::practice_id.eq(opening.practice).and(referrals::service_user_id.eq(opening.person)))
        .filter(referrals::received_at.ge(begins).and(referrals::received_at.lt(ends)))
        .order(referrals::referral_id)
        .limit(MOST)
        .select((
            (referrals::referral_id, referrals::council_request_id),
            referrals::function,
            referrals::urgency,
            referrals::status,
            referrals::received_at,
            (referrals::decided_at, staff::name.nullable(), referrals::decline_reason),
        ))
        .load(scope.conn)?;
    let shown = |row: Row| {
        let ((id, council_referral_id), function, urgency, status, received_at, decided) = row;
        let (decided_at, decided_by, decline_reason) = decided;
        ReferralLookedInto {
            id,
            council_referral_id,
            function,
            urgency,
            status,
            received_at,
            decided_at,
            decided_by,
            decline_reason,
        }
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The cases that the role sees: those under this council.
macro_rules! visible_cases {
    ($opening:expr) => {
        cases::table
            .filter(cases::practice_id.eq($opening.practice).and(cases::service_user_id.eq($opening.person)))
            .select(cases::case_id.nullable())
    };
}

fn documents_of(scope: &mut Scope<'_>, opening: &RecordOpening) -> Result<Vec<DocumentLookedInto>, StoreError> {
    type Erased = (Option<DateTime<Utc>>, Option<String>);
    type Row = (DocumentId, DocumentKind, DateTime<Utc>, Option<String>, KeyId, Vec<u8>, Erased);
    let (begins, ends) = period(opening);
    let visible_referrals = referrals::table
        .filter(referrals::practice_id.eq(opening.practice).and(referrals::service_user_id.eq(opening.person)))
        .select(referrals::referral_id.nullable());
    let own = document_rows::service_user_id.eq(opening.person);
    let asker = diesel::alias!(staff as asker);
    let rows: Vec<Row> = document_rows::table
        .left_join(
            staff::table.on(staff::practice_id
                .eq(document_rows::practice_id)
                .and(staff::staff_id.nullable().eq(document_rows::sent_by))),
        )
        .left_join(
            asker.on(asker
                .field(staff::practice_id)
                .eq(document_rows::practice_id)
                .and(asker.field(staff::staff_id).nullable().eq(document_rows::erased_by))),
        )
        .filter(document_rows::practice_id.eq(opening.practice))
        .filter(own.or(document_rows::referral_id.eq_any(visible_referrals)))
        .filter(document_rows::case_id.is_null().or(document_rows::case_id.eq_any(visible_cases!(opening))))
        .filter(document_rows::sent_at.ge(begins).and(document_rows::sent_at.lt(ends)))
        .order(document_rows::document_id)
        .limit(MOST)
        .select((
            document_rows::document_id,
            document_rows::kind,
            document_rows::sent_at,
            staff::name.nullable(),
            document_rows::key_id,
            document_rows::details,
            (document_rows::erased_at, asker.field(staff::name).nullable()),
        ))
        .load(scope.conn)?;
    let practice = opening.practice.uuid();
    rows.into_iter()
        .map(|(id, kind, sent_at, sent_by, key_id, details, (erased_at, erasure_asked_by))| {
            let name = match erased_at {
                None => Some(documents::name_of(&scope.key(practice, key_id)?, practice, id, &details)?),
                Some(_) => None,
            };
            Ok(DocumentLookedInto { id, name, kind, sent_at, sent_by, erased_at, erasure_asked_by })
        })
        .collect()
}

/// Lists the notes of the record that was opened for looking into a complaint, the oldest first.
pub fn list_notes(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    paging: &Paging,
) -> Result<OnRecord<Page<NoteLookedInto>>, StoreError> {
    type Row = ((NoteId, Option<CaseId>, NoteKind), Vec<u8>, String, (DateTime<Utc>, DateTime<Utc>), InError);
    type InError = (Option<DateTime<Utc>>, Option<Vec<u8>>);
    let opening = opened(scope, id)?;
    let (begins, ends) = period(&opening);
    let after = NoteId::from(paging.after_id()?.unwrap_or(Uuid::nil()));
    let page = scope.at_record(opening.practice, opening.person, |scope| {
        let (key_id, _) = key_of(scope, &opening)?;
        let rows: Vec<Row> = case_notes::table
            .inner_join(
                staff::table
                    .on(staff::practice_id.eq(case_notes::practice_id).and(staff::staff_id.eq(case_notes::author_id))),
            )
            .filter(case_notes::practice_id.eq(opening.practice).and(case_notes::service_user_id.eq(opening.person)))
            .filter(case_notes::case_id.is_null().or(case_notes::case_id.eq_any(visible_cases!(opening))))
            .filter(case_notes::happened_at.ge(begins).and(case_notes::happened_at.lt(ends)))
            .filter(case_notes::note_id.gt(after))
            .order(case_notes::note_id)
            .limit(paging.fetch())
            .select((
                (case_notes::note_id, case_notes::case_id, case_notes::kind),
                case_notes::text,
                staff::name,
                (case_notes::happened_at, case_notes::written_at),
                (case_notes::in_error_at, case_notes::in_error_reason),
            ))
            .load(scope.conn)?;
        let key = scope.key(opening.practice.uuid(), key_id)?;
        paging.page(rows, |row| row.0.0.uuid()).try_map(
            |((id, case_id, kind), text, author, (happened_at, written_at), (in_error_at, because))| {
                let opened =
                    |because: Vec<u8>| key.open(notes::sealed_field(opening.practice, "in_error_reason", id), &because);
                Ok(NoteLookedInto {
                    id,
                    case_id,
                    kind,
                    text: key.open(notes::sealed_field(opening.practice, "text", id), &text)?,
                    author,
                    happened_at,
                    written_at,
                    in_error_at,
                    in_error_because: because.map(opened).transpose()?,
                })
            },
        )
    })?;
    scope.list_read(page, Event::ComplaintRecordNotesRead { complaint: id })
}
