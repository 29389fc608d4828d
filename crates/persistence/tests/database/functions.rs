//! The functions of the schema `app`, each of which has a file of its own in `sql/functions`.

use std::collections::BTreeMap;
use std::path::Path;

use almoner_persistence::StoreError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::cluster::{lines, migrated};
use crate::migrations::is_ready;

/// The functions with which migrations make policies.
const FOR_MIGRATIONS: &str = "('restrict_to_open_people', 'secure_table')";

/// The tables that a function's body reads: the names after FROM, JOIN or a comma.
const READS: &str = "(SELECT count(*) FROM regexp_matches(p.prosrc, '(?:\\mfrom|\\mjoin|,)\\s+(?:' || (
    SELECT string_agg(relname, '|') FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r') || ')\\M', 'gi'))";

/// The comparisons with which a body asks for one owner's rows alone: with its parameter, or with the owner of a row that
/// was read.
const FILTERS: &str = "(SELECT count(*) FROM regexp_matches(p.prosrc,
    '\\m(?:practice_id = (?:practice\\M|\\w+\\.practice_id\\M)|council_id = (?:council\\M|\\w+\\.council_id\\M)|owner_id = council\\M)', 'g'))";

/// The calls that one function that reads tables makes for each row to another such function, and the reason for each.
const CALLS_FOR_EACH_ROW: [(&str, &str); 2] = [
    ("acted_on workers_of", "it is called once for each record that may be the person's, and makes a list into rows"),
    ("known_of_complaint members_since", "it is called once, for the practice that the complaint is about"),
];

/// The functions that find out who the caller is. They ask for the rows of the scope's account or client, because the owner is
/// what they find.
const ENTRANCES: &str = "('enter_complaints', 'enter_council', 'enter_council_as_officer', 'enter_operator', 'enter_partner', 'enter_practice')";

/// The functions that read public registers alone, which have no owner to compare.
const OF_REGISTERS: &str = "('council_codes')";

/// The tables that are public registers, as far as their columns are granted.
const REGISTERS: [&str; 4] = ["councils", "former_council_details", "reorganisations", "reorganised_codes"];

/// The functions in the database, by name, as PostgreSQL would define them.
fn in_force(db: &mut PgConnection) -> BTreeMap<String, String> {
    let of = |column: &str| {
        format!("SELECT {column} AS line FROM pg_proc WHERE pronamespace = 'app'::regnamespace ORDER BY proname, oid")
    };
    let names = lines(db, &of("proname::text"));
    let definitions = lines(db, &of("concat(pg_get_functiondef(oid), proacl)"));
    let count = names.len();
    let functions: BTreeMap<_, _> = names.into_iter().zip(definitions).collect();
    assert_eq!(functions.len(), count, "no two functions have the same name");
    functions
}

/// The texts of the files, by the names of the files.
fn files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sql/functions");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn every_function_has_one_file_whose_text_is_in_force_and_says_what_it_decides() {
    let database = migrated("functions_files");
    let mut db = database.connect("postgres");
    let mut found = in_force(&mut db);
    assert_eq!(found.keys().collect::<Vec<_>>(), files().keys().collect::<Vec<_>>());
    db.batch_execute(
        "SET ROLE almoner_owner; ALTER SCHEMA app RENAME TO app_as_migrated; CREATE SCHEMA app; SET check_function_bodies = off",
    )
    .unwrap();
    for (name, text) in files() {
        assert!(text.starts_with("-- "), "{name}.sql begins with a comment");
        assert_eq!(text.matches("CREATE OR REPLACE FUNCTION").count(), 1, "{name}.sql makes one function");
        db.batch_execute(&text).unwrap();
        let made = in_force(&mut db);
        assert_eq!(made.get(&name), found.remove(&name).as_ref(), "{name}.sql is not what is in force");
    }
}

#[test]
fn every_function_finds_its_tables_whatever_path_its_caller_has_set() {
    let mut db = migrated("functions_paths").connect("postgres");
    // The body of a function with RETURN was read when it was made; that of any other is read when it is called.
    let unbound = lines(
        &mut db,
        "SELECT p.proname::text AS line FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prosqlbody IS NULL
             AND NOT COALESCE('search_path=pg_catalog, public, pg_temp' = ANY (p.proconfig), false)
             -- Diesel's, for tables of its own that the program does not have.
             AND p.proname NOT IN ('diesel_manage_updated_at', 'diesel_set_updated_at')",
    );
    assert!(unbound.is_empty(), "these look in the caller's search_path: {unbound:?}");
}

