//! Tests of the private PostgreSQL with a real one. The names of the tests are the claims.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod users;
mod with_postgres;

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use almoner_embedded_postgres::{Error, Options, PrivateDirectory, Server, find_binaries};
use rustix::process::{Pid, Signal, kill_process};

/// The variable that names the directory for [`a_program_holds_a_server`].
const HOLD: &str = "ALMONER_TEST_HOLD";

fn somewhere() -> PrivateDirectory {
    PrivateDirectory::create(&env::temp_dir()).unwrap()
}

fn start(data: &Path) -> Result<Server, Error> {
    Server::start(&Options { data: data.to_owned(), durable: false, max_connections: 20 })
}

fn start_durable(data: &Path) -> Result<Server, Error> {
    Server::start(&Options { data: data.to_owned(), durable: true, max_connections: 20 })
}

/// Runs SQL as the superuser and returns what psql prints, without its last line's end.
fn sql(url: &str, statement: &str) -> String {
    let output = Command::new(find_binaries().unwrap().join("psql"))
        .args(["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-c", statement, url])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{statement}: {said}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn url(server: &Server) -> String {
    server.url(server.superuser(), "postgres")
}

fn remember(server: &Server) {
    sql(&url(server), "create table kept as select 42 as answer");
}

#[track_caller]
fn assert_remembered(server: &Server) {
    assert_eq!(sql(&url(server), "select answer from kept"), "42");
}

#[track_caller]
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(30), "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process runs. A process that has ended and waits for its parent to take note does not.
fn runs(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), signal).unwrap();
}

/// Another program that holds a server: this one, run again for [`a_program_holds_a_server`] only.
fn holder(program: &Path, data: &Path, user: Option<u32>) -> (Child, u32) {
    let mut command = Command::new(program);
    command.args(["--exact", "a_program_holds_a_server", "--nocapture"]);
    command.env(HOLD, data).stdin(Stdio::piped()).stdout(Stdio::piped());
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let mut child = command.spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut lines = output.by_ref().lines().map(Result::unwrap);
    let pid = lines.find_map(|line| line.strip_prefix("server ")?.parse().ok());
    // The program writes again at its end, and must find a reader.
    child.stdout = Some(output.into_inner());
    (child, pid.unwrap())
}

#[test]
fn a_program_holds_a_server() {
    if let Some(data) = env::var_os(HOLD) {
        let server = start(Path::new(&data)).unwrap();
        println!("\nserver {}", server.pid());
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        server.stop().unwrap();
    }
}

#[test]
fn the_first_start_makes_a_cluster_and_a_restart_keeps_its_data() {
    let directory = somewhere();
    let data = directory.path().join("not/there/yet");
    let server = start(&data).unwrap();
    assert_eq!(server.data(), fs::canonicalize(&data).unwrap());
    assert_eq!(server.superuser(), "postgres");
    let settings = "select current_setting('server_encoding'), datcollate, \
                    current_setting('listen_addresses'), current_setting('fsync'), \
                    current_setting('max_connections') from pg_database where datname = 'postgres'";
    assert_eq!(sql(&url(&server), settings), "UTF8|C||off|20");
    remember(&server);
    let pid = server.pid();
    server.stop().unwrap();
    assert!(!runs(pid));

    assert_remembered(&start(&data).unwrap());
}

#[test]
fn an_empty_directory_is_filled_and_a_durable_server_is_durable() {
    let directory = somewhere();
    let data = directory.path().join("empty");
    fs::create_dir(&data).unwrap();
    let server = start_durable(&data).unwrap();
    assert_eq!(sql(&url(&server), "show fsync"), "on");
    assert_eq!(sql(&url(&server), "show full_page_writes"), "on");
    server.stop().unwrap();
}

#[test]
fn dropping_the_server_stops_it() {
    let directory = somewhere();
    let server = start(&directory.path().join("data")).unwrap();
    let pid = server.pid();
    assert!(runs(pid));
    drop(server);
    assert!(!runs(pid));
}

#[test]
#[cfg(target_os = "linux")]
fn when_the_program_is_killed_its_server_ends_and_the_next_one_has_the_data() {
    let directory = somewhere();
    let data = directory.path().join("data");
    let server = start(&data).unwrap();
    remember(&server);
    server.stop().unwrap();

    let (mut program, orphan) = holder(&env::current_exe().unwrap(), &data, None);
    program.kill().unwrap();
    program.wait().unwrap();
    let server = start(&data).unwrap();
    assert!(!runs(orphan));
    assert_ne!(server.pid(), orphan);
    assert_remembered(&server);
}

