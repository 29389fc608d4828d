//! Signing in: an e-mail address, a password and a second factor at once. The answer, and the time it takes, is the same
//! whichever of them is wrong, and whether or not there is such an account.

use std::net::IpAddr;
use std::sync::Arc;

use almoner_domain::access::password;
use almoner_domain::ids::{AccountId, SessionId, StaffId};
use almoner_domain::words::email::Email;
use almoner_persistence::IdentityScope;
use almoner_persistence::access::accounts;
use almoner_persistence::access::second_factor::Factor;
use almoner_persistence::access::sessions::{self, Opened, Renewal};
use almoner_persistence::tenancy::practices::PracticeName;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::ground::address::network;
use crate::ground::caller::Anyone;
use crate::ground::door::Door;
use crate::ground::limits::{Bucket, Quota};
use crate::ground::no_record;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, Representation};
use crate::ground::service::Service;

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
#[schema(as = OperatorSignIn, example = json!({
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
    practice: Option<PracticeName>,
    /// The caller's membership there.
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_id: Option<StaffId>,
}

impl Representation for SignedIn {}

/// The tokens of a session that was begun or renewed at this door.
pub(crate) fn signed_in<D: Door>(service: &Service, opened: Opened) -> Result<SignedIn, ApiError> {
    let at = service.store.clock().now();
    let membership = opened.membership.as_ref();
    let practice = membership.map(|m| m.practice_id);
    let issued = service
        .tokens
        .for_session(D::AUDIENCE, opened.account, opened.session, practice, at)
        .map_err(ApiError::internal)?;
    Ok(SignedIn {
        access_token: issued.token,
        token_type: "Bearer",
        expires_in: issued.expires_in,
        refresh_token: opened.refresh_token,
        session_ends_at: opened.ends_at,
        session_id: opened.session,
        practice: membership.map(PracticeName::from),
        staff_id: membership.map(|m| m.staff_id),
    })
}

fn wrong() -> ApiError {
    ApiError::new(Kind::InvalidCredentials)
}

/// How often an account can be tried. A stranger who tries uses up what strangers have, and nothing of what its owner has at an
/// address from which they signed in before.
#[derive(Clone, Copy)]
pub(crate) struct Tries {
    what: &'static str,
    /// Whether each address has its own.
    by_address: bool,
    quota: Quota,
}

/// From one address.
pub(crate) const THIS_ADDRESS: Tries = Tries { what: "address", by_address: true, quota: Quota::new(10, 10) };
/// From all addresses together from which its owner has not signed in within the last month.
const STRANGE_ADDRESSES: Tries = Tries { what: "strange addresses", by_address: false, quota: Quota::new(20, 60) };
/// With the right password, from all addresses together: three codes of a million are right at any time.
pub(crate) const CODES: Tries = Tries { what: "codes", by_address: false, quota: Quota::new(1, 20) };
/// The same, from an address from which its owner has signed in.
const CODES_HERE: Tries = Tries { what: "codes here", by_address: true, quota: Quota::new(1, 20) };
/// Through an invitation, by whoever holds its link.
pub(crate) const BY_INVITATION: Tries = Tries { what: "invitations", by_address: false, quota: Quota::new(1, 20) };

/// The tries of one account, whether or not there is such an account.
pub(crate) struct Throttle {
    email: String,
    from: Option<IpAddr>,
}

impl Throttle {
    pub(crate) fn new(email: &str, from: Option<IpAddr>) -> Self {
        Self { email: email.trim().to_lowercase(), from }
    }

    /// Of somebody who is signed in: what they prove anew.
    pub(crate) fn of(account: AccountId) -> Self {
        Self { email: account.to_string(), from: None }
    }

    pub(crate) fn take(&self, service: &Service, tries: Tries) -> Result<(), ApiError> {
        let from = tries.by_address.then(|| network(self.from));
        let name = format!("{}\n{from:?}\n{}", tries.what, self.email);
        service.limits.take_of(Bucket::Account(Sha256::digest(name).into()), tries.quota).1
    }
}

