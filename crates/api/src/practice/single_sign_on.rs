//! Single sign-on: the practice's own provider, signing in through it, and the links of one's own account.

use std::sync::Arc;

use actix_web::{HttpRequest, delete, get, post, put};
use almoner_domain::fault::Fault;
use almoner_domain::ids::IdentityId;
use almoner_domain::words::slug::Slug;
use almoner_persistence::access::single_sign_on::{self, Attempt, Begun, LinkedIdentity, SetProvider, SingleSignOn};
use almoner_persistence::{IdentityScope, access::accounts, access::sessions};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account::Holder;
use crate::body::Body;
use crate::caller::{Caller, Practice, asked};
use crate::etag::IfMatch;
use crate::page::Path;
use crate::permission::SingleSignOnManage;
use crate::problem::{ApiError, Kind};
use crate::provider::{Vouched, authorization_url, is_a_frontend};
use crate::reply::Reply;
use crate::service::Service;
use crate::sign_in::{SignedIn, begun, factor, signed_in, try_a_code};

/// The practice's provider. Its secret is never shown.
#[utoipa::path(
    responses((status = 200, description = "The provider, if there is one", body = SingleSignOn)),
    security(("practice" = ["single_sign_on.manage"])),
)]
#[get("/single-sign-on")]
pub(super) async fn read(caller: Caller<SingleSignOnManage>) -> Result<Reply, ApiError> {
    caller
        .scope(|scope| {
            let found = single_sign_on::read(scope)?;
            Ok(Reply::ok(&found)?.version(found.version))
        })
        .await
}

/// Sets the practice's provider, which is looked up: one that cannot be reached is refused. The first time, the `ETag` to match is
/// `"0"`.
#[utoipa::path(
    params(IfMatch),
    request_body = SetProvider,
    responses((status = 200, description = "The provider", body = SingleSignOn)),
    security(("practice" = ["single_sign_on.manage"])),
)]
#[put("/single-sign-on")]
pub(super) async fn set(
    request: HttpRequest,
    caller: Caller<SingleSignOnManage>,
    if_match: IfMatch,
    body: Body<SetProvider>,
) -> Result<Reply, ApiError> {
    let new = body.value;
    let sets = caller.clone();
    // Nobody has us ask around who may not set a provider.
    let new = caller
        .scope(move |scope| {
            let now = single_sign_on::read(scope)?;
            if_match.check(now.version)?;
            single_sign_on::check(&now, &new)?;
            Ok(new)
        })
        .await?;
    let unfit = |n: usize| Fault::new(format!("/redirect_uris/{n}"), "must be an https address of a frontend");
    let addresses = new.redirect_uris.iter().enumerate();
    let faults: Vec<Fault> =
        addresses.filter(|(_, address)| !is_a_frontend(address.as_str())).map(|(n, _)| unfit(n)).collect();
    if !faults.is_empty() {
        return Err(ApiError::unfit(faults));
    }
    let endpoint = Service::of(&request)?.providers.find(new.issuer.as_str()).await?;
    sets.scope(move |scope| {
        let now = single_sign_on::read(scope)?;
        if_match.check(now.version)?;
        single_sign_on::set(scope, &now, &new, &endpoint)?;
        let found = single_sign_on::read(scope)?;
        Ok(Reply::ok(&found)?.version(found.version))
    })
    .await
}

/// Takes the practice's provider away: everybody signs in with their password again.
#[utoipa::path(
    params(IfMatch),
    responses((status = 204, description = "Taken away")),
    security(("practice" = ["single_sign_on.manage"])),
)]
#[delete("/single-sign-on")]
pub(super) async fn remove(caller: Caller<SingleSignOnManage>, if_match: IfMatch) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let now = single_sign_on::read(scope)?;
            if_match.check(now.version)?;
            if now.provider.is_some() {
                single_sign_on::remove(scope, &now)?;
            }
            Ok(Reply::nothing())
        })
        .await
}

/// Where to send somebody.
#[derive(Serialize, ToSchema)]
struct SentAway {
    /// The provider's address for them, with all that it needs to know.
    #[schema(max_length = 4000)]
    authorization_url: String,
    /// What comes back with them. The frontend keeps it with the browser that it sends away, and takes back no other.
    #[schema(max_length = 200)]
    state: String,
}

fn sent_away(begun: &Begun, redirect_uri: &str) -> Result<SentAway, ApiError> {
    Ok(SentAway { authorization_url: authorization_url(begun, redirect_uri)?, state: begun.state.clone() })
}

