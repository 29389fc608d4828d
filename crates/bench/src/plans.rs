//! How PostgreSQL plans the statements of the hot path, kept in a file and compared.
//!
//! The statements and their plans are those of the service itself: `auto_explain` writes them to the server's log while
//! requests are answered, in the role and with the settings of the request, those inside functions included. What is kept is
//! the shape of a plan: its nodes, with their indexes and tables, and no costs.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::rc::Rc;

use serde_json::Value;

use crate::bench::DATABASE;
use crate::cluster::Cluster;
use crate::load::Connection;
use crate::scenario::{Call, Requests, Scenario, Source as _};
use crate::service::Program;
use crate::statements::entries;
use crate::world::{Printed, World};
use crate::{Arguments, Failure};

/// The requests that are sent before one is looked at, so that PostgreSQL has decided for each prepared statement whether it
/// keeps one plan for all parameters.
const BEFORE: usize = 80;

/// A table with at least so many rows is not read from its beginning to its end.
const LARGE: usize = 1_000;

/// The longest text of a statement that is kept.
const MOST_CHARACTERS: usize = 150;

/// The requests of one operation.
type Operation = (&'static str, Box<dyn Fn(usize) -> Option<Call>>);

/// Compares the plans with the file, or writes it anew if `UPDATE_EXPECT` is set. Fails too if a large table is read whole.
pub(crate) async fn hold(
    cluster: &Cluster,
    program: &Program,
    printed: Printed,
    arguments: &Arguments,
) -> Result<(), Failure> {
    for (name, value) in [
        ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_nested_statements", "on"),
        ("auto_explain.log_format", "json"),
    ] {
        cluster.psql(DATABASE, &format!("LOAD 'auto_explain'; ALTER DATABASE {DATABASE} SET {name} = '{value}'"))?;
    }
    // With one connection no plan is another connection's.
    let service = program.serve(cluster, DATABASE, 1, None).await?;
    let world = Rc::new(World::enter(printed, service.port).await?);
    fill_what_requests_write(cluster, &world, service.port).await?;
    let mut seen = Seen { large: large_tables(cluster)?, ..Seen::default() };
    let mut page = format!(
        "# How PostgreSQL plans the statements of the hot path: {} people at {} practices.\n\
         # `make plans` writes this file; `make deep` compares it.\n",
        arguments.people, arguments.practices
    );
    for (title, call) in operations(&world, service.port).await? {
        let log = recorded(cluster, service.port, &call).await?;
        let _ = write!(page, "\n## {title}\n{}", seen.shapes(title, &log)?);
    }
    if !seen.read_whole.is_empty() {
        return Err(format!("a large table is read whole:\n{}", seen.read_whole.join("\n")).into());
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&arguments.plans, page)?;
        return Ok(());
    }
    match differences(&fs::read_to_string(&arguments.plans).unwrap_or_default(), &page) {
        none if none.is_empty() => Ok(()),
        found => Err(format!(
            "plans are others than in {}; `make plans` writes it anew:\n{found}",
            arguments.plans.display()
        )
        .into()),
    }
}

/// The operations of the hot path.
async fn operations(world: &Rc<World>, port: u16) -> Result<Vec<Operation>, Failure> {
    let mut operations: Vec<Operation> = Vec::new();
    for scenario in [
        Scenario::Person,
        Scenario::Caseload,
        Scenario::Name,
        Scenario::Nhs,
        Scenario::Timeline,
        Scenario::Inbox,
        Scenario::Note,
    ] {
        let world = Rc::clone(world);
        let call = move |number| Requests { world: Rc::clone(&world), scenario, count: Cell::new(number) }.next();
        operations.push((scenario.title(), Box::new(call)));
    }
    let office = world.offices.first().ok_or("no practice")?;
    let records_officer = world.records_token(office, port).await?;
    for (title, token, path) in [
        ("notes", office.worker_token.clone(), "/v1/practice/cases/{case}/notes"),
        ("audit by person", records_officer.clone(), "/v1/practice/audit?service_user_id={person}"),
        ("readers of a person", records_officer, "/v1/practice/service-users/{person}/readers"),
    ] {
        let people = office.people.clone();
        let call = move |number: usize| {
            let person = people.get(number % people.len())?;
            let path = path.replace("{case}", &person.case).replace("{person}", &person.id);
            Some(Call::get(path, &token, "items"))
        };
        operations.push((title, Box::new(call)));
    }
    Ok(operations)
}

