//! OAuth 2.0 for systems: tokens by client credentials (RFC 6749 §4.4), giving one back (RFC 7009), asking about one
//! (RFC 7662), the keys by which tokens are checked, and where all of it is (RFC 8414).

mod assertion;
mod client;
mod discovery;
mod token;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::ground::problem::ApiError;

/// The operations that stand beside the doors.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(token::issue)
        .service(token::revoke)
        .service(token::introspect)
        .service(discovery::jwks)
        .service(discovery::metadata);
}

/// Why a request is refused (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
struct TokenError {
    /// `invalid_request`, `invalid_client`, `invalid_scope` or `unsupported_grant_type`.
    error: &'static str,
}

enum Refused {
    Because(StatusCode, &'static str),
    Failed(ApiError),
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

impl From<Refused> for HttpResponse {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Because(status, error) => {
                let mut response = Self::build(status);
                if status == StatusCode::UNAUTHORIZED {
                    response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"almoner\""));
                }
                response.json(TokenError { error })
            }
            Refused::Failed(error) => Self::from_error(error),
        }
    }
}

const INVALID_CLIENT: Refused = Refused::Because(StatusCode::UNAUTHORIZED, "invalid_client");
const INVALID_REQUEST: Refused = Refused::Because(StatusCode::BAD_REQUEST, "invalid_request");
const INVALID_SCOPE: Refused = Refused::Because(StatusCode::BAD_REQUEST, "invalid_scope");
const UNSUPPORTED_GRANT_TYPE: Refused = Refused::Because(StatusCode::BAD_REQUEST, "unsupported_grant_type");
