//! The log of the tests, for `scripts/check-logs` to search: everything that the service and its libraries log down to
//! `debug`, and the service down to `trace`, in `target/test-logs/PROCESS.log`; and beside it, in `PROCESS.secrets`, each secret
//! that the tests were given and that must therefore not be in it. Why tests were skipped stands in `PROCESS.skipped`.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// The tests' client runs in the same process, and may log what it sends, so its crates are left out.
const FILTER: &str = "debug,almoner_api=trace,almoner_persistence=trace,almoner_domain=trace,almoner_worker=trace,\
                      almoner=trace,ureq=off,ureq_proto=off";

/// Starts to log, once in each process. With `ALMONER_TEST_LOG` set to a filter, such as `warn`, those events are shown too.
pub(crate) fn begin() {
    static BEGUN: OnceLock<()> = OnceLock::new();
    BEGUN.get_or_init(|| {
        let file = file("log");
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(Mutex::new(file))
            .with_filter(EnvFilter::try_new(FILTER).expect("a filter"));
        let shown = std::env::var("ALMONER_TEST_LOG").ok().map(|filter| {
            let filter = EnvFilter::try_new(filter).expect("ALMONER_TEST_LOG is a filter, such as warn");
            tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_filter(filter)
        });
        tracing_subscriber::registry().with(lines).with(shown).try_init().expect("the log");
    });
}

/// Notes a secret, if there is one.
pub(crate) fn secret(secret: Option<&str>) {
    static SECRETS: OnceLock<Mutex<File>> = OnceLock::new();
    if let Some(secret) = secret.filter(|secret| secret.len() >= 8) {
        let secrets = SECRETS.get_or_init(|| Mutex::new(file("secrets")));
        writeln!(secrets.lock().expect("the list of secrets"), "{secret}").expect("the list of secrets");
    }
}

/// Says that tests were skipped, and why: on standard error, and to `check-answers`, which cannot expect their answers.
#[expect(clippy::print_stderr, reason = "a test that was skipped says why")]
pub fn skipped(why: &str) {
    eprintln!("skipped: {why}");
    writeln!(file("skipped"), "{why}").expect("the list of what was skipped");
}

/// The directory of the logs.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-logs")
}

pub(crate) fn file(extension: &str) -> File {
    let directory = directory();
    std::fs::create_dir_all(&directory).expect("a directory for the logs");
    let path = directory.join(format!("{}.{extension}", std::process::id()));
    OpenOptions::new().create(true).append(true).open(path).expect("a file for the log")
}