/// Writes as many notes as make the tables large into which requests write: until then the planner reads them whole.
async fn fill_what_requests_write(cluster: &Cluster, world: &Rc<World>, port: u16) -> Result<(), Failure> {
    let requests = Requests { world: Rc::clone(world), scenario: Scenario::Note, count: Cell::new(0) };
    let mut connection = Connection::open(port).await?;
    for _ in 0..LARGE * 2 {
        connection.expect(&requests.next().ok_or("no request")?).await?;
    }
    cluster.settle(DATABASE)
}

/// The server's log of one request, after many of the same.
async fn recorded(cluster: &Cluster, port: u16, call: &dyn Fn(usize) -> Option<Call>) -> Result<String, Failure> {
    let mut connection = Connection::open(port).await?;
    for number in 0..BEFORE {
        connection.expect(&call(number).ok_or("no request")?).await?;
    }
    let log = File::open(cluster.log())?;
    let from = log.metadata()?.size();
    connection.expect(&call(BEFORE).ok_or("no request")?).await?;
    let mut bytes = vec![0; usize::try_from(log.metadata()?.size() - from)?];
    log.read_exact_at(&mut bytes, from)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The tables that are not to be read whole.
fn large_tables(cluster: &Cluster) -> Result<BTreeSet<String>, Failure> {
    let sql = format!("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND reltuples >= {LARGE}");
    Ok(cluster.psql(DATABASE, &sql)?.lines().map(str::to_owned).collect())
}

/// What was found while plans were written down.
#[derive(Default)]
struct Seen {
    large: BTreeSet<String>,
    read_whole: Vec<String>,
    /// Each shape with its statement, and the operation below which it stands.
    shapes: BTreeMap<String, String>,
}

impl Seen {
    /// The shapes of all the plans of one request that read a table, each once. One that stands below an earlier operation is
    /// named only.
    fn shapes(&mut self, title: &str, log: &str) -> Result<String, Failure> {
        let mut written: Vec<String> = Vec::new();
        for entry in entries(log) {
            let Some((_, json)) = entry.split_once(" plan:\n") else { continue };
            let explained: Value = serde_json::from_str(json)?;
            let text = shortened(explained["Query Text"].as_str().unwrap_or_default());
            let mut shape = String::new();
            self.write_node(&explained["Plan"], 1, &mut shape, &format!("{title}: {text}"));
            if !shape.contains(" Scan ") {
                continue;
            }
            let shape = format!("\n{text}\n{shape}");
            let first = self.shapes.entry(shape.clone()).or_insert_with(|| title.to_owned());
            let shape = if first == title { shape } else { format!("\n{text}\n  as for {first}\n") };
            if !written.contains(&shape) {
                written.push(shape);
            }
        }
        if written.is_empty() {
            return Err(format!("{title}: no plan stands in the log").into());
        }
        Ok(written.concat())
    }

    fn write_node(&mut self, node: &Value, depth: usize, shape: &mut String, of: &str) {
        let member = |name: &str| node[name].as_str();
        let kind = member("Node Type").unwrap_or_default();
        if let (true, Some(table)) = (kind.ends_with("Seq Scan"), member("Relation Name"))
            && self.large.contains(table)
        {
            self.read_whole.push(format!("{table}, for {of}"));
        }
        if kind == "Result" && node["Plans"].is_null() {
            // A value that is computed once, such as the practice of a policy.
            return;
        }
        let subplan = member("Subplan Name").map(|name| format!("{name}: ")).unwrap_or_default();
        let index = member("Index Name").map(|name| format!(" using {name}")).unwrap_or_default();
        let table = member("Relation Name").map(|name| format!(" on {name}")).unwrap_or_default();
        let _ = writeln!(shape, "{}{subplan}{kind}{index}{table}", "  ".repeat(depth));
        for child in node["Plans"].as_array().into_iter().flatten() {
            self.write_node(child, depth + 1, shape, of);
        }
    }
}

/// The text of a statement in one line, without its list of columns and its literals.
fn shortened(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(columns) = line.trim_start_matches('(').strip_prefix("SELECT ") {
        // Those that are queries themselves have a FROM of their own, in parentheses.
        let (mut depth, mut from) = (0_i32, None);
        for (at, character) in columns.char_indices() {
            depth += i32::from(character == '(') - i32::from(character == ')');
            if depth == 0 && columns[at..].starts_with(" FROM ") {
                from = Some(at);
                break;
            }
        }
        if let Some(at) = from {
            line = format!("SELECT …{}", &columns[at..]);
        }
    }
    let parts: Vec<&str> = line.split('\'').enumerate().map(|(n, part)| if n % 2 == 0 { part } else { "…" }).collect();
    let line = parts.join("'");
    match line.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The lines that only one of the two texts has, under the heading below which they stand.
fn differences(kept: &str, now: &str) -> String {
    let with_headings = |text: &str| {
        let (mut heading, mut statement) = ("", "");
        let mut lines = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            match line.strip_prefix("## ") {
                Some(title) => heading = title,
                None if !line.starts_with(' ') => statement = line,
                None => {}
            }
            lines.push(format!("{heading}: {statement}: {line}"));
        }
        lines
    };
    let (kept, now) = (with_headings(kept), with_headings(now));
    let mut found = String::new();
    for (sign, here, there) in [('-', &kept, &now), ('+', &now, &kept)] {
        for line in here.iter().filter(|line| !there.contains(line)) {
            let _ = writeln!(found, "{sign} {line}");
        }
    }
    if found.is_empty() && kept != now {
        found.push_str("the same lines, in another order\n");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "@7 LOG:  duration: 0.031 ms  plan:\n\
        \t{\n\t  \"Query Text\": \"SELECT a,\\n  (SELECT b FROM c) FROM people WHERE name = 'Edith'\",\n\
        \t  \"Plan\": { \"Node Type\": \"Limit\", \"Total Cost\": 1.0, \"Plans\": [\n\
        \t    { \"Node Type\": \"Seq Scan\", \"Relation Name\": \"people\" } ] }\n\t}\n";

    #[test]
    fn a_plan_is_kept_without_its_costs_and_its_literals() {
        let mut seen = Seen::default();
        let shapes = seen.shapes("person", LOG).unwrap();
        assert_eq!(shapes, "\nSELECT … FROM people WHERE name = '…'\n  Limit\n    Seq Scan on people\n");
        assert!(seen.read_whole.is_empty(), "a small table may be read whole");
    }

    #[test]
    fn a_large_table_that_is_read_whole_is_found() {
        let mut seen = Seen { large: BTreeSet::from(["people".to_owned()]), ..Seen::default() };
        seen.shapes("person", LOG).unwrap();
        assert_eq!(seen.read_whole.len(), 1);
    }

    #[test]
    fn a_plan_that_has_changed_is_named() {
        let kept = "## person\n\nSELECT … FROM people\n  Index Scan using people_pkey on people\n";
        assert_eq!(differences(kept, kept), "");
        let now = kept.replace("Index Scan using people_pkey", "Seq Scan");
        let found = differences(kept, &now);
        assert!(found.contains("- person: SELECT … FROM people:   Index Scan using people_pkey on people"), "{found}");
        assert!(found.contains("+ person: SELECT … FROM people:   Seq Scan on people"), "{found}");
    }
}
