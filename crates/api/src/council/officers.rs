//! The officers of the council. Each knows the others; an administrator invites them, changes them and ends their access.

use almoner_domain::ids::OfficerId;
use almoner_domain::officers::absence::OfficerAbsence;
use almoner_domain::words::date;
use almoner_persistence::access::appointing;
use almoner_persistence::access::invitations::Link;
use almoner_persistence::idempotency::IdempotentOutcome;
use almoner_persistence::officers::{self, CouncilOfficer, NewOfficer, OfficerDetails, absence, leaving};
use almoner_persistence::{CouncilScope, OnRecord, Page, StoreError};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::ground::body::{Body, MergePatch, Patchable};
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{OfficersConfirm, OfficersManage, OfficersRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply};
use crate::ground::routes::Routes;
use crate::representations::OfficerWithLink;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        read,
        invite refuses AlreadyExists,
        change refuses InvalidState,
        invite_again refuses InvalidState,
        offer_credential_reset refuses InvalidState,
        confirm refuses InvalidState,
        plan_leaving refuses InvalidState,
        stay refuses InvalidState,
        say_absence,
        end_absence,
    );
}

/// Lists the officers of the council, in the order in which they were invited.
///
/// Those who have left are among them: they can still be named where somebody asks who did something.
#[utoipa::path(get, path = "/officers")]
async fn list(caller: Caller<OfficersRead>, page: Query<PageQuery>) -> Result<Reply<Page<CouncilOfficer>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| officers::list_own(scope, &paging).map(no_record::of_a_tenant)).await
}

/// Shows one officer, with what of them waits to be confirmed and who may confirm it.
#[utoipa::path(get, path = "/officers/{id}")]
async fn read(caller: Caller<OfficersRead>, id: Path<OfficerId>) -> Result<Reply<CouncilOfficer>, ApiError> {
    caller.read(move |scope| officers::find_own(scope, id.0).map(no_record::of_a_tenant)).await
}

/// Invites somebody to be an officer of the council.
///
/// Nobody chooses a password for them: a link is created, and shown once. No role of theirs works before another officer, who
/// was here before and did not invite them, has confirmed it.
#[utoipa::path(post, path = "/officers")]
async fn invite(
    caller: Caller<OfficersManage>,
    key: IdempotencyKey,
    body: Body<NewOfficer>,
) -> Result<Created<OfficerWithLink>, ApiError> {
    caller.create(key, body, appointing::invite, with_link, location).await
}

fn with_link(scope: &mut CouncilScope<'_>, done: &IdempotentOutcome) -> Result<OnRecord<OfficerWithLink>, StoreError> {
    let officer = officers::find_own(scope, done.id())?;
    Ok(no_record::changed(OfficerWithLink { officer, link: done.secret().map(Link::new) }))
}

fn location(shown: &OfficerWithLink) -> String {
    format!("/v1/council/officers/{}", shown.officer.id)
}

/// Invites an officer again who has not joined yet. The earlier link stops working.
#[utoipa::path(post, path = "/officers/{id}/invitation")]
async fn invite_again(
    caller: Caller<OfficersManage>,
    id: Path<OfficerId>,
    key: IdempotencyKey,
) -> Result<Created<OfficerWithLink>, ApiError> {
    let draw = move |scope: &mut CouncilScope<'_>| {
        let known = officers::find_own(scope, id.0)?;
        appointing::invite_again(scope, &known)
    };
    caller.create_bare(key, draw, with_link, location).await
}

/// Creates a link with which an officer resets a lost password and second factor.
///
/// Once it is used, every council and practice where they have a place, this one included, has to confirm the account before it
/// opens anything there.
#[utoipa::path(post, path = "/officers/{id}/credential-reset")]
async fn offer_credential_reset(
    caller: Caller<OfficersManage>,
    id: Path<OfficerId>,
    key: IdempotencyKey,
) -> Result<Created<OfficerWithLink>, ApiError> {
    let draw = move |scope: &mut CouncilScope<'_>| {
        let known = officers::find_own(scope, id.0)?;
        appointing::reset_credentials(scope, &known)
    };
    caller.create_bare(key, draw, with_link, location).await
}

impl Patchable for OfficerDetails {
    fn example() -> Value {
        json!({ "roles": ["commissioner"] })
    }
}

/// Changes an officer, as a merge patch (RFC 7396): name and roles.
///
/// A role that is taken away ends with the officer's next request. Further roles work once another officer has confirmed them.
/// Nobody changes their own roles.
#[utoipa::path(patch, path = "/officers/{id}")]
async fn change(
    caller: Caller<OfficersManage>,
    id: Path<OfficerId>,
    if_match: IfMatch,
    patch: MergePatch<OfficerDetails>,
) -> Result<Reply<CouncilOfficer>, ApiError> {
    caller
        .change(
            if_match,
            move |scope| officers::find_own(scope, id.0),
            move |scope, known| {
                let details = patch.apply(&known.details)?;
                Ok::<_, ApiError>(officers::change(scope, known, &details)?)
            },
        )
        .await
}

/// Confirms an officer: that the account is theirs, and that they should have the roles that wait.
///
/// The caller was here before, did not open what waits, and did not come by the hand that did. While the council has fewer than
/// two confirmed officers, two operators confirm, at their own door. The caller sees or telephones the officer first.
#[utoipa::path(post, path = "/officers/{id}/confirm")]
async fn confirm(
    caller: Caller<OfficersConfirm>,
    id: Path<OfficerId>,
    if_match: IfMatch,
) -> Result<Reply<CouncilOfficer>, ApiError> {
    caller.change(if_match, move |scope| officers::find_own(scope, id.0), appointing::confirm).await
}

/// How an officer leaves.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "last_day": "2026-12-11" }))]
struct OfficerLeaves {
    /// The last day on which they act. Their access ends with it, in London. Left out, it ends now.
    #[serde(default, deserialize_with = "date::optional")]
    last_day: Option<NaiveDate>,
}

/// Says that an officer leaves, now or with the end of a day. It replaces what was said before.
#[utoipa::path(put, path = "/officers/{id}/leaving")]
async fn plan_leaving(
    caller: Caller<OfficersManage>,
    id: Path<OfficerId>,
    if_match: IfMatch,
    body: Body<OfficerLeaves>,
) -> Result<Reply<CouncilOfficer>, ApiError> {
    let last_day = body.value.last_day;
    caller
        .change(
            if_match,
            move |scope| officers::find_own(scope, id.0),
            move |scope, known| appointing::plan_leaving(scope, known, last_day),
        )
        .await
}

/// Withdraws the leaving of an officer whose access has not ended. They stay.
#[utoipa::path(delete, path = "/officers/{id}/leaving")]
async fn stay(
    caller: Caller<OfficersManage>,
    id: Path<OfficerId>,
    if_match: IfMatch,
) -> Result<Reply<CouncilOfficer>, ApiError> {
    caller.change(if_match, move |scope| officers::find_own(scope, id.0), leaving::stay).await
}

/// Says on which days the caller is away, and who stands in. It replaces what was said before.
///
/// The other officers see it. The stand-in gets no role by it.
#[utoipa::path(put, path = "/absence")]
async fn say_absence(caller: Caller<OfficersRead>, body: Body<OfficerAbsence>) -> Result<NoContent, ApiError> {
    caller.act(move |scope| absence::say(scope, &body.value)).await
}

/// Withdraws or ends the caller's absence.
#[utoipa::path(delete, path = "/absence")]
async fn end_absence(caller: Caller<OfficersRead>) -> Result<NoContent, ApiError> {
    caller.act(absence::end).await
}
