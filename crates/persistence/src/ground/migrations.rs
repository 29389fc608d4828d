//! Migration of a database to this program's schema: first the security functions, from `sql/functions`, then the
//! migrations. Both are compiled into the program.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use sha2::{Digest, Sha256};

use crate::ground::bootstrap::{self, NeedsRoles};
use crate::ground::database_url::with_defaults;
use crate::ground::error::{StoreError, sqlstate};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// The newest migration that the oldest program knows which runs on this schema. Programs that know it go on when the database
/// is migrated past them. A migration that only adds leaves it; one that takes away what the program before does not use any
/// more sets it to that program's newest (`migrations/README.md`).
pub const RUNS_PROGRAMS_SINCE: &str = "20261125000011";

/// The words before that version in the comment on the table of migrations, where a program of before reads it.
const SINCE: &str = "runs programs since ";

/// The texts of the security functions, from the files that are named after them.
macro_rules! functions {
    ($($name:literal),* $(,)?) => {
        [$(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../sql/functions/", $name, ".sql"))),*]
    };
}

/// A test holds that these are all files of the folder, and all functions of the schema `app`.
const FUNCTIONS: [&str; 34] = functions![
    "account",
    "acted_on",
    "assigned",
    "audited_council",
    "shown",
    "staff_without_access",
    "client",
    "complaint",
    "council",
    "council_codes",
    "enter_complaints",
    "enter_council",
    "enter_council_as_officer",
    "enter_operator",
    "enter_partner",
    "enter_practice",
    "find_excluded_from",
    "find_open_people",
    "known_of_complaint",
    "line_of",
    "members_since",
    "excluded_from",
    "guest",
    "officer",
    "open_assigned_page",
    "open_people",
    "practice",
    "receipt",
    "recorded",
    "open_teams",
    "restrict_to_open_people",
    "secure_table",
    "staff",
    "workers_of",
];

/// Makes two migrations of one database take turns: `CREATE OR REPLACE` and `GRANT` fail where they run side by side.
const TURN: &str = "SELECT pg_advisory_xact_lock(hashtextextended('almoner migrate', 0))";

/// The reason for which a database could not be migrated, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database could not be reached.
    #[error("the database cannot be reached: {0}")]
    Connect(#[from] diesel::ConnectionError),
    /// The roles are missing, and this role may not make them.
    #[error(
        "these roles are missing: {missing}. This connection may not make them. As a superuser, run in the cluster:\n\n{cluster}\n\nand then in this database:\n\n{database}\n"
    )]
    Roles {
        /// The roles that are missing.
        missing: String,
        /// The statements to run once per cluster.
        cluster: String,
        /// The statements to run in the database.
        database: String,
    },
    /// The roles exist, but the owner may not create anything in this database.
    #[error("almoner_owner may not create anything in this database. As a superuser, run in it:\n\n{database}\n")]
    Grants {
        /// The statements to run in the database.
        database: String,
    },
    /// A later program has migrated the database. Its functions would be replaced by older ones.
    #[error("the database is at migration {newest}, which this program does not know: migrate with the later program")]
    Newer {
        /// The newest migration of the database.
        newest: String,
    },
    /// The connection is neither the owner's nor one that can become the owner.
    #[error("the connection's role cannot become almoner_owner: use the owner's own (ALMONER_MIGRATE_DATABASE_URL)")]
    NotTheOwner,
    /// A migration or the bootstrap failed.
    #[error("{0}")]
    Failed(String),
}

impl From<diesel::result::Error> for MigrateError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Makes the roles where it may, creates the functions, and runs the migrations that are missing, in one transaction.
/// Returns the names of the migrations that it ran.
pub fn migrate(owner_url: &str) -> Result<Vec<String>, MigrateError> {
    migrate_and_tell(owner_url, &mut |_| ())
}

/// Migrates like [`migrate`], and tells each step before it is done, in words.
pub fn migrate_and_tell(owner_url: &str, tell: &mut dyn FnMut(&str)) -> Result<Vec<String>, MigrateError> {
    let mut conn = PgConnection::establish(&with_defaults(owner_url))?;
    bootstrap::make_roles(&mut conn).map_err(|needs| match needs {
        NeedsRoles::Missing(missing) => MigrateError::Roles {
            missing: missing.join(", "),
            cluster: as_script(&bootstrap::statements()),
            database: as_script(&bootstrap::database_statements()),
        },
        NeedsRoles::Grants => MigrateError::Grants { database: as_script(&bootstrap::database_statements()) },
        NeedsRoles::Database(error) => MigrateError::Failed(error.to_string()),
    })?;
    conn.batch_execute("SET ROLE almoner_owner").map_err(|_| MigrateError::NotTheOwner)?;
    conn.transaction(|conn| {
        tell("waiting for another migration to end");
        conn.batch_execute(TURN)?;
        refuse_a_newer_schema(conn)?;
        tell("the functions");
        put_functions_in_force(conn)?;
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| MigrateError::Failed(error.to_string());
        let pending = conn.pending_migrations(MIGRATIONS).map_err(failed)?;
        let mut ran = Vec::new();
        for (at, migration) in pending.iter().enumerate() {
            tell(&format!("{}, {} of {}", migration.name(), at + 1, pending.len()));
            ran.push(conn.run_migration(migration).map_err(failed)?.to_string());
        }
        // Every role may read which migrations have run, so that a program can refuse a schema that is not its own.
        conn.batch_execute(&format!(
            "GRANT SELECT ON __diesel_schema_migrations TO PUBLIC;
             COMMENT ON TABLE __diesel_schema_migrations IS '{SINCE}{RUNS_PROGRAMS_SINCE}'"
        ))?;
        Ok(ran)
    })
}

