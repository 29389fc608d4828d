//! The program as processes of their own, which are stopped and killed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod kill;
mod restart;

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use almoner_demo::web::Web;
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
