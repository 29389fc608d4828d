//! Single sign-on: the practice's identity provider, signing in through it, and the links of one's own account.

use std::sync::Arc;

use almoner_domain::fault::Fault;
use almoner_domain::ids::IdentityId;
use almoner_domain::words::slug::Slug;
use almoner_persistence::access::single_sign_on::{self, Attempt, Begun, LinkedIdentity, SetProvider, SingleSignOn};
use almoner_persistence::tenancy::practices;
use almoner_persistence::{IdentityScope, access::accounts, access::sessions};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account::sign_in::{SignedIn, begun, factor, signed_in, try_a_code};
use crate::account::{Changer, Holder};
use crate::ground::body::Body;
use crate::ground::caller::{Anyone, Caller, Proving};
use crate::ground::door::PracticeDoor;
use crate::ground::etag::IfMatch;
use crate::ground::identity_provider::{CameBack, Vouched, authorization_url, is_a_frontend, is_of_one_practice};
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::SingleSignOnManage;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, NoContent, Reply, Representation};
use crate::ground::routes::Routes;
use crate::ground::service::Service;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: begin,
        complete,
        read,
        set,
        remove,
        list_identities,
        begin_link,
        complete_link refuses InvalidCredentials AlreadyExists,
        unlink refuses StepUpRequired InvalidState,
    );
}

/// Shows the practice's identity provider, if it has one. The provider's client secret is never shown.
#[utoipa::path(get, path = "/single-sign-on")]
async fn read(caller: Caller<SingleSignOnManage>) -> Result<Reply<SingleSignOn>, ApiError> {
    caller.read(|scope| single_sign_on::read(scope).map(no_record::of_a_tenant)).await
}

/// Sets the practice's identity provider.
///
/// The service looks the provider up, and refuses one that cannot be reached. The first time, the `ETag` to match is
/// `"0"`. If the provider does not name itself in its answers (RFC 9207), each of the `redirect_uris` ends with the
/// practice's name in URLs, as `https://app.example/signed-on/severn-social-work` does: no other practice's can be the
/// same.
#[utoipa::path(put, path = "/single-sign-on")]
async fn set(
    caller: Caller<SingleSignOnManage>,
    if_match: IfMatch,
    body: Body<SetProvider>,
) -> Result<Reply<SingleSignOn>, ApiError> {
    let new = body.value;
    let (sets, unchanged) = (caller.clone(), if_match.clone());
    // The service sends no request on behalf of a caller who may not set a provider.
    let new = caller
        .scope(move |scope| {
            let now = single_sign_on::read(scope)?;
            if_match.check_of(&now)?;
            single_sign_on::check(&now, &new)?;
            Ok(new)
        })
        .await?;
    let invalid = |n: usize| Fault::new(format!("/redirect_uris/{n}"), "must be an https address of a frontend");
    let addresses = new.redirect_uris.iter().enumerate();
    let faults: Vec<Fault> =
        addresses.filter(|(_, address)| !is_a_frontend(address.as_str())).map(|(n, _)| invalid(n)).collect();
    if !faults.is_empty() {
        return Err(ApiError::validation_failed(faults));
    }
    let found = sets.service().providers.find(new.issuer.as_str()).await?;
    sets.scope(move |scope| {
        let now = single_sign_on::read(scope)?;
        unchanged.check_of(&now)?;
        let practice = scope.practice_id();
        let slug = practices::slug_of(scope, practice)?;
        let addresses = new.redirect_uris.iter().enumerate().filter(|_| !found.names_itself);
        let faults: Vec<Fault> = addresses
            .filter(|(_, address)| !is_of_one_practice(address.as_str(), &slug))
            .map(|(n, _)| {
                let must = format!("must end with /{slug}, because this provider does not name itself in its answers");
                Fault::new(format!("/redirect_uris/{n}"), must)
            })
            .collect();
        if !faults.is_empty() {
            return Err(ApiError::validation_failed(faults));
        }
        single_sign_on::set(scope, &now, &new, &found.authorization_endpoint)?;
        Reply::ok(&no_record::changed(single_sign_on::read(scope)?))
    })
    .await
}

/// Removes the practice's identity provider. Everybody signs in with their password again.
#[utoipa::path(delete, path = "/single-sign-on")]
async fn remove(caller: Caller<SingleSignOnManage>, if_match: IfMatch) -> Result<NoContent, ApiError> {
    caller
        .scope(move |scope| {
            let now = single_sign_on::read(scope)?;
            if_match.check_of(&now)?;
            if now.provider.is_some() {
                single_sign_on::remove(scope, &now)?;
            }
            Ok(NoContent)
        })
        .await
}

/// The address to send a person to.
#[derive(Serialize, ToSchema)]
struct SentAway {
    /// The provider's address for this sign-on, with all of its parameters.
    #[schema(max_length = 4000, format = "uri")]
    authorization_url: String,
    /// The `state` that comes back with the person. The frontend keeps it in the browser that it sends away, and
    /// accepts no other.
    #[schema(max_length = 200, pattern = "^[A-Za-z0-9_-]*$")]
    state: String,
}

