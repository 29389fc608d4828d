//! Tests of the program `with-postgres`.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use rustix::process::Signal;

use crate::{eventually, signal, somewhere, sql};

fn with_postgres() -> Command {
    Command::new(env!("CARGO_BIN_EXE_with-postgres"))
}

/// The directory that `with-postgres` made, from the URL it gave.
fn made_for(url: &str) -> PathBuf {
    let (_, host) = url.split_once("host=").unwrap();
    let sockets = PathBuf::from(host.split('&').next().unwrap().replace("%2F", "/"));
    sockets.parent().unwrap().to_owned()
}

#[test]
fn without_postgres_programs_the_message_says_what_to_do() {
    let directory = somewhere();
    let output = with_postgres().arg("true").env("ALMONER_PG_BIN", directory.path()).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(words.contains(&format!("ALMONER_PG_BIN names {}", directory.path().display())), "{words}");
    assert!(words.contains("apt install postgresql"), "{words}");
}

#[test]
fn with_postgres_passes_on_the_exit_code_and_tidies_up() {
    let script = "echo $ALMONER_TEST_POSTGRES; exit 7";
    let output = with_postgres().args(["--", "sh", "-c", script]).output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    let directory = made_for(&String::from_utf8(output.stdout).unwrap());
    assert!(!directory.exists());
}

#[test]
fn with_postgres_tidies_up_however_it_is_killed() {
    for last in [Signal::INT, Signal::TERM, Signal::KILL] {
        let script = "echo $ALMONER_TEST_POSTGRES; read line";
        let mut command = with_postgres();
        command.args(["sh", "-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let url = url.trim_end();
        assert_eq!(sql(url, "select 1"), "1");
        let directory = made_for(url);
        signal(child.id(), last);
        child.wait().unwrap();
        eventually("the directory is gone", || !directory.exists());
    }
}
