//! The sessions of the caller's own account: renewing one, ending one, and proving the second factor again in one.

use almoner_domain::ids::SessionId;
use almoner_persistence::access::accounts;
use almoner_persistence::access::sessions::{self, OwnSession};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Holder;
use super::sign_in::{CODES, Refresh, SignedIn, Throttle, factor, renew, signed_in};
use crate::ground::body::Body;
use crate::ground::caller::Renewing;
use crate::ground::door::Door;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{NoContent, Reply, Representation};
use crate::ground::routes::Routes;

pub(super) fn routes<D: Door>(door: &mut Routes) {
    operations!(door: refresh::<D>, list::<D>, sign_out::<D>, end::<D>, step_up::<D> refuses InvalidCredentials);
}

/// Renews a session: returns a new access token and a new refresh token.
///
/// Each refresh token can be used once. A refresh token that is sent again is answered with the same new one for ten seconds,
/// until that is used, since the answer may have been lost; afterwards it ends the session.
#[utoipa::path(post, path = "/sessions/refresh")]
async fn refresh<D: Door>(Renewing(anyone): Renewing, body: Body<Refresh>) -> Result<Reply<SignedIn>, ApiError> {
    Reply::ok(&no_record::own(renew::<D>(&anyone, body.value).await?))
}

/// The caller's active sessions.
#[derive(Serialize, ToSchema)]
struct OwnSessions {
    /// The active sessions, the newest first.
    #[schema(max_items = 200)]
    items: Vec<OwnSession>,
}

impl Representation for OwnSessions {}

/// Lists the caller's active sessions.
#[utoipa::path(get, path = "/sessions")]
async fn list<D: Door>(holder: Holder<D>) -> Result<Reply<OwnSessions>, ApiError> {
    let limits = holder.service().settings.sessions;
    holder.scope(move |scope| Reply::ok(&no_record::own(OwnSessions { items: sessions::list(scope, limits)? }))).await
}

/// Signs the caller out. The session's tokens stop working at once.
#[utoipa::path(delete, path = "/sessions/current")]
async fn sign_out<D: Door>(holder: Holder<D>) -> Result<NoContent, ApiError> {
    holder
        .scope(|scope| {
            let session = scope.session();
            sessions::end_own(scope, session)?;
            Ok(NoContent)
        })
        .await
}

/// Ends one of the caller's sessions. Its tokens stop working at once.
#[utoipa::path(delete, path = "/sessions/{id}")]
async fn end<D: Door>(holder: Holder<D>, id: Path<SessionId>) -> Result<NoContent, ApiError> {
    holder
        .scope(move |scope| {
            sessions::end_own(scope, id.0)?;
            Ok(NoContent)
        })
        .await
}

/// A proof of the second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "492039" }))]
struct FreshFactor {
    /// The six digits that the authenticator shows. Each code can be used once.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 20, pattern = "^[0-9 -]+$")]
    code: Option<String>,
    /// One of the account's recovery codes, in place of `code`. Each can be used once.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9 -]+$")]
    recovery_code: Option<String>,
}

/// Proves the second factor again, for operations that require a recent second factor.
///
/// The answer has new tokens, and the old ones stop working.
#[utoipa::path(post, path = "/sessions/current/step-up")]
async fn step_up<D: Door>(holder: Holder<D>, body: Body<FreshFactor>) -> Result<Reply<SignedIn>, ApiError> {
    let factor = factor(body.value.code, body.value.recovery_code)?;
    let service = holder.service();
    Throttle::of(holder.account()).take(&service, CODES)?;
    // RFC 9470 and ASVS 7.2.4 ask for new tokens after a step-up.
    let opened = holder
        .scope(move |scope| {
            if !accounts::prove_own(scope, &factor)? {
                // The record of the refusal is committed.
                return Ok(None);
            }
            Ok(Some(sessions::go_on_freshly(scope)?))
        })
        .await?;
    let opened = opened.ok_or_else(|| ApiError::new(Kind::InvalidCredentials))?;
    Reply::ok(&no_record::own(signed_in::<D>(&service, opened)?))
}