impl Representation for SentAway {}

fn sent_away(begun: &Begun, redirect_uri: &str) -> Result<SentAway, ApiError> {
    Ok(SentAway { authorization_url: authorization_url(begun, redirect_uri)?, state: begun.state.clone() })
}

/// A request to begin a sign-on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "practice": "severn-social-work", "redirect_uri": "https://app.severn.example/signed-on" }))]
struct BeginSignOn {
    /// The practice's name in URLs.
    practice: Slug,
    /// The address to which the provider sends the person back: one of those that the practice has registered.
    #[schema(max_length = 500, format = "uri")]
    redirect_uri: String,
}

fn wrong() -> ApiError {
    ApiError::new(Kind::InvalidCredentials)
}

/// Begins to sign somebody in through their practice's identity provider.
#[utoipa::path(post, path = "/sessions/single-sign-on")]
async fn begin(Proving(anyone): Proving, body: Body<BeginSignOn>) -> Result<Reply<SentAway>, ApiError> {
    let Anyone { service, request, .. } = anyone;
    let BeginSignOn { practice, redirect_uri } = body.value;
    let begin = move |service: &Service| {
        service.store.identity(request, |scope| {
            let begun = single_sign_on::begin(scope, practice.as_str(), &redirect_uri)?.ok_or_else(wrong)?;
            Reply::ok(&no_record::own(sent_away(&begun, &redirect_uri)?))
        })
    };
    service.block(begin).await
}

/// A request to complete a sign-on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "state": "AZN8XisAekGdbF8OGis8TQ", "authorization_code": "SplxlOBeZQQYbYS6WxSbIA",
    "iss": "https://login.severn.example",
}))]
struct CompleteSignOn {
    /// The `state` that came back with the person. It can be used once.
    #[schema(max_length = 200, pattern = "^[A-Za-z0-9_-]*$")]
    state: String,
    /// The `code` that came back with the person.
    #[schema(max_length = 4000, pattern = "^[\\x20-\\x7E]*$")]
    authorization_code: String,
    /// The `iss` that came back with the person, if there was one. It is required if the provider's metadata promises it
    /// (RFC 9207).
    #[serde(default)]
    #[schema(max_length = 500, format = "uri")]
    iss: Option<String>,
    /// The address at which the person came back, as the browser shows it, without its query. It is required if the
    /// provider's metadata does not promise `iss`.
    #[serde(default)]
    #[schema(max_length = 500, format = "uri")]
    redirect_uri: Option<String>,
    /// The six digits that the person's authenticator shows, if the provider's own second factor does not count.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 20, pattern = "^[0-9 -]+$")]
    code: Option<String>,
    /// One of the account's recovery codes, in place of `code`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9 -]+$")]
    recovery_code: Option<String>,
}

/// Asks the provider for the identity that it vouches for, and logs the reason if it vouches for none.
async fn vouched(service: &Service, attempt: &Attempt, back: CameBack) -> Result<Option<Vouched>, ApiError> {
    if back.code.len() > 4000 {
        return Ok(None);
    }
    let vouched = service.providers.vouch(attempt, back, service.store.clock().now()).await?;
    Ok(vouched.inspect_err(|why| tracing::info!(%why, practice = %attempt.practice, "nobody is vouched for")).ok())
}

/// Completes a sign-on: signs in the person whom the practice's identity provider vouches for, to that practice.
///
/// If the provider's second factor does not count, a code or a recovery code is required too. Without one the answer
/// points at `/code`, and the sign-on must be begun again.
#[utoipa::path(post, path = "/sessions/single-sign-on/complete")]
async fn complete(Proving(anyone): Proving, body: Body<CompleteSignOn>) -> Result<Created<SignedIn>, ApiError> {
    let Anyone { service, request, .. } = anyone;
    let CompleteSignOn { state, authorization_code, iss, redirect_uri, code, recovery_code } = body.value;
    let back = CameBack { code: authorization_code, issuer: iss, redirect_uri };
    let factor = if code.is_some() || recovery_code.is_some() { Some(factor(code, recovery_code)?) } else { None };
    let take =
        move |service: &Service| Ok(service.store.identity(request, |scope| single_sign_on::take_up(scope, &state))?);
    let attempt = Arc::clone(&service).block(take).await?.ok_or_else(wrong)?;
    let vouched = vouched(&service, &attempt, back).await?;
    let enter = move |service: &Service| {
        service.store.identity(request, |scope: &mut IdentityScope<'_>| {
            let linked = match &vouched {
                Some(vouched) => single_sign_on::find(scope, &attempt, &vouched.subject)?,
                None => None,
            };
            let (Some(vouched), Some(linked)) = (vouched, linked) else {
                // The record of the refusal is committed.
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
                // The provider reports how long ago the second factor was proved.
                None => vouched.second_factor_at.ok_or_else(|| {
                    ApiError::parameter("/code", "is required: the provider reported no second factor")
                })?,
            };
            let limits = service.settings.sessions;
            let opened =
                sessions::begin_by_provider(scope, linked.account, linked.membership, authenticated_at, limits)?;
            Ok(Ok(opened))
        })
    };
    let opened = Arc::clone(&service).block(enter).await??;
    begun::<PracticeDoor>(signed_in::<PracticeDoor>(&service, opened)?)
}

