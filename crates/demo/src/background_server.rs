//! The API's server on a thread of its own, for the demonstration and the tests: they call it from the thread that started it.

use std::net::TcpListener;
use std::sync::mpsc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web;
use almoner_api::{Beside, Service};

/// A server that runs on another thread. It stops when [`BackgroundServer::stop`] is called, or when it is dropped.
pub struct BackgroundServer {
    url: String,
    handles: Vec<ServerHandle>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl BackgroundServer {
    /// Serves the API on `listener` with as many threads as `workers` says, and `/metrics` on the other listener, if one is
    /// given.
    pub fn start(
        service: Service,
        listener: TcpListener,
        metrics: Option<TcpListener>,
        workers: usize,
    ) -> std::io::Result<Self> {
        Self::start_beside(service, listener, metrics, workers, |_| None)
    }

    /// Serves as [`BackgroundServer::start`] does, and at the API's address what `beside` answers.
    pub(crate) fn start_beside(
        service: Service,
        listener: TcpListener,
        metrics: Option<TcpListener>,
        workers: usize,
        beside: Beside,
    ) -> std::io::Result<Self> {
        let url = format!("http://{}", listener.local_addr()?);
        let (send, receive) = mpsc::channel();
        let thread = std::thread::Builder::new().name("server".to_owned()).spawn(move || {
            System::new().block_on(async move {
                let service = web::Data::new(service);
                let server = almoner_api::server_beside(service.clone(), listener, workers, beside)?;
                let mut handles = vec![server.handle()];
                if let Some(metrics) = metrics {
                    let metrics = almoner_api::metrics_server(service, metrics)?;
                    handles.push(metrics.handle());
                    actix_web::rt::spawn(metrics);
                }
                // The receiver waits below until it has the handles, or until this thread has ended.
                let _ = send.send(handles);
                server.await
            })
        })?;
        if let Ok(handles) = receive.recv() {
            return Ok(Self { url, handles, thread: Some(thread) });
        }
        let error = match thread.join() {
            Ok(Err(error)) => error,
            Ok(Ok(())) | Err(_) => std::io::Error::other("the server did not start"),
        };
        Err(error)
    }

    /// The URL of the API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server. Requests that are being answered are finished first.
    pub fn stop(mut self) -> std::io::Result<()> {
        self.stop_and_join()
    }

    fn stop_and_join(&mut self) -> std::io::Result<()> {
        for handle in self.handles.drain(..) {
            // The call itself gives the order; the future that it returns only tells when the server has stopped.
            drop(handle.stop(true));
        }
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(std::io::Error::other("the server panicked")),
            None => Ok(()),
        }
    }
}

impl Drop for BackgroundServer {
    fn drop(&mut self) {
        if let Err(error) = self.stop_and_join() {
            tracing::error!(%error, "the server did not stop cleanly");
        }
    }
}
