//! The lock file `postmaster.pid`, in which PostgreSQL names the process that runs on a directory, and its status.

use std::{
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, test_kill_process};

use crate::Error;

/// The interval at which a condition that is waited for is checked.
pub(crate) const POLL: Duration = Duration::from_millis(20);

/// The time that a server whose program was killed may take to go away.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The time that a server may take to notice that its program was killed, and to say that it is stopping.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct LockFile {
    pub(crate) pid: Pid,
    /// The status: `starting`, `ready` or `stopping`; empty at first.
    pub(crate) status: String,
}

impl LockFile {
    /// Reads the lock file. Returns `None` if there is no such file, or one that was only just begun.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        Some(Self {
            pid: Pid::from_raw(lines.next()?.trim().parse().ok()?)?,
            status: lines.nth(6).unwrap_or_default().trim().to_owned(),
        })
    }
}

/// The process that a lock file names.
enum Holder {
    Gone,
    /// The process has ended, but its parent has yet to take note.
    Zombie,
    Postmaster,
    /// Its process identifier has since been given to some other program.
    Stranger,
}

impl Holder {
    fn of(lock: &LockFile) -> Self {
        if test_kill_process(lock.pid).is_err() {
            return Self::Gone;
        }
        let path = format!("/proc/{}/stat", lock.pid.as_raw_nonzero());
        // The line looks like `17 (postgres) S 1 …`. Without this file (not on Linux) the process is taken for a server.
        let Some((name, state)) = fs::read_to_string(path).ok().and_then(|stat| {
            let (start, state) = stat.rsplit_once(") ")?;
            let (_, name) = start.split_once('(')?;
            Some((name.to_owned(), state.chars().next()?))
        }) else {
            return Self::Postmaster;
        };
        match (state, name.as_str()) {
            ('Z' | 'X', _) => Self::Zombie,
            (_, "postgres" | "postmaster") => Self::Postmaster,
            _ => Self::Stranger,
        }
    }
}

/// Waits until no other server holds the directory.
///
/// A server whose program was just killed is about to stop, and is waited for. One that shows no
/// sign of stopping belongs to somebody, and is an error.
///
/// A lock file left by a dead server is for PostgreSQL itself to handle, and it does so more safely than could be done here.
/// But it takes any living process of that number for the server, whether a zombie, which in a container can stay for ever,
/// or a stranger, which after a reboot is likely. Only then is the file removed here.
pub(crate) fn wait_until_free(data: &Path) -> Result<(), Error> {
    let began = Instant::now();
    while let Some(lock) = LockFile::read(data) {
        let waited = began.elapsed();
        match Holder::of(&lock) {
            Holder::Gone => break,
            Holder::Zombie if waited < PATIENCE => {}
            Holder::Zombie | Holder::Stranger => return remove(data),
            Holder::Postmaster => {
                let limit = if lock.status == "stopping" { PATIENCE } else { GRACE };
                if waited > limit {
                    return Err(Error::AlreadyRunning {
                        pid: lock.pid.as_raw_nonzero().get().unsigned_abs(),
                        data: data.to_owned(),
                    });
                }
            }
        }
        thread::sleep(POLL);
    }
    Ok(())
}

fn remove(data: &Path) -> Result<(), Error> {
    // The socket has a lock file of its own, which names the same process.
    for name in ["postmaster.pid", ".s.PGSQL.5432.lock"] {
        let path = data.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::file("remove", path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}
