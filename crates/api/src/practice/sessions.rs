//! Signing a member of staff in, and switching from one practice to another.

use almoner_domain::words::slug::Slug;
use almoner_persistence::access::identity;
use almoner_persistence::{Membership, Place};
use almoner_persistence::{access::sessions, access::single_sign_on};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::account::Holder;
use crate::account::sign_in::{Credentials, Password, SignedIn, begun, prove_and_open, signed_in};
use crate::ground::body::Body;
use crate::ground::caller::Proving;
use crate::ground::door::PracticeDoor;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: sign_in, enter refuses Forbidden);
}

/// The credentials of a sign-in, with the practice to enter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "email": "hannah.price@severn.example", "password": "correct horse battery staple", "code": "492039",
}))]
struct SignIn {
    /// The email address of the account.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// The password of the account.
    password: Password,
    /// The six digits that the authenticator shows. Each code can be used once.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 20, pattern = "^[0-9 -]+$")]
    code: Option<String>,
    /// One of the account's recovery codes, in place of `code`. Each can be used once.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9 -]+$")]
    recovery_code: Option<String>,
    /// The name of the practice to enter in URLs. It is required of a member of several practices.
    #[serde(default)]
    practice: Option<Slug>,
}

/// Signs a member of staff in to one practice.
#[utoipa::path(post, path = "/sessions")]
async fn sign_in(Proving(anyone): Proving, body: Body<SignIn>) -> Result<Created<SignedIn>, ApiError> {
    let SignIn { email, password, code, recovery_code, practice } = body.value;
    let credentials = Credentials { email, password, code, recovery_code };
    let entered = prove_and_open::<PracticeDoor>(&anyone, credentials, move |service, scope, account, _| {
        let membership = choose(identity::memberships(scope, account)?, practice.as_ref())?;
        if !single_sign_on::lets_a_password_in(scope, account, &membership)? {
            return Err(ApiError::new(Kind::InvalidCredentials));
        }
        Ok(sessions::begin(scope, account, Place::Practice(membership), service.settings.sessions)?)
    });
    begun::<PracticeDoor>(entered.await?)
}

/// Returns the membership of the practice to enter: the one named, or the only one.
fn choose(memberships: Vec<Membership>, named: Option<&Slug>) -> Result<Membership, ApiError> {
    let membership = match named {
        Some(slug) => memberships.into_iter().find(|membership| membership.slug.as_str() == slug.as_str()),
        None if memberships.len() > 1 => {
            let slugs: Vec<_> = memberships.iter().map(|membership| membership.slug.as_str()).collect();
            return Err(ApiError::parameter("/practice", format!("must name one of: {}", slugs.join(", "))));
        }
        None => memberships.into_iter().next(),
    };
    // A caller without a membership, or without one in the practice named, gets the same answer as to a wrong password.
    membership.ok_or_else(|| ApiError::new(Kind::InvalidCredentials))
}

/// A request to switch to another practice.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "practice": "severn-social-work" }))]
struct EnterPractice {
    /// The practice's name in URLs.
    practice: Slug,
}

/// Switches to another of the caller's practices.
///
/// The answer has tokens for that practice, and those for the present one stop working. The time of the second factor
/// does not change.
#[utoipa::path(post, path = "/sessions/current/practice")]
async fn enter(holder: Holder<PracticeDoor>, body: Body<EnterPractice>) -> Result<Reply<SignedIn>, ApiError> {
    let service = holder.service();
    let opened = holder
        .scope(move |scope| {
            if scope.by_provider() {
                return Err(ApiError::new(Kind::Forbidden).detail("This session is valid for its practice only."));
            }
            let account = scope.account();
            let memberships = identity::memberships(scope, account)?;
            let there =
                memberships.into_iter().find(|membership| membership.slug.as_str() == body.value.practice.as_str());
            let there = there.ok_or_else(|| ApiError::parameter("/practice", "names none of your practices"))?;
            if !single_sign_on::lets_a_password_in(scope, account, &there)? {
                return Err(ApiError::new(Kind::Forbidden).detail("That practice requires single sign-on."));
            }
            Ok(sessions::enter(scope, Place::Practice(there))?)
        })
        .await?;
    Reply::ok(&no_record::own(signed_in::<PracticeDoor>(&service, opened)?))
}