/// What the catalogue can say of the rule that a query over tables asks nothing of a function that reads tables (it would run
/// for each row, and a distributed engine would have to run it on each shard): no policy, view, default, constraint or index
/// depends on one. PostgreSQL records no dependency of a function whose body is text, so a call from one such function to
/// another is looked for in the text. What the program's own queries call is for the next test.
#[test]
fn a_function_that_reads_tables_filters_by_its_owner_and_is_not_called_for_each_row() {
    let database = migrated("functions_readers");
    let mut db = database.connect("postgres");
    let readers = format!(
        "(SELECT p.oid, p.proname, p.prosrc, p.proargnames, p.proargtypes, {READS} AS reads, {FILTERS} AS filters
          FROM pg_proc p
          WHERE p.pronamespace = 'app'::regnamespace AND {READS} > 0 AND p.proname NOT IN {ENTRANCES}
              AND p.proname NOT IN {OF_REGISTERS}) AS reader"
    );
    let names = lines(&mut db, &format!("SELECT proname::text AS line FROM {readers} ORDER BY 1"));
    assert_eq!(
        names,
        [
            "acted_on",
            "find_excluded_from",
            "find_open_people",
            "known_of_complaint",
            "line_of",
            "members_since",
            "open_assigned_page",
            "staff_without_access",
            "workers_of",
        ],
        "the functions that read tables are found"
    );
    let without_owner = lines(
        &mut db,
        &format!(
            "SELECT proname::text AS line FROM {readers}
             WHERE proargnames[1] IS NULL OR proargnames[1] NOT IN ('council', 'practice') OR proargtypes[0] <> 'uuid'::regtype"
        ),
    );
    assert!(without_owner.is_empty(), "the owner is the first parameter: {without_owner:?}");
    let unfiltered = lines(
        &mut db,
        &format!(
            "SELECT format('%s reads %s tables and asks for one owner %s times', proname, reads, filters) AS line
             FROM {readers} WHERE filters < reads"
        ),
    );
    assert!(unfiltered.is_empty(), "each table that is read is filtered by its owner: {unfiltered:?}");
    let depending = lines(
        &mut db,
        &format!(
            "SELECT format('%s: %s', reader.proname, pg_describe_object(classid, objid, objsubid)) AS line
             FROM pg_depend JOIN {readers} ON refclassid = 'pg_proc'::regclass AND refobjid = reader.oid"
        ),
    );
    assert!(depending.is_empty(), "nothing asks it for each row: {depending:?}");
    let calls = lines(
        &mut db,
        &format!(
            "SELECT format('%s %s', reader.proname, called.proname) AS line
             FROM {readers} JOIN {} ON reader.prosrc ~ ('\\mapp\\.' || called.proname || '\\M')
             -- A call that stands alone in its SELECT runs once.
             WHERE reader.prosrc !~ ('\\(SELECT app\\.' || called.proname || '\\([^()]*\\)( AS \\w+)?\\)') ORDER BY 1",
            readers.replace("AS reader", "AS called")
        ),
    );
    assert_eq!(calls, CALLS_FOR_EACH_ROW.map(|(call, _)| call));
}

#[test]
fn a_function_of_registers_reads_nothing_else() {
    let mut db = migrated("functions_registers").connect("postgres");
    let tables = lines(
        &mut db,
        &format!(
            "SELECT DISTINCT relname::text AS line FROM pg_proc p, pg_class c
             WHERE p.proname IN {OF_REGISTERS} AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                 AND p.prosrc ~ ('(?:\\mFROM|\\mJOIN|,)\\s+' || relname || '\\M') ORDER BY 1"
        ),
    );
    assert!(!tables.is_empty() && tables.iter().all(|table| REGISTERS.contains(&table.as_str())), "{tables:?}");
}

