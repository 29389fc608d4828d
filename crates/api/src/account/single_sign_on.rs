//! Single sign-on: the identity provider of a practice or a council, completing a sign-on through it, and the links of one's own
//! account. Each door begins a sign-on for itself, because it knows its tenants by another name.

use std::sync::Arc;

use almoner_domain::fault::Fault;
use almoner_domain::ids::IdentityId;
use almoner_persistence::access::single_sign_on::{
    self, Attempt, Begun, HasProvider, LinkedIdentity, SetProvider, SingleSignOn,
};
use almoner_persistence::{IdentityScope, access::accounts, access::sessions};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sign_in::{SignedIn, begun, factor, signed_in, try_a_code};
use super::{Changer, Holder};
use crate::ground::body::Body;
use crate::ground::caller::{Anyone, Caller, Proving};
use crate::ground::door::Door;
use crate::ground::etag::IfMatch;
use crate::ground::identity_provider::{CameBack, Vouched, authorization_url, is_a_frontend, is_of_one_tenant};
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::Permission;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, NoContent, Reply, Representation};
use crate::ground::routes::Routes;
use crate::ground::service::Service;

/// A door at which a provider can vouch for people.
pub(crate) trait ProviderDoor: for<'s> Door<Scope<'s>: HasProvider<'s>> {
    /// Permits setting the provider.
    type Manage: Permission<Door = Self>;
}

/// Registers the operations on single sign-on at a door.
pub(crate) fn routes<D: ProviderDoor>(door: &mut Routes) {
    operations!(
        door: complete::<D>,
        read::<D>,
        set::<D>,
        remove::<D>,
        list_identities::<D>,
        begin_link::<D>,
        complete_link::<D> refuses InvalidCredentials AlreadyExists,
        unlink::<D> refuses StepUpRequired InvalidState,
    );
}

/// Shows the identity provider, if there is one. The provider's client secret is never shown.
#[utoipa::path(get, path = "/single-sign-on")]
async fn read<D: ProviderDoor>(caller: Caller<D::Manage>) -> Result<Reply<SingleSignOn>, ApiError> {
    caller.read(|scope| single_sign_on::read(scope).map(no_record::of_a_tenant)).await
}

