use std::{
    env,
    ffi::OsString,
    fs::{self, DirBuilder, File},
    io,
    os::unix::{
        fs::{DirBuilderExt, MetadataExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    thread,
    time::Instant,
};

use crate::{
    Error,
    account::Account,
    binaries::{find_binaries, major},
    lock_file::{PATIENCE, POLL},
};

/// The bootstrap superuser of every cluster made here, whoever runs it.
pub(crate) const SUPERUSER: &str = "postgres";

/// A directory that a server can run on.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// The path of the data directory, absolute and free of symbolic links.
    pub(crate) data: PathBuf,
    pub(crate) account: Option<Account>,
    binaries: PathBuf,
}

impl Cluster {
    /// Finds the cluster in a directory, or makes one there.
    pub(crate) fn prepare(data: &Path, durable: bool) -> Result<Self, Error> {
        let binaries = find_binaries()?;
        let data = std::path::absolute(data).map_err(Error::file("find", data))?;
        let account = Account::for_cluster(&data)?;
        let (Some(parent), Some(name)) = (data.parent(), data.file_name()) else {
            return Err(Error::NotACluster { data });
        };
        make_directories(parent, account.as_ref())?;
        let data = match fs::canonicalize(&data) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::canonicalize(parent).map(|parent| parent.join(name))
            }
            result => result,
        }
        .map_err(Error::file("find", &data))?;

        let cluster = Self { data, account, binaries };
        let major = cluster.major_version()?;
        if cluster.is_vacant()? {
            cluster.make(durable)?;
        }
        cluster.check(&major)?;
        Ok(cluster)
    }

    /// One of PostgreSQL's programs, to be run as the server's user in the directory's parent,
    /// free of whatever environment this program has, and no longer than this program.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        // PGDATA, PGPORT, PGOPTIONS and the like are meant for other servers.
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // initdb takes the server's time zone from TZ. A test must not depend on the machine's.
        command.env("LC_ALL", "C").env("TZ", "UTC");
        command.stdin(Stdio::null());
        command.current_dir(self.data.parent().unwrap_or(Path::new("/")));
        // In the program's own group Ctrl-C would reach the server before the program has finished with it.
        command.process_group(0);
        if let Some(account) = &self.account {
            // As root this also clears the supplementary groups.
            command.uid(account.uid).gid(account.gid);
        }
        die_with_program(&mut command);
        command
    }

    /// Turns a program's failure to run into words.
    pub(crate) fn explain(&self, program: &str, source: io::Error) -> Error {
        let barred = self.account.as_ref().and_then(|account| {
            let directory = account.barred_from(self.data.parent()?)?;
            Some((account, directory))
        });
        match barred {
            Some((account, directory)) if source.kind() == io::ErrorKind::PermissionDenied => {
                Error::OutOfReach { user: account.name.clone(), directory: directory.to_owned() }
            }
            _ => Error::Run { program: self.binaries.join(program), source },
        }
    }

    fn major_version(&self) -> Result<String, Error> {
        let output =
            self.command("postgres").arg("--version").output().map_err(|source| self.explain("postgres", source))?;
        // The output looks like: postgres (PostgreSQL) 15.4 (Debian 15.4-1)
        let text = String::from_utf8_lossy(&output.stdout);
        match text.split(' ').nth(2).map(major) {
            Some(major) if !major.is_empty() => Ok(major.to_owned()),
            _ => {
                let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                Err(self.explain("postgres", io::Error::other(said)))
            }
        }
    }

    fn is_vacant(&self) -> Result<bool, Error> {
        match fs::read_dir(&self.data) {
            Ok(mut entries) => Ok(entries.next().is_none()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(Error::file("read", &self.data)(error)),
        }
    }

    /// Makes a new cluster beside its place and moves it there when it is complete, so that a cluster whose making was
    /// interrupted is never taken for a complete one.
    fn make(&self, durable: bool) -> Result<(), Error> {
        // Two programs may want the same new cluster at the same time. The second waits here.
        let parent = self.data.parent().unwrap_or(Path::new("/"));
        let held = File::open(parent).map_err(Error::file("open", parent))?;
        held.lock().map_err(Error::file("lock", parent))?;
        if !self.is_vacant()? {
            return Ok(());
        }

        let mut new = OsString::from(&self.data);
        new.push(".new");
        let new = PathBuf::from(new);
        clear(&new)?;
        let create = DirBuilder::new().mode(0o700).create(&new);
        create.map_err(Error::file("make", &new))?;
        if let Some(account) = &self.account {
            account.own(&new).map_err(Error::file("change the owner of", &new))?;
        }
        self.initdb(&new, durable)?;
        fs::rename(&new, &self.data).map_err(Error::file("move a new cluster to", &self.data))?;
        if durable {
            held.sync_all().map_err(Error::file("save", parent))?;
        }
        Ok(())
    }

    fn initdb(&self, new: &Path, durable: bool) -> Result<(), Error> {
        let mut command = self.command("initdb");
        command.arg("--pgdata").arg(new);
        command.args(["--username", SUPERUSER, "--locale=C", "--encoding=UTF8"]);
        // A client that can reach the socket has passed the socket directory's permissions.
        command.args(["--auth-local=trust", "--auth-host=reject"]);
        if !durable {
            command.arg("--no-sync");
        }
        let output = command.output().map_err(|source| self.explain("initdb", source))?;
        if output.status.success() {
            return Ok(());
        }
        let text = [output.stdout, output.stderr].concat();
        Err(Error::Initdb { output: last_lines(&String::from_utf8_lossy(&text)) })
    }

    /// Checks that the directory holds a cluster which the server can use.
    fn check(&self, major: &str) -> Result<(), Error> {
        let file = self.data.join("PG_VERSION");
        let found = match fs::read_to_string(&file) {
            Ok(text) => text.trim().to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let data = self.data.clone();
                return Err(Error::NotACluster { data });
            }
            Err(error) => return Err(Error::file("read", file)(error)),
        };
        if found != major {
            return Err(Error::OtherVersion {
                data: self.data.clone(),
                found,
                binaries: self.binaries.clone(),
                major: major.to_owned(),
            });
        }
        // Root may have copied or restored the cluster. PostgreSQL requires that its own user owns the files.
        if let Some(account) = &self.account
            && fs::metadata(&self.data).is_ok_and(|found| found.uid() == 0)
        {
            let own = account.own(&self.data);
            own.map_err(Error::file("change the owner of", &self.data))?;
        }
        Ok(())
    }
}

