//! `almoner audit verify` after the database was restored to an older state, and the break that an operator enters.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use almoner_persistence::audit::{Break, Place};
use almoner_tests::AUDIT_KEY;
use almoner_worker::Heads;
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use rustix::process::Signal;

use super::{Machine, printed, run, send, until};

const REASON: &str = "the disc failed at 10:31; restored to 10:30";

struct Log {
    machine: Machine,
    heads: PathBuf,
}

impl Log {
    /// The platform's log gets a row: a council is entered.
    fn row(&self, number: u32) {
        let council = format!(
            r#"{{"gss_code": "E06{number:06}", "name": "C{number}", "emergency_duty_phone": "0345 678 9040"}}"#
        );
        printed(&run(self.machine.command("almoner_app", &["operator", "create-council"]), &council));
    }

    /// The worker seals what there is and signs the heads, and is stopped.
    fn work(&self) {
        let lines = || std::fs::read_to_string(&self.heads).map_or(0, |text| text.lines().count());
        let before = lines();
        let mut worker = self.audited(&["work"]).spawn().unwrap();
        until("the rows are sealed", || (self.unsealed() == 0).then_some(()));
        until("the heads are signed", || (lines() > before).then_some(()));
        send(worker.id(), Signal::TERM);
        assert!(worker.wait().unwrap().success());
    }

    fn unsealed(&self) -> i64 {
        use diesel::prelude::*;
        let mut db = PgConnection::establish(&self.machine.url("postgres")).unwrap();
        diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT count(*) FROM audit_events WHERE number IS NULL")
            .get_result(&mut db)
            .unwrap()
    }

    fn audited(&self, arguments: &[&str]) -> Command {
        let mut command = self.machine.command("almoner_work", arguments);
        command.env("ALMONER_AUDIT_KEY", AUDIT_KEY).env("ALMONER_AUDIT_HEADS", &self.heads);
        command
    }

    fn verify(&self) -> (Option<i32>, String) {
        let output = run(self.audited(&["audit", "verify"]), "");
        (output.status.code(), said(&output))
    }

    fn enter(&self, by: &str, reason: &str) -> Output {
        run(self.audited(&["audit", "break", "--by", by, "--reason", reason]), "")
    }

    /// Puts a copy of the database's files in the place of these.
    fn restore(&mut self, copy: &Path) {
        self.machine.stop();
        std::fs::remove_dir_all(self.machine.path("data")).unwrap();
        copied(copy, &self.machine.path("data"));
        self.machine.start();
    }

