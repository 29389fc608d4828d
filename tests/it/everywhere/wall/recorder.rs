//! What PostgreSQL did for one request, as its log tells: each statement that it was sent, with its parameters, and each that it
//! executed, those inside functions included, with the tables of its plan and the number of its rows.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use almoner_demo::web::Answer;
use almoner_persistence::Clock;
use almoner_tests::callers::{Anyone, Caller};
use almoner_tests::{World, postgres};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_types};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::practice::complaints::two_worlds::comparison::{rename_text, renamed};

/// One request, with everything in which the worlds may differ, where identifiers are numbered in the order in which they appear.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recorded {
    pub(super) operation: String,
    pub(super) by: String,
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Value,
    /// The statements that PostgreSQL was sent, those that it executed, and errors, in their order.
    pub(super) statements: Vec<String>,
    pub(super) sent: usize,
    pub(super) executed: usize,
    /// The tables that the plans of the executed statements name.
    pub(super) tables: BTreeSet<String>,
    /// The kinds of the jobs that were queued, with their number.
    pub(super) jobs: BTreeMap<String, i64>,
}

/// Records the requests that are sent one after another.
pub(super) struct Recorder {
    database: RefCell<PgConnection>,
    log: RefCell<File>,
    /// The identifiers that have appeared so far.
    names: RefCell<Vec<String>>,
    /// The address of the identity provider, whose port is another in each world.
    provider: String,
    clock: Clock,
    anyone: Anyone,
    recorded: RefCell<Vec<Recorded>>,
}

/// The time at which the requests begin, and the time from one to the next, however long the machine took before and takes for each:
/// so each is sent at the same time in each world, and needs a code or a recovery code as it does in the others.
const BEGINNING: &str = "2026-11-20T10:30:00Z";
const BETWEEN: TimeDelta = TimeDelta::milliseconds(700);

#[derive(QueryableByName)]
struct Queued {
    #[diesel(sql_type = sql_types::Text)]
    kind: String,
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

/// Lets the cluster say who speaks in each line of its log, and the database of this process log every statement.
pub(super) fn set_log() {
    let mut cluster = PgConnection::establish(&postgres::superuser_url("postgres")).unwrap();
    cluster.batch_execute("ALTER SYSTEM SET log_line_prefix = '[%u] '").unwrap();
    cluster.batch_execute("SELECT pg_reload_conf()").unwrap();
    let database = postgres::shared_name();
    for setting in [
        "session_preload_libraries = 'auto_explain'",
        "log_statement = 'all'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_nested_statements = on",
        "auto_explain.log_analyze = on",
        "auto_explain.log_timing = off",
        "auto_explain.log_format = 'json'",
    ] {
        cluster.batch_execute(&format!("ALTER DATABASE {database} SET {setting}")).unwrap();
    }
}

impl Recorder {
    /// Moves the clock to the beginning of the requests.
    pub(super) fn new(log: &str, provider: &str, world: &World) -> Self {
        let database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
        world.set_clock(BEGINNING);
        Self {
            database: RefCell::new(database),
            log: RefCell::new(File::open(log).unwrap()),
            names: RefCell::default(),
            provider: provider.to_owned(),
            clock: world.clock.clone(),
            anyone: world.anyone(),
            recorded: RefCell::default(),
        }
    }

    pub(super) fn finish(self) -> Vec<Recorded> {
        self.recorded.into_inner()
    }

    /// Sends a request and records it.
    pub(super) fn record(&self, by: &str, operation: &str, send: &mut dyn FnMut() -> Answer) -> Answer {
        let sent_before = i32::try_from(self.recorded.borrow().len()).unwrap();
        let at = self.clock.now().max(BEGINNING.parse::<DateTime<Utc>>().unwrap() + BETWEEN * sent_before);
        // Every half minute the service loads the keys that sign tokens anew, with whichever request comes: here with this one, which
        // is sent some seconds ahead.
        self.clock.set(at + TimeDelta::seconds(5));
        assert_eq!(self.anyone.get("/.well-known/jwks.json").status, 200);
        self.clock.set(at);
        let jobs_before = self.jobs();
        self.log.borrow_mut().seek(SeekFrom::End(0)).unwrap();
        let answer = send();
        let mut said = String::new();
        self.log.borrow_mut().read_to_string(&mut said).unwrap();
        let mut jobs = self.jobs();
        jobs.retain(|kind, count| {
            *count -= jobs_before.get(kind).unwrap_or(&0);
            *count != 0
        });
        let did = Did::read(&said);
        let names = &mut *self.names.borrow_mut();
        let mut rename = |text: &str| {
            rename_text(&without_chance(&in_order(&text.replace(&self.provider, "http://provider"))), names)
        };
        let statements = did.entries.iter().map(|entry| in_order(&rename(entry))).collect();
        let mut own = answer.clone();
        own.headers.iter_mut().for_each(|(_, value)| *value = value.replace(&self.provider, "http://provider"));
        own.body = serde_json::from_str(&own.body.to_string().replace(&self.provider, "http://provider")).unwrap();
        let (status, headers, body) = renamed(&own, names);
        self.recorded.borrow_mut().push(Recorded {
            operation: operation.to_owned(),
            by: by.to_owned(),
            status,
            headers,
            body,
            statements,
            sent: did.sent,
            executed: did.executed,
            tables: did.tables,
            jobs,
        });
        answer
    }

