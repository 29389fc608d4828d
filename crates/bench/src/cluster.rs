//! The PostgreSQL that is measured: a private cluster on disk, durable, with settings that the page prints.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use almoner_embedded_postgres::{Error, Options, Server, find_binaries};

use crate::Failure;

/// The settings that differ from PostgreSQL's own. Those of durability are PostgreSQL's own, and stay.
pub(crate) const SETTINGS: [(&str, &str); 6] = [
    ("shared_buffers", "1GB"),
    ("max_wal_size", "8GB"),
    ("checkpoint_timeout", "30min"),
    ("wal_compression", "lz4"),
    // A recording of statements is read by process.
    ("log_line_prefix", "@%p "),
    ("log_checkpoints", "off"),
];

/// The role in which the service logs in, and pgbench too.
pub(crate) const APP: &str = "almoner_app";

/// The running cluster.
pub(crate) struct Cluster {
    server: Server,
    binaries: PathBuf,
}

impl Cluster {
    /// Starts a new cluster in a directory; if PostgreSQL's user cannot reach it, in one below `/var/lib`. What was there
    /// before is removed.
    pub(crate) fn start(directory: &Path) -> Result<Self, Failure> {
        let elsewhere = Path::new("/var/lib/almoner-bench");
        let data = match Self::begin(directory) {
            Err(Error::OutOfReach { .. }) => {
                Self::begin(elsewhere)?;
                elsewhere
            }
            started => {
                started?;
                directory
            }
        };
        // Some of the settings count from the next start only.
        let server = Server::start(&options(data))?;
        Ok(Self { server, binaries: find_binaries()? })
    }

    fn begin(directory: &Path) -> Result<(), Error> {
        // A directory that cannot be removed is one that cannot be started in either, which says why.
        let _ = fs::remove_dir_all(directory.join("postgres"));
        let server = Server::start(&options(directory))?;
        let mut text = String::new();
        for (name, value) in SETTINGS {
            let _ = writeln!(text, "{name} = '{value}'");
        }
        let path = server.data().join("postgresql.auto.conf");
        fs::write(&path, text).map_err(|source| Error::File { action: "write", path, source })?;
        server.stop()
    }

    /// The postmaster's process.
    pub(crate) fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// The URL of a database, for this role.
    pub(crate) fn url(&self, role: &str, database: &str) -> String {
        self.server.url(role, database)
    }

    /// The URL of a database, for the superuser.
    pub(crate) fn superuser_url(&self, database: &str) -> String {
        self.server.url(self.server.superuser(), database)
    }

    /// The directory of the server's socket.
    pub(crate) fn socket_directory(&self) -> String {
        let sql = self.psql("postgres", "SHOW unix_socket_directories").unwrap_or_default();
        sql.trim().trim_matches('"').to_owned()
    }

    /// One of PostgreSQL's programs, with none of the settings that this process's environment has for other servers.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.join(name));
        for (variable, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs statements as the superuser, and returns what they print.
    pub(crate) fn psql(&self, database: &str, sql: &str) -> Result<String, Failure> {
        let output = self
            .program("psql")
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.superuser_url(database), "-c", sql])
            .output()?;
        if !output.status.success() {
            return Err(format!("psql: {sql}: {}", String::from_utf8_lossy(&output.stderr).trim()).into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Makes the statistics new and the files clean, so that no round pays for what was before it.
    pub(crate) fn settle(&self, database: &str) -> Result<(), Failure> {
        self.psql(database, "VACUUM ANALYZE")?;
        self.psql(database, "CHECKPOINT").map(drop)
    }

    /// Writes every statement to the log from now on, or no longer.
    pub(crate) fn log_statements(&self, on: bool) -> Result<(), Failure> {
        self.set("log_statement", if on { "all" } else { "none" })
    }

    /// Changes a setting of the server while it runs.
    pub(crate) fn set(&self, name: &str, value: &str) -> Result<(), Failure> {
        self.psql("postgres", &format!("ALTER SYSTEM SET {name} = '{value}'"))?;
        self.psql("postgres", "SELECT pg_reload_conf()")?;
        // Every backend reads the settings before its next statement; the signal has to reach it first.
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    }

    /// Gives a setting the value again with which the cluster was started.
    pub(crate) fn restore(&self, name: &str) -> Result<(), Failure> {
        let value = SETTINGS.iter().find_map(|(setting, value)| (*setting == name).then_some(*value));
        self.set(name, value.ok_or("the cluster was started without this setting")?)
    }

    /// The bytes that the server has written to its write-ahead log so far.
    pub(crate) fn written_ahead(&self) -> Result<u64, Failure> {
        let bytes = self.psql("postgres", "SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint")?;
        Ok(bytes.trim().parse()?)
    }

    /// The log of the server.
    pub(crate) fn log(&self) -> PathBuf {
        self.server.data().join("server.log")
    }

    /// The size of a database in MiB.
    pub(crate) fn size_mib(&self, database: &str) -> Result<u64, Failure> {
        let bytes = self.psql("postgres", &format!("SELECT pg_database_size('{database}') / 1048576"))?;
        Ok(bytes.trim().parse()?)
    }

    /// The version of PostgreSQL, and the settings that decide what a commit costs.
    pub(crate) fn describe(&self) -> Result<String, Failure> {
        let shown = self.psql(
            "postgres",
            "SELECT string_agg(name || ' = ' || current_setting(name), ', ' ORDER BY name) FROM pg_settings
             WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size',
                 'checkpoint_timeout', 'wal_compression', 'wal_sync_method')",
        )?;
        let version = self.psql("postgres", "SHOW server_version")?;
        Ok(format!("PostgreSQL {}; {}", version.trim(), shown.trim()))
    }
}

fn options(directory: &Path) -> Options {
    Options { data: directory.join("postgres"), durable: true, max_connections: 200 }
}
