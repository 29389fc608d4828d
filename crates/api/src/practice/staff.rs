//! Who works at the practice: everybody knows their colleagues; the administrator invites, changes and lets go.

use actix_web::{get, patch, post, put};
use almoner_domain::ids::StaffId;
use almoner_domain::words::postcode::Postcode;
use almoner_persistence::access::invitations::{self, Link};
use almoner_persistence::access::joining;
use almoner_persistence::complaints::staff_changes;
use almoner_persistence::idempotency::Once;
use almoner_persistence::staff::{self, Colleague, Member, NewMember};
use almoner_persistence::{Page, PracticeScope, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Body, MergePatch};
use crate::caller::{Caller, Practice};
use crate::etag::IfMatch;
use crate::once::OnceKey;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{Permission, StaffConfirm, StaffManage, StaffRead, StaffSee};
use crate::problem::ApiError;
use crate::reply::Reply;

/// The caller's colleagues: whom a case can be given to, and whom a complaint can be about.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page of colleagues", body = Page<Colleague>)),
    security(("practice" = ["staff.read"])),
)]
#[get("/staff")]
pub(super) async fn list(caller: Caller<StaffRead>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&staff::colleagues(scope, &paging)?)).await
}

/// Where somebody lives.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "postcode": "SY1 1UT" }))]
struct Home {
    /// The postcode; `null` takes it back.
    postcode: Option<Postcode>,
}

/// Says in which postcode the caller lives, so that their looking at a neighbour's record stands in the report of unusual
/// access. It can be read by nobody, neither here nor in the database.
#[utoipa::path(
    request_body = Home,
    responses((status = 204, description = "Kept")),
    security(("practice" = ["staff.read"])),
)]
#[put("/home")]
pub(super) async fn say_home(caller: Caller<StaffRead>, body: Body<Home>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            staff::set_home(scope, body.value.postcode)?;
            Ok(Reply::nothing())
        })
        .await
}

/// A member of staff, with the link that was drawn for them.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberWithLink {
    /// The member.
    #[serde(flatten)]
    pub(crate) member: Member,
    /// The link to hand to them and to nobody else; shown again only to the same request with the same Idempotency-Key.
    pub(crate) link: Option<Link>,
}

/// One member of staff, whole.
#[utoipa::path(
    params(("id" = StaffId, Path, description = "The member of staff")),
    responses((status = 200, description = "The member of staff", body = Member)),
    security(("practice" = ["staff.see"])),
)]
#[get("/staff/{id}")]
pub(super) async fn read(caller: Caller<StaffSee>, id: Path<StaffId>) -> Result<Reply, ApiError> {
    caller.scope(move |scope| shown(scope, id.0)).await
}

fn shown(scope: &mut PracticeScope<'_>, id: StaffId) -> Result<Reply, ApiError> {
    let member = staff::find_own(scope, id)?;
    Ok(Reply::ok(&member)?.version(member.version))
}

/// Invites somebody to work at the practice. Nobody chooses a password for them: a link is drawn, and shown once. Wants a fresh
/// second factor.
#[utoipa::path(
    params(OnceKey),
    request_body = NewMember,
    responses((status = 201, description = "Invited", body = MemberWithLink)),
    security(("practice" = ["staff.manage"])),
)]
#[post("/staff")]
pub(super) async fn invite(
    caller: Caller<StaffManage>,
    once: OnceKey,
    body: Body<NewMember>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| Ok(joining::invite(scope, new)?))?;
            with_link(scope, &done)
        })
        .await
}

fn with_link(scope: &mut PracticeScope<'_>, done: &Once) -> Result<Reply, ApiError> {
    let member = staff::find_own(scope, done.id())?;
    let link = done.secret().map(Link::new);
    let (version, location) = (member.version, format!("/v1/practice/staff/{}", member.id));
    Ok(Reply::created(&MemberWithLink { member, link }, location)?.version(version).once(done))
}