/// The caller's linked identities.
#[derive(Serialize, ToSchema)]
struct LinkedIdentities {
    /// The identities that are linked at the practice of the session.
    #[schema(max_items = 200)]
    items: Vec<LinkedIdentity>,
}

impl Representation for LinkedIdentities {}

/// Lists the identities with which the caller may sign in through the practice's identity provider.
#[utoipa::path(get, path = "/account/identities")]
async fn list_identities(holder: Holder<PracticeDoor>) -> Result<Reply<LinkedIdentities>, ApiError> {
    holder.scope(|scope| Reply::ok(&no_record::own(LinkedIdentities { items: single_sign_on::list(scope)? }))).await
}

/// A request to begin linking an identity.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "redirect_uri": "https://app.severn.example/signed-on" }))]
struct BeginLink {
    /// The address to which the provider sends the caller back: one of those that the practice has registered.
    #[schema(max_length = 500, format = "uri")]
    redirect_uri: String,
}

/// Begins to link the caller's account with an identity at the practice's identity provider.
///
/// It requires a recent second factor, and a session that was begun with a password.
#[utoipa::path(post, path = "/account/identities")]
async fn begin_link(changer: Changer<PracticeDoor>, body: Body<BeginLink>) -> Result<Reply<SentAway>, ApiError> {
    let uri = body.value.redirect_uri;
    changer
        .fresh(move |scope| {
            let begun = single_sign_on::begin_link(scope, &uri)?.ok_or_else(|| {
                ApiError::parameter("/redirect_uri", "is not one that your practice has registered for its provider")
            })?;
            Reply::ok(&no_record::own(sent_away(&begun, &uri)?))
        })
        .await
}

/// A request to complete linking an identity.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "state": "AZN8XisAekGdbF8OGis8TQ", "authorization_code": "SplxlOBeZQQYbYS6WxSbIA",
    "iss": "https://login.severn.example",
}))]
struct CompleteLink {
    /// The `state` that came back with the caller. It can be used once.
    #[schema(max_length = 200, pattern = "^[A-Za-z0-9_-]*$")]
    state: String,
    /// The `code` that came back with the caller.
    #[schema(max_length = 4000, pattern = "^[\\x20-\\x7E]*$")]
    authorization_code: String,
    /// The `iss` that came back with the caller, if there was one. It is required if the provider's metadata promises it
    /// (RFC 9207).
    #[serde(default)]
    #[schema(max_length = 500, format = "uri")]
    iss: Option<String>,
    /// The address at which the caller came back, as the browser shows it, without its query. It is required if the
    /// provider's metadata does not promise `iss`.
    #[serde(default)]
    #[schema(max_length = 500, format = "uri")]
    redirect_uri: Option<String>,
}

/// Links the caller's account with the identity for which the practice's identity provider vouches.
///
/// Only the caller who began the link can complete it.
#[utoipa::path(post, path = "/account/identities/complete")]
async fn complete_link(
    holder: Holder<PracticeDoor>,
    body: Body<CompleteLink>,
) -> Result<Created<LinkedIdentity>, ApiError> {
    let service = holder.service();
    let CompleteLink { state, authorization_code, iss, redirect_uri } = body.value;
    let back = CameBack { code: authorization_code, issuer: iss, redirect_uri };
    let links = holder.clone();
    let taken = holder.scope(move |scope| Ok(single_sign_on::take_up_link(scope, &state)?)).await?;
    let attempt = taken.ok_or_else(wrong)?;
    let vouched = vouched(&service, &attempt, back).await?.ok_or_else(wrong)?;
    links
        .scope(move |scope| {
            let linked = no_record::own(single_sign_on::link(scope, &attempt, &vouched.subject)?);
            Created::at("/v1/practice/account/identities".to_owned(), &linked)
        })
        .await
}

/// Removes one of the caller's linked identities.
///
/// It requires a recent second factor. At a practice that requires single sign-on, the last one cannot be removed.
#[utoipa::path(delete, path = "/account/identities/{id}")]
async fn unlink(holder: Holder<PracticeDoor>, id: Path<IdentityId>) -> Result<NoContent, ApiError> {
    holder
        .fresh_here(move |scope| {
            single_sign_on::unlink(scope, id.0)?;
            Ok(NoContent)
        })
        .await
}
