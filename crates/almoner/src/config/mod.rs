//! The settings of a process. They are read once, from the environment and a file, and checked before anything starts.
//!
//! The environment wins over the file, which is named by `ALMONER_CONFIG`: a flat table in TOML, whose keys are the
//! variables' names in lower case without `ALMONER_`. Every secret may also be given as the path of a file that holds
//! it, under its name with `_FILE` at the end. All faults are reported at once.

mod checks;
mod documents;
mod reader;
mod settings;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fmt, fs, io, thread};

use almoner_api::{Quota, Quotas};
use almoner_persistence::access::sessions::SessionLimits;
use almoner_worker::Scanner;
use chrono::TimeDelta;

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

use crate::logging::Format;
pub use documents::Documents;
use reader::Reader;
pub use settings::markdown_table;

/// The command that the program was started with. It decides which settings are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the commands' own help says what they do")]
pub enum Command {
    Serve,
    Work,
    Migrate,
    Operator,
    Audit,
    Documents,
    Demo,
    DemoData,
    Tour,
    OpenApi,
    Health,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Serve => "serve",
            Self::Work => "work",
            Self::Migrate => "migrate",
            Self::Operator => "operator",
            Self::Audit => "audit",
            Self::Documents => "documents",
            Self::Demo => "demo",
            Self::DemoData => "demo-data",
            Self::Tour => "tour",
            Self::OpenApi => "openapi",
            Self::Health => "health",
        })
    }
}

/// A text that is wiped from memory when it is dropped, and never shown.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Gives the text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Tells whether the text is empty, because the command that the settings were read for has no use for it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// The settings. A secret that the command has no use for is empty.
#[derive(Clone, Debug)]
pub struct Config {
    /// The URL of the database as `almoner_app`, for `work` as `almoner_work`.
    pub database_url: Secret,
    /// The URL of the database as its owner, for `migrate`.
    pub migrate_database_url: Secret,
    /// The base URL by which callers reach the service, without a slash at the end.
    pub public_url: String,
    /// The master keys as `VERSION:BASE64[,…]`, not yet decoded.
    pub master_keys: Secret,
    /// The Ed25519 private key that signs the heads of the audit log, not yet decoded; empty where they are not signed.
    pub audit_key: Secret,
    /// The file that the signed heads are added to.
    pub audit_heads: Option<PathBuf>,
    /// The place where documents are stored.
    pub documents: Documents,
    /// The command that scans documents, if there is one, which [`almoner_worker::Scanner::parse`] reads.
    pub scanner: Option<String>,
    /// The address of the API.
    pub listen: SocketAddr,
    /// The address of `/metrics`.
    pub metrics_listen: SocketAddr,
    /// The address of the health and the metrics of `work`, if it listens.
    pub work_listen: Option<SocketAddr>,
    /// The number of connections to the database.
    pub database_connections: u32,
    /// Whether connections keep the statements that they have prepared.
    pub keeps_statements: bool,
    /// The largest request body, in bytes.
    pub body_limit: usize,
    /// The time that a caller may take to send a request.
    pub request_timeout: Duration,
    /// The rate limits of all kinds of callers.
    pub quotas: Quotas,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose pages may call from a browser.
    pub cors_origins: Vec<String>,
    /// Whether a practice's identity provider may be on this machine or in its own network.
    pub allow_private_providers: bool,
    /// The time for which the service goes on taking connections, without being ready, before it stops.
    pub drain: Duration,
    /// The time for which requests that are being answered are waited for when the service stops.
    pub shutdown: Duration,
    /// The time for which an access token is valid.
    pub access_token_life: Duration,
    /// The time for which a session is valid.
    pub session_limits: SessionLimits,
    /// The filter of the log: the text of an `EnvFilter`.
    pub log: String,
    /// The form in which events are logged.
    pub log_format: Format,
}

/// All faults of the settings, in words for the person who runs the service. No secret is repeated in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the settings cannot be used:\n- {}", .0.join("\n- "))]
pub struct ConfigFaults(Vec<String>);

