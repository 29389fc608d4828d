use std::{
    fmt::Write,
    fs::{self, File, OpenOptions},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{FileExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    process::{Child, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    Error, PrivateDirectory,
    cluster::{Cluster, SUPERUSER, last_lines},
    lock_file::{LockFile, PATIENCE, POLL, wait_until_free},
};

/// The time that a server may take until it accepts connections. After a crash it may have much to repair.
const START: Duration = Duration::from_mins(2);

/// The time that a server may take to shut down cleanly, before it is told to stop at once.
const STOP: Duration = Duration::from_secs(20);

/// The longest path of a socket, which the system keeps in a field of fixed size.
const SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The options with which a server is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The cluster's directory. It is made if it is not there or empty. While it is being made
    /// its name ends in `.new`; whatever has that name is removed first.
    pub data: PathBuf,
    /// Whether commits outlive a crash of the machine or of the server. Tests can do without, and are much faster for it.
    /// Then a crash of the server loses the last moment's commits, and a crash of the machine can corrupt the cluster.
    pub durable: bool,
    /// The number of connections that the server accepts at the same time, at least four.
    pub max_connections: u16,
}

/// A running PostgreSQL, stopped when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    data: PathBuf,
    /// The directory of the socket, if the cluster's directory cannot hold it. Removed after the server ends.
    elsewhere: Option<PrivateDirectory>,
}

impl Server {
    /// Starts a server, making its cluster first if need be, and waits until it takes connections.
    ///
    /// On Linux the server stops when the thread that calls this ends: call it from the main
    /// thread (see the [crate's page](crate)).
    ///
    /// The server writes its log to `server.log` in its directory, and keeps the log of the run
    /// before as `server.log.old`.
    pub fn start(options: &Options) -> Result<Self, Error> {
        let cluster = Cluster::prepare(&options.data, options.durable)?;
        // Two programs may start at the same time. The second waits here until the first is ready, and then finds that the
        // directory is in use.
        let data = &cluster.data;
        let held = File::open(data).map_err(Error::file("open", data))?;
        held.lock().map_err(Error::file("lock", data))?;
        let began = Instant::now();
        loop {
            wait_until_free(data)?;
            match Self::launch(&cluster, options) {
                // When a server was killed, its children may hold on to the shared memory for a
                // moment, and the new one then ends and leaves the old lock file as it is.
                Err(Error::Start { .. }) if began.elapsed() < PATIENCE && LockFile::read(data).is_some() => {}
                result => return result,
            }
            thread::sleep(POLL);
        }
    }

    fn launch(cluster: &Cluster, options: &Options) -> Result<Self, Error> {
        let elsewhere = if fits_socket(&cluster.data) {
            None
        } else {
            // The socket always goes here, since the directory for temporary files can have a long path as well.
            let inside = Path::new("/tmp");
            Some(PrivateDirectory::create_for(inside, cluster.account.as_ref())?)
        };
        let sockets = elsewhere.as_ref().map_or(&*cluster.data, PrivateDirectory::path);

        let mut command = cluster.command("postgres");
        command.arg("-D").arg(&cluster.data);
        let mut set = |name: &str, value: &[u8]| {
            let setting = [name.as_bytes(), b"=", value].concat();
            command.arg("-c").arg(std::ffi::OsStr::from_bytes(&setting));
        };
        set("listen_addresses", b"");
        set("port", b"5432");
        set("unix_socket_directories", &quoted(sockets));
        set("unix_socket_permissions", b"0700");
        set("max_connections", options.max_connections.to_string().as_bytes());
        if !options.durable {
            set("fsync", b"off");
            set("synchronous_commit", b"off");
            set("full_page_writes", b"off");
        }
        let log = new_log(&cluster.data)?;
        let share = || log.try_clone().map_err(Error::file("open", log_path(&cluster.data)));
        command.stdout(Stdio::from(share()?)).stderr(Stdio::from(share()?));
        let child = command.spawn().map_err(|source| cluster.explain("postgres", source))?;
        let mut server = Self { child, data: cluster.data.clone(), elsewhere };
        server.wait_until_ready(&log)?;
        Ok(server)
    }

