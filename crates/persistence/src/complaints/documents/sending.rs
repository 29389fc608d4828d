//! Sending a document to a complaint, with its code or as somebody who works on it.

use almoner_domain::complaints::complaint::Author;
use almoner_domain::complaints::naming::words_of_file;
use almoner_domain::documents::{DocumentName, DocumentStatus, limits};
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::ids::{ComplaintId, CouncilId, DocumentId, ObjectId};
use diesel::prelude::*;

use super::super::closed::{ask_another, named_at_the_desk};
use super::super::following::{find_sealed, find_unopened};
use super::super::messages::Written;
use super::super::{Sealed, sealed_of};
use super::{ComplaintDocument, SentDocument, sealed_field};
use crate::documents::{Details, Received, begin_object, bytes};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_documents, complaints};
use crate::ground::scope::{ComplaintsScope, PartnerScope, Scope};

/// Refuses a document of this size that the complaint may not have besides those that it has. It is asked once more when it is sent.
pub fn check(scope: &mut ComplaintsScope<'_>, id: ComplaintId, size: u64) -> Result<(), StoreError> {
    let (sealed, _) = sealed_of(scope, id)?;
    expect_room(scope, (sealed.council, id), Author::Council, size)
}

/// Refuses a document of this size that may not come with the code of the complaint, as [`check`] does.
pub fn check_with_code(scope: &mut PartnerScope<'_>, receipt: (&str, &str), size: u64) -> Result<(), StoreError> {
    let complaint = find_unopened(scope, receipt)?;
    expect_room(scope, complaint, Author::Complainant, size)
}

/// Counts the documents of a complaint, whoever sent them, and those that came with its code apart. They are no part of what the council
/// sends in on a day: so nobody who is not told of a complaint runs into a limit because of it.
fn expect_room(
    scope: &mut Scope<'_>,
    (council, complaint): (CouncilId, ComplaintId),
    author: Author,
    size: u64,
) -> Result<(), StoreError> {
    let there: Vec<(Author, i64)> = scope.as_identity(|scope| {
        Ok(complaint_documents::table
            .filter(complaint_documents::council_id.eq(council).and(complaint_documents::complaint_id.eq(complaint)))
            .select((complaint_documents::author, complaint_documents::size))
            .load(scope.conn)?)
    })?;
    limits::expect_room_at_a_complaint(i64::try_from(there.len()).map_err(StoreError::unreadable)?)?;
    if author == Author::Complainant {
        let own = there.into_iter().filter(|(author, _)| *author == Author::Complainant);
        limits::expect_room_with_the_code(&own.map(|(_, size)| size).collect::<Vec<_>>(), bytes(size)?)?;
    }
    Ok(())
}

fn begin_at(scope: &mut Scope<'_>, council: CouncilId) -> ObjectId {
    begin_object(scope, council, |object| Task::ClearComplaintObject { object })
}

/// Begins a content, as [`begin`](crate::documents::begin) does for a practice.
pub fn begin(scope: &mut ComplaintsScope<'_>) -> ObjectId {
    let council = scope.council_id();
    begin_at(scope, council)
}

/// Begins a content that comes with the code of a complaint.
pub fn begin_with_code(scope: &mut PartnerScope<'_>, receipt: (&str, &str)) -> Result<ObjectId, StoreError> {
    let (council, _) = find_unopened(scope, receipt)?;
    scope.as_role("almoner_intake", |scope| Ok(begin_at(scope, council)))
}

