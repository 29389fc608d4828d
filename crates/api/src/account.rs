//! Somebody and their own account: their sessions, their password, their second factor. The practice's and the operator's door
//! each have these operations; what they do is here, once.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use almoner_domain::access::password;
use almoner_domain::ids::SessionId;
use almoner_persistence::access::accounts;
use almoner_persistence::access::invitations::{self, Invitation, Purpose};
use almoner_persistence::access::second_factor::Factor;
use almoner_persistence::access::sessions::{self, OwnSession};
use almoner_persistence::{AccountScope, Request, Session, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::caller::{Door, FRESH_FOR, asked, session_of};
use crate::lanes::Lane;
use crate::problem::{ApiError, Kind};
use crate::reply::Reply;
use crate::service::Service;
use crate::sign_in::{BY_INVITATION, CODES, Password, SignedIn, THIS_ADDRESS, Throttle, factor, signed_in};

/// Somebody signed in at this door, who acts on their own account. No permission is needed for that.
pub(crate) struct Holder<D> {
    service: Arc<Service>,
    session: Session,
    lane: Lane,
    asked: Request,
    door: PhantomData<fn() -> D>,
}

impl<D> Clone for Holder<D> {
    fn clone(&self) -> Self {
        Self { service: Arc::clone(&self.service), ..*self }
    }
}

impl<D: Door> FromRequest for Holder<D> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (service, session, lane) = session_of(&request, D::AUDIENCE).await?;
            Ok(Self { service: service.into_inner(), session, lane, asked: asked(&request), door: PhantomData })
        })
    }
}

impl<D: Door> Holder<D> {
    /// Runs `f` in the scope of the caller's account.
    pub(crate) async fn scope<R: Send + 'static>(
        self,
        f: impl FnOnce(&mut AccountScope<'_>) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let Self { service, session, lane, asked, .. } = self;
        service.block_in(lane, move |service| service.store.account(session, asked, f)).await
    }

    /// The same, for whoever proved their second factor within the last minutes, in a session begun with a password: whom a
    /// practice's provider vouches for changes nothing that their account has elsewhere too.
    pub(crate) async fn fresh<R: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AccountScope<'_>) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        self.fresh_here(|scope| {
            if scope.by_provider() {
                return Err(ApiError::new(Kind::Forbidden).detail("Sign in with your password to change your account."));
            }
            f(scope)
        })
        .await
    }

    /// The same, of what concerns the practice of the session alone.
    pub(crate) async fn fresh_here<R: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AccountScope<'_>) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let (session, asked) = (self.session, self.asked);
        Arc::clone(&self.service)
            .block_in(self.lane, move |service| {
                service.store.account(session, asked, |scope| {
                    if scope.at() - scope.authenticated_at() > FRESH_FOR {
                        return Err(ApiError::new(Kind::FactorTooOld));
                    }
                    f(scope)
                })
            })
            .await
    }
}

/// The caller's sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnSessions {
    /// Those that count, the newest first.
    #[schema(max_items = 200)]
    items: Vec<OwnSession>,
}

/// The caller's sessions.
pub(crate) async fn list_sessions<D: Door>(holder: Holder<D>) -> Result<Reply, ApiError> {
    let limits = holder.service.settings.sessions;
    holder.scope(move |scope| Reply::ok(&OwnSessions { items: sessions::list(scope, limits)? })).await
}

/// Ends one of the caller's sessions; the present one, if none is named.
pub(crate) async fn end_session<D: Door>(holder: Holder<D>, named: Option<SessionId>) -> Result<Reply, ApiError> {
    holder
        .scope(move |scope| {
            let session = named.unwrap_or(scope.session());
            sessions::end_own(scope, session)?;
            Ok(Reply::nothing())
        })
        .await
}

/// A second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "492039" }))]
pub(crate) struct FreshFactor {
    /// The six digits that the authenticator shows. Each code serves once.
    #[serde(default)]
    #[schema(max_length = 20)]
    code: Option<String>,
    /// One of the account's recovery codes in its place. Each serves once.
    #[serde(default)]
    #[schema(max_length = 40)]
    recovery_code: Option<String>,
}

