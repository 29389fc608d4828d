//! What the commands print: examples in their help that they take, lists of one form, and no panic where nobody reads.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, pipe};
use std::process::{Command, Stdio};

use almoner_demo::web::Web;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::Value;

use super::{Machine, Service, free_port, printed, run};

/// The JSON in a command's help.
fn example(machine: &Machine, command: &str) -> String {
    let help = printed(&run(machine.command("almoner_app", &["operator", command, "--help"]), ""));
    let (_, after) = help.split_once("\n{\n").unwrap_or_else(|| panic!("{command}: {help}"));
    let (json, remark) = after.split_once("\n}\n").unwrap();
    assert!(remark.contains("left out"), "{command}: {help}");
    format!("{{\n{json}\n}}")
}

/// Runs a command of the operator's with this input, and reads the one thing that it prints.
fn made(machine: &Machine, arguments: &[&str], input: &str) -> Value {
    let arguments = [&["operator"], arguments].concat();
    serde_json::from_str(&printed(&run(machine.command("almoner_app", &arguments), input))).unwrap()
}

/// Runs a command that lists, and reads an object from each line.
fn listed(machine: &Machine, arguments: &[&str]) -> Vec<Value> {
    let arguments = [&["operator"], arguments].concat();
    let text = printed(&run(machine.command("almoner_app", &arguments), ""));
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    let objects: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(objects.iter().all(Value::is_object), "{arguments:?}: {text}");
    objects
}

#[test]
fn each_command_takes_the_json_of_its_help_and_every_list_has_an_object_to_a_line() {
    let machine = Machine::new("commands");
    for list in [&["list-councils"][..], &["list-practices"], &["list-contracts"], &["list-clients"], &["keys", "list"]]
    {
        assert!(listed(&machine, list).is_empty(), "{list:?}");
    }
    let council = made(&machine, &["create-council"], &example(&machine, "create-council"));
    let practice = made(&machine, &["create-practice"], &example(&machine, "create-practice"));
    let (council, practice) = (council["id"].as_str().unwrap(), practice["id"].as_str().unwrap());
    let with_ids = |command: &str| {
        let example = example(&machine, command);
        let mut json: Value = serde_json::from_str(&example).unwrap();
        for (member, id) in [("council_id", council), ("practice_id", practice)] {
            if json.get(member).is_some() {
                json[member] = id.into();
            }
        }
        json.to_string()
    };
    let contract = made(&machine, &["create-contract"], &with_ids("create-contract"));
    assert_eq!(contract["delegations"].as_array().unwrap().len(), 2);
    let client = made(&machine, &["create-client"], &with_ids("create-client"));
    assert!(client["client_secret"].as_str().is_some_and(|secret| secret.len() > 20));
    let member = made(&machine, &["invite-staff", practice], &with_ids("invite-staff"));
    assert!(member["link"]["token"].is_string(), "{member}");
    made(&machine, &["keys", "rotate"], "");
    made(&machine, &["keys", "rotate"], "");
    for (list, count) in [
        (&["list-councils"][..], 1),
        (&["list-practices"], 1),
        (&["list-contracts"], 1),
        (&["list-clients"], 1),
        (&["list-staff", practice], 1),
        (&["keys", "list"], 2),
    ] {
        assert_eq!(listed(&machine, list).len(), count, "{list:?}");
    }
    let misspelt = example(&machine, "create-council").replace("\"name\"", "\"nam\"");
    let refused = run(machine.command("almoner_app", &["operator", "create-council"]), &misspelt);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("nam"), "{refused:?}");
    nobody_reads(&machine, practice);
}

/// Nobody reads what the commands print: no panic, and no success.
fn nobody_reads(machine: &Machine, practice: &str) {
    let council = example(machine, "create-council").replace("E06000051", "E06000049");
    for (role, arguments, input) in [
        ("almoner_app", &["operator", "list-councils"][..], ""),
        ("almoner_app", &["operator", "list-practices"], ""),
        ("almoner_app", &["operator", "list-contracts"], ""),
        ("almoner_app", &["operator", "list-clients"], ""),
        ("almoner_app", &["operator", "list-staff", practice], ""),
        ("almoner_app", &["operator", "keys", "list"], ""),
        ("almoner_app", &["operator", "create-council"], council.as_str()),
        ("almoner_work", &["audit", "verify"], ""),
        ("almoner_app", &["openapi"], ""),
        ("almoner_app", &["code"], ""),
        ("postgres", &["migrate"], ""),
    ] {
        let with = |stdout: Stdio| {
            let mut command = machine.command(role, arguments);
            command.stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            // A command that reads nothing may have ended by now.
            let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
            let output = child.wait_with_output().unwrap();
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        assert_eq!(with(writer.into()), (Some(141), String::new()), "{arguments:?}: as SIGPIPE would end it");
        if arguments[0] != "operator" || arguments[1] != "create-council" {
            let (code, said) = with(File::options().write(true).open("/dev/full").unwrap().into());
            assert_eq!(code, Some(1), "{arguments:?}: {said}");
            assert!(said.starts_with("almoner: standard output: "), "{arguments:?}: {said}");
        }
    }
}

/// A standard error that nobody reads.
fn unread() -> Stdio {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_log_that_nobody_reads_stops_no_request_and_a_failure_that_nobody_reads_is_one() {
    let machine = Machine::new("unread");
    let port = free_port();
    let service = Service::start_logging(&machine.url("almoner_app"), port, &[("ALMONER_LOG", "debug")], unread());
    let web = Web::new(&format!("http://127.0.0.1:{port}"));
    for _ in 0..20 {
        for (path, status) in [("/v1/public/practices", 200), ("/v1/practice/cases", 401)] {
            assert_eq!(web.send("GET", path, &[], None).unwrap().status, status, "asked once");
        }
    }
    drop(service);
    let mut failing = Command::new(env!("CARGO_BIN_EXE_almoner"));
    failing.args(["migrate"]).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(unread());
    assert_eq!(failing.status().unwrap().code(), Some(1), "its settings are missing");
    // What is created is created once, whoever reads its answer.
    let names = |list: &[Value]| list.iter().map(|one| one["name"].to_string()).collect::<BTreeSet<_>>().len();
    made(&machine, &["create-council"], &example(&machine, "create-council"));
    assert_eq!(names(&listed(&machine, &["list-councils"])), 1);
}

#[test]
fn a_migration_that_takes_long_says_what_it_is_at_on_standard_error() {
    let machine = Machine::new("progress");
    let mut other = PgConnection::establish(&machine.url("postgres")).unwrap();
    other.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('almoner migrate', 0))").unwrap();
    let mut command = machine.command("postgres", &["migrate"]);
    let mut migrating = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = [0; 200];
    let count = migrating.stderr.as_mut().unwrap().read(&mut said).unwrap();
    let said = String::from_utf8_lossy(&said[..count]).into_owned();
    assert!(said.starts_with("migrating: waiting for another migration to end (after "), "{said}");
    drop(other);
    let ended = migrating.wait_with_output().unwrap();
    assert_eq!(printed(&ended), "The database is up to date.\n", "the result stands alone on standard output");
}
