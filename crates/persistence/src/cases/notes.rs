//! Case notes. A note is final when it is written; a correction is another note.

use almoner_domain::cases::case::NoteKind;
use almoner_domain::cases::note::happened_at;
use almoner_domain::events::Event;
use almoner_domain::ids::{CaseId, NoteId, StaffId};
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::{self, Case};
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{case_notes, staff};
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::{Key, SealedField};
use crate::people::about::about;
use crate::staff::names::Worker;

/// A case note.
#[derive(Clone, Serialize, ToSchema)]
pub struct Note {
    /// The identifier of the note.
    pub id: NoteId,
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

fn sealed_field(scope: &PracticeScope<'_>, id: NoteId) -> SealedField {
    SealedField { owner: scope.practice_id().uuid(), table: "case_notes", column: "text", row: id.uuid() }
}

/// Writes a note, and records that as an event.
pub fn create(scope: &mut PracticeScope<'_>, case: CaseId, new: &NewNote) -> Result<Note, StoreError> {
    let case = cases::find(scope, case)?;
    case.state.write_note()?;
    let happened_at = happened_at(new.happened_at, scope.at())?;
    write(scope, &case, new.kind, new.text.as_str(), happened_at)
}

/// Writes a note with the reason for which a case was closed at once.
pub(crate) fn write_closing(scope: &mut PracticeScope<'_>, case: &Case, text: &str) -> Result<(), StoreError> {
    let at = scope.at();
    write(scope, case, NoteKind::Note, text, at).map(drop)
}

fn write(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    kind: NoteKind,
    text: &str,
    happened_at: DateTime<Utc>,
) -> Result<Note, StoreError> {
    let practice = scope.practice_id();
    let id: NoteId = scope.next_id();
    let sealed = case.service_user.key(scope)?.seal(sealed_field(scope, id), text)?;
    let key = case.key();
    diesel::insert_into(case_notes::table)
        .values((
            case_notes::practice_id.eq(practice),
            case_notes::note_id.eq(id),
            case_notes::case_id.eq(key.case),
            about!(case_notes, key.into()),
            case_notes::author_id.eq(scope.staff_id()),
            case_notes::kind.eq(kind),
            case_notes::happened_at.eq(happened_at),
            case_notes::written_at.eq(scope.at()),
            case_notes::text.eq(sealed),
        ))
        .execute(scope.conn)?;
    scope.record(Event::NoteWritten { note: id, case: key })?;
    let author = Worker { id: scope.staff_id(), name: scope.member().name.clone() };
    Ok(Note { id, kind, text: text.to_owned(), author, happened_at, written_at: scope.at() })
}

type NoteRow = (NoteId, NoteKind, Vec<u8>, StaffId, String, DateTime<Utc>, DateTime<Utc>);

macro_rules! rows {
    // The person is the case's. Named here, the index gives the notes in their order, and a page is read from it.
    ($scope:expr, $case:expr) => {
        case_notes::table
            .inner_join(
                staff::table
                    .on(staff::practice_id.eq(case_notes::practice_id).and(staff::staff_id.eq(case_notes::author_id))),
            )
            .filter(case_notes::practice_id.eq($scope.practice_id()).and(case_notes::case_id.eq($case.id)))
            .filter(case_notes::service_user_id.eq($case.service_user.id))
            .select((
                case_notes::note_id,
                case_notes::kind,
                case_notes::text,
                staff::staff_id,
                staff::name,
                case_notes::happened_at,
                case_notes::written_at,
            ))
    };
}

/// One note of a case, for somebody who reads it: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, case: CaseId, id: NoteId) -> Result<OnRecord<Note>, StoreError> {
    let case = cases::find(scope, case)?;
    let row: NoteRow = rows!(scope, case).filter(case_notes::note_id.eq(id)).first(scope.conn)?;
    let key = case.service_user.key(scope)?;
    let note = open(scope, &key, row)?;
    scope.record_read(note, Event::NotesRead { case: case.id, person: case.service_user.id })
}

/// The notes of a case, the newest first.
pub fn list(scope: &mut PracticeScope<'_>, case: CaseId, paging: &Paging) -> Result<OnRecord<Page<Note>>, StoreError> {
    let case = cases::find(scope, case)?;
    let rows: Vec<NoteRow> = rows!(scope, case)
        .filter(case_notes::note_id.lt(NoteId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(case_notes::note_id.desc())
        .limit(paging.fetch())
        .load(scope.conn)?;
    let key = case.service_user.key(scope)?;
    let page = paging.page(rows, |row| row.0.uuid()).try_map(|row| open(scope, &key, row))?;
    scope.list_read(page, Event::NotesRead { case: case.id, person: case.service_user.id })
}

fn open(
    scope: &PracticeScope<'_>,
    key: &Key,
    (id, kind, sealed, staff_id, name, happened_at, written_at): NoteRow,
) -> Result<Note, StoreError> {
    let text = key.open(sealed_field(scope, id), &sealed)?;
    Ok(Note { id, kind, text, author: Worker { id: staff_id, name }, happened_at, written_at })
}
