//! Notes in a person's record, on a case or without one. A note is final when it is written; a correction is another note. One
//! that should not stand in the record is marked as entered in error.

use almoner_domain::cases::case::NoteKind;
use almoner_domain::cases::note::{happened_at, mark, sees_marked};
use almoner_domain::events::{CaseKey, Event};
use almoner_domain::ids::{CaseId, KeyId, NoteId, PracticeId, ServiceUserId, StaffId};
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::{self, Case};
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{case_notes, service_users as people, staff};
use crate::ground::scope::{PracticeScope, Scope};
use crate::ground::sealing::{Key, SealedField};
use crate::people::about::{AboutPerson, about};
use crate::people::service_users;
use crate::staff::names::{self, Worker};

/// A note in a person's record.
#[derive(Clone, Serialize, ToSchema)]
pub struct Note {
    /// The identifier of the note.
    pub id: NoteId,
    /// The person in whose record the note stands.
    pub service_user_id: ServiceUserId,
    /// The case on which the note was written; left out for a note without a case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// The kind of contact or event that the note records.
    pub kind: NoteKind,
    /// The text of the note.
    #[schema(value_type = Passage<10000>)]
    pub text: String,
    /// The member of staff who wrote the note.
    pub author: Worker,
    /// When the recorded contact or event happened.
    pub happened_at: DateTime<Utc>,
    /// When the note was written.
    pub written_at: DateTime<Utc>,
    /// The mark of a note that should not stand in this record: show the text struck through. Only the author, managers and
    /// records officers are given such a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered_in_error: Option<EnteredInError>,
    /// The version of the note, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    key_id: KeyId,
}

/// The mark of a note that was entered in error.
#[derive(Clone, Serialize, ToSchema)]
pub struct EnteredInError {
    /// When the note was marked.
    pub at: DateTime<Utc>,
    /// The member of staff who marked the note.
    pub by: Worker,
    /// The reason why the note should not stand in this record.
    #[schema(value_type = Passage<4000>)]
    pub reason: String,
}

/// A note to write.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "visit", "text": "Saw Edith at home. She wants to go on cooking for herself." }))]
pub struct NewNote {
    /// The kind of contact or event that the note records.
    pub kind: NoteKind,
    /// The text of the note.
    pub text: Passage<10000>,
    /// When the recorded contact or event happened; now, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<DateTime<Utc>>,
}

/// A request to mark a note as entered in error.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The visit was to another person, whose name is alike." }))]
pub struct EnterInError {
    /// The reason why the note should not stand in this record.
    pub reason: Passage<4000>,
}

/// The record in which a note is written.
struct Record {
    about: AboutPerson,
    case: Option<CaseKey>,
    key_id: KeyId,
}

impl From<&Case> for Record {
    fn from(case: &Case) -> Self {
        Self { about: case.service_user.about, case: Some(case.key()), key_id: case.service_user.key_id }
    }
}

/// The field in which a column of a note is sealed.
pub(crate) fn sealed_field(practice: PracticeId, column: &'static str, id: NoteId) -> SealedField {
    SealedField { owner: practice.uuid(), table: "case_notes", column, row: id.uuid() }
}

/// Writes a note on a case, and records that as an event. The case may be closed: what is learned afterwards belongs to it too.
pub fn create(scope: &mut PracticeScope<'_>, case: CaseId, new: &NewNote) -> Result<Note, StoreError> {
    let case = cases::find(scope, case)?;
    create_in(scope, &Record::from(&case), new)
}

/// Writes a note in a person's record without a case, and records that as an event.
pub fn create_without_case(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    new: &NewNote,
) -> Result<Note, StoreError> {
    let person = service_users::find(scope, person)?;
    create_in(scope, &Record { about: person.about(), case: None, key_id: person.key_id }, new)
}

fn create_in(scope: &mut PracticeScope<'_>, record: &Record, new: &NewNote) -> Result<Note, StoreError> {
    let happened_at = happened_at(new.happened_at, scope.at())?;
    write(scope, record, new.kind, new.text.as_str(), happened_at)
}

/// Writes a note with the reason for which a case was closed at once.
pub(crate) fn write_closing(scope: &mut PracticeScope<'_>, case: &Case, text: &str) -> Result<(), StoreError> {
    let at = scope.at();
    write(scope, &Record::from(case), NoteKind::Note, text, at).map(drop)
}

