//! Complaints of several complainants about the same.

use almoner_domain::ids::{ComplaintId, LinkProposalId};
use almoner_persistence::complaints::link_proposals::{self, AnswerProposal, ProposeLink};
use almoner_persistence::complaints::linking;
use almoner_persistence::complaints::reading::Complaint;

use super::{add, change};
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::ComplaintsAssign;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door:
        propose refuses InvalidState,
        answer refuses InvalidState,
        link refuses ValidationFailed InvalidState,
        unlink refuses InvalidState,
    );
}

/// Proposes to link a complaint with another about the same, of which the caller knows the reference alone.
///
/// Whoever has the other sees the reference of this one, and nothing else of it, and answers. If they agree, each of the two shows the
/// reference of the other. Whether there is a complaint of that reference the answer does not tell, and neither does what follows if nobody
/// agrees.
#[utoipa::path(post, path = "/{id}/link-proposals")]
async fn propose(
    caller: Caller<ComplaintsAssign>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<ProposeLink>,
) -> Result<Created<Complaint>, ApiError> {
    add(caller, key, body, id.0, move |scope, with| link_proposals::propose(scope, id.0, with)).await
}

/// Answers a proposal to link another complaint with one that the caller has.
///
/// It was made by an officer who has the other, or by its complainant, who gave the reference of this one. If the caller agrees, each of the
/// two shows the reference of the other, and nothing of its content to whoever has only one.
#[utoipa::path(post, path = "/{id}/link-proposals/{proposal_id}/answer")]
async fn answer(
    caller: Caller<ComplaintsAssign>,
    ids: Path<(ComplaintId, LinkProposalId)>,
    if_match: IfMatch,
    body: Body<AnswerProposal>,
) -> Result<Reply<Complaint>, ApiError> {
    let (complaint, proposal) = ids.0;
    change(caller, if_match, complaint, move |scope, complaint| {
        link_proposals::answer(scope, complaint, proposal, &body.value)
    })
    .await
}

/// Links two complaints about the same, both of which the caller has. The same again changes nothing.
///
/// Each complainant keeps a complaint of their own, with its receipt, clocks and response, and is told nothing of the other.
#[utoipa::path(put, path = "/{id}/links/{other_id}")]
async fn link(caller: Caller<ComplaintsAssign>, ids: Path<(ComplaintId, ComplaintId)>) -> Result<NoContent, ApiError> {
    let (complaint, other) = ids.0;
    caller.act(move |scope| linking::link(scope, complaint, other)).await
}

/// Ends the link between two complaints, both of which the caller has. The same again changes nothing.
#[utoipa::path(delete, path = "/{id}/links/{other_id}")]
async fn unlink(
    caller: Caller<ComplaintsAssign>,
    ids: Path<(ComplaintId, ComplaintId)>,
) -> Result<NoContent, ApiError> {
    let (complaint, other) = ids.0;
    caller.act(move |scope| linking::unlink(scope, complaint, other)).await
}
