//! The councils that use the service.

use almoner_domain::ids::CouncilId;
use almoner_persistence::Page;
use almoner_persistence::referrals::council_requests;
use almoner_persistence::tenancy::councils::{self, ChangeCouncil, Council, NewCouncil};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::Operate;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: create refuses AlreadyExists,
        list,
        read,
        change refuses AlreadyExists,
    );
}

/// Creates a council.
#[utoipa::path(post, path = "/councils")]
async fn create(
    caller: Caller<Operate>,
    key: IdempotencyKey,
    body: Body<NewCouncil>,
) -> Result<Created<Council>, ApiError> {
    caller
        .create(
            key,
            body,
            councils::create,
            |scope, made| councils::find(scope, made.id()).map(no_record::changed),
            |council| format!("/v1/operator/councils/{}", council.id),
        )
        .await
}

/// Lists the councils.
#[utoipa::path(get, path = "/councils")]
async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply<Page<Council>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| councils::list(scope, &paging).map(no_record::of_a_tenant)).await
}

/// Shows one council.
#[utoipa::path(get, path = "/councils/{id}")]
async fn read(caller: Caller<Operate>, id: Path<CouncilId>) -> Result<Reply<Council>, ApiError> {
    caller.read(move |scope| councils::find(scope, id.0).map(no_record::of_a_tenant)).await
}

/// Changes a council's code, name or emergency number.
///
/// What the council had before stays in `former_details`. The council is known by its id, so nothing else changes: its clients,
/// contracts and referrals stay, and people are found by the identifiers that it gave them under any code that it has or had.
#[utoipa::path(post, path = "/councils/{id}/change")]
async fn change(
    caller: Caller<Operate>,
    id: Path<CouncilId>,
    if_match: IfMatch,
    body: Body<ChangeCouncil>,
) -> Result<Reply<Council>, ApiError> {
    let id = id.0;
    caller
        .change(
            if_match,
            move |scope| councils::find(scope, id),
            move |scope, seen| council_requests::change_council(scope, seen, &body.value),
        )
        .await
}
