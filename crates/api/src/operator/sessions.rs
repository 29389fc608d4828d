//! Signing in and out.

use actix_web::{HttpRequest, delete, post};
use almoner_domain::ids::SessionId;
use almoner_persistence::identity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Body;
use crate::caller::{Door, Operator, asked, session_of};
use crate::problem::{ApiError, Kind};
use crate::reply::Reply;
use crate::sign_in::{Password, check};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "operator@almoner.example", "password": "correct horse battery staple" }))]
struct OperatorSignIn {
    /// The e-mail address of the account.
    #[schema(max_length = 254)]
    email: String,
    /// Its password.
    password: Password,
}

/// A session at the operator's door.
#[derive(Serialize, ToSchema)]
struct OperatorSignedIn {
    /// To be sent as `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds that the token holds.
    expires_in: u64,
    /// The session.
    session_id: SessionId,
}

/// Signs an operator in.
#[utoipa::path(
    request_body = OperatorSignIn,
    responses((status = 201, description = "Signed in", body = OperatorSignedIn)),
    security(()),
)]
#[post("/sessions")]
pub(super) async fn sign_in(request: HttpRequest, body: Body<OperatorSignIn>) -> Result<Reply, ApiError> {
    let OperatorSignIn { email, password } = body.value;
    let (service, account) = check(&request, &email, password).await?;
    if !account.operator {
        return Err(ApiError::new(Kind::WrongCredentials));
    }
    let id = asked(&request);
    service
        .into_inner()
        .block(move |service| {
            service.store.identity(id, |scope| {
                let at = scope.at();
                let session_id =
                    identity::begin_session(scope, account.account_id, None, at + service.settings.session)?;
                let issued = service
                    .tokens
                    .for_session(Operator::AUDIENCE, account.account_id, session_id, at)
                    .map_err(ApiError::internal)?;
                let signed_in = OperatorSignedIn {
                    access_token: issued.token,
                    token_type: "Bearer",
                    expires_in: issued.expires_in,
                    session_id,
                };
                Reply::created(&signed_in, "/v1/operator/sessions/current".to_owned())
            })
        })
        .await
}

/// Ends the session: its tokens stop working at once.
#[utoipa::path(responses((status = 204, description = "Signed out")), security(("operator" = [])))]
#[delete("/sessions/current")]
pub(super) async fn sign_out(request: HttpRequest) -> Result<Reply, ApiError> {
    let (service, session) = session_of(&request, Operator::AUDIENCE).await?;
    let id = asked(&request);
    service
        .into_inner()
        .block(move |service| {
            service.store.identity(id, |scope| identity::end_session(scope, session))?;
            Ok(Reply::nothing())
        })
        .await
}