/// Sends a document to a complaint that the caller has. It waits for the scanner, and is then open to everybody who has the complaint.
pub fn send(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    name: &DocumentName,
    received: &Received,
) -> Result<ComplaintDocument, StoreError> {
    let (sealed, _) = sealed_of(scope, id)?;
    let worker = (scope.worker().person, scope.worker().name.clone());
    let document = write(scope, sealed, Written::By(worker.0), (name, received))?;
    update(complaints::table.find((sealed.council, id)))
        .set(complaints::last_worked_at.eq(scope.at()))
        .execute(scope.conn)?;
    let at = scope.at();
    scope.schedule(sealed.council, Task::ScanComplaintDocument { document: document.id }, at);
    scope.record(Event::ComplaintDocumentSent { complaint: id })?;
    Ok(ComplaintDocument { document, author: Author::Council, sent_by: Some(worker.1), passed_on_at: Some(at) })
}

/// Sends a document with the code of a complaint. It waits for the scanner, and then it goes to the officers who have the complaint, but not
/// to one whom its name may mean: then another officer is asked, as after a message.
pub fn send_with_code(
    scope: &mut PartnerScope<'_>,
    (reference, code): (&str, &str),
    name: &DocumentName,
    received: &Received,
) -> Result<SentDocument, StoreError> {
    let sealed = find_sealed(scope, reference, code)?;
    let council = sealed.council;
    let names = named_at_the_desk(scope, council, &words_of_file(name.as_str()))?;
    let document = write(scope, sealed, Written::ByComplainant { names: names.clone() }, (name, received))?;
    let at = scope.at();
    scope.as_role("almoner_intake", |scope| {
        scope.schedule(council, Task::ScanComplaintDocument { document: document.id }, at);
        Ok(())
    })?;
    ask_another(scope, sealed, &names)?;
    scope.record_in(LogOwner::Complaints(council), Event::ComplaintDocumentSent { complaint: sealed.id })?;
    Ok(document)
}

/// Writes the row of a document. The caller has already opened the key.
fn write(
    scope: &mut Scope<'_>,
    sealed: Sealed,
    written: Written,
    (name, received): (&DocumentName, &Received),
) -> Result<SentDocument, StoreError> {
    let id: DocumentId = scope.next_id();
    let (author, person, passed_on_at, names) = written.columns(scope.at());
    // Of two that are sent at once, one is counted after the other.
    let own = complaints::table.find((sealed.council, sealed.id)).select(complaints::complaint_id);
    own.for_no_key_update().first::<ComplaintId>(scope.conn)?;
    expect_room(scope, (sealed.council, sealed.id), author, received.size)?;
    let council = sealed.council.uuid();
    let key = scope.key(council, sealed.key_id)?;
    let details = Details::of(received, name);
    let document = SentDocument {
        id,
        name: details.name.clone(),
        kind: received.kind,
        size: bytes(received.size)?,
        sha256: details.sha256(),
        places_dropped: received.places_dropped,
        status: DocumentStatus::Quarantined,
        sent_at: scope.at(),
        scanned_at: None,
    };
    let common = (
        complaint_documents::council_id.eq(sealed.council),
        complaint_documents::complaint_id.eq(sealed.id),
        complaint_documents::document_id.eq(id),
        complaint_documents::author.eq(author),
        complaint_documents::kind.eq(document.kind),
        complaint_documents::size.eq(document.size),
        complaint_documents::key_id.eq(sealed.key_id),
        complaint_documents::details.eq(key.seal(sealed_field(sealed, id), &details)?),
        complaint_documents::object_id.eq(received.object),
        complaint_documents::content_key.eq(key.wrap(council, id.uuid(), &received.key)?),
        complaint_documents::sent_at.eq(document.sent_at),
        complaint_documents::names.eq(names),
    );
    let insert = diesel::insert_into(complaint_documents::table);
    match person {
        // Whoever has the code says nothing of the rest.
        None => insert.values(common).execute(scope.conn)?,
        Some(person) => {
            let who = (
                complaint_documents::officer_id.eq(person.officer()),
                complaint_documents::guest_id.eq(person.guest()),
                complaint_documents::passed_on_at.eq(passed_on_at),
            );
            insert.values((common, who)).execute(scope.conn)?
        }
    };
    Ok(document)
}
