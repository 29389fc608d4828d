//! Signing in: an e-mail address, a password and a second factor at once. The answer, and the time it takes, is the same
//! whichever of them is wrong, and whether or not there is such an account.

use actix_web::HttpRequest;
use almoner_domain::email::Email;
use almoner_domain::ids::{AccountId, PracticeId, SessionId, StaffId};
use almoner_domain::password;
use almoner_persistence::accounts;
use almoner_persistence::second_factor::Factor;
use almoner_persistence::sessions::{self, Opened, Renewal};
use almoner_persistence::{IdentityScope, Request};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

use crate::caller::{Door, asked};
use crate::problem::{ApiError, Kind};
use crate::reply::Reply;
use crate::service::Service;

/// A password as it is typed: never shown.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password, max_length = 128)]
pub(crate) struct Password(zeroize::Zeroizing<String>);

impl Password {
    /// As it is hashed.
    pub(crate) fn normal(&self) -> String {
        password::normal(&self.0)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Longer than any password that was ever set: it is not one, and is not hashed.
    pub(crate) fn is_too_long(&self) -> bool {
        self.0.chars().count() > password::LONGEST
    }
}

/// Who signs in: an address, a password, and a second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "email": "operator@almoner.example", "password": "correct horse battery staple", "code": "492039",
}))]
pub(crate) struct Credentials {
    /// The e-mail address of the account.
    #[schema(max_length = 254)]
    pub(crate) email: String,
    /// Its password.
    pub(crate) password: Password,
    /// The six digits that the authenticator shows. Each code serves once.
    #[serde(default)]
    #[schema(max_length = 20)]
    pub(crate) code: Option<String>,
    /// One of the account's recovery codes in its place. Each serves once.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub(crate) recovery_code: Option<String>,
}

/// The second factor that was sent: a code, or a recovery code in its place.
pub(crate) fn factor(code: Option<String>, recovery_code: Option<String>) -> Result<Factor, ApiError> {
    match (code, recovery_code) {
        (Some(code), None) => Ok(Factor::Code(code)),
        (None, Some(code)) => Ok(Factor::RecoveryCode(code)),
        (None, None) => Err(ApiError::parameter("/code", "is required: a password alone lets nobody in")),
        (Some(_), Some(_)) => Err(ApiError::parameter("/recovery_code", "must not stand beside a code")),
    }
}

/// A session, with the tokens of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// To be sent as `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds that the access token holds.
    expires_in: u64,
    /// Gets the next access token, once. Keep it where no other program reads it.
    refresh_token: String,
    /// When the session ends, whatever happens.
    session_ends_at: chrono::DateTime<chrono::Utc>,
    /// The session.
    session_id: SessionId,
    /// The practice that was entered; none at the operator's door.
    #[serde(skip_serializing_if = "Option::is_none")]
    practice_id: Option<PracticeId>,
    /// Its name in URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    practice: Option<String>,
    /// The caller's membership there.
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_id: Option<StaffId>,
}

/// The tokens of a session that was begun or renewed at this door.
pub(crate) fn signed_in<D: Door>(service: &Service, opened: Opened) -> Result<SignedIn, ApiError> {
    let at = service.store.clock().now();
    let issued =
        service.tokens.for_session(D::AUDIENCE, opened.account, opened.session, at).map_err(ApiError::internal)?;
    let membership = opened.membership.as_ref();
    Ok(SignedIn {
        access_token: issued.token,
        token_type: "Bearer",
        expires_in: issued.expires_in,
        refresh_token: opened.refresh_token,
        session_ends_at: opened.ends_at,
        session_id: opened.session,
        practice_id: membership.map(|m| m.practice_id),
        practice: membership.map(|m| m.slug.clone()),
        staff_id: membership.map(|m| m.staff_id),
    })
}

fn wrong() -> ApiError {
    ApiError::new(Kind::WrongCredentials)
}

/// Checks all that was sent, and begins a session as `open` decides for whose account it is.
pub(crate) async fn prove_and_open<D: Door>(
    request: &HttpRequest,
    credentials: Credentials,
    open: impl FnOnce(&Service, &mut IdentityScope<'_>, AccountId, bool) -> Result<Opened, ApiError> + Send + 'static,
) -> Result<SignedIn, ApiError> {
    let Credentials { email, password, code, recovery_code } = credentials;
    let factor = factor(code, recovery_code)?;
    let service = Service::of(request)?.into_inner();
    let asked = asked(request);
    if password.is_too_long() {
        return Err(wrong());
    }
    let email = Email::parse(&email).ok();
    let find = move |service: &Service| match email {
        Some(email) => Ok(service.store.identity(asked, |scope| accounts::find(scope, email.as_str()))?),
        None => Ok(None),
    };
    let account = Arc::clone(&service).block(find).await?;
    let normal = password.normal();
    let checked =
        service.passwords.check(normal, account.as_ref().map(|account| account.password_hash.clone())).await?;
    let prove = move |service: &Service| {
        service.store.identity(asked, |scope| {
            let id = account.as_ref().map(|account| account.account_id);
            if !accounts::prove(scope, id, checked.right, &factor)? {
                // What is on record of the refusal stays.
                return Ok(Err(wrong()));
            }
            let account = account.ok_or_else(wrong)?;
            if let Some(rehashed) = &checked.rehashed {
                accounts::rehash(scope, account.account_id, rehashed)?;
            }
            open(service, scope, account.account_id, account.operator).map(Ok)
        })
    };
    let opened = Arc::clone(&service).block(prove).await??;
    signed_in::<D>(&service, opened)
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "refresh_token": "AZN8XisAekGdbF8OGis8TQGTfF4rAHpBnWxfDhorPE0…" }))]
pub(crate) struct Refresh {
    /// The token that came with the last access token.
    #[schema(max_length = 200)]
    pub(crate) refresh_token: String,
}

/// Goes on with a session.
pub(crate) async fn refresh<D: Door>(request: &HttpRequest, sent: Refresh) -> Result<SignedIn, ApiError> {
    let service = Service::of(request)?.into_inner();
    let asked: Request = asked(request);
    let renew = move |service: &Service| {
        let limits = service.settings.sessions;
        Ok(service.store.identity(asked, |scope| sessions::renew(scope, &sent.refresh_token, limits))?)
    };
    match Arc::clone(&service).block(renew).await? {
        Renewal::Renewed(opened) if opened.membership.is_some() == D::IN_A_PRACTICE => signed_in::<D>(&service, opened),
        Renewal::Renewed(_) | Renewal::Refused => Err(ApiError::new(Kind::NotAuthenticated)),
    }
}

/// The answer to a sign-in.
pub(crate) fn begun(signed_in: &SignedIn, door: &str) -> Result<Reply, ApiError> {
    Reply::created(signed_in, format!("/v1/{door}/sessions/current"))
}
