//! The documents that a council sends with its request. Each goes to the practice that has the request, and all of them to the
//! next, where it is sent to another.

use almoner_domain::documents::DocumentName;
use almoner_domain::ids::{CouncilRequestId, DocumentId, PracticeId, ReferralId};
use diesel::prelude::*;

use super::{CouncilReferral, find, record_at_the_practice};
use crate::documents::{self, Content, CouncilDocument, Received, Request};
use crate::ground::callers::CouncilCaller;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::council_requests;
use crate::ground::scope::CouncilScope;

impl CouncilReferral {
    fn holder(&self) -> Request {
        Request { id: self.id, key_id: self.key_id }
    }
}

/// Refuses a document of this size that the council may not send with its referral.
pub fn check_document(scope: &mut CouncilScope<'_>, id: CouncilRequestId, size: u64) -> Result<(), StoreError> {
    let request = find(scope, id)?;
    request.status.take_document_of_council()?;
    documents::check_of_council(scope, request.holder(), size)
}

/// Sends in a document with a referral, and gives it to the practice that has the referral.
pub fn send_document(
    scope: &mut CouncilScope<'_>,
    id: CouncilRequestId,
    name: &DocumentName,
    replaces: Option<DocumentId>,
    received: &Received,
) -> Result<CouncilDocument, StoreError> {
    let request = find(scope, id)?;
    request.status.take_document_of_council()?;
    let document = documents::send_of_council(scope, request.holder(), name, replaces, received)?;
    if let (true, Some(practice), Some(referral)) =
        (request.status.is_with_a_practice(), &request.practice, request.referral_id)
    {
        deliver(scope, id, Some(document.id), (practice.practice.id, referral))?;
    }
    expect_still_there(scope, &request)?;
    Ok(document)
}

/// Gives the documents of a request to the practice that has it: all of them, or the one that was just sent.
pub(super) fn deliver(
    scope: &mut CouncilScope<'_>,
    id: CouncilRequestId,
    only: Option<DocumentId>,
    (practice, referral): (PracticeId, ReferralId),
) -> Result<(), StoreError> {
    let deliveries = documents::deliveries_of(scope, id, only)?;
    let council = scope.council_id();
    scope.at_intake(practice, |intake| match intake.place_of(council, id, referral)? {
        Some(place) => intake.deliver(&place, &deliveries),
        None => Ok(()),
    })
}

/// Expects that the request was not sent to another practice since it was read, and sees to it that it is not until the document is
/// there: whoever sends it on gives the next practice the documents that there are. The practice's row is locked first, as when
/// the practice answers, so that two requests at once wait for each other and do not deadlock.
fn expect_still_there(scope: &mut CouncilScope<'_>, request: &CouncilReferral) -> Result<(), StoreError> {
    let referral: Option<ReferralId> = council_requests::table
        .filter(council_requests::council_id.eq(scope.council_id()))
        .filter(council_requests::council_request_id.eq(request.id))
        .select(council_requests::referral_id)
        .for_share()
        .first(scope.conn)?;
    if referral == request.referral_id { Ok(()) } else { Err(StoreError::InProgress) }
}

/// Opens a document that was sent with a referral. What an officer reads of it is on record at the practice too.
pub fn open_document(scope: &mut CouncilScope<'_>, id: DocumentId) -> Result<OnRecord<Content>, StoreError> {
    let content = documents::open_of_council(scope, id)?;
    if let CouncilCaller::Officer(_) = scope.caller() {
        let request = documents::request_of(scope, id)?;
        let referral = find(scope, request)?;
        record_at_the_practice(scope, &referral)?;
    }
    Ok(content)
}

/// The documents that were sent with a referral and that the caller may see, the newest first, with every version of each.
pub fn list_documents(
    scope: &mut CouncilScope<'_>,
    id: CouncilRequestId,
    paging: &Paging,
) -> Result<OnRecord<Page<CouncilDocument>>, StoreError> {
    let referral = find(scope, id)?;
    record_at_the_practice(scope, &referral)?;
    documents::list_of_request(scope, id, paging)
}
