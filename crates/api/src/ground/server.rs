//! The server, and the layers around every operation.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ResourceDef, Server, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tracing_actix_web::{RootSpanBuilder, TracingLogger};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::ground::perimeter::{OpenOperations, cors, limit};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::service::Service;

/// Serves the API on this listener until it is told to stop. Requests in progress are finished first.
pub fn server(service: web::Data<Service>, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    let document = crate::ground::openapi::document();
    let files = web::Data::new(DocumentFiles::default());
    let (addresses, open) = (web::Data::new(Addresses::of(&document)), web::Data::new(OpenOperations::of(&document)));
    let shutdown = service.settings.shutdown.as_secs();
    let http = HttpServer::new(move || {
        let (app, _) = App::new()
            .app_data(service.clone())
            .app_data(addresses.clone())
            .app_data(open.clone())
            .app_data(files.clone())
            .wrap(from_fn(limit))
            // This layer is outside the limits, so that a page can read that it was limited, and inside the layer with
            // every answer's headers.
            .wrap(cors(&service.settings.cors_origins))
            .wrap(from_fn(around))
            .wrap(TracingLogger::<RequestSpan>::new())
            .into_utoipa_app()
            .configure(crate::routes)
            .split_for_parts();
        app.route("/health/live", web::get().to(HttpResponse::Ok))
            .route("/health/ready", web::get().to(ready))
            .route("/problems/{word}", web::get().to(problem_page))
            .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", crate::ground::openapi::document()))
            .route("/openapi/{file}", web::get().to(document_file))
            .route(
                "/docs",
                web::get()
                    .to(|| async { HttpResponse::SeeOther().insert_header((header::LOCATION, "/docs/")).finish() }),
            )
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
            .route("/metrics", web::get().to(metrics))
            .default_service(web::to(nothing_here))
    });
    Ok(http.workers(1).disable_signals().listen(listener)?.run())
}

async fn metrics(service: web::Data<Service>) -> Result<HttpResponse, ApiError> {
    let text = service.metrics.text().map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text))
}

async fn ready(service: web::Data<Service>) -> Result<HttpResponse, ApiError> {
    service.into_inner().is_ready().await?;
    Ok(HttpResponse::Ok().finish())
}

/// Shows the page that explains a kind of problem, to which `type` points.
async fn problem_page(word: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let kind =
        Kind::ALL.iter().find(|kind| kind.word() == word.as_str()).ok_or_else(|| ApiError::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(kind.page()))
}

/// The OpenAPI documents by the names of their files: the whole, and one for each door. They are written when somebody first
/// asks for one, so that the server does not start later for them.
#[derive(Default)]
struct DocumentFiles(OnceLock<HashMap<String, String>>);

async fn document_file(files: web::Data<DocumentFiles>, name: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let files = if let Some(files) = files.0.get() {
        files
    } else {
        let written = crate::ground::openapi::files().map_err(ApiError::internal)?;
        files.0.get_or_init(|| written.into_iter().collect())
    };
    let file = files.get(name.as_str()).ok_or_else(|| ApiError::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(file.clone()))
}

/// The addresses of the OpenAPI document, with the methods that each allows.
struct Addresses(Vec<(ResourceDef, Vec<&'static str>)>);

impl Addresses {
    fn of(api: &utoipa::openapi::OpenApi) -> Self {
        let methods = |item: &utoipa::openapi::PathItem| {
            [
                ("GET", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PATCH", item.patch.is_some()),
                ("DELETE", item.delete.is_some()),
                ("PUT", item.put.is_some()),
            ]
            .into_iter()
            .filter_map(|(method, taken)| taken.then_some(method))
            .collect()
        };
        Self(api.paths.paths.iter().map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item))).collect())
    }
}

async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let known: Option<String> = request.app_data::<web::Data<Addresses>>().and_then(|addresses| {
        addresses
            .0
            .iter()
            .filter(|(address, _)| address.is_match(request.path()))
            .map(|(_, methods)| methods.join(", "))
            .next()
    });
    // RFC 9110 §9.3.7: the answer to OPTIONS names the allowed methods.
    if let (&Method::OPTIONS, Some(allow)) = (request.method(), &known) {
        return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allow.as_str())).finish());
    }
    Err(known.map_or_else(|| ApiError::new(Kind::NotFound), ApiError::method_not_allowed))
}

/// The layer around every request: it adds the headers that every answer has, and counts the answer.
async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let begun = Instant::now();
    let method = request.method().clone();
    // The metrics have the pattern of the address, never the address itself, because identifiers are no label and a
    // search is confidential.
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let service = Service::of(request.request())?;
    let asked = crate::ground::caller::asked(request.request());
    let mut response = match with_keys(&service, request.path()).await {
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
    service.metrics.observe(method.as_str(), &route, response.status().as_u16(), begun.elapsed().as_secs_f64());
    Ok(response)
}

/// Runs the request with signing keys that are at most half a minute old. Requests that need no key do not wait for
/// them.
async fn with_keys(service: &web::Data<Service>, path: &str) -> Result<(), ApiError> {
    if !["/v1/", "/oauth/", "/.well-known/"].iter().any(|start| path.starts_with(start)) {
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
        let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
        tracing::info_span!("request", request_id = %id, method = %request.method(), route = %route)
    }

    fn on_request_end<B: MessageBody>(span: tracing::Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let status = outcome.as_ref().map_or(500, |response| response.status().as_u16());
        span.in_scope(|| tracing::info!(status, "answered"));
    }
}