/// The end of a text, as much of it as fits into a message.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// Makes a directory and those above it. The new ones belong to the server's user.
fn make_directories(directory: &Path, account: Option<&Account>) -> Result<(), Error> {
    let missing: Vec<_> = directory.ancestors().take_while(|path| !path.exists()).collect();
    for path in missing.into_iter().rev() {
        match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            result => result.map_err(Error::file("make", path))?,
        }
        if let Some(account) = account {
            account.own(path).map_err(Error::file("change the owner of", path))?;
        }
    }
    Ok(())
}

/// Removes what an interrupted initdb has left. If its program was killed only just now, initdb
/// may still be writing; then the directory does not stay empty, and is tried again.
fn clear(leftover: &Path) -> Result<(), Error> {
    let began = Instant::now();
    loop {
        match fs::remove_dir_all(leftover) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && began.elapsed() < PATIENCE => {}
            Err(error) => return Err(Error::file("remove", leftover)(error)),
        }
        thread::sleep(POLL);
    }
}

/// Asks the kernel to stop a child when the thread that starts it ends, however this program dies.
///
/// SIGINT lets PostgreSQL put its files in order; it is also what a terminal's Ctrl-C would send.
fn die_with_program(command: &mut Command) {
    let program = process::id();
    let ask = move || {
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::INT))?;
        // If the program died before that call, no signal will come.
        let parent = rustix::process::getppid().map(|parent| parent.as_raw_nonzero().get());
        if parent.map(i32::unsigned_abs) == Some(program) {
            Ok(())
        } else {
            Err(io::Error::from(io::ErrorKind::BrokenPipe))
        }
    };
    // The standard library changes the user before it calls this; afterwards would be too late,
    // since a change of user takes the death signal back.
    #[expect(unsafe_code, reason = "there is no safe way to run code between fork and exec")]
    // SAFETY: between fork and exec only async-signal-safe functions may be called. The closure
    // makes two system calls, compares numbers, allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(ask);
    }
}
