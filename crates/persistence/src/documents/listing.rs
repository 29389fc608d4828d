//! Lists of documents, and giving one out.

use almoner_domain::documents::{DocumentKind, DocumentName, DocumentStatus};
use almoner_domain::events::{Event, ReferralOf};
use almoner_domain::ids::{CaseId, DocumentId, KeyId, ObjectId, ReferralId, ServiceUserId};
use almoner_domain::referrals::state::ReferralStatus;
use almoner_domain::words::text::Line;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::documents::content::Content;
use crate::documents::holder::{Holder, Of, Place, person_of};
use crate::documents::reception::Received;
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{councils, documents, staff};
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::{Key, SealedField};
use crate::people::service_users;
use crate::staff::names::Worker;
use crate::tenancy::councils::CouncilName;

/// One version of a document in a person's record.
#[derive(Clone, Serialize, ToSchema)]
pub struct Document {
    /// The identifier of this version of the document.
    pub id: DocumentId,
    /// The person whom the document is about; left out for one of a referral of which nobody is recognised yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<ServiceUserId>,
    /// The case that has the document; left out for a document without a case, and for one that came with a referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// The referral with which the document came. The case that was opened from it shows it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<ReferralId>,
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
    /// The status of the document. Only its sender is shown one that is not clean.
    pub status: DocumentStatus,
    /// The member of staff who sent the document in; left out for one that a council sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<Worker>,
    /// The council that sent the document with its referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub council: Option<CouncilName>,
    /// When the document was sent in.
    pub sent_at: DateTime<Utc>,
    /// When the scanner gave its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanned_at: Option<DateTime<Utc>>,
}

/// What a row of a document keeps sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Details {
    pub(crate) name: String,
    hash: [u8; 32],
    pub(crate) places_dropped: bool,
}

impl Details {
    /// What is kept of a content that was taken in, under this name.
    pub(crate) fn of(received: &Received, name: &DocumentName) -> Self {
        Self { name: name.as_str().to_owned(), hash: received.hash, places_dropped: received.places_dropped }
    }

    /// The SHA-256 hash of the content, in hexadecimal digits.
    pub(crate) fn sha256(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.hash)
    }
}

/// Opens the name of a document of a practice.
pub(crate) fn name_of(key: &Key, practice: Uuid, id: DocumentId, details: &[u8]) -> Result<String, StoreError> {
    key.open::<Details>(sealed_field(practice, id), details).map(|details| details.name)
}

pub(super) fn sealed_field(practice: Uuid, id: DocumentId) -> SealedField {
    SealedField { owner: practice, table: "documents", column: "details", row: id.uuid() }
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = documents)]
struct DocumentRow {
    document_id: DocumentId,
    service_user_id: Option<ServiceUserId>,
    case_id: Option<CaseId>,
    referral_id: Option<ReferralId>,
    about_id: Option<Uuid>,
    referral_status: Option<ReferralStatus>,
    first_id: DocumentId,
    number: i32,
    kind: DocumentKind,
    size: i64,
    key_id: KeyId,
    details: Vec<u8>,
    object_id: ObjectId,
    content_key: Option<Vec<u8>>,
    status: DocumentStatus,
    sent_at: DateTime<Utc>,
    scanned_at: Option<DateTime<Utc>>,
}

type RowShown = (DocumentRow, Option<Worker>, Option<CouncilName>, WrappedKeys);

/// The documents that the caller may see and nobody has erased, with who sent each and the keys with which they are opened.
macro_rules! rows {
    ($scope:expr) => {
        documents::table
            .left_join(staff::table.on(
                staff::practice_id.eq(documents::practice_id).and(staff::staff_id.nullable().eq(documents::sent_by)),
            ))
            .left_join(councils::table.on(councils::council_id.nullable().eq(documents::council_id)))
            .filter(documents::practice_id.eq($scope.practice_id()).and(documents::erased_at.is_null()))
    };
}

macro_rules! page_of {
    ($scope:expr, $paging:expr) => {
        rows!($scope)
            .filter(documents::document_id.lt(DocumentId::from($paging.after_id()?.unwrap_or(Uuid::max()))))
            .order(documents::document_id.desc())
            .limit($paging.fetch())
            .select((
                DocumentRow::as_select(),
                Option::<Worker>::as_select(),
                Option::<CouncilName>::as_select(),
                wrapped_keys!(documents, $scope.practice_id().uuid()),
            ))
    };
}

/// The documents of a case that the caller may see, the newest first, with every version of each: its own, and those that came
/// with the referral that opened it.
pub fn list_of_case(
    scope: &mut PracticeScope<'_>,
    holder: &Holder,
    case: CaseId,
    paging: &Paging,
) -> Result<OnRecord<Page<Document>>, StoreError> {
    let Of::Record { about, referral, .. } = &holder.of else { return Err(StoreError::NotFound) };
    let person = about.service_user_id;
    let own = documents::service_user_id.eq(person).and(documents::case_id.eq(case));
    let rows: Vec<RowShown> = match referral {
        Some(referral) => page_of!(scope, paging)
            .filter(own.assume_not_null().or(documents::referral_id.eq(referral).assume_not_null()))
            .load(scope.conn)?,
        None => page_of!(scope, paging).filter(own).load(scope.conn)?,
    };
    let page = show_page(scope, paging, rows)?;
    scope.list_read(page, Event::CaseDocumentsListed { case, person })
}

