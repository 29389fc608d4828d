//! Tests of the migrations, up and down.

use std::path::Path;
use std::process::Command;

use almoner_domain::words::calendar::Calendar;
use almoner_persistence::{Clock, Login, MasterKeys, Store, StoreError, StoreOptions, migrations};
use chrono::NaiveDate;
use diesel::connection::SimpleConnection;

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

/// Whether a program with this database says that it is ready.
pub(crate) fn is_ready(database: &Database) -> Result<(), StoreError> {
    let options = StoreOptions {
        database_url: database.url("almoner_app"),
        login: Login::App,
        connections: 1,
        keeps_statements: true,
        master_keys: MasterKeys::parse("1:dGVzdHMgYWxvbmUsIDMyIGJ5dGVzIG9mIGEgbWFzdGU=").unwrap(),
        clock: Clock::new(),
    };
    Store::open(options).unwrap().is_ready()
}

#[test]
fn a_program_goes_on_on_a_later_schema_that_says_that_it_runs_it_and_on_no_other() {
    let database = migrated("migrations_later");
    let mut db = database.connect("postgres");
    let since = migrations::RUNS_PROGRAMS_SINCE;
    let comment = "SELECT obj_description('__diesel_schema_migrations'::regclass, 'pg_class') AS line";
    assert_eq!(lines(&mut db, comment), [format!("runs programs since {since}")]);
    is_ready(&database).unwrap();

    // What a later program leaves: a migration that is not known here, functions of its own, and since when programs run.
    let mut says = |sql: &str| {
        db.batch_execute(sql).unwrap();
        is_ready(&database)
    };
    let later = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000001');
                 COMMENT ON SCHEMA app IS 'functions of a later program'";
    let on_the_schema = |words: &str| format!("COMMENT ON TABLE __diesel_schema_migrations IS {words}");
    says(later).expect("a migration that only adds");
    says(&on_the_schema(&format!("'runs programs since {since}0'"))).expect_err("one digit later than ours");
    let refused = says(&on_the_schema("'runs programs since 29990101000001'")).unwrap_err();
    assert!(matches!(&refused, StoreError::Unavailable(why) if why.contains("29990101000001")), "{refused:?}");
    says(&on_the_schema("'something else'")).expect_err("nothing that is known");
    says(&on_the_schema("NULL")).expect_err("nothing is said");
    says(&on_the_schema("'runs programs since 20200101000001'")).expect("every program since long ago");
    let unmade = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{since}'");
    says(&unmade).expect_err("a migration of this program has not run, whatever else has");

    let refused = migrations::migrate(&database.url("postgres")).unwrap_err().to_string();
    assert!(refused.contains("29990101000001") && refused.contains("later program"), "{refused}");
    let functions = "SELECT obj_description('app'::regnamespace, 'pg_namespace') AS line";
    assert_eq!(lines(&mut db, functions), ["functions of a later program"], "the later functions stay in force");
}

/// What a statement of a migration may begin with that only adds: the program before goes on beside it.
const ADDS: [&str; 9] = [
    "CREATE TABLE ",
    "CREATE INDEX ",
    "CREATE UNIQUE INDEX ",
    "CREATE POLICY ",
    "COMMENT ON ",
    "GRANT ",
    "INSERT INTO ",
    "SELECT app.secure_table(",
    "SELECT app.restrict_to_open_people(",
];

#[test]
fn a_migration_only_adds_unless_it_says_since_which_program_it_takes_away() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let names = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "README.md").collect();
    names.sort();
    let version = |name: &str| name.split('_').next().unwrap().replace('-', "");
    let first = names.iter().position(|name| version(name) == migrations::RUNS_PROGRAMS_SINCE);
    let first = first.expect("the oldest program's newest migration is one of the folder");
    for name in &names[first + 1..] {
        let text = std::fs::read_to_string(folder.join(name).join("up.sql")).unwrap();
        let sql: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        for statement in sql.join("\n").split(";\n").map(str::trim).filter(|statement| !statement.is_empty()) {
            let adds = ADDS.iter().any(|beginning| statement.starts_with(beginning))
                || statement.starts_with("ALTER TABLE ") && statement.contains(" ADD ") && !takes_away(statement);
            assert!(adds, "{name} takes something away, so RUNS_PROGRAMS_SINCE has to rise:\n{statement}");
        }
    }
    assert!(takes_away("ALTER TABLE practices ADD COLUMN motto text NOT NULL"));
    assert!(takes_away("ALTER TABLE practices ADD COLUMN motto text, DROP COLUMN name"));
    assert!(!takes_away("ALTER TABLE practices ADD COLUMN motto text NOT NULL DEFAULT ''"));
}

/// Whether a change of a table breaks a statement of a program that does not know of it.
fn takes_away(statement: &str) -> bool {
    let words = ["DROP ", "RENAME ", "ALTER COLUMN ", " TYPE "];
    words.iter().any(|word| statement.contains(word))
        || statement.contains("NOT NULL") && !statement.contains("DEFAULT")
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
