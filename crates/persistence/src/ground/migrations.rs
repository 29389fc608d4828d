//! Migration of a database to this program's schema: first the security functions, from `sql/functions`, then the
//! migrations. Both are compiled into the program.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use sha2::{Digest, Sha256};

use crate::ground::bootstrap::{self, NeedsRoles};
use crate::ground::database_url::with_defaults;
use crate::ground::error::{StoreError, sqlstate};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// The texts of the security functions, from the files that are named after them.
macro_rules! functions {
    ($($name:literal),* $(,)?) => {
        [$(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../sql/functions/", $name, ".sql"))),*]
    };
}

/// A test holds that these are all files of the folder, and all functions of the schema `app`.
const FUNCTIONS: [&str; 23] = functions![
    "account",
    "answers_for",
    "staff_without_access",
    "client",
    "council",
    "council_codes",
    "enter_council",
    "enter_operator",
    "enter_partner",
    "enter_practice",
    "find_excluded_from",
    "find_open_complaints",
    "find_open_people",
    "line_of",
    "excluded_from",
    "open_complaints",
    "open_people",
    "practice",
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
        conn.batch_execute("GRANT SELECT ON __diesel_schema_migrations TO PUBLIC")?;
        Ok(ran)
    })
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

/// Whether the newest migration has run, the functions in force are this program's, and the database takes writes.
pub(crate) fn is_current(conn: &mut PgConnection) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Schema {
        #[diesel(sql_type = Text)]
        version: String,
        #[diesel(sql_type = Nullable<Text>)]
        functions: Option<String>,
        #[diesel(sql_type = Bool)]
        read_only: bool,
    }
    let schema = diesel::sql_query(
        "SELECT max(version)::text AS version,
             (SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'app') AS functions,
             current_setting('transaction_read_only')::bool AS read_only
         FROM __diesel_schema_migrations",
    )
    .get_result::<Schema>(conn)?;
    let ours: Option<String> = diesel::migration::MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS)
        .map_err(StoreError::unreadable)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .max();
    if ours.as_deref() != Some(schema.version.as_str()) {
        return Err(StoreError::Unavailable(format!(
            "the schema is at {}, this program's is {}",
            schema.version,
            ours.unwrap_or_default()
        )));
    }
    if schema.read_only {
        return Err(StoreError::Unavailable("the database is read-only".to_owned()));
    }
    if schema.functions != Some(fingerprint()) {
        return Err(StoreError::Unavailable("the functions of the schema app are not this program's".to_owned()));
    }
    Ok(())
}

fn as_script(statements: &[String]) -> String {
    statements.iter().map(|statement| format!("{statement};")).collect::<Vec<_>>().join("\n")
}
