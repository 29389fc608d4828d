//! A server that runs beside the thread that started it.

use std::net::TcpListener;
use std::sync::mpsc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web;
use almoner_api::Service;

/// A running server; it stops when told to, or when it is dropped.
pub struct Running {
    url: String,
    handles: Vec<ServerHandle>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    /// Starts serving on the listener, with so many threads; the metrics on theirs, if there is one.
    pub fn start(
        service: Service,
        listener: TcpListener,
        metrics: Option<TcpListener>,
        workers: usize,
    ) -> std::io::Result<Self> {
        let url = format!("http://{}", listener.local_addr()?);
        let (send, receive) = mpsc::channel();
        let thread = std::thread::Builder::new().name("server".to_owned()).spawn(move || {
            System::new().block_on(async move {
                let service = web::Data::new(service);
                let server = almoner_api::server(service.clone(), listener, workers)?;
                let mut handles = vec![server.handle()];
                if let Some(metrics) = metrics {
                    let metrics = almoner_api::metrics_server(service, metrics)?;
                    handles.push(metrics.handle());
                    actix_web::rt::spawn(metrics);
                }
                // Whoever started the server may have gone meanwhile; then it has been told to stop.
                let _ = send.send(handles);
                server.await
            })
        })?;
        if let Ok(handles) = receive.recv() {
            return Ok(Self { url, handles, thread: Some(thread) });
        }
        let why = match thread.join() {
            Ok(Err(error)) => error,
            Ok(Ok(())) | Err(_) => std::io::Error::other("the server did not start"),
        };
        Err(why)
    }

    /// Where it serves.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it: requests under way are finished first.
    pub fn stop(mut self) -> std::io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> std::io::Result<()> {
        for handle in self.handles.drain(..) {
            // The order is given when the call is made; the future only tells when it is carried out.
            drop(handle.stop(true));
        }
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(std::io::Error::other("the server panicked")),
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "the server did not stop cleanly");
        }
    }
}
