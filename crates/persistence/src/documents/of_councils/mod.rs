//! The documents that councils send with their requests: the councils' own rows, and those of the practices that have a request.

mod delivery;
mod scanning;
mod sending;

use almoner_domain::documents::{DocumentKind, DocumentStatus};
use almoner_domain::events::{Event, ReferralOf};
use almoner_domain::ids::{ClientId, CouncilRequestId, DocumentId, KeyId, ObjectId};
use almoner_domain::words::text::Line;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::documents::content::Content;
use crate::documents::listing::Details;
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::council_documents;
use crate::ground::scope::CouncilScope;
use crate::ground::sealing::SealedField;

pub(crate) use delivery::deliveries_of;
pub(crate) use scanning::settle_council_scan;
pub use scanning::{begin_council_scan, clear_council_object};
pub use sending::begin_of_council;
pub(crate) use sending::{check, send};

/// A council's request, which has documents.
#[derive(Clone, Copy)]
pub(crate) struct Request {
    pub(crate) id: CouncilRequestId,
    pub(crate) key_id: KeyId,
}

/// One version of a document that a council sent with its referral, as the council sees it.
#[derive(Clone, Serialize, ToSchema)]
pub struct CouncilDocument {
    /// The identifier of this version of the document at the council.
    pub id: DocumentId,
    /// The referral with which the document was sent.
    pub referral_id: CouncilRequestId,
    /// The identifier of the document's first version, which all of its versions share.
    pub first_id: DocumentId,
    /// The number of the version, from 1.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
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
    /// Whether something was taken out of a picture before it was stored: places, or what may have held them.
    pub places_dropped: bool,
    /// The status of the document. Only the system that sent it is shown one that is not clean.
    pub status: DocumentStatus,
    /// The council's system that sent the document in.
    pub client_id: ClientId,
    /// When the document was sent in.
    pub sent_at: DateTime<Utc>,
    /// When the scanner gave its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanned_at: Option<DateTime<Utc>>,
}

fn sealed_field(council: Uuid, id: DocumentId) -> SealedField {
    SealedField { owner: council, table: "council_documents", column: "details", row: id.uuid() }
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = council_documents)]
struct DocumentRow {
    document_id: DocumentId,
    council_request_id: CouncilRequestId,
    first_id: DocumentId,
    number: i32,
    kind: DocumentKind,
    size: i64,
    key_id: KeyId,
    details: Vec<u8>,
    object_id: ObjectId,
    content_key: Option<Vec<u8>>,
    status: DocumentStatus,
    client_id: ClientId,
    sent_at: DateTime<Utc>,
    scanned_at: Option<DateTime<Utc>>,
}

type RowShown = (DocumentRow, WrappedKeys);

/// The council's documents that the caller may see, with the keys with which they are opened.
macro_rules! rows {
    ($scope:expr) => {
        council_documents::table
            .filter(council_documents::council_id.eq($scope.council_id()))
            .select((DocumentRow::as_select(), wrapped_keys!(council_documents, $scope.council_id().uuid())))
    };
}

/// The documents of a request that the caller may see, the newest first, with every version of each.
pub(crate) fn list(
    scope: &mut CouncilScope<'_>,
    request: CouncilRequestId,
    paging: &Paging,
) -> Result<OnRecord<Page<CouncilDocument>>, StoreError> {
    let before = DocumentId::from(paging.after_id()?.unwrap_or(Uuid::max()));
    let rows: Vec<RowShown> = rows!(scope)
        .filter(council_documents::council_request_id.eq(request).and(council_documents::document_id.lt(before)))
        .order(council_documents::document_id.desc())
        .limit(paging.fetch())
        .load(scope.conn)?;
    let page = paging.page(rows, |(row, _)| row.document_id.uuid()).try_map(|row| show(scope, row))?;
    let referral = ReferralOf::Council(request);
    scope.list_read(page, Event::ReferralDocumentsListed { referral, person: None })
}

fn show(scope: &mut CouncilScope<'_>, (row, keys): RowShown) -> Result<CouncilDocument, StoreError> {
    let council = scope.council_id().uuid();
    let key = scope.unwrap(council, row.key_id, &keys)?;
    let details: Details = key.open(sealed_field(council, row.document_id), &row.details)?;
    Ok(CouncilDocument {
        id: row.document_id,
        referral_id: row.council_request_id,
        first_id: row.first_id,
        number: row.number,
        kind: row.kind,
        size: row.size,
        sha256: details.sha256(),
        places_dropped: details.places_dropped,
        name: details.name,
        status: row.status,
        client_id: row.client_id,
        sent_at: row.sent_at,
        scanned_at: row.scanned_at,
    })
}

fn find_row(scope: &mut CouncilScope<'_>, id: DocumentId) -> Result<RowShown, StoreError> {
    Ok(rows!(scope).filter(council_documents::document_id.eq(id)).first(scope.conn)?)
}

/// Finds a document that the caller may see: a clean one, or their own.
fn find_visible(scope: &mut CouncilScope<'_>, id: DocumentId) -> Result<CouncilDocument, StoreError> {
    let row = find_row(scope, id)?;
    show(scope, row)
}

/// Finds a document for its sender, who sent the same request again: the reading is on record.
pub fn find_sent_by_council(
    scope: &mut CouncilScope<'_>,
    id: DocumentId,
) -> Result<OnRecord<CouncilDocument>, StoreError> {
    let document = find_visible(scope, id)?;
    let referral = ReferralOf::Council(document.referral_id);
    scope.record_read(document, Event::ReferralDocumentsListed { referral, person: None })
}

/// Gives a document out to its council, and records that as an event. One that the scanner has not found clean is not there,
/// for its sender neither.
pub(crate) fn open_of_council(scope: &mut CouncilScope<'_>, id: DocumentId) -> Result<OnRecord<Content>, StoreError> {
    let (row, keys) = find_row(scope, id)?;
    if row.status != DocumentStatus::Clean {
        return Err(StoreError::NotFound);
    }
    let council = scope.council_id().uuid();
    let (object, sealed) = (row.object_id, row.content_key.clone().ok_or(StoreError::NotFound)?);
    let key = scope.unwrap(council, row.key_id, &keys)?.unwrap_key(council, id.uuid(), &sealed)?;
    let document = show(scope, (row, keys))?;
    let content = Content::of(document.kind, Some(document.name), document.size, (object, key))?;
    scope.record_read(content, Event::DocumentDownloaded { document: id, person: None })
}

/// Finds the request with which a document was sent.
pub(crate) fn request_of(scope: &mut CouncilScope<'_>, id: DocumentId) -> Result<CouncilRequestId, StoreError> {
    let council = scope.council_id();
    Ok(council_documents::table.find((council, id)).select(council_documents::council_request_id).first(scope.conn)?)
}