    fn wait_until_ready(&mut self, log: &File) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            let own = Pid::from_child(&self.child);
            if LockFile::read(&self.data).is_some_and(|lock| lock.pid == own && lock.status == "ready") {
                return Ok(());
            }
            let ended = self.child.try_wait().map_or(true, |status| status.is_some());
            if ended || began.elapsed() > START {
                return Err(Error::Start { log: log_path(&self.data), lines: end_of(log) });
            }
            thread::sleep(POLL);
        }
    }

    /// The URL with which libpq and everything built on it connects to the server.
    pub fn url(&self, user: &str, database: &str) -> String {
        let sockets = self.elsewhere.as_ref().map_or(&*self.data, PrivateDirectory::path);
        // The port is named because PGPORT in the client's environment would win otherwise.
        format!(
            "postgresql:///{}?host={}&port=5432&user={}",
            percent_encoded(database.as_bytes()),
            percent_encoded(sockets.as_os_str().as_bytes()),
            percent_encoded(user.as_bytes()),
        )
    }

    /// The name of the cluster's first user, who may do anything.
    pub fn superuser(&self) -> &str {
        SUPERUSER
    }

    /// The server's process, PostgreSQL's postmaster.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The cluster's directory, absolute and free of symbolic links.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Stops the server. Fails if it did not shut down cleanly. Dropping the server stops it too, but cannot report a
    /// failure.
    pub fn stop(mut self) -> Result<(), Error> {
        let log = log_path(&self.data);
        match self.halt() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Error::Stop { status, log }),
            Err(source) => Err(Error::file("stop the server on", &self.data)(source)),
        }
    }

    fn halt(&mut self) -> io::Result<ExitStatus> {
        for (signal, limit) in [(Signal::INT, STOP), (Signal::QUIT, PATIENCE)] {
            let began = Instant::now();
            // The child's process identifier cannot have become another's: that takes a successful wait.
            if self.child.try_wait()?.is_none() {
                kill_process(Pid::from_child(&self.child), signal)?;
            }
            while began.elapsed() < limit {
                if let Some(status) = self.child.try_wait()? {
                    return Ok(status);
                }
                thread::sleep(POLL);
            }
        }
        self.child.kill()?;
        self.child.wait()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The error can be reported to nobody. PostgreSQL repairs its files when it next starts.
        let _ = self.halt();
    }
}

/// Whether a socket in this directory can be named by a client. libpq reads a comma as the end of
/// a host's name, even an encoded one.
fn fits_socket(directory: &Path) -> bool {
    let bytes = directory.as_os_str().as_bytes();
    bytes.len() + "/.s.PGSQL.5432".len() <= SOCKET_PATH && !bytes.contains(&b',')
}

/// A directory as an element of one of PostgreSQL's lists, where a quote mark is doubled.
fn quoted(directory: &Path) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for byte in directory.as_os_str().as_bytes() {
        if *byte == b'"' {
            quoted.push(b'"');
        }
        quoted.push(*byte);
    }
    quoted.push(b'"');
    quoted
}

fn percent_encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn log_path(data: &Path) -> PathBuf {
    data.join("server.log")
}

/// Begins a new log. The directory belongs to the server's user, who may be less trusted than this
/// program's: a link put there in the log's place must not make root write elsewhere, so the file
/// is always a new one.
fn new_log(data: &Path) -> Result<File, Error> {
    let path = log_path(data);
    match fs::rename(&path, data.join("server.log.old")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::file("rename", path)(error));
        }
        _ => {}
    }
    OpenOptions::new()
        .read(true)
        .append(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(Error::file("make", path))
}

fn end_of(log: &File) -> String {
    let mut bytes = vec![0; 8192];
    let size = log.metadata().map_or(0, |found| found.len());
    let read = log.read_at(&mut bytes, size.saturating_sub(8192)).unwrap_or(0);
    last_lines(&String::from_utf8_lossy(&bytes[..read]))
}