/// One more code for the account of this address, whose other factor was right: there are as many tries as beside a password.
pub(crate) fn try_a_code(service: &Service, email: &str) -> Result<(), ApiError> {
    Throttle::new(email, None).take(service, CODES)
}

/// Checks all that was sent, and begins a session as `open` decides for whose account it is.
pub(crate) async fn prove_and_open<D: Door>(
    anyone: &Anyone,
    credentials: Credentials,
    open: impl FnOnce(&Service, &mut IdentityScope<'_>, AccountId, bool) -> Result<Opened, ApiError> + Send + 'static,
) -> Result<SignedIn, ApiError> {
    let Credentials { email, password, code, recovery_code } = credentials;
    let factor = factor(code, recovery_code)?;
    let (service, request) = (Arc::clone(&anyone.service), anyone.request);
    if password.is_too_long() {
        return Err(wrong());
    }
    let throttle = Throttle::new(&email, request.from);
    throttle.take(&service, THIS_ADDRESS)?;
    let email = Email::parse(&email).ok();
    let find = move |service: &Service| {
        service.store.identity(request, |scope| {
            let account = email.map(|email| accounts::find(scope, email.as_str())).transpose()?.flatten();
            let familiar = accounts::is_familiar(scope, account.as_ref())?;
            Ok((account, familiar))
        })
    };
    let (account, familiar) = Arc::clone(&service).block(find).await?;
    if !familiar {
        throttle.take(&service, STRANGE_ADDRESSES)?;
    }
    let normal = zeroize::Zeroizing::new(password.normal());
    let checked = service
        .passwords
        .check(normal.to_string(), account.as_ref().map(|account| account.password_hash.clone()))
        .await?;
    // Whoever has the password and guesses at codes gets no further. They are refused as with a wrong password, on record and in
    // the same time; and what strangers use up is not what its owner has where they signed in before.
    let codes = if familiar { CODES_HERE } else { CODES };
    let right = checked.right && throttle.take(&service, codes).is_ok();
    let prove = move |service: &Service| {
        service.store.identity(request, |scope| {
            let id = account.as_ref().map(|account| account.account_id);
            if !accounts::prove(scope, id, right, &factor)? {
                // What is on record of the refusal stays.
                return Ok(Err(wrong()));
            }
            let account = account.ok_or_else(wrong)?;
            open(service, scope, account.account_id, account.operator).map(Ok)
        })
    };
    let opened = Arc::clone(&service).block(prove).await??;
    if checked.outdated {
        // Hashing has become dearer since. Only whoever is in waits for it.
        let (account, rehashed) = (opened.account, service.passwords.hash(normal.to_string()).await?);
        let keep = move |service: &Service| {
            Ok(service.store.identity(request, |scope| accounts::rehash(scope, account, &rehashed))?)
        };
        Arc::clone(&service).block(keep).await?;
    }
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
pub(super) async fn renew<D: Door>(anyone: &Anyone, sent: Refresh) -> Result<SignedIn, ApiError> {
    let (service, request) = (Arc::clone(&anyone.service), anyone.request);
    let renew = move |service: &Service| {
        let limits = service.settings.sessions;
        let renewed = service
            .store
            .identity(request, |scope| sessions::renew(scope, &sent.refresh_token, D::IN_A_PRACTICE, limits));
        Ok(renewed?)
    };
    match Arc::clone(&service).block(renew).await? {
        Renewal::Renewed(opened) => signed_in::<D>(&service, opened),
        Renewal::Refused => Err(ApiError::new(Kind::NotAuthenticated)),
    }
}

/// The answer to a sign-in.
pub(crate) fn begun<D: Door>(signed_in: SignedIn) -> Result<Created<SignedIn>, ApiError> {
    Created::at(format!("/v1/{}/sessions/current", D::NAME), &no_record::own(signed_in))
}
