//! Sending in a document: the row, which has the key of a content that was taken in.

use almoner_domain::documents::limits;
use almoner_domain::documents::{DocumentName, DocumentStatus};
use almoner_domain::events::{Event, Task};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{CaseId, DocumentId, KeyId, ObjectId, ServiceUserId};
use almoner_domain::refusal::Refusal;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use crate::documents::listing::{Details, Document, find_visible, sealed_field};
use crate::documents::reception::Received;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::as_limit;
use crate::ground::prepared::update;
use crate::ground::random;
use crate::ground::schema::{document_days, documents};
use crate::ground::scope::{PracticeScope, Scope};
use crate::people::about::{AboutPerson, about};
use crate::people::service_users::{self, PersonShown};
use crate::staff::names::Worker;

/// The record, or the case in it, that has a document.
#[derive(Clone, Copy)]
pub struct Holder {
    pub(super) about: AboutPerson,
    case: Option<CaseId>,
    key_id: KeyId,
}

impl Holder {
    /// Finds the record of a person, for a document without a case.
    pub fn of_person(scope: &mut PracticeScope<'_>, person: ServiceUserId) -> Result<Self, StoreError> {
        let person = service_users::find(scope, person)?;
        Ok(Self { about: person.about(), case: None, key_id: person.key_id })
    }

    /// A case of this person.
    pub(crate) fn of_case(case: CaseId, person: &PersonShown) -> Self {
        Self { about: person.about, case: Some(case), key_id: person.key_id }
    }
}

/// The time after which a content is deleted that was begun and not sent.
const CLEARED_AFTER: TimeDelta = TimeDelta::hours(24);

/// Begins to send in a document: refuses it if the holder may have no other, or the practice may not send in so many bytes more
/// today, which is asked once more when it is sent. Returns the identifier of the object for its content. It is random, and
/// tells nothing of when the document came or whose it is. A content that is never sent is cleared away after a day.
pub fn begin(scope: &mut PracticeScope<'_>, holder: &Holder, size: u64) -> Result<ObjectId, StoreError> {
    let (day, sent): (NaiveDate, i64) = document_days::table
        .filter(document_days::practice_id.eq(scope.practice_id()))
        .select((document_days::day, document_days::bytes))
        .first(scope.conn)
        .optional()?
        .unwrap_or((scope.today(), 0));
    limits::expect_within_the_day(if day == scope.today() { sent } else { 0 }, bytes(size)?)?;
    limits::expect_room(documents_of(scope, holder)?)?;
    let object = ObjectId::from(uuid::Builder::from_random_bytes(random::bytes()).into_uuid());
    let (practice, due_at) = (scope.practice_id(), scope.at() + CLEARED_AFTER);
    scope.schedule(practice, Task::ClearObject { object }, due_at);
    Ok(object)
}

/// Counts the documents that the holder has, whoever sent them.
fn documents_of(scope: &mut PracticeScope<'_>, holder: &Holder) -> Result<i64, StoreError> {
    let (practice, person) = (scope.practice_id(), holder.about.service_user_id);
    scope.as_intake(|scope| {
        let of_person = documents::table
            .filter(documents::practice_id.eq(practice).and(documents::service_user_id.eq(person)))
            .count();
        Ok(match holder.case {
            Some(case) => of_person.filter(documents::case_id.eq(case)).get_result(scope.conn)?,
            None => of_person.filter(documents::case_id.is_null()).get_result(scope.conn)?,
        })
    })
}

/// Counts the bytes among those that the practice sends in today. The row is held until the request is done, so that two at
/// once are counted one after the other.
fn count_in(scope: &mut PracticeScope<'_>, size: u64) -> Result<(), StoreError> {
    let (practice, today) = (scope.practice_id(), scope.today());
    diesel::insert_into(document_days::table)
        .values((document_days::practice_id.eq(practice), document_days::day.eq(today), document_days::bytes.eq(0)))
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    let (day, sent): (NaiveDate, i64) = document_days::table
        .filter(document_days::practice_id.eq(practice))
        .select((document_days::day, document_days::bytes))
        .for_update()
        .first(scope.conn)?;
    let sent = if day == today { sent } else { 0 };
    limits::expect_within_the_day(sent, bytes(size)?)?;
    let counted = update(document_days::table)
        .filter(document_days::practice_id.eq(practice))
        .set((document_days::day.eq(today), document_days::bytes.eq(sent + bytes(size)?)))
        .execute(scope.conn)?;
    StoreError::unless_changed(counted, "what the practice sent in today")
}

fn bytes(size: u64) -> Result<i64, StoreError> {
    i64::try_from(size).map_err(StoreError::unreadable)
}