/// The program that migrates is the newest of all.
fn refuse_a_newer_schema(conn: &mut PgConnection) -> Result<(), MigrateError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| MigrateError::Failed(error.to_string());
    let ours = versions().map_err(failed)?;
    let ran = conn.applied_migrations().map_err(failed)?;
    match ran.iter().map(ToString::to_string).find(|version| !ours.contains(version)) {
        None => Ok(()),
        Some(_) => Err(MigrateError::Newer { newest: ran.iter().map(ToString::to_string).max().unwrap_or_default() }),
    }
}

/// The versions of this program's migrations, in order.
fn versions() -> diesel::migration::Result<Vec<String>> {
    let migrations = diesel::migration::MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS)?;
    let mut versions: Vec<String> = migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort_unstable();
    Ok(versions)
}

/// The functions come before the migrations, whose policies call them. So their bodies name tables that do not exist yet,
/// and are not checked here. The schema's comment records which functions are in force.
fn put_functions_in_force(conn: &mut PgConnection) -> QueryResult<()> {
    conn.batch_execute("CREATE SCHEMA IF NOT EXISTS app; SET LOCAL check_function_bodies = off")?;
    conn.batch_execute(&format!("GRANT USAGE ON SCHEMA app TO {}", bootstrap::DOORS.join(", ")))?;
    FUNCTIONS.iter().try_for_each(|function| conn.batch_execute(function))?;
    conn.batch_execute(&format!("SET LOCAL check_function_bodies = on; COMMENT ON SCHEMA app IS '{}'", fingerprint()))
}

/// A hash that tells these functions from those of another version.
fn fingerprint() -> String {
    let digest = FUNCTIONS.iter().fold(Sha256::new(), Sha256::chain_update);
    format!("functions {}", data_encoding::HEXLOWER.encode(&digest.finalize()))
}

/// Creates a database, as the cluster's superuser, unless it exists; `anew` drops an existing one first. Returns whether it
/// was created. For the demonstration.
pub fn create_database(superuser_url: &str, name: &str, anew: bool) -> Result<bool, MigrateError> {
    let failed = |error: diesel::result::Error| MigrateError::Failed(error.to_string());
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        return Err(MigrateError::Failed("a database's name is lower-case letters and underscores".to_owned()));
    }
    let mut conn = PgConnection::establish(&with_defaults(superuser_url))?;
    if anew {
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).map_err(failed)?;
    }
    match conn.batch_execute(&format!("CREATE DATABASE {name}")) {
        Ok(()) => Ok(true),
        Err(error) if sqlstate(&error) == Some("42P04") => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

/// Undoes every migration, and removes the functions. For tests of the migrations; a live system goes forward.
pub fn revert_all(owner_url: &str) -> Result<(), MigrateError> {
    let mut conn = PgConnection::establish(&with_defaults(owner_url))?;
    conn.batch_execute("SET ROLE almoner_owner").map_err(|_| MigrateError::NotTheOwner)?;
    conn.revert_all_migrations(MIGRATIONS).map_err(|error| MigrateError::Failed(error.to_string()))?;
    Ok(conn.batch_execute("DROP SCHEMA app CASCADE")?)
}

/// Whether this program runs on the schema, and the database takes writes. Every migration of the program must have run, and
/// the functions in force must be its own. A database that a later program has migrated says since which program its schema
/// runs them: then its functions are that later program's, and do for this one what its own would.
pub(crate) fn is_current(conn: &mut PgConnection) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Schema {
        #[diesel(sql_type = Array<Text>)]
        ran: Vec<String>,
        #[diesel(sql_type = Nullable<Text>)]
        functions: Option<String>,
        #[diesel(sql_type = Nullable<Text>)]
        since: Option<String>,
        #[diesel(sql_type = Bool)]
        read_only: bool,
    }
    let schema = diesel::sql_query(
        "SELECT array_agg(version::text ORDER BY version) AS ran,
             (SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'app') AS functions,
             obj_description('__diesel_schema_migrations'::regclass, 'pg_class') AS since,
             current_setting('transaction_read_only')::bool AS read_only
         FROM __diesel_schema_migrations HAVING count(*) > 0",
    )
    .get_result::<Schema>(conn)
    .optional()?;
    let unavailable = |why: String| Err(StoreError::Unavailable(why));
    let Some(schema) = schema else { return unavailable("the schema has not been made".to_owned()) };
    let ours = versions().map_err(StoreError::unreadable)?;
    let (own, at) = (ours.last().cloned().unwrap_or_default(), schema.ran.last().cloned().unwrap_or_default());
    if ours.iter().any(|version| !schema.ran.contains(version)) {
        return unavailable(format!("the schema is at {at}, this program's is {own}"));
    }
    let is_newer = schema.ran.iter().any(|version| !ours.contains(version));
    let since = schema.since.as_deref().and_then(|comment| comment.strip_prefix(SINCE));
    if is_newer && since.is_none_or(|since| since > own.as_str()) {
        return unavailable(format!(
            "the schema is at {at}, and runs programs since {}; this program's is {own}",
            since.unwrap_or("that one")
        ));
    }
    if schema.read_only {
        return unavailable("the database is read-only".to_owned());
    }
    if !is_newer && schema.functions != Some(fingerprint()) {
        return unavailable("the functions of the schema app are not this program's".to_owned());
    }
    Ok(())
}

fn as_script(statements: &[String]) -> String {
    statements.iter().map(|statement| format!("{statement};")).collect::<Vec<_>>().join("\n")
}
