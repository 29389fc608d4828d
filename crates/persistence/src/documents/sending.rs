//! Sending in a document: the row, which has the key of a content that was taken in.

use almoner_domain::documents::limits;
use almoner_domain::documents::{DocumentName, DocumentStatus};
use almoner_domain::events::{Event, ReferralOf, Task};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{DocumentId, ObjectId, ReferralId, ServiceUserId};
use almoner_domain::refusal::Refusal;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use uuid::Uuid;

use crate::documents::holder::{Holder, Of, person_of};
use crate::documents::listing::{Details, Document, find_visible, sealed_field};
use crate::documents::reception::Received;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::as_limit;
use crate::ground::prepared::update;
use crate::ground::random;
use crate::ground::schema::{document_days, documents};
use crate::ground::scope::{PracticeScope, Scope};
use crate::staff::names::Worker;

/// The time after which a content is deleted that was begun and not sent.
const CLEARED_AFTER: TimeDelta = TimeDelta::hours(24);

/// Refuses a document of this size that the holder may not have besides those that it has, or that the practice may not send in
/// today. Both are asked once more when it is sent.
pub fn check(scope: &mut PracticeScope<'_>, holder: &Holder, size: u64) -> Result<(), StoreError> {
    let practice = scope.practice_id().uuid();
    check_day(scope, practice, size)?;
    Ok(limits::expect_room(documents_of(scope, holder)?)?)
}

/// Begins a content. Returns the identifier of its object, which is random, and tells nothing of when the document came or whose
/// it is. A content that is never sent is cleared away after a day.
pub fn begin(scope: &mut PracticeScope<'_>) -> ObjectId {
    let practice = scope.practice_id();
    begin_object(scope, practice, |object| Task::ClearObject { object })
}

/// Begins an object of this owner, and leaves the job that clears it away unless it is sent.
pub(crate) fn begin_object(scope: &mut Scope<'_>, owner: impl Into<Uuid>, clearing: fn(ObjectId) -> Task) -> ObjectId {
    let (object, due_at) = (random_object(), scope.at() + CLEARED_AFTER);
    scope.schedule(owner, clearing(object), due_at);
    object
}

pub(super) fn random_object() -> ObjectId {
    ObjectId::from(uuid::Builder::from_random_bytes(random::bytes()).into_uuid())
}

/// Refuses a content with which a practice or a council would have sent in more today than it may.
pub(super) fn check_day(scope: &mut Scope<'_>, owner: Uuid, size: u64) -> Result<(), StoreError> {
    let (day, sent): (NaiveDate, i64) = document_days::table
        .filter(document_days::owner_id.eq(owner))
        .select((document_days::day, document_days::bytes))
        .first(scope.conn)
        .optional()?
        .unwrap_or((scope.today(), 0));
    Ok(limits::expect_within_the_day(if day == scope.today() { sent } else { 0 }, bytes(size)?)?)
}

/// Counts the documents that the holder has, whoever sent them.
fn documents_of(scope: &mut PracticeScope<'_>, holder: &Holder) -> Result<i64, StoreError> {
    let practice = scope.practice_id();
    scope.as_intake(|scope| {
        let all = documents::table.filter(documents::practice_id.eq(practice)).count();
        Ok(match &holder.of {
            Of::Record { about, case, .. } => {
                let of_person = all.filter(documents::service_user_id.eq(about.service_user_id));
                match case {
                    Some(case) => of_person.filter(documents::case_id.eq(case)).get_result(scope.conn)?,
                    None => of_person.filter(documents::case_id.is_null()).get_result(scope.conn)?,
                }
            }
            Of::Referral(place) => all.filter(documents::referral_id.eq(place.referral)).get_result(scope.conn)?,
        })
    })
}

/// Counts the bytes among those that the practice or the council sends in today. The row is held until the request is done, so
/// that two at once are counted one after the other.
pub(super) fn count_in(scope: &mut Scope<'_>, owner: Uuid, size: u64) -> Result<(), StoreError> {
    let today = scope.today();
    diesel::insert_into(document_days::table)
        .values((document_days::owner_id.eq(owner), document_days::day.eq(today), document_days::bytes.eq(0)))
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    let (day, sent): (NaiveDate, i64) = document_days::table
        .filter(document_days::owner_id.eq(owner))
        .select((document_days::day, document_days::bytes))
        .for_update()
        .first(scope.conn)?;
    let sent = if day == today { sent } else { 0 };
    limits::expect_within_the_day(sent, bytes(size)?)?;
    let counted = update(document_days::table)
        .filter(document_days::owner_id.eq(owner))
        .set((document_days::day.eq(today), document_days::bytes.eq(sent + bytes(size)?)))
        .execute(scope.conn)?;
    StoreError::unless_changed(counted, "what was sent in today")
}

