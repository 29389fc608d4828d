//! The staff of a practice, the first of whom the operator invites.

use almoner_domain::ids::PracticeId;
use almoner_persistence::Page;
use almoner_persistence::access::invitations::Link;
use almoner_persistence::access::joining;
use almoner_persistence::staff::{self, Member, NewMember};
use almoner_persistence::tenancy::practices;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{Operate, OperateWithFreshFactor};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;
use crate::representations::MemberWithLink;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: invite refuses InvalidState AlreadyExists,
        list,
    );
}

/// Invites one of a practice's first members of staff.
///
/// Nobody chooses a password for them: a link is created, and shown once. Once an administrator of the practice has
/// joined, its administrators invite the others.
#[utoipa::path(post, path = "/practices/{id}/staff")]
async fn invite(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<PracticeId>,
    key: IdempotencyKey,
    body: Body<NewMember>,
) -> Result<Created<MemberWithLink>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, new| {
                practices::find(scope, id.0)?;
                joining::expect_no_administrator(scope, id.0)?;
                joining::create(scope, id.0, new)
            },
            move |scope, made| {
                let member = staff::find(scope, id.0, made.id())?;
                Ok::<_, ApiError>(no_record::changed(MemberWithLink { member, link: made.secret().map(Link::new) }))
            },
            move |_| format!("/v1/operator/practices/{}/staff", id.0),
        )
        .await
}

/// Lists a practice's staff.
#[utoipa::path(get, path = "/practices/{id}/staff")]
async fn list(
    caller: Caller<Operate>,
    id: Path<PracticeId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Member>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| staff::list(scope, id.0, &paging).map(no_record::of_a_tenant)).await
}
