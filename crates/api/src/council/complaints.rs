//! Complaints that the council holds because nobody at the practice is free of conflict. They require a client of their
//! own (scope `complaints`), because a practice's staff may be able to sign in to the council's other systems.

use almoner_domain::ids::ComplaintId;
use almoner_persistence::Page;
use almoner_persistence::complaints::{self, Acknowledge, Complaint, ComplaintSummary, RevealComplainant};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::HandleComplaints;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        read,
        acknowledge refuses InvalidState,
        reveal_complainant,
    );
}

/// Lists the complaints that the council holds, the newest first.
#[utoipa::path(get, path = "/complaints")]
async fn list(
    caller: Caller<HandleComplaints>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<ComplaintSummary>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| complaints::list_at_council(scope, &paging)).await
}

/// Shows one complaint.
#[utoipa::path(get, path = "/complaints/{id}")]
async fn read(caller: Caller<HandleComplaints>, id: Path<ComplaintId>) -> Result<Reply<Complaint>, ApiError> {
    caller.read(move |scope| complaints::read_at_council(scope, id.0)).await
}

/// Acknowledges a complaint, with an offer to discuss how it is handled and by when.
#[utoipa::path(post, path = "/complaints/{id}/acknowledge")]
async fn acknowledge(
    caller: Caller<HandleComplaints>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Acknowledge>,
) -> Result<Reply<Complaint>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| complaints::find_at_council(scope, id.0),
            move |scope, complaint| complaints::acknowledge_at_council(scope, complaint, &body.value),
        )
        .await
}

/// Reveals the complainant of a confidential complaint, and how to contact them.
///
/// The caller gives a reason, which the complainant reads.
#[utoipa::path(post, path = "/complaints/{id}/complainant")]
async fn reveal_complainant(
    caller: Caller<HandleComplaints>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<RevealComplainant>,
) -> Result<Created<Complaint>, ApiError> {
    caller
        .scope(move |scope| {
            let mut revealed = None;
            let done = key.run(scope, &body, |scope, asked| {
                revealed = Some(complaints::reveal_at_council(scope, id.0, asked)?);
                Ok::<_, ApiError>(id.0)
            })?;
            // A repeated request with the same key is answered with the complaint in its present state, without
            // revealing the complainant again.
            let complaint = match revealed {
                Some(complaint) => complaint,
                None => complaints::read_at_council(scope, id.0)?,
            };
            Ok(Created::at(format!("/v1/council/complaints/{}", id.0), &complaint)?.replayed_if(&done))
        })
        .await
}
