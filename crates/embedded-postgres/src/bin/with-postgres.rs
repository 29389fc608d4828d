//! `with-postgres [--] COMMAND ARGS…` runs a command with a PostgreSQL of its own.
//!
//! The command finds the superuser's URL in the environment variable `ALMONER_TEST_POSTGRES`. The cluster lives in memory
//! where that is possible, is not durable, and is removed when the command ends. The command's exit code is passed on.
//!
//! Two processes share the work. This one runs the command. The other, its keeper, runs the server and removes the cluster
//! when its standard input ends, which happens however this process dies: by itself, by Ctrl-C, by SIGTERM or even by
//! SIGKILL. So no signal needs handling, and none is passed on: the command shares this process's group, and gets Ctrl-C
//! from the terminal itself.

use std::{
    env,
    error::Error,
    ffi::OsString,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use almoner_embedded_postgres::{Options, PrivateDirectory, Server};

/// The argument that tells this program that it is the keeper.
const KEEPER: &str = "--keep-server";

/// The size to which a test suite's data may grow, in bytes. Some containers have little shared memory.
const ROOM: u64 = 1 << 30;

fn main() -> ExitCode {
    let mut args: Vec<OsString> = env::args_os().skip(1).collect();
    let result = if args.iter().eq([KEEPER]) {
        keep().map(|()| 0)
    } else {
        if args.first().is_some_and(|first| first == "--") {
            args.remove(0);
        }
        match args.split_first() {
            Some((command, args)) => run(command, args),
            None => Err("usage: with-postgres [--] COMMAND ARGS…".into()),
        }
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // Without a standard error the message can be shown to nobody.
            let _ = writeln!(io::stderr(), "with-postgres: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &OsString, args: &[OsString]) -> Result<u8, Box<dyn Error>> {
    let mut keeper = Command::new(env::current_exe()?)
        .arg(KEEPER)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0) // Ctrl-C is not for the keeper.
        .spawn()?;
    let mut url = String::new();
    if let Some(stdout) = keeper.stdout.take() {
        BufReader::new(stdout).read_line(&mut url)?;
    }
    let result = if url.is_empty() {
        Err("there is no server to run the command with".into())
    } else {
        let status = Command::new(command).args(args).env("ALMONER_TEST_POSTGRES", url.trim_end()).status();
        status.map_err(|error| format!("could not run {}: {error}", command.display()).into())
    };
    // This closes the keeper's standard input, and returns when the keeper has removed the cluster.
    keeper.wait()?;
    let status = result.map_err(|error: Box<dyn Error>| error)?;
    // A command that was ended by a signal gets the exit code that a shell gives it.
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

fn keep() -> Result<(), Box<dyn Error>> {
    // The directory is declared before the server, so that it is dropped after the server whose cluster it holds.
    let directory = PrivateDirectory::create(&place())?;
    let server = Server::start(&Options { data: directory.path().join("data"), durable: false, max_connections: 300 })?;
    // If the other process has died meanwhile, the write fails, and then there is nothing to wait for.
    let mut stdout = io::stdout();
    writeln!(stdout, "{}", server.url(server.superuser(), "postgres"))?;
    stdout.flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    server.stop()?;
    Ok(())
}

/// The directory for the cluster. Memory is faster than a disc, if there is enough of it.
fn place() -> PathBuf {
    let memory = Path::new("/dev/shm");
    match rustix::fs::statvfs(memory) {
        Ok(found) if found.f_bavail.saturating_mul(found.f_frsize) >= ROOM => memory.to_owned(),
        _ => env::temp_dir(),
    }
}
