//! Signing in.

use actix_web::{HttpRequest, post};
use almoner_persistence::access::sessions;

use crate::body::Body;
use crate::caller::Operator;
use crate::problem::{ApiError, Kind};
use crate::reply::Reply;
use crate::sign_in::{Credentials, SignedIn, begun, prove_and_open};

/// Signs an operator in.
#[utoipa::path(
    request_body = Credentials,
    responses((status = 201, description = "Signed in", body = SignedIn)),
    security(()),
)]
#[post("/sessions")]
pub(super) async fn sign_in(request: HttpRequest, body: Body<Credentials>) -> Result<Reply, ApiError> {
    let signed_in = prove_and_open::<Operator>(&request, body.value, |service, scope, account, operator| {
        if !operator {
            return Err(ApiError::new(Kind::WrongCredentials));
        }
        Ok(sessions::begin(scope, account, None, service.settings.sessions)?)
    });
    begun(&signed_in.await?, "operator")
}
