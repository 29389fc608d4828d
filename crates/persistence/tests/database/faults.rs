//! Faults at each statement of a scope's beginning and end. Whatever fails, the first error is the one that is told, and the
//! next request on the same connection finds no transaction of an earlier one.

use std::time::{Duration, Instant};

use almoner_persistence::tenancy::councils::{self, NewCouncil};
use almoner_persistence::{Clock, Login, MasterKeys, PATIENCE, Request, Session, Store, StoreError, StoreOptions};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use uuid::Uuid;

use crate::cluster::{Database, lines, migrated};

/// A message in a language in which the program knows no words.
const WORDS: &str = "Anweisung wird abgebrochen";

/// A database of its own, with a log-in role of its own, whose statements end soon.
struct Faults {
    database: Database,
    role: String,
    superuser: PgConnection,
    store: Store,
}

impl Faults {
    fn new(name: &str) -> Self {
        let database = migrated(name);
        let role = format!("almoner_{name}_{}", std::process::id());
        let mut superuser = database.connect("postgres");
        superuser
            .batch_execute(&format!(
                "BEGIN; LOCK TABLE pg_catalog.pg_authid IN EXCLUSIVE MODE;
                 CREATE ROLE {role} LOGIN NOINHERIT;
                 ALTER ROLE {role} SET lock_timeout = '100ms';
                 ALTER ROLE {role} SET statement_timeout = '500ms';
                 GRANT almoner_identity, almoner_practice, almoner_council, almoner_complaints, almoner_partner, almoner_public,
                     almoner_operator, almoner_intake, almoner_record TO {role};
                 COMMIT"
            ))
            .unwrap();
        let store = open(&database, &role, Login::App).unwrap();
        Self { database, role, superuser, store }
    }

    fn run(&mut self, statements: &str) {
        self.superuser.batch_execute(&statements.replace("%ROLE%", &self.role)).expect(statements);
    }

    /// A use case with a beginning, a statement of its own, rows that are written at the end, and a commit.
    fn enter_council(&self) -> Result<(), StoreError> {
        let number = u32::from_be_bytes(almoner_persistence::random::bytes()) % 1_000_000;
        let council: NewCouncil = serde_json::from_value(serde_json::json!({
            "gss_code": format!("E06{number:06}"), "name": "A council", "emergency_duty_phone": "0345 678 9040",
        }))
        .unwrap();
        self.store.console(|scope| councils::create(scope, &council).map(drop))
    }

    /// The one connection of the pool serves the next request, and has no transaction open.
    fn goes_on(&mut self, after: &str) {
        let entered = self.enter_council();
        assert!(entered.is_ok(), "after {after}: {entered:?}");
        let open = format!(
            "SELECT state || ': ' || query AS line FROM pg_stat_activity
             WHERE usename = '{}' AND state LIKE 'idle in transaction%'",
            self.role
        );
        assert_eq!(lines(&mut self.superuser, &open), [""; 0], "after {after}");
    }

    /// Lets the trigger function of the tests do this.
    fn inject(&mut self, body: &str) {
        self.run(&format!(
            "CREATE OR REPLACE FUNCTION public.fault() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
                 $fault$ BEGIN {body}; RETURN NEW; END $fault$"
        ));
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        drop(self.superuser.batch_execute(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.role)));
    }
}

fn open(database: &Database, role: &str, login: Login) -> Result<Store, StoreError> {
    Store::open(StoreOptions {
        database_url: database.url(role),
        login,
        connections: 1,
        keeps_statements: true,
        master_keys: MasterKeys::parse("1:dGVzdHMgYWxvbmUsIDMyIGJ5dGVzIG9mIGEgbWFzdGU=").unwrap(),
        clock: Clock::new(),
    })
}

fn raise(code: &str) -> String {
    format!("RAISE EXCEPTION '{WORDS}' USING ERRCODE = '{code}'")
}

fn is_unavailable(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_))
}