    fn as_superuser(&self, statements: &str) {
        PgConnection::establish(&self.machine.url("postgres")).unwrap().batch_execute(statements).unwrap();
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn copied(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

#[test]
fn row_44_verification_goes_on_after_a_restore_when_the_operator_has_entered_it_and_only_then() {
    let machine = Machine::new("restored");
    let heads = machine.path("heads");
    let mut log = Log { machine, heads };
    (1..=3).for_each(|number| log.row(number));
    log.work();
    log.row(4);
    log.machine.stop();
    let backup = log.machine.path("backup");
    copied(&log.machine.path("data"), &backup);
    log.machine.start();
    (5..=7).for_each(|number| log.row(number));
    log.work();
    let (code, said_whole) = log.verify();
    assert_eq!((code, said_whole.matches("whole").count()), (Some(0), 1), "{said_whole}");
    let untouched = log.enter("An Operator", REASON);
    assert!(printed(&untouched).contains("there is no break to enter"), "{untouched:?}");

    log.restore(&backup);
    let (code, cut) = log.verify();
    assert!(code == Some(1) && cut.contains("cut off at the end"), "{cut}");
    // The worker has gone on before anybody entered the break.
    (11..=12).for_each(|number| log.row(number));
    log.work();
    let (code, cut) = log.verify();
    assert!(code == Some(1) && cut.contains("BROKEN"), "{cut}");

    no_forgery_makes_it_whole(&log);

    let honest = std::fs::read_to_string(&log.heads).unwrap();
    for (by, reason) in [("", REASON), ("An Operator", ""), ("An Operator", "restored"), (" \u{200b}", REASON)] {
        let refused = log.enter(by, reason);
        assert_eq!(refused.status.code(), Some(1), "{by:?} {reason:?}: {refused:?}");
    }
    assert_eq!(std::fs::read_to_string(&log.heads).unwrap(), honest, "nothing was entered");
    let entered = printed(&log.enter("An Operator", REASON));
    assert!(entered.starts_with("whole") && entered.contains(&format!("by An Operator: {REASON}")), "{entered}");
    assert!(entered.contains("up to number 6 count"), "{entered}");
    let (code, again) = log.verify();
    assert_eq!((code, again.as_str()), (Some(0), entered.as_str()), "it is reported each time");

    // From there on the chain is as strict as it was.
    (21..=22).for_each(|number| log.row(number));
    log.work();
    let (code, went_on) = log.verify();
    assert!(code == Some(0) && went_on.contains("break    "), "{went_on}");
    let with_break = std::fs::read_to_string(&log.heads).unwrap();
    let without: Vec<&str> = with_break.lines().filter(|line| !honest_break(line)).collect();
    std::fs::write(&log.heads, without.join("\n") + "\n").unwrap();
    assert_eq!(log.verify().0, Some(1), "without the break it fails as before");
    std::fs::write(&log.heads, with_break).unwrap();
    // Before the break, at it, and after it: an altered row is named, and a second break does not cover it.
    for number in [2, 5, 7] {
        let alter = |to: &str| {
            log.as_superuser(&format!("UPDATE audit_events SET door = {to} WHERE number = {number}"));
        };
        alter("door || 'x'");
        let (code, altered) = log.verify();
        assert!(
            code == Some(1) && altered.contains(&format!("number {number}, ")) && altered.contains("altered"),
            "{altered}"
        );
        let covered = log.enter("An Operator", REASON);
        assert_eq!(covered.status.code(), Some(1), "{covered:?}");
        assert!(said(&covered).contains("a break does not cover it"), "{covered:?}");
        alter("left(door, -1)");
    }
    assert_eq!(log.verify().0, Some(0));
    // Restored a second time, to a state before the first break, and noticed when the chain had grown past what was signed.
    log.restore(&backup);
    assert_eq!(log.verify().0, Some(1));
    (31..=36).for_each(|number| log.row(number));
    log.work();
    let (code, past) = log.verify();
    assert!(code == Some(1) && past.contains("a head with another hash was signed"), "{past}");
    let twice = printed(&log.enter("Another Operator", "the copy was the right one after all"));
    let breaks: Vec<&str> = twice.lines().filter(|line| line.starts_with("break ")).collect();
    assert!(
        breaks.len() == 2 && breaks[1].contains("from number 8, ") && breaks[1].contains("to number 10, "),
        "{twice}"
    );
    assert!(breaks[1].contains("up to number 3 count"), "{twice}");
    log.row(37);
    log.work();
    assert_eq!(log.verify().0, Some(0));
}

/// Tries to have verification pass without an operator's break, and puts everything back.
fn no_forgery_makes_it_whole(log: &Log) {
    // Who has the application's roles cannot make it whole: the head in the database is not what was signed.
    for role in ["almoner_worker", "almoner_operator", "almoner_practice"] {
        let login = if role == "almoner_worker" { "almoner_work" } else { "almoner_app" };
        let mut db = PgConnection::establish(&log.machine.url(login)).unwrap();
        db.batch_execute(&format!("BEGIN; SET LOCAL ROLE {role}")).unwrap();
        let _ = db.batch_execute("UPDATE audit_chain_heads SET number = 7; COMMIT");
        drop(db);
        let (code, forged) = log.verify();
        assert!(code == Some(1) && forged.contains("BROKEN"), "{role}: {forged}");
    }
    log.as_superuser(
        "UPDATE audit_chain_heads h SET number = e.number, hash = e.hash FROM audit_events e
         WHERE e.owner_id = h.owner_id AND e.chain = h.chain
             AND e.number = (SELECT max(number) FROM audit_events x WHERE x.owner_id = h.owner_id AND x.chain = h.chain)",
    );
    // Neither can who signs with another key, or changes what was signed.
    let honest = std::fs::read_to_string(&log.heads).unwrap();
    let signed = Heads::new(AUDIT_KEY, &log.heads).unwrap().read(&log.heads).unwrap();
    let head = &signed.heads[0].head;
    let place = Place { number: head.number, hash: head.hash.clone() };
    let forged = Break {
        name: head.name.clone(),
        from: place.clone(),
        to: place,
        after: 0,
        at: "2030-01-01T00:00:00Z".parse().unwrap(),
        by: "Nobody".to_owned(),
        reason: REASON.to_owned(),
    };
    Heads::new(&another_key(), &log.heads).unwrap().enter(&[forged]).unwrap();
    let (code, refused) = log.verify();
    assert!(code == Some(1) && refused.contains("not a head or a break signed with this key"), "{refused}");
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYWxtb25lci1hdWRpdC1icmVhayJ9.e30.";
    std::fs::write(&log.heads, format!("{honest}{unsigned}\n")).unwrap();
    let (code, refused) = log.verify();
    assert!(code == Some(1) && refused.contains("not a head or a break"), "{refused}");
    std::fs::write(&log.heads, &honest).unwrap();
}

/// Makes a key as somebody might who has not that of the audit log: Ed25519 in PKCS#8.
fn another_key() -> String {
    let mut der = HEXLOWER.decode(b"302e020100300506032b657004220420").unwrap();
    der.extend([9; 32]);
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64.encode(&der))
}

/// Whether a line of the file is a break.
fn honest_break(line: &str) -> bool {
    let header = line.split('.').next().unwrap();
    let header = BASE64URL_NOPAD.decode(header.as_bytes()).unwrap();
    String::from_utf8(header).unwrap().contains("almoner-audit-break")
}