    fn jobs(&self) -> BTreeMap<String, i64> {
        let queued: Vec<Queued> = diesel::sql_query("SELECT kind, count(*) AS count FROM jobs GROUP BY kind")
            .load(&mut *self.database.borrow_mut())
            .unwrap();
        queued.into_iter().map(|queued| (queued.kind, queued.count)).collect()
    }
}

/// The text with its byte strings, which are sealed or hashed, as `B`, its hashes of passwords as `H`, and the times of day in its
/// times as `T`.
fn without_chance(text: &str) -> String {
    let mut parts = text.split("\\x");
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        written.push('B');
        written.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    let words = written.split(' ').map(|word| {
        // As PostgreSQL writes times, after the date and a space: 10:00:01.448341+00.
        let is_time = |time: &str| time.matches(':').count() == 2 && !time.contains(|c: char| c.is_alphabetic());
        match word.split_once("+00") {
            Some((time, rest)) if is_time(time) => format!("T{rest}"),
            _ if word.starts_with("'$argon2id$") => "H,".to_owned(),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The text with its lists of identifiers in order, since the database gives them in any: as they were made, which their
/// identifiers tell, and once they are numbered, by their numbers.
fn in_order(text: &str) -> String {
    let mut parts = text.split("'{");
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (list, rest) = part.split_once('}').unwrap();
        let mut items: Vec<&str> = list.split(',').collect();
        if items.iter().all(|item| item.starts_with('#') || uuid::Uuid::try_parse(item).is_ok()) {
            items.sort_unstable_by_key(|item| (item.len(), *item));
        }
        write!(written, "'{{{}}}{rest}", items.join(",")).unwrap();
    }
    written
}

/// What the log says of one request.
#[derive(Default)]
struct Did {
    entries: Vec<String>,
    sent: usize,
    executed: usize,
    tables: BTreeSet<String>,
}

impl Did {
    fn read(said: &str) -> Self {
        let mut lines = Vec::<String>::new();
        for line in said.lines() {
            match (lines.last_mut(), line.strip_prefix('\t')) {
                (Some(entry), Some(more)) => {
                    entry.push('\n');
                    entry.push_str(more);
                }
                _ => lines.push(line.to_owned()),
            }
        }
        let mut did = Self::default();
        for line in &lines {
            // Lines of the superuser and of background processes are not the program's.
            let Some(line) = line.strip_prefix("[almoner_app] ") else { continue };
            let (level, text) = line.split_once(":  ").unwrap();
            match level {
                "LOG" => did.logged(text),
                "DETAIL" => did.parameters(text),
                "STATEMENT" | "CONTEXT" => {}
                level => did.entries.push(format!("{level}: {}", in_one_line(text))),
            }
        }
        did
    }

    /// Adds the parameters of the statement that was logged last. That of a lock is a hash of a random key.
    fn parameters(&mut self, text: &str) {
        let statement = self.entries.last_mut().unwrap();
        let is_of_a_lock = statement.ends_with("pg_advisory_xact_lock($1)");
        statement.push_str(" | ");
        statement.push_str(&if is_of_a_lock { "parameters: a lock".to_owned() } else { in_one_line(text) });
    }

    fn logged(&mut self, text: &str) {
        let sent = text.strip_prefix("statement: ").or_else(|| {
            // The name of a prepared statement depends on what its connection prepared before.
            text.strip_prefix("execute ")?.split_once(": ").map(|(_, text)| text)
        });
        if let Some(sent) = sent {
            self.sent += 1;
            self.entries.push(format!("sent: {}", in_one_line(sent)));
            return;
        }
        let (_, plan) = text.split_once("plan:\n").unwrap_or_else(|| panic!("a line of the log is not known: {text}"));
        let plan: Value = serde_json::from_str(plan).unwrap();
        let mut tables = BTreeSet::new();
        named(&plan["Plan"], &mut tables);
        // A statement that writes returns no rows unless it says so: what it writes are the rows below it.
        let of = if plan["Plan"]["Node Type"] == "ModifyTable" { &plan["Plan"]["Plans"][0] } else { &plan["Plan"] };
        let (query, rows) = (in_one_line(plan["Query Text"].as_str().unwrap()), &of["Actual Rows"]);
        self.executed += 1;
        self.entries.push(format!("executed: {query} | {tables:?} | {rows} rows"));
        self.tables.extend(tables);
    }
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Collects the tables that a plan names.
fn named(plan: &Value, tables: &mut BTreeSet<String>) {
    tables.extend(plan["Relation Name"].as_str().map(str::to_owned));
    for below in plan["Plans"].as_array().into_iter().flatten() {
        named(below, tables);
    }
}
