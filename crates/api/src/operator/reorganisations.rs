//! The reorganisations of local government, by which codes of councils begin and end.

use almoner_domain::ids::ReorganisationId;
use almoner_persistence::Page;
use almoner_persistence::tenancy::reorganisations::{self, ChangeReorganisation, NewReorganisation, Reorganisation};

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

/// Enters a reorganisation of local government.
///
/// From its day on the codes that it abolishes are refused where a code must be in force, and those that it creates are taken.
#[utoipa::path(post, path = "/reorganisations")]
async fn create(
    caller: Caller<Operate>,
    key: IdempotencyKey,
    body: Body<NewReorganisation>,
) -> Result<Created<Reorganisation>, ApiError> {
    caller
        .create(
            key,
            body,
            reorganisations::create,
            |scope, made| reorganisations::find(scope, made.id()).map(no_record::changed),
            |made| format!("/v1/operator/reorganisations/{}", made.id),
        )
        .await
}

/// Lists the reorganisations, the earliest first.
#[utoipa::path(get, path = "/reorganisations")]
async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply<Page<Reorganisation>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| reorganisations::list(scope, &paging).map(no_record::public)).await
}

/// Shows one reorganisation.
#[utoipa::path(get, path = "/reorganisations/{id}")]
async fn read(caller: Caller<Operate>, id: Path<ReorganisationId>) -> Result<Reply<Reorganisation>, ApiError> {
    caller.read(move |scope| reorganisations::find(scope, id.0).map(no_record::public)).await
}

/// Changes the day of a reorganisation, or adds the codes of successors once they are published.
#[utoipa::path(post, path = "/reorganisations/{id}/change")]
async fn change(
    caller: Caller<Operate>,
    id: Path<ReorganisationId>,
    if_match: IfMatch,
    body: Body<ChangeReorganisation>,
) -> Result<Reply<Reorganisation>, ApiError> {
    let id = id.0;
    caller
        .change(
            if_match,
            move |scope| reorganisations::find(scope, id),
            move |scope, seen| reorganisations::change(scope, seen, &body.value),
        )
        .await
}
