//! Exclusions: members of staff to whom a person's record is closed, whatever their roles.

use almoner_domain::ids::{ServiceUserId, StaffId};
use almoner_domain::people::access_restriction::{ExcludeSelf, ExcludeStaff};
use almoner_persistence::Page;
use almoner_persistence::people::access_restrictions::{self, Exclusion};
use almoner_persistence::referrals;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{AccessManage, ServiceUsersRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply, Representation};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        create refuses AlreadyExists InvalidState,
        create_own refuses InvalidState,
        end refuses InvalidState,
    );
}

/// Lists the exclusions from a record.
#[utoipa::path(get, path = "/service-users/{id}/exclusions")]
async fn list(
    caller: Caller<AccessManage>,
    id: Path<ServiceUserId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Exclusion>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| access_restrictions::exclusions(scope, id.0, &paging)).await
}

/// Excludes a colleague from a record, such as a relative or a neighbour.
///
/// To the colleague, the record is like one that does not exist.
#[utoipa::path(post, path = "/service-users/{id}/exclusions")]
async fn create(
    caller: Caller<AccessManage>,
    id: Path<ServiceUserId>,
    key: IdempotencyKey,
    body: Body<ExcludeStaff>,
) -> Result<Created<Exclusion>, ApiError> {
    caller
        .create_record(
            key,
            body,
            move |scope, whom| {
                let person = referrals::hold_with_referrals(scope, id.0)?;
                access_restrictions::exclude(scope, &person, whom)?;
                let made = access_restrictions::find_exclusion(scope, id.0, whom.staff_id)?;
                Ok::<_, ApiError>((whom.staff_id.uuid(), made))
            },
            move |scope, whom| access_restrictions::read_exclusion(scope, id.0, whom.into()),
            move |made| location(id.0, made.staff.id),
        )
        .await
}

fn location(person: ServiceUserId, whom: StaffId) -> String {
    format!("/v1/practice/service-users/{person}/exclusions/{whom}")
}

/// A confirmation that the caller is excluded from a record from now on.
#[derive(Serialize, ToSchema)]
struct SelfExclusion {
    /// The caller's membership.
    staff_id: StaffId,
}

impl Representation for SelfExclusion {}

/// Excludes the caller from a record. Only somebody else can end the exclusion.
#[utoipa::path(post, path = "/service-users/{id}/exclude-me")]
async fn create_own(
    caller: Caller<ServiceUsersRead>,
    id: Path<ServiceUserId>,
    key: IdempotencyKey,
    body: Body<ExcludeSelf>,
) -> Result<Created<SelfExclusion>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, why| {
                let person = referrals::hold_with_referrals(scope, id.0)?;
                access_restrictions::exclude_self(scope, &person, &why.reason)?;
                Ok::<_, ApiError>(scope.staff_id())
            },
            // Nothing is read for the answer: there is nothing that the caller could read.
            |scope, _| Ok::<_, ApiError>(no_record::changed(SelfExclusion { staff_id: scope.staff_id() })),
            move |made| location(id.0, made.staff_id),
        )
        .await
}

/// Ends the exclusion of a colleague.
///
/// Nobody can end their own exclusion, because the record does not exist for them.
#[utoipa::path(delete, path = "/service-users/{id}/exclusions/{staff_id}")]
async fn end(caller: Caller<AccessManage>, path: Path<(ServiceUserId, StaffId)>) -> Result<NoContent, ApiError> {
    let (id, whom) = path.0;
    caller
        .act(move |scope| {
            let person = access_restrictions::lock_record(scope, id)?;
            access_restrictions::end_exclusion(scope, &person, whom)
        })
        .await
}
