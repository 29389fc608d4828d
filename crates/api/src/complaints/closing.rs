//! What comes of a complaint: actions, closing, reopening, the Ombudsman.

use almoner_domain::complaints::ombudsman::AskedOmbudsman;
use almoner_domain::complaints::streams::SetApart;
use almoner_domain::ids::{ActionId, ComplaintId};
use almoner_persistence::complaints::actions::{self, Done, NewAction};
use almoner_persistence::complaints::closing::{self, Close, Reopen};
use almoner_persistence::complaints::reading::Complaint;

use super::{add, change};
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsDecide, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door:
        add_action refuses InvalidState,
        set_apart refuses InvalidState,
        action_done refuses InvalidState,
        close refuses InvalidState,
        reopen refuses InvalidState,
        record_ombudsman refuses InvalidState,
    );
}

/// Puts down what is to be done because of a complaint, whose it is, and by when.
///
/// After a decision of the Ombudsman's, what they ask for is put down of one that was withdrawn or left unconsidered too.
#[utoipa::path(post, path = "/{id}/actions")]
async fn add_action(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<NewAction>,
) -> Result<Created<Complaint>, ApiError> {
    add(caller, key, body, id.0, move |scope, new| actions::add(scope, id.0, new)).await
}

/// Deals with a matter in a complaint apart, in a stream of its own.
///
/// That is a complaint about personal data, a grievance, a compliment, an enquiry of a councillor, a referral to a social worker's regulator or
/// to the Disclosure and Barring Service, or what is for another body. It becomes an action with a `stream`, whose day the law sets or the caller. The complainant reads which part it is and who deals with it;
/// the complaint goes on with its own clocks. To another body a part goes with a consent alone that was asked for and confirmed as a request.
#[utoipa::path(post, path = "/{id}/matters")]
async fn set_apart(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<SetApart>,
) -> Result<Created<Complaint>, ApiError> {
    add(caller, key, body, id.0, move |scope, with| actions::set_apart(scope, id.0, with)).await
}

/// Puts down that an action is done, and what was done.
#[utoipa::path(put, path = "/{id}/actions/{action_id}/done")]
async fn action_done(
    caller: Caller<ComplaintsWork>,
    ids: Path<(ComplaintId, ActionId)>,
    if_match: IfMatch,
    body: Body<Done>,
) -> Result<Reply<Complaint>, ApiError> {
    let (complaint, action) = ids.0;
    change(caller, if_match, complaint, move |scope, complaint| actions::done(scope, complaint, action, &body.value))
        .await
}

/// Closes a complaint that was answered, once everything that was promised is done.
#[utoipa::path(post, path = "/{id}/close")]
async fn close(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Close>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| closing::close(scope, complaint, &body.value)).await
}

/// Reopens a complaint that was answered. The complainant reads why; it is planned anew, with clocks that begin today.
///
/// After a decision of the Ombudsman's, one that was withdrawn or left unconsidered is reopened too.
#[utoipa::path(post, path = "/{id}/reopen")]
async fn reopen(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Reopen>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| closing::reopen(scope, complaint, &body.value)).await
}

/// Records that a complaint was taken to the Ombudsman, and later what the Ombudsman decided.
///
/// What the decision asks for is put down as actions with `for_ombudsman`.
#[utoipa::path(put, path = "/{id}/ombudsman")]
async fn record_ombudsman(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<AskedOmbudsman>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| closing::record_ombudsman(scope, complaint, &body.value))
        .await
}
