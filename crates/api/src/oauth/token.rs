//! Issuing, revoking and introspecting access tokens.

use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder};
use almoner_domain::ids::ClientId;
use almoner_domain::words::closed_list::one_of;
use almoner_persistence::Client;
use almoner_persistence::access::client_identity::{self, Outcome};
use chrono::DateTime;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::{Content, Object, ResponseBuilder};

use super::client::{Credentials, System, authenticated};
use super::{INVALID_REQUEST, INVALID_SCOPE, Refused, UNSUPPORTED_GRANT_TYPE};
use crate::ground::body;
use crate::ground::door::{CouncilDoor, Door, PartnerDoor};
use crate::ground::operation::{Answer, Argument, Description, operations};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::first_sentence;
use crate::ground::routes::Routes;

pub(super) fn routes(service: &mut Routes) {
    operations!(service: issue, revoke, introspect);
}

/// A request for an access token. The client authenticates with its id and secret, here or in the `Authorization`
/// header (`Basic`), or with an assertion.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "grant_type": "client_credentials",
    "client_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "client_secret": "gq3tkzw5x7m2c4yhr6bdnafpe2sujv5i",
}))]
struct TokenRequest {
    /// The grant type, which is always `client_credentials`.
    #[schema(schema_with = grant_type)]
    grant_type: String,
    /// The scopes wanted, separated by spaces, of those that the client is registered for; all of them, if left out.
    #[schema(max_length = 200, pattern = "^[\\x20-\\x7E]*$")]
    scope: Option<String>,
    #[serde(flatten)]
    credentials: Credentials,
}

/// An access token with its scope and lifetime.
#[derive(Serialize, ToSchema)]
struct TokenResponse {
    /// The access token, to be sent as `Authorization: Bearer …`.
    #[schema(max_length = 4000, pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$")]
    access_token: String,
    /// The type of the token, which is always `Bearer`.
    #[schema(schema_with = bearer)]
    token_type: &'static str,
    /// The number of seconds for which the token is valid.
    #[schema(minimum = 1, maximum = 86400)]
    expires_in: u64,
    /// The scopes that the token covers, separated by spaces.
    #[schema(max_length = 200, pattern = "^[a-z]+( [a-z]+)*$")]
    scope: String,
}

fn bearer() -> Object {
    one_of("The type of the token.", &["Bearer"])
}

fn grant_type() -> Object {
    one_of("The grant type.", &["client_credentials"])
}

const FORM: &str = "application/x-www-form-urlencoded";

/// A form (`application/x-www-form-urlencoded`).
struct Form<T>(T);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = body::read(request, payload, FORM);
        Box::pin(async move {
            let bytes = bytes.await.map_err(|error| match error.kind {
                Kind::Timeout => Refused::Failed(error),
                _ => INVALID_REQUEST,
            })?;
            // A parameter without a value counts as left out (RFC 6749 §3.2).
            let given: Vec<(String, String)> = serde_urlencoded::from_bytes(&bytes).map_err(|_| INVALID_REQUEST)?;
            let given: Vec<_> = given.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            let written = serde_urlencoded::to_string(given).map_err(|_| INVALID_REQUEST)?;
            serde_urlencoded::from_str(&written).map(Self).map_err(|_| INVALID_REQUEST)
        })
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> Argument for Form<T> {
    fn describe(description: &mut Description) {
        let content = Content::new(Some(description.reference::<T>()));
        description.content(FORM, content, None);
    }
}

/// An answer of 200 with the content that the standard defines.
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

/// An answer of 200 without content.
struct Ended;

impl Responder for Ended {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

impl Answer for Ended {
    fn describe(description: &mut Description) {
        let response = ResponseBuilder::new().description("The token is not valid any more, or never was");
        description.answer(StatusCode::OK, response);
    }
}

/// Returns the door of a client, by the audience of its tokens.
fn audience(client: &Client) -> &'static str {
    if client.council_id.is_some() { CouncilDoor::AUDIENCE } else { PartnerDoor::AUDIENCE }
}

/// Issues an access token for its door to a council's system or a partner app.
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
            .for_client(audience(&client), &client, covered.clone(), scope.at())
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

/// Returns the scopes that the client asked for, if it is registered for them; all that it is registered for, if it
/// asked for none.
fn narrowed(client: &Client, asked: Option<&str>) -> Option<String> {
    let Some(asked) = asked else { return Some(client.scopes.join(" ")) };
    let asked: Vec<&str> = asked.split_whitespace().collect();
    let is_registered = |scope: &&str| client.scopes.iter().any(|known| known == scope);
    (!asked.is_empty() && asked.iter().all(is_registered)).then(|| asked.join(" "))
}

/// An access token of the client's own.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "token": "aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl",
    "client_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "client_secret": "gq3tkzw5x7m2c4yhr6bdnafpe2sujv5i",
}))]
struct OwnToken {
    /// The access token.
    #[schema(max_length = 8000, pattern = "^[\\x20-\\x7E]*$")]
    token: String,
    #[serde(flatten)]
    credentials: Credentials,
}

/// Revokes an access token of the client's own at once.
///
/// A text that is not such a token gets the same answer, and has no effect (RFC 7009 §2.2).
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

/// The state of a token (RFC 7662 §2.2). For a token that is not valid, or is another client's, only `active` is given.
#[derive(Default, Serialize, ToSchema)]
struct Introspection {
    /// Whether the token is one of the client's own and is valid.
    active: bool,
    /// The scopes that the token covers, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, pattern = "^[a-z]+( [a-z]+)*$")]
    scope: Option<String>,
    /// The client that the token was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<ClientId>,
    /// The type of the token, which is always `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = bearer)]
    token_type: Option<&'static str>,
    /// The time at which the token expires, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    exp: Option<i64>,
    /// The time at which the token was issued, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    iat: Option<i64>,
    /// The subject of the token, which is the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<ClientId>,
    /// The audience of the token, which is its door.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20, pattern = "^almoner:(council|partner)$")]
    aud: Option<String>,
    /// The issuer of the token, which is this service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500, format = "uri")]
    iss: Option<String>,
    /// The identifier of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<uuid::Uuid>,
}

/// Shows whether an access token of the client's own is valid, and the scopes that it covers.
#[utoipa::path(post, path = "/oauth/introspect")]
async fn introspect(system: System, form: Form<OwnToken>) -> Result<Granted<Introspection>, Refused> {
    let OwnToken { token, credentials } = form.0;
    authenticated(system, credentials, move |service, scope, client| {
        let claims = service.tokens.verify(&token, audience(&client), scope.at());
        let own = claims.and_then(|claims| Some((claims.client()?, claims)));
        let Some((own, claims)) = own.filter(|(own, _)| own.client == client.client_id) else {
            return Ok(Ok(Granted(Introspection::default())));
        };
        if own.generation != client.token_generation || client_identity::is_revoked(scope, own)? {
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
