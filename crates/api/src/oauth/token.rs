//! A token given, given back, and asked about.

use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, web};
use almoner_domain::ids::ClientId;
use almoner_persistence::Client;
use almoner_persistence::access::client_identity::{self, Outcome};
use chrono::DateTime;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::{Content, ResponseBuilder};
use utoipa_actix_web::service_config::ServiceConfig;

use super::client::{Credentials, System, authenticated};
use super::{INVALID_REQUEST, INVALID_SCOPE, Refused, UNSUPPORTED_GRANT_TYPE};
use crate::ground::door::{CouncilDoor, Door, PartnerDoor};
use crate::ground::operation::{Answer, Argument, Description, operations};
use crate::ground::problem::ApiError;
use crate::ground::reply::first_sentence;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    operations!(config: issue, revoke, introspect);
}

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

/// A form (`application/x-www-form-urlencoded`).
struct Form<T>(T);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = web::Form::<T>::from_request(request, payload);
        Box::pin(async move { form.await.map(|form| Self(form.into_inner())).map_err(|_| INVALID_REQUEST) })
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> Argument for Form<T> {
    fn describe(description: &mut Description) {
        let content = Content::new(Some(description.reference::<T>()));
        description.content("application/x-www-form-urlencoded", content, None);
    }
}

/// 200 with what the standard says.
struct Granted<T>(T);

impl<T: Serialize> Responder for Granted<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

impl<T: Serialize + ToSchema + 'static> Answer for Granted<T> {
    fn describe(description: &mut Description) {
        let content = Content::new(Some(description.reference::<T>()));
        let response = ResponseBuilder::new().description(first_sentence(&T::schema()).unwrap_or_default());
        description.answer(StatusCode::OK, response.content("application/json", content));
    }
}

/// 200 without content.
struct Ended;

impl Responder for Ended {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

impl Answer for Ended {
    fn describe(description: &mut Description) {
        let response = ResponseBuilder::new().description("The token does not hold any more, or never did");
        description.answer(StatusCode::OK, response);
    }
}

/// The door of a client, by what its tokens are for.
fn audience(client: &Client) -> &'static str {
    if client.council_id.is_some() { CouncilDoor::AUDIENCE } else { PartnerDoor::AUDIENCE }
}

/// Gives a council's system or a partner app an access token for its door.
#[utoipa::path(post, path = "/oauth/token")]
async fn issue(system: System, form: Form<TokenRequest>) -> Result<Granted<TokenResponse>, Refused> {
    let TokenRequest { grant_type, scope: asked, credentials } = form.0;
    if grant_type != "client_credentials" {
        return Err(UNSUPPORTED_GRANT_TYPE);
    }
    authenticated(system, credentials, move |service, scope, client| {
        let Some(covered) = narrowed(&client, asked.as_deref()) else {
            client_identity::record(scope, client.client_id, Outcome::RefusedScope)?;
            return Ok(Err(INVALID_SCOPE));
        };
        client_identity::record(scope, client.client_id, Outcome::TokenIssued)?;
        let issued = service
            .tokens
            .for_client(audience(&client), client.client_id, client.council_id, covered.clone(), scope.at())
            .map_err(ApiError::internal)?;
        Ok(Ok(Granted(TokenResponse {
            access_token: issued.token,
            token_type: "Bearer",
            expires_in: issued.expires_in,
            scope: covered,
        })))
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

/// Ends an access token of the client's own at once.
///
/// What is no such token is answered in the same way, and nothing happens (RFC 7009 §2.2).
#[utoipa::path(post, path = "/oauth/revoke")]
async fn revoke(system: System, form: Form<OwnToken>) -> Result<Ended, Refused> {
    let OwnToken { token, credentials } = form.0;
    authenticated(system, credentials, move |service, scope, client| {
        let claims = service.tokens.verify(&token, audience(&client), scope.at());
        let own = claims.and_then(|claims| Some((claims.client()?, DateTime::from_timestamp(claims.exp, 0)?)));
        if let Some((own, expires_at)) = own.filter(|(own, _)| own.client == client.client_id) {
            client_identity::revoke(scope, own, expires_at)?;
        }
        Ok(Ok(Ended))
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
#[utoipa::path(post, path = "/oauth/introspect")]
async fn introspect(system: System, form: Form<OwnToken>) -> Result<Granted<Introspection>, Refused> {
    let OwnToken { token, credentials } = form.0;
    authenticated(system, credentials, move |service, scope, client| {
        let claims = service.tokens.verify(&token, audience(&client), scope.at());
        let own = claims.and_then(|claims| Some((claims.client()?, claims)));
        let Some((own, claims)) = own.filter(|(own, _)| own.client == client.client_id) else {
            return Ok(Ok(Granted(Introspection::default())));
        };
        if client_identity::is_revoked(scope, own)? {
            return Ok(Ok(Granted(Introspection::default())));
        }
        Ok(Ok(Granted(Introspection {
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
        })))
    })
    .await
}
