use std::{io, path::PathBuf, process::ExitStatus};

/// The reason for which no server runs. Each message says what a person can do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// PostgreSQL's programs were not found.
    #[error(
        "no PostgreSQL was found: {reason}. Install it (Debian and Ubuntu: `apt install postgresql`; \
         macOS: `brew install postgresql`), or set ALMONER_PG_BIN to the directory that holds the \
         programs `postgres` and `initdb`"
    )]
    NoBinaries {
        /// The places that were searched.
        reason: String,
    },

    /// This program runs as root, and there is no other user for the server to run as.
    #[error(
        "PostgreSQL refuses to run as root, and this machine has no user `postgres` for it. Make \
         that user, or run this program as another user, or make the data directory beforehand \
         and give it an owner other than root"
    )]
    NoUser,

    /// The server's user cannot reach the cluster's directory.
    #[error(
        "PostgreSQL would run as the user `{user}`, who may not enter {}. Choose a data directory \
         that this user can reach, such as one below /var/lib, and not below root's home",
        directory.display()
    )]
    OutOfReach {
        /// The user as whom the server would run.
        user: String,
        /// The outermost directory that the user may not enter.
        directory: PathBuf,
    },

    /// The directory holds something other than a cluster.
    #[error(
        "{} holds files, but is no PostgreSQL data directory. Choose another directory, or an \
         empty one",
        data.display()
    )]
    NotACluster {
        /// The path of the directory.
        data: PathBuf,
    },

    /// The cluster was made by another major version.
    #[error(
        "{} was made by PostgreSQL {found}, but the programs in {} are version {major}. Set \
         ALMONER_PG_BIN to the programs of version {found}, or carry the data over with \
         pg_upgrade, or choose a new directory",
        data.display(), binaries.display()
    )]
    OtherVersion {
        /// The cluster's directory.
        data: PathBuf,
        /// The major version that made the cluster.
        found: String,
        /// The directory of the programs that were found.
        binaries: PathBuf,
        /// The major version of these programs.
        major: String,
    },

    /// Another server uses the cluster's directory.
    #[error(
        "another PostgreSQL (process {pid}) already runs on {}. Stop the program it belongs to, \
         or choose another directory",
        data.display()
    )]
    AlreadyRunning {
        /// The process identifier of the other server.
        pid: u32,
        /// The cluster's directory.
        data: PathBuf,
    },

    /// A new cluster could not be made.
    #[error("PostgreSQL's initdb could not make a cluster. It said:\n{output}")]
    Initdb {
        /// The last lines of what initdb wrote.
        output: String,
    },

    /// The server ended, or hung, before it took connections.
    #[error("PostgreSQL did not start. The last lines of its log, {}:\n{lines}", log.display())]
    Start {
        /// The path of the server's log.
        log: PathBuf,
        /// The last lines of the log.
        lines: String,
    },

    /// The server did not shut down cleanly. It will repair its files when it next starts.
    #[error("PostgreSQL did not stop in good order ({status}). Its log is {}", log.display())]
    Stop {
        /// The exit status of the server's process.
        status: ExitStatus,
        /// The path of the server's log.
        log: PathBuf,
    },

    /// One of PostgreSQL's programs could not be run.
    #[error(
        "could not run {}: {source}. Check that the server's user may execute it",
        program.display()
    )]
    Run {
        /// The path of the program.
        program: PathBuf,
        /// The error that the system gave.
        source: io::Error,
    },

    /// A file or directory could not be used.
    #[error("could not {action} {}: {source}. Check the path and its permissions", path.display())]
    File {
        /// The action that was tried, as a verb.
        action: &'static str,
        /// The path of the file or directory.
        path: PathBuf,
        /// The error that the system gave.
        source: io::Error,
    },
}

impl Error {
    /// Makes the error of an action on a path, for `map_err`.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
