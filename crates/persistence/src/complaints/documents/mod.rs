//! The documents of a complaint: what whoever has its code sends, and those who work on it. They are taken in, stored and scanned like all
//! documents; their rows are sealed under the complaint's key, and open as its messages are.

mod scanning;
mod sending;

use almoner_domain::complaints::complaint::Author;
use almoner_domain::complaints::naming::words_of_file;
use almoner_domain::documents::{DocumentKind, DocumentStatus};
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{ComplaintId, DocumentId, KeyId, ObjectId};
use almoner_domain::words::text::Line;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::following::find_sealed;
use super::{Sealed, sealed_of};
use crate::documents::{Content, Details};
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_documents, guests, officers};
use crate::ground::scope::{ComplaintsScope, PartnerScope};
use crate::ground::sealing::{Key, SealedField};

pub use scanning::{begin_complaint_scan, clear_complaint_object, settle_complaint_scan};
pub use sending::{begin, begin_with_code, check, check_with_code, send, send_with_code};

/// A document of a complaint, as its complainant sees it who sent it.
#[derive(Clone, Serialize, ToSchema)]
pub struct SentDocument {
    /// The identifier of the document.
    pub id: DocumentId,
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
    /// Whether something was taken out of a picture before it was stored: places, or what may have held them.
    pub places_dropped: bool,
    /// The status of the document. Nobody is given one that is not clean; the content of an infected one was destroyed.
    pub status: DocumentStatus,
    /// When the document was sent.
    pub sent_at: DateTime<Utc>,
    /// When the scanner gave its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanned_at: Option<DateTime<Utc>>,
}

/// A document of a complaint, as those see it who work on the complaint.
#[derive(Clone, Serialize, ToSchema)]
pub struct ComplaintDocument {
    /// The document.
    #[serde(flatten)]
    pub document: SentDocument,
    /// Whether the complainant sent the document, or somebody who works on the complaint.
    pub author: Author,
    /// The name of the officer or the guest who sent the document; left out for one of the complainant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<200>>)]
    pub sent_by: Option<String>,
    /// When an officer passed on to everybody who has the complaint what the complainant sent. What the council sent is open to them at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed_on_at: Option<DateTime<Utc>>,
}

fn sealed_field(sealed: Sealed, id: DocumentId) -> SealedField {
    sealed.of("complaint_documents", "details", id.uuid())
}

type Columns = (DocumentId, DocumentKind, i64, Vec<u8>, DocumentStatus, DateTime<Utc>, Option<DateTime<Utc>>);

/// The columns of a document that everybody sees who sees it.
macro_rules! columns {
    () => {
        (
            complaint_documents::document_id,
            complaint_documents::kind,
            complaint_documents::size,
            complaint_documents::details,
            complaint_documents::status,
            complaint_documents::sent_at,
            complaint_documents::scanned_at,
        )
    };
}

fn show(key: &Key, sealed: Sealed, columns: Columns) -> Result<SentDocument, StoreError> {
    let (id, kind, size, details, status, sent_at, scanned_at) = columns;
    let details: Details = key.open(sealed_field(sealed, id), &details)?;
    Ok(SentDocument {
        id,
        kind,
        size,
        sha256: details.sha256(),
        places_dropped: details.places_dropped,
        name: details.name,
        status,
        sent_at,
        scanned_at,
    })
}

type Row = (Columns, Author, Option<String>, Option<String>, Option<DateTime<Utc>>);

/// The documents of a complaint that the caller may see, each with who sent it.
macro_rules! rows {
    ($sealed:expr) => {
        complaint_documents::table
            .left_join(
                officers::table.on(officers::council_id
                    .eq(complaint_documents::council_id)
                    .and(officers::officer_id.nullable().eq(complaint_documents::officer_id))),
            )
            .left_join(
                guests::table.on(guests::council_id
                    .eq(complaint_documents::council_id)
                    .and(guests::guest_id.nullable().eq(complaint_documents::guest_id))),
            )
            .filter(complaint_documents::council_id.eq($sealed.council))
            .filter(complaint_documents::complaint_id.eq($sealed.id))
            .select((
                columns!(),
                complaint_documents::author,
                officers::name.nullable(),
                guests::name.nullable(),
                complaint_documents::passed_on_at,
            ))
    };
}

fn show_row(key: &Key, sealed: Sealed, row: Row) -> Result<ComplaintDocument, StoreError> {
    let (columns, author, officer, guest, passed_on_at) = row;
    Ok(ComplaintDocument { document: show(key, sealed, columns)?, author, sent_by: officer.or(guest), passed_on_at })
}

/// Lists the documents of a complaint that the caller may see, the newest first.
pub fn list(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    paging: &Paging,
) -> Result<OnRecord<Page<ComplaintDocument>>, StoreError> {
    let (sealed, key) = sealed_of(scope, id)?;
    let before = DocumentId::from(paging.after_id()?.unwrap_or(Uuid::max()));
    let rows: Vec<Row> = rows!(sealed)
        .filter(complaint_documents::document_id.lt(before))
        .order(complaint_documents::document_id.desc())
        .limit(paging.fetch())
        .load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.0.uuid()).try_map(|row| show_row(&key, sealed, row))?;
    scope.list_read(page, Event::ComplaintDocumentsListed { complaint: id })
}

