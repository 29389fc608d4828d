//! Client authentication at the endpoints that give tokens: `client_secret_basic`, `client_secret_post` (RFC 6749
//! §2.3.1) or `private_key_jwt` (RFC 7523).

use std::borrow::Cow;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use almoner_domain::ids::{ClientId, parse_uuid};
use almoner_domain::words::closed_list::one_of;
use almoner_persistence::access::client_identity::{self, NamedClient, Outcome};
use almoner_persistence::{Client, IdentityScope};
use data_encoding::BASE64;
use percent_encoding::percent_decode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;

use super::{INVALID_CLIENT, INVALID_REQUEST, Refused, assertion};
use crate::ground::caller::Anyone;
use crate::ground::operation::{CallerArgument, Description};
use crate::ground::problem::ApiError;
use crate::ground::service::Service;

/// The type of an assertion (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client's credentials in a form.
#[derive(Deserialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names of the form's members")]
pub(super) struct Credentials {
    /// The client's id. It may be left out with `Basic` and with an assertion, which name the client.
    #[schema(format = Uuid, max_length = 36)]
    client_id: Option<String>,
    /// The client's secret, unless it is in the `Authorization` header.
    #[schema(format = Password, max_length = 200)]
    client_secret: Option<String>,
    /// The type of the assertion, for a client with keys: `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    #[schema(schema_with = assertion_type)]
    client_assertion_type: Option<String>,
    /// The JWT that the client signed.
    #[schema(max_length = 8000, pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$")]
    client_assertion: Option<String>,
}

fn assertion_type() -> Object {
    one_of("The type of the assertion, for a client with keys.", &[JWT_BEARER])
}

/// A system that has no token yet, with its address and its `Authorization` header.
pub(super) struct System {
    anyone: Anyone,
    basic: Option<Basic>,
}

/// A `Basic` authorization.
enum Basic {
    /// The id and the secret.
    Names(String, String),
    /// A text that has no id and secret in it.
    Unreadable,
}

impl FromRequest for System {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let anyone = Anyone::from_request(request, payload).into_inner();
        ready(anyone.map(|anyone| Self { anyone, basic: basic(request) }))
    }
}

impl CallerArgument for System {
    const IS_OPEN: bool = Anyone::IS_OPEN;

    fn describe(description: &mut Description) {
        Anyone::describe(description);
    }
}

enum ClientProof {
    Secret(String),
    Assertion(String),
}

impl Credentials {
    /// Returns the claimed client and its proof. One way of authenticating is allowed, not two (RFC 6749 §2.3). Whoever
    /// authenticates in none is not a client (§5.2).
    fn read(self, basic: Option<Basic>) -> Result<(String, ClientProof), Refused> {
        let Self { client_id, client_secret, client_assertion_type, client_assertion } = self;
        match (basic, client_secret, client_assertion, client_assertion_type) {
            (Some(Basic::Names(id, secret)), None, None, None)
                if client_id.as_ref().is_none_or(|named| *named == id) =>
            {
                Ok((id, ClientProof::Secret(secret)))
            }
            (None | Some(Basic::Unreadable), None, None, None) => Err(INVALID_CLIENT),
            (None, Some(secret), None, None) => Ok((client_id.ok_or(INVALID_REQUEST)?, ClientProof::Secret(secret))),
            (None, None, Some(assertion), Some(kind)) if kind == JWT_BEARER => {
                let named = assertion::client_named_in(&assertion).ok_or(INVALID_CLIENT)?;
                if client_id.is_some_and(|id| id != named) {
                    return Err(INVALID_CLIENT);
                }
                Ok((named, ClientProof::Assertion(assertion)))
            }
            _ => Err(INVALID_REQUEST),
        }
    }
}

/// Returns the `Basic` authorization of a request, if it has one. The id and the secret are form-encoded (RFC 6749
/// §2.3.1): some libraries write a hyphen as `%2D`.
fn basic(request: &HttpRequest) -> Option<Basic> {
    let value = request.headers().get(header::AUTHORIZATION)?.as_bytes();
    let (_, encoded) = value.split_at_checked(5).filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"basic"))?;
    Some(named_in(encoded.trim_ascii()).unwrap_or(Basic::Unreadable))
}

fn named_in(encoded: &[u8]) -> Option<Basic> {
    let decoded = BASE64.decode(encoded).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (id, secret) = (form_decoded(&decoded[..colon])?, form_decoded(&decoded[colon + 1..])?);
    Some(Basic::Names(id, secret))
}

fn form_decoded(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

/// Does the work for the client that authenticated, in the same transaction. The record of a refusal is committed. An
/// unknown client and a client with wrong credentials get the same answer.
pub(super) async fn authenticated<R: Send + 'static>(
    system: System,
    credentials: Credentials,
    work: impl FnOnce(&Service, &mut IdentityScope<'_>, Client) -> Result<Result<R, Refused>, ApiError> + Send + 'static,
) -> Result<R, Refused> {
    let System { anyone: Anyone { service, request, .. }, basic } = system;
    let (id, proof) = credentials.read(basic)?;
    let Some(id) = parse_uuid(&id).map(ClientId::from) else {
        service.metrics.unknown_client();
        return Err(INVALID_CLIENT);
    };
    let done = move |service: &Service| {
        service.store.identity(request, |scope| {
            let Some(named) = client_identity::find(scope, id)? else {
                service.metrics.unknown_client();
                return Ok(Err(INVALID_CLIENT));
            };
            let refused = if !is_proved(service, scope, &named, &proof)? || named.disabled {
                Outcome::Refused
            } else if !named.client.may_come_from(request.from) {
                Outcome::RefusedAddress
            } else {
                return work(service, scope, named.client);
            };
            client_identity::record(scope, id, refused)?;
            Ok(Err(INVALID_CLIENT))
        })
    };
    service.block(done).await?
}

fn is_proved(
    service: &Service,
    scope: &mut IdentityScope<'_>,
    named: &NamedClient,
    proof: &ClientProof,
) -> Result<bool, ApiError> {
    match (proof, &named.keys) {
        (ClientProof::Secret(secret), None) => Ok(named.has_secret(secret)),
        (ClientProof::Assertion(assertion), Some(keys)) => {
            let id = named.client.client_id;
            match assertion::verify(assertion, id, keys, service.tokens.issuer(), scope.at()) {
                Some(proof) => Ok(client_identity::use_assertion(scope, id, &proof.jti, proof.expires_at)?),
                None => Ok(false),
            }
        }
        (ClientProof::Secret(_), Some(_)) | (ClientProof::Assertion(_), None) => Ok(false),
    }
}