pub(crate) fn bytes(size: u64) -> Result<i64, StoreError> {
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
    count_in(scope, practice.uuid(), received.size)?;
    limits::expect_room(documents_of(scope, holder)?)?;
    let id: DocumentId = scope.next_id();
    let (first_id, number) = match replaces {
        Some(old) => next_version(scope, holder, old)?,
        None => (id, 1),
    };
    let key = scope.key(practice.uuid(), holder.key_id)?;
    let details = Details::of(received, name);
    let sealed = key.seal(sealed_field(practice.uuid(), id), &details)?;
    let content_key = key.wrap(practice.uuid(), id.uuid(), &received.key)?;
    let (case_id, referral_id) = match &holder.of {
        Of::Record { case, .. } => (*case, None),
        Of::Referral(place) => (None, Some(place.referral)),
    };
    let document = Document {
        id,
        service_user_id: holder.person(),
        case_id,
        referral_id,
        first_id,
        number,
        name: details.name.clone(),
        kind: received.kind,
        size: bytes(received.size)?,
        sha256: details.sha256(),
        places_dropped: received.places_dropped,
        status: DocumentStatus::Quarantined,
        sent_by: Some(Worker { id: scope.staff_id(), name: scope.member().name.clone() }),
        council: None,
        sent_at: scope.at(),
        scanned_at: None,
    };
    diesel::insert_into(documents::table)
        .values((
            documents::practice_id.eq(practice),
            documents::document_id.eq(id),
            holder.whereabouts(),
            documents::first_id.eq(first_id),
            documents::number.eq(number),
            documents::kind.eq(document.kind),
            documents::size.eq(document.size),
            documents::key_id.eq(holder.key_id),
            documents::details.eq(sealed),
            documents::object_id.eq(received.object),
            documents::content_key.eq(content_key),
            documents::sent_by.eq(scope.staff_id()),
            documents::sent_at.eq(document.sent_at),
        ))
        .execute(scope.conn)
        .map_err(replaced_meanwhile)?;
    let at = scope.at();
    scope.schedule(practice, Task::ScanDocument { document: id }, at);
    scope.record(Event::DocumentSent { document: id, person: document.service_user_id })?;
    Ok(document)
}

/// Turns the refusal of a version whose number is taken into the words that somebody else sent in a version of the same document
/// at the same moment.
pub(super) fn replaced_meanwhile(error: Error) -> StoreError {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Refusal::ReplacedAlready.into(),
        other => StoreError::from(other),
    }
}

/// Finds the first version and the number of the version that replaces this one, which must be the newest: of those that were
/// not found infected, and that nobody erased.
fn next_version(
    scope: &mut PracticeScope<'_>,
    holder: &Holder,
    replaced: DocumentId,
) -> Result<(DocumentId, i32), StoreError> {
    let old = find_visible(scope, replaced).map_err(|error| error.unless_found("replaces"))?;
    let is_theirs = match &holder.of {
        // The documents of the referral that opened a case are among the case's.
        Of::Record { about, case, referral } => {
            old.referral_id.is_some() && old.referral_id == *referral
                || old.referral_id.is_none()
                    && (old.service_user_id, old.case_id) == (Some(about.service_user_id), *case)
        }
        Of::Referral(place) => old.referral_id == Some(place.referral),
    };
    if !is_theirs {
        return Err(vec![Fault::new("replaces", "must be a document of the same case, record or referral")].into());
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
    let event = match (document.referral_id, document.case_id, person) {
        (Some(referral), ..) => Event::ReferralDocumentsListed { referral: ReferralOf::Practice(referral), person },
        (None, Some(case), Some(person)) => Event::CaseDocumentsListed { case, person },
        (None, None, Some(person)) => Event::ServiceUserDocumentsListed { person },
        (None, _, None) => return Err(StoreError::NotFound),
    };
    scope.record_read(document, event)
}

impl Scope<'_> {
    /// Finds the person in whose record a document is, open to the caller or not: for the record of a refusal.
    pub fn person_of_document(&mut self, document: DocumentId) -> Result<Option<ServiceUserId>, StoreError> {
        self.as_role("almoner_intake", |scope| {
            Ok(documents::table
                .filter(documents::practice_id.eq(scope.log.uuid()).and(documents::document_id.eq(document)))
                .select((documents::service_user_id, documents::referral_id, documents::about_id))
                .first::<(Option<ServiceUserId>, Option<ReferralId>, Option<Uuid>)>(scope.conn)
                .optional()?
                .and_then(|(person, referral, about)| person_of(person, referral, about)))
        })
    }
}
