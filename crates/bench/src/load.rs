//! Sending requests on a number of connections for some time. Each connection sends the next request when it has the answer
//! to the last.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Failure;
use crate::scenario::{Call, Source};

/// What was measured of one round.
#[derive(Clone, Default)]
pub(crate) struct Round {
    /// The requests that were answered as they should be.
    pub(crate) count: usize,
    pub(crate) seconds: f64,
    /// How long each answer took, in microseconds, in order.
    pub(crate) latencies: Vec<u32>,
    /// The bytes of their content.
    pub(crate) bytes: usize,
    /// The first answer that was not as it should be.
    pub(crate) failure: Option<String>,
}

impl Round {
    /// The requests a second.
    pub(crate) fn rate(&self) -> f64 {
        if self.seconds > 0.0 { count(self.count) / self.seconds } else { 0.0 }
    }

    /// The time in microseconds within which this share of the answers came.
    pub(crate) fn percentile(&self, share: f64) -> u32 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length is an index")]
        let index = (count(self.latencies.len()) * share) as usize;
        self.latencies.get(index.min(self.latencies.len().saturating_sub(1))).copied().unwrap_or(0)
    }

    /// Adds another round of the same.
    pub(crate) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.seconds += other.seconds;
        self.bytes += other.bytes;
        self.latencies.extend(other.latencies);
        self.latencies.sort_unstable();
        self.failure = self.failure.take().or(other.failure);
    }
}

/// A number of things as a number to divide.
#[expect(clippy::cast_precision_loss, reason = "no count here has more than 52 bits")]
pub(crate) fn count(of: usize) -> f64 {
    of as f64
}

/// One connection to a server.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    /// Opens a connection to a port of this machine.
    pub(crate) async fn open(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(async move {
            // An error of the connection is the error of the request that waits on it.
            let _ = connection.await;
        });
        Ok(Self { sender })
    }

    /// Sends a request, and returns the status and the content of the answer.
    pub(crate) async fn send(&mut self, call: &Call) -> Result<(u16, Bytes), Failure> {
        let mut request = hyper::Request::builder().method(call.method).uri(&call.path).header("host", "127.0.0.1");
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(call.body.clone())))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status().as_u16();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    /// Sends a request, and fails if the answer is not as it should be.
    pub(crate) async fn expect(&mut self, call: &Call) -> Result<Bytes, Failure> {
        let (status, content) = self.send(call).await?;
        match call.fault(status, &content) {
            None => Ok(content),
            Some(fault) => Err(fault.into()),
        }
    }
}

/// Sends what the source gives on each of the connections until the time is up, or until the source has no more.
pub(crate) async fn run(
    port: u16,
    connections: usize,
    duration: Duration,
    source: &Rc<dyn Source>,
) -> Result<Round, Failure> {
    let round = Rc::new(RefCell::new(Round::default()));
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(port).await?);
    }
    let began = Instant::now();
    let tasks: Vec<_> = open
        .into_iter()
        .map(|mut connection| {
            let (round, source) = (Rc::clone(&round), Rc::clone(source));
            tokio::task::spawn_local(async move {
                let (mut latencies, mut bytes) = (Vec::new(), 0);
                while began.elapsed() < duration {
                    let Some(call) = source.next() else { break };
                    let sent = Instant::now();
                    let answer = connection.expect(&call).await;
                    match answer {
                        Ok(content) => {
                            latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                            bytes += content.len();
                        }
                        Err(failure) => {
                            round.borrow_mut().failure.get_or_insert_with(|| failure.to_string());
                            break;
                        }
                    }
                }
                let mut round = round.borrow_mut();
                round.latencies.append(&mut latencies);
                round.bytes += bytes;
            })
        })
        .collect();
    for task in tasks {
        task.await?;
    }
    let mut round = round.take();
    round.seconds = began.elapsed().as_secs_f64();
    round.count = round.latencies.len();
    round.latencies.sort_unstable();
    Ok(round)
}
