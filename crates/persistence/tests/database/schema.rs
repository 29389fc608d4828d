//! Diesel's description of the tables, `crates/persistence/src/ground/schema.rs`, is written from a migrated database and held to it.
//! `make schema` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use diesel::prelude::*;

use crate::cluster::{lines, migrated};

/// The tables of the schema `public` that the program knows.
const TABLES: &str = "pg_class t
    JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public' AND t.relkind = 'r'
        AND t.relname <> '__diesel_schema_migrations'
    JOIN pg_index p ON p.indrelid = t.oid AND p.indisprimary";

/// A column that is there for a key alone, and that no statement of the program names.
const FOR_A_KEY: &str = "(t.relname, a.attname) = ('referrals', 'about_id')";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ground/schema.rs")
}

/// The type that diesel has for one of PostgreSQL's. Whether the members of an array may be NULL is not in the catalogue: ours
/// never are.
fn diesel_type(postgres: &str) -> String {
    let known = match postgres.trim_end_matches("[]") {
        "bigint" => "Int8",
        "boolean" => "Bool",
        "bytea" => "Bytea",
        "date" => "Date",
        "integer" => "Int4",
        "smallint" => "Int2",
        "text" => "Text",
        "timestamp with time zone" => "Timestamptz",
        "uuid" => "Uuid",
        other => panic!("no column has had the type {other} before: say here what diesel calls it"),
    };
    if postgres.ends_with("[]") { format!("Array<{known}>") } else { known.to_owned() }
}

fn generated(db: &mut PgConnection) -> String {
    let mut text = String::from(
        "//! The tables, as the migrations make them. Written by `make schema`, and held to the database by a test.\n",
    );
    let tables = lines(db, &format!("SELECT t.relname::text AS line FROM {TABLES} ORDER BY t.relname COLLATE \"C\""));
    let keys = lines(
        db,
        &format!(
            "SELECT (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
                 FROM unnest((p.indkey::int2[])[0:p.indnkeyatts - 1]) WITH ORDINALITY AS k (number, place)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) AS line
             FROM {TABLES} ORDER BY t.relname COLLATE \"C\""
        ),
    );
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in lines(
        db,
        &format!(
            "SELECT concat_ws('|', t.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) AS line
             FROM {TABLES} JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
             WHERE NOT {FOR_A_KEY}
             ORDER BY t.relname COLLATE \"C\", a.attnum"
        ),
    ) {
        let [table, name, kind, required] = *column.split('|').collect::<Vec<_>>() else { panic!("{column}") };
        let kind = diesel_type(kind);
        let kind = if required == "t" { kind } else { format!("Nullable<{kind}>") };
        columns.entry(table.to_owned()).or_default().push(format!("{name} -> {kind}"));
    }
    for (table, key) in tables.iter().zip(keys) {
        write!(text, "\ndiesel::table! {{\n    {table} ({key}) {{\n").unwrap();
        for column in &columns[table] {
            writeln!(text, "        {column},").unwrap();
        }
        text.push_str("    }\n}\n");
    }
    text.push('\n');
    // A foreign key of one column to a table that is joined by no other.
    for join in lines(
        db,
        "SELECT format('%s -> %s (%s)', f.conrelid::regclass, f.confrelid::regclass, a.attname) AS line
         FROM pg_constraint f JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
         WHERE f.contype = 'f' AND cardinality(f.conkey) = 1 AND f.conrelid <> f.confrelid AND NOT EXISTS (
             SELECT FROM pg_constraint other WHERE other.contype = 'f' AND other.oid <> f.oid
                 AND (other.conrelid, other.confrelid) IN ((f.conrelid, f.confrelid), (f.confrelid, f.conrelid)))
         ORDER BY 1",
    ) {
        writeln!(text, "diesel::joinable!({join});").unwrap();
    }
    text.push_str("\ndiesel::allow_tables_to_appear_in_same_query!(\n");
    for table in tables {
        writeln!(text, "    {table},").unwrap();
    }
    text.push_str(");\n");
    text
}

#[test]
fn the_description_of_the_tables_is_what_the_migrations_make() {
    let expected = generated(&mut migrated("schema").connect("postgres"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path(), &expected).unwrap();
    }
    let found = std::fs::read_to_string(path()).unwrap();
    let differing: Vec<_> = expected.lines().zip(found.lines()).filter(|(expected, found)| expected != found).collect();
    assert!(
        expected == found,
        "schema.rs is not what the migrations make; `make schema` writes it anew. Expected and found, first: {:?}",
        differing.first()
    );
}
