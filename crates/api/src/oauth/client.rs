//! How a client proves itself where it has no token yet: `client_secret_basic`, `client_secret_post` (RFC 6749 §2.3.1) or
//! `private_key_jwt` (RFC 7523).

use actix_web::HttpRequest;
use actix_web::http::header;
use almoner_domain::ids::ClientId;
use almoner_persistence::access::client_identity::{self, NamedClient, Outcome};
use almoner_persistence::{Client, IdentityScope};
use data_encoding::BASE64;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{INVALID_CLIENT, INVALID_REQUEST, Refused, assertion};
use crate::caller::asked;
use crate::problem::ApiError;
use crate::service::Service;

/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a form says of who sends it.
#[derive(Deserialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names of the form's members")]
pub(super) struct Credentials {
    /// The client's id. It may be left out with `Basic`, and with an assertion, which name it.
    client_id: Option<String>,
    /// Its secret, unless it comes in the `Authorization` header.
    #[schema(format = Password)]
    client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, for a client with keys.
    client_assertion_type: Option<String>,
    /// The JWT that it signed.
    client_assertion: Option<String>,
}

enum Proof {
    Secret(String),
    Assertion(String),
}

impl Credentials {
    /// Who it is said to be, and by what; one way of authenticating, not two (RFC 6749 §2.3).
    fn read(self, request: &HttpRequest) -> Result<(String, Proof), Refused> {
        let Self { client_id, client_secret, client_assertion_type, client_assertion } = self;
        match (basic(request), client_secret, client_assertion, client_assertion_type) {
            (Some((id, secret)), None, None, None) if client_id.as_ref().is_none_or(|named| *named == id) => {
                Ok((id, Proof::Secret(secret)))
            }
            (None, Some(secret), None, None) => Ok((client_id.ok_or(INVALID_REQUEST)?, Proof::Secret(secret))),
            (None, None, Some(assertion), Some(kind)) if kind == JWT_BEARER => {
                let named = assertion::client_named_in(&assertion).ok_or(INVALID_CLIENT)?;
                if client_id.is_some_and(|id| id != named) {
                    return Err(INVALID_CLIENT);
                }
                Ok((named, Proof::Assertion(assertion)))
            }
            _ => Err(INVALID_REQUEST),
        }
    }
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

/// Does the work for the client that proved itself, in the transaction in which it did. What is written down of a refusal is
/// kept: an unknown client and one that did not prove itself are answered alike.
pub(super) async fn authenticated<R: Send + 'static>(
    request: &HttpRequest,
    credentials: Credentials,
    work: impl FnOnce(&Service, &mut IdentityScope<'_>, Client) -> Result<Result<R, Refused>, ApiError> + Send + 'static,
) -> Result<R, Refused> {
    let (id, proof) = credentials.read(request)?;
    let service = Service::of(request)?;
    let Ok(id) = id.parse::<Uuid>().map(ClientId::from) else {
        service.metrics.unknown_client();
        return Err(INVALID_CLIENT);
    };
    let asked = asked(request);
    let done = move |service: &Service| {
        service.store.identity(asked, |scope| {
            let Some(named) = client_identity::find(scope, id)? else {
                service.metrics.unknown_client();
                return Ok(Err(INVALID_CLIENT));
            };
            let refused = if !is_proved(service, scope, &named, &proof)? || named.disabled {
                Outcome::Refused
            } else if !named.client.may_come_from(asked.from) {
                Outcome::RefusedAddress
            } else {
                return work(service, scope, named.client);
            };
            client_identity::record(scope, id, refused)?;
            Ok(Err(INVALID_CLIENT))
        })
    };
    service.into_inner().block(done).await?
}

fn is_proved(
    service: &Service,
    scope: &mut IdentityScope<'_>,
    named: &NamedClient,
    proof: &Proof,
) -> Result<bool, ApiError> {
    match (proof, &named.keys) {
        (Proof::Secret(secret), None) => Ok(named.has_secret(secret)),
        (Proof::Assertion(assertion), Some(keys)) => {
            let id = named.client.client_id;
            match assertion::verify(assertion, id, keys, service.tokens.issuer(), scope.at()) {
                Some(proof) => Ok(client_identity::use_assertion(scope, id, &proof.jti, proof.expires_at)?),
                None => Ok(false),
            }
        }
        (Proof::Secret(_), Some(_)) | (Proof::Assertion(_), None) => Ok(false),
    }
}