/// Sets the identity provider.
///
/// The service looks the provider up, and refuses one that cannot be reached. The first time, the `ETag` to match is
/// `"0"`. If the provider does not name itself in its answers (RFC 9207), each of the `redirect_uris` ends with the
/// practice's name in URLs, as `https://app.example/signed-on/severn-social-work` does, or with the council's identifier: no
/// other's can be the same.
#[utoipa::path(put, path = "/single-sign-on")]
async fn set<D: ProviderDoor>(
    caller: Caller<D::Manage>,
    if_match: IfMatch,
    body: Body<SetProvider>,
) -> Result<Reply<SingleSignOn>, ApiError> {
    let new = body.value;
    let (sets, unchanged) = (caller.clone(), if_match.clone());
    // The service sends no request on behalf of a caller who may not set a provider.
    let (new, name) = caller
        .scope(move |scope| {
            let now = single_sign_on::read(scope)?;
            if_match.check_of(&now)?;
            single_sign_on::check(scope.tenant(), &now, &new)?;
            Ok((new, single_sign_on::name_of(scope)?))
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
        let addresses = new.redirect_uris.iter().enumerate().filter(|_| !found.names_itself);
        let faults: Vec<Fault> = addresses
            .filter(|(_, address)| !is_of_one_tenant(address.as_str(), &name))
            .map(|(n, _)| {
                let must = format!("must end with /{name}, because this provider does not name itself in its answers");
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

/// Removes the identity provider. Everybody signs in with their password again.
#[utoipa::path(delete, path = "/single-sign-on")]
async fn remove<D: ProviderDoor>(caller: Caller<D::Manage>, if_match: IfMatch) -> Result<NoContent, ApiError> {
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
pub(crate) struct SentAway {
    /// The provider's address for this sign-on, with all of its parameters.
    #[schema(max_length = 4000, format = "uri")]
    authorization_url: String,
    /// The `state` that comes back with the person. The frontend keeps it in the browser that it sends away, and
    /// accepts no other.
    #[schema(max_length = 200, pattern = "^[A-Za-z0-9_-]*$")]
    state: String,
}

impl Representation for SentAway {}

pub(crate) fn sent_away(begun: &Begun, redirect_uri: &str) -> Result<SentAway, ApiError> {
    Ok(SentAway { authorization_url: authorization_url(begun, redirect_uri)?, state: begun.state.clone() })
}

pub(crate) fn wrong() -> ApiError {
    ApiError::new(Kind::InvalidCredentials)
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
    Ok(vouched.inspect_err(|why| tracing::info!(%why, tenant = %attempt.tenant.uuid(), "nobody is vouched for")).ok())
}

/// Completes a sign-on: signs in the person whom the identity provider vouches for, to its practice or council and no other.
///
/// If the provider's second factor does not count, a code or a recovery code is required too. Without one the answer
/// points at `/code`, and the sign-on must be begun again.
#[utoipa::path(post, path = "/sessions/single-sign-on/complete")]
async fn complete<D: ProviderDoor>(
    Proving(anyone): Proving,
    body: Body<CompleteSignOn>,
) -> Result<Created<SignedIn>, ApiError> {
    let Anyone { service, request, .. } = anyone;
    let CompleteSignOn { state, authorization_code, iss, redirect_uri, code, recovery_code } = body.value;
    let back = CameBack { code: authorization_code, issuer: iss, redirect_uri };
    let factor = if code.is_some() || recovery_code.is_some() { Some(factor(code, recovery_code)?) } else { None };
    let take = move |service: &Service| {
        let Some(at) = D::PLACE else { return Ok(None) };
        Ok(service.store.identity(request, |scope| single_sign_on::take_up(scope, at, &state))?)
    };
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
                single_sign_on::record_refusal(scope, attempt.tenant)?;
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
            let opened = sessions::begin_by_provider(scope, linked.account, linked.place, authenticated_at, limits)?;
            Ok(Ok(opened))
        })
    };
    let opened = Arc::clone(&service).block(enter).await??;
    begun::<D>(signed_in::<D>(&service, opened)?)
}

/// The caller's linked identities.
#[derive(Serialize, ToSchema)]
struct LinkedIdentities {
    /// The identities that are linked at the practice or the council of the session.
    #[schema(max_items = 200)]
    items: Vec<LinkedIdentity>,
}

impl Representation for LinkedIdentities {}

/// Lists the identities with which the caller may sign in through the identity provider.
#[utoipa::path(get, path = "/account/identities")]
async fn list_identities<D: ProviderDoor>(holder: Holder<D>) -> Result<Reply<LinkedIdentities>, ApiError> {
    holder.scope(|scope| Reply::ok(&no_record::own(LinkedIdentities { items: single_sign_on::list(scope)? }))).await
}

/// A request to begin linking an identity.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "redirect_uri": "https://app.severn.example/signed-on" }))]
struct BeginLink {
    /// The address to which the provider sends the caller back: one of those that are registered for it.
    #[schema(max_length = 500, format = "uri")]
    redirect_uri: String,
}

/// Begins to link the caller's account with an identity at the identity provider.
///
/// It requires a recent second factor, and a session that was begun with a password.
#[utoipa::path(post, path = "/account/identities")]
async fn begin_link<D: ProviderDoor>(changer: Changer<D>, body: Body<BeginLink>) -> Result<Reply<SentAway>, ApiError> {
    let uri = body.value.redirect_uri;
    changer
        .fresh(move |scope| {
            let begun = single_sign_on::begin_link(scope, &uri)?.ok_or_else(|| {
                ApiError::parameter("/redirect_uri", "is not one that is registered for the provider")
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

/// Links the caller's account with the identity for which the identity provider vouches.
///
/// Only the caller who began the link can complete it.
#[utoipa::path(post, path = "/account/identities/complete")]
async fn complete_link<D: ProviderDoor>(
    holder: Holder<D>,
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
            Created::at(format!("/v1/{}/account/identities", D::NAME), &linked)
        })
        .await
}

/// Removes one of the caller's linked identities.
///
/// It requires a recent second factor. At a practice that requires single sign-on, the last one cannot be removed.
#[utoipa::path(delete, path = "/account/identities/{id}")]
async fn unlink<D: ProviderDoor>(holder: Holder<D>, id: Path<IdentityId>) -> Result<NoContent, ApiError> {
    holder
        .fresh_here(move |scope| {
            single_sign_on::unlink(scope, id.0)?;
            Ok(NoContent)
        })
        .await
}