impl ConfigFaults {
    /// The faults, each in a sentence or two.
    pub fn faults(&self) -> &[String] {
        &self.0
    }
}

/// Reads the settings of this process for a command, from its environment and the file that this names.
pub fn load(for_command: Command) -> Result<Config, ConfigFaults> {
    read(for_command, env::vars_os(), &|path| fs::read_to_string(path))
}

/// Reads settings from these variables, and the files that they name through `read_file`.
pub fn read(
    command: Command,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    read_file: &dyn Fn(&Path) -> io::Result<String>,
) -> Result<Config, ConfigFaults> {
    let mut reader = Reader::new(command, variables, read_file);
    let config = read_all(command, &mut reader);
    config.filter(|_| reader.faults.is_empty()).ok_or(ConfigFaults(reader.faults))
}

/// Reads every setting before it gives up on any, so that all faults are found.
fn read_all(command: Command, reader: &mut Reader<'_>) -> Option<Config> {
    let migrate_database_url =
        reader.secret(&settings::ALMONER_MIGRATE_DATABASE_URL, checks::database_url, checks::no_guessed_password);
    let (database_url, migrate_database_url) = if command == Command::Migrate {
        (Some(Secret::default()), owner_url(reader, migrate_database_url))
    } else {
        let url = reader.secret(&settings::DATABASE_URL, checks::database_url, checks::no_guessed_password);
        (url, migrate_database_url)
    };
    let public_url = reader.parse(&settings::ALMONER_PUBLIC_URL, checks::public_url);
    let master_keys = reader.secret(&settings::ALMONER_MASTER_KEYS, checks::master_keys, checks::no_repeated_byte);

    let audit_key = reader.secret(&settings::ALMONER_AUDIT_KEY, checks::private_key, |_| Ok(()));
    let audit_heads = reader.parse(&settings::ALMONER_AUDIT_HEADS, |text| Ok(PathBuf::from(text)));
    if let (Command::Work, Some(key), Ok(heads)) = (command, &audit_key, &audit_heads)
        && key.is_empty() == heads.is_some()
    {
        reader.faults.push("ALMONER_AUDIT_KEY and ALMONER_AUDIT_HEADS: give both, or neither".to_owned());
    }

    let documents = documents::read(command, reader);
    let scanner = reader.parse(&settings::ALMONER_SCANNER, |text| Scanner::parse(text).map(|_| text.to_owned()));

    let address = "an address and a port, such as 127.0.0.1:8080 or [::1]:8080";
    let listen = reader.value(&settings::ALMONER_LISTEN, address, |text| text.parse::<SocketAddr>().ok());
    let metrics_listen =
        reader.value(&settings::ALMONER_METRICS_LISTEN, address, |text| text.parse::<SocketAddr>().ok());
    let work_listen =
        reader.parse(&settings::ALMONER_WORK_LISTEN, |text| text.parse().map_err(|_| format!("expected {address}")));
    if listen.is_some_and(|listen| listen.port() != 0) && listen == metrics_listen {
        reader.faults.push("ALMONER_LISTEN and ALMONER_METRICS_LISTEN: expected two different addresses".to_owned());
    }
    let database_connections = reader.number(&settings::ALMONER_DATABASE_CONNECTIONS, 1..=1_000);
    let keeps_statements = reader.value(&settings::ALMONER_PREPARED_STATEMENTS, "named or none", |text| match text {
        "named" => Some(true),
        "none" => Some(false),
        _ => None,
    });

    let drain = reader.number(&settings::ALMONER_DRAIN_SECONDS, 0..=600).ok().flatten();
    let mut number = |setting, most| reader.number(setting, 1..=most).ok().flatten();
    let body_limit_kib = number(&settings::ALMONER_BODY_LIMIT_KIB, 65_536);
    let request_timeout = number(&settings::ALMONER_REQUEST_TIMEOUT_SECONDS, 600);
    let shutdown = number(&settings::ALMONER_SHUTDOWN_SECONDS, 600);
    let access_token_minutes = number(&settings::ALMONER_ACCESS_TOKEN_MINUTES, 60);
    let session_hours = number(&settings::ALMONER_SESSION_HOURS, 24);
    let session_idle_minutes = number(&settings::ALMONER_SESSION_IDLE_MINUTES, 1_440);

    let mut quota = |setting| {
        let expected = "how many a minute and how many at once, such as 600/120, neither of them 0";
        reader.value(setting, expected, Quota::parse)
    };
    let quotas = [
        quota(&settings::ALMONER_LIMIT_MEMBER),
        quota(&settings::ALMONER_LIMIT_CLIENT),
        quota(&settings::ALMONER_LIMIT_TENANT),
        quota(&settings::ALMONER_LIMIT_PUBLIC),
        quota(&settings::ALMONER_LIMIT_SIGN_IN),
    ];
    let trusted_proxies = reader.parse(&settings::ALMONER_TRUSTED_PROXIES, checks::networks);
    let cors_origins = reader.parse(&settings::ALMONER_CORS_ORIGINS, checks::origins);
    let allow_private_providers =
        reader.value(&settings::ALMONER_ALLOW_PRIVATE_PROVIDERS, "true or false", |text| text.parse().ok());

    let log = reader.value(&settings::ALMONER_LOG, "levels, such as info or info,almoner_api=debug", |text| {
        EnvFilter::try_new(text).is_ok().then(|| text.to_owned())
    });
    let log_format = reader.value(&settings::ALMONER_LOG_FORMAT, "json or text", |text| match text {
        "json" => Some(Format::Json),
        "text" => Some(Format::Text),
        _ => None,
    });

    let seconds = |number: u32, unit: u64| Duration::from_secs(u64::from(number) * unit);
    let listen = listen?;
    let [member, client, tenant, public, sign_in] = quotas;
    Some(Config {
        database_url: database_url?,
        migrate_database_url: migrate_database_url?,
        public_url: public_url.ok()?.unwrap_or_else(|| format!("http://{listen}")),
        master_keys: master_keys?,
        audit_key: audit_key?,
        audit_heads: audit_heads.ok()?,
        documents: documents?,
        scanner: scanner.ok()?,
        listen,
        metrics_listen: metrics_listen?,
        work_listen: work_listen.ok()?,
        database_connections: database_connections.ok()?.unwrap_or_else(four_times_the_cores),
        keeps_statements: keeps_statements?,
        body_limit: usize::try_from(body_limit_kib?).ok()? * 1024,
        request_timeout: seconds(request_timeout?, 1),
        quotas: Quotas { member: member?, client: client?, tenant: tenant?, public: public?, sign_in: sign_in? },
        trusted_proxies: trusted_proxies.ok()?.unwrap_or_default(),
        cors_origins: cors_origins.ok()?.unwrap_or_default(),
        allow_private_providers: allow_private_providers?,
        drain: seconds(drain?, 1),
        shutdown: seconds(shutdown?, 1),
        access_token_life: seconds(access_token_minutes?, 60),
        session_limits: SessionLimits {
            absolute: TimeDelta::hours(session_hours?.into()),
            idle: TimeDelta::minutes(session_idle_minutes?.into()),
        },
        log: log?,
        log_format: log_format?,
    })
}

/// Finds the URL for `migrate`: the owner's, or that of `DATABASE_URL`, which is read only if the owner's is not given.
fn owner_url(reader: &mut Reader<'_>, given: Option<Secret>) -> Option<Secret> {
    let given = given?;
    if !given.is_empty() {
        return Some(given);
    }
    let url = reader.secret(&settings::DATABASE_URL, checks::database_url, checks::no_guessed_password)?;
    if url.is_empty() {
        reader.demand(&settings::ALMONER_MIGRATE_DATABASE_URL);
        return None;
    }
    Some(url)
}

fn four_times_the_cores() -> u32 {
    let cores = thread::available_parallelism().map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(500));
    cores.saturating_mul(4).clamp(4, 64)
}
