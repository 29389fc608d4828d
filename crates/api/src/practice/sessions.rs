//! Signing in, and going from one practice to another.

use almoner_domain::words::slug::Slug;
use almoner_persistence::Membership;
use almoner_persistence::access::identity;
use almoner_persistence::{access::sessions, access::single_sign_on};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::account::Holder;
use crate::account::sign_in::{Credentials, Password, SignedIn, begun, prove_and_open, signed_in};
use crate::ground::body::Body;
use crate::ground::caller::Proving;
use crate::ground::door::PracticeDoor;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, Reply};

pub(super) fn routes(door: &mut ServiceConfig<'_>) {
    operations!(door: sign_in, enter);
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "email": "hannah.price@severn.example", "password": "correct horse battery staple", "code": "492039",
}))]
struct SignIn {
    /// The e-mail address of the account.
    #[schema(max_length = 254)]
    email: String,
    /// Its password.
    password: Password,
    /// The six digits that the authenticator shows. Each code serves once.
    #[serde(default)]
    #[schema(max_length = 20)]
    code: Option<String>,
    /// One of the account's recovery codes in its place. Each serves once.
    #[serde(default)]
    #[schema(max_length = 40)]
    recovery_code: Option<String>,
    /// The practice to enter, for whoever belongs to several.
    #[serde(default)]
    practice: Option<Slug>,
}

/// Signs a member of staff in, for one practice.
#[utoipa::path(post, path = "/sessions")]
async fn sign_in(Proving(anyone): Proving, body: Body<SignIn>) -> Result<Created<SignedIn>, ApiError> {
    let SignIn { email, password, code, recovery_code, practice } = body.value;
    let credentials = Credentials { email, password, code, recovery_code };
    let entered = prove_and_open::<PracticeDoor>(&anyone, credentials, move |service, scope, account, _| {
        let membership = choose(identity::memberships(scope, account)?, practice.as_ref())?;
        if !single_sign_on::lets_a_password_in(scope, account, &membership)? {
            return Err(ApiError::new(Kind::InvalidCredentials));
        }
        Ok(sessions::begin(scope, account, Some(membership), service.settings.sessions)?)
    });
    begun::<PracticeDoor>(entered.await?)
}

/// The practice to enter: the one named, or the only one.
fn choose(memberships: Vec<Membership>, named: Option<&Slug>) -> Result<Membership, ApiError> {
    let membership = match named {
        Some(slug) => memberships.into_iter().find(|membership| membership.slug.as_str() == slug.as_str()),
        None if memberships.len() > 1 => {
            let slugs: Vec<_> = memberships.iter().map(|membership| membership.slug.as_str()).collect();
            return Err(ApiError::parameter("/practice", format!("must name one of: {}", slugs.join(", "))));
        }
        None => memberships.into_iter().next(),
    };
    // No membership, or none in the practice named: the same answer as to a wrong password.
    membership.ok_or_else(|| ApiError::new(Kind::InvalidCredentials))
}

/// Where to go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "practice": "severn-social-work" }))]
struct EnterPractice {
    /// The practice's name in URLs.
    practice: Slug,
}

/// Goes to another of the caller's practices.
///
/// There are tokens for that one, and those for the one before end. The second factor is as old as it was.
#[utoipa::path(post, path = "/sessions/current/practice")]
async fn enter(holder: Holder<PracticeDoor>, body: Body<EnterPractice>) -> Result<Reply<SignedIn>, ApiError> {
    let service = holder.service();
    let opened = holder
        .scope(move |scope| {
            let account = scope.account();
            let memberships = identity::memberships(scope, account)?;
            let there =
                memberships.into_iter().find(|membership| membership.slug.as_str() == body.value.practice.as_str());
            let there = there.ok_or_else(|| ApiError::parameter("/practice", "names none of your practices"))?;
            if scope.by_provider() {
                return Err(ApiError::new(Kind::Forbidden).detail("This session is for its practice alone."));
            }
            if !single_sign_on::lets_a_password_in(scope, account, &there)? {
                return Err(ApiError::new(Kind::Forbidden).detail("That practice requires single sign-on."));
            }
            Ok(sessions::enter(scope, there)?)
        })
        .await?;
    Reply::ok(&no_record::own(signed_in::<PracticeDoor>(&service, opened)?))
}
