//! A token given, given back, and asked about.

use actix_web::{HttpRequest, HttpResponse, post, web};
use almoner_domain::ids::ClientId;
use almoner_persistence::Client;
use almoner_persistence::access::client_identity::{self, Outcome};
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::client::{Credentials, authenticated};
use super::{INVALID_REQUEST, INVALID_SCOPE, Refused, TokenError, UNSUPPORTED_GRANT_TYPE};
use crate::caller::{Council, Door, Partner};
use crate::problem::ApiError;

/// A request for a token. The client proves itself by its id and secret, here or in the `Authorization` header (`Basic`), or
/// by an assertion.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "grant_type": "client_credentials",
    "client_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "client_secret": "…",
}))]
struct TokenRequest {
    /// `client_credentials`.
    grant_type: String,
    /// Less than the client is registered for, separated by spaces; all of it, if left out.
    scope: Option<String>,
    #[serde(flatten)]
    credentials: Credentials,
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

type Form<T> = Result<web::Form<T>, actix_web::Error>;

fn read<T>(form: Form<T>) -> Result<T, Refused> {
    form.map(web::Form::into_inner).map_err(|_| INVALID_REQUEST)
}

/// The door of a client, by what its tokens are for.
fn audience(client: &Client) -> &'static str {
    if client.council_id.is_some() { Council::AUDIENCE } else { Partner::AUDIENCE }
}

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
pub(super) async fn issue(request: HttpRequest, form: Form<TokenRequest>) -> HttpResponse {
    give(&request, form).await.map_or_else(HttpResponse::from, |token| HttpResponse::Ok().json(token))
}

async fn give(request: &HttpRequest, form: Form<TokenRequest>) -> Result<TokenResponse, Refused> {
    let TokenRequest { grant_type, scope: asked, credentials } = read(form)?;
    if grant_type != "client_credentials" {
        return Err(UNSUPPORTED_GRANT_TYPE);
    }
    authenticated(request, credentials, move |service, scope, client| {
        let Some(covered) = narrowed(&client, asked.as_deref()) else {
            client_identity::record(scope, client.client_id, Outcome::RefusedScope)?;
            return Ok(Err(INVALID_SCOPE));
        };
        client_identity::record(scope, client.client_id, Outcome::TokenIssued)?;
        let issued = service
            .tokens
            .for_client(audience(&client), client.client_id, client.council_id, covered.clone(), scope.at())
            .map_err(ApiError::internal)?;
        Ok(Ok(TokenResponse {
            access_token: issued.token,
            token_type: "Bearer",
            expires_in: issued.expires_in,
            scope: covered,
        }))
    })
    .await
}

/// What was asked for, if the client is registered for it; all that it is registered for, if nothing was asked for.
fn narrowed(client: &Client, asked: Option<&str>) -> Option<String> {
    let Some(asked) = asked else { return Some(client.scopes.join(" ")) };
    let asked: Vec<&str> = asked.split_whitespace().collect();
    let is_registered = |scope: &&str| client.scopes.iter().any(|known| known == scope);
    (!asked.is_empty() && asked.iter().all(is_registered)).then(|| asked.join(" "))
}

/// A token of the client's own.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "token": "…",
    "client_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "client_secret": "…",
}))]
struct OwnToken {
    /// The access token.
    token: String,
    #[serde(flatten)]
    credentials: Credentials,
}

/// Ends an access token of the client's own at once. What is no such token is answered in the same way, and nothing happens
/// (RFC 7009 §2.2).
#[utoipa::path(
    tag = "oauth",
    request_body(content = OwnToken, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It does not hold any more, or never did"),
        (status = 400, description = "No token was sent", body = TokenError),
        (status = 401, description = "Not a client", body = TokenError),
    ),
    security(()),
)]
#[post("/oauth/revoke")]
pub(super) async fn revoke(request: HttpRequest, form: Form<OwnToken>) -> HttpResponse {
    end(&request, form).await.map_or_else(HttpResponse::from, |()| HttpResponse::Ok().finish())
}

async fn end(request: &HttpRequest, form: Form<OwnToken>) -> Result<(), Refused> {
    let OwnToken { token, credentials } = read(form)?;
    authenticated(request, credentials, move |service, scope, client| {
        let claims = service.tokens.verify(&token, audience(&client), scope.at());
        let own = claims.and_then(|claims| Some((claims.client()?, DateTime::from_timestamp(claims.exp, 0)?)));
        if let Some((own, expires_at)) = own.filter(|(own, _)| own.client == client.client_id) {
            client_identity::revoke(scope, own, expires_at)?;
        }
        Ok(Ok(()))
    })
    .await
}

/// What there is to say about a token (RFC 7662 §2.2); of one that does not hold, or is another's, only that.
#[derive(Default, Serialize, ToSchema)]
struct Introspection {
    /// Whether it is one of the client's own and holds.
    active: bool,
    /// What it covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<ClientId>,
    /// `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// When it expires, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// When it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// For whom it was issued: the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<ClientId>,
    /// The door that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    /// This service.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// Which token it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<uuid::Uuid>,
}

/// Says whether an access token of the client's own holds, and what it covers.
#[utoipa::path(
    tag = "oauth",
    request_body(content = OwnToken, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What there is to say about it", body = Introspection),
        (status = 400, description = "No token was sent", body = TokenError),
        (status = 401, description = "Not a client", body = TokenError),
    ),
    security(()),
)]
#[post("/oauth/introspect")]
pub(super) async fn introspect(request: HttpRequest, form: Form<OwnToken>) -> HttpResponse {
    look_at(&request, form).await.map_or_else(HttpResponse::from, |said| HttpResponse::Ok().json(said))
}

async fn look_at(request: &HttpRequest, form: Form<OwnToken>) -> Result<Introspection, Refused> {
    let OwnToken { token, credentials } = read(form)?;
    authenticated(request, credentials, move |service, scope, client| {
        let claims = service.tokens.verify(&token, audience(&client), scope.at());
        let own = claims.and_then(|claims| Some((claims.client()?, claims)));
        let Some((own, claims)) = own.filter(|(own, _)| own.client == client.client_id) else {
            return Ok(Ok(Introspection::default()));
        };
        if client_identity::is_revoked(scope, own)? {
            return Ok(Ok(Introspection::default()));
        }
        Ok(Ok(Introspection {
            active: true,
            scope: claims.scope,
            client_id: Some(own.client),
            token_type: Some("Bearer"),
            exp: Some(claims.exp),
            iat: Some(claims.iat),
            sub: Some(own.client),
            aud: Some(claims.aud),
            iss: Some(claims.iss),
            jti: Some(claims.jti),
        }))
    })
    .await
}
