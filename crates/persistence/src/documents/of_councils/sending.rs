//! Sending in a document at a council's door: the council's row.

use almoner_domain::documents::limits;
use almoner_domain::documents::{DocumentName, DocumentStatus};
use almoner_domain::events::{Event, Task};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{DocumentId, ObjectId};
use almoner_domain::refusal::Refusal;
use diesel::prelude::*;

use super::{CouncilDocument, Request, find_visible, sealed_field};
use crate::documents::listing::Details;
use crate::documents::reception::Received;
use crate::documents::sending::{begin_object, bytes, check_day, count_in, replaced_meanwhile};
use crate::ground::error::StoreError;
use crate::ground::schema::council_documents;
use crate::ground::scope::CouncilScope;

/// Refuses a document of this size that the request may not have besides those that it has, or that the council may not send in
/// today. Both are asked once more when it is sent.
pub(crate) fn check(scope: &mut CouncilScope<'_>, request: Request, size: u64) -> Result<(), StoreError> {
    let council = scope.council_id().uuid();
    check_day(scope, council, size)?;
    Ok(limits::expect_room(documents_of(scope, request)?)?)
}

/// Begins a content, as [`begin`](crate::documents::begin) does for a practice.
pub fn begin_of_council(scope: &mut CouncilScope<'_>) -> ObjectId {
    let council = scope.council_id();
    begin_object(scope, council, |object| Task::ClearCouncilObject { object })
}

/// Counts the documents that the request has, whichever system sent them.
fn documents_of(scope: &mut CouncilScope<'_>, request: Request) -> Result<i64, StoreError> {
    let council = scope.council_id();
    scope.as_role("almoner_intake", |scope| {
        Ok(council_documents::table
            .filter(council_documents::council_id.eq(council))
            .filter(council_documents::council_request_id.eq(request.id))
            .count()
            .get_result(scope.conn)?)
    })
}

/// Sends in a document with a content that was taken in, as a new version of the document that it replaces if it does. It
/// waits for the scanner.
pub(crate) fn send(
    scope: &mut CouncilScope<'_>,
    request: Request,
    name: &DocumentName,
    replaces: Option<DocumentId>,
    received: &Received,
) -> Result<CouncilDocument, StoreError> {
    let council = scope.council_id();
    count_in(scope, council.uuid(), received.size)?;
    limits::expect_room(documents_of(scope, request)?)?;
    let id: DocumentId = scope.next_id();
    let (first_id, number) = match replaces {
        Some(old) => next_version(scope, request, old)?,
        None => (id, 1),
    };
    let key = scope.key(council.uuid(), request.key_id)?;
    let details = Details::of(received, name);
    let document = CouncilDocument {
        id,
        referral_id: request.id,
        first_id,
        number,
        name: details.name.clone(),
        kind: received.kind,
        size: bytes(received.size)?,
        sha256: details.sha256(),
        places_dropped: received.places_dropped,
        status: DocumentStatus::Quarantined,
        client_id: scope.system()?.client_id,
        sent_at: scope.at(),
        scanned_at: None,
    };
    diesel::insert_into(council_documents::table)
        .values((
            council_documents::council_id.eq(council),
            council_documents::document_id.eq(id),
            council_documents::council_request_id.eq(request.id),
            council_documents::first_id.eq(first_id),
            council_documents::number.eq(number),
            council_documents::kind.eq(document.kind),
            council_documents::size.eq(document.size),
            council_documents::key_id.eq(request.key_id),
            council_documents::details.eq(key.seal(sealed_field(council.uuid(), id), &details)?),
            council_documents::object_id.eq(received.object),
            council_documents::content_key.eq(key.wrap(council.uuid(), id.uuid(), &received.key)?),
            council_documents::client_id.eq(document.client_id),
            council_documents::sent_at.eq(document.sent_at),
        ))
        .execute(scope.conn)
        .map_err(replaced_meanwhile)?;
    let at = scope.at();
    scope.schedule(council, Task::ScanCouncilDocument { document: id }, at);
    scope.record(Event::DocumentSent { document: id, person: None })?;
    Ok(document)
}

/// Finds the first version and the number of the version that replaces this one, which must be the newest of those that were not
/// found infected.
fn next_version(
    scope: &mut CouncilScope<'_>,
    request: Request,
    replaced: DocumentId,
) -> Result<(DocumentId, i32), StoreError> {
    let old = find_visible(scope, replaced).map_err(|error| error.unless_found("replaces"))?;
    if old.referral_id != request.id {
        return Err(vec![Fault::new("replaces", "must be a document of the same referral")].into());
    }
    let council = scope.council_id();
    let versions: Vec<(DocumentId, i32, DocumentStatus)> = scope.as_role("almoner_intake", |scope| {
        Ok(council_documents::table
            .filter(council_documents::council_id.eq(council).and(council_documents::first_id.eq(old.first_id)))
            .order(council_documents::number.desc())
            .select((council_documents::document_id, council_documents::number, council_documents::status))
            .load(scope.conn)?)
    })?;
    let newest = versions.iter().find(|(_, _, status)| *status != DocumentStatus::Infected);
    if newest.is_none_or(|(newest, ..)| *newest != replaced) {
        return Err(Refusal::ReplacedAlready.into());
    }
    Ok((old.first_id, versions.first().map_or(old.number, |(_, number, _)| *number) + 1))
}
