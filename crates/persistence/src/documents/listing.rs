//! Lists of documents, and giving one out.

use almoner_domain::documents::{DocumentKind, DocumentStatus};
use almoner_domain::events::Event;
use almoner_domain::ids::{CaseId, DocumentId, KeyId, ServiceUserId};
use almoner_domain::words::text::Line;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::documents::content::Content;
use crate::documents::sending::{Holder, hex};
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{documents, staff};
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::SealedField;
use crate::people::service_users;
use crate::staff::names::Worker;

/// One version of a document in a person's record.
#[derive(Clone, Serialize, ToSchema)]
pub struct Document {
    /// The identifier of this version of the document.
    pub id: DocumentId,
    /// The person in whose record the document is.
    pub service_user_id: ServiceUserId,
    /// The case that has the document; left out for a document without a case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// The identifier of the document's first version, which all of its versions share.
    pub first_id: DocumentId,
    /// The number of the version, from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// The name of the document.
    #[schema(value_type = Line<210>)]
    pub name: String,
    /// The kind of the document, which its content shows.
    pub kind: DocumentKind,
    /// The size of the content in bytes.
    #[schema(minimum = 1, maximum = 26_214_400)]
    pub size: i64,
    /// The SHA-256 hash of the content, in hexadecimal digits.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// The status of the document. Only its sender is shown one that is not clean.
    pub status: DocumentStatus,
    /// The member of staff who sent the document in.
    pub sent_by: Worker,
    /// When the document was sent in.
    pub sent_at: DateTime<Utc>,
    /// When the scanner gave its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanned_at: Option<DateTime<Utc>>,
}

/// What a row of a document keeps sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Details {
    pub(super) name: String,
    pub(super) hash: [u8; 32],
}

pub(super) fn sealed_field(scope: &PracticeScope<'_>, id: DocumentId) -> SealedField {
    SealedField { owner: scope.practice_id().uuid(), table: "documents", column: "details", row: id.uuid() }
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = documents)]
struct DocumentRow {
    document_id: DocumentId,
    service_user_id: ServiceUserId,
    case_id: Option<CaseId>,
    first_id: DocumentId,
    number: i32,
    kind: DocumentKind,
    size: i64,
    key_id: KeyId,
    details: Vec<u8>,
    object_id: Uuid,
    content_key: Option<Vec<u8>>,
    status: DocumentStatus,
    sent_at: DateTime<Utc>,
    scanned_at: Option<DateTime<Utc>>,
}

type RowShown = (DocumentRow, Worker, WrappedKeys);

/// The documents that the caller may see and nobody has erased, with who sent each and the keys with which they are opened.
macro_rules! rows {
    ($scope:expr) => {
        documents::table
            .inner_join(
                staff::table
                    .on(staff::practice_id.eq(documents::practice_id).and(staff::staff_id.eq(documents::sent_by))),
            )
            .filter(documents::practice_id.eq($scope.practice_id()).and(documents::erased_at.is_null()))
    };
}

macro_rules! page_of {
    ($scope:expr, $person:expr, $paging:expr) => {
        rows!($scope)
            .filter(documents::service_user_id.eq($person))
            .filter(documents::document_id.lt(DocumentId::from($paging.after_id()?.unwrap_or(Uuid::max()))))
            .order(documents::document_id.desc())
            .limit($paging.fetch())
            .select((
                DocumentRow::as_select(),
                Worker::as_select(),
                wrapped_keys!(documents, $scope.practice_id().uuid()),
            ))
    };
}

/// The documents of a case that the caller may see, the newest first, with every version of each.
pub fn list_of_case(
    scope: &mut PracticeScope<'_>,
    holder: &Holder,
    case: CaseId,
    paging: &Paging,
) -> Result<OnRecord<Page<Document>>, StoreError> {
    let person = holder.about.service_user_id;
    let rows: Vec<RowShown> = page_of!(scope, person, paging).filter(documents::case_id.eq(case)).load(scope.conn)?;
    let page = show_page(scope, paging, rows)?;
    scope.list_read(page, Event::CaseDocumentsListed { case, person })
}

/// All the documents in a person's record that the caller may see, the newest first: those of every case, and those without a
/// case.
pub fn list_of_person(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    paging: &Paging,
) -> Result<OnRecord<Page<Document>>, StoreError> {
    let about = service_users::find(scope, person)?.about();
    // What else the key of the person has is named, so that the index gives the documents in their order.
    let rows: Vec<RowShown> = page_of!(scope, person, paging)
        .filter(documents::access_restricted.eq(about.access_restricted).and(documents::team_id.eq(about.team_id)))
        .load(scope.conn)?;
    let page = show_page(scope, paging, rows)?;
    scope.list_read(page, Event::ServiceUserDocumentsListed { person })
}

fn show_page(
    scope: &mut PracticeScope<'_>,
    paging: &Paging,
    rows: Vec<RowShown>,
) -> Result<Page<Document>, StoreError> {
    paging.page(rows, |(row, ..)| row.document_id.uuid()).try_map(|row| show(scope, row))
}

fn show(scope: &mut PracticeScope<'_>, (row, sent_by, keys): RowShown) -> Result<Document, StoreError> {
    let practice = scope.practice_id().uuid();
    let key = scope.unwrap(practice, row.key_id, &keys)?;
    let details: Details = key.open(sealed_field(scope, row.document_id), &row.details)?;
    Ok(Document {
        id: row.document_id,
        service_user_id: row.service_user_id,
        case_id: row.case_id,
        first_id: row.first_id,
        number: row.number,
        name: details.name,
        kind: row.kind,
        size: row.size,
        sha256: hex(&details.hash),
        status: row.status,
        sent_by,
        sent_at: row.sent_at,
        scanned_at: row.scanned_at,
    })
}

fn find_row(scope: &mut PracticeScope<'_>, id: DocumentId) -> Result<RowShown, StoreError> {
    let practice = scope.practice_id().uuid();
    Ok(rows!(scope)
        .filter(documents::document_id.eq(id))
        .select((DocumentRow::as_select(), Worker::as_select(), wrapped_keys!(documents, practice)))
        .first(scope.conn)?)
}

/// Finds a document that the caller may see: a clean one, or their own.
pub(super) fn find_visible(scope: &mut PracticeScope<'_>, id: DocumentId) -> Result<Document, StoreError> {
    let row = find_row(scope, id)?;
    show(scope, row)
}

/// Gives a document out, and records that as an event. One that the scanner has not found clean is not there, for its sender
/// neither.
pub fn open(scope: &mut PracticeScope<'_>, id: DocumentId) -> Result<OnRecord<Content>, StoreError> {
    let (row, sent_by, keys) = find_row(scope, id)?;
    if row.status != DocumentStatus::Clean {
        return Err(StoreError::NotFound);
    }
    let practice = scope.practice_id().uuid();
    let (object, sealed) = (row.object_id, row.content_key.clone().ok_or(StoreError::NotFound)?);
    let key = scope.unwrap(practice, row.key_id, &keys)?.unwrap_key(practice, id.uuid(), &sealed)?;
    let document = show(scope, (row, sent_by, keys))?;
    let size = u64::try_from(document.size).map_err(StoreError::unreadable)?;
    let content = Content { kind: document.kind, name: Some(document.name), size, object, key };
    scope.record_read(content, Event::DocumentDownloaded { document: id, person: document.service_user_id })
}