/// At which practice somebody wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "practice": "severn-social-work", "redirect_uri": "https://app.severn.example/signed-on" }))]
struct BeginSignOn {
    /// The practice's name in URLs.
    practice: Slug,
    /// Where the provider sends them back to: one of the addresses that the practice has registered.
    #[schema(max_length = 500)]
    redirect_uri: String,
}

fn wrong() -> ApiError {
    ApiError::new(Kind::WrongCredentials)
}

/// Begins to sign somebody in through their practice's provider.
#[utoipa::path(
    request_body = BeginSignOn,
    responses((status = 200, description = "Where to send them", body = SentAway)),
    security(()),
)]
#[post("/sessions/single-sign-on")]
pub(super) async fn begin(request: HttpRequest, body: Body<BeginSignOn>) -> Result<Reply, ApiError> {
    let service = Service::of(&request)?.into_inner();
    let asked = asked(&request);
    let BeginSignOn { practice, redirect_uri } = body.value;
    let begin = move |service: &Service| {
        service.store.identity(asked, |scope| {
            let begun = single_sign_on::begin(scope, practice.as_str(), &redirect_uri)?.ok_or_else(wrong)?;
            Reply::ok(&sent_away(&begun, &redirect_uri)?)
        })
    };
    service.block(begin).await
}

/// What somebody came back with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "state": "AZN8XisAekGdbF8OGis8TQ…", "authorization_code": "SplxlOBeZQQYbYS6WxSbIA" }))]
struct CompleteSignOn {
    /// The `state` that they came back with. It serves once.
    #[schema(max_length = 200)]
    state: String,
    /// The `code` that they came back with.
    #[schema(max_length = 4000)]
    authorization_code: String,
    /// The six digits that their authenticator shows, where the provider's own second factor does not count.
    #[serde(default)]
    #[schema(max_length = 20)]
    code: Option<String>,
    /// One of the account's recovery codes in its place.
    #[serde(default)]
    #[schema(max_length = 40)]
    recovery_code: Option<String>,
}

/// Asks the provider whom it vouches for; for the log, why it does not.
async fn vouched(service: &Service, attempt: &Attempt, code: String) -> Result<Option<Vouched>, ApiError> {
    if code.len() > 4000 {
        return Ok(None);
    }
    let vouched = service.providers.vouch(attempt, code, service.store.clock().now()).await?;
    Ok(vouched.inspect_err(|why| tracing::info!(%why, practice = %attempt.practice, "nobody is vouched for")).ok())
}

/// Signs in whom the practice's provider vouches for, for that practice. Where its second factor does not count, a code or a
/// recovery code is required besides: without one the answer points at `/code`, and the sign-on is begun anew.
#[utoipa::path(
    request_body = CompleteSignOn,
    responses((status = 201, description = "Signed in", body = SignedIn)),
    security(()),
)]
#[post("/sessions/single-sign-on/complete")]
pub(super) async fn complete(request: HttpRequest, body: Body<CompleteSignOn>) -> Result<Reply, ApiError> {
    let service = Service::of(&request)?.into_inner();
    let asked = asked(&request);
    let CompleteSignOn { state, authorization_code, code, recovery_code } = body.value;
    let factor = if code.is_some() || recovery_code.is_some() { Some(factor(code, recovery_code)?) } else { None };
    let take =
        move |service: &Service| Ok(service.store.identity(asked, |scope| single_sign_on::take_up(scope, &state))?);
    let attempt = Arc::clone(&service).block(take).await?.ok_or_else(wrong)?;
    let vouched = vouched(&service, &attempt, authorization_code).await?;
    let enter = move |service: &Service| {
        service.store.identity(asked, |scope: &mut IdentityScope<'_>| {
            let linked = match &vouched {
                Some(vouched) => single_sign_on::find(scope, &attempt, &vouched.subject)?,
                None => None,
            };
            let (Some(vouched), Some(linked)) = (vouched, linked) else {
                // What is on record of the refusal stays.
                single_sign_on::record_refusal(scope, attempt.practice)?;
                return Ok(Err(wrong()));
            };
            let authenticated_at = match &factor {
                Some(factor) => {
                    let right = try_a_code(service, &linked.email).is_ok()
                        && accounts::prove(scope, Some(linked.account), true, factor)?;
                    if !right {
                        return Ok(Err(wrong()));
                    }
                    scope.at()
                }
                // How long ago that was is for the provider to say; if it does not, it was too long ago for what wants a fresh one.
                None if vouched.second_factor => vouched.authenticated_at.unwrap_or(DateTime::<Utc>::UNIX_EPOCH),
                None => return Err(ApiError::parameter("/code", "is required: the provider says of no second factor")),
            };
            let limits = service.settings.sessions;
            let opened =
                sessions::begin_by_provider(scope, linked.account, linked.membership, authenticated_at, limits)?;
            Ok(Ok(opened))
        })
    };
    let opened = Arc::clone(&service).block(enter).await??;
    begun(&signed_in::<Practice>(&service, opened)?, "practice")
}