/// Proves the second factor anew: with new tokens, the old ones end (RFC 9470, ASVS 7.2.4).
pub(crate) async fn step_up<D: Door>(holder: Holder<D>, sent: FreshFactor) -> Result<SignedIn, ApiError> {
    let factor = factor(sent.code, sent.recovery_code)?;
    let service = Arc::clone(&holder.service);
    Throttle::of(holder.session.account).take(&service, CODES)?;
    let opened = holder
        .scope(move |scope| {
            if !accounts::prove_own(scope, &factor)? {
                // What is on record of the refusal stays.
                return Ok(None);
            }
            Ok(Some(sessions::go_on_freshly(scope)?))
        })
        .await?;
    signed_in::<D>(&service, opened.ok_or_else(|| ApiError::new(Kind::WrongCredentials))?)
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "current_password": "correct horse battery staple", "new_password": "a green bicycle in the rain",
}))]
pub(crate) struct ChangePassword {
    /// The present one.
    current_password: Password,
    /// The new one: 12 to 128 characters of any kind.
    #[schema(min_length = 12)]
    new_password: Password,
}

/// Changes the caller's password; every other session of theirs ends.
pub(crate) async fn change_password<D: Door>(holder: Holder<D>, sent: ChangePassword) -> Result<Reply, ApiError> {
    let ChangePassword { current_password, new_password } = sent;
    Throttle::of(holder.session.account).take(&holder.service, CODES)?;
    let (known, account) = holder.fresh(|scope| Ok((accounts::password_hash(scope)?, accounts::own(scope)?))).await?;
    let passwords = &holder.service.passwords;
    if current_password.is_too_long() || !passwords.check(current_password.normal(), Some(known)).await?.right {
        return Err(ApiError::parameter("/current_password", "is not the present password"));
    }
    let mut words = vec![account.name.as_str(), account.email.as_str()];
    words.extend(account.memberships.iter().map(|membership| membership.name.as_str()));
    fits(&new_password, &words, "/new_password")?;
    let hash = passwords.hash(new_password.normal()).await?;
    holder.fresh(move |scope| Ok(accounts::change_password(scope, &hash)?)).await?;
    Ok(Reply::nothing())
}

fn fits(password: &Password, known: &[&str], pointer: &str) -> Result<(), ApiError> {
    password::check(password.as_str(), known).map_err(|unfit| ApiError::parameter(pointer, unfit.to_string()))
}

/// A secret to put into an authenticator.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewAuthenticator {
    /// For typing in: base32.
    secret: String,
    /// For its camera: an `otpauth` address, to be shown as a QR code.
    otpauth_uri: String,
}

/// Draws the secret of a new authenticator.
pub(crate) async fn propose_second_factor<D: Door>(holder: Holder<D>) -> Result<Reply, ApiError> {
    holder
        .fresh(|scope| {
            let (secret, address) = accounts::propose_second_factor(scope)?;
            Reply::ok(&NewAuthenticator { secret: secret.base32().to_string(), otpauth_uri: address.to_string() })
        })
        .await
}

/// A code of a new authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "492039" }))]
pub(crate) struct ConfirmSecondFactor {
    /// The six digits that the new authenticator shows.
    #[schema(max_length = 20)]
    code: String,
}

/// Recovery codes, shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Each serves once in the place of a code. To be kept on paper.
    #[schema(min_items = 10, max_items = 10)]
    recovery_codes: Vec<String>,
}

/// Goes over to the new authenticator; every other session of the caller's ends.
pub(crate) async fn confirm_second_factor<D: Door>(
    holder: Holder<D>,
    sent: ConfirmSecondFactor,
) -> Result<Reply, ApiError> {
    holder
        .fresh(move |scope| {
            let codes = accounts::confirm_second_factor(scope, &sent.code)?;
            Reply::ok(&RecoveryCodes { recovery_codes: codes.ok_or_else(wrong_code)? })
        })
        .await
}

fn wrong_code() -> ApiError {
    ApiError::parameter("/code", "is not what the new authenticator shows now")
}

/// New recovery codes; the earlier ones serve no more.
pub(crate) async fn replace_recovery_codes<D: Door>(holder: Holder<D>) -> Result<Reply, ApiError> {
    holder.fresh(|scope| Reply::ok(&RecoveryCodes { recovery_codes: accounts::replace_recovery_codes(scope)? })).await
}

/// The link of an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "AZN8XisAekGdbF8OGis8TQ…" }))]
pub(crate) struct OpenInvitation {
    /// The token of the link.
    #[schema(max_length = 200)]
    token: String,
}

/// An invitation that serves.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenedInvitation {
    /// The address with which its holder will sign in.
    email: String,
    /// Whose it is.
    name: String,
    /// The practice to join; none at the operator's door.
    #[serde(skip_serializing_if = "Option::is_none")]
    practice: Option<String>,
    /// The secret for a new authenticator. Whoever has an account already goes on with the one they have.
    authenticator: NewAuthenticator,
}