/// Sends in a document with a content that was taken in, as a new version of the document that it replaces if it does. It
/// waits for the scanner.
pub fn send(
    scope: &mut PracticeScope<'_>,
    holder: &Holder,
    name: &DocumentName,
    replaces: Option<DocumentId>,
    received: &Received,
) -> Result<Document, StoreError> {
    let practice = scope.practice_id();
    count_in(scope, received.size)?;
    limits::expect_room(documents_of(scope, holder)?)?;
    let id: DocumentId = scope.next_id();
    let (first_id, number) = match replaces {
        Some(old) => next_version(scope, holder, old)?,
        None => (id, 1),
    };
    let key = scope.key(practice.uuid(), holder.key_id)?;
    let details = Details { name: name.as_str().to_owned(), hash: received.hash };
    let sealed = key.seal(sealed_field(scope, id), &details)?;
    let content_key = key.wrap(practice.uuid(), id.uuid(), &received.key)?;
    let document = Document {
        id,
        service_user_id: holder.about.service_user_id,
        case_id: holder.case,
        first_id,
        number,
        name: details.name,
        kind: received.kind,
        size: bytes(received.size)?,
        sha256: hex(&received.hash),
        status: DocumentStatus::Quarantined,
        sent_by: Worker { id: scope.staff_id(), name: scope.member().name.clone() },
        sent_at: scope.at(),
        scanned_at: None,
    };
    diesel::insert_into(documents::table)
        .values((
            documents::practice_id.eq(practice),
            documents::document_id.eq(id),
            about!(documents, holder.about),
            documents::case_id.eq(holder.case),
            documents::first_id.eq(first_id),
            documents::number.eq(number),
            documents::kind.eq(document.kind),
            documents::size.eq(document.size),
            documents::key_id.eq(holder.key_id),
            documents::details.eq(sealed),
            documents::object_id.eq(received.object),
            documents::content_key.eq(content_key),
            documents::status.eq(document.status),
            documents::sent_by.eq(scope.staff_id()),
            documents::sent_at.eq(document.sent_at),
        ))
        .execute(scope.conn)
        .map_err(|error| match error {
            // Somebody else sent in a version of the same document at the same moment.
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Refusal::ReplacedAlready.into(),
            other => StoreError::from(other),
        })?;
    let at = scope.at();
    scope.schedule(practice, Task::ScanDocument { document: id }, at);
    scope.record(Event::DocumentSent { document: id, person: document.service_user_id })?;
    Ok(document)
}

/// Finds the first version and the number of the version that replaces this one, which must be the newest: of those that were
/// not found infected, and that nobody erased.
fn next_version(
    scope: &mut PracticeScope<'_>,
    holder: &Holder,
    replaced: DocumentId,
) -> Result<(DocumentId, i32), StoreError> {
    let old = find_visible(scope, replaced).map_err(|error| error.unless_found("replaces"))?;
    if (old.service_user_id, old.case_id) != (holder.about.service_user_id, holder.case) {
        return Err(vec![Fault::new("replaces", "must be a document of the same case or record")].into());
    }
    let practice = scope.practice_id();
    let versions: Vec<(DocumentId, i32, DocumentStatus, Option<DateTime<Utc>>)> = scope.as_intake(|scope| {
        Ok(documents::table
            .filter(documents::practice_id.eq(practice).and(documents::first_id.eq(old.first_id)))
            .order(documents::number.desc())
            .limit(as_limit(usize::try_from(limits::MOST_OF_AN_OWNER).unwrap_or(usize::MAX)))
            .select((documents::document_id, documents::number, documents::status, documents::erased_at))
            .load(scope.conn)?)
    })?;
    let newest =
        versions.iter().find(|(.., status, erased_at)| *status != DocumentStatus::Infected && erased_at.is_none());
    if newest.is_none_or(|(newest, ..)| *newest != replaced) {
        return Err(Refusal::ReplacedAlready.into());
    }
    Ok((old.first_id, versions.first().map_or(old.number, |(_, number, ..)| *number) + 1))
}

/// Finds a document for its sender, who sent the same request again: the reading is on record.
pub fn find_sent(scope: &mut PracticeScope<'_>, id: DocumentId) -> Result<OnRecord<Document>, StoreError> {
    let document = find_visible(scope, id)?;
    let person = document.service_user_id;
    match document.case_id {
        Some(case) => scope.record_read(document, Event::CaseDocumentsListed { case, person }),
        None => scope.record_read(document, Event::ServiceUserDocumentsListed { person }),
    }
}

pub(super) fn hex(hash: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(hash)
}

impl Scope<'_> {
    /// Finds the person in whose record a document is, open to the caller or not: for the record of a refusal.
    pub fn person_of_document(&mut self, document: DocumentId) -> Result<Option<ServiceUserId>, StoreError> {
        self.as_role("almoner_intake", |scope| {
            Ok(documents::table
                .filter(documents::practice_id.eq(scope.log.uuid()).and(documents::document_id.eq(document)))
                .select(documents::service_user_id)
                .first(scope.conn)
                .optional()?)
        })
    }
}
