//! The people whom the practice serves.

use almoner_domain::ids::ServiceUserId;
use almoner_domain::people::from_referrals::DifferenceField;
use almoner_domain::people::service_user::ServiceUserDetails;
use almoner_persistence::people::facts::{self, FactShown, HistoryFilter};
use almoner_persistence::people::search::{self, Criteria};
use almoner_persistence::people::service_users::{self, ServiceUser, ServiceUserSummary};
use almoner_persistence::referrals::{self, SettleDifference};
use almoner_persistence::{Page, Paging};
use serde_json::{Value, json};

use crate::ground::body::{Body, MergePatch, Patchable};
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{ServiceUsersRead, ServiceUsersWrite};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    // A request that is sent again finds nothing once the record is closed to its sender.
    operations!(
        door: create refuses NotFound,
        search,
        read,
        change,
        list_history,
        settle_difference refuses InvalidState,
    );
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

/// Lists the history of a person's details with their sources, the newest entries first.
#[utoipa::path(get, path = "/service-users/{id}/history")]
async fn list_history(
    caller: Caller<ServiceUsersRead>,
    id: Path<ServiceUserId>,
    page: Query<PageQuery>,
    wanted: Query<HistoryFilter>,
) -> Result<Reply<Page<FactShown>>, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&facts::history(scope, id.0, &wanted.0, &paging)?)).await
}

/// Settles a detail that a referral says otherwise than the record.
///
/// It is taken over into the record, the record is kept as it is, or somebody is asked, which may be settled later. A list gets
/// the items that it lacks. A detail for which the record has no place can be kept or asked about, and goes on standing as said
/// by the referral.
#[utoipa::path(post, path = "/service-users/{id}/differences/{field}")]
async fn settle_difference(
    caller: Caller<ServiceUsersWrite>,
    path: Path<(ServiceUserId, DifferenceField)>,
    if_match: IfMatch,
    body: Body<SettleDifference>,
) -> Result<Reply<ServiceUser>, ApiError> {
    let (id, field) = path.0;
    caller
        .change(
            if_match,
            move |scope| service_users::find(scope, id),
            move |scope, known| referrals::settle(scope, known, field.as_str(), &body.value),
        )
        .await
}
