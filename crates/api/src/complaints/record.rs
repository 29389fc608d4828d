//! The record of a person at a practice, which an officer opens for looking into a complaint.

use almoner_domain::complaints::record::OpenRecord;
use almoner_domain::ids::ComplaintId;
use almoner_persistence::Page;
use almoner_persistence::complaints::reading::Complaint;
use almoner_persistence::complaints::record::{self, NoteLookedInto, RecordLookedInto};
use almoner_persistence::complaints::record_openings;
use almoner_persistence::complaints::subject_access::{self, RecordOpenings, WhoseRecord};

use super::change;
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsAnswerAccess, ComplaintsDecide, ComplaintsOpenRecord, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::{NoContent, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: open refuses InvalidState,
        close,
        read refuses InvalidState,
        list_notes refuses InvalidState,
        find_openings,
    );
}

/// Opens the record of one person at the practice, in one period, to those who have the complaint whole; to guests only if that is said.
///
/// It is read past the practice's restrictions and exclusions, and nothing at the practice tells of it. The complainant reads the period
/// and the reason, where it is their own record or that of the person for whom they act. A record that was open is closed by it.
#[utoipa::path(put, path = "/{id}/record")]
async fn open(
    caller: Caller<ComplaintsOpenRecord>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<OpenRecord>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| record_openings::open(scope, complaint, &body.value)).await
}

/// Closes the record that is open. The same again changes nothing.
#[utoipa::path(delete, path = "/{id}/record")]
async fn close(caller: Caller<ComplaintsDecide>, id: Path<ComplaintId>) -> Result<NoContent, ApiError> {
    caller.act(move |scope| record_openings::close(scope, id.0)).await
}

/// Shows the record that is open, but its notes. In a confidential complaint the caller unseals the identity first.
#[utoipa::path(get, path = "/{id}/record")]
async fn read(caller: Caller<ComplaintsWork>, id: Path<ComplaintId>) -> Result<Reply<RecordLookedInto>, ApiError> {
    caller.read(move |scope| record::read(scope, id.0)).await
}

/// Lists the notes of the record that is open, the oldest first: those of which the contact or the event is in the period.
#[utoipa::path(get, path = "/{id}/record/notes")]
async fn list_notes(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<NoteLookedInto>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| record::list_notes(scope, id.0, &paging)).await
}

/// Finds when the record of a person was open for looking into complaints, and who read it.
///
/// It is for the responsible person and the alternate, who answer a subject access request for the council. It names no complaint and
/// nobody who complained, and gives no reason. That it was asked is on record. The person is in the content, never in the address.
#[utoipa::path(post, path = "/record-openings/search")]
async fn find_openings(
    caller: Caller<ComplaintsAnswerAccess>,
    body: Body<WhoseRecord>,
) -> Result<Reply<RecordOpenings>, ApiError> {
    caller.read(move |scope| subject_access::list(scope, &body.value)).await
}
