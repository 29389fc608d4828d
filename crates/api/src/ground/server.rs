//! The server, and the layers around every operation.

use std::net::TcpListener;
use std::pin::Pin;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tracing_actix_web::{RootSpanBuilder, TracingLogger};

use crate::ground::perimeter::{admit, cors};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::routes::{Found, Purpose, Routes, find};
use crate::ground::service::Service;
use crate::ground::trace::{TRACEPARENT, Trace};

/// Answers a request for something that is not of the API, and leaves every other request to the API.
pub type Beside = fn(&HttpRequest) -> Option<Pin<Box<dyn Future<Output = HttpResponse>>>>;

/// Serves the API on this listener until it is told to stop. Requests in progress are finished first.
pub fn server(service: web::Data<Service>, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    server_beside(service, listener, workers, |_| None)
}

/// Serves the API as [`server`] does, and at the same address what a program has beside it. The program is asked before any layer
/// of the API: its answer has the headers that it sets itself, and is neither limited, counted nor logged.
pub fn server_beside(
    service: web::Data<Service>,
    listener: TcpListener,
    workers: usize,
    beside: Beside,
) -> std::io::Result<Server> {
    let shutdown = service.settings.shutdown.as_secs();
    let http = HttpServer::new(move || {
        App::new()
            .app_data(service.clone())
            .wrap(from_fn(admit))
            // This layer is outside the limits, so that a page can read that it was limited, and inside the layer with
            // every answer's headers.
            .wrap(cors(&service.settings.cors_origins))
            .wrap(from_fn(around))
            .wrap(TracingLogger::<RequestSpan>::new())
            .wrap(from_fn(find))
            .wrap(from_fn(move |request, next| ask_first(beside, request, next)))
            .configure(|config| Routes::all().serve(config))
            .default_service(web::to(nothing_here))
    });
    // A client that sends a header or its content drop by drop is cut off. Signals are handled by the program, not by
    // the library.
    Ok(http
        .workers(workers)
        .client_request_timeout(Duration::from_secs(5))
        .shutdown_timeout(shutdown)
        .disable_signals()
        .listen(listener)?
        .run())
}

/// The layer outside all others: a request that `beside` answers goes no further.
async fn ask_first(
    beside: Beside,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    match beside(request.request()) {
        Some(answer) => Ok(request.into_response(answer.await).map_into_right_body()),
        None => Ok(next.call(request).await?.map_into_left_body()),
    }
}

/// Answers what `admit` let through and no address took.
pub(crate) async fn nothing_here() -> Result<HttpResponse, ApiError> {
    Err(ApiError::new(Kind::NotFound))
}

/// The layer around every request: it adds the headers that every answer has, and counts the answer.
async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let found = Found::by(request.request());
    let service = Service::of(request.request())?;
    let asked = crate::ground::caller::asked(request.request());
    let trace = Trace::of(request.request());
    let answered = async {
        Ok::<_, actix_web::Error>(match with_keys(&service, found).await {
            Ok(()) => next.call(request).await?.map_into_left_body(),
            Err(error) => request.error_response(error).map_into_right_body(),
        })
    };
    let mut response = trace.around(answered).await?;
    if service.is_draining() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&asked.id.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    if let Ok(trace) = HeaderValue::from_str(&trace.to_string()) {
        headers.insert(HeaderName::from_static(TRACEPARENT), trace);
    }
    for (name, value) in HEADERS {
        if !headers.contains_key(*name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
    // The metrics have the pattern of the address, never the address itself, because identifiers are no label and a
    // search is confidential.
    service.metrics.observe(
        found.method,
        found.pattern(),
        response.status().as_u16(),
        found.begun.elapsed().as_secs_f64(),
    );
    Ok(response)
}

/// Runs the request with signing keys that are at most half a minute old. Requests that need no key do not wait for
/// them.
async fn with_keys(service: &web::Data<Service>, found: Found) -> Result<(), ApiError> {
    if matches!(found.purpose(), None | Some(Purpose::Page)) {
        return Ok(());
    }
    service.clone().into_inner().keep_keys().await
}

/// The headers of every answer, unless the answer sets them itself: nothing is cached, sniffed, framed or fetched from
/// elsewhere.
const HEADERS: &[(&str, &str)] = &[
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self'; frame-ancestors 'none'",
    ),
];

/// The span of a request in the log: method, pattern of the address, status, time, and nothing that was sent, except the
/// identifier of the caller's trace, which is 32 hexadecimal digits or is not taken.
struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> tracing::Span {
        let id = crate::ground::caller::asked(request.request()).id;
        let found = Found::by(request.request());
        let trace = Trace::of(request.request());
        tracing::info_span!("request", request_id = %id, trace_id = %trace.id(), method = found.method, route = found.pattern())
    }

    fn on_request_end<B: MessageBody>(span: tracing::Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let status = outcome.as_ref().map_or(500, |response| response.status().as_u16());
        let took = outcome.as_ref().ok().map(|response| Found::by(response.request()).begun.elapsed());
        let duration_ms = took.map(|took| took.as_secs_f64() * 1000.0);
        span.in_scope(|| tracing::info!(status, duration_ms, "answered"));
    }
}