/// Invites somebody again who has not joined yet; the earlier link serves no more. Wants a fresh second factor.
#[utoipa::path(
    params(("id" = StaffId, Path, description = "The member of staff"), OnceKey),
    responses((status = 201, description = "Invited again", body = MemberWithLink)),
    security(("practice" = ["staff.manage"])),
)]
#[post("/staff/{id}/invitation")]
pub(super) async fn invite_again(
    caller: Caller<StaffManage>,
    id: Path<StaffId>,
    once: OnceKey,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run_bare(scope, |scope| {
                let known = staff::find_own(scope, id.0)?;
                Ok(joining::invite_again(scope, &known)?)
            })?;
            with_link(scope, &done)
        })
        .await
}

/// Draws a link by which a member of staff replaces a lost password and second factor. Their account goes on being open to this
/// practice; any other to which they belong has to confirm it first. Wants a fresh second factor.
#[utoipa::path(
    params(("id" = StaffId, Path, description = "The member of staff"), OnceKey),
    responses((status = 201, description = "A link", body = MemberWithLink)),
    security(("practice" = ["staff.manage"])),
)]
#[post("/staff/{id}/replacement")]
pub(super) async fn offer_replacement(
    caller: Caller<StaffManage>,
    id: Path<StaffId>,
    once: OnceKey,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run_bare(scope, |scope| Ok(invitations::replace_for_practice(scope, id.0)?))?;
            with_link(scope, &done)
        })
        .await
}

/// Changes a member of staff, as a merge patch (RFC 7396): name, roles, line. It counts from their next request on. Nobody
/// changes their own roles. Wants a fresh second factor.
#[utoipa::path(
    params(("id" = StaffId, Path, description = "The member of staff"), IfMatch),
    request_body(content = Object, content_type = "application/merge-patch+json",
        description = "The members to change; `null` removes one", example = json!({ "roles": ["manager"] })),
    responses((status = 200, description = "The member of staff, changed", body = Member)),
    security(("practice" = ["staff.manage"])),
)]
#[patch("/staff/{id}")]
pub(super) async fn change(
    caller: Caller<StaffManage>,
    id: Path<StaffId>,
    if_match: IfMatch,
    patch: MergePatch,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let known = staff::find_own(scope, id.0)?;
            if_match.check(known.version)?;
            let details = patch.apply(&known.details)?;
            staff_changes::change(scope, &known, &details)?;
            shown(scope, id.0)
        })
        .await
}

/// Takes a step with a member of staff, as they were when the caller read of them.
async fn step<P: Permission<Door = Practice>>(
    caller: Caller<P>,
    id: StaffId,
    if_match: IfMatch,
    step: fn(&mut PracticeScope<'_>, &Member) -> Result<(), StoreError>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let known = staff::find_own(scope, id)?;
            if_match.check(known.version)?;
            step(scope, &known)?;
            shown(scope, id)
        })
        .await
}

/// Lets a member of staff go: from their next request on nothing here is open to them. Wants a fresh second factor.
#[utoipa::path(
    params(("id" = StaffId, Path, description = "The member of staff"), IfMatch),
    responses((status = 200, description = "The member of staff, gone", body = Member)),
    security(("practice" = ["staff.manage"])),
)]
#[post("/staff/{id}/leave")]
pub(super) async fn leave(
    caller: Caller<StaffManage>,
    id: Path<StaffId>,
    if_match: IfMatch,
) -> Result<Reply, ApiError> {
    step(caller, id.0, if_match, staff_changes::leave).await
}

/// Says that an account whose password and second factor were replaced through a link from elsewhere is still this member's:
/// see them or ring them first. Wants a fresh second factor.
#[utoipa::path(
    params(("id" = StaffId, Path, description = "The member of staff"), IfMatch),
    responses((status = 200, description = "The member of staff, confirmed", body = Member)),
    security(("practice" = ["staff.confirm"])),
)]
#[post("/staff/{id}/confirm")]
pub(super) async fn confirm(
    caller: Caller<StaffConfirm>,
    id: Path<StaffId>,
    if_match: IfMatch,
) -> Result<Reply, ApiError> {
    step(caller, id.0, if_match, staff::confirm).await
}
