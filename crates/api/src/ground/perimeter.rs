//! The checks before any handler: the browser origins that a request may come from, whether it names anything, and the
//! limits for callers without a token.

use std::time::Duration;

use actix_cors::Cors;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{Condition, Next};
use actix_web::{HttpMessage, HttpResponse, ResponseError};

use crate::ground::address::address_of;
use crate::ground::limits::{Bucket, RateLimitState};
use crate::ground::problem::Kind;
use crate::ground::routes::{Found, Purpose};
use crate::ground::service::Service;
use crate::ground::tus;

/// The time for which a refusal is held back. It slows a caller that asks again at once, on any number of connections.
/// Refusals at full speed would keep the processor from everyone else.
const REFUSAL_HELD: Duration = Duration::from_millis(250);

/// The number of seconds for which a browser may cache the answer to a preflight request.
const PREFLIGHT_HOLDS: usize = 600;

/// Returns the middleware that lets pages of the named origins, and of no others, call from a browser. Callers send
/// tokens, never cookies, so a browser is told to send no credentials of its own.
pub(crate) fn cors(origins: &[String]) -> Condition<Cors> {
    let allowed = origins.iter().fold(Cors::default(), |cors, origin| cors.allowed_origin(origin));
    let cors = allowed
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "content-digest",
            "content-disposition",
            "complaint-access-code",
            "idempotency-key",
            "if-match",
            "if-none-match",
            "traceparent",
            "tracestate",
            "tus-resumable",
            "upload-checksum",
            "upload-length",
            "upload-metadata",
            "upload-offset",
        ])
        .expose_headers([
            "content-disposition",
            "etag",
            "location",
            "retry-after",
            "ratelimit",
            "ratelimit-policy",
            "x-request-id",
            "idempotency-replayed",
            "www-authenticate",
            "traceparent",
            "tus-checksum-algorithm",
            "tus-extension",
            "tus-max-size",
            "tus-resumable",
            "tus-version",
            "upload-expires",
            "upload-length",
            "upload-offset",
        ])
        // A page of another origin gets no header, so its browser keeps the answer from it. Other clients are not
        // affected.
        .block_on_origin_mismatch(false)
        .max_age(PREFLIGHT_HOLDS);
    Condition::new(!origins.is_empty(), cors)
}

/// Refuses what names nothing that is served, limits requests without a token by address, and writes on every answer how
/// much its caller has left.
pub(crate) async fn admit<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let (service, found) = (Service::of(request.request())?, Found::by(request.request()));
    let address = address_of(request.request());
    let admitted = match found.purpose() {
        Some(Purpose::Reading) => service.limits.take_for(request.request(), Bucket::public(address)),
        Some(Purpose::Credentials) => service.limits.take_for(request.request(), Bucket::sign_in(address)),
        Some(Purpose::WithToken | Purpose::Page) => Ok(()),
        None => Err(found.problem()),
    };
    let mut response = match (admitted, found.options()) {
        (Ok(()), _) => next.call(request).await?.map_into_left_body(),
        // RFC 9110 §9.3.7: the answer to OPTIONS names the allowed methods.
        (Err(_), Some(allow)) => {
            let options = HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish();
            request.into_response(options).map_into_right_body()
        }
        (Err(refused), None) => request.into_response(refused.error_response()).map_into_right_body(),
    };
    if response.status() == Kind::TooManyRequests.status() {
        actix_web::rt::time::sleep(REFUSAL_HELD).await;
    }
    let standing = response.request().extensions().get::<RateLimitState>().copied();
    if let Some(standing) = standing {
        standing.write(response.headers_mut());
    }
    tus::introduce(found, response.headers_mut());
    Ok(response)
}