#[test]
fn a_role_that_may_not_be_taken_fails_the_request_and_leaves_its_connection_as_it_was() {
    let mut faults = Faults::new("faults_role");
    faults.goes_on("the beginning");
    faults.run("REVOKE almoner_operator FROM %ROLE%");
    for _ in 0..3 {
        let refused = faults.enter_council().unwrap_err();
        assert!(
            matches!(&refused, StoreError::Unavailable(why) if why.contains("almoner_operator")),
            "the first error, not that of a transaction that was already aborted: {refused:?}"
        );
    }
    let unready = faults.store.is_ready().unwrap_err();
    assert!(matches!(&unready, StoreError::WrongRole(why) if why.contains("almoner_operator")), "{unready:?}");
    let unopened = open(&faults.database, &faults.role, Login::App).err().expect("it may not become every role");
    assert!(unopened.to_string().contains("almoner_app"), "{unopened}");
    faults.run("GRANT almoner_operator TO %ROLE%");
    faults.goes_on("a role that could not be taken");
    faults.store.is_ready().unwrap();
    assert!(matches!(open(&faults.database, &faults.role, Login::Work), Err(StoreError::WrongRole(_))));
}

#[test]
fn the_beginning_that_finds_out_who_calls_may_fail_with_any_error() {
    let mut faults = Faults::new("faults_entrance");
    let session = Session { account: Uuid::from_u128(1).into(), session: Uuid::from_u128(2).into() };
    let enter = |faults: &Faults| {
        let entered = faults.store.operator(session, Request::of_our_own(Uuid::nil()), |_| Ok::<_, StoreError>(()));
        entered.unwrap_err()
    };
    assert!(matches!(enter(&faults), StoreError::NotAuthenticated));
    let original = lines(&mut faults.superuser, "SELECT pg_get_functiondef('app.enter_operator'::regproc) AS line");
    for code in ["55P03", "57014", "53100", "57P01", "42501", "XX000"] {
        let header = original[0].split("AS $function$").next().unwrap();
        let header = header.replace("LANGUAGE sql", "LANGUAGE plpgsql");
        faults.run(&format!("{header} AS $function$ BEGIN {}; END $function$", raise(code)));
        let error = enter(&faults);
        let as_expected = match code {
            "55P03" => matches!(error, StoreError::InProgress),
            "XX000" => matches!(error, StoreError::Database(_)),
            _ => is_unavailable(&error),
        };
        assert!(as_expected, "{code}: {error:?}");
        faults.goes_on(code);
    }
    faults.run(&original[0]);
    assert!(matches!(enter(&faults), StoreError::NotAuthenticated));
}

#[test]
fn errors_are_told_apart_by_their_sqlstate_at_each_statement_of_the_end() {
    let mut faults = Faults::new("faults_end");
    faults.inject("NULL");
    let writing = "CREATE TRIGGER fault BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION public.fault()";
    let committing = "CREATE CONSTRAINT TRIGGER fault AFTER INSERT ON councils DEFERRABLE INITIALLY DEFERRED
                      FOR EACH ROW EXECUTE FUNCTION public.fault()";
    for (trigger, table) in [(writing, "audit_events"), (committing, "councils")] {
        faults.run(trigger);
        for (code, expected) in [
            ("55P03", "InProgress"),
            ("40P01", "InProgress"),
            ("40001", "InProgress"),
            ("57014", "Unavailable"),
            ("57P01", "Unavailable"),
            ("57P02", "Unavailable"),
            ("57P03", "Unavailable"),
            ("08006", "Unavailable"),
            ("53200", "Unavailable"),
            ("53300", "Unavailable"),
            ("25006", "Unavailable"),
            ("53100", "Unavailable"),
            ("58030", "Unavailable"),
            ("42P01", "Database"),
            ("XX000", "Database"),
        ] {
            faults.inject(&raise(code));
            let error = faults.enter_council().unwrap_err();
            assert!(format!("{error:?}").starts_with(expected), "{code} in {table}: {error:?}");
            let is_told = expected == "InProgress" || error.to_string().contains(WORDS);
            assert!(is_told, "the first error is the one that is told: {code} in {table}: {error}");
            faults.inject("NULL");
            faults.goes_on(&format!("{code} in {table}"));
        }
        let unready = faults.store.is_ready().unwrap_err();
        assert!(is_unavailable(&unready), "a database that has refused to write is not ready: {unready:?}");

        faults.inject("PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1)");
        let error = faults.enter_council().unwrap_err();
        assert!(is_unavailable(&error), "its connection is ended in {table}: {error:?}");
        faults.inject("NULL");
        faults.goes_on("the end of its connection");

        // PostgreSQL's own limit of a statement's time does not hold for what a commit does.
        if trigger == writing {
            faults.inject("PERFORM pg_sleep(2)");
            let error = faults.enter_council().unwrap_err();
            assert!(is_unavailable(&error), "its statement's time is over in {table}: {error:?}");
            faults.inject("NULL");
            faults.goes_on("the end of its statement's time");
        }
        faults.run(&format!("DROP TRIGGER fault ON {table}"));
    }
}