#[test]
fn who_comes_in_is_found_by_the_account_or_client_of_the_scope_and_by_the_identity_role_alone() {
    let mut db = migrated("functions_entrances").connect("postgres");
    let unbound = lines(
        &mut db,
        &format!(
            "SELECT proname::text AS line FROM pg_proc
             WHERE proname IN {ENTRANCES} AND prosrc !~ '_id = app\\.(account|client)\\(\\)'"
        ),
    );
    assert!(unbound.is_empty(), "each asks for the scope's own account or client: {unbound:?}");
    let entrances = [
        "enter_complaints(gen_random_uuid(), now(), gen_random_uuid())",
        "enter_council(gen_random_uuid(), 0)",
        "enter_operator(gen_random_uuid(), now())",
        "enter_partner(gen_random_uuid(), 0)",
        "enter_practice(gen_random_uuid(), now())",
    ];
    for role in ["practice", "council", "complaints", "partner", "public", "operator", "intake", "worker"] {
        for entrance in entrances {
            let asked =
                db.batch_execute(&format!("BEGIN; SET LOCAL ROLE almoner_{role}; SELECT * FROM app.{entrance}"));
            db.batch_execute("ROLLBACK").unwrap();
            let refused = asked.expect_err(&format!("almoner_{role} asks {entrance}")).to_string();
            assert!(refused.contains("permission denied"), "almoner_{role} {entrance}: {refused}");
        }
    }
    for entrance in entrances {
        let found = lines(
            &mut db,
            &format!(
                "SELECT count(*)::text AS line FROM app.{entrance} WHERE pg_has_role(current_user, 'almoner_identity', 'MEMBER')"
            ),
        );
        assert_eq!(found, ["0"], "a session or a token that is not there finds nobody: {entrance}");
    }
}

/// The text of every source file below a folder, with its path.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                return sources(&path);
            }
            vec![(path.display().to_string(), std::fs::read_to_string(&path).unwrap())]
        })
        .collect()
}

#[test]
fn the_program_asks_a_function_that_reads_tables_with_who_calls_and_never_with_a_column() {
    let names = [
        "acted_on",
        "barred",
        "find_excluded_from",
        "find_open_people",
        "known_of_complaint",
        "line_of",
        "members_since",
        "workers_of",
    ];
    let mut calls = 0;
    for (path, text) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for name in names {
            for (at, _) in text.match_indices(&format!("{name}(")) {
                let is_whole = !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
                let arguments = text[at..].split([')', ';']).next().unwrap();
                let is_declared = text[..at].ends_with("fn ");
                if is_whole && !is_declared {
                    calls += 1;
                    // What is named with the module of a table is a column: `staff::staff_id`.
                    assert!(!arguments.contains("::"), "{path}: {arguments}");
                }
            }
        }
    }
    assert!(calls >= 7, "the calls are found: {calls}");
}

#[test]
fn only_the_owner_runs_the_functions_that_make_policies() {
    let mut db = migrated("functions_makers").connect("postgres");
    let makers = format!("SELECT proname::text AS line FROM pg_proc WHERE proname IN {FOR_MIGRATIONS} ORDER BY 1");
    assert_eq!(lines(&mut db, &makers), ["restrict_to_open_people", "secure_table"]);
    let allowed = lines(
        &mut db,
        &format!(
            "SELECT rolname || ' ' || proname AS line FROM pg_roles, pg_proc
             WHERE proname IN {FOR_MIGRATIONS} AND rolname LIKE 'almoner\\_%' AND rolname <> 'almoner_owner'
                 AND has_function_privilege(rolname, pg_proc.oid, 'EXECUTE')"
        ),
    );
    assert!(allowed.is_empty(), "{allowed:?}");
}

#[test]
fn a_program_refuses_a_database_whose_functions_are_not_its_own_until_it_is_migrated() {
    let database = migrated("functions_foreign");
    is_ready(&database).unwrap();
    database.connect("postgres").batch_execute("COMMENT ON SCHEMA app IS 'functions of another version'").unwrap();
    let refused = is_ready(&database).unwrap_err();
    assert!(matches!(&refused, StoreError::Unavailable(why) if why.contains("functions")), "{refused:?}");
    almoner_persistence::migrations::migrate(&database.url("postgres")).unwrap();
    is_ready(&database).unwrap();
}
