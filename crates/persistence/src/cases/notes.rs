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
use crate::ground::sealing::SealedField;
use crate::people::about::about;
use crate::people::service_users;
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
pub fn create(scope: &mut PracticeScope<'_>, case: CaseId, new: &NewNote) -> Result<NoteId, StoreError> {
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
) -> Result<NoteId, StoreError> {
    let practice = scope.practice_id();
    let id: NoteId = scope.next_id();
    let sealed = service_users::find(scope, case.service_user.id)?
        .key(scope, practice.uuid())?
        .seal(sealed_field(scope, id), text)?;
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
    Ok(id)
}

type NoteRow = (NoteId, NoteKind, Vec<u8>, StaffId, String, DateTime<Utc>, DateTime<Utc>);

macro_rules! rows {
    ($scope:expr, $case:expr) => {
        case_notes::table
            .inner_join(
                staff::table
                    .on(staff::practice_id.eq(case_notes::practice_id).and(staff::staff_id.eq(case_notes::author_id))),
            )
            .filter(case_notes::practice_id.eq($scope.practice_id()).and(case_notes::case_id.eq($case)))
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

/// Finds one note of a case.
pub fn find(scope: &mut PracticeScope<'_>, case: CaseId, id: NoteId) -> Result<Note, StoreError> {
    let case = cases::find(scope, case)?;
    let row: NoteRow = rows!(scope, case.id).filter(case_notes::note_id.eq(id)).first(scope.conn)?;
    open(scope, &case, vec![row])?.pop().ok_or(StoreError::NotFound)
}

/// One note of a case, for somebody who reads it: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, case: CaseId, id: NoteId) -> Result<OnRecord<Note>, StoreError> {
    let note = find(scope, case, id)?;
    let person = cases::find(scope, case)?.service_user.id;
    scope.record_read(note, Event::NotesRead { case, person })
}

/// The notes of a case, the newest first.
pub fn list(scope: &mut PracticeScope<'_>, case: CaseId, paging: &Paging) -> Result<OnRecord<Page<Note>>, StoreError> {
    let case = cases::find(scope, case)?;
    let rows: Vec<NoteRow> = rows!(scope, case.id)
        .filter(case_notes::note_id.lt(NoteId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(case_notes::note_id.desc())
        .limit(paging.fetch())
        .load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.uuid());
    let items = open(scope, &case, page.items)?;
    let page = Page { items, next_cursor: page.next_cursor };
    scope.list_read(page, Event::NotesRead { case: case.id, person: case.service_user.id })
}

fn open(scope: &mut PracticeScope<'_>, case: &Case, rows: Vec<NoteRow>) -> Result<Vec<Note>, StoreError> {
    let practice = scope.practice_id();
    let key = service_users::find(scope, case.service_user.id)?.key(scope, practice.uuid())?;
    rows.into_iter()
        .map(|(id, kind, sealed, staff_id, name, happened_at, written_at)| {
            let text = key.open(sealed_field(scope, id), &sealed)?;
            Ok(Note { id, kind, text, author: Worker { id: staff_id, name }, happened_at, written_at })
        })
        .collect()
}
