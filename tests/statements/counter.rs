//! What PostgreSQL says that it was asked: in its log and in `pg_stat_statements`.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use almoner_tests::postgres;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// What one request asked of the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Messages to the database that wait for its answer.
    pub(crate) round_trips: i64,
    /// Statements, those inside functions included, without the checks of foreign keys.
    pub(crate) statements: i64,
    /// Statements with which PostgreSQL itself checks foreign keys.
    pub(crate) key_checks: i64,
}

/// Sets what must be set before the cluster starts. The setting holds from the next start.
pub(crate) fn preload(superuser: &str) {
    let mut cluster = PgConnection::establish(superuser).expect("the cluster");
    cluster
        .batch_execute("CREATE EXTENSION pg_stat_statements")
        .expect("the module pg_stat_statements, which PostgreSQL's contributed modules have");
    cluster.batch_execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'").expect("the setting");
}

/// Counts the requests that are sent one after another.
pub(crate) struct Counter {
    cluster: PgConnection,
    log: File,
    /// The backends that prepared a text, with the text.
    parsed: HashSet<(String, String)>,
}

#[derive(QueryableByName)]
struct Calls {
    #[diesel(sql_type = BigInt)]
    statements: i64,
    #[diesel(sql_type = BigInt)]
    key_checks: i64,
}

/// The form of the statements with which PostgreSQL checks that a key is there.
const KEY_CHECK: &str = "SELECT % FROM ONLY % FOR KEY SHARE OF x";

impl Counter {
    /// Begins to count in the database of this process. The program's own roles write each statement to the log.
    pub(crate) fn begin() -> Self {
        let mut cluster = PgConnection::establish(&postgres::superuser_url("postgres")).expect("the cluster");
        let database = postgres::shared_name();
        for setting in
            ["log_min_duration_statement = 0", "log_parameter_max_length = 0", "pg_stat_statements.track = 'all'"]
        {
            cluster.batch_execute(&format!("ALTER DATABASE {database} SET {setting}")).expect("a setting");
        }
        cluster.batch_execute("ALTER SYSTEM SET log_line_prefix = '[%p %u] '").expect("a setting");
        cluster.batch_execute("SELECT pg_reload_conf()").expect("the setting in force");
        let log = std::env::var(crate::LOG).expect("the cluster's log");
        Self { cluster, log: File::open(log).expect("the cluster's log"), parsed: HashSet::new() }
    }

    /// Counts what `request` asks of the database. Fails if a statement is parsed that its connection has parsed before.
    pub(crate) fn count<R>(&mut self, request: impl FnOnce() -> R) -> (R, Counts) {
        self.cluster.batch_execute("SELECT pg_stat_statements_reset()").expect("the statistics begin anew");
        self.log.seek(SeekFrom::End(0)).expect("the end of the log");
        let answer = request();
        let mut said = String::new();
        self.log.read_to_string(&mut said).expect("the log");
        let calls: Calls = diesel::sql_query(format!(
            "SELECT COALESCE(sum(calls) FILTER (WHERE query NOT LIKE '{KEY_CHECK}'), 0)::bigint AS statements,
                 COALESCE(sum(calls) FILTER (WHERE query LIKE '{KEY_CHECK}'), 0)::bigint AS key_checks
             FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid
             WHERE rolname LIKE 'almoner\\_%'"
        ))
        .get_result(&mut self.cluster)
        .expect("the statistics");
        let round_trips = self.round_trips(&said);
        (answer, Counts { round_trips, statements: calls.statements, key_checks: calls.key_checks })
    }

    /// Counts the messages: a batch of plain statements is one, and so are preparing a statement, and running it.
    fn round_trips(&mut self, said: &str) -> i64 {
        let mut trips = 0;
        let mut entries = Vec::<String>::new();
        for line in said.lines() {
            match entries.last_mut() {
                Some(entry) if line.starts_with('\t') => entry.push_str(line),
                _ => entries.push(line.to_owned()),
            }
        }
        for entry in entries {
            let Some((who, what)) = entry.split_once("LOG:  duration: ") else { continue };
            let Some((_, what)) = what.split_once(" ms  ") else { continue };
            if !who.contains("almoner_") || what.starts_with("bind ") {
                continue;
            }
            trips += 1;
            if let Some((_, text)) = what.strip_prefix("parse ").and_then(|parsed| parsed.split_once(": ")) {
                let is_new = self.parsed.insert((who.to_owned(), text.to_owned()));
                assert!(is_new, "one connection parses this statement twice: {text}");
            }
        }
        trips
    }
}
