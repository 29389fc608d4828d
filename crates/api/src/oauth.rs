//! Tokens for systems: OAuth 2.0 client credentials (RFC 6749 §4.4), and the public keys (RFC 7517).

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use almoner_domain::ids::ClientId;
use almoner_persistence::clients;
use almoner_persistence::identity;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::caller::{Council, Door, Partner, asked};
use crate::problem::ApiError;
use crate::service::Service;

/// The operations that stand beside the doors.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(token).service(jwks);
}

/// A request for a token. The client's id and secret come here or in the `Authorization` header (`Basic`).
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "grant_type": "client_credentials",
    "client_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "client_secret": "…",
}))]
struct TokenRequest {
    /// `client_credentials`.
    grant_type: String,
    /// The client's id.
    client_id: Option<String>,
    /// Its secret.
    #[schema(format = Password)]
    client_secret: Option<String>,
    /// Less than the client is registered for, separated by spaces; all of it, if left out.
    scope: Option<String>,
}

/// A token.
#[derive(Serialize, ToSchema)]
struct TokenResponse {
    /// To be sent as `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds that the token holds.
    expires_in: u64,
    /// What it covers.
    scope: String,
}

/// Why there is no token (RFC 6749 §5.2).
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

const INVALID_CLIENT: Refused = Refused::Because(StatusCode::UNAUTHORIZED, "invalid_client");
const INVALID_REQUEST: Refused = Refused::Because(StatusCode::BAD_REQUEST, "invalid_request");

/// Gives a council's system or a partner app an access token for its door.
#[utoipa::path(
    tag = "oauth",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token", body = TokenResponse),
        (status = 400, description = "Not a request for a token", body = TokenError),
        (status = 401, description = "Not a client", body = TokenError),
    ),
    security(()),
)]
#[post("/oauth/token")]
async fn token(request: HttpRequest, form: Result<web::Form<TokenRequest>, actix_web::Error>) -> HttpResponse {
    match give(&request, form).await {
        Ok(response) => HttpResponse::Ok().json(response),
        Err(Refused::Because(status, error)) => {
            let mut response = HttpResponse::build(status);
            if status == StatusCode::UNAUTHORIZED {
                response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"almoner\""));
            }
            response.json(TokenError { error })
        }
        Err(Refused::Failed(error)) => HttpResponse::from_error(error),
    }
}

async fn give(
    request: &HttpRequest,
    form: Result<web::Form<TokenRequest>, actix_web::Error>,
) -> Result<TokenResponse, Refused> {
    let form = form.map_err(|_| INVALID_REQUEST)?.into_inner();
    if form.grant_type != "client_credentials" {
        return Err(Refused::Because(StatusCode::BAD_REQUEST, "unsupported_grant_type"));
    }
    let (id, secret) = match (basic(request), form.client_id, form.client_secret) {
        // RFC 6749 §2.3: one way of authenticating, not two.
        (Some(_), _, Some(_)) | (None, None, _) | (None, _, None) => return Err(INVALID_REQUEST),
        (Some(pair), _, None) => pair,
        (None, Some(id), Some(secret)) => (id, secret),
    };
    let id = ClientId::from(id.parse::<Uuid>().map_err(|_| INVALID_CLIENT)?);
    let service = Service::of(request)?;
    let request_id = asked(request);
    let hash = clients::hash(&secret);
    let found = service
        .clone()
        .into_inner()
        .block(move |service| Ok(service.store.identity(request_id, |scope| identity::find_client(scope, id))?))
        .await?;
    // Both are hashes of secrets of 160 random bits: how far they agree tells nothing of either.
    let client = found.filter(|(known, _)| *known == hash).map(|(_, client)| client).ok_or(INVALID_CLIENT)?;
    let scopes = match &form.scope {
        None => client.scopes,
        Some(asked) => {
            let asked: Vec<String> = asked.split_whitespace().map(str::to_owned).collect();
            if asked.is_empty() || !asked.iter().all(|scope| client.scopes.contains(scope)) {
                return Err(Refused::Because(StatusCode::BAD_REQUEST, "invalid_scope"));
            }
            asked
        }
    };
    let audience = if client.council_id.is_some() { Council::AUDIENCE } else { Partner::AUDIENCE };
    let scope = scopes.join(" ");
    let at = service.store.clock().now();
    let issued =
        service.tokens.for_client(audience, id, client.council_id, scope.clone(), at).map_err(ApiError::internal)?;
    Ok(TokenResponse { access_token: issued.token, token_type: "Bearer", expires_in: issued.expires_in, scope })
}

/// The id and secret of a `Basic` authorization, which RFC 6749 §2.3.1 has form-encoded; ours need no encoding.
fn basic(request: &HttpRequest) -> Option<(String, String)> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    decoded.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

/// The public keys by which tokens are checked.
#[utoipa::path(
    tag = "oauth",
    responses((status = 200, description = "A JSON Web Key Set (RFC 7517)", body = Object)),
    security(()),
)]
#[get("/.well-known/jwks.json")]
async fn jwks(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let service = Service::of(&request)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "public, max-age=3600"));
    Ok(response.json(service.tokens.jwks()))
}
