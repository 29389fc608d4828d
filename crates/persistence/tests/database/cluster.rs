//! Databases in the throw-away cluster that the test run was started with.

use almoner_persistence::migrations;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// Creates a migrated database with this name.
pub(crate) fn migrated(name: &str) -> Database {
    let database = empty(name);
    migrations::migrate(&database.url("postgres")).expect("the migrations");
    database
}

/// Creates an empty database with this name.
pub(crate) fn empty(name: &str) -> Database {
    let name = format!("almoner_{name}_{}", std::process::id());
    let mut cluster = PgConnection::establish(&superuser_url("postgres")).expect("the cluster");
    for statement in [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")] {
        cluster.batch_execute(&statement).unwrap();
    }
    Database(name)
}

/// A database by name.
pub(crate) struct Database(String);

impl Database {
    /// The URL of the database for a role.
    pub(crate) fn url(&self, role: &str) -> String {
        superuser_url(&self.0).replace("user=postgres", &format!("user={role}"))
    }

    /// Connects to the database as a role.
    pub(crate) fn connect(&self, role: &str) -> PgConnection {
        PgConnection::establish(&self.url(role)).expect("a connection")
    }
}

fn superuser_url(database: &str) -> String {
    let url = std::env::var("ALMONER_TEST_POSTGRES")
        .expect("ALMONER_TEST_POSTGRES is not set: run the tests with `make test`, which starts a PostgreSQL for them");
    let (start, rest) = url.split_once(":///").expect("a URL over a socket");
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    format!("{start}:///{database}?{query}")
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Reads the one text column of a query, which names it `line`.
pub(crate) fn lines(conn: &mut PgConnection, query: &str) -> Vec<String> {
    diesel::sql_query(query).load::<Line>(conn).expect(query).into_iter().map(|line| line.line).collect()
}