/// The caller's links.
#[derive(Serialize, ToSchema)]
struct LinkedIdentities {
    /// Those at the practice where they are.
    #[schema(max_items = 200)]
    items: Vec<LinkedIdentity>,
}

/// The identities by which the caller may sign in through the practice's provider.
#[utoipa::path(
    responses((status = 200, description = "The identities", body = LinkedIdentities)),
    security(("practice" = [])),
)]
#[get("/account/identities")]
pub(super) async fn list_identities(holder: Holder<Practice>) -> Result<Reply, ApiError> {
    holder.scope(|scope| Reply::ok(&LinkedIdentities { items: single_sign_on::list(scope)? })).await
}

/// Where the provider is to send the caller back to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "redirect_uri": "https://app.severn.example/signed-on" }))]
struct BeginLink {
    /// One of the addresses that the practice has registered.
    #[schema(max_length = 500)]
    redirect_uri: String,
}

/// Begins to link the caller's account with an identity at the practice's provider. Wants a fresh second factor, and a session that
/// was begun with a password.
#[utoipa::path(
    request_body = BeginLink,
    responses((status = 200, description = "Where to send the caller", body = SentAway)),
    security(("practice" = [])),
)]
#[post("/account/identities")]
pub(super) async fn begin_link(holder: Holder<Practice>, body: Body<BeginLink>) -> Result<Reply, ApiError> {
    let uri = body.value.redirect_uri;
    holder
        .fresh(move |scope| {
            let begun = single_sign_on::begin_link(scope, &uri)?.ok_or_else(|| {
                ApiError::parameter("/redirect_uri", "is not one that your practice has registered for its provider")
            })?;
            Reply::ok(&sent_away(&begun, &uri)?)
        })
        .await
}

/// What the caller came back with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "state": "AZN8XisAekGdbF8OGis8TQ…", "authorization_code": "SplxlOBeZQQYbYS6WxSbIA" }))]
struct CompleteLink {
    /// The `state` that they came back with. It serves once.
    #[schema(max_length = 200)]
    state: String,
    /// The `code` that they came back with.
    #[schema(max_length = 4000)]
    authorization_code: String,
}

/// Links the caller's account with the identity for which the practice's provider vouches. Only who began it completes it.
#[utoipa::path(
    request_body = CompleteLink,
    responses((status = 201, description = "Linked", body = LinkedIdentity)),
    security(("practice" = [])),
)]
#[post("/account/identities/complete")]
pub(super) async fn complete_link(
    request: HttpRequest,
    holder: Holder<Practice>,
    body: Body<CompleteLink>,
) -> Result<Reply, ApiError> {
    let service = Service::of(&request)?.into_inner();
    let CompleteLink { state, authorization_code } = body.value;
    let links = holder.clone();
    let taken = holder.scope(move |scope| Ok(single_sign_on::take_up_link(scope, &state)?)).await?;
    let attempt = taken.ok_or_else(wrong)?;
    let vouched = vouched(&service, &attempt, authorization_code).await?.ok_or_else(wrong)?;
    links
        .scope(move |scope| {
            let linked = single_sign_on::link(scope, &attempt, &vouched.subject)?;
            Reply::created(&linked, "/v1/practice/account/identities".to_owned())
        })
        .await
}

/// Ends one of the caller's links. Wants a fresh second factor. At a practice that requires single sign-on, the last one stays.
#[utoipa::path(
    params(("id" = IdentityId, Path, description = "The link")),
    responses((status = 204, description = "Ended")),
    security(("practice" = [])),
)]
#[delete("/account/identities/{id}")]
pub(super) async fn unlink(holder: Holder<Practice>, id: Path<IdentityId>) -> Result<Reply, ApiError> {
    holder
        .fresh_here(move |scope| {
            single_sign_on::unlink(scope, id.0)?;
            Ok(Reply::nothing())
        })
        .await
}
