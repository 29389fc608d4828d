//! The staff of the practice. Every member knows their colleagues; the administrator invites members, changes them and
//! ends their membership.

use almoner_domain::ids::StaffId;
use almoner_domain::words::postcode::Postcode;
use almoner_persistence::access::confirmations;
use almoner_persistence::access::invitations::{self, Link};
use almoner_persistence::access::joining;
use almoner_persistence::idempotency::IdempotentOutcome;
use almoner_persistence::referrals::{leaving, staff_changes};
use almoner_persistence::staff::{self, Colleague, Member, MemberDetails, NewMember};
use almoner_persistence::{OnRecord, Page, PracticeScope, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::ground::body::{Body, MergePatch, Patchable};
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{StaffConfirm, StaffManage, StaffRead, StaffSee};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply};
use crate::ground::routes::Routes;
use crate::representations::MemberWithLink;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        set_home,
        invite refuses AlreadyExists,
        read,
        change refuses InvalidState,
        invite_again refuses InvalidState,
        offer_credential_reset refuses InvalidState,
        leave refuses InvalidState OpenWork,
        confirm refuses InvalidState,
    );
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ColleaguesFilter {
    /// Returns those who have left instead. They can still be named where a list is filtered by a member of staff.
    #[serde(default)]
    left: Option<bool>,
}

/// Lists the caller's colleagues, to whom a case can be allocated or about whom a complaint can be.
#[utoipa::path(get, path = "/staff")]
async fn list(
    caller: Caller<StaffRead>,
    page: Query<PageQuery>,
    filter: Query<ColleaguesFilter>,
) -> Result<Reply<Page<Colleague>>, ApiError> {
    let paging = page.0.paging()?;
    let left = filter.0.left.unwrap_or(false);
    caller.read(move |scope| staff::colleagues(scope, left, &paging).map(no_record::of_a_tenant)).await
}

/// The postcode at which a member of staff lives.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "postcode": "SY1 1UT" }))]
struct HomePostcode {
    /// The postcode; `null` removes it.
    postcode: Option<Postcode>,
}

/// Sets the caller's home postcode.
///
/// The report of unusual access then shows the caller's access to neighbours' records. Nobody can read the postcode,
/// neither here nor in the database.
#[utoipa::path(put, path = "/home-postcode")]
async fn set_home(caller: Caller<StaffRead>, body: Body<HomePostcode>) -> Result<NoContent, ApiError> {
    caller.act(move |scope| staff::set_home(scope, body.value.postcode)).await
}

/// Shows all details of one member of staff.
#[utoipa::path(get, path = "/staff/{id}")]
async fn read(caller: Caller<StaffSee>, id: Path<StaffId>) -> Result<Reply<Member>, ApiError> {
    caller.read(move |scope| staff::find_own(scope, id.0).map(no_record::of_a_tenant)).await
}

/// Invites somebody to work at the practice.
///
/// Nobody chooses a password for them: a link is created, and shown once. Roles that open records work once a second
/// person has confirmed them (`unconfirmed_roles`).
#[utoipa::path(post, path = "/staff")]
async fn invite(
    caller: Caller<StaffManage>,
    key: IdempotencyKey,
    body: Body<NewMember>,
) -> Result<Created<MemberWithLink>, ApiError> {
    caller.create(key, body, joining::invite, with_link, location).await
}

fn with_link(scope: &mut PracticeScope<'_>, done: &IdempotentOutcome) -> Result<OnRecord<MemberWithLink>, StoreError> {
    let member = staff::find_own(scope, done.id())?;
    Ok(no_record::changed(MemberWithLink { member, link: done.secret().map(Link::new) }))
}

fn location(shown: &MemberWithLink) -> String {
    format!("/v1/practice/staff/{}", shown.member.id)
}

/// Invites a member of staff again who has not joined yet. The earlier link stops working.
#[utoipa::path(post, path = "/staff/{id}/invitation")]
async fn invite_again(
    caller: Caller<StaffManage>,
    id: Path<StaffId>,
    key: IdempotencyKey,
) -> Result<Created<MemberWithLink>, ApiError> {
    let draw = move |scope: &mut PracticeScope<'_>| {
        let known = staff::find_own(scope, id.0)?;
        joining::invite_again(scope, &known)
    };
    caller.create_bare(key, draw, with_link, location).await
}

/// Creates a link with which a member of staff resets a lost password and second factor.
///
/// Once it is used, every practice to which the member belongs, this one included, has to confirm the account before it
/// opens anything there.
#[utoipa::path(post, path = "/staff/{id}/credential-reset")]
async fn offer_credential_reset(
    caller: Caller<StaffManage>,
    id: Path<StaffId>,
    key: IdempotencyKey,
) -> Result<Created<MemberWithLink>, ApiError> {
    let draw = move |scope: &mut PracticeScope<'_>| invitations::reset_credentials_for_practice(scope, id.0);
    caller.create_bare(key, draw, with_link, location).await
}

impl Patchable for MemberDetails {
    fn example() -> Value {
        json!({ "roles": ["manager"] })
    }
}

/// Changes a member of staff, as a merge patch (RFC 7396): name, roles, line of management.
///
/// The change takes effect with the member's next request. Nobody changes their own roles. Further roles that open
/// records work once a second person has confirmed them.
#[utoipa::path(patch, path = "/staff/{id}")]
async fn change(
    caller: Caller<StaffManage>,
    id: Path<StaffId>,
    if_match: IfMatch,
    patch: MergePatch<MemberDetails>,
) -> Result<Reply<Member>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| staff::find_own(scope, id.0),
            move |scope, known| {
                let details = patch.apply(&known.details)?;
                Ok::<_, ApiError>(staff_changes::change(scope, known, &details)?)
            },
        )
        .await
}

/// Ends the membership of a member of staff. From their next request on nothing at the practice is open to them.
///
/// It is refused while cases are allocated to them. To leave on a day ahead, or in spite of open work, there is `PUT …/leaving`.
#[utoipa::path(post, path = "/staff/{id}/leave")]
async fn leave(caller: Caller<StaffManage>, id: Path<StaffId>, if_match: IfMatch) -> Result<Reply<Member>, ApiError> {
    caller.change(if_match, move |scope| staff::find_own(scope, id.0), leaving::leave).await
}

/// Confirms a membership: that its account is this member's, and that they should have the roles that wait.
///
/// The caller was there before, did not open what waits, and did not come by the hand that did. At a new practice an
/// owner confirms, and the operator at their own door. The caller sees or telephones the member first.
#[utoipa::path(post, path = "/staff/{id}/confirm")]
async fn confirm(
    caller: Caller<StaffConfirm>,
    id: Path<StaffId>,
    if_match: IfMatch,
) -> Result<Reply<Member>, ApiError> {
    caller.change(if_match, move |scope| staff::find_own(scope, id.0), confirmations::confirm).await
}