/// Reads at most so many of the documents of a complaint that the caller may see, the oldest first.
pub(super) fn all(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
    most: i64,
) -> Result<Vec<ComplaintDocument>, StoreError> {
    let rows: Vec<Row> = rows!(sealed).order(complaint_documents::document_id).limit(most).load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    rows.into_iter().map(|row| show_row(&key, sealed, row)).collect()
}

/// Finds a document for its sender, who sent the same request again: the reading is on record.
pub fn find_sent(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    document: DocumentId,
) -> Result<OnRecord<ComplaintDocument>, StoreError> {
    let (sealed, key) = sealed_of(scope, id)?;
    let row: Row = rows!(sealed).filter(complaint_documents::document_id.eq(document)).first(scope.conn)?;
    let document = show_row(&key, sealed, row)?;
    scope.record_read(document, Event::ComplaintDocumentsListed { complaint: id })
}

/// Finds a document that came with the code of a complaint, as [`find_sent`] does.
pub fn find_sent_with_code(
    scope: &mut PartnerScope<'_>,
    (reference, code): (&str, &str),
    document: DocumentId,
) -> Result<OnRecord<SentDocument>, StoreError> {
    let sealed = find_sealed(scope, reference, code)?;
    let columns: Columns = complaint_documents::table
        .filter(complaint_documents::council_id.eq(sealed.council).and(complaint_documents::complaint_id.eq(sealed.id)))
        .filter(complaint_documents::document_id.eq(document))
        .select(columns!())
        .first(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let document = show(&key, sealed, columns)?;
    scope.log = LogOwner::Complaints(sealed.council);
    scope.record_read(document, Event::ComplaintFollowed { complaint: sealed.id })
}

/// What came with the code of a complaint, the oldest first, for whoever follows it.
pub(super) fn followed(scope: &mut PartnerScope<'_>, sealed: Sealed) -> Result<Vec<SentDocument>, StoreError> {
    let rows: Vec<Columns> = complaint_documents::table
        .filter(complaint_documents::council_id.eq(sealed.council).and(complaint_documents::complaint_id.eq(sealed.id)))
        .order(complaint_documents::document_id)
        .select(columns!())
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    rows.into_iter().map(|columns| show(&key, sealed, columns)).collect()
}

/// Opens the name of a document as a text in which a name can stand.
pub(super) fn words_of(key: &Key, sealed: Sealed, id: DocumentId, details: &[u8]) -> Result<String, StoreError> {
    let details: Details = key.open(sealed_field(sealed, id), details)?;
    Ok(words_of_file(&details.name))
}

/// Gives a document out, and records that. One that the scanner has not found clean is not there.
pub fn open(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    document: DocumentId,
) -> Result<OnRecord<Content>, StoreError> {
    type Given = (Columns, KeyId, ObjectId, Option<Vec<u8>>, WrappedKeys);
    let council = scope.council_id();
    let (columns, key_id, object, content_key, keys): Given = complaint_documents::table
        .find((council, document))
        .filter(complaint_documents::complaint_id.eq(id))
        .filter(complaint_documents::status.eq(DocumentStatus::Clean))
        .select((
            columns!(),
            complaint_documents::key_id,
            complaint_documents::object_id,
            complaint_documents::content_key,
            wrapped_keys!(complaint_documents, council.uuid()),
        ))
        .first(scope.conn)?;
    let (sealed, owner) = (Sealed { council, id, key_id }, council.uuid());
    let key = scope.unwrap(owner, key_id, &keys)?;
    let content_key = key.unwrap_key(owner, document.uuid(), &content_key.ok_or(StoreError::NotFound)?)?;
    let shown = show(&key, sealed, columns)?;
    let content = Content::of(shown.kind, Some(shown.name), shown.size, (object, content_key))?;
    scope.record_read(content, Event::ComplaintDocumentGivenOut { complaint: id })
}

/// Passes a document of the complainant's on to everybody who has the complaint, as a message is passed on.
pub fn pass_on(scope: &mut ComplaintsScope<'_>, id: ComplaintId, document: DocumentId) -> Result<(), StoreError> {
    scope.officer()?;
    let own = complaint_documents::table
        .filter(complaint_documents::council_id.eq(scope.council_id()).and(complaint_documents::complaint_id.eq(id)))
        .filter(complaint_documents::document_id.eq(document));
    let passed_on_at: Option<DateTime<Utc>> = own.select(complaint_documents::passed_on_at).first(scope.conn)?;
    if passed_on_at.is_some() {
        return Ok(());
    }
    let passed_on = update(own).set(complaint_documents::passed_on_at.eq(scope.at())).execute(scope.conn)?;
    StoreError::unless_changed(passed_on, "the document")?;
    scope.record(Event::ComplaintDocumentPassedOn { complaint: id })
}
