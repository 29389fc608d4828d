//! Bringing a database's schema to this program's.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::ground::bootstrap::{self, NeedsRoles};
use crate::ground::error::StoreError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Why a database could not be migrated, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// It could not be reached.
    #[error("the database cannot be reached: {0}")]
    Connect(#[from] diesel::ConnectionError),
    /// The roles are missing, and this role may not make them.
    #[error(
        "these roles are missing: {missing}. This connection may not make them. As a superuser, run in the cluster:\n\n{cluster}\n\nand then in this database:\n\n{database}\n"
    )]
    Roles {
        /// The roles that are missing.
        missing: String,
        /// What to run once per cluster.
        cluster: String,
        /// What to run in the database.
        database: String,
    },
    /// The roles are there, but the owner may not create anything in this database.
    #[error("almoner_owner may not create anything in this database. As a superuser, run in it:\n\n{database}\n")]
    Grants {
        /// What to run in the database.
        database: String,
    },
    /// The connection is neither the owner's nor one that can become the owner.
    #[error("the connection's role cannot become almoner_owner: use the owner's own (ALMONER_MIGRATE_DATABASE_URL)")]
    NotTheOwner,
    /// A migration or the bootstrap failed.
    #[error("{0}")]
    Failed(String),
}

/// Makes the roles where it may, and runs the migrations that are missing. Gives the names of those that it ran.
pub fn migrate(owner_url: &str) -> Result<Vec<String>, MigrateError> {
    let mut conn = PgConnection::establish(owner_url)?;
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
    let ran = conn.run_pending_migrations(MIGRATIONS).map_err(|error| MigrateError::Failed(error.to_string()))?;
    let ran = ran.iter().map(ToString::to_string).collect();
    // Which migrations have run is for every role to read: a program refuses a schema that is not its own.
    conn.batch_execute("GRANT SELECT ON __diesel_schema_migrations TO PUBLIC")
        .map_err(|error| MigrateError::Failed(error.to_string()))?;
    Ok(ran)
}

/// Makes a database, as the cluster's superuser, unless it is there; `anew` drops what is there first. Says whether it was
/// made. For the demonstration.
pub fn create_database(superuser_url: &str, name: &str, anew: bool) -> Result<bool, MigrateError> {
    let failed = |error: diesel::result::Error| MigrateError::Failed(error.to_string());
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        return Err(MigrateError::Failed("a database's name is lower-case letters and underscores".to_owned()));
    }
    let mut conn = PgConnection::establish(superuser_url)?;
    if anew {
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).map_err(failed)?;
    }
    match conn.batch_execute(&format!("CREATE DATABASE {name}")) {
        Ok(()) => Ok(true),
        // 42P04, duplicate_database, has no kind of its own; whether it is there is asked for afterwards.
        Err(error) => {
            let known = diesel::sql_query("SELECT datname::text AS name FROM pg_database WHERE datname = $1")
                .bind::<Text, _>(name)
                .execute(&mut conn)
                .map_err(failed)?;
            if known == 1 { Ok(false) } else { Err(failed(error)) }
        }
    }
}

/// Undoes every migration. For tests of the migrations; a live system goes forward.
pub fn revert_all(owner_url: &str) -> Result<(), MigrateError> {
    let mut conn = PgConnection::establish(owner_url)?;
    conn.batch_execute("SET ROLE almoner_owner").map_err(|_| MigrateError::NotTheOwner)?;
    conn.revert_all_migrations(MIGRATIONS).map(drop).map_err(|error| MigrateError::Failed(error.to_string()))
}

/// Whether the newest migration has run.
pub(crate) fn is_current(conn: &mut PgConnection) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Newest {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let newest = diesel::sql_query("SELECT max(version)::text AS version FROM __diesel_schema_migrations")
        .get_result::<Newest>(conn)?
        .version;
    let ours: Option<String> = diesel::migration::MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS)
        .map_err(StoreError::unreadable)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .max();
    if ours.as_deref() == Some(newest.as_str()) {
        Ok(())
    } else {
        Err(StoreError::Unavailable(format!(
            "the schema is at {newest}, this program's is {}",
            ours.unwrap_or_default()
        )))
    }
}

fn as_script(statements: &[String]) -> String {
    statements.iter().map(|statement| format!("{statement};")).collect::<Vec<_>>().join("\n")
}