/// What a link is for, at a door.
fn belongs<D: Door>(invitation: &Invitation) -> bool {
    match invitation.purpose {
        Purpose::Join => D::IN_A_PRACTICE,
        Purpose::Operate => !D::IN_A_PRACTICE && invitation.account.is_none(),
        Purpose::Replace => invitation.account.as_ref().is_some_and(|account| account.operator != D::IN_A_PRACTICE),
    }
}

fn ended() -> ApiError {
    ApiError::new(Kind::InvitationEnded)
}

/// Opens an invitation: who is meant, and the secret for their authenticator.
pub(crate) async fn open_invitation<D: Door>(request: &HttpRequest, sent: OpenInvitation) -> Result<Reply, ApiError> {
    let service = Service::of(request)?.into_inner();
    let asked = asked(request);
    let open = move |service: &Service| {
        service.store.identity(asked, |scope| {
            let invitation = invitations::find(scope, &sent.token)?.filter(belongs::<D>).ok_or_else(ended)?;
            let (secret, address) = invitations::begin(scope, &invitation)?;
            Reply::ok(&OpenedInvitation {
                email: invitation.email,
                name: invitation.name,
                practice: invitation.practice,
                authenticator: NewAuthenticator {
                    secret: secret.base32().to_string(),
                    otpauth_uri: address.to_string(),
                },
            })
        })
    };
    service.block(open).await
}

/// Accepts an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "AZN8XisAekGdbF8OGis8TQ…", "password": "correct horse battery staple", "code": "492039",
}))]
pub(crate) struct AcceptInvitation {
    /// The token of the link.
    #[schema(max_length = 200)]
    token: String,
    /// The password to choose: 12 to 128 characters of any kind. Of whoever has an account already, the one it has.
    password: Password,
    /// The six digits that the authenticator shows.
    #[schema(max_length = 20)]
    code: String,
}

/// An invitation that was accepted.
#[derive(Serialize, ToSchema)]
pub(crate) struct AcceptedInvitation {
    /// The address with which to sign in now.
    email: String,
    /// Recovery codes, shown this once: each serves once in the place of a code. None for whoever had an account already.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    recovery_codes: Vec<String>,
}

/// Accepts an invitation: with a password of the holder's own choosing and their authenticator, or with the account they have.
pub(crate) async fn accept_invitation<D: Door>(
    request: &HttpRequest,
    sent: AcceptInvitation,
) -> Result<Reply, ApiError> {
    let AcceptInvitation { token, password, code } = sent;
    let service = Service::of(request)?.into_inner();
    let asked = asked(request);
    let find = move |service: &Service| {
        service.store.identity(asked, |scope| invitations::find(scope, &token)?.filter(belongs::<D>).ok_or_else(ended))
    };
    let invitation = Arc::clone(&service).block(find).await?;
    let joins = invitation.purpose == Purpose::Join;
    let (hash, known) = if let Some(account) = invitation.account.as_ref().filter(|_| joins) {
        let throttle = Throttle::new(&invitation.email, asked.from);
        throttle.take(&service, THIS_ADDRESS)?;
        let hash = account.password_hash.clone();
        let fits = !password.is_too_long() && throttle.take(&service, BY_INVITATION).is_ok();
        let right = service.passwords.check(password.normal(), Some(hash)).await?.right && fits && !account.operator;
        (String::new(), Some((account.account_id, right)))
    } else {
        let mut words = vec![invitation.name.as_str(), invitation.email.as_str()];
        words.extend(invitation.practice.as_deref());
        fits(&password, &words, "/password")?;
        (service.passwords.hash(password.normal()).await?, None)
    };
    let accept = move |service: &Service| {
        service.store.identity(asked, |scope| {
            let accepted = match known {
                None => invitations::accept(scope, &invitation, &hash, &code),
                // What is on record of the refusal stays.
                Some((account, right)) if !accounts::prove(scope, Some(account), right, &Factor::Code(code))? => {
                    return Ok(Err(ApiError::new(Kind::WrongCredentials)));
                }
                Some((account, _)) => invitations::join(scope, &invitation, account).map(|()| Some(Vec::new())),
            };
            // Used by somebody else meanwhile, it is not there any more.
            let accepted = accepted.map_err(|error| match error {
                StoreError::NotFound => ended(),
                other => other.into(),
            })?;
            let recovery_codes = accepted.ok_or_else(|| ApiError::new(Kind::WrongCredentials))?;
            Reply::ok(&AcceptedInvitation { email: invitation.email, recovery_codes }).map(Ok)
        })
    };
    service.block(accept).await?
}
