//! A restart under load breaks no request: the service says that it goes out of use before it stops taking connections.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use almoner_embedded_postgres::{Options, Server};
use almoner_persistence::migrations;
use rustix::process::Signal;

use super::{Directory, Service, free_port, until};

/// A connection that is kept until the server says that it closes it, as HTTP clients keep theirs.
struct Kept {
    port: u16,
    stream: Option<TcpStream>,
}

impl Kept {
    /// Sends a request, and returns the status and whether the server closes the connection; `None` if there was no answer.
    fn get(&mut self, path: &str) -> Option<(u16, bool)> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(("127.0.0.1", self.port)).ok()?,
        };
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: almoner.test\r\n\r\n").as_bytes()).ok()?;
        let (mut answer, mut chunk) = (Vec::new(), [0; 16_384]);
        let (head, length) = loop {
            let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
            answer.extend_from_slice(&chunk[..read]);
            let text = String::from_utf8_lossy(&answer).to_lowercase();
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                break (head.to_owned(), head.len() + 4 + length.unwrap_or(0));
            }
        };
        while answer.len() < length {
            let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
            answer.extend_from_slice(&chunk[..read]);
        }
        let closes = head.lines().any(|line| line == "connection: close");
        if !closes {
            self.stream = Some(stream);
        }
        Some((head.get(9..12)?.parse().ok()?, closes))
    }
}

#[test]
fn a_restart_under_load_breaks_no_request() {
    let directory = Directory(std::env::temp_dir().join(format!("almoner-restart-{}", std::process::id())));
    let postgres = Server::start(&Options { data: directory.0.clone(), durable: false, max_connections: 100 }).unwrap();
    migrations::migrate(&postgres.url("postgres", "postgres")).unwrap();
    let database_url = postgres.url("almoner_app", "postgres");
    let (old_port, new_port) = (free_port(), free_port());
    let start = |port, seconds| {
        let settings = [("ALMONER_DRAIN_SECONDS", seconds), ("ALMONER_LIMIT_PUBLIC", "6000000/6000000")];
        Service::start_with(&database_url, port, &settings)
    };
    let (old, new) = (start(old_port, "2"), start(new_port, "600"));

    // A balancer with two servers: whoever is ready gets the next request.
    let old_is_ready = AtomicBool::new(true);
    let (answered, broken, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut servers = [old_port, new_port].map(|port| Kept { port, stream: None });
                for turn in 0.. {
                    if over.load(Ordering::SeqCst) {
                        break;
                    }
                    let to_old = turn % 2 == 0 && old_is_ready.load(Ordering::SeqCst);
                    match servers[usize::from(!to_old)].get("/v1/public/practices") {
                        Some((200, _)) => answered.fetch_add(1, Ordering::SeqCst),
                        _ => broken.fetch_add(1, Ordering::SeqCst),
                    };
                }
            });
        }
        let goes_on =
            |count| until("requests are answered", || (answered.load(Ordering::SeqCst) > count).then_some(()));
        goes_on(200);
        let mut kept = Kept { port: old_port, stream: None };
        assert_eq!(kept.get("/health/live"), Some((200, false)), "the connection is kept");
        old.signal(Signal::TERM);
        until("the old one is not ready", || {
            let answer = Kept { port: old_port, stream: None }.get("/health/ready")?;
            (answer.0 == 503).then_some(())
        });
        // It says so, and goes on: with a connection that it had, which it closes, and with a new one.
        assert_eq!(kept.get("/v1/public/practices"), Some((200, true)));
        assert_eq!(kept.get("/health/live"), Some((200, true)), "a new connection is still taken");
        goes_on(answered.load(Ordering::SeqCst) + 50);
        old_is_ready.store(false, Ordering::SeqCst);
        assert!(old.ended().success());
        goes_on(answered.load(Ordering::SeqCst) + 200);
        over.store(true, Ordering::SeqCst);
    });
    assert_eq!(broken.load(Ordering::SeqCst), 0, "of {} requests", answered.load(Ordering::SeqCst));

    // A person at the console does not wait.
    new.signal(Signal::INT);
    assert!(new.ended().success());
    postgres.stop().unwrap();
}
