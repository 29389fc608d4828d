//! What people are to one another, and the network around a person.

use almoner_domain::ids::{RelationshipId, ServiceUserId};
use almoner_domain::people::relationship::RelationshipSaid;
use almoner_persistence::Page;
use almoner_persistence::people::network::{self, Network};
use almoner_persistence::people::relationships::{self, EndRelationship, Relationship};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

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
    operations!(
        door: list,
        create refuses NotFound AlreadyExists,
        read,
        change refuses InvalidState,
        end refuses InvalidState,
        read_network,
    );
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RelationshipsFilter {
    /// Returns the relationships that ended, and those that were entered in error, as well.
    ended: Option<bool>,
}

/// Lists what others are to a person, the newest first.
///
/// A relationship to somebody whose record the caller may not see is not there.
#[utoipa::path(get, path = "/service-users/{id}/relationships")]
async fn list(
    caller: Caller<ServiceUsersRead>,
    id: Path<ServiceUserId>,
    page: Query<PageQuery>,
    filter: Query<RelationshipsFilter>,
) -> Result<Reply<Page<Relationship>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| relationships::list(scope, id.0, filter.0.ended.unwrap_or(false), &paging)).await
}

/// Writes down what somebody is to a person: somebody with a record at the practice, or without one.
///
/// Two people who have a record have one relationship, with as many roles on each side as there are.
#[utoipa::path(post, path = "/service-users/{id}/relationships")]
async fn create(
    caller: Caller<ServiceUsersWrite>,
    id: Path<ServiceUserId>,
    key: IdempotencyKey,
    body: Body<RelationshipSaid>,
) -> Result<Created<Relationship>, ApiError> {
    caller
        .create_record(
            key,
            body,
            move |scope, said| {
                relationships::create(scope, id.0, said).map(|relationship| (relationship.id.uuid(), relationship))
            },
            move |scope, relationship| relationships::read(scope, id.0, relationship.into()),
            move |relationship| format!("/v1/practice/service-users/{}/relationships/{}", id.0, relationship.id),
        )
        .await
}

/// Shows one relationship, seen from the person.
#[utoipa::path(get, path = "/service-users/{id}/relationships/{relationship_id}")]
async fn read(
    caller: Caller<ServiceUsersRead>,
    path: Path<(ServiceUserId, RelationshipId)>,
) -> Result<Reply<Relationship>, ApiError> {
    let (person, id) = path.0;
    caller.read(move |scope| relationships::read(scope, person, id)).await
}

impl Patchable for RelationshipSaid {
    fn example() -> Value {
        json!({ "live_together": true })
    }
}

/// Changes what is said of a relationship, as a merge patch (RFC 7396). What was said before is kept.
#[utoipa::path(patch, path = "/service-users/{id}/relationships/{relationship_id}")]
async fn change(
    caller: Caller<ServiceUsersWrite>,
    ids: Path<(ServiceUserId, RelationshipId)>,
    if_match: IfMatch,
    patch: MergePatch<RelationshipSaid>,
) -> Result<Reply<Relationship>, ApiError> {
    let (person, id) = ids.0;
    caller
        .change(
            if_match,
            move |scope| relationships::find(scope, person, id),
            move |scope, known| {
                let said = patch.apply(&known.said)?;
                Ok::<_, ApiError>(relationships::change(scope, person, known, said)?)
            },
        )
        .await
}

/// Ends a relationship that is over, or marks one that was entered in error. It stays in the record.
#[utoipa::path(post, path = "/service-users/{id}/relationships/{relationship_id}/end")]
async fn end(
    caller: Caller<ServiceUsersWrite>,
    path: Path<(ServiceUserId, RelationshipId)>,
    if_match: IfMatch,
    body: Body<EndRelationship>,
) -> Result<Reply<Relationship>, ApiError> {
    let (person, id) = path.0;
    caller
        .change(
            if_match,
            move |scope| relationships::find(scope, person, id),
            move |scope, known| relationships::end(scope, person, known, &body.value),
        )
        .await
}

/// Shows the people who are something to a person, and what these are to one another, in one answer.
///
/// Whoever has a record that the caller may not see is not in it.
#[utoipa::path(get, path = "/service-users/{id}/network")]
async fn read_network(caller: Caller<ServiceUsersRead>, id: Path<ServiceUserId>) -> Result<Reply<Network>, ApiError> {
    caller.read(move |scope| network::read(scope, id.0)).await
}
