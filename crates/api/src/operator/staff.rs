//! The staff of a practice, the first of whom the operator invites.

use almoner_domain::ids::{PracticeId, StaffId};
use almoner_persistence::Page;
use almoner_persistence::access::confirmations;
use almoner_persistence::access::invitations::Link;
use almoner_persistence::access::joining;
use almoner_persistence::staff::{self, Member, NewMember};
use almoner_persistence::tenancy::practices;

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
use crate::representations::MemberWithLink;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: invite refuses InvalidState AlreadyExists,
        list,
        read,
        confirm refuses InvalidState,
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

/// Shows one member of a practice's staff, with what of the membership waits to be confirmed.
#[utoipa::path(get, path = "/practices/{id}/staff/{staff_id}")]
async fn read(caller: Caller<Operate>, ids: Path<(PracticeId, StaffId)>) -> Result<Reply<Member>, ApiError> {
    let (practice, member) = ids.0;
    caller.read(move |scope| staff::find(scope, practice, member).map(no_record::of_a_tenant)).await
}

/// Confirms a membership of a new practice for the operator.
///
/// It works once an owner has confirmed it too, who was not invited by the same operator; the owner's own first roles
/// work at once. When two members have confirmed roles that open records, members confirm the others. The operator sees
/// or telephones the member first.
#[utoipa::path(post, path = "/practices/{id}/staff/{staff_id}/confirm")]
async fn confirm(
    caller: Caller<OperateWithFreshFactor>,
    ids: Path<(PracticeId, StaffId)>,
    if_match: IfMatch,
) -> Result<Reply<Member>, ApiError> {
    let (practice, member) = ids.0;
    caller
        .change(
            if_match,
            move |scope| staff::find(scope, practice, member),
            move |scope, known| confirmations::confirm_for_operator(scope, practice, known),
        )
        .await
}
