//! Parts of complaints: heads on which a subject is heard, notices to an employer's lead.

use almoner_domain::complaints::hearing::Hear;
use almoner_domain::ids::{AssignmentId, ComplaintId};
use almoner_persistence::complaints::assignments::{self, Assignments};
use almoner_persistence::complaints::hearings::{self, NewAnswer, ShownList};
use almoner_persistence::complaints::notices::{self, Notify};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsAssign, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: hear refuses AlreadyExists InvalidState, notify refuses InvalidState, list_of_complaint, list, answer refuses InvalidState);
}

/// Lets the subject of a complaint be heard: a guest in that capacity is shown the heads that are named, and nothing else.
///
/// The complainant reads at once what the subject sees, from which day, and what is arranged meanwhile. The subject sees it three working
/// days after the complainant was told: today, or on `told_on`, which is required where they do not follow the complaint with its code.
#[utoipa::path(post, path = "/{id}/hearings")]
async fn hear(
    caller: Caller<ComplaintsAssign>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<Hear>,
) -> Result<Created<Assignments>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, with| hearings::hear(scope, id.0, with),
            move |scope, _| assignments::list(scope, id.0),
            move |_| format!("/v1/complaints/{}/assignments", id.0),
        )
        .await
}

/// Gives an employer's lead, a guest in that capacity, a notice of what they must know and do, in the officer's words.
///
/// They are of the practice that the complaint is about, and nobody else has a notice of it. It is refused for somebody of whom something is
/// known, as an assignment is.
#[utoipa::path(post, path = "/{id}/notices")]
async fn notify(
    caller: Caller<ComplaintsAssign>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<Notify>,
) -> Result<Created<Assignments>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, with| notices::notify(scope, id.0, with),
            move |scope, _| assignments::list(scope, id.0),
            move |_| format!("/v1/complaints/{}/assignments", id.0),
        )
        .await
}

/// Lists what is shown of a complaint to those who do not have it whole, with what they answered.
///
/// That is a subject who is heard, a handler of some heads, or an employer's lead.
#[utoipa::path(get, path = "/{id}/shown")]
async fn list_of_complaint(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
) -> Result<Reply<ShownList>, ApiError> {
    caller.read(move |scope| hearings::list_of_complaint(scope, id.0)).await
}

/// Lists the parts of complaints that are shown to the caller: heads on which they are heard or which they look into, notices.
#[utoipa::path(get, path = "/shown")]
async fn list(caller: Caller<ComplaintsWork>) -> Result<Reply<ShownList>, ApiError> {
    caller.read(hearings::list).await
}

/// Answers a part of a complaint that is shown to the caller. Those who work on the complaint read it.
#[utoipa::path(post, path = "/shown/{assignment_id}/answers")]
async fn answer(
    caller: Caller<ComplaintsWork>,
    assignment: Path<AssignmentId>,
    key: IdempotencyKey,
    body: Body<NewAnswer>,
) -> Result<Created<ShownList>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, new| hearings::answer(scope, assignment.0, new),
            move |scope, _| hearings::list(scope),
            |_| "/v1/complaints/shown".to_owned(),
        )
        .await
}
