//! The server, and the layers around every operation.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpResponse, HttpServer, web};
use tracing_actix_web::{RootSpanBuilder, TracingLogger};

use crate::ground::perimeter::{admit, cors};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::routes::{Found, Purpose, Routes, find};
use crate::ground::service::Service;

/// Serves the API on this listener until it is told to stop. Requests in progress are finished first.
pub fn server(service: web::Data<Service>, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
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

/// Serves the metrics, on a port of their own.
pub fn metrics_server(service: web::Data<Service>, listener: TcpListener) -> std::io::Result<Server> {
    let http = HttpServer::new(move || {
        App::new()
            .app_data(service.clone())
            .service(web::resource("/metrics").route(web::get().to(metrics)).route(web::head().to(metrics)))
            .default_service(web::to(nothing_here))
    });
    Ok(http.workers(1).disable_signals().listen(listener)?.run())
}

async fn metrics(service: web::Data<Service>) -> Result<HttpResponse, ApiError> {
    let text = service.metrics.text().map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text))
}

/// Answers what `admit` let through and no address took.
async fn nothing_here() -> Result<HttpResponse, ApiError> {
    Err(ApiError::new(Kind::NotFound))
}

/// The layer around every request: it adds the headers that every answer has, and counts the answer.
async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let begun = Instant::now();
    let found = Found::by(request.request());
    let service = Service::of(request.request())?;
    let asked = crate::ground::caller::asked(request.request());
    let mut response = match with_keys(&service, found).await {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(error) => request.error_response(error).map_into_right_body(),
    };
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&asked.id.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    for (name, value) in HEADERS {
        if !headers.contains_key(*name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
    // The metrics have the pattern of the address, never the address itself, because identifiers are no label and a
    // search is confidential.
    service.metrics.observe(found.method, found.pattern(), response.status().as_u16(), begun.elapsed().as_secs_f64());
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

/// The span of a request in the log: method, pattern of the address, status, time, and nothing that was sent.
struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> tracing::Span {
        let id = crate::ground::caller::asked(request.request()).id;
        let found = Found::by(request.request());
        tracing::info_span!("request", request_id = %id, method = found.method, route = found.pattern())
    }

    fn on_request_end<B: MessageBody>(span: tracing::Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let status = outcome.as_ref().map_or(500, |response| response.status().as_u16());
        span.in_scope(|| tracing::info!(status, "answered"));
    }
}
