//! The officers of a council, the first of whom the operator invites.

use almoner_domain::ids::{CouncilId, OfficerId};
use almoner_persistence::Page;
use almoner_persistence::access::appointing;
use almoner_persistence::access::invitations::Link;
use almoner_persistence::officers::{self, CouncilOfficer, NewOfficer};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{Operate, OperateWithFreshFactor};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;
use crate::representations::OfficerWithLink;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: invite refuses InvalidState AlreadyExists,
        list,
        read,
        confirm refuses InvalidState,
    );
}

/// Invites one of a council's first officers.
///
/// Nobody chooses a password for them: a link is created, and shown once. Once the council has a confirmed administrator, its
/// administrators invite the others.
#[utoipa::path(post, path = "/councils/{id}/officers")]
async fn invite(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<CouncilId>,
    key: IdempotencyKey,
    body: Body<NewOfficer>,
) -> Result<Created<OfficerWithLink>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, new| appointing::invite_first(scope, id.0, new),
            move |scope, made| {
                let officer = officers::find(scope, id.0, made.id())?;
                Ok::<_, ApiError>(no_record::changed(OfficerWithLink { officer, link: made.secret().map(Link::new) }))
            },
            move |shown| format!("/v1/operator/councils/{}/officers/{}", id.0, shown.officer.id),
        )
        .await
}

/// Lists a council's officers.
#[utoipa::path(get, path = "/councils/{id}/officers")]
async fn list(
    caller: Caller<Operate>,
    id: Path<CouncilId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<CouncilOfficer>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| officers::list(scope, id.0, &paging).map(no_record::of_a_tenant)).await
}

/// Shows one officer of a council, with what of them waits to be confirmed.
#[utoipa::path(get, path = "/councils/{id}/officers/{officer_id}")]
async fn read(caller: Caller<Operate>, ids: Path<(CouncilId, OfficerId)>) -> Result<Reply<CouncilOfficer>, ApiError> {
    let (council, officer) = ids.0;
    caller.read(move |scope| officers::find(scope, council, officer).map(no_record::of_a_tenant)).await
}

/// Confirms an officer of a new council, as one of two operators.
///
/// It works once a second operator has confirmed it, who neither invited the first one nor came by them or by the same operator.
/// When two officers of the council are confirmed, officers confirm the others. Each operator sees or telephones the officer
/// first.
#[utoipa::path(post, path = "/councils/{id}/officers/{officer_id}/confirm")]
async fn confirm(
    caller: Caller<OperateWithFreshFactor>,
    ids: Path<(CouncilId, OfficerId)>,
    if_match: IfMatch,
) -> Result<Reply<CouncilOfficer>, ApiError> {
    let (council, officer) = ids.0;
    caller
        .change(
            if_match,
            move |scope| officers::find(scope, council, officer),
            move |scope, known| appointing::confirm_for_operator(scope, council, known),
        )
        .await
}
