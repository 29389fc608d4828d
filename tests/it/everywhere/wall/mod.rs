//! Complaints leave no trace at other doors: each operation is sent in a world without complaints, in one with a complaint about
//! the practice, and in one with a hundred. What PostgreSQL did for it, and the answer, are the same in all of them.
//!
//! Each world is a process and a database of its own, one after another in a cluster that the test starts, in which nothing else
//! runs. `docs/wall.md` says how to read and repeat it.

mod asker;
mod complained;
mod council;
mod desk;
mod page;
mod recorder;
mod timing;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use almoner_domain::officers::roles::OfficerRole;
use almoner_embedded_postgres::{Options, PrivateDirectory, Server};
use almoner_tests::callers::Caller;
use almoner_tests::{Staff, World, messages, postgres};

use self::asker::Asker;
use self::complained::{Guests, complain};
use self::recorder::{Recorded, Recorder, set_log};
use super::operations::operations;
use crate::practice::access::single_sign_on::fake::Fake;
use crate::practice::complaints::two_worlds::script::{everything_by, letterbox_by};
use crate::practice::complaints::two_worlds::{Complaint, set_up};

/// Name the number of complaints in a world, the file into which it is recorded, and the log of the cluster. Set only for the
/// processes that the test starts.
const COMPLAINTS: &str = "ALMONER_TEST_WALL_COMPLAINTS";
const RECORD: &str = "ALMONER_TEST_WALL_RECORD";
const LOG: &str = "ALMONER_TEST_WALL_LOG";

/// The test below, by the name with which it starts itself.
const NAME: &str = "everywhere::wall::row_3_every_door_asks_the_database_the_same_with_0_1_and_100_complaints";

/// The operations of the other doors that lodge a complaint, and so write to the tables of complaints.
const LODGE: [&str; 3] = ["POST /v1/practice/complaints", "POST /v1/practice/concerns", "POST /v1/council/complaints"];

/// The walled people, in their order.
const WALLED: [&str; 3] = ["the worker", "the line manager", "the director"];

#[test]
fn row_3_every_door_asks_the_database_the_same_with_0_1_and_100_complaints() {
    if let Ok(complaints) = std::env::var(COMPLAINTS) {
        let recorded = record(complaints.parse().unwrap(), &std::env::var(LOG).unwrap());
        std::fs::write(std::env::var(RECORD).unwrap(), serde_json::to_vec(&recorded).unwrap()).unwrap();
        return;
    }
    let directory = PrivateDirectory::create(&std::env::temp_dir()).unwrap();
    let options = Options { data: directory.path().join("data"), durable: false, max_connections: 20 };
    let server = Server::start(&options).unwrap();
    let worlds = [0, 1, 100].map(|complaints| {
        let record = directory.path().join("record");
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", NAME])
            .env("ALMONER_TEST_POSTGRES", server.url(server.superuser(), "postgres"))
            .env(COMPLAINTS, complaints.to_string())
            .env(RECORD, &record)
            .env(LOG, options.data.join("server.log"))
            .status()
            .unwrap();
        assert!(status.success(), "the world with {complaints} complaints");
        let recorded: Vec<Recorded> = serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
        (complaints, recorded)
    });
    drop(server);
    let [(_, without), with @ ..] = &worlds;
    for (complaints, with) in with {
        let differences = differences(without, with);
        assert!(differences.is_empty(), "with {complaints} complaints:\n{}", differences.join("\n"));
    }
    for one in without.iter().filter(|one| !one.operation.contains(desk::DOOR)) {
        let of_complaints: Vec<_> = one.tables.iter().filter(|table| table.starts_with("complaint")).collect();
        let lodges = LODGE.contains(&&*one.operation);
        assert_eq!(of_complaints.is_empty(), !lodges, "{} reads {of_complaints:?}", one.operation);
    }
    page::hold(without);
}

/// What differs between two worlds, request by request.
fn differences(without: &[Recorded], with: &[Recorded]) -> Vec<String> {
    assert_eq!(without.len(), with.len(), "as many requests");
    let mut differences = Vec::new();
    for (without, with) in without.iter().zip(with).filter(|(without, with)| !are_the_same(without, with)) {
        let mut told = format!("{} by {}", without.operation, without.by);
        for (here, there) in [
            (format!("{:?}", (without.status, &without.headers)), format!("{:?}", (with.status, &with.headers))),
            (without.body.to_string(), with.body.to_string()),
            (format!("jobs {:?}", without.jobs), format!("jobs {:?}", with.jobs)),
            first_differing(&without.statements, &with.statements),
        ] {
            if here != there {
                write!(told, "\n  - {here}\n  + {there}").unwrap();
            }
        }
        differences.push(told);
    }
    differences
}