/// All the documents in a person's record that the caller may see, the newest first: those of every case, those without a case,
/// and those that came with a referral from which a case was opened.
pub fn list_of_person(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    paging: &Paging,
) -> Result<OnRecord<Page<Document>>, StoreError> {
    let about = service_users::find(scope, person)?.about();
    // What else the key of the person has is named, so that the index gives the documents in their order.
    let guarded = documents::access_restricted.eq(about.access_restricted).and(documents::team_id.eq(about.team_id));
    let own = documents::service_user_id.eq(person).assume_not_null();
    let of_referrals = documents::about_id
        .eq(person.uuid())
        .and(documents::referral_status.eq(ReferralStatus::Accepted))
        .assume_not_null();
    let rows: Vec<RowShown> = page_of!(scope, paging).filter(guarded).filter(own.or(of_referrals)).load(scope.conn)?;
    let page = show_page(scope, paging, rows)?;
    scope.list_read(page, Event::ServiceUserDocumentsListed { person })
}

/// The documents of a referral that the caller may see, the newest first, with every version of each.
pub(crate) fn list_of_referral(
    scope: &mut PracticeScope<'_>,
    place: &Place,
    paging: &Paging,
) -> Result<OnRecord<Page<Document>>, StoreError> {
    let rows: Vec<RowShown> =
        page_of!(scope, paging).filter(documents::referral_id.eq(place.referral)).load(scope.conn)?;
    let page = show_page(scope, paging, rows)?;
    let referral = ReferralOf::Practice(place.referral);
    scope.list_read(page, Event::ReferralDocumentsListed { referral, person: place.person() })
}

fn show_page(
    scope: &mut PracticeScope<'_>,
    paging: &Paging,
    rows: Vec<RowShown>,
) -> Result<Page<Document>, StoreError> {
    paging.page(rows, |(row, ..)| row.document_id.uuid()).try_map(|row| show(scope, row))
}

fn show(scope: &mut PracticeScope<'_>, (row, sent_by, council, keys): RowShown) -> Result<Document, StoreError> {
    let practice = scope.practice_id().uuid();
    let key = scope.unwrap(practice, row.key_id, &keys)?;
    let details: Details = key.open(sealed_field(practice, row.document_id), &row.details)?;
    Ok(Document {
        id: row.document_id,
        service_user_id: person_of(row.service_user_id, row.referral_id, row.about_id),
        case_id: row.case_id,
        referral_id: row.referral_id,
        first_id: row.first_id,
        number: row.number,
        kind: row.kind,
        size: row.size,
        sha256: details.sha256(),
        places_dropped: details.places_dropped,
        name: details.name,
        status: row.status,
        sent_by,
        council,
        sent_at: row.sent_at,
        scanned_at: row.scanned_at,
    })
}

fn find_row(scope: &mut PracticeScope<'_>, id: DocumentId) -> Result<RowShown, StoreError> {
    let practice = scope.practice_id().uuid();
    Ok(rows!(scope)
        .filter(documents::document_id.eq(id))
        .select((
            DocumentRow::as_select(),
            Option::<Worker>::as_select(),
            Option::<CouncilName>::as_select(),
            wrapped_keys!(documents, practice),
        ))
        .first(scope.conn)?)
}

/// Finds a document that the caller may see: a clean one, or their own.
pub(super) fn find_visible(scope: &mut PracticeScope<'_>, id: DocumentId) -> Result<Document, StoreError> {
    let row = find_row(scope, id)?;
    show(scope, row)
}

/// Gives a document out, and records that as an event. One that the scanner has not found clean is not there, for its sender
/// neither; nor is one of a referral from which no case was opened, for a caller who does not read referrals.
pub fn open(
    scope: &mut PracticeScope<'_>,
    id: DocumentId,
    reads_referrals: bool,
) -> Result<OnRecord<Content>, StoreError> {
    let row = find_row(scope, id)?;
    if row.0.status != DocumentStatus::Clean
        || !reads_referrals && row.0.referral_status.is_some_and(|status| status != ReferralStatus::Accepted)
    {
        return Err(StoreError::NotFound);
    }
    let practice = scope.practice_id().uuid();
    let (object, sealed) = (row.0.object_id, row.0.content_key.clone().ok_or(StoreError::NotFound)?);
    let key = scope.unwrap(practice, row.0.key_id, &row.3)?.unwrap_key(practice, id.uuid(), &sealed)?;
    let document = show(scope, row)?;
    let content = Content::of(document.kind, Some(document.name), document.size, (object, key))?;
    scope.record_read(content, Event::DocumentDownloaded { document: id, person: document.service_user_id })
}
