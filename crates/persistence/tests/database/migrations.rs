//! Tests of the migrations, up and down.

use std::path::Path;
use std::process::Command;

use almoner_domain::words::calendar::Calendar;
use almoner_persistence::migrations;
use chrono::NaiveDate;

use crate::cluster::{Database, empty, lines, migrated};

/// Lists everything that the catalogue says of the schema, in order.
fn shape(database: &Database) -> Vec<String> {
    let mut db = database.connect("postgres");
    lines(
        &mut db,
        "SELECT * FROM (
            SELECT format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS line
            FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
                WHERE connamespace = 'public'::regnamespace
            UNION ALL SELECT format('policy %s %s %s %s %s', tablename, policyname, roles, qual, with_check) FROM pg_policies
            UNION ALL SELECT format('grant %s %s %s %s', table_name, column_name, grantee, privilege_type)
                FROM information_schema.column_privileges WHERE table_schema = 'public'
            UNION ALL SELECT format('function %s %s', pg_get_functiondef(oid), proacl) FROM pg_proc WHERE pronamespace = 'app'::regnamespace
        ) AS everything ORDER BY line COLLATE \"C\"",
    )
}

#[test]
fn up_down_and_up_again_is_the_same() {
    let database = migrated("migrations_up_down_up");
    let first = shape(&database);
    assert!(first.len() > 500, "{}", first.len());
    migrations::revert_all(&database.url("postgres")).unwrap();
    let left = lines(
        &mut database.connect("postgres"),
        "SELECT c.relname::text AS line FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'",
    );
    assert_eq!(left, ["__diesel_schema_migrations"]);
    let schema = "SELECT nspname::text AS line FROM pg_namespace WHERE nspname = 'app'";
    assert!(lines(&mut database.connect("postgres"), schema).is_empty());
    migrations::migrate(&database.url("postgres")).unwrap();
    assert_eq!(shape(&database), first);
}

#[test]
fn migrating_again_does_nothing() {
    let database = migrated("migrations_again");
    assert_eq!(migrations::migrate(&database.url("postgres")).unwrap(), Vec::<String>::new());
}

#[test]
fn the_owner_migrates_where_the_roles_are_there_and_is_told_what_to_run_where_they_are_not() {
    // The roles belong to the cluster, and another test may have made them: the owner then lacks only the database's grants.
    drop(migrated("migrations_roles"));
    let database = empty("migrations_owner");
    let refused = migrations::migrate(&database.url("almoner_owner")).unwrap_err().to_string();
    assert!(refused.contains("GRANT CREATE ON SCHEMA public TO almoner_owner"), "{refused}");
    let mut superuser = database.connect("postgres");
    for statement in almoner_persistence::bootstrap::database_statements() {
        diesel::connection::SimpleConnection::batch_execute(&mut superuser, &statement).unwrap();
    }
    assert!(!migrations::migrate(&database.url("almoner_owner")).unwrap().is_empty());
}

#[test]
fn several_that_migrate_one_database_at_once_take_turns() {
    let database = empty("migrations_in_turn");
    let ran: Vec<usize> = std::thread::scope(|scope| {
        let migrating: Vec<_> =
            (0..4).map(|_| scope.spawn(|| migrations::migrate(&database.url("postgres")).unwrap().len())).collect();
        migrating.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(ran.iter().filter(|ran| **ran > 0).count(), 1, "one of them runs them all: {ran:?}");
}

#[test]
fn two_that_migrate_two_databases_of_a_cluster_at_once_do_not_disturb_each_other() {
    let databases: Vec<Database> = (0..4).map(|n| empty(&format!("migrations_at_once_{n}"))).collect();
    std::thread::scope(|scope| {
        for database in &databases {
            scope.spawn(|| migrations::migrate(&database.url("postgres")).unwrap());
        }
    });
}

#[test]
fn the_calendar_has_the_working_days_of_every_year_it_says_it_has() {
    let mut db = migrated("migrations_calendar").connect("postgres");
    let days: Vec<NaiveDate> = lines(&mut db, "SELECT day::text AS line FROM bank_holidays ORDER BY day")
        .iter()
        .map(|day| day.parse().unwrap())
        .collect();
    let listed = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/data/bank-holidays-england-and-wales.txt"),
    )
    .unwrap();
    let listed: Vec<NaiveDate> = listed.lines().filter_map(|line| line.split(' ').next()?.parse().ok()).collect();
    assert_eq!(days, listed);
    let years = lines(&mut db, "SELECT year::text AS line FROM calendar_years ORDER BY year");
    assert_eq!(years, ["2024", "2025", "2026", "2027", "2028", "2029", "2030"]);
    let calendar = Calendar::new(2024, 2030, days);
    let good_friday = NaiveDate::from_ymd_opt(2026, 4, 3).unwrap();
    assert!(!calendar.is_working_day(good_friday).unwrap());
}

#[test]
fn the_domain_does_no_input_or_output() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "almoner-domain", "--edges", "normal", "--offline", "--prefix", "none"])
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("almoner-domain"), "{tree}");
    for library in ["pq-sys", "tokio", "actix", "ureq", "rand v"] {
        assert!(!tree.contains(library), "almoner-domain depends on {library}:\n{tree}");
    }
}
