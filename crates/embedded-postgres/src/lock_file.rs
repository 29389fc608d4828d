//! `postmaster.pid`, by which PostgreSQL says who runs on a directory and how far it has come.

use std::{
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, test_kill_process};

use crate::Error;

/// How often something awaited is looked at.
pub(crate) const POLL: Duration = Duration::from_millis(20);

/// How long a server whose program was killed may take to go away.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a server may take to notice that its program was killed, and say that it is stopping.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct LockFile {
    pub(crate) pid: Pid,
    /// `starting`, `ready`, `stopping`; or nothing yet.
    pub(crate) status: String,
}

impl LockFile {
    /// `None` where there is no such file, or one that was only just begun.
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
    /// It has ended, but its parent has yet to take note.
    Zombie,
    Postmaster,
    /// Its number has since been given to some other program.
    Stranger,
}

impl Holder {
    fn of(lock: &LockFile) -> Self {
        if test_kill_process(lock.pid).is_err() {
            return Self::Gone;
        }
        let path = format!("/proc/{}/stat", lock.pid.as_raw_nonzero());
        // `17 (postgres) S 1 …`. Without this file (not on Linux) think the worst.
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
/// A lock file left by a dead server is PostgreSQL's own to deal with, and it does so more safely
/// than could be done here. But it takes any living process of that number for the server, be it
/// a zombie, which in a container can stay for ever, or a stranger, which after a reboot is likely.
/// Only then is the file removed here.
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
