//! Tests of the user as whom the server runs.

use std::{
    env, fs,
    io::{self, Write},
    os::unix::fs::{MetadataExt, chown},
    process::Command,
};

use almoner_embedded_postgres::Error;
use rustix::process::geteuid;

use crate::{holder, runs, somewhere, start};

/// A user and group that every system has, at least under this number. `initdb` wants a user who
/// has a name.
const NOBODY: u32 = 65534;

/// Reports that a test is skipped, where the test harness does not capture it.
fn skipped(claim: &str) {
    let _ = writeln!(io::stderr(), "SKIPPED, since it takes root to try: {claim}");
}

#[test]
fn as_root_the_server_runs_as_the_owner_of_its_directory_or_as_postgres() {
    if !geteuid().is_root() {
        skipped("as root the server runs as another user");
        return;
    }
    let directory = somewhere();
    let owner = |pid: u32| fs::metadata(format!("/proc/{pid}")).unwrap().uid();
    let postgres = fs::metadata(directory.path()).unwrap().uid();
    assert_ne!(postgres, 0);

    let data = directory.path().join("of nobody yet");
    let server = start(&data).unwrap();
    assert_eq!(owner(server.pid()), postgres);
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let groups = status.lines().find_map(|line| line.strip_prefix("Groups:")).unwrap();
    assert_eq!(groups.trim(), "");
    server.stop().unwrap();

    let data = directory.path().join("of some other user");
    fs::create_dir(&data).unwrap();
    chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
    chown(directory.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    let server = start(&data).unwrap();
    assert_eq!(owner(server.pid()), NOBODY);
    server.stop().unwrap();

    // A cluster that root has restored from a copy becomes the server's own again.
    let root = Command::new("chown").args(["-R", "0:0"]).arg(&data).status().unwrap();
    assert!(root.success());
    chown(directory.path(), Some(postgres), None).unwrap();
    let server = start(&data).unwrap();
    assert_eq!(owner(server.pid()), postgres);
    server.stop().unwrap();

    chown(directory.path(), Some(0), Some(0)).unwrap();
    let refusal = start(&data).unwrap_err();
    assert!(matches!(&refusal, Error::OutOfReach { directory: barred, .. } if barred == directory.path()), "{refusal}");
}

#[test]
fn as_another_user_the_server_runs_as_that_user() {
    if !geteuid().is_root() {
        skipped("as another user the server runs as that user");
        return;
    }
    let directory = somewhere();
    chown(directory.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    // The user may be unable to enter the directory that this program is in.
    let program = directory.path().join("program");
    // Copied by another program: a file that this one had open for writing may still be held by what another test has started,
    // and is then too busy to be run.
    let copied = Command::new("cp").arg(env::current_exe().unwrap()).arg(&program).status().unwrap();
    assert!(copied.success());
    let (mut child, server) = holder(&program, &directory.path().join("data"), Some(NOBODY));
    assert_eq!(fs::metadata(format!("/proc/{server}")).unwrap().uid(), NOBODY);
    drop(child.stdin.take());
    child.wait().unwrap();
    assert!(!runs(server));
}
