//! The checks before any handler: the browser origins that a request may come from, and the limits for callers without
//! a token.

use std::collections::HashMap;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Condition, Next};
use actix_web::{HttpMessage, ResponseError, web};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

use crate::ground::address::address_of;
use crate::ground::limits::{Bucket, RateLimitState};
use crate::ground::problem::Kind;
use crate::ground::service::Service;

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
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "complaint-access-code",
            "idempotency-key",
            "if-match",
            "if-none-match",
        ])
        .expose_headers([
            "etag",
            "location",
            "retry-after",
            "ratelimit",
            "ratelimit-policy",
            "x-request-id",
            "idempotency-replayed",
            "www-authenticate",
        ])
        // A page of another origin gets no header, so its browser keeps the answer from it. Other clients are not
        // affected.
        .block_on_origin_mismatch(false)
        .max_age(PREFLIGHT_HOLDS);
    Condition::new(!origins.is_empty(), cors)
}

/// The operations that need no token, by the OpenAPI document.
pub(crate) struct OpenOperations(HashMap<(Method, String), OpenPurpose>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpenPurpose {
    /// The operation reads public data.
    Reading,
    /// The operation takes credentials of some kind: a password, a secret, a one-time code.
    Credentials,
}

impl OpenOperations {
    pub(crate) fn of(api: &OpenApi) -> Self {
        let mut open = HashMap::new();
        for (path, item) in &api.paths.paths {
            let mut add = |method: Method, operation: Option<&Operation>, purpose| {
                if operation.is_some_and(|operation| !crate::ground::openapi::is_authenticated(operation)) {
                    open.insert((method, path.clone()), purpose);
                }
            };
            add(Method::GET, item.get.as_ref(), OpenPurpose::Reading);
            add(Method::POST, item.post.as_ref(), OpenPurpose::Credentials);
            add(Method::PUT, item.put.as_ref(), OpenPurpose::Credentials);
            add(Method::PATCH, item.patch.as_ref(), OpenPurpose::Credentials);
            add(Method::DELETE, item.delete.as_ref(), OpenPurpose::Credentials);
        }
        Self(open)
    }
}

/// Limits requests without a token by address, and writes on every answer how much its caller has left.
pub(crate) async fn limit<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let service = Service::of(request.request())?;
    let purpose = request.match_pattern().and_then(|pattern| {
        let open = request.app_data::<web::Data<OpenOperations>>()?;
        open.0.get(&(request.method().clone(), pattern)).copied()
    });
    let address = address_of(request.request());
    let taken = match purpose {
        Some(OpenPurpose::Reading) => service.limits.take_for(request.request(), Bucket::public(address)),
        Some(OpenPurpose::Credentials) => service.limits.take_for(request.request(), Bucket::sign_in(address)),
        None => Ok(()),
    };
    let mut response = match taken {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(refused) => request.into_response(refused.error_response()).map_into_right_body(),
    };
    if response.status() == Kind::TooManyRequests.status() {
        actix_web::rt::time::sleep(REFUSAL_HELD).await;
    }
    let standing = response.request().extensions().get::<RateLimitState>().copied();
    if let Some(standing) = standing {
        standing.write(response.headers_mut());
    }
    Ok(response)
}
