//! Signing in and out.

use actix_web::{HttpRequest, delete, post};
use almoner_domain::ids::{PracticeId, SessionId, StaffId};
use almoner_domain::slug::Slug;
use almoner_persistence::identity::{self, Membership};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Body;
use crate::caller::{Door, Practice, session_of};
use crate::problem::{ApiError, Kind};
use crate::reply::Reply;
use crate::sign_in::{Password, check};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "hannah.price@severn.example", "password": "correct horse battery staple" }))]
struct SignIn {
    /// The e-mail address of the account.
    #[schema(max_length = 254)]
    email: String,
    /// Its password.
    password: Password,
    /// The practice to enter, for whoever belongs to several.
    #[serde(default)]
    practice: Option<Slug>,
}

/// A session for one practice.
#[derive(Serialize, ToSchema)]
struct SignedIn {
    /// To be sent as `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds that the token holds.
    expires_in: u64,
    /// The session.
    session_id: SessionId,
    /// The practice that was entered.
    practice_id: PracticeId,
    /// Its name in URLs.
    practice: String,
    /// The caller's membership there.
    staff_id: StaffId,
}

/// Signs a member of staff in, for one practice.
#[utoipa::path(
    request_body = SignIn,
    responses((status = 201, description = "Signed in", body = SignedIn)),
    security(()),
)]
#[post("/sessions")]
pub(super) async fn sign_in(request: HttpRequest, body: Body<SignIn>) -> Result<Reply, ApiError> {
    let SignIn { email, password, practice } = body.value;
    let (service, account) = check(&request, &email, password).await?;
    let request_id = crate::caller::asked(&request);
    let account_id = account.account_id;
    service
        .into_inner()
        .block(move |service| {
            service.store.identity(request_id, |scope| {
                let membership = choose(identity::memberships(scope, account_id)?, practice.as_ref())?;
                let at = scope.at();
                let expires = at + service.settings.session;
                let session_id = identity::begin_session(scope, account_id, Some(&membership), expires)?;
                let issued = service
                    .tokens
                    .for_session(Practice::AUDIENCE, account_id, session_id, at)
                    .map_err(ApiError::internal)?;
                let signed_in = SignedIn {
                    access_token: issued.token,
                    token_type: "Bearer",
                    expires_in: issued.expires_in,
                    session_id,
                    practice_id: membership.practice_id,
                    practice: membership.slug,
                    staff_id: membership.staff_id,
                };
                Reply::created(&signed_in, "/v1/practice/sessions/current".to_owned())
            })
        })
        .await
}

/// The practice to enter: the one named, or the only one.
fn choose(memberships: Vec<Membership>, named: Option<&Slug>) -> Result<Membership, ApiError> {
    let membership = match named {
        Some(slug) => memberships.into_iter().find(|membership| membership.slug == slug.as_str()),
        None if memberships.len() > 1 => {
            let slugs: Vec<_> = memberships.iter().map(|membership| membership.slug.as_str()).collect();
            return Err(ApiError::parameter("/practice", format!("must name one of: {}", slugs.join(", "))));
        }
        None => memberships.into_iter().next(),
    };
    // No membership, or none in the practice named: the same answer as to a wrong password.
    membership.ok_or_else(|| ApiError::new(Kind::WrongCredentials))
}

/// Ends the session: its tokens stop working at once.
#[utoipa::path(responses((status = 204, description = "Signed out")), security(("practice" = [])))]
#[delete("/sessions/current")]
pub(super) async fn sign_out(request: HttpRequest) -> Result<Reply, ApiError> {
    let (service, session) = session_of(&request, Practice::AUDIENCE).await?;
    let request_id = crate::caller::asked(&request);
    service
        .into_inner()
        .block(move |service| {
            service.store.identity(request_id, |scope| identity::end_session(scope, session))?;
            Ok(Reply::nothing())
        })
        .await
}