#[test]
fn when_the_server_is_killed_the_next_one_has_the_data() {
    let directory = somewhere();
    let data = directory.path().join("data");
    let server = start_durable(&data).unwrap();
    remember(&server);
    // A session in the middle of something is slow to notice.
    let mut busy = Command::new(find_binaries().unwrap().join("psql"))
        .args(["-X", "-c", "select pg_sleep(600)", &url(&server)])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let sessions = "select count(*) from pg_stat_activity where query like '%sleep(600)' and state = 'active'";
    eventually("a session sleeps", || sql(&url(&server), sessions) == "1");
    signal(server.pid(), Signal::KILL);
    assert!(matches!(server.stop(), Err(Error::Stop { .. })));

    assert_remembered(&start_durable(&data).unwrap());
    assert!(!busy.wait().unwrap().success());
}

#[test]
fn a_lock_file_that_names_some_other_program_is_no_hindrance() {
    let directory = somewhere();
    let data = directory.path().join("data");
    start(&data).unwrap().stop().unwrap();
    let lock = data.join("postmaster.pid");
    fs::write(&lock, format!("{}\n{}\n0\n5432\n\n\n\nready\n", std::process::id(), data.display())).unwrap();
    let server = start(&data).unwrap();
    assert_eq!(sql(&url(&server), "select 1"), "1");
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let directory = somewhere();
    let data = directory.path().join("data");
    let first = start(&data).unwrap();
    let refusal = start(&data).unwrap_err();
    assert!(matches!(&refusal, Error::AlreadyRunning { pid, .. } if *pid == first.pid()), "{refusal}");
    let words = format!("another PostgreSQL (process {}) already runs on {}", first.pid(), data.display());
    assert!(refusal.to_string().starts_with(&words), "{refusal}");
    assert_eq!(sql(&url(&first), "select 1"), "1");
}

#[test]
fn two_programs_that_want_the_same_new_cluster_do_not_spoil_it() {
    let directory = somewhere();
    let data = directory.path().join("data");
    let race = || match start(&data) {
        Ok(server) => server.stop().is_ok(),
        Err(refusal) => {
            assert!(matches!(refusal, Error::AlreadyRunning { .. }), "{refusal}");
            false
        }
    };
    let one_had_it = thread::scope(|scope| {
        let other = scope.spawn(race);
        // Both programs may have the server, one after the other.
        race() | other.join().unwrap()
    });
    assert!(one_had_it);
    start(&data).unwrap().stop().unwrap();
}

#[test]
fn paths_that_are_long_or_hold_odd_characters_work() {
    let directory = somewhere();
    let long = format!("{0}/{0}", "long".repeat(30));
    for name in ["with some spaces", "50% \"odd\" & 'quoted'?", "Müller\\", "one,two", &long] {
        let server = start(&directory.path().join(name)).unwrap();
        assert_eq!(sql(&url(&server), "select 1"), "1", "{name}");
        let sockets = PathBuf::from(sql(&url(&server), "show unix_socket_directories").replace('"', ""));
        server.stop().unwrap();
        assert!(!sockets.join(".s.PGSQL.5432").exists(), "{name}");
        if [long.as_str(), "one,two"].contains(&name) {
            assert!(sockets.starts_with("/tmp") && !sockets.exists(), "{name}");
        }
    }
}

#[test]
fn the_leftover_of_an_interrupted_initdb_is_never_used() {
    let directory = somewhere();
    let leftover = directory.path().join("data.new");
    fs::create_dir_all(leftover.join("base")).unwrap();
    fs::write(leftover.join("PG_VERSION"), "15\n").unwrap();
    let server = start(&directory.path().join("data")).unwrap();
    assert_eq!(sql(&url(&server), "select 1"), "1");
    assert!(!leftover.exists());
}

#[test]
fn a_cluster_of_another_major_version_is_refused() {
    let directory = somewhere();
    fs::write(directory.path().join("PG_VERSION"), "9.6\n").unwrap();
    let refusal = start(directory.path()).unwrap_err();
    assert!(matches!(refusal, Error::OtherVersion { .. }), "{refusal}");
    assert!(refusal.to_string().contains("was made by PostgreSQL 9.6"), "{refusal}");
}

#[test]
fn a_directory_of_other_files_is_refused_and_left_alone() {
    let directory = somewhere();
    let letter = directory.path().join("letter.txt");
    fs::write(&letter, "Dear").unwrap();
    let refusal = start(directory.path()).unwrap_err();
    assert!(matches!(refusal, Error::NotACluster { .. }), "{refusal}");
    assert_eq!(fs::read_to_string(letter).unwrap(), "Dear");
}

#[test]
fn a_server_that_cannot_start_shows_its_log() {
    let directory = somewhere();
    let data = directory.path().join("data");
    start(&data).unwrap().stop().unwrap();
    fs::write(data.join("postgresql.auto.conf"), "work_mem = nonsense\n").unwrap();
    let refusal = start(&data).unwrap_err();
    assert!(refusal.to_string().contains("work_mem"), "{refusal}");
    assert!(data.join("server.log.old").exists());
}
