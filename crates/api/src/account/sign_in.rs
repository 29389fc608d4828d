//! Signing in with an email address, a password and a second factor at once. The answer and the time it takes are the
//! same whichever of them is wrong, and whether or not the account exists.

use std::net::IpAddr;
use std::sync::Arc;

use almoner_domain::access::password;
use almoner_domain::ids::{AccountId, GuestId, OfficerId, SessionId, StaffId};
use almoner_domain::words::closed_list::one_of;
use almoner_domain::words::email::Email;
use almoner_persistence::IdentityScope;
use almoner_persistence::access::accounts;
use almoner_persistence::access::second_factor::Factor;
use almoner_persistence::access::sessions::{self, Opened, Renewal};
use almoner_persistence::tenancy::councils::CouncilName;
use almoner_persistence::tenancy::practices::PracticeName;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa::openapi::Object;

use crate::ground::address::network;
use crate::ground::caller::Anyone;
use crate::ground::door::Door;
use crate::ground::limits::{Bucket, Quota};
use crate::ground::no_record;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, Representation};
use crate::ground::service::Service;

/// A password as it was typed. It is never shown.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password, max_length = 128)]
pub(crate) struct Password(zeroize::Zeroizing<String>);

impl Password {
    /// Returns the password in the form that is hashed.
    pub(crate) fn normal(&self) -> String {
        password::normal(&self.0)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the password is longer than any that was ever set. Such a password is wrong, and is not hashed.
    pub(crate) fn is_too_long(&self) -> bool {
        self.0.chars().count() > password::LONGEST
    }
}

/// The credentials of a sign-in: an email address, a password, and a second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OperatorSignIn, example = json!({
    "email": "operator@almoner.example", "password": "correct horse battery staple", "code": "492039",
}))]
pub(crate) struct Credentials {
    /// The email address of the account.
    #[schema(format = Email, max_length = 254)]
    pub(crate) email: String,
    /// The password of the account.
    pub(crate) password: Password,
    /// The six digits that the authenticator shows. Each code can be used once.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 20, pattern = "^[0-9 -]+$")]
    pub(crate) code: Option<String>,
    /// One of the account's recovery codes, in place of `code`. Each can be used once.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9 -]+$")]
    pub(crate) recovery_code: Option<String>,
}

/// Returns the second factor that was sent: a code, or a recovery code in its place.
pub(crate) fn factor(code: Option<String>, recovery_code: Option<String>) -> Result<Factor, ApiError> {
    match (code, recovery_code) {
        (Some(code), None) => Ok(Factor::Code(code)),
        (None, Some(code)) => Ok(Factor::RecoveryCode(code)),
        (None, None) => Err(ApiError::parameter("/code", "is required: a password alone is not enough")),
        (Some(_), Some(_)) => Err(ApiError::parameter("/recovery_code", "must not be given together with a code")),
    }
}

/// A session with its tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// The access token, to be sent as `Authorization: Bearer …`.
    #[schema(max_length = 4000, pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$")]
    access_token: String,
    /// The type of the access token, which is always `Bearer`.
    #[schema(schema_with = bearer)]
    token_type: &'static str,
    /// The number of seconds for which the access token is valid.
    #[schema(minimum = 1, maximum = 86400)]
    expires_in: u64,
    /// The refresh token, with which the next access token is requested once. Keep it where no other program reads it.
    #[schema(max_length = 200, pattern = "^[A-Za-z0-9_-]*$")]
    refresh_token: String,
    /// The time at which the session ends, even if it is renewed until then.
    session_ends_at: chrono::DateTime<chrono::Utc>,
    /// The identifier of the session.
    session_id: SessionId,
    /// The practice that the session is for; absent at another door.
    #[serde(skip_serializing_if = "Option::is_none")]
    practice: Option<PracticeName>,
    /// The caller's membership there.
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_id: Option<StaffId>,
    /// The council that the session is for; absent at another door.
    #[serde(skip_serializing_if = "Option::is_none")]
    council: Option<CouncilName>,
    /// The officer whom the caller is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    officer_id: Option<OfficerId>,
    /// The guest whom the caller is there; at the complaints' door alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    guest_id: Option<GuestId>,
}

fn bearer() -> Object {
    one_of("The type of the access token.", &["Bearer"])
}

impl Representation for SignedIn {}

/// Returns the tokens of a session that was begun or renewed at this door.
pub(crate) fn signed_in<D: Door>(service: &Service, opened: Opened) -> Result<SignedIn, ApiError> {
    let at = service.store.clock().now();
    let (membership, office) = (opened.place.membership(), opened.place.office());
    let complaints = opened.place.complaints();
    let tenant = opened.place.seat().map(|seat| seat.tenant().uuid());
    let issued = service
        .tokens
        .for_session(D::AUDIENCE, opened.account, opened.session, tenant, at)
        .map_err(ApiError::internal)?;
    Ok(SignedIn {
        access_token: issued.token,
        token_type: "Bearer",
        expires_in: issued.expires_in,
        refresh_token: opened.refresh_token,
        session_ends_at: opened.ends_at,
        session_id: opened.session,
        practice: membership.map(PracticeName::from),
        staff_id: membership.map(|held| held.staff_id),
        council: office.map(CouncilName::from).or(complaints.map(CouncilName::from)),
        officer_id: office.map(|held| held.officer_id).or(complaints.and_then(|held| held.person.officer())),
        guest_id: complaints.and_then(|held| held.person.guest()),
    })
}

