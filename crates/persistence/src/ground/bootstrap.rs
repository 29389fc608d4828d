//! The roles. They belong to the cluster rather than to a database, so they are made apart from the migrations: by `almoner
//! migrate` where its connection may create roles, otherwise by an administrator, from the statements that it prints.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::ground::error::StoreError;

/// The roles of the doors. They cannot log in, and have no rights except those that the migrations grant them.
pub(crate) const DOORS: [&str; 10] = [
    "almoner_identity",
    "almoner_practice",
    "almoner_council",
    "almoner_complaints",
    "almoner_partner",
    "almoner_public",
    "almoner_operator",
    "almoner_intake",
    "almoner_record",
    "almoner_worker",
];

/// A role that a program logs in as, for its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// `almoner_app`, for `serve` and `operator`.
    App,
    /// `almoner_work`, for `work`, `audit` and `documents`.
    Work,
}

impl Login {
    /// The role's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "almoner_app",
            Self::Work => "almoner_work",
        }
    }

    /// The roles that it becomes.
    fn roles(self) -> &'static [&'static str] {
        match self {
            Self::App => &DOORS[..9],
            Self::Work => &["almoner_identity", "almoner_worker"],
        }
    }

    /// Whether the role of this connection may become every role that the tasks need: it becomes each, one after another.
    pub(crate) fn becomes_its_roles(self, conn: &mut PgConnection) -> Result<(), StoreError> {
        let become_each: Vec<String> = self.roles().iter().map(|role| format!("SET LOCAL ROLE {role}")).collect();
        let done = conn.batch_execute(&format!("BEGIN; {}; COMMIT", become_each.join("; ")));
        let Err(error) = done else { return Ok(()) };
        conn.batch_execute("ROLLBACK")?;
        match StoreError::of_the_role(error) {
            StoreError::Unavailable(why) => Err(StoreError::WrongRole(format!(
                "the database's URL must log in as {0}, or as a role that may become the same roles ({why}); for `serve` and \
                 `operator` that is almoner_app, for `work`, `audit` and `documents` almoner_work, and `almoner migrate` as a superuser makes both",
                self.name()
            ))),
            other => Err(other),
        }
    }
}

/// Grants that run side by side fail with "tuple concurrently updated". Roles belong to the cluster while an advisory lock
/// belongs to a database, so the catalogue of roles is locked. Others can go on reading it.
const LOCK: &str = "LOCK TABLE pg_catalog.pg_authid IN EXCLUSIVE MODE";

/// The statements that make the roles. Running them again changes nothing.
pub fn statements() -> Vec<String> {
    let make = |role: &str, attributes: &str| {
        format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} {attributes}; END IF; END $$"
        )
    };
    let mut statements = vec![make("almoner_owner", "LOGIN NOINHERIT")];
    statements.extend(DOORS.iter().map(|door| make(door, "NOLOGIN NOINHERIT")));
    for app in ["almoner_app", "almoner_work"] {
        statements.push(make(app, "LOGIN NOINHERIT"));
        // A request that waits longer than this fails with an error, and a transaction never stays open behind a lost client.
        for (name, value) in
            [("statement_timeout", "10s"), ("lock_timeout", "3s"), ("idle_in_transaction_session_timeout", "20s")]
        {
            statements.push(format!("ALTER ROLE {app} SET {name} = '{value}'"));
        }
    }
    // A request's statements are few and prepared once on a connection. Left to itself PostgreSQL plans some of them anew for
    // each request, which costs more than running them.
    statements.push("ALTER ROLE almoner_app SET plan_cache_mode = 'force_generic_plan'".to_owned());
    for login in [Login::App, Login::Work] {
        statements.push(format!("GRANT {} TO {}", login.roles().join(", "), login.name()));
    }
    statements
}

/// The statements to run in the database as an administrator, after [`statements`], so that the owner may migrate it, and the
/// log-in roles can keep nothing in it beside its tables: no temporary tables and no large objects, which have no policies.
pub fn database_statements() -> [String; 4] {
    [
        "GRANT CREATE ON SCHEMA public TO almoner_owner".to_owned(),
        "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO almoner_owner', current_database()); END $$"
            .to_owned(),
        "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$"
            .to_owned(),
        "DO $$ DECLARE large_objects regprocedure; BEGIN
    FOR large_objects IN SELECT oid::regprocedure FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_|loread$|lowrite$)' LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', large_objects);
    END LOOP;
END $$"
            .to_owned(),
    ]
}

/// Makes the roles if this role may; otherwise checks whether they exist.
pub(crate) fn make_roles(conn: &mut PgConnection) -> Result<(), NeedsRoles> {
    let refused = |error: diesel::result::Error| NeedsRoles::Database(error.into());
    if may_make_roles(conn).map_err(refused)? {
        return conn
            .transaction(|conn| {
                conn.batch_execute(LOCK)?;
                statements()
                    .iter()
                    .chain(&database_statements())
                    .try_for_each(|statement| conn.batch_execute(statement))
            })
            .map_err(refused);
    }
    let missing: Vec<String> = missing_roles(conn).map_err(refused)?;
    if !missing.is_empty() {
        return Err(NeedsRoles::Missing(missing));
    }
    if may_create_here(conn).map_err(refused)? { Ok(()) } else { Err(NeedsRoles::Grants) }
}

/// The reason for which the roles could not be made.
#[derive(Debug)]
pub(crate) enum NeedsRoles {
    Missing(Vec<String>),
    Grants,
    Database(StoreError),
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn may_make_roles(conn: &mut PgConnection) -> QueryResult<bool> {
    diesel::sql_query("SELECT rolsuper AS yes FROM pg_roles WHERE rolname = current_user")
        .get_result::<Answer>(conn)
        .map(|answer| answer.yes)
}

fn may_create_here(conn: &mut PgConnection) -> QueryResult<bool> {
    diesel::sql_query(
        "SELECT has_schema_privilege('almoner_owner', 'public', 'CREATE')
             AND has_database_privilege('almoner_owner', current_database(), 'CREATE') AS yes",
    )
    .get_result::<Answer>(conn)
    .map(|answer| answer.yes)
}

fn missing_roles(conn: &mut PgConnection) -> QueryResult<Vec<String>> {
    let names = DOORS.iter().chain(&["almoner_owner", "almoner_app", "almoner_work"]).map(|name| format!("('{name}')"));
    diesel::sql_query(format!(
        "SELECT wanted.name FROM (VALUES {}) AS wanted (name) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name)",
        names.collect::<Vec<_>>().join(", ")
    ))
    .load::<Name>(conn)
    .map(|names| names.into_iter().map(|name| name.name).collect())
}

/// Refuses a log-in role that row policies do not bind: a superuser, a role with BYPASSRLS, or one that can become either or
/// the tables' owner.
pub(crate) fn refuse_a_powerful_role(conn: &mut PgConnection) -> Result<(), StoreError> {
    let powerful = diesel::sql_query(
        "SELECT rolname AS name FROM pg_roles
         WHERE (rolsuper OR rolbypassrls OR rolname = 'almoner_owner')
             AND (rolname = session_user OR pg_has_role(session_user, oid, 'MEMBER'))",
    )
    .load::<Name>(conn)?;
    match powerful.first() {
        None => Ok(()),
        Some(role) => Err(StoreError::PowerfulRole(role.name.clone())),
    }
}
