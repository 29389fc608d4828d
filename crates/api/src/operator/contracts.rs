//! The contracts between councils and practices.

use almoner_domain::ids::ContractId;
use almoner_persistence::Page;
use almoner_persistence::contracts::{self, Contract, NewContract};

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
    operations!(door: create, list, read);
}

/// Creates a contract between a council and a practice.
#[utoipa::path(post, path = "/contracts")]
async fn create(
    caller: Caller<Operate>,
    key: IdempotencyKey,
    body: Body<NewContract>,
) -> Result<Created<Contract>, ApiError> {
    caller
        .create(
            key,
            body,
            contracts::create,
            |scope, made| contracts::find(scope, made.id()).map(no_record::changed),
            |contract| format!("/v1/operator/contracts/{}", contract.id),
        )
        .await
}

/// Lists the contracts.
#[utoipa::path(get, path = "/contracts")]
async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply<Page<Contract>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| contracts::list(scope, &paging).map(no_record::of_a_tenant)).await
}

/// Shows one contract.
#[utoipa::path(get, path = "/contracts/{id}")]
async fn read(caller: Caller<Operate>, id: Path<ContractId>) -> Result<Reply<Contract>, ApiError> {
    caller.read(move |scope| contracts::find(scope, id.0).map(no_record::of_a_tenant)).await
}
