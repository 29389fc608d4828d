//! The people whom the practice serves.

use almoner_domain::ids::ServiceUserId;
use almoner_domain::people::service_user::ServiceUserDetails;
use almoner_persistence::people::search::{self, Criteria};
use almoner_persistence::people::service_users::{self, ServiceUser, ServiceUserSummary};
use almoner_persistence::referrals;
use almoner_persistence::{Page, Paging};
use serde_json::{Value, json};

use crate::ground::body::{Body, MergePatch, Patchable};
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ServiceUsersRead, ServiceUsersWrite};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    // A request that is sent again finds nothing once the record is closed to its sender.
    operations!(door: create refuses NotFound, search, read, change);
}

/// Creates a record for a person.
#[utoipa::path(post, path = "/service-users")]
async fn create(
    caller: Caller<ServiceUsersWrite>,
    key: IdempotencyKey,
    body: Body<ServiceUserDetails>,
) -> Result<Created<ServiceUser>, ApiError> {
    caller
        .create_record(
            key,
            body,
            |scope, details| service_users::create(scope, details).map(|person| (person.id.uuid(), person)),
            |scope, id| service_users::read(scope, id.into()),
            |person| format!("/v1/practice/service-users/{}", person.id),
        )
        .await
}

/// Searches the people whom the caller may see, the newest records first.
///
/// The criteria are in the content, never in the address.
#[utoipa::path(post, path = "/service-users/search")]
async fn search(
    caller: Caller<ServiceUsersRead>,
    body: Body<Criteria>,
) -> Result<Reply<Page<ServiceUserSummary>>, ApiError> {
    let paging = Paging::new(body.value.cursor.as_deref(), 50)?;
    caller.read(move |scope| search::search(scope, &body.value, &paging)).await
}

/// Shows one person's record.
#[utoipa::path(get, path = "/service-users/{id}")]
async fn read(caller: Caller<ServiceUsersRead>, id: Path<ServiceUserId>) -> Result<Reply<ServiceUser>, ApiError> {
    caller.read(move |scope| service_users::read(scope, id.0)).await
}

impl Patchable for ServiceUserDetails {
    fn example() -> Value {
        json!({ "phone": "07700 900462" })
    }
}

/// Changes a person's record, as a merge patch (RFC 7396).
#[utoipa::path(patch, path = "/service-users/{id}")]
async fn change(
    caller: Caller<ServiceUsersWrite>,
    id: Path<ServiceUserId>,
    if_match: IfMatch,
    patch: MergePatch<ServiceUserDetails>,
) -> Result<Reply<ServiceUser>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| service_users::find(scope, id.0),
            move |scope, known| {
                let details = patch.apply(&known.details)?;
                Ok::<_, ApiError>(referrals::change_service_user(scope, known, &details)?)
            },
        )
        .await
}
