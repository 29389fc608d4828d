//! The service that is measured: `almoner serve` as a process of its own, of the release build.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;
use crate::cluster::{APP, Cluster};
use crate::load::Connection;
use crate::scenario::Call;

/// How long a process may take until it serves.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program and the keys with which it is run.
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// The directory of logs.
    pub(crate) directory: PathBuf,
    pub(crate) master_keys: String,
}

impl Program {
    /// A command of the program's, with none of the settings that this process's environment has for other services.
    pub(crate) fn command(&self, cluster: &Cluster, database: &str) -> Command {
        let mut command = Command::new(&self.path);
        for (variable, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"ALMONER_")) {
            command.env_remove(variable);
        }
        command
            .env("DATABASE_URL", cluster.url(APP, database))
            .env("ALMONER_MIGRATE_DATABASE_URL", cluster.superuser_url(database))
            .env("ALMONER_MASTER_KEYS", &self.master_keys)
            .env("ALMONER_DOCUMENTS", self.documents())
            .env("ALMONER_LOG", "warn")
            .stdin(Stdio::null());
        command
    }

    /// The directory of the documents.
    pub(crate) fn documents(&self) -> PathBuf {
        self.directory.join("documents")
    }

    /// Starts the service on a database, with so many connections to it, and waits until it is ready. It takes the tokens of
    /// the service on the other port, if one is given, and otherwise its own.
    pub(crate) async fn serve(
        &self,
        cluster: &Cluster,
        database: &str,
        pool: u32,
        issuer: Option<u16>,
    ) -> Result<Service, Failure> {
        let port = free_port()?;
        let issuer = issuer.unwrap_or(port);
        let mut command = self.command(cluster, database);
        command
            .arg("serve")
            .env("ALMONER_PUBLIC_URL", format!("http://127.0.0.1:{issuer}"))
            .env("ALMONER_LISTEN", format!("127.0.0.1:{port}"))
            .env("ALMONER_METRICS_LISTEN", format!("127.0.0.1:{}", free_port()?))
            .env("ALMONER_DATABASE_CONNECTIONS", pool.to_string())
            .env("ALMONER_ACCESS_TOKEN_MINUTES", "60")
            .env("ALMONER_SESSION_IDLE_MINUTES", "1440");
        // One caller sends here what an office does in a day: the limits would be what is measured.
        for limit in ["MEMBER", "CLIENT", "TENANT", "PUBLIC", "SIGN_IN"] {
            command.env(format!("ALMONER_LIMIT_{limit}"), "60000000/1000000");
        }
        let log = File::create(self.directory.join(format!("{database}.log")))?;
        command.stdout(log.try_clone()?).stderr(log);
        let began = Instant::now();
        let child = command.spawn()?;
        let mut service = Service { child, port, ready_after: Duration::ZERO };
        let call = Call::get("/health/ready".to_owned(), "", "");
        loop {
            if let Ok(mut connection) = Connection::open(port).await
                && connection.expect(&call).await.is_ok()
            {
                service.ready_after = began.elapsed();
                return Ok(service);
            }
            if service.child.try_wait()?.is_some() || began.elapsed() > PATIENCE {
                let log = self.directory.join(format!("{database}.log"));
                return Err(format!("the service did not start: see {}", log.display()).into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// The running service, stopped when this is dropped.
pub(crate) struct Service {
    child: Child,
    pub(crate) port: u16,
    /// The time from its start until it was ready.
    pub(crate) ready_after: Duration,
}

impl Service {
    /// The process of the service.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail only if the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of this machine on which nothing listens.
pub(crate) fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The program beside this one, which the Makefile built with it.
pub(crate) fn program_beside() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe()?;
    let path = own.parent().unwrap_or(Path::new(".")).join("almoner");
    if path.is_file() { Ok(path) } else { Err(format!("{} is not there: run make bench", path.display()).into()) }
}