/// The first statements in which two lists differ, each with its place.
fn first_differing(without: &[String], with: &[String]) -> (String, String) {
    let place = without.iter().zip(with).take_while(|(without, with)| without == with).count();
    let at = |list: &[String]| format!("{place}: {}", list.get(place).map_or("no more", String::as_str));
    (at(without), at(with))
}

/// Whether a request was the same in two worlds. Of those that count all complaints, the numbers are others.
fn are_the_same(without: &Recorded, with: &Recorded) -> bool {
    let asked = |one: &Recorded| (one.status, one.sent, one.executed, one.tables.clone(), one.jobs.clone());
    without == with || desk::COUNT_ALL.contains(&&*without.operation) && asked(without) == asked(with)
}

/// Makes a world with this many complaints, and records each operation of the three doors in it.
fn record(complaints: usize, log: &str) -> Vec<Recorded> {
    set_log();
    let url = postgres::url_as("almoner_app", &postgres::shared_name());
    let world = World::on_one_connection(&url, |settings| settings.allow_private_providers = true);
    let provider = Fake::start();
    let side = set_up(&world, &provider, Complaint::None);
    let (council, desk, app) = (&side.council, &side.desk, world.partner());
    let guests = Guests {
        handler: world.handler(council, desk, &side.practice, &side.practice.practitioner_2, "Bola Adeyemi"),
        stranger: world.investigator(council, desk, "Margaret Ashby"),
    };
    let named = complain(&world, &side, &guests, &app, complaints);
    // To somebody who comes later, nothing is assigned and nothing was offered.
    let roles = [OfficerRole::Complaints, OfficerRole::ResponsiblePerson];
    let officer = world.officer_named(council, "Margaret Dunne", &roles).at_complaints();

    let recorder = Recorder::new(log, &provider.issuer(), &world);
    // Everybody who asks for something signs in anew.
    let practice = &side.practice;
    let staff = [&practice.manager, &practice.second_manager, &practice.social_worker, &officer];
    staff.into_iter().for_each(Staff::forget_token);
    council.forget_tokens();
    let systems = [&council.system, &council.complaints];
    assert!(staff.iter().all(|one| one.token().is_some()) && systems.iter().all(|one| one.token().is_some()));
    world.first_officer(council).token();
    let named_in_full = |operation: &str| {
        let (method, path) = operation.split_once(' ').unwrap();
        format!("{method} /v1/practice{path}")
    };
    for (n, (walled, by)) in side.walled.iter().zip(WALLED).enumerate() {
        recorder.record(by, "POST /v1/practice/sessions", &mut || walled.sign_in(None));
        everything_by(&|operation, send| recorder.record(by, &named_in_full(operation), send), &side, n);
    }
    council::everything(&recorder, &world, &provider, &side);
    desk::everything(&recorder, &side, &officer, &guests, &named);
    // What lodges a complaint comes last: from then on each world has some.
    for (n, by) in WALLED.into_iter().enumerate() {
        letterbox_by(&|operation, send| recorder.record(by, &named_in_full(operation), send), &side, n);
    }
    let complaint = messages::complaint(&side.practice.slug);
    let form =
        Asker { recorder: &recorder, caller: &council.complaints, by: "the council's form", door: council::DOOR };
    form.post("POST /complaints", complaint.clone());
    desk::take_down_and_count(&recorder, &officer, &complaint);
    let requests = recorder.finish();
    assert_eq!(of_the_doors(), requests.iter().map(|one| one.operation.clone()).collect(), "every operation");
    requests
}

/// Every operation of the three doors, as the document lists them.
fn of_the_doors() -> BTreeSet<String> {
    let doors = ["/v1/practice/", "/v1/council/", desk::DOOR];
    let all = operations().into_iter().filter(|one| doors.iter().any(|door| one.path.starts_with(door)));
    all.map(|one| one.name()).collect()
}

/// The committed table.
fn table() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/wall.txt")
}
