//! The program as processes of their own, which are stopped and killed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod commands;
mod documents;
mod example_app;
mod feed;
mod kill;
mod monitoring;
mod restart;
mod restored;

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use almoner_demo::web::{Answer, Web};
use almoner_embedded_postgres::{Options, Server};
use almoner_persistence::migrations;
use almoner_tests::MASTER_KEYS;
use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_mins(1);

/// Repeats the attempt until it succeeds. Fails the test after too long.
fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(done) = attempt() {
            return done;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A process of its own that runs `almoner serve`, and is killed when it is dropped.
struct Service(Child);

impl Service {
    fn start(database_url: &str, port: u16) -> Self {
        Self::start_with(database_url, port, &[])
    }

    /// Starts the program with these settings besides.
    fn start_with(database_url: &str, port: u16, settings: &[(&str, &str)]) -> Self {
        Self::start_logging(database_url, port, settings, Stdio::inherit())
    }

    /// Starts the program with these settings besides, and with this standard error.
    fn start_logging(database_url: &str, port: u16, settings: &[(&str, &str)], log: Stdio) -> Self {
        let url = format!("http://127.0.0.1:{port}");
        let child = Command::new(env!("CARGO_BIN_EXE_almoner"))
            .arg("serve")
            .env("DATABASE_URL", database_url)
            .env("ALMONER_PUBLIC_URL", &url)
            .env("ALMONER_LISTEN", format!("127.0.0.1:{port}"))
            .env("ALMONER_METRICS_LISTEN", "127.0.0.1:0")
            .env("ALMONER_MASTER_KEYS", MASTER_KEYS)
            // This caller asks for a token with every request.
            .env("ALMONER_LIMIT_SIGN_IN", "60000/60000")
            .env("ALMONER_LIMIT_CLIENT", "60000/60000")
            .env("ALMONER_LOG", "off")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let web = Web::new(&url);
        until("the service is ready", || {
            web.send("GET", "/health/ready", &[], None).ok().filter(|answer| answer.status == 200)
        });
        Self(child)
    }

    /// Sends a signal to the process.
    fn signal(&self, signal: Signal) {
        send(self.0.id(), signal);
    }

    /// Waits until the process has ended by itself.
    fn ended(mut self) -> ExitStatus {
        until("the service ends", || self.0.try_wait().unwrap())
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process of its own that runs `almoner work`, and is killed when it is dropped.
struct Worker(Child);

impl Worker {
    fn start(machine: &Machine) -> Self {
        Self(machine.command("almoner_work", &["work"]).spawn().unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A PostgreSQL with a migrated database, and the program's commands on it.
struct Machine {
    postgres: Option<Server>,
    directory: Directory,
}

impl Machine {
    fn new(name: &str) -> Self {
        let directory = Directory(std::env::temp_dir().join(format!("almoner-{name}-{}", std::process::id())));
        std::fs::create_dir_all(&directory.0).unwrap();
        let mut machine = Self { postgres: None, directory };
        machine.start();
        migrations::migrate(&machine.url("postgres")).unwrap();
        machine
    }

    /// Starts PostgreSQL, whose data are in the folder `data`.
    fn start(&mut self) {
        let options = Options { data: self.path("data"), durable: false, max_connections: 60 };
        self.postgres = Some(Server::start(&options).unwrap());
    }

    fn stop(&mut self) {
        self.postgres.take().unwrap().stop().unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.0.join(name)
    }

    fn url(&self, role: &str) -> String {
        self.postgres.as_ref().unwrap().url(role, "postgres")
    }

    /// The program with these arguments, as this log-in role.
    fn command(&self, role: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_almoner"));
        command
            .args(arguments)
            .env("DATABASE_URL", self.url(role))
            .env("ALMONER_MASTER_KEYS", MASTER_KEYS)
            .env("ALMONER_LOG", "off")
            .stdin(Stdio::null());
        command
    }
}

/// Runs a command with this text on its standard input.
fn run(mut command: Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What a command printed on standard output, which must have succeeded.
fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Asks for a page, until there is an answer.
fn page(port: u16, path: &str) -> Answer {
    let web = Web::new(&format!("http://127.0.0.1:{port}"));
    until("somebody answers", || web.send("GET", path, &[], None).ok())
}

/// A directory that is removed with the test.
struct Directory(PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Sends a signal to a process.
fn send(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

/// A port on which nothing listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