fn wrong() -> ApiError {
    ApiError::new(Kind::InvalidCredentials)
}

/// The number of attempts that an account allows. A stranger who tries uses up the strangers' attempts, and none of
/// those that the account's owner has at an address from which they signed in before.
#[derive(Clone, Copy)]
pub(crate) struct Tries {
    what: &'static str,
    /// Whether each address has attempts of its own.
    by_address: bool,
    quota: Quota,
}

/// The attempts from one address.
pub(crate) const THIS_ADDRESS: Tries = Tries { what: "address", by_address: true, quota: Quota::new(10, 10) };
/// The attempts from all addresses together from which the account's owner has not signed in within the last month.
const STRANGE_ADDRESSES: Tries = Tries { what: "strange addresses", by_address: false, quota: Quota::new(20, 60) };
/// The attempts with the right password, from all addresses together: three codes of a million are right at any time.
pub(crate) const CODES: Tries = Tries { what: "codes", by_address: false, quota: Quota::new(1, 20) };
/// The attempts with the right password, from an address from which the account's owner has signed in.
const CODES_HERE: Tries = Tries { what: "codes here", by_address: true, quota: Quota::new(1, 20) };
/// The attempts through an invitation, by somebody who holds its link.
pub(crate) const BY_INVITATION: Tries = Tries { what: "invitations", by_address: false, quota: Quota::new(1, 20) };

/// The attempts on one account, whether or not it exists.
pub(crate) struct Throttle {
    email: String,
    from: Option<IpAddr>,
}

impl Throttle {
    pub(crate) fn new(email: &str, from: Option<IpAddr>) -> Self {
        // Another way of writing the address is no other account, and has no attempts of its own.
        let email = Email::parse(email).map_or_else(|_| email.trim().to_lowercase(), |email| email.as_str().to_owned());
        Self { email, from }
    }

    /// Returns the throttle for the account of a caller who is signed in and proves a factor again.
    pub(crate) fn of(account: AccountId) -> Self {
        Self { email: account.to_string(), from: None }
    }

    pub(crate) fn take(&self, service: &Service, tries: Tries) -> Result<(), ApiError> {
        let from = tries.by_address.then(|| network(self.from));
        let name = format!("{}\n{from:?}\n{}", tries.what, self.email);
        service.limits.take_of(Bucket::Account(Sha256::digest(name).into()), tries.quota).1
    }
}

/// Takes one attempt at a code for the account with this email address, whose other factor was right. There are as many
/// attempts as beside a password.
pub(crate) fn try_a_code(service: &Service, email: &str) -> Result<(), ApiError> {
    Throttle::new(email, None).take(service, CODES)
}

/// Checks all the credentials, and begins the session that `open` chooses for the account. Where the account has nothing at
/// this door, or not at the practice or the council that it names, the refusal is recorded and the code is used up, as if the session had
/// begun: else whoever has a code of somebody's could try it at one door after another.
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
    // An attacker who has the password and guesses codes gets no further. They are refused as with a wrong password, on
    // record and in the same time, and strangers' attempts do not use up those of the account's owner.
    let codes = if familiar { CODES_HERE } else { CODES };
    let right = checked.right && throttle.take(&service, codes).is_ok();
    let prove = move |service: &Service| {
        service.store.identity(request, |scope| {
            let id = account.as_ref().map(|account| account.account_id);
            if !accounts::prove(scope, id, right, &factor)? {
                // The record of the refusal is committed.
                return Ok(Err(wrong()));
            }
            let account = account.ok_or_else(wrong)?;
            match open(service, scope, account.account_id, account.operator) {
                Err(error) if error.kind == Kind::InvalidCredentials => {
                    accounts::refuse_here(scope, account.account_id)?;
                    Ok(Err(error))
                }
                opened => opened.map(Ok),
            }
        })
    };
    let opened = Arc::clone(&service).block(prove).await??;
    if checked.outdated {
        // The cost of hashing has risen since the password was set. Only a caller who is signed in waits for the new
        // hash.
        let (account, rehashed) = (opened.account, service.passwords.hash(normal.to_string()).await?);
        let keep = move |service: &Service| {
            Ok(service.store.identity(request, |scope| accounts::rehash(scope, account, &rehashed))?)
        };
        Arc::clone(&service).block(keep).await?;
    }
    signed_in::<D>(&service, opened)
}

/// A request to renew a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "refresh_token": "AZN8XisAekGdbF8OGis8TQGTfF4rAHpBnWxfDhorPE0" }))]
pub(crate) struct Refresh {
    /// The refresh token that came with the last access token.
    #[schema(max_length = 200, pattern = "^[A-Za-z0-9_-]*$")]
    pub(crate) refresh_token: String,
}

/// Renews a session.
pub(super) async fn renew<D: Door>(anyone: &Anyone, sent: Refresh) -> Result<SignedIn, ApiError> {
    let (service, request) = (Arc::clone(&anyone.service), anyone.request);
    let renew = move |service: &Service| {
        let limits = service.settings.sessions;
        let Some(place) = D::PLACE else { return Ok(Renewal::Refused) };
        Ok(service.store.identity(request, |scope| sessions::renew(scope, &sent.refresh_token, place, limits))?)
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