fn write(
    scope: &mut PracticeScope<'_>,
    &Record { about, case, key_id }: &Record,
    kind: NoteKind,
    text: &str,
    happened_at: DateTime<Utc>,
) -> Result<Note, StoreError> {
    let practice = scope.practice_id();
    let id: NoteId = scope.next_id();
    let sealed = scope.key(practice.uuid(), key_id)?.seal(sealed_field(scope.practice_id(), "text", id), text)?;
    let (case_id, person) = (case.map(|case| case.case), about.service_user_id);
    diesel::insert_into(case_notes::table)
        .values((
            case_notes::practice_id.eq(practice),
            case_notes::note_id.eq(id),
            case_notes::case_id.eq(case_id),
            about!(case_notes, about),
            case_notes::author_id.eq(scope.staff_id()),
            case_notes::kind.eq(kind),
            case_notes::happened_at.eq(happened_at),
            case_notes::written_at.eq(scope.at()),
            case_notes::text.eq(sealed),
        ))
        .execute(scope.conn)?;
    scope.record(match case {
        Some(case) => Event::NoteWritten { note: id, case },
        None => Event::NoteWrittenWithoutCase { note: id, person },
    })?;
    Ok(Note {
        id,
        service_user_id: person,
        case_id,
        kind,
        text: text.to_owned(),
        author: Worker { id: scope.staff_id(), name: scope.member().name.clone() },
        happened_at,
        written_at: scope.at(),
        entered_in_error: None,
        version: 1,
        key_id,
    })
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = case_notes)]
struct NoteRow {
    note_id: NoteId,
    service_user_id: ServiceUserId,
    case_id: Option<CaseId>,
    kind: NoteKind,
    text: Vec<u8>,
    happened_at: DateTime<Utc>,
    written_at: DateTime<Utc>,
    in_error_at: Option<DateTime<Utc>>,
    in_error_by: Option<StaffId>,
    in_error_reason: Option<Vec<u8>>,
    version: i32,
}

type RowShown = (NoteRow, Worker);

/// The notes that the caller may see: one that was entered in error is for its author, and for those who see every such note.
macro_rules! rows {
    ($scope:expr) => {
        case_notes::table
            .inner_join(
                staff::table
                    .on(staff::practice_id.eq(case_notes::practice_id).and(staff::staff_id.eq(case_notes::author_id))),
            )
            .filter(case_notes::practice_id.eq($scope.practice_id()))
            .filter(
                case_notes::in_error_at
                    .is_null()
                    .or(case_notes::author_id.eq($scope.staff_id()))
                    .or(sees_marked(&$scope.member().roles).into_sql::<Bool>()),
            )
    };
}

/// Finds one note.
pub fn find(scope: &mut PracticeScope<'_>, id: NoteId) -> Result<Note, StoreError> {
    let practice = scope.practice_id().uuid();
    let (row, author, key_id, keys): (NoteRow, Worker, KeyId, WrappedKeys) = rows!(scope)
        .inner_join(
            people::table.on(people::practice_id
                .eq(case_notes::practice_id)
                .and(people::service_user_id.eq(case_notes::service_user_id))),
        )
        .filter(case_notes::note_id.eq(id))
        .select((NoteRow::as_select(), Worker::as_select(), people::key_id, wrapped_keys!(people, practice)))
        .first(scope.conn)?;
    scope.unwrap(practice, key_id, &keys)?;
    let row = (row, author);
    let markers = markers(scope, std::slice::from_ref(&row))?;
    show(scope, key_id, &markers, row)
}

/// One note, for somebody who reads it: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: NoteId) -> Result<OnRecord<Note>, StoreError> {
    let note = find(scope, id)?;
    let person = note.service_user_id;
    scope.record_read(note, Event::NoteRead { note: id, person })
}

macro_rules! page_of {
    ($scope:expr, $person:expr, $paging:expr) => {
        rows!($scope)
            .filter(case_notes::service_user_id.eq($person))
            .filter(case_notes::note_id.lt(NoteId::from($paging.after_id()?.unwrap_or(Uuid::max()))))
            .order(case_notes::note_id.desc())
            .limit($paging.fetch())
            .select((NoteRow::as_select(), Worker::as_select()))
    };
}

/// The notes of a case, the newest first.
pub fn list(scope: &mut PracticeScope<'_>, case: CaseId, paging: &Paging) -> Result<OnRecord<Page<Note>>, StoreError> {
    let case = cases::find(scope, case)?;
    // The person is the case's. Named here, the index gives the notes in their order, and a page is read from it.
    let rows: Vec<RowShown> =
        page_of!(scope, case.service_user.id, paging).filter(case_notes::case_id.eq(case.id)).load(scope.conn)?;
    let page = show_page(scope, case.service_user.key_id, paging, rows)?;
    scope.list_read(page, Event::NotesRead { case: case.id, person: case.service_user.id })
}

