//! Where everything is, and the keys by which tokens are checked.

use std::collections::BTreeSet;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::assertion::ALGORITHMS;
use crate::ground::permission::{COUNCIL_PERMISSIONS, PARTNER_PERMISSIONS};
use crate::ground::problem::ApiError;
use crate::ground::service::Service;

/// How long a reader may keep what stands here: as long as a new key is published before it signs.
const FOR_AN_HOUR: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=3600");

/// How a client proves itself.
const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/// The public keys by which tokens are checked.
#[utoipa::path(
    tag = "oauth",
    responses((status = 200, description = "A JSON Web Key Set (RFC 7517)", body = Object)),
    security(()),
)]
#[get("/.well-known/jwks.json")]
pub(super) async fn jwks(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let service = Service::of(&request)?;
    let at = service.store.clock().now();
    Ok(HttpResponse::Ok().insert_header(FOR_AN_HOUR).json(service.tokens.jwks(at)))
}

/// What a client must know of this service (RFC 8414 §2).
#[derive(Serialize, ToSchema)]
struct Metadata {
    /// The issuer of every token, and the audience of every assertion.
    issuer: String,
    /// Where tokens are given.
    token_endpoint: String,
    /// Where a token is given back.
    revocation_endpoint: String,
    /// Where a token is asked about.
    introspection_endpoint: String,
    /// Where the public keys are.
    jwks_uri: String,
    /// What a client may be registered for.
    #[schema(max_items = 10)]
    scopes_supported: BTreeSet<&'static str>,
    /// None: there is no authorization endpoint.
    #[schema(max_items = 0)]
    response_types_supported: [&'static str; 0],
    /// `client_credentials`.
    #[schema(max_items = 1)]
    grant_types_supported: [&'static str; 1],
    /// How a client proves itself.
    #[schema(max_items = 3)]
    token_endpoint_auth_methods_supported: [&'static str; 3],
    /// By which algorithms it signs, if it does so by keys.
    #[schema(max_items = 3)]
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 3],
    /// As for tokens.
    #[schema(max_items = 3)]
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    /// As for tokens.
    #[schema(max_items = 3)]
    revocation_endpoint_auth_signing_alg_values_supported: [&'static str; 3],
    /// As for tokens.
    #[schema(max_items = 3)]
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    /// As for tokens.
    #[schema(max_items = 3)]
    introspection_endpoint_auth_signing_alg_values_supported: [&'static str; 3],
}

/// Where the endpoints are, and what they take.
#[utoipa::path(
    tag = "oauth",
    responses((status = 200, description = "Metadata of the authorization server (RFC 8414)", body = Metadata)),
    security(()),
)]
#[get("/.well-known/oauth-authorization-server")]
pub(super) async fn metadata(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let service = Service::of(&request)?;
    let issuer = service.tokens.issuer();
    let metadata = Metadata {
        issuer: issuer.to_owned(),
        token_endpoint: format!("{issuer}/oauth/token"),
        revocation_endpoint: format!("{issuer}/oauth/revoke"),
        introspection_endpoint: format!("{issuer}/oauth/introspect"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        scopes_supported: COUNCIL_PERMISSIONS.iter().chain(PARTNER_PERMISSIONS).copied().collect(),
        response_types_supported: [],
        grant_types_supported: ["client_credentials"],
        token_endpoint_auth_methods_supported: METHODS,
        token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
        revocation_endpoint_auth_methods_supported: METHODS,
        revocation_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
        introspection_endpoint_auth_methods_supported: METHODS,
        introspection_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
    };
    Ok(HttpResponse::Ok().insert_header(FOR_AN_HOUR).json(metadata))
}
