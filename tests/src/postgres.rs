//! The database of this test process in the throw-away cluster, made once.

use std::sync::OnceLock;

use almoner_persistence::migrations;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// The URL of the cluster's superuser, for the tests that look at everything.
pub fn superuser_url(database: &str) -> String {
    let url = std::env::var("ALMONER_TEST_POSTGRES")
        .expect("ALMONER_TEST_POSTGRES is not set: run the tests with `make test`, which starts a PostgreSQL for them");
    with_database(&url, database)
}

/// The URL of the same cluster for another role.
pub fn url_as(role: &str, database: &str) -> String {
    superuser_url(database).replace("user=postgres", &format!("user={role}"))
}

/// Makes an empty database with this name, dropping an existing one.
pub fn create(database: &str) {
    let mut cluster = PgConnection::establish(&superuser_url("postgres")).expect("the cluster");
    for statement in [format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"), format!("CREATE DATABASE {database}")]
    {
        cluster.batch_execute(&statement).expect("a database");
    }
}

/// The name of the one database that the tests share.
pub fn shared_name() -> String {
    shared().to_owned()
}

pub(crate) fn shared() -> &'static str {
    static SHARED: OnceLock<String> = OnceLock::new();
    SHARED.get_or_init(|| {
        let name = format!("almoner_it_{}", std::process::id());
        create(&name);
        migrations::migrate(&superuser_url(&name)).expect("the migrations");
        name
    })
}

fn with_database(url: &str, database: &str) -> String {
    let (start, rest) = url.split_once(":///").expect("a URL over a socket");
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    format!("{start}:///{database}?{query}")
}