#[test]
fn a_lock_that_is_held_and_an_idle_connection_that_was_ended_pass() {
    let mut faults = Faults::new("faults_lock");
    faults.goes_on("the beginning");
    faults.run("BEGIN; LOCK TABLE councils IN ACCESS EXCLUSIVE MODE");
    let error = faults.enter_council().unwrap_err();
    assert!(matches!(error, StoreError::InProgress), "{error:?}");
    faults.run("ROLLBACK");
    faults.goes_on("a lock");
    faults.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%ROLE%'");
    faults.goes_on("the end of every connection");
    faults.store.is_ready().unwrap();
}

#[test]
fn a_pool_that_is_busy_refuses_those_who_waited_and_nobody_who_comes_later() {
    let mut faults = Faults::new("faults_busy");
    faults.goes_on("the beginning");
    let store = &faults.store;
    let (holding, held) = std::sync::mpsc::channel();
    std::thread::scope(|threads| {
        let holder = threads.spawn(move || {
            store.console(|_| {
                holding.send(()).unwrap();
                std::thread::sleep(PATIENCE + Duration::from_millis(700));
                Ok::<_, StoreError>(())
            })
        });
        held.recv().unwrap();
        let waited = faults.enter_council().unwrap_err();
        assert!(is_unavailable(&waited), "the one connection is at work: {waited:?}");
        let begun = Instant::now();
        let entered = faults.enter_council();
        assert!(entered.is_ok(), "refused after {:?}, though the database is there: {entered:?}", begun.elapsed());
        holder.join().unwrap().unwrap();
    });
    faults.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%ROLE%'");
    faults.goes_on("a connection that had died while it was idle");
}

#[test]
fn a_database_that_cannot_be_reached_is_remembered_for_a_moment() {
    let mut faults = Faults::new("faults_away");
    faults.goes_on("the beginning");
    faults.run(
        "ALTER ROLE %ROLE% NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%ROLE%'",
    );
    let waited = faults.enter_council().unwrap_err();
    assert!(is_unavailable(&waited), "{waited:?}");
    let begun = Instant::now();
    let refused = faults.enter_council().unwrap_err();
    assert!(is_unavailable(&refused) && begun.elapsed() < Duration::from_millis(300), "{refused:?}");
    faults.run("ALTER ROLE %ROLE% LOGIN");
    let begun = Instant::now();
    while faults.enter_council().is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is there again, and nobody is served");
    }
}

#[test]
fn work_that_passes_over_the_error_of_a_statement_is_not_said_to_be_done() {
    let mut faults = Faults::new("faults_swallowed");
    faults.inject(&raise("42P01"));
    faults.run("CREATE TRIGGER fault BEFORE INSERT ON councils FOR EACH ROW EXECUTE FUNCTION public.fault()");
    let council: NewCouncil = serde_json::from_value(serde_json::json!({
        "gss_code": "E06000051", "name": "A council", "emergency_duty_phone": "0345 678 9040",
    }))
    .unwrap();
    let done = faults.store.console(|scope| {
        assert!(councils::create(scope, &council).is_err());
        Ok::<_, StoreError>(())
    });
    let refused = done.expect_err("a transaction that was aborted cannot be committed");
    assert!(matches!(refused, StoreError::Database(_)), "{refused:?}");
    faults.run("DROP TRIGGER fault ON councils");
    faults.goes_on("a transaction that was aborted and committed");
}

#[test]
fn a_read_only_database_is_not_ready_and_takes_no_new_connection() {
    let mut faults = Faults::new("faults_read_only");
    faults.run("ALTER ROLE %ROLE% SET default_transaction_read_only = on");
    faults.goes_on("a setting that existing connections do not have");
    faults.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%ROLE%'");
    let error = faults.enter_council().unwrap_err();
    assert!(is_unavailable(&error), "{error:?}");
    let unready = faults.store.is_ready().unwrap_err();
    assert!(is_unavailable(&unready), "{unready:?}");
}
