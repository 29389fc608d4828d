//! Discovery: the addresses of the endpoints, and the keys with which tokens are checked.

use std::collections::BTreeSet;

use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use almoner_domain::access::clients;
use almoner_domain::words::closed_list::some_of;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{Array, Content, ResponseBuilder};

use super::assertion::ALGORITHMS;
use crate::ground::caller::Anyone;
use crate::ground::operation::{Answer, Description, operations};
use crate::ground::permission::{COUNCIL_SCOPES, PARTNER_PERMISSIONS};
use crate::ground::problem::ApiError;
use crate::ground::routes::Routes;

pub(super) fn routes(service: &mut Routes) {
    operations!(service: read_keys, read_metadata);
}

/// The time for which a reader may cache these answers, which is as long as a new key is published before it signs.
const FOR_AN_HOUR: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=3600");

/// The methods with which a client can authenticate.
const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/// An answer that a reader may cache for an hour.
struct Published<T>(T);

impl<T: Serialize> Responder for Published<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().insert_header(FOR_AN_HOUR).json(self.0)
    }
}

/// A JSON Web Key Set (RFC 7517).
#[derive(Serialize)]
#[serde(transparent)]
struct KeySet(jsonwebtoken::jwk::JwkSet);

impl Answer for Published<KeySet> {
    fn describe(description: &mut Description) {
        description.ignores_other_parameters();
        let content = Content::new(Some(utoipa::openapi::Object::new()));
        let response = ResponseBuilder::new().description("A JSON Web Key Set (RFC 7517)");
        description.answer(StatusCode::OK, response.content("application/json", content));
    }
}

impl Answer for Published<Metadata> {
    fn describe(description: &mut Description) {
        description.ignores_other_parameters();
        let content = Content::new(Some(description.reference::<Metadata>()));
        let response = ResponseBuilder::new().description("Metadata of the authorization server (RFC 8414)");
        description.answer(StatusCode::OK, response.content("application/json", content));
    }
}

/// Shows the public keys with which tokens are checked.
#[utoipa::path(get, path = "/.well-known/jwks.json")]
async fn read_keys(anyone: Anyone) -> Result<Published<KeySet>, ApiError> {
    let at = anyone.service.store.clock().now();
    Ok(Published(KeySet(anyone.service.tokens.jwks(at))))
}

/// The metadata of the service for clients (RFC 8414 §2).
#[derive(Serialize, ToSchema)]
struct Metadata {
    /// The issuer of every token, and the audience of every assertion.
    #[schema(format = "uri", max_length = 500)]
    issuer: String,
    /// The address at which a client requests a token.
    #[schema(format = "uri", max_length = 500)]
    token_endpoint: String,
    /// The address at which a client revokes a token.
    #[schema(format = "uri", max_length = 500)]
    revocation_endpoint: String,
    /// The address at which a client introspects a token.
    #[schema(format = "uri", max_length = 500)]
    introspection_endpoint: String,
    /// The address of the public keys.
    #[schema(format = "uri", max_length = 500)]
    jwks_uri: String,
    /// The scopes that a client may be registered for.
    #[schema(schema_with = scopes)]
    scopes_supported: BTreeSet<&'static str>,
    /// The response types, of which there are none, because the service has no authorization endpoint.
    #[schema(max_items = 0, value_type = Vec<almoner_domain::words::text::Line<100>>)]
    response_types_supported: [&'static str; 0],
    /// The grant types, of which there is one: `client_credentials`.
    #[schema(schema_with = grant_types)]
    grant_types_supported: [&'static str; 1],
    /// The methods with which a client can authenticate.
    #[schema(schema_with = methods)]
    token_endpoint_auth_methods_supported: [&'static str; 3],
    /// The algorithms with which a client with keys can sign.
    #[schema(schema_with = algorithms)]
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 3],
    /// The methods with which a client can authenticate to revoke a token.
    #[schema(schema_with = methods)]
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    /// The algorithms with which a client with keys can sign to revoke a token.
    #[schema(schema_with = algorithms)]
    revocation_endpoint_auth_signing_alg_values_supported: [&'static str; 3],
    /// The methods with which a client can authenticate to introspect a token.
    #[schema(schema_with = methods)]
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    /// The algorithms with which a client with keys can sign to introspect a token.
    #[schema(schema_with = algorithms)]
    introspection_endpoint_auth_signing_alg_values_supported: [&'static str; 3],
}

fn scopes() -> Array {
    some_of("The scopes that a client may be registered for.", 1, &clients::COUNCIL_SCOPES)
}

fn grant_types() -> Array {
    some_of("The grant types.", 1, &["client_credentials"])
}

fn methods() -> Array {
    some_of("The methods with which a client can authenticate there.", 1, &METHODS)
}

fn algorithms() -> Array {
    some_of("The algorithms with which a client with keys can sign.", 1, &ALGORITHMS)
}

/// Shows the addresses of the endpoints, with the methods and scopes that they accept.
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server")]
async fn read_metadata(anyone: Anyone) -> Result<Published<Metadata>, ApiError> {
    let issuer = anyone.service.tokens.issuer();
    Ok(Published(Metadata {
        issuer: issuer.to_owned(),
        token_endpoint: format!("{issuer}/oauth/token"),
        revocation_endpoint: format!("{issuer}/oauth/revoke"),
        introspection_endpoint: format!("{issuer}/oauth/introspect"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        scopes_supported: COUNCIL_SCOPES.iter().chain(PARTNER_PERMISSIONS).copied().collect(),
        response_types_supported: [],
        grant_types_supported: ["client_credentials"],
        token_endpoint_auth_methods_supported: METHODS,
        token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
        revocation_endpoint_auth_methods_supported: METHODS,
        revocation_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
        introspection_endpoint_auth_methods_supported: METHODS,
        introspection_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
    }))
}
