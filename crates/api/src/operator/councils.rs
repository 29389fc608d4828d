//! The councils that use the service.

use almoner_domain::ids::CouncilId;
use almoner_persistence::Page;
use almoner_persistence::tenancy::councils::{self, Council, NewCouncil};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
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