/// All the notes in a person's record, the newest first: those of every case, and those without a case.
pub fn list_of_person(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    paging: &Paging,
) -> Result<OnRecord<Page<Note>>, StoreError> {
    let person = service_users::find(scope, person)?;
    let about = person.about();
    // What else the key of the person has is named, so that the index gives the notes in their order.
    let rows: Vec<RowShown> = page_of!(scope, about.service_user_id, paging)
        .filter(case_notes::access_restricted.eq(about.access_restricted).and(case_notes::team_id.eq(about.team_id)))
        .load(scope.conn)?;
    let page = show_page(scope, person.key_id, paging, rows)?;
    scope.list_read(page, Event::ServiceUserNotesRead { person: person.id })
}

fn show_page(
    scope: &mut PracticeScope<'_>,
    key_id: KeyId,
    paging: &Paging,
    rows: Vec<RowShown>,
) -> Result<Page<Note>, StoreError> {
    let markers = markers(scope, &rows)?;
    paging.page(rows, |(row, _)| row.note_id.uuid()).try_map(|row| show(scope, key_id, &markers, row))
}

/// The members of staff who marked some of these notes. Where none is marked, nobody is asked for.
fn markers(scope: &mut PracticeScope<'_>, rows: &[RowShown]) -> Result<Vec<Worker>, StoreError> {
    let ids: Vec<StaffId> = rows.iter().filter_map(|(row, _)| row.in_error_by).collect();
    if ids.is_empty() { Ok(Vec::new()) } else { names::workers(scope, &ids) }
}

fn show(
    scope: &mut PracticeScope<'_>,
    key_id: KeyId,
    markers: &[Worker],
    (row, author): RowShown,
) -> Result<Note, StoreError> {
    let practice = scope.practice_id().uuid();
    let key: Key = scope.key(practice, key_id)?;
    let id = row.note_id;
    let entered_in_error = match (row.in_error_at, row.in_error_by, &row.in_error_reason) {
        (Some(at), Some(by), Some(sealed)) => {
            let reason = key.open(sealed_field(scope.practice_id(), "in_error_reason", id), sealed)?;
            Some(EnteredInError { at, by: names::one_of(markers, by)?, reason })
        }
        _ => None,
    };
    Ok(Note {
        id,
        service_user_id: row.service_user_id,
        case_id: row.case_id,
        kind: row.kind,
        text: key.open(sealed_field(scope.practice_id(), "text", id), &row.text)?,
        author,
        happened_at: row.happened_at,
        written_at: row.written_at,
        entered_in_error,
        version: row.version,
        key_id,
    })
}

/// Marks a note as entered in error, and records that as an event. The reason stays with the note: it may name another person,
/// and the log is read out to the person whose record this is.
pub fn enter_in_error(scope: &mut PracticeScope<'_>, note: &Note, how: &EnterInError) -> Result<(), StoreError> {
    mark(note.entered_in_error.is_some())?;
    let practice = scope.practice_id();
    let field = sealed_field(scope.practice_id(), "in_error_reason", note.id);
    let reason = scope.key(practice.uuid(), note.key_id)?.seal(field, how.reason.as_str())?;
    let changed = update(case_notes::table)
        .filter(case_notes::practice_id.eq(practice).and(case_notes::note_id.eq(note.id)))
        .filter(case_notes::version.eq(note.version))
        .set((
            case_notes::in_error_at.eq(scope.at()),
            case_notes::in_error_by.eq(scope.staff_id()),
            case_notes::in_error_reason.eq(reason),
            case_notes::version.eq(note.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, note.id)?.version));
    }
    scope.record(Event::NoteEnteredInError { note: note.id, person: note.service_user_id })
}

impl Scope<'_> {
    /// Finds the person in whose record a note stands, open to the caller or not: for the record of a refusal.
    pub fn person_of_note(&mut self, note: NoteId) -> Result<Option<ServiceUserId>, StoreError> {
        self.as_role("almoner_intake", |scope| {
            Ok(case_notes::table
                .filter(case_notes::practice_id.eq(scope.log.uuid()).and(case_notes::note_id.eq(note)))
                .select(case_notes::service_user_id)
                .first(scope.conn)
                .optional()?)
        })
    }
}
