//! OAuth 2.0 for systems: tokens by client credentials (RFC 6749 §4.4), revocation (RFC 7009), introspection (RFC
//! 7662), the keys with which tokens are checked, and the metadata of all of it (RFC 8414).

mod assertion;
mod client;
mod discovery;
mod token;

use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use almoner_domain::words::closed_list::one_of;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{Content, Object, ResponseBuilder};

use crate::ground::headers;
use crate::ground::operation::{Description, Refusals};
use crate::ground::problem::ApiError;
use crate::ground::routes::Routes;

/// Registers the operations that stand beside the doors.
pub(crate) fn routes(service: &mut Routes) {
    token::routes(service);
    discovery::routes(service);
}

/// The reason why a request is refused (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
struct TokenError {
    /// The error code: `invalid_request`, `invalid_client`, `invalid_scope` or `unsupported_grant_type`.
    #[schema(schema_with = error_code)]
    error: &'static str,
}

fn error_code() -> Object {
    one_of("The error code.", &["invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type"])
}

#[derive(Debug)]
enum Refused {
    Because(StatusCode, &'static str),
    Failed(ApiError),
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Because(_, error) => f.write_str(error),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Because(status, _) => *status,
            Self::Failed(error) => error.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        match self {
            Self::Because(status, error) => {
                let mut response = HttpResponse::build(*status);
                if *status == StatusCode::UNAUTHORIZED {
                    response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"almoner\""));
                }
                response.json(TokenError { error })
            }
            Self::Failed(error) => error.error_response(),
        }
    }
}

impl Refusals for Refused {
    fn describe(description: &mut Description) {
        for (status, words) in [
            (StatusCode::BAD_REQUEST, "The form cannot be read, or asks for something that does not exist"),
            (StatusCode::UNAUTHORIZED, "Not a client"),
        ] {
            let content = Content::new(Some(description.reference::<TokenError>()));
            let response = ResponseBuilder::new().description(words).content("application/json", content);
            let response = if status == StatusCode::UNAUTHORIZED {
                let (name, challenge) = headers::challenge();
                response.header(name, challenge)
            } else {
                response
            };
            description.answer(status, response);
        }
        // RFC 6749 §3.2: what the server does not know is ignored.
        description.ignores_other_parameters();
        description.may_fail();
    }
}

const INVALID_CLIENT: Refused = Refused::Because(StatusCode::UNAUTHORIZED, "invalid_client");
const INVALID_REQUEST: Refused = Refused::Because(StatusCode::BAD_REQUEST, "invalid_request");
const INVALID_SCOPE: Refused = Refused::Because(StatusCode::BAD_REQUEST, "invalid_scope");
const UNSUPPORTED_GRANT_TYPE: Refused = Refused::Because(StatusCode::BAD_REQUEST, "unsupported_grant_type");
