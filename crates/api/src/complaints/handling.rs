//! Complaints that are assigned to the caller: reading them, unsealing, acknowledging, writing.

use almoner_domain::complaints::acknowledging::Acknowledge;
use almoner_domain::ids::ComplaintId;
use almoner_persistence::Page;
use almoner_persistence::complaints::clocks::{self, DueList};
use almoner_persistence::complaints::handling;
use almoner_persistence::complaints::listing::{self, ComplaintSummary};
use almoner_persistence::complaints::reading::{self, Complaint};
use almoner_persistence::complaints::unsealing::{self, Unseal};

use super::change;
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsUnseal, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, list_due, read, unseal refuses InvalidState, acknowledge refuses InvalidState);
}

pub(super) fn location(complaint: &Complaint) -> String {
    format!("/v1/complaints/{}", complaint.id)
}

/// Lists the complaints that are assigned to the caller, the newest first.
#[utoipa::path(get, path = "")]
async fn list(
    caller: Caller<ComplaintsWork>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<ComplaintSummary>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| listing::list(scope, &paging)).await
}

/// Lists what is due in the complaints that are assigned to the caller and in the parts that are shown to them, the earliest first.
#[utoipa::path(get, path = "/due")]
async fn list_due(caller: Caller<ComplaintsWork>) -> Result<Reply<DueList>, ApiError> {
    caller.read(clocks::list).await
}

/// Shows one complaint.
#[utoipa::path(get, path = "/{id}")]
async fn read(caller: Caller<ComplaintsWork>, id: Path<ComplaintId>) -> Result<Reply<Complaint>, ApiError> {
    caller.read(move |scope| reading::read(scope, id.0)).await
}

/// Unseals the identity in a confidential complaint for the caller, for sixty minutes.
///
/// The caller gives a reason, which the complainant reads.
#[utoipa::path(post, path = "/{id}/unsealings")]
async fn unseal(
    caller: Caller<ComplaintsUnseal>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<Unseal>,
) -> Result<Created<Complaint>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, with| unsealing::unseal(scope, id.0, with),
            move |scope, _| reading::read(scope, id.0),
            location,
        )
        .await
}

/// Acknowledges a complaint, with an offer to discuss how it is handled and by when.
///
/// It says how the complainant was given it, in writing or by word of mouth, and on which day, which may be recorded afterwards.
#[utoipa::path(post, path = "/{id}/acknowledge")]
async fn acknowledge(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Acknowledge>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| handling::acknowledge(scope, complaint, &body.value)).await
}
