//! What a process answers to the operator's monitoring, on a port of its own: its metrics, and its health where no other port
//! has it.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpResponse, HttpServer, web};

use crate::ground::metrics::Metrics;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::server::nothing_here;
use crate::ground::service::Service;

/// A process that has metrics. Whoever asks for them does not wait for the database.
pub trait HasMetrics: Send + Sync + 'static {
    /// Returns the metrics.
    fn metrics(&self) -> &Metrics;
}

/// A process that knows how it is. Whoever asks does not wait for the database.
pub trait HasHealth: HasMetrics {
    /// Whether the process still works. If it does not, it has to be started again, and the error says why.
    fn is_live(&self) -> Result<(), String>;

    /// Whether the process can do its work now. If it cannot, the error says why.
    fn is_ready(&self) -> Result<(), String>;
}

/// Serves the metrics of the API, on a port of their own.
pub fn metrics_server(service: web::Data<Service>, listener: TcpListener) -> std::io::Result<Server> {
    serve(listener, move |config| show_metrics(config, &service))
}

/// Serves the metrics and the health of a process that serves nothing else.
pub fn monitoring_server<P: HasHealth>(process: web::Data<P>, listener: TcpListener) -> std::io::Result<Server> {
    serve(listener, move |config| {
        show_metrics(config, &process);
        show(config, "/health/live", &process, |process| answer(process.is_live()));
        show(config, "/health/ready", &process, |process| answer(process.is_ready()));
    })
}

fn serve(
    listener: TcpListener,
    pages: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> std::io::Result<Server> {
    let http = HttpServer::new(move || App::new().configure(&pages).default_service(web::to(nothing_here)));
    Ok(http.workers(1).disable_signals().listen(listener)?.run())
}

fn show_metrics<P: HasMetrics>(config: &mut ServiceConfig, process: &web::Data<P>) {
    show(config, "/metrics", process, |process| {
        let text = process.metrics().text().map_err(ApiError::internal)?;
        Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text))
    });
}

/// Adds an address that is read with `GET` or `HEAD`.
fn show<P: Send + Sync + 'static>(
    config: &mut ServiceConfig,
    path: &str,
    process: &web::Data<P>,
    page: fn(&P) -> Result<HttpResponse, ApiError>,
) {
    let process = process.clone();
    let handler = move || {
        let process = process.clone();
        async move { page(&process) }
    };
    config.service(web::resource(path).route(web::get().to(handler.clone())).route(web::head().to(handler)));
}

fn answer(health: Result<(), String>) -> Result<HttpResponse, ApiError> {
    health.map(|()| HttpResponse::Ok().finish()).map_err(|why| {
        tracing::warn!(why, "the monitoring was told that this process does not work");
        ApiError::new(Kind::ServiceUnavailable)
    })
}
